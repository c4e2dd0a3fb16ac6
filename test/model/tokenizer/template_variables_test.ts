import { assertEquals, assertThrows } from "@std/assert";
import { readTokenizerFiles, templateVariables } from "../../../src/model/mod.ts";

Deno.test("templateVariables() names what is read and not set, wherever it stands", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["{{ a.b['c'] }}{{ d[e] }}", ["a", "d", "e"]],
    ["{% set x = y %}{{ x }}", ["y"]],
    ["{% set n = namespace(v=w) %}{% set n.v = 1 %}{{ n.v }}", ["w"]],
    [
      "{% for k, v in m.items() if k %}{{ loop.index }}{{ v | default(z, true) }}{% else %}{{ q }}{% endfor %}",
      ["m", "q", "z"],
    ],
    ["{% macro f(a, b=c) %}{{ a ~ b }}{% endmacro %}{{ f(d, b=e) }}", ["c", "d", "e"]],
    ["{{ x if y else z }}{{ {'k': v}['k'] }}{{ [p, 1][0] }}", ["p", "v", "x", "y", "z"]],
    ["{% if tools is defined %}{{ tools }}{% endif %}{% if s is string %}{{ s }}{% endif %}", ["s"]],
    ["{{ none }}{{ true }}{{ range(2) }}{{ raise_exception('x') }}{# w #}", []],
    ["{% filter upper %}{{ u }}{% endfilter %}{{ t | join(sep) }}", ["sep", "t", "u"]],
  ];
  for (const [source, expected] of cases) assertEquals(templateVariables(source), expected, source);
  assertThrows(() => templateVariables("{% if %}"));
});

Deno.test("the templates of published models read only what prompts are made with", async () => {
  const { template = "" } = await readTokenizerFiles("benchmarks/model");
  assertEquals(templateVariables(template), ["add_generation_prompt", "messages"]);
});

import { assertEquals, assertThrows } from "@std/assert";
import { strip } from "../../../src/model/tokenizer/python_text.ts";
import { compileTemplate } from "../../../src/model/tokenizer/template.ts";

const folder = "test/golden/templates";
const templates: Readonly<Record<string, string>> = JSON.parse(
  await Deno.readTextFile(`${folder}/templates.json`),
);
const { rendered, variables }: {
  readonly rendered: Readonly<Record<string, string | null>>;
  readonly variables: Readonly<Record<string, unknown>>;
} = JSON.parse(await Deno.readTextFile(`${folder}/expected.json`));

/** Templates that are refused here though Python renders them: by name, never rendered otherwise. */
const REFUSED: ReadonlySet<string> = new Set(["power of ten"]);

for (const [name, template] of Object.entries(templates)) {
  Deno.test(`a template renders as Python's Jinja2 renders it: ${name}`, () => {
    const render = (): string => compileTemplate(template)(variables);
    const expected = rendered[name];
    if (typeof expected !== "string" || REFUSED.has(name)) assertThrows(render);
    else assertEquals(render(), expected);
  });
}

Deno.test("every template of the corpus was given to Python", () => {
  assertEquals(Object.keys(rendered), Object.keys(templates));
  const refused = Object.entries(rendered).filter(([, text]) => text === null).map(([name]) => name);
  assertEquals(refused, ["text plus number", "division by zero", "raise"]);
});

Deno.test("strip() takes what Python takes for white space, and not the byte order mark", () => {
  assertEquals(strip("\u00a0\u2003 a\x1f\u3000", "both"), "a");
  assertEquals(strip("\ufeffa", "both"), "\ufeffa");
  assertEquals(strip("aaa", "both", "a"), "");
  assertEquals(strip("", "start"), "");
});

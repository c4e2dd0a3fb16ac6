import { assert, assertEquals } from "@std/assert";
import { graderVersion } from "../../../src/grade/mod.ts";
import { graderVersions, knowledgeOf, methodKinds } from "../../../src/result/mod.ts";
import { methods } from "../../../src/rl/mod.ts";
import { generatedSuites, suiteDefinitions } from "../../../src/suite/mod.ts";

Deno.test("the judge knows every version of the grader, the present one last", async () => {
  assertEquals(graderVersions.at(-1), graderVersion);
  assertEquals(new Set(graderVersions).size, graderVersions.length);
  assertEquals((await knowledgeOf()).grader, graderVersion);
});

Deno.test("the judge knows of each method whether it trains an internal policy first", () => {
  const kinds = Object.entries(methods).flatMap(([name, { phases }]) => {
    const order = phases.map(({ policy, lasts }) => `${policy} ${lasts}`).join(", ");
    if (phases.every(({ policy }) => policy === "full")) return [[name, { bottomUp: false }]];
    return order === "internal 1, full rest" ? [[name, { bottomUp: true }]] : [];
  });
  assertEquals<unknown>(methodKinds, Object.fromEntries(kinds));
});

Deno.test("the judge knows every suite that can be named, and how many problems and samples it has", async () => {
  const { suites } = await knowledgeOf(), definitions = await suiteDefinitions(".");
  assertEquals([...suites.keys()].sort(), [...Object.keys(generatedSuites), ...definitions.keys()].sort());
  assertEquals(suites.get("math-500"), { kind: "hub", problems: 500, samples: 16 });
  assertEquals(suites.get("mini-aime"), { kind: "generated", problems: null, samples: null });
  assert(definitions.size > 0);
});

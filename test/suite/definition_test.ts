import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  generatedSuites,
  parseSuiteDefinition,
  suiteDefinitions,
  suiteJsonSchema,
} from "../../src/suite/mod.ts";
import { withFolder, writeIn } from "./parquet/parquet_files.ts";

const folder = "benchmarks/suites";
const aime: Record<string, unknown> = JSON.parse(await Deno.readTextFile(`${folder}/aime-2024.json`));
const parse = (changes: Readonly<Record<string, unknown>>) =>
  parseSuiteDefinition(JSON.stringify({ ...aime, ...changes }), "s.json");

Deno.test("suiteDefinitions() reads every committed definition", async () => {
  const definitions = await suiteDefinitions(".");
  assertEquals([...definitions.keys()], [
    "aime-2024",
    "aime-2025",
    "amc-2023",
    "dapo-17k",
    "deepmath-5k",
    "gsm8k",
    "math-500",
    "minerva",
    "olympiadbench",
  ]);
  for (const [name, definition] of definitions) {
    assertEquals<unknown>(definition, JSON.parse(await Deno.readTextFile(`${folder}/${name}.json`)));
    assertEquals(definition.$schema, "./suite.schema.json");
    assert(!Object.hasOwn(generatedSuites, name));
    assert(/^[0-9a-f]{40}$/.test(definition.hub.revision), `${name} names no commit`);
  }
});

Deno.test("the paper's four suites have the paper's samples", async () => {
  const definitions = await suiteDefinitions(".");
  const samples = { "aime-2024": 32, "aime-2025": 32, "amc-2023": 16, "math-500": 16 };
  for (const [name, k] of Object.entries(samples)) {
    assertEquals(definitions.get(name)?.evaluation, { samples: k, temperature: 1, topP: 1 });
  }
});

Deno.test("suiteJsonSchema() is the published one", async () => {
  const published = await Deno.readTextFile(`${folder}/suite.schema.json`);
  assertEquals(published, JSON.stringify(suiteJsonSchema(), null, 2) + "\n");
});

Deno.test("parseSuiteDefinition() names the field that is missing, unknown or out of range", () => {
  const hub = aime.hub as Record<string, unknown>, columns = aime.columns as Record<string, unknown>;
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ name: "AIME 2024" }, "s.json: name: "],
    [{ split: "test" }, "s.json: split: "],
    [{ hub: { ...hub, id: "aime_2024" } }, "s.json: hub.id: "],
    [{ hub: { ...hub, files: [] } }, "s.json: hub.files: "],
    [{ hub: { ...hub, files: ["../secret"] } }, "s.json: hub.files.0: expected a path inside the repository"],
    [{ hub: { ...hub, files: ["/etc/passwd"] } }, "s.json: hub.files.0: "],
    [{ format: "xlsx" }, "s.json: format: "],
    [{ columns: { ...columns, question: "prompt[x]" } }, "s.json: columns.question: expected a path such as"],
    [{ columns: { question: "problem" } }, "s.json: columns.answer: "],
    [{ answer: "integer" }, "s.json: answer: "],
    [{ filter: [{ column: "language" }] }, 's.json: filter.0: expected either "equals" or "present"'],
    [{ rows: 0 }, "s.json: rows: "],
    [{ digest: "12" }, "s.json: digest: "],
    [{ digestFrom: undefined }, 's.json: the document: expected "digest" and "digestFrom" together'],
    [{ evaluation: undefined }, 's.json: the document: expected "evaluation"'],
    [{ kk: 3 }, '"kk"'],
  ];
  for (const [changes, message] of cases) {
    const { message: found } = assertThrows(() => parse(changes), SyntaxError);
    assert(found.startsWith("Cannot use s.json: ") && found.includes(message), found);
    assert(!found.includes("\n"), found);
  }
  assertThrows(() => parseSuiteDefinition("{,}", "s.json"), SyntaxError, "Cannot read s.json: ");
});

Deno.test("suiteDefinitions() wants a definition to be named as its file", async () => {
  await withFolder(async (root) => {
    await writeIn(root, `${folder}/other.json`, JSON.stringify(aime));
    await assertRejects(() => suiteDefinitions(root), SyntaxError, 'name: expected "other"');
  });
});

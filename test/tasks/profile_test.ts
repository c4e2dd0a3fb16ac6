import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { profileFields, profileJsonSchema } from "../../src/pipeline/mod.ts";
import { runTask } from "./run_task.ts";

Deno.test("deno task profile lists the profiles, and prints one whole with what it extends", async () => {
  const list = await runTask(["profile"]);
  assertEquals(list.code, 0, list.stderr);
  assertMatch(list.stdout, /^embedded +The embedded base model/m);
  const folder = await Deno.makeTempDir();
  try {
    const mine = join(folder, "mine.json"), deeper = join(folder, "deeper.json");
    await Deno.writeTextFile(mine, '{"extends":"smoke","name":"mine","seeds":[5]}');
    await Deno.writeTextFile(deeper, '{"extends":"mine.json","name":"deeper","training":{"steps":3}}');
    const shown = await runTask(["profile", "--resolve", deeper]);
    assertEquals(shown.code, 0, shown.stderr);
    const { name, seeds, training, extends: base } = JSON.parse(shown.stdout);
    assertEquals([name, seeds, training.steps, training.groupSize, base], ["deeper", [5], 3, 4, undefined]);
    await Deno.writeTextFile(mine, '{"extends":"smok","name":"mine"}');
    const missing = await runTask(["profile", "--resolve", mine]);
    assertEquals([missing.code, missing.stdout], [2, ""]);
    assertEquals(missing.stderr, 'error: Cannot find the profile "smok": did you mean "smoke"?\n');
    await Deno.writeTextFile(mine, '{"extends":"smoke","name":"mine","training":{"stepz":3}}');
    const wrong = await runTask(["profile", "--resolve", mine]);
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, "mine.json: training: Unrecognized key");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("docs/profile.md lists every field as the command prints them", async () => {
  const { stdout, code } = await runTask(["profile", "--fields"]);
  assertEquals(code, 0);
  const cells = (text: string): string[][] => {
    const rows = text.split("\n").filter((line) => line.startsWith("| "));
    return rows.map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  };
  const written = cells(await Deno.readTextFile("docs/profile.md")).filter(([, cell]) =>
    !/^-+$/.test(cell ?? "")
  );
  assertEquals(written, cells(stdout).filter(([, cell]) => !/^-+$/.test(cell ?? "")));
});

Deno.test("every field of a profile says what it means and what it may be", () => {
  const fields = profileFields();
  assertEquals(new Set(fields.map(({ path }) => path)).size, fields.length);
  for (const { path, meaning, values } of fields) assert(meaning !== "" && values !== "", path);
  const of = (path: string): unknown => fields.find((field) => field.path === path)?.values;
  assertEquals(of("training.groupSize"), "integer > 0");
  assertEquals(of("training.internalSteps"), "integer ≥ 0");
  assertEquals(of("evaluation.samples"), "integer > 0 and ≤ 4096; optional");
  assertEquals(of("optimizer.betas"), "a list of 2: number ≥ 0 and < 1");
});

Deno.test("the schema takes a profile that extends another without the fields it does not change", () => {
  const [whole, extending] = profileJsonSchema().anyOf as {
    required: string[];
    properties: Record<string, unknown>;
  }[];
  assert(whole?.required.includes("training"));
  assertEquals(extending?.required, ["extends", "name"]);
  assertEquals(Object.keys(extending?.properties ?? {}).slice(0, 2), ["extends", "$schema"]);
  assert(!JSON.stringify(extending?.properties.training).includes('"required"'));
});

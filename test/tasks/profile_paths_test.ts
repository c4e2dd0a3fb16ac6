import { assertEquals, assertRejects } from "@std/assert";
import { join, resolve } from "node:path";
import { placedPaths } from "../../tasks/shared/profile_paths.ts";
import { readProfile } from "../../tasks/shared/profile_flag.ts";
import { recordedProfile } from "../../src/pipeline/mod.ts";

Deno.test("relative paths of a profile are relative to it; names and the embedded model stay as they are", () => {
  const said = {
    model: "tasks",
    training: { suites: ["mini-math", "x=data/train.csv?question=q", "org/data:train"], steps: 1 },
    evaluation: { suites: ["/abs/exam.jsonl", "../exam.jsonl"] },
    variants: { other: { description: "d", changes: { model: "suite", seeds: [1] } } },
  };
  assertEquals(placedPaths(said, "test"), {
    model: resolve("test/tasks"),
    training: { suites: ["mini-math", "x=test/data/train.csv?question=q", "org/data:train"], steps: 1 },
    evaluation: { suites: ["/abs/exam.jsonl", "exam.jsonl"] },
    variants: { other: { description: "d", changes: { model: resolve("test/suite"), seeds: [1] } } },
  });
  assertEquals(placedPaths({ model: "benchmarks/model" }, "/nowhere"), { model: "benchmarks/model" });
  const hub = { repository: "a/b", revision: "main" };
  assertEquals(placedPaths({ model: hub, seeds: [1] }, "x"), { model: hub, seeds: [1] });
});

Deno.test("each file of a chain has paths of its own, comments are read, and results hold no place of this machine", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "base/models"), { recursive: true });
    await Deno.writeTextFile(
      join(folder, "base/base.json"),
      JSON.stringify({
        extends: "smoke",
        name: "base",
        model: "models",
        evaluation: { suites: ["exam.csv"] },
      }),
    );
    await Deno.writeTextFile(
      join(folder, "mine.jsonc"),
      `{ // mine\n "extends": "base/base.json", "name": "mine", "training": { "suites": ["train.csv"] }, }`,
    );
    const { name, model, training, evaluation, ...rest } = await readProfile(join(folder, "mine.jsonc"));
    assertEquals([name, model], ["mine", join(folder, "base/models")]);
    assertEquals(training.suites, [join(folder, "train.csv")]);
    assertEquals(evaluation.suites, [join(folder, "base/exam.csv")]);
    const recorded = recordedProfile({ name, model, training, evaluation, ...rest });
    assertEquals(JSON.stringify(recorded).includes(folder), false);
    assertEquals(recorded.model, "models");
    const inside = recordedProfile({ name, model: resolve("models/x"), training, evaluation, ...rest });
    assertEquals(inside.model, "models/x");

    await Deno.writeTextFile(join(folder, "bad.jsonc"), `{\n "extends" "smoke" }`);
    await assertRejects(
      () => readProfile(join(folder, "bad.jsonc")),
      SyntaxError,
      "bad.jsonc: line 2, column 12",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a wording's template is a file beside the profile, or the text itself", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "mine.json");
    const write = (template: string): Promise<void> =>
      Deno.writeTextFile(path, JSON.stringify({ extends: "smoke", name: "mine", wording: { template } }));
    await Deno.writeTextFile(join(folder, "my.jinja"), "{{ question }}!");
    await write("my.jinja");
    const { wording } = await readProfile(path);
    assertEquals(wording?.template, "{{ question }}!");
    await write("{{ question }}!");
    assertEquals((await readProfile(path)).wording, wording);
    await write("none.jinja");
    await assertRejects(
      () => readProfile(path),
      RangeError,
      "none.jinja: there is no such file; it is looked for beside",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

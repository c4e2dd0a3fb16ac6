import { assertEquals, assertThrows } from "@std/assert";
import { parseConfig } from "../../src/model/mod.ts";
import { parseProfile } from "../../src/pipeline/mod.ts";
import { suiteDefinitions } from "../../src/suite/mod.ts";
import { UsageError } from "../../tasks/shared/command.ts";
import { findTarget, readZoo } from "../../tasks/shared/zoo.ts";

Deno.test("the zoo has the paper's twelve models, with the layers that our copies of their configurations have", async () => {
  const zoo = await readZoo("."), targets = Object.entries(zoo.targets);
  assertEquals(targets.length, 12);
  assertEquals(new Set(targets.map(([, { repository }]) => repository)).size, 12);
  const suites = await suiteDefinitions(".");
  for (const suite of zoo.suites) assertEquals(suites.get(suite)?.split, "evaluation");
  for (const name of ["qwen3-4b", "qwen3-8b", "octothinker-3b-long-base", "octothinker-8b-long-base"]) {
    const config = parseConfig(await Deno.readTextFile(`benchmarks/models/${name}.json`));
    assertEquals(zoo.targets[name]?.layers, config.layers, name);
  }
  // Where the paper's model is also trained, its repository and its wording are those of the profile.
  for (
    const [target, file] of [["qwen3-4b", "qwen3-4b"], [
      "octothinker-3b-long-base",
      "octothinker-3b",
    ]] as const
  ) {
    const path = `benchmarks/profiles/${file}.json`,
      profile = parseProfile(await Deno.readTextFile(path), path);
    const { repository, template } = findTarget(zoo, target);
    assertEquals({ repository, template }, {
      repository: typeof profile.model === "string" ? profile.model : profile.model.repository,
      template: profile.template,
    });
  }
});

Deno.test("findTarget() knows prompts by name, and says what there is", async () => {
  const zoo = await readZoo(".");
  assertEquals(findTarget(zoo, "qwen3-14b:thinking"), {
    name: "qwen3-14b:thinking",
    repository: "Qwen/Qwen3-14B",
    template: "qwen3-thinking",
  });
  const refused = (text: string, message: string): void => {
    assertThrows(() => findTarget(zoo, text), UsageError, message);
  };
  refused("qwen3-4c", 'Cannot find the model "qwen3-4c": did you mean "qwen3-4b"?');
  refused(
    "qwen3-4b:sleeping",
    'Cannot find the prompt of qwen3-4b "sleeping": expected no-thinking, thinking',
  );
});

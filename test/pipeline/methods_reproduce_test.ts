import { assertEquals, assertStringIncludes } from "@std/assert";
import { finish, Lab, tiny } from "./lab.ts";

Deno.test("a profile of rows under other names is trained, resumed, evaluated, signed and verified", async (t) => {
  await using lab = await Lab.open();
  const methods = [
    "ppo",
    { name: "again", row: "bupo", seeds: [7] },
    { name: "half", row: "dapo", steps: 1, rewards: { right: 0.7 } },
  ];
  const changes = { ...tiny, methods, evaluation: { ...tiny.evaluation, suites: ["mini-math"] } };
  const of = (steps: number) =>
    lab.profile({ ...changes, training: { ...tiny.training, steps } }, `steps${steps}`);
  const train = async (profile: string, store: string): Promise<Record<string, string>> => {
    const { code, stdout, stderr } = await lab.run(
      "train",
      "--profile",
      profile,
      "--store",
      lab.path(store),
      "--json",
    );
    assertEquals(code, 0, stderr);
    const runs: { method: string; seed: number; checkpoint: string }[] = JSON.parse(stdout);
    return Object.fromEntries(runs.map(({ method, seed, checkpoint }) => [`${method} ${seed}`, checkpoint]));
  };
  const [short, long] = [await of(2), await of(3)];
  await t.step("critic and walk of prompts go on where they were", async () => {
    await train(short, "resumed");
    const resumed = await train(long, "resumed");
    assertEquals(Object.keys(resumed), ["ppo 1", "again 7", "half 1"]);
    assertEquals(resumed, await train(long, "at once"));
  });
  await t.step("the result is that of the profile's runs, and the table tells its controls", async () => {
    const reproduced = await finish(await lab.reproduce(long, "at once", "out"));
    assertEquals(reproduced.code, 0, reproduced.stderr);
    for (const text of ["PPO", "again", "half"]) assertStringIncludes(reproduced.stdout, text);
    const { runs } = JSON.parse(await Deno.readTextFile(lab.path("results", "out", "results.json")));
    assertEquals(
      runs.map(({ method, seed }: { method: string; seed: number | null }) => `${method} ${seed}`),
      ["base null", "ppo 1", "again 7", "half 1"],
    );
    const lines = (name: string) =>
      Deno.readTextFileSync(lab.path("results", "out", "metrics", name)).trim().split("\n");
    assertEquals([lines("ppo-1.jsonl").length, lines("half-1.jsonl").length], [3, 1]);
    assertEquals("explainedVariance" in JSON.parse(lines("ppo-1.jsonl")[0] ?? "{}"), true);
    const verified = await lab.run("verify", lab.path("results", "out"));
    assertStringIncludes(verified.stdout + verified.stderr, "the runs are the profile's methods and seeds");
    assertEquals(/false/i.test(verified.stdout), false, verified.stdout);
  });
});

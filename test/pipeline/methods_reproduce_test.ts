import { assertEquals } from "@std/assert";
import { Lab, tiny } from "./lab.ts";

Deno.test("a critic, and the walk of prompts of dynamic sampling, go on where a shorter run ended", async () => {
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
  await train(short, "resumed");
  const resumed = await train(long, "resumed");
  assertEquals(Object.keys(resumed), ["ppo 1", "again 7", "half 1"]);
  assertEquals(resumed, await train(long, "at once"));
});

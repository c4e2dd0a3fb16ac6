import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Lab, tiny } from "./lab.ts";

Deno.test("reproduce trains a grid's methods on all workers, goes on after a part of it, and the result holds", async () => {
  await using lab = await Lab.open();
  const grid = [{ title: "Steps and layer", method: ["bupo"], internalLayer: [2, 3], internalSteps: [1, 2] }];
  const evaluation = { ...tiny.evaluation, suites: ["mini-math"] };
  const training = { ...tiny.training, internalLayer: 3, steps: 2, internalSteps: 1 };
  const changes = { ...tiny, methods: ["grpo"], training, evaluation };
  const part = await lab.profile({ ...changes, grid: [{ ...grid[0], internalLayer: [3] }] }, "part");
  const whole = await lab.profile({ ...changes, grid }, "whole");
  const run = async (command: string, ...args: string[]) => {
    const outcome = await lab.run(command, ...args);
    assertEquals(outcome.code, 0, outcome.stderr);
    return outcome.stdout;
  };
  const store = ["--store", lab.path("store"), "--workers", "2"];
  await run("train", "--profile", part, ...store, "--json");
  const text = await run("reproduce", "--profile", whole, ...store, "--out", lab.path("results", "grid"));
  assertStringIncludes(text, "Steps and layer\n");
  const record = JSON.parse(await Deno.readTextFile(lab.path("results", "grid", "results.json")));
  const trained: string[] = record.runs.map(({ method }: { method: string }) => method);
  assertEquals(trained, ["base", "grpo", "bupo.k2", "bupo.k2.s2", "bupo", "bupo.s2"]);
  const policies = async (method: string): Promise<unknown[]> => {
    const log = await Deno.readTextFile(lab.path("results", "grid", "metrics", `${method}-1.jsonl`));
    return log.trim().split("\n").map((line) => JSON.parse(line).policy);
  };
  assertEquals(await policies("bupo.k2"), [2, "full"]);
  assertEquals(await policies("bupo.k2.s2"), [2, 2]);
  assertEquals(await policies("bupo.s2"), [3, 3]);
  const checkpoints = new Set(record.runs.map(({ checkpoint }: { checkpoint: string }) => checkpoint));
  assert(checkpoints.size === trained.length, "each combination trains another policy");
  assertStringIncludes(
    await run("verify", lab.path("results", "grid"), "--keys", lab.path("results", "keys")),
    "byproducts",
  );
});

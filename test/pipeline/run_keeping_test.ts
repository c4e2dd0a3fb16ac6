import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { KeptCompletion, StepLog } from "../../src/pipeline/mod.ts";
import { exists, Lab, type Outcome, tiny } from "./lab.ts";

/** A learning rate at which the tiny run falls apart: its best state is no late one. */
const RUINOUS = 0.02;

const evaluate = { everySteps: 2, problems: 5, samples: 3, temperature: 0.7, maxResponseTokens: 30, seed: 4 };
const keepCompletions = { everySteps: 2, prompts: 2 };
const base = {
  ...tiny,
  methods: ["grpo"],
  evaluation: { ...tiny.evaluation, suites: ["mini-math"] },
};

/** The profile's training with a number of steps. */
function training(steps: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { ...tiny.training, steps, learningRate: RUINOUS, checkpointEvery: 3, probe: undefined, ...more };
}

/** Trains and returns what was said. */
async function train(lab: Lab, profile: string, store: string, ...flags: string[]): Promise<Outcome> {
  const outcome = await lab.run(
    "train",
    "--profile",
    profile,
    "--store",
    lab.path(store),
    "--json",
    ...flags,
  );
  assertEquals(outcome.code, 0, outcome.stderr);
  return outcome;
}

/** The run that was trained. */
function trained(
  { stdout }: Outcome,
): { readonly checkpoint: string; readonly best?: { readonly step: number } } {
  return JSON.parse(stdout)[0];
}

/** The text of a run's log, by the end of its name. */
async function logText(lab: Lab, store: string, profile: string, ending: RegExp): Promise<string> {
  const folder = lab.path(store, "runs", profile);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).filter((name) =>
    ending.test(name)
  );
  assertEquals(names.length, 1, names.join());
  return await Deno.readTextFile(join(folder, names[0] ?? ""));
}

const METRICS = /^grpo-1\.[0-9a-f]{8}\.jsonl$/, COMPLETIONS = /^grpo-1\.[0-9a-f]{8}\.completions\.jsonl$/;
const lines = <T>(text: string): T[] => text.trim().split("\n").map((line) => JSON.parse(line));

/** The steps whose states a store has. */
async function states(lab: Lab, store: string, profile: string): Promise<string> {
  const { stderr } = await lab.run(
    ...["evaluate", "--profile", profile, "--store", lab.path(store), "--method", "grpo", "--seed", "1"],
    ...["--step", "99"],
  );
  return /saved are the steps (\d+(?:, \d+)*)/.exec(stderr)?.[1] ?? stderr;
}

Deno.test("what looks after a run changes no byte of it, and a run that goes on ends with the same logs", async () => {
  await using lab = await Lab.open();
  const best = { best: { by: "accuracy" } }, more = { evaluate, keepCompletions, keep: best };
  const plain = await lab.profile({ ...base, training: training(4) }, "plain");
  const whole = await lab.profile({ ...base, training: training(4, more) }, "whole");
  const half = await lab.profile({ ...base, training: training(3, more) }, "half");
  const bare = trained(await train(lab, plain, "plain")), watched = await train(lab, whole, "whole");
  assertEquals(trained(watched).checkpoint, bare.checkpoint);
  assertMatch(watched.stderr, /train GRPO seed 1 writes its metrics to \S+\/runs\/whole\/grpo-1\.\w+\.jsonl/);

  // The same key, so the same id; the log lies by the profile's name.
  await train(lab, half, "parts");
  const folder = lab.path("parts", "runs");
  await Deno.rename(join(folder, "half"), join(folder, "whole"));
  // As a kill in the middle of step 4 would leave it.
  for await (const { name } of Deno.readDir(join(folder, "whole"))) {
    await Deno.writeTextFile(join(folder, "whole", name), '{"step":4,"rew', { append: true });
  }
  const longer = await train(lab, whole, "parts");
  assertStringIncludes(longer.stderr, "goes on from step 3 of 4");
  assertEquals([trained(longer).checkpoint, trained(longer).best], [bare.checkpoint, trained(watched).best]);
  for (const ending of [METRICS, COMPLETIONS]) {
    assertEquals(await logText(lab, "parts", "whole", ending), await logText(lab, "whole", "whole", ending));
  }

  const steps = lines<StepLog>(await logText(lab, "whole", "whole", METRICS));
  assertEquals(steps.map(({ step, evaluation }) => [step, evaluation?.correct.length]), [
    [1, undefined],
    [2, 5],
    [3, undefined],
    [4, 5],
  ]);
  for (const { evaluation } of steps) {
    if (!evaluation) continue;
    const right = evaluation.correct.reduce((sum, each) => sum + each, 0);
    assertEquals(evaluation.accuracy, right / 15);
    assertEquals(evaluation.solved, evaluation.correct.filter((each) => each > 0).length / 5);
    assert(evaluation.responseLength <= 30 && evaluation.correct.every((each) => each <= 3));
  }
  const { accuracy = NaN } = steps[1]?.evaluation ?? {}, later = steps[3]?.evaluation?.accuracy ?? NaN;
  assertEquals(trained(watched).best?.step, later > accuracy ? 4 : 2);
  // Metrics but for the evaluations are those of the plain run.
  const bareSteps = lines<StepLog>(await logText(lab, "plain", "plain", METRICS));
  assertEquals(steps.map(({ evaluation: _, ...rest }) => rest), bareSteps);

  const kept = lines<KeptCompletion>(await logText(lab, "whole", "whole", COMPLETIONS));
  assertEquals(
    kept.map(({ step, sample }) => [step, sample]),
    [2, 4].flatMap((step) => [0, 1].flatMap(() => [0, 1, 2, 3, 4, 5].map((sample) => [step, sample]))),
  );
  for (const { prompt, completion, tokens, reward } of kept) {
    assert(prompt !== "" && completion !== "" && tokens > 0 && (reward === 0 || reward === 1));
  }
  assertEquals(new Set(kept.map(({ prompt }) => prompt)).size, 4);
});

Deno.test("the best state is the one that the rule names: it is kept, evaluated, and made again if it is lost", async (t) => {
  await using lab = await Lab.open();
  const keep = { last: 1, best: { by: "reward", window: 1, everySteps: 1 } };
  const profile = await lab.profile({
    ...base,
    training: training(6, { keep, checkpointEvery: 1 }),
    evaluation: { ...base.evaluation, checkpoint: "best" },
  }, "best");
  const out = lab.path("results", "best"), store = lab.path("store");
  const reproduce = (): Promise<Outcome> =>
    lab.run("reproduce", "--profile", profile, "--store", store, "--out", out);
  const first = await reproduce();
  assertEquals(first.code, 0, first.stderr);
  const steps = lines<StepLog>(await Deno.readTextFile(join(out, "metrics/grpo-1.jsonl")));
  const rewards = steps.map(({ rewardMean }) => rewardMean), best = 1 + rewards.indexOf(Math.max(...rewards));
  assert(best < 6, `the run was to fall apart: ${rewards}`);
  const { runs } = JSON.parse(await Deno.readTextFile(join(out, "results.json")));
  assertEquals(runs.map(({ step }: { step?: number }) => step), [undefined, best]);
  assertEquals(await states(lab, "store", profile), `${best}, 6`);
  assertStringIncludes(first.stderr, `evaluate GRPO seed 1 step ${best}`);

  const args = ["--profile", profile, "--store", store, "--method", "grpo", "--seed", "1"];
  await t.step("evaluate and export take it by default, and the last one by its number", async () => {
    const evaluated = await lab.run("evaluate", ...args, "--json");
    assertEquals(JSON.parse(evaluated.stdout).policy, {
      method: "grpo",
      seed: 1,
      step: best,
      checkpoint: runs[1].checkpoint,
    });
    const exported = await lab.run("export", ...args, "--out", lab.path("exported"));
    assertStringIncludes(exported.stdout, `GRPO seed 1 after step ${best} as bfloat16`);
    const last = await lab.run("evaluate", ...args, "--step", "6", "--json");
    assertEquals(JSON.parse(last.stdout).policy.step, 6);
  });

  await t.step("prune keeps it", async () => {
    const { stdout } = await lab.run("store", "prune", "--earlier-states", "--store", store, "--json");
    assertEquals(JSON.parse(stdout).removed, []);
  });

  await t.step("lost, it is made again with the same bytes", async () => {
    const digests = await lab.digests("best");
    for (const path of await lab.records("store", "training")) {
      const [, head = ""] = (await Deno.readTextFile(path)).split("\n", 2);
      if (JSON.parse(head).key.step === best) await Deno.remove(path);
    }
    assertEquals(await states(lab, "store", profile), "6");
    const again = await reproduce();
    assertEquals(again.code, 0, again.stderr);
    assertEquals(await states(lab, "store", profile), `${best}, 6`);
    assertEquals(await lab.digests("best"), digests);
  });
});

Deno.test("a log that cannot be written does not keep a trained run from being taken", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile({ ...base, training: training(1, { internalSteps: 1 }) }, "short");
  const { stderr } = await train(lab, profile, "store", "--watch");
  // In a pipe: a line for the run, and nothing that steers a terminal.
  assertMatch(stderr, /^train GRPO seed 1: 1 step, reward [\d.]+ → [\d.]+, entropy /m);
  assert(!stderr.includes("\x1b"));
  await Deno.remove(lab.path("store", "runs"), { recursive: true });
  await Deno.writeTextFile(lab.path("store", "runs"), "a file where the folder should be");
  assertStringIncludes((await train(lab, profile, "store")).stderr, "already trained");
  await Deno.remove(lab.path("store", "runs"));
  await train(lab, profile, "store");
  assert(await exists(lab.path("store", "runs", "short")));
});

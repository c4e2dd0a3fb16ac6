import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { PoolListener, StepLog, TrainJob } from "../../src/pipeline/mod.ts";
import { Progress } from "../../src/progress.ts";
import { watching } from "../../tasks/shared/watch.ts";

/** A line of a log, as far as it is shown. */
const step = (number: number, rewardMean: number): StepLog =>
  ({ step: number, policy: "full", rewardMean, entropy: 0.5, gradientNorm: 2 }) as StepLog;

/** A watching listener, and what was written. */
function watched(
  terminal: boolean,
  color: boolean,
  rows = 30,
): { listener: PoolListener; text: () => string } {
  let written = "";
  const progress = new Progress({
    terminal,
    columns: () => 80,
    rows: () => rows,
    write: (text) => written += text,
  });
  const plain: PoolListener = {
    onProgress: (job, done, total, note) => progress.update(job, done, total, note),
    onNotice: (text) => progress.line(text),
    onWarning: (text) => progress.line(`warning: ${text}`),
  };
  return { listener: watching(plain, progress, color), text: () => written.replaceAll("\x1b", "␛") };
}

/** Two runs at a time, of which the first ends. */
function twoRuns({ onSteps, onProgress }: PoolListener): void {
  const [one, two] = ["grpo", "bupo"].map((method): TrainJob => ({ kind: "train", method, seed: 1 }));
  assert(one && two && onSteps);
  onSteps(one, [step(1, 0), step(2, 0.5)]);
  onProgress("train GRPO seed 1", 2, 4, "");
  onSteps(two, [step(1, 0.25)]);
  onProgress("train BuPO seed 1", 1, 4, "");
  // Another run has trained it further: its steps are shown again, and once.
  onSteps(one, [step(1, 0), step(2, 0.5), step(3, 0.75)]);
  onProgress("train GRPO seed 1", 3, 4, "");
  onSteps(one, [step(4, 1)]);
  onProgress("train GRPO seed 1", 4, 4, "");
}

Deno.test("--watch shows the curves of every run below its bar, and a line for a run that ends", () => {
  const { listener, text } = watched(true, false);
  twoRuns(listener);
  const shown = text().split("␛[0J").map((part) => part.replace(/␛\[\d+A$/, ""));
  const both = shown.find((part) => part.includes("BuPO seed 1 1/4")) ?? "";
  assertEquals(both.split("\n").map((line) => line.replace(/ +/g, " ").replace(/^[━╌]+/, "…")), [
    "… train GRPO seed 1 2/4",
    " reward ▁█ 0.5 entropy ▁▁ 0.5",
    " gradient ▁▁ 2",
    "… train BuPO seed 1 1/4",
    " reward ▁ 0.25 entropy ▁ 0.5",
    " gradient ▁ 2",
    "",
  ]);
  assert(shown.some((part) => /reward {3}▁▆█ +0\.75 /.test(part)), text());
  assertStringIncludes(
    text(),
    "train GRPO seed 1: 4 steps, reward 0 → 1, entropy 0.5 → 0.5, gradient 2 → 2\n",
  );
  assertMatch(shown.at(-1) ?? "", /BuPO seed 1 1\/4/);
  assert(!(shown.at(-1) ?? "").includes("GRPO seed 1 4/4"));
});

Deno.test("--watch uses colour only where it may, and keeps to the rows that there are", () => {
  const plain = watched(true, false), coloured = watched(true, true), low = watched(true, false, 5);
  for (const { listener } of [plain, coloured, low]) twoRuns(listener);
  assert(!/␛\[\d*m/.test(plain.text()) && /␛\[36m/.test(coloured.text()));
  for (const [, up] of low.text().matchAll(/␛\[(\d+)A/g)) assert(Number(up) < 5, up);
});

Deno.test("--watch says a line a run in a pipe, and nothing that steers a terminal", () => {
  const { listener, text } = watched(false, true);
  twoRuns(listener);
  assert(!text().includes("␛"));
  assertEquals(
    text().split("\n").filter((line) => /^train GRPO seed 1: 4 steps, reward 0 → 1,/.test(line)).length,
    1,
  );
});

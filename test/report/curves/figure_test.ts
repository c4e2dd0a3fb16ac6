import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { curveFigure, curvesSvg, type LoggedRun, readRunLog, shownMetrics } from "../../../src/report/mod.ts";

function run(method: string, seed: number, reward: (step: number) => number, count = 4): LoggedRun {
  const steps = Array.from({ length: count }, (_, i) => ({
    step: i + 1,
    rewardMean: reward(i + 1),
    ...(i % 2 === 1 ? { evaluation: { accuracy: 0.5 } } : {}),
  }));
  return { method, seed, steps };
}

Deno.test("curves have a chart a metric that there is, a line a method, and the seeds as a band from lowest to highest", () => {
  const figure = curveFigure([
    run("grpo", 1, (step) => step / 8),
    run("grpo", 2, (step) => step / 4),
    run("bupo", 1, () => 0.5),
  ]);
  const [legend, reward, accuracy, ...others] = figure.panels;
  assertEquals([legend?.description, others.length], ["Methods: GRPO, BuPO", 0]);
  assertStringIncludes(
    reward?.description ?? "",
    "Reward, in reward, by training step. GRPO: 1 0.188, 2 0.375, 3 0.563, 4 0.75. BuPO: 1 0.5, 2 0.5",
  );
  // The band of step 4 reaches from 0.5 to 1.
  assertStringIncludes(reward?.body ?? "", "after step 4: GRPO 0.75 [0.5, 1]; BuPO 0.5");
  assertStringIncludes(accuracy?.description ?? "", "GRPO: 2 0.5, 4 0.5");
  assertStringIncludes(figure.caption, "GRPO 2 seeds, BuPO 1 seed");
  assertStringIncludes(figure.caption, "bands: from the lowest to the highest seed");
});

Deno.test("curvesSvg() is a picture of its own, in light and dark, and the same for the same runs", () => {
  const runs = [run("grpo", 1, (step) => 1 / step, 400)], svg = curvesSvg(runs, "a <profile>");
  assert(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"'));
  for (const part of ["Training: a &lt;profile&gt;", "prefers-color-scheme:dark", "training step"]) {
    assertStringIncludes(svg, part);
  }
  assertEquals(svg, curvesSvg(runs, "a <profile>"));
  // Of 400 steps each chart has a few marks: they would lie on each other.
  assert((svg.match(/class="mark"/g) ?? []).length < 40);
  assertThrows(() => curvesSvg([run("grpo", 1, () => 0, 1)], "x"), RangeError, "a run of two steps at least");
});

Deno.test("every metric of a step is explained in docs/training.md, and what is shown is one of them", async () => {
  const source = await Deno.readTextFile("src/rl/training/step_metrics.ts");
  const body = /export interface StepMetrics \{(.*?)^\}/ms.exec(source)?.[1] ?? "";
  const names = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name ?? "");
  assert(names.length > 30 && names.includes("updateLosses"), names.join());
  const text = await Deno.readTextFile("docs/training.md");
  for (const name of [...names, "evaluation"]) assertStringIncludes(text, `\`${name}\``);
  for (const { key } of shownMetrics) {
    const [first = key] = key.split(".");
    assert(names.includes(first) || first === "evaluation", key);
  }
});

Deno.test("readRunLog() leaves out a line that is being written, and refuses one that is no step", () => {
  assertEquals(readRunLog('{"step":1}\n{"step":2,"rew', "x"), [{ step: 1 }]);
  assertEquals(readRunLog("", "x"), []);
  for (const text of ["1\n", '{"step":"1"}\n', "{\n"]) {
    assertThrows(
      () => readRunLog(`{"step":1}\n${text}`, "log.jsonl"),
      SyntaxError,
      "log.jsonl: line 2 is no training step",
    );
  }
});

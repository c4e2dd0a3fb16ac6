import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  silenceNotice,
  SILENT_STEPS,
  silentSteps,
  type StepSignal,
} from "../../../src/pipeline/stage/signal.ts";
import { Lab } from "../lab.ts";

const learned: StepSignal = { rewardMean: 0.5, zeroVarianceGroups: 0.2, updateNorm: 0.1 };
const wrong: StepSignal = { rewardMean: 0, zeroVarianceGroups: 1, updateNorm: 0 };
const right: StepSignal = { rewardMean: 1, zeroVarianceGroups: 1, updateNorm: 0 };
const overflowed: StepSignal = { rewardMean: 0.5, zeroVarianceGroups: 0.2, updateNorm: 0 };

/** The steps after which something is told. */
function toldAt(steps: readonly StepSignal[], whole = steps.length): number[] {
  return steps.flatMap((_, i) => silenceNotice(steps.slice(0, i + 1), whole) === undefined ? [] : [i + 1]);
}

Deno.test("a run without signal is told after five steps, and each time that they have doubled", () => {
  assertEquals(toldAt(Array(45).fill(wrong), 100), [5, 10, 20, 40]);
  assertEquals(toldAt([wrong, wrong, wrong, wrong, learned, ...Array(6).fill(wrong)], 100), [10]);
  assertEquals(toldAt(Array(40).fill(learned)), []);
});

Deno.test("a short run that never updated anything is told at its end", () => {
  assertEquals(toldAt([wrong, wrong]), [2]);
  assertEquals(toldAt([learned, wrong]), []);
  assertEquals([silentSteps([wrong, wrong]), silentSteps([learned, wrong]), silentSteps([])], [
    2,
    undefined,
    undefined,
  ]);
});

Deno.test("the reason tells wrong answers, easy problems and gradients that overflow apart", () => {
  const said = (step: StepSignal): string => silenceNotice(Array(SILENT_STEPS).fill(step), 100) ?? "";
  assertMatch(said(wrong), /^nothing was learned in 5 steps in a row, up to step 5: no response was right/);
  assertMatch(said(right), /every response was right/);
  assertMatch(said({ ...wrong, rewardMean: 0.5 }), /all had the same reward/);
  assertMatch(said(overflowed), /no update changed the parameters/);
});

Deno.test("a run is marked where it had no update at all, or five steps in a row without one", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(learned, wrong, right, overflowed), { maxLength: 30 }), (steps) => {
      const text = steps.map((step) => step === learned ? "l" : "s").join("");
      const marked = /s{5}/.test(text) || /^s+$/.test(text);
      assertEquals(silentSteps(steps), marked ? text.replaceAll("l", "").length : undefined);
    }),
  );
});

Deno.test("reproduce warns while a run has no signal, and marks it in the record", async () => {
  await using lab = await Lab.open();
  const suite = lab.path("impossible.jsonl");
  const rows = Array.from(
    { length: 4 },
    (_, i) => JSON.stringify({ problem: `Find ${i}+1`, answer: "-987654321" }) + "\n",
  );
  await Deno.writeTextFile(suite, rows.join(""));
  const profile = await lab.profile({
    name: "silent",
    methods: ["grpo"],
    seeds: [1],
    training: { suites: [suite], problems: 4, steps: 2 },
    evaluation: { problems: 2, samples: 1 },
  });
  const out = lab.path("results", "silent");
  const { code, stdout, stderr } = await lab.run(
    ...["reproduce", "--profile", profile, "--store", lab.path("store"), "--out", out, "--workers", "1"],
  );
  assertEquals(code, 0, stderr);
  assertMatch(
    stderr,
    /warning: nothing was learned in 2 steps in a row, up to step 2: no response was right/,
  );
  assertMatch(stdout, /Without signal: 2 of 2 steps of grpo seed 1 updated nothing/);
  const { runs } = JSON.parse(await Deno.readTextFile(`${out}/results.json`));
  assertEquals(
    runs.map(({ method, silentSteps }: { method: string; silentSteps?: number }) => [method, silentSteps]),
    [
      ["base", undefined],
      ["grpo", 2],
    ],
  );
});

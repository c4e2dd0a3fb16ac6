import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { RandomStream } from "../../../src/random.ts";
import { sweepsOf, sweptMethods } from "../../../src/report/table/mod.ts";
import { textWidth } from "../../../src/report/table/width.ts";
import {
  type ComparedRecord,
  compareRecords,
  type Counts,
  markdownTable,
  renderComparison,
  type RunCounts,
  terminalTable,
} from "../../../src/report/mod.ts";

const grid = [
  { title: "Table 2 and 3", method: ["bupo"], internalLayer: [2, 3], internalSteps: [4, 8, 16] },
  { method: ["bupo", "bupo_normed"], internalLayer: [3] },
];
const profile = {
  name: "ablation",
  methods: ["grpo"],
  seeds: [1, 2, 3],
  grid,
  training: { internalLayer: 3, internalSteps: 4, learningRate: 2e-4, steps: 40 },
};
const swept = ["bupo", "bupo.s8", "bupo.s16", "bupo.k2", "bupo.k2.s8", "bupo_normed"];

/** Counts of which one method is far better than GRPO, and one lacks. */
function counts(suites: readonly string[]): Counts {
  const random = new RandomStream("sweep test");
  const run = (method: string, seed: number | null, share: number): RunCounts => ({
    method,
    seed,
    suites: Object.fromEntries(suites.map((suite) => [suite, {
      correct: Array.from(
        { length: 60 },
        () =>
          Array.from({ length: 8 }, () => random.uniform() < share ? 1 : 0).reduce<number>(
            (a, b) => a + b,
            0,
          ),
      ),
      truncated: 0,
      unparsed: 0,
      tokens: 100,
    }])),
  });
  const trained = ["grpo", ...swept].flatMap((method) =>
    [1, 2, 3].map((seed) => run(method, seed, method === "bupo.k2.s8" ? 0.7 : 0.4))
  );
  return {
    profile,
    suites: suites.map((name) => ({
      name,
      problems: Array.from({ length: 60 }, (_, i) => `p${i}`),
      samples: 8,
    })),
    runs: [run("base", null, 0.2), ...trained],
  };
}

const two = counts(["mini-aime", "mini-math"]);

Deno.test("sweepsOf() lays a grid out by its settings, and says what is missing", () => {
  const sweeps = sweepsOf(profile, ["grpo", ...swept]);
  assertEquals(sweeps[0], {
    title: "Table 2 and 3",
    down: "k (layer)",
    across: "s (steps on it)",
    columns: ["4", "8", "16"],
    rows: [
      { label: "2", methods: ["bupo.k2", "bupo.k2.s8", null] },
      { label: "3", methods: ["bupo", "bupo.s8", "bupo.s16"] },
    ],
  });
  assertEquals(sweeps[1]?.title, "k = 3: method");
  assertEquals(sweeps[1]?.rows.map(({ label, methods }) => [label, ...methods]), [["BuPO", "bupo"], [
    "BuPO, normed",
    "bupo_normed",
  ]]);
  assertEquals(sweepsOf({ ...profile, grid: undefined }, swept), []);
  // Strangers' profiles: what is no grid, and what would be beyond all bounds, is none.
  const numbers = Array.from({ length: 100 }, (_, i) => i + 1);
  const hostile = [7, { method: "bupo" }, {
    method: ["bupo"],
    internalLayer: numbers,
    internalSteps: numbers,
  }];
  assertEquals(sweepsOf({ ...profile, grid: hostile }, swept), []);
  assertEquals([...sweptMethods(sweeps)].sort(), ["bupo.k2", "bupo.k2.s8", "bupo.s16", "bupo.s8"]);
});

Deno.test("the method table has a grid's methods a setting a side, with intervals and differences to GRPO", () => {
  const text = terminalTable(two), lines = text.split("\n");
  assertEquals(
    lines.filter((line) => line.startsWith("BuPO k=2 s=8")).length,
    1,
    "among the completions alone",
  );
  assertMatch(
    text,
    /Table 2 and 3\navg@8, mean of the suites: k \(layer\) ↓, s \(steps on it\) → +4 +8 +16\n─+\n2 +\d+\.\d ± +\d\.\d +\d+\.\d ± +\d\.\d\n3 /,
  );
  assertMatch(
    text,
    /Δ to GRPO: k \(layer\) ↓, s \(steps on it\) → +4 +8 +16\n─+\n2 .+\] [=?-] +\+\d+\.\d \[\+\d+\.\d, \+\d+\.\d\] \+\n/,
  );
  assertMatch(
    text,
    /k = 3: method\navg@8 by method +mini-aime +mini-math +average +Δ to GRPO\n─+\nBuPO .+\nBuPO, normed /,
  );
  assertStringIncludes(text, "Marks in grids: + better");
  for (const width of [60, 90]) {
    const narrow = terminalTable(two, { width }).split("\n");
    assert(narrow.every((line) => textWidth(line) <= width), narrow.find((line) => textWidth(line) > width));
    assertMatch(narrow.join("\n"), /\+\d+\.\d \[\+\d+\.\d, \+\d+\.\d\] \+/);
  }
});

Deno.test("the Markdown table has the grids too; a profile without any has the tables as before", () => {
  const text = markdownTable(two);
  assertMatch(
    text,
    /\n\*\*Table 2 and 3\*\*\n\n\| avg@8, mean of the suites: k \(layer\) ↓, s \(steps on it\) → \| 4 \| 8 \| 16 \|\n\|---\|---:\|---:\|---:\|\n\| 2 \|/,
  );
  assert(!/\| BuPO k=2/.test(text));
  const plain = { ...two, profile: { ...profile, grid: undefined } };
  assertMatch(markdownTable(plain), /\n\| BuPO k=2 s=8 \|/);
});

Deno.test("compare has a section a grid, whichever side of a pair GRPO is on", () => {
  const record = {
    ...two,
    profile,
    base: { digest: "b" },
    graderVersion: "1",
    suites: two.suites.map((suite) => ({ ...suite, digest: "d" })),
  } as unknown as ComparedRecord;
  const options = { resamples: 200, draws: 200 };
  const text = renderComparison(compareRecords([{ name: "a", record }], options), "terminal");
  assertMatch(text, /Table 2 and 3\n+.*accuracy in %, mean of the suites: k \(layer\) ↓/);
  assertMatch(text, /Δ to grpo: .+\n─+\n2 .+ \+\d+\.\d \[\+\d+\.\d, \+\d+\.\d\] \+\n/);
  const runs = [
    ...record.runs.filter(({ method }) => method !== "grpo"),
    ...record.runs.filter(({ method }) => method === "grpo"),
  ];
  const turned = renderComparison(
    compareRecords([{ name: "a", record: { ...record, runs } }], options),
    "terminal",
  );
  assertMatch(turned, /Δ to grpo: .+\n─+\n2 .+ \+\d+\.\d \[\+\d+\.\d, \+\d+\.\d\] \+\n/);
});

Deno.test("of more than 12 methods each is compared with the first, with GRPO and with the best", () => {
  const names = Array.from({ length: 14 }, (_, i) => `m${i}`), [run] = two.runs;
  const runs = ["base", ...names.slice(0, 7), "grpo", ...names.slice(7)].flatMap((method, i) =>
    [1, 2, 3].map((seed) => ({
      ...run,
      method,
      seed: method === "base" ? null : seed,
      suites: two.runs[(i * 3 + seed) % two.runs.length]?.suites,
    }))
  );
  const record = {
    ...two,
    runs: runs.filter(({ method, seed }, i) => method !== "base" || seed === null && i === 0),
    base: { digest: "b" },
    graderVersion: "1",
    suites: two.suites.map((suite) => ({ ...suite, digest: "d" })),
  } as unknown as ComparedRecord;
  const { overall } = compareRecords([{ name: "a", record }], { resamples: 50, draws: 50 });
  const withGrpo = overall.filter(({ candidate, baseline }) =>
    [candidate.method, baseline.method].includes("grpo")
  );
  assertEquals(withGrpo.length, 15);
  assert(overall.length < 15 * 3 && overall.length > 15 + 13);
});

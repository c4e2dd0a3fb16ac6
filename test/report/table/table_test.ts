import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

import { RandomStream } from "../../../src/random.ts";
import { textWidth } from "../../../src/report/table/width.ts";
import {
  type Counts,
  markdownTable,
  methodTable,
  type RunCounts,
  terminalTable,
} from "../../../src/report/mod.ts";

/** Simulated counts: three methods of given strength, three seeds, k = 8. */
function simulated(suites: readonly string[], problems = 100): Counts {
  const random = new RandomStream("table test");
  const difficulty = suites.map(() => Array.from({ length: problems }, () => 1.5 * random.normal()));
  const run = (method: string, seed: number | null, strength: number): RunCounts => ({
    method,
    seed,
    suites: Object.fromEntries(suites.map((name, index) => [name, {
      correct: (difficulty[index] ?? []).map((hard) => {
        const p = 1 / (1 + Math.exp(hard - strength));
        return Array.from({ length: 8 }, () => random.uniform() < p ? 1 : 0).reduce<number>(
          (a, b) => a + b,
          0,
        );
      }),
      truncated: 4,
      unparsed: 8,
      tokens: problems * 8 * 50,
    }])),
  });
  return {
    suites: suites.map((name) => ({
      name,
      problems: Array.from({ length: problems }, (_, i) => `p${i}`),
      samples: 8,
    })),
    runs: [
      run("base", null, -0.8),
      ...[1, 2, 3].map((seed) => run("grpo", seed, 0)),
      ...[1, 2, 3].map((seed) => run("bupo", seed, 0.02)),
    ],
  };
}

const two = simulated(["mini-aime", "mini-math"]);

Deno.test("methodTable() gives each method's accuracy and differences to base and GRPO", () => {
  const table = methodTable(two, "avg");
  assertEquals(table.rows.map(({ label }) => label), ["Base", "GRPO", "BuPO"]);
  assertEquals([table.metric, table.references], ["avg@8", ["Base", "GRPO"]]);
  const [base, grpo, bupo] = table.rows;
  assert(base && grpo && bupo);
  const correct = two.runs.filter(({ method }) => method === "grpo")
    .map(({ suites }) => suites["mini-aime"]?.correct ?? []).flat();
  assertAlmostEquals(grpo.suites[0]?.value ?? 0, correct.reduce((a, b) => a + b, 0) / (3 * 800), 1e-12);
  assertEquals(grpo.differences.map(({ to }) => to), ["Base"]);
  assertAlmostEquals(
    grpo.differences[0]?.evidence.difference.value ?? 0,
    grpo.average.value - base.average.value,
    1e-12,
  );
  assertAlmostEquals(
    bupo.differences[1]?.evidence.difference.value ?? 0,
    bupo.average.value - grpo.average.value,
    1e-12,
  );
  assertEquals([base.seeds, grpo.seeds], [0, 3]);
  assertEquals(grpo.completions, { tokens: 50, truncated: 0.005, unparsed: 0.01 });
});

Deno.test("methodTable() computes pass@k from the problems solved at least once", () => {
  const [base] = methodTable(two, "pass").rows;
  const solved = two.runs[0]?.suites["mini-math"]?.correct.filter((c) => c > 0).length ?? 0;
  assertAlmostEquals(base?.suites[1]?.value ?? 0, solved / 100, 1e-12);
});

Deno.test("methodTable() compares methods whatever their seeds and the order of their runs", () => {
  const shuffled = { ...two, runs: [...two.runs.slice(0, 4), ...two.runs.slice(4).reverse()] };
  const apart = {
    ...two,
    runs: two.runs.slice(0, 6).map((run) => ({ ...run, seed: run.seed && run.seed + 10 })),
  };
  for (const counts of [shuffled, apart]) {
    const [, grpo, bupo] = methodTable(counts, "avg").rows;
    assertAlmostEquals(
      bupo?.differences[1]?.evidence.difference.value ?? NaN,
      (bupo?.average.value ?? NaN) - (grpo?.average.value ?? NaN),
      1e-12,
    );
  }
});

Deno.test("methodTable() gives an interval even where no problem was solved", () => {
  const none: Counts = {
    suites: [{ name: "s", problems: ["a", "b", "c"], samples: 2 }],
    runs: [{
      method: "base",
      seed: null,
      suites: { s: { correct: [0, 0, 0], truncated: 0, unparsed: 0, tokens: 6 } },
    }],
  };
  const estimate = methodTable(none, "avg").rows[0]?.suites[0];
  assertEquals([estimate?.value, estimate?.low], [0, 0]);
  assertAlmostEquals(estimate?.high ?? 0, 0.5614970317550454, 1e-9); // z² / (n + z²) with n = 3
});

Deno.test("terminalTable() says that GRPO beats base and BuPO ties with GRPO", () => {
  const text = terminalTable(two);
  assertMatch(text, /^GRPO .*\+\d+\.\d \[\+\d+\.\d, \+\d+\.\d\] better$/m);
  assertMatch(
    text,
    /^BuPO .* better +[+−]?\d\.\d \[−\d\.\d, \+\d\.\d\] tied within noise \(detectable: \d\.\d\)$/m,
  );
  assertMatch(text, /^Base .*−\d+\.\d \[−\d+\.\d, −\d+\.\d\] worse$/m);
  assertMatch(text, /^pass@8 /m);
  assertEquals(text.includes("\x1b"), false);
  assertEquals(terminalTable(two), text);
});

Deno.test("terminalTable() stays within the terminal, with two suites and with five", () => {
  for (const counts of [two, simulated(["aime-2024", "aime-2025", "amc-2023", "math-500", "算術"], 12)]) {
    for (const width of [50, 72, 80, 100, 140, 200]) {
      const text = terminalTable(counts, { width }, { resamples: 200 });
      for (const line of text.split("\n")) assert(textWidth(line) <= width, `${width} columns: ${line}`);
      assertMatch(text.replace(/\s+/g, " "), /GRPO.*better/);
      assertStringIncludes(text, "average");
    }
  }
});

Deno.test("terminalTable() colours verdicts only when asked, without changing the text", () => {
  const text = terminalTable(two, { color: true });
  assertStringIncludes(text, "\x1b[32mbetter\x1b[0m");
  // deno-lint-ignore no-control-regex
  assertEquals(text.replace(/\x1b\[\d+m/g, ""), terminalTable(two));
});

Deno.test("terminalTable() and markdownTable() make control characters and markup in names harmless", () => {
  const name = "<img src=x>|[a](b)\x1b[2J";
  const counts = simulated([name], 4);
  assertEquals(terminalTable(counts).includes("\x1b"), false);
  const markdown = markdownTable(counts);
  assertEquals(markdown.includes("<img") || markdown.includes("](") || markdown.includes("\x1b"), false);
  assertEquals(new Set(markdown.split("\n").slice(0, 5).map((line) => line.split("|").length)).size, 1);
});

Deno.test("markdownTable() has a row for each method and both metrics", () => {
  const text = markdownTable(two);
  assertStringIncludes(
    text,
    "| avg@8 | mini-aime | mini-math | average | Δ to Base | Δ to GRPO |\n|---|---:|---:|---:|---|---|",
  );
  assertEquals(text.match(/^\| BuPO \|/gm)?.length, 2);
});

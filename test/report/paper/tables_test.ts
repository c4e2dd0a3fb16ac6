import { assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  comparisonFormats,
  paperTables,
  type PublishedNumbers,
  publishedNumbers,
  type PublishedScore,
  type PublishedTables,
  renderTables,
} from "../../../src/report/mod.ts";
import { simulatedRecord } from "../comparison_fixture.ts";

const settings = { confidence: 0.95, margin: 0.03, power: 0.8, resamples: 200, draws: 999 };

function score(
  table: string,
  method: string,
  value: number,
  deviation: number | null = null,
): PublishedScore {
  return { table, method, suite: "aime-2025", value, deviation, samples: 32 };
}

/** Qwen3-4B on AIME 2025 in tables 1 and 10 of the paper (arXiv 2512.19673v3). */
const published: PublishedNumbers = {
  source: "arXiv 2512.19673v3",
  model: "Qwen3-4B",
  scores: [
    score("Table 1", "base", 0.186),
    score("Table 1", "grpo", 0.2885),
    score("Table 1", "bupo", 0.3115),
    score("Table 10", "grpo", 0.267, 0.0193),
    score("Table 10", "bupo", 0.3099, 0.0063),
    { ...score("Table 1", "grpo", 0.8241), suite: "math-500", samples: 16 },
  ],
  notes: [
    { text: "GRPO differs between the tables.", cells: [{ method: "grpo", suite: "aime-2025" }] },
    { text: "About MATH-500 only.", cells: [{ suite: "math-500" }] },
    { text: "About RLOO only.", cells: [{ table: "Table 1", method: "rloo" }] },
    { text: "About another model.", cells: [] },
    { text: "About <b>all</b>.\x1b[31m", cells: [{ suite: "math-500" }, { table: "Table 10" }] },
  ],
};

const input = {
  name: "ours",
  record: simulatedRecord("ours", [
    { name: "base", gain: -0.2, seeds: 1 },
    { name: "grpo", gain: -0.1, seeds: 3 },
    { name: "bupo", gain: -0.05, seeds: 3 },
    { name: "other", gain: 0, seeds: 3 },
  ], { problems: 30, samples: 8, suites: ["aime-2025", "another"] }),
};

Deno.test("paperTables() puts ours beside each published table, without a verdict", () => {
  const { sections: [scores, differences], legend } = paperTables(published, input, settings);
  const rows = (scores?.rows ?? []).map((row) => row.map(({ text }) => text));
  assertEquals(rows[0]?.slice(5), ["ours", "Table 1", "ours − Table 1", "Table 10", "ours − Table 10"]);
  assertEquals(rows.slice(1).map(([suite, method]) => `${suite} ${method}`), [
    "aime-2025 base",
    "aime-2025 grpo",
    "aime-2025 bupo",
  ]);
  assertEquals(rows[1]?.slice(8), ["–", "–"]);
  assertEquals([rows[2]?.[6], rows[2]?.[8]], ["28.85", "26.70 ± 1.93"]);
  const ours = Number(rows[2]?.[5]?.split(" ")[0]), gap = Number(rows[2]?.[9]?.replace("−", "-"));
  assertAlmostEquals(gap, ours - 26.7, 0.1001); // each is rounded to a tenth
  const pairs = (differences?.rows ?? []).map((row) => row.map(({ text }) => text));
  assertEquals(pairs.map(([, pair, , ...theirs]) => [pair, ...theirs]), [
    ["pair", "Table 1", "Table 10"],
    ["grpo − base", "+10.2", "–"],
    ["bupo − base", "+12.6", "–"],
    ["bupo − grpo", "+2.3", "+4.3"],
  ]);
  assertMatch(pairs[3]?.[2] ?? "", /^[+−]\d+\.\d \[/);
  assertStringIncludes(legend[0] ?? "", "no test is made, and there is no verdict");
  assertEquals(legend.slice(1), [
    "aime-2025: 8 samples of each problem here, 32 in the paper.",
    "Note: GRPO differs between the tables.",
    "Note: About <b>all</b>.\x1b[31m",
  ]);
});

Deno.test("published numbers come in every format, and their notes are inert", () => {
  for (const format of comparisonFormats) {
    const text = renderTables(paperTables(published, input, settings), format);
    assertEquals(/better|worse|tied/.test(text), false);
    assertEquals(text.includes("\x1b"), false);
    if (format === "html" || format === "markdown") assertEquals(text.includes("<b>"), false);
    assertStringIncludes(text, "26.7");
  }
});

Deno.test("paperTables() has no table where nothing is in common", () => {
  const strange = { ...published, scores: published.scores.slice(-1) };
  assertEquals(paperTables(strange, input, settings).sections, []);
});

Deno.test("publishedNumbers() takes the rows of a model that vary no setting, and the notes on them", () => {
  const row = { model: "Qwen3-4B", method: "GRPO", values: [76.67, 26.7], deviations: [0.36, 1.93] };
  const columns = ["amc-2023", "aime-2025"], cell = { table: "10", column: "aime-2025" };
  const paper: PublishedTables = {
    source: { paper: "a paper", version: "v3" },
    tables: [{
      table: "10",
      unit: "percent",
      columns,
      samples: [16, 32],
      rows: [row, { ...row, model: "Qwen3-8B" }, { ...row, setting: "frozen layers" }, {
        model: "Qwen3-4B",
        method: "Vanilla",
        values: [67.66, null],
      }],
      notes: ["rounded"],
    }, { table: "7", unit: "as named", columns, rows: [row] }],
    disagreements: [
      { text: "one", cells: [{ ...cell, model: "Qwen3-4B", method: "GRPO" }] },
      { text: "two", cells: [{ ...cell, model: "Qwen3-4B", method: "Vanilla", column: "average" }] },
      { text: "no", cells: [{ ...cell, model: "Qwen3-8B", method: "GRPO" }] },
      { text: "no", cells: [{ ...cell, model: "Qwen3-4B", method: "GRPO", setting: "frozen layers" }] },
    ],
  };
  assertEquals(publishedNumbers(paper, "Qwen/Qwen3-4B"), {
    source: "a paper v3",
    model: "Qwen3-4B",
    scores: [
      { method: "grpo", suite: "amc-2023", value: 76.67 / 100, deviation: 0.36 / 100, samples: 16 },
      { method: "grpo", suite: "aime-2025", value: 26.7 / 100, deviation: 1.93 / 100, samples: 32 },
      { method: "base", suite: "amc-2023", value: 67.66 / 100, deviation: null, samples: 16 },
    ].map((score) => ({ table: "Table 10", ...score })),
    notes: [
      { text: "one", cells: [{ table: "Table 10", method: "grpo", suite: "aime-2025" }] },
      { text: "two", cells: [{ table: "Table 10", method: "base" }] },
      { text: "no", cells: [] },
      { text: "no", cells: [] },
      { text: "Table 10: rounded", cells: [{ table: "Table 10" }] },
    ],
  });
  for (
    const repository of ["Qwen/Qwen3-4B-Base", "benchmarks/model", "OctoThinker/OctoThinker-3B-Long-Base"]
  ) {
    assertEquals(publishedNumbers(paper, repository), undefined);
  }
});

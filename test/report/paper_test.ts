import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  comparisonFormats,
  paperTables,
  type PublishedNumbers,
  type PublishedScore,
  renderTables,
} from "../../src/report/mod.ts";
import { simulatedRecord } from "./comparison_fixture.ts";

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
    { text: "GRPO differs between the tables.", methods: ["grpo"], suites: ["aime-2025"] },
    { text: "About MATH-500 only.", suites: ["math-500"] },
    { text: "About RLOO only.", methods: ["rloo"] },
    { text: "About <b>all</b>.\x1b[31m" },
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
  assertEquals([rows[2]?.[6], rows[2]?.[8]], ["28.9", "26.7 ± 1.9"]);
  const ours = Number(rows[2]?.[5]?.split(" ")[0]), gap = Number(rows[2]?.[9]?.replace("−", "-"));
  assertEquals(Math.abs(gap - (ours - 26.7)) < 0.1001, true);
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

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  compareRecords,
  comparisonFormats,
  type ComparisonInput,
  flipTables,
  renderTables,
  type SampledProblem,
  transcriptTables,
} from "../../../src/report/mod.ts";
import { textWidth } from "../../../src/report/table/width.ts";
import { simulatedRecord } from "../comparison_fixture.ts";

const options = { resamples: 200, draws: 999 };

/** A record whose one method solves the problems as often as told, out of four. */
function counted(correct: readonly number[], seeds: readonly number[] = [1, 2]): ComparisonInput["record"] {
  const record = simulatedRecord("x", [{ name: "grpo", gain: 0, seeds: 1 }], {
    problems: correct.length,
    samples: 4,
  });
  const [run] = record.runs;
  assert(run);
  const suites = Object.fromEntries(
    Object.entries(run.suites).map(([name, outcome]) => [name, { ...outcome, correct }]),
  );
  return { ...record, runs: seeds.map((seed) => ({ ...run, seed, suites })) };
}

const inputs: ComparisonInput[] = [
  { name: "main", record: counted([0, 4, 2, 1, 4, 0, 0]) },
  { name: "head", record: counted([3, 1, 2, 2, 4, 0, 0]) },
];
const comparison = compareRecords(inputs, options);

const HOSTILE = "\x1b[31mred\x07 \u202etxet <b onclick=x>\n| [a](http://x) \\input{y} & 5% =1+1";

function samples(text: string, seeds: readonly number[] = [1, 2]): SampledProblem[] {
  return seeds.map((seed) => ({
    method: "grpo",
    seed,
    suite: "suite",
    responses: Array.from({ length: 4 }, (_, i) => `${text} ${seed}.${i}`),
  }));
}

Deno.test("flipTables() lists every flipped problem with its counts on both sides", () => {
  const [table] = flipTables(comparison, inputs).sections;
  assertEquals(table?.rows.map((row) => row.map(({ text }) => text)), [
    ["change", "suite", "pair", "problem", "correct before", "samples before", "correct now", "samples now"],
    ["fixed", "suite", "grpo: head − main", "p0", "0", "8", "6", "8"],
    ["broken", "suite", "grpo: head − main", "p1", "8", "8", "2", "8"],
  ]);
  const json = JSON.parse(renderTables(flipTables(comparison, inputs), "json"));
  assertEquals([json.tables[0].rows[1].problem, json.tables[0].rows[1]["correct now"]], ["p1", 2]);
  const same = [inputs[0], { ...inputs[0], name: "again" }] as ComparisonInput[];
  assertStringIncludes(renderTables(flipTables(compareRecords(same, options), same), "terminal"), "None: ");
});

Deno.test("transcriptTables() puts runs of the same seed beside each other", () => {
  const found = new Map([["main", samples("old", [1, 2])], ["head", samples("new", [2, 3])]]);
  const [table] = transcriptTables(comparison, inputs, "p0", found).sections;
  assertStringIncludes(table?.title ?? "", "0 of 8 correct before, 6 of 8 now");
  const rows = table?.rows.map((row) => row.map(({ text }) => text)) ?? [];
  assertEquals(rows.slice(0, 2), [["seed", "sample", "main", "head"], ["1", "1", "old 1.0", "–"]]);
  assertEquals(rows[5], ["2", "1", "old 2.0", "new 2.0"]);
  assertEquals(rows.at(-1), ["3", "4", "–", "new 3.3"]);
  const strangers = new Map([["main", samples("old", [7])], ["head", samples("new", [8, 9])]]);
  const [other] = transcriptTables(comparison, inputs, "p0", strangers).sections;
  assertEquals(other?.rows[1]?.map(({ text }) => text), ["7/8", "1", "old 7.0", "new 8.0"]);
});

Deno.test("completions with markup and escapes are inert in every format", () => {
  const found = new Map([["main", samples(HOSTILE)], ["head", samples(HOSTILE)]]);
  for (const format of comparisonFormats) {
    const tables = transcriptTables(comparison, inputs, "p0", found, format === "terminal" ? 80 : undefined);
    const text = renderTables(tables, format);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f\u202e]/.test(text), false, format);
    assertStringIncludes(text, "red");
    if (format === "html" || format === "markdown") assertEquals(text.includes("<b"), false);
    if (format === "markdown") assertEquals(text.includes("]("), false);
    if (format === "latex") assertEquals(/\\input|[^\\]&.*5%/.test(text.replaceAll(" & ", "")), false);
    if (format === "markdown") {
      const table = text.trim().split("\n\n").find((block) => block.startsWith("|"))?.split("\n") ?? [];
      assertEquals(new Set(table.map((line) => line.split("|").length)).size, 1);
    }
  }
});

Deno.test("completions stay side by side within the terminal", () => {
  const long = `${"word ".repeat(40)}${"x".repeat(300)}\n\n算術 end`;
  const found = new Map([["main", samples(long)], ["head", samples("short")]]);
  for (const width of [60, 100, 160]) {
    const text = renderTables(transcriptTables(comparison, inputs, "p0", found, width), "terminal", {
      width,
    });
    for (const line of text.split("\n")) assert(textWidth(line) <= width, `${width} columns: ${line}`);
    assertMatch(text, /1 +1 {2}word word .* short 1\.0/);
    assertEquals(text.match(/x/g)?.length, 300 * 8);
    assertEquals(text.match(/算術 end/g)?.length, 8);
  }
});

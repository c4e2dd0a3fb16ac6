import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  compareRecords,
  type Comparison,
  COMPARISON_SCHEMA,
  comparisonFormats,
  type ComparisonInput,
  renderComparison,
} from "../../../src/report/mod.ts";
import { textWidth } from "../../../src/report/table/width.ts";
import { simulatedRecord, twoInputs } from "../comparison_fixture.ts";

const options = { resamples: 200, draws: 999 };
const planted = compareRecords(twoInputs(0.05, { suites: ["mini-aime", "mini-math"] }), options);

/** A comparison all of whose names are the given text. */
function named(name: string): Comparison {
  const input = (name: string, gain: number): ComparisonInput => {
    const record = simulatedRecord(name, [{ name: `${name}m`, gain, seeds: 2 }], {
      problems: 12,
      suites: [name],
    });
    const runs = record.runs.map((run) => ({ ...run, method: `${name}m`.replace("2", "") }));
    return { name, record: { ...record, runs }, environment: { [name]: name } };
  };
  const [a, b] = [input(name, 0), input(`${name}2`, 0.9)];
  const same = { ...b.record, suites: a.record.suites };
  const runs = same.runs.map((run) => ({ ...run, suites: { [name]: run.suites[`${name}2`]! } })); // simulated above
  return compareRecords([a, { ...b, record: { ...same, runs } }], options);
}

/** The records of a CSV text. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? "");
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

Deno.test("renderComparison() gives every format, and the same text again", () => {
  for (const format of comparisonFormats) {
    const text = renderComparison(planted, format);
    assertEquals(renderComparison(planted, format), text);
    assertStringIncludes(text, "better");
    assertStringIncludes(text, "mini-math");
    assert(text.endsWith("\n"));
  }
});

Deno.test("the terminal's comparison stays within its width and loses no number", () => {
  for (const width of [24, 50, 72, 80, 120, 200]) {
    const text = renderComparison(planted, "terminal", { width });
    for (const line of text.split("\n")) assert(textWidth(line) <= width, `${width} columns: ${line}`);
    assertMatch(text.replace(/\s+/g, " "), /mini-aime.*grpo: head − main/);
    assertMatch(text.replace(/\s+/g, " "), /\+4\.\d \[\+\d\.\d, \+\d\.\d\]/);
  }
  assertMatch(
    renderComparison(planted, "terminal"),
    /^\+ {2}mini-aime {2}grpo: head − main {2}200 .* better$/m,
  );
});

Deno.test("the terminal's comparison is coloured only when asked, without changing the text", () => {
  const text = renderComparison(planted, "terminal", { color: true });
  assertStringIncludes(text, "\x1b[32mbetter\x1b[0m");
  // deno-lint-ignore no-control-regex
  assertEquals(text.replace(/\x1b\[\d+m/g, ""), renderComparison(planted, "terminal"));
});

Deno.test("the Markdown comparison has tables of constant width and no markup from names", () => {
  const text = renderComparison(named("<b>|[x](y)*_`\x1b"), "markdown");
  assertEquals(/<b>|\]\(|`/.test(text) || text.includes("\x1b"), false);
  for (const table of text.split("\n\n").filter((block) => block.startsWith("|"))) {
    assertEquals(new Set(table.split("\n").map((line) => line.split("|").length)).size, 1);
  }
});

Deno.test("the CSV comparison keeps names whole and no spreadsheet takes them for a formula", () => {
  for (const name of ["=cmd|' /C calc'!A0", "+1", "-1", "@x", 'a "quoted", name', " =1"]) {
    const [heads = [], ...rows] = readCsv(renderComparison(named(name), "csv"));
    assertEquals(new Set(rows.map((row) => row.length)), new Set([heads.length]));
    const suite = rows[0]?.[heads.indexOf("suite")] ?? "";
    assertEquals(suite.replace(/^'/, ""), name);
    for (const text of rows.flat()) {
      assert(!/^\s*[=+\-@]/.test(text) || !Number.isNaN(Number(text)) && text !== name, text);
    }
  }
});

Deno.test("the CSV comparison holds the numbers unrounded, one line a suite and one for all", () => {
  const [heads = [], ...rows] = readCsv(renderComparison(planted, "csv"));
  const column = (name: string): string[] => rows.map((row) => row[heads.indexOf(name)] ?? "");
  assertEquals(column("suite"), ["mini-aime", "mini-math", ""]);
  assertEquals(column("difference").map(Number), [
    ...planted.pairs.map(({ result }) => result?.difference.value ?? NaN),
    planted.overall[0]?.result.difference.value ?? NaN,
  ]);
  assertEquals(column("verdict"), ["better", "better", "better"]);
});

Deno.test("the JSON comparison names its schema and reads back as the comparison", () => {
  const value = JSON.parse(renderComparison(planted, "json"));
  assertEquals(value.schema, COMPARISON_SCHEMA);
  assertEquals(value, planted);
});

Deno.test("the LaTeX comparison escapes every special character and has as many cells as columns", () => {
  const text = renderComparison(named('\\input{x} & 50%_$y$ #~^<">'), "latex");
  assertEquals(/\\input|[^\\]%[^ ]|[^\\]#|[^\\]_/.test(text), false);
  assertEquals(/[−±Δ]/.test(text), false);
  for (
    const [, columns = "", body = ""] of text.matchAll(
      /\\begin\{tabular\}\{([lr]+)\}([^]*?)\\end\{tabular\}/g,
    )
  ) {
    const lines = body.split("\n").filter((line) => line.endsWith(" \\\\"));
    for (const line of lines) assertEquals(line.match(/(?<!\\)&/g)?.length, columns.length - 1, line);
    assertMatch(body, /\\toprule\n.*\n\\midrule\n[^]*\\bottomrule/);
  }
});

Deno.test("the HTML comparison is closed and carries no element of a name", () => {
  const text = renderComparison(named(`<script>"'&`), "html");
  assertEquals(/<script|"'|&(?!#\d+;)/.test(text), false);
  const open: string[] = [];
  for (const [, slash, tag = ""] of text.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (slash) assertEquals(open.pop(), tag);
    else open.push(tag);
  }
  assertEquals(open, []);
});

Deno.test("every format tells why a pair was refused", () => {
  const [main, head] = twoInputs(0, { problems: 12 });
  const refused = compareRecords([main, { ...head, partial: "--limit 12" }], options);
  for (const format of comparisonFormats) {
    assertMatch(renderComparison(refused, format), /not comparable/);
    assertMatch(renderComparison(refused, format), /head is a partial run \(-{2}limit 12\)/);
  }
  assertThrows(() => compareRecords([main, head], { draws: 0 }), RangeError);
});

import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  historyText,
  parseRecord,
  type PerfRecord,
  readHistory,
  withHistory,
} from "../../benchmarks/perf/history.ts";
import { rows } from "../../benchmarks/perf/rows.ts";
import { pairedRatio, secondsText, spreadOf, spreadText } from "../../benchmarks/perf/spread.ts";

const history = await readHistory("benchmarks/perf/history");

Deno.test("docs/performance.md has exactly the tables that the history gives", async () => {
  const document = await Deno.readTextFile("docs/performance.md");
  assertEquals(withHistory(document, history), document);
});

Deno.test("every row of the history is one that deno task perf measures, by its present title", () => {
  const titles = new Map(rows.map(({ name, title }) => [name, title]));
  for (const { row, title } of history.flatMap(({ results }) => results)) {
    assertEquals(titles.get(row), title);
  }
});

Deno.test("the README's ratios are those of the history", async () => {
  const [, section = ""] = /\n## Speed\n([\s\S]*?)\n## /.exec(await Deno.readTextFile("README.md")) ?? [];
  const commit = /At commit ([0-9a-f]{7})/.exec(section)?.[1] ?? "none";
  const results = history.find((each) => each.commit.startsWith(commit))?.results ?? [];
  const lines = section.split("\n").filter((line) => line.startsWith("|")).slice(2);
  assert(lines.length >= 6);
  for (const line of lines) {
    const [, , said = "", named = ""] = line.split("|");
    const [, numbers = "", peer = ""] = /^ ([\d. /]+) \(([^,)]+)/.exec(said) ?? [];
    const found = [...named.matchAll(/`([^`]+)`/g)].map(([, name]) => {
      const result = results.find(({ row }) => row === name);
      if (result?.share) return result.share.median.toFixed(2);
      const against = result?.against.find((each) => each.name.startsWith(peer));
      const ratio = against?.ratio?.median ??
        (against?.ours ?? result?.ours.best ?? NaN) / (against?.best ?? NaN);
      return ratio.toFixed(2);
    });
    assertEquals(numbers.trim().split(" / "), found, line);
  }
});

const record: PerfRecord = {
  commit: "0123456789",
  date: "2026-01-02",
  machine: { processor: "P", instructions: "avx", cores: 2, memory: 24, system: "linux 6", load: [0.1, 1] },
  versions: { deno: "2", peer: "kernel" },
  command: "deno task perf",
  results: [
    {
      row: "a",
      title: "work a",
      threads: 1,
      ours: { name: "ours", best: 0.2, peak: 2 ** 30 },
      against: [
        { name: "faster", best: 0.1, peak: 2 ** 29, ratio: { median: 2.1, low: 2, high: 2.25 } },
        { name: "slower", best: 0.4, ours: 0.1 },
        { name: "wrong", refused: "it computes something else" },
      ],
    },
    {
      row: "b",
      title: "work b",
      threads: 1,
      ours: { name: "ours", best: 12 },
      against: [],
      share: { median: 0.5, low: 0.4, high: 0.6 },
    },
  ],
};

Deno.test("historyText() shows ratios, losses in bold, what was refused, shares and memory, a column a commit", () => {
  const later = { ...record, commit: "fedcba9876", results: record.results.slice(0, 1) };
  const lines = historyText([record, later]).split("\n").map((line) => line.replaceAll(/ +/g, " "));
  assertEquals(lines.slice(0, 6), [
    "| work | against | `0123456` | `fedcba9` |",
    lines[1],
    "| work a | faster | 200 ms : 100 ms = **2.10 (2.00–2.25)** | 200 ms : 100 ms = **2.10 (2.00–2.25)** |",
    "| work a | slower | 100 ms : 400 ms = 0.25 | 100 ms : 400 ms = 0.25 |",
    "| work a | wrong | not compared | not compared |",
    "| work b | | 0.50 (0.40–0.60) | |",
  ]);
  assertStringIncludes(lines.join("\n"), "| work a | faster | 1.00 : 0.50 | 1.00 : 0.50 |");
  assertMatch(
    lines.at(-1) ?? "",
    /^- `fedcba9`, 2026-01-02: P, 2 cores, 24 GiB, avx; linux 6; load 0\.1 .* 1\.0 at the end\./,
  );
});

Deno.test("parseRecord() says what is wrong with a file of the history", () => {
  assertEquals(parseRecord(JSON.stringify(record), "x.json"), record);
  const damaged = { ...record, results: [{ ...record.results[0], ours: { name: "ours", best: 0 } }] };
  assertThrows(
    () => parseRecord(JSON.stringify(damaged), "x.json"),
    SyntaxError,
    "Cannot use x.json: results.0.ours.best",
  );
  assertThrows(() => withHistory("no place", [record]), SyntaxError, "Cannot write the history");
});

Deno.test("ratios are of pairs, with quartiles between neighbours", () => {
  assertEquals(spreadOf([4, 1, 3, 2]), { median: 2.5, low: 1.75, high: 3.25 });
  assertEquals(pairedRatio([1, 2, 9], [2, 2, 3]), { median: 1, low: 0.75, high: 2 });
  assertEquals([spreadText(spreadOf([1, 2, 3])), spreadText(spreadOf([2]))], ["2.00 (1.50–2.50)", "2.00"]);
  assertEquals([0.0123, 0.5, 2, 24].map(secondsText), ["12.3 ms", "500 ms", "2.00 s", "24.0 s"]);
});

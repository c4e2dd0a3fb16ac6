import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { canonicalJson } from "../../src/canonical_json.ts";
import { publication, type ReadOptions, readResult, withPlaces } from "../../src/publish/mod.ts";
import {
  markdownTable,
  methodTable,
  parseLeaderboard,
  registeredReport,
  renderPage,
  renderPicture,
  verdictWords,
} from "../../src/report/mod.ts";
import { loadPublishedKeys, parseRecord } from "../../src/result/mod.ts";
import { asJson } from "../report/registered_plan.ts";
import { through } from "./published_fixture.ts";

const root = new URL("../../", import.meta.url), results = new URL("results/", root).pathname;

/** The page without its figures, and those without the history, which depends on what git knows. */
async function parts(html: string): Promise<{ page: string; figures: Record<string, unknown> }> {
  const pattern = /(<script type="text\/plain" id="figures">)([^<]*)/;
  const data = Uint8Array.fromBase64(pattern.exec(html)?.[2] ?? "");
  const text = new TextDecoder().decode(await through(data, new DecompressionStream("gzip")));
  const { history: _, historyGaps: __, ...figures } = JSON.parse(text);
  return { page: html.replace(pattern, "$1"), figures };
}

/** The completions of the larger experiments are graded by `deno task submit-check` in .ci/run, and not once more here. */
async function gradedElsewhere(name: string): Promise<ReadOptions> {
  if (name === "embedded") return {};
  const { graderVersion, runs, suites } = parseRecord(await Deno.readFile(`${results}${name}/results.json`));
  const each = suites.reduce((sum, { problems, samples }) => sum + problems.length * samples, 0);
  const found = { recordedGrader: graderVersion, presentGrader: graderVersion, counts: 0, differences: [] };
  return { remembered: () => Promise.resolve({ ...found, completions: each * runs.length, unevaluated: 0 }) };
}

Deno.test("the committed leaderboard, page and picture are what the committed results give", async () => {
  const read = (name: string): Promise<string> => Deno.readTextFile(`${results}${name}`);
  const committed = parseLeaderboard(JSON.parse(await read("leaderboard.json")));
  const keys = { published: await loadPublishedKeys(`${results}keys`) };
  // As the command reads them: in the order of their folders.
  const names = committed.results.map(({ name }) => name).sort();
  const verified = await Promise.all(names.map(async (name) => {
    const result = await readResult(`${results}${name}`, keys, await gradedElsewhere(name));
    assert(!("reason" in result), JSON.stringify(result));
    return result;
  }));
  // Where a result stands in the history depends on what git knows; the order of the page follows it.
  const places = new Map(
    committed.results.flatMap(({ name, place }) => place === null ? [] : [[name, place]]),
  );
  const { leaderboard, page } = await publication(withPlaces(verified, { places }), committed.excluded);
  assert(canonicalJson(leaderboard) + "\n" === await read("leaderboard.json"), "leaderboard.json differs");
  assertEquals(renderPicture(leaderboard), await read("leaderboard.svg"));
  assertEquals(await parts(await renderPage(page)), await parts(await read("leaderboard.html")));
});

Deno.test("the README's picture of the page is a PNG that loads at once", async () => {
  const png = await Deno.readFile(new URL("docs/leaderboard.png", root));
  assertEquals(png.slice(0, 8), Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10));
  assert(png.length < 150_000, `it has ${png.length} bytes`);
});

/** The cells of a Markdown table, without what its writer padded them with. */
function cells(table: string): string[][] {
  return table.split("\n").map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim().replace(/^:?-+:?$/, "-"))
  );
}

Deno.test("the README's first table is that of the committed result", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const record = parseRecord(await Deno.readFile(`${results}embedded/results.json`));
  const table = (text: string): string => /^\|(?:.*\|\n)+/m.exec(text)?.[0].trim() ?? "";
  assertEquals(cells(table(readme)), cells(table(markdownTable(record))));
});

/** All tables of a text. */
function tables(text: string): string[][][] {
  return [...text.matchAll(/^\|(?:.*\|\n)+/gm)].map(([table]) => cells(table.trim()));
}

/** The tables of a committed result. */
async function tablesOf(name: string): Promise<string[][][]> {
  return tables(markdownTable(parseRecord(await Deno.readFile(`${results}${name}/results.json`))));
}

Deno.test("docs/testbed.md has every table of the committed experiments on the deep model", async () => {
  const text = await Deno.readTextFile(new URL("docs/testbed.md", root));
  const written = new Set(tables(text).map((table) => JSON.stringify(table)));
  for (const name of ["embedded-table", "embedded-ablation"]) {
    for (const table of await tablesOf(name)) {
      assert(written.has(JSON.stringify(table)), `${name}: ${table[0]?.join(" | ")}`);
    }
  }
});

Deno.test("the README's table of the paper's rows is that of the committed result", async () => {
  const rows = ["avg@8", "-", "Base", "PPO", "REINFORCE++", "RLOO", "GRPO", "BuPO"];
  const [average = []] = await tablesOf("embedded-table");
  const [, found] = tables(await Deno.readTextFile(new URL("README.md", root)));
  assertEquals(found, average.filter(([first = ""]) => rows.includes(first)));
  assertEquals(found?.length, rows.length);
});

/** A difference as people write it: `−0.8 [−1.6, 0.0]`. */
function differenceText({ value, low, high }: { value: number; low: number; high: number }): string {
  const signed = (share: number): string => {
    const text = Math.abs(100 * share).toFixed(1);
    return text === "0.0" ? text : (share < 0 ? "−" : "+") + text;
  };
  return `${signed(value)} [${signed(low)}, ${signed(high)}]`;
}

Deno.test("the README reads the paper's claims off the committed result", async () => {
  const record = parseRecord(await Deno.readFile(`${results}embedded-table/results.json`));
  const readme = (await Deno.readTextFile(new URL("README.md", root))).replace(/\s+/g, " ");
  const all = record.suites.map(({ name }) => name);
  const read = (metric: "avg" | "pass", suites: readonly string[], ...pairs: readonly string[]): void => {
    const plan = {
      ...{ metric, suites, samples: 8, seeds: 5, smallestEffect: 3 },
      pairs: pairs.map((pair) => {
        const [method = "", against = ""] = pair.split(" - ");
        return { method, against, planted: "tied" };
      }),
    };
    const profile = { ...record.profile, registered: asJson(plan) };
    for (const { method, against, evidence } of registeredReport({ ...record, profile })?.results ?? []) {
      assert(evidence, `${method} - ${against}`);
      const text = differenceText(evidence.difference);
      assert(readme.includes(text), `${metric} over ${suites}: ${method} - ${against} is ${text}`);
    }
  };
  read("avg", ["graded-arithmetic"], "bupo - grpo", "grpo-again - grpo");
  read("avg", ["graded-transfer"], "bupo - grpo");
  read("pass", all, "bupo - grpo");
  read("avg", all, ...["grpo", "ppo", "reinforce_pp", "rloo"].map((other) => `bupo - ${other}`));
  read(
    "avg",
    all,
    ...["frozen_lower", "grpo_layerwise_lr", "grpo_lower_only"].map((other) => `bupo - ${other}`),
  );
  read("avg", all, "bupo_reset - grpo", "bupo_memory - grpo_memory");
  read("avg", all, "sft_on_correct - grpo", "dapo - grpo", "gspo - grpo");
});

/** The mean entropy of a method's seeds at a step, in nats. */
async function entropyAt(method: string, step: number): Promise<string> {
  const values = await Promise.all([21, 22, 23, 24, 25].map(async (seed) => {
    const log = await Deno.readTextFile(`${results}embedded-table/metrics/${method}-${seed}.jsonl`);
    return Number(JSON.parse(log.split("\n")[step - 1] ?? "").entropy);
  }));
  return (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3);
}

Deno.test("the README's entropies are those of the committed logs", async () => {
  const readme = (await Deno.readTextFile(new URL("README.md", root))).replace(/\s+/g, " ");
  const [bupo, grpo] = await Promise.all(["bupo", "grpo"].map((name) => entropyAt(name, 4)));
  assertStringIncludes(readme, `${bupo} against ${grpo} nats at step 4`);
  const [later, other] = await Promise.all(["bupo", "grpo"].map((name) => entropyAt(name, 11)));
  assertStringIncludes(readme, `${later} against ${other} at step 11`);
});

Deno.test("the README reads the ablation's registered pairs off the committed result", async () => {
  const record = parseRecord(await Deno.readFile(`${results}embedded-ablation/results.json`));
  const readme = (await Deno.readTextFile(new URL("README.md", root))).replace(/\s+/g, " ");
  const asked = (registeredReport(record)?.results ?? []).filter(({ against }) => against === "bupo");
  assertEquals(asked.length, 5);
  for (const { method, evidence } of asked) {
    assert(evidence && readme.includes(differenceText(evidence.difference)), method);
  }
});

/** What the README says of pass@k: each method's value, then each pair with its interval and verdict. */
function passReading({ rows, metric }: ReturnType<typeof methodTable>): string {
  const points = (share: number): string => (100 * share).toFixed(1);
  const signed = (share: number): string =>
    points(share) === "0.0" ? "0.0" : (share < 0 ? "−" : "+") + points(Math.abs(share));
  const values = rows.map(({ label, average }) => `${label} ${points(average.value)}`).join(", ");
  const pairs = rows.flatMap(({ label, differences }, index) =>
    differences
      .filter(({ to }) => rows.findIndex((row) => row.label === to) < index)
      .map(({ to, evidence: { difference: { value, low, high }, detectable }, verdict }) =>
        `${label} − ${to} ${signed(value)} [${signed(low)}, ${signed(high)}], ${
          verdictWords(verdict, detectable)
        }`
      )
  );
  const verdicts = rows.flatMap(({ differences }) => differences.map(({ verdict }) => verdict));
  const shown = verdicts.some((verdict) => verdict === "better" || verdict === "worse");
  const open = verdicts.every((verdict) => verdict.startsWith("inconclusive"));
  const start = shown ? "A change" : "No change";
  return `${start} of ${metric} is shown${open ? ", and none is excluded" : ""} (${values}): ${
    pairs.join("; ")
  }.`;
}

Deno.test("the README reads pass@k of the committed result as the table's verdicts do", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const record = parseRecord(await Deno.readFile(`${results}embedded/results.json`));
  assertStringIncludes(readme.replace(/\s+/g, " "), passReading(methodTable(record, "pass")));
});

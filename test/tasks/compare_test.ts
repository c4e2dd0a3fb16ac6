import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { comparisonFormats } from "../../src/report/mod.ts";
import type { JsonValue } from "../../src/result/mod.ts";
import {
  embeddedRecord,
  type Repository,
  shifted,
  smallRecord,
  withRepository,
  withThreeResults,
} from "../result/history_fixture.ts";
import { type Outcome, runDeno, runTask } from "./run_task.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** The command line as its task starts it, in a repository's folder. */
async function run({ root }: Repository, ...args: readonly string[]): Promise<Outcome> {
  return await runTask(args, { cwd: root, folder: root });
}

/** Asserts that a text holds nothing that could steer a terminal. */
function assertInert(text: string): void {
  // deno-lint-ignore no-control-regex
  assertEquals(/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f\u202e]/.test(text), false, text.slice(0, 200));
}

Deno.test("compare tells commits, tags and paths apart, in every format, and leaves the work tree alone", async () => {
  await withThreeResults(async (repository) => {
    const three = ["first", "same", "worse", "--margin=10"];
    const { code, stdout, stderr } = await run(repository, "compare", ...three);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^first \(baseline\) +[0-9a-f]{12} .* full +verified by SHA256:/m);
    assertStringIncludes(stdout, `verified by ${repository.keyid}`);
    assertMatch(stdout, /^environment\.cpu +CPU +another CPU +CPU$/m);
    assertMatch(stdout, /^≡ {2}mini-math +bupo: same − first .* identical$/m);
    assertMatch(stdout, /^- {2}mini-math +bupo: worse − first .* worse$/m);
    const folder = "results/embedded";
    for (const format of comparisonFormats) {
      const { code, stdout, stderr } = await run(
        repository,
        "compare",
        "first..worse",
        folder,
        "--format",
        format,
      );
      assertEquals([code, stderr], [0, ""], format);
      assertStringIncludes(stdout, format === "latex" ? "mini-math" : folder);
    }
    assertEquals((await run(repository, "compare", ...three)).stdout, stdout);
    const json = JSON.parse((await run(repository, "compare", folder, "--json")).stdout);
    assertEquals(json.inputs[0].name, folder);
    assertEquals(new Set(json.pairs.map(({ kind }: { kind: string }) => kind)), new Set(["methods"]));
    const out = join(repository.root, "a comparison.md");
    const quiet = await run(repository, "compare", "first", "same", "--format=markdown", "--out", out);
    assertEquals([quiet.code, quiet.stdout], [0, ""]);
    assertMatch(
      await Deno.readTextFile(out),
      /^\| all \| bupo: same − first \| both hold the same results.json \|$/m,
    );
    assertEquals(await repository.git("status", "--porcelain"), '?? "a comparison.md"');
  });
});

Deno.test("compare ends with 0, 1, 2 or 3, and says why in lines", async () => {
  await withThreeResults(async (repository) => {
    const record = await smallRecord();
    await repository.write({ ...record, graderVersion: "1.0.0" });
    await repository.commit("another grader");
    await repository.git("tag", "grader");
    await repository.write({
      ...record,
      profile: { ...record.profile, methods: ["bupo"] },
      runs: record.runs.filter(({ method }) => method !== "grpo"),
    });
    await repository.commit("without GRPO");
    await repository.git("tag", "less");
    await repository.write(record);
    await Deno.writeTextFile(join(repository.folder(), "added"), "");
    await repository.commit("forged");
    await repository.git("tag", "forged");
    const evaluation = { ...record.profile.evaluation as Record<string, JsonValue>, limit: 40 };
    await repository.write({
      ...record,
      profile: { ...record.profile, name: "embedded-partial", evaluation },
    });
    await repository.commit("partial");
    await repository.git("tag", "partial");
    await repository.write({
      ...record,
      profile: { ...record.profile, seeds: [1] },
      runs: record.runs.filter(({ seed }) => seed === null || seed === 1),
    });
    await repository.commit("few seeds");
    await repository.git("tag", "few");
    await repository.write({ ...record, base: { ...record.base, digest: "b".repeat(64) } });
    await repository.commit("another base model");
    await repository.git("tag", "model");
    const gate = ["--fail-on", "regress"];
    const cases: readonly (readonly [number, string, string, readonly string[]])[] = [
      [0, "", "first same worse", []],
      [0, "", "first same", gate],
      [0, "", "worse first", gate],
      [1, "regression: bupo: worse − first on mini-aime: −", "first worse", gate],
      [0, "", "first worse", [...gate, "--threshold=60"]],
      [1, "regression: ", "worse first --baseline first", gate],
      [1, "inconclusive: bupo: few − first on mini-aime: ", "first few", gate],
      [0, "inconclusive, let pass: bupo: few − first on mini-aime: ", "first few", [
        ...gate,
        "--inconclusive=pass",
      ]],
      [1, "regression: bupo: worse", "first worse", [...gate, "--inconclusive=pass"]],
      [0, "", "first few", []],
      [0, "", "first:grpo same:bupo", []],
      [0, "", "first:grpo first:bupo", []],
      [1, "regression: worse:bupo − first:grpo on mini-math: −", "first:grpo worse:bupo", gate],
      [2, 'error: Cannot compare the method "gpro" of "first:gpro": expected one of', "first:gpro same", []],
      [
        3,
        "model cannot be compared with first: settings differ: base model (bbbbbbbb and ",
        "first model",
        [],
      ],
      [0, "", "first model --unequal-settings note", []],
      [3, "not comparable: grader cannot be compared with first: grader versions differ", "first grader", []],
      [
        3,
        "partial cannot be compared with first: partial is a partial run (--limit 40)",
        "first partial",
        [],
      ],
      [0, "", "first less", []],
      [3, "not comparable: less has no grpo", "first less", gate],
      [1, "regression: bupo: worse", "first grader worse", gate],
      [3, 'error: Cannot trust the result "forged": added: no statement names it', "first forged", []],
      [0, "", "first forged --allow-unverified", []],
      [2, 'error: Cannot find "frist"', "frist", []],
      [2, "error: Cannot compare: name results", "", []],
      [2, 'error: Cannot use "--fail-on regress" on one result', "first", gate],
      [2, 'error: Cannot use "--threshold" alone', "first same --threshold 1", []],
      [2, 'error: Cannot use "--inconclusive" alone', "first same --inconclusive pass", []],
      [
        2,
        'error: Cannot read "--inconclusive maybe": expected fail',
        "first same --inconclusive maybe",
        gate,
      ],
      [2, 'error: Cannot read "--threshold x"', "first same --threshold x", gate],
      [2, 'error: Cannot read "--fail-on worse": expected regress', "first same --fail-on worse", []],
      [2, 'error: Cannot read "--margin 0": expected a number', "first same --margin 0", []],
      [2, 'error: Cannot read "--format htm": expected terminal', "first same --format htm", []],
      [2, 'did you mean "html"?', "first same --format htm", []],
      [2, 'error: Cannot write both "--format csv" and "--json"', "first same --format csv --json", []],
      [2, 'error: Cannot show both "--flips" and "--flip"', "first same --flips --flip x", []],
      [2, 'error: Cannot compare results: two are named "first"', "first first", []],
      [2, 'error: Cannot compare results with "main": expected one of', "first same --baseline main", []],
      [2, 'error: Cannot find results in "empty"', "empty first", []],
      [3, 'Cannot compare "first" with the paper: it publishes no numbers of the model', "first paper", []],
      [2, "error: Cannot compare 2 results with the paper: name one", "first same paper", []],
      [2, "error: Cannot compare 0 results with the paper: name one", "paper", []],
      [2, "error: Cannot test or list problems against the paper", "first paper", gate],
      [2, "it has embedded", "first --profile smoke", []],
      [2, 'error: Cannot find the problem "zzz"', "first worse --flip zzz", []],
    ];
    for (const [expected, said, names, flags] of cases) {
      const args = [...names.split(" ").filter(Boolean), ...flags];
      const { code, stderr } = await run(repository, "compare", ...args);
      assertEquals(code, expected, `${args.join(" ")}: ${stderr}`);
      assertStringIncludes(stderr, said);
      if (said === "") assertEquals(stderr, "");
      else assert(stderr.split("\n").every((line) => !line.startsWith("    at ")), stderr);
    }
    const unverified = await run(repository, "compare", "forged", "--allow-unverified");
    assertMatch(unverified.stdout, /^forged \(baseline\) .* INVALID: added: no statement names it$/m);
  });
});

Deno.test("compare shows flips, and both completions of one beside each other, inert", async () => {
  await withThreeResults(async (repository) => {
    const { stdout } = await run(repository, "compare", "first", "worse", "--flips", "--json");
    const [table] = JSON.parse(stdout).tables;
    const broken = table.rows.filter((row: { pair: string }) => row.pair === "bupo: worse − first");
    assert(broken.length > 3);
    const [{ problem, suite }] = broken;
    const lines = (await run(repository, "compare", "first", "worse", "--flips")).stdout;
    assertStringIncludes(lines, problem);
    for (const format of comparisonFormats) {
      const flip = await run(repository, "compare", "first", "worse", "--flip", problem, "--format", format);
      assertEquals([flip.code, flip.stderr], [0, ""], format);
      assertInert(flip.stdout);
      assertStringIncludes(flip.stdout, "red");
      if (format === "html") assertEquals(flip.stdout.includes("<script"), false);
      if (format === "markdown") assertEquals(/<script|\]\(http/.test(flip.stdout), false);
      if (format !== "terminal") continue;
      assertStringIncludes(flip.stdout, `${suite}, problem ${problem}, bupo: worse − first: `);
      assertMatch(flip.stdout, /^ +1 +1 {2}one�.*one�/m);
    }
    const alone = await run(repository, "compare", "first", "--flip", problem);
    assertEquals(alone.code, 0);
    await Deno.remove(join(repository.folder(), "samples.jsonl.gz"));
    const lost = await run(
      repository,
      "compare",
      "first",
      "results/embedded",
      "--flip",
      problem,
      "--allow-unverified",
    );
    assertEquals([lost.code, lost.stderr], [
      3,
      'error: Cannot show the completions of "results/embedded": samples.jsonl.gz: it is missing\n',
    ]);
  });
});

Deno.test("a name that is a path and a revision is refused until it is written as one of them", async () => {
  await withThreeResults(async (repository) => {
    await repository.git("branch", "results/embedded", "first");
    const both = await run(repository, "compare", "results/embedded");
    assertEquals([both.code, both.stderr], [
      2,
      'error: Cannot tell what "results/embedded" is, a path or a revision: write ./results/embedded or heads/results/embedded\n',
    ]);
    const { code, stdout } = await run(
      repository,
      "compare",
      "./results/embedded",
      "heads/results/embedded",
    );
    assertEquals(code, 0);
    assertMatch(stdout, /^- {2}mini-aime +bupo: heads\/results\/embedded − |^\+ {2}mini-aime +bupo: heads/m);
  });
});

Deno.test("without git there are still the results on disk", async () => {
  await withRepository(async (repository) => {
    await repository.write(await embeddedRecord());
    const run = (...args: string[]) =>
      runDeno(["run", "-q", "--no-prompt", "--allow-read", "--allow-env=BUPO_TRACE", MAIN, ...args], {
        cwd: repository.root,
      });
    const disk = await run("compare", "results/embedded");
    assertEquals([disk.code, disk.stderr], [0, ""]);
    const head = await run("compare", "HEAD");
    assertEquals(head.code, 2);
    assertStringIncludes(head.stderr, "--allow-run=git is not given");
  });
});

Deno.test("compare puts a result beside the paper's tables", async () => {
  await withRepository(async (repository) => {
    const model = { repository: "OctoThinker/OctoThinker-3B-Long-Base", revision: "main" };
    const write = async (problems: number): Promise<void> => {
      const text = JSON.stringify(await smallRecord(problems)).replaceAll("mini-aime", "aime-2024")
        .replaceAll("mini-math", "aime-2025");
      const record = JSON.parse(text);
      await repository.write({ ...record, profile: { ...record.profile, model } });
    };
    await write(29);
    const part = await run(repository, "compare", "results/embedded", "paper");
    assertEquals(part.code, 3);
    assertStringIncludes(
      part.stderr,
      "its aime-2024 is not shown to be the whole data set (29 of 30 problems)",
    );
    await write(30);
    for (const format of comparisonFormats) {
      const args = ["compare", "results/embedded", "paper", "--format", format];
      const { code, stdout, stderr } = await run(repository, ...args);
      assertEquals([code, stderr], [0, ""], format);
      assertStringIncludes(stdout, "3.86");
      assertEquals(/better|worse|tied/.test(stdout), false);
      if (format !== "csv") assertStringIncludes(stdout, "43 standard deviations apart");
    }
  });
});

Deno.test("results lists what is on disk, signed, unsigned, invalid and unreadable", async () => {
  await withRepository(async (repository) => {
    const record = await embeddedRecord();
    await repository.write(record);
    await repository.write(shifted(record, "grpo", 1), { profile: "plain", signed: false });
    await repository.write(record, { profile: "forged" });
    await Deno.writeTextFile(join(repository.folder("forged"), "added"), "");
    await Deno.mkdir(repository.folder("broken"));
    await Deno.writeTextFile(join(repository.folder("broken"), "results.json"), "\x1b[31m");
    const { code, stdout, stderr } = await run(repository, "results");
    assertEquals([code, stderr], [0, ""]);
    assertInert(stdout);
    assertMatch(stdout, /^result +results\/broken\n─+\nrefused +Cannot use the result/m);
    assertMatch(stdout, /^signature +INVALID: added: no statement names it$/m);
    assertMatch(stdout, /^signature +unsigned$/m);
    assertStringIncludes(stdout, `verified by ${repository.keyid}`);
    const shares = record.runs.filter(({ method }) => method === "base").flatMap(({ suites }) =>
      Object.values(suites).map(({ correct }) =>
        correct.reduce((sum, count) => sum + count, 0) / (8 * correct.length)
      )
    );
    const mean = (100 * shares.reduce((sum, share) => sum + share, 0) / shares.length).toFixed(1);
    assertMatch(
      stdout,
      new RegExp(`^avg@k in % +Base ${mean} \\[\\d+\\.\\d, \\d+\\.\\d\\], GRPO × 3 \\d`, "m"),
    );
    const asJson = (await run(repository, "results", "--json")).stdout;
    assertInert(asJson);
    const { results } = JSON.parse(asJson);
    assertEquals(results.map(({ result }: { result: string }) => result), [
      "results/broken",
      "results/embedded",
      "results/forged",
      "results/plain",
    ]);
    assertEquals(results[1].suites, [
      { name: "mini-aime", problems: 120, samples: 8 },
      { name: "mini-math", problems: 120, samples: 8 },
    ]);
    assertEquals((await run(repository, "results", "results/embedded")).code, 0);
    for (
      const [args, said] of [[["none"], "no such directory"], [["results/keys"], "there are none"]] as const
    ) {
      const wrong = await run(repository, "results", ...args);
      assertEquals(wrong.code, 2);
      assertStringIncludes(wrong.stderr, said);
    }
  });
});

Deno.test("results --history lists the commits that changed a record, one line each", async () => {
  await withThreeResults(async (repository) => {
    const { code, stdout } = await run(repository, "results", "--history");
    assertEquals(code, 0);
    const lines = stdout.trim().split("\n").slice(3);
    assertEquals(lines.length, 2); // `same` changed the statement, not the record
    for (const line of lines) {
      assertMatch(line, /^[0-9a-f]{12} .* BuPO × 3 \d+\.\d \[.*\] +verified by SHA256:/);
    }
    const json = JSON.parse((await run(repository, "results", "--history", "first..worse", "--json")).stdout);
    assertEquals(json.commits.map(({ subject }: { subject: string }) => subject), ["worse"]);
    const none = await run(repository, "results", "--history", "--profile", "smoke");
    assertEquals(none.code, 2);
    assertStringIncludes(none.stderr, "no commit changed results/smoke/results.json");
    assertEquals((await run(repository, "results", "--history", "frist")).code, 2);
    assertEquals((await run(repository, "results", "--profile", "smoke")).code, 2);
  });
});

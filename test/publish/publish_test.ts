import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Ajv } from "ajv";
import { join } from "node:path";
import { parse } from "yaml";
import { canonicalJson, sha256 } from "../../src/canonical_json.ts";
import { partialReason, proved } from "../../src/judge/mod.ts";
import { exportResults, publication, readResult, type VerifiedResult } from "../../src/publish/mod.ts";
import { parseLeaderboard, renderPage } from "../../src/report/mod.ts";
import { type ResultRecord, verify } from "../../src/result/mod.ts";
import { command } from "../../tasks/publish.ts";
import { UsageError } from "../../tasks/shared/command.ts";
import { readProfile } from "../../tasks/shared/profile_flag.ts";
import {
  aggregateSchema,
  hubEntrySchema,
  lmEvalKeys,
  lmEvalTaskKeys,
  sampleSchema,
} from "../report/export_schemas.ts";
import { keysOf, newKey } from "../result/fixture.ts";
import { copyEmbedded, embeddedRecord, pageOf, QUICK, readAll, readWhatever } from "./published_fixture.ts";

/** Runs a test in a folder of its own. */
async function inFolder(run: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await run(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Every file below a folder: path to text. */
async function readTree(folder: string, prefix = ""): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(join(folder, prefix))) {
    const path = prefix === "" ? name : `${prefix}/${name}`;
    if (isDirectory) { for (const entry of await readTree(folder, path)) found.set(...entry); }
    else found.set(path, await Deno.readTextFile(join(folder, path)));
  }
  return new Map([...found].sort());
}

/** The first problems of a record's suites under the names of data sets on the Hub that have as many. */
function onTheHub(record: ResultRecord): ResultRecord {
  const names: Readonly<Record<string, string>> = { "mini-aime": "aime-2024", "mini-math": "aime-2025" };
  const renamed = (name: string): string => names[name] ?? name;
  return {
    ...record,
    profile: { ...record.profile, evaluation: { suites: Object.values(names), samples: 8 } },
    suites: record.suites.map((suite) => {
      return { ...suite, name: renamed(suite.name), problems: suite.problems.slice(0, 30) };
    }),
    runs: record.runs.map((run) => ({
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map(([name, outcome]) => [renamed(name), {
          ...outcome,
          correct: outcome.correct.slice(0, 30),
          unparsed: 0,
        }]),
      ),
    })),
  };
}

/** A result whose problems were compared with the data sets', as on a machine that has them. */
function compared(result: VerifiedResult): VerifiedResult {
  const { input } = result, claims = { ...input.judged.claims, problems: proved };
  return { ...result, input: { ...input, judged: { ...input.judged, claims } } };
}

Deno.test("readResult() takes what is signed and says why it leaves something out", async () => {
  await inFolder(async (root) => {
    const key = await copyEmbedded(root, "good", { commit: "abc" });
    await copyEmbedded(root, "changed", { key });
    await Deno.writeTextFile(join(root, "changed", "metrics", "grpo-1.jsonl"), "{}\n");
    await copyEmbedded(root, "foreign");
    await copyEmbedded(root, "broken", { key, line: () => "{" });
    const { results, excluded } = await readAll(
      root,
      ["good", "changed", "foreign", "absent", "broken"],
      key,
    );
    assertEquals(results.map(({ input }) => [input.name, input.commit]), [["good", "abc".padEnd(40, "0")]]);
    assertEquals(excluded.map(({ name }) => name), ["changed", "foreign", "absent", "broken"]);
    assertStringIncludes(
      excluded[3]?.reason ?? "",
      "it cannot be verified: samples.jsonl.gz: Cannot read samples.jsonl.gz: near line 1",
    );
    assertStringIncludes(
      excluded[0]?.reason ?? "",
      "it cannot be verified: metrics/grpo-1.jsonl: its SHA-256 is",
    );
    assertStringIncludes(
      excluded[1]?.reason ?? "",
      "it cannot be verified: manifest.intoto.json: it is signed by",
    );
    const bytes = await Deno.readFile(join(root, "good", "manifest.sigstore.json"));
    assertEquals(results[0]?.input.manifest, await sha256(bytes));
    assertEquals(results[0]?.input.key, key.publicKey.keyid);
  });
});

Deno.test("readResult() shows a result by a known key outside of the trusted list as untrusted", async () => {
  await inFolder(async (root) => {
    const key = await copyEmbedded(root, "good"), other = await newKey();
    const listed = (one: typeof key) =>
      new Map([[one.publicKey.keyid, { key: one.publicKey, owner: "lab" }]]);
    const read = async (trusted: ReturnType<typeof listed>) => {
      const result = await readResult(join(root, "good"), { ...keysOf(key), trusted }, {
        regrade: undefined,
      });
      assert(!("reason" in result), JSON.stringify(result));
      return [result.input.trusted, result.input.owner, result.judgement.claims.trust.state];
    };
    assertEquals(await read(listed(other)), [false, null, "not checked"]);
    assertEquals(await read(listed(key)), [true, "lab", "proved"]);
  });
});

Deno.test("partialReason() finds runs that cover only a part", async () => {
  const record = await embeddedRecord(), { profile } = record;
  assertEquals(partialReason(record), undefined);
  const evaluation = typeof profile.evaluation === "object" ? profile.evaluation : {};
  const cases: [ResultRecord, string][] = [
    [{ ...record, profile: { ...profile, evaluation: { ...evaluation, limit: 20 } } }, "--limit 20"],
    [{ ...record, profile: { ...profile, limit: 20 } }, "--limit 20"],
    [{ ...record, profile: { ...profile, seeds: [1, 2, 3, 4] } }, 'it lacks "grpo" with seed 4'],
    [{ ...record, runs: record.runs.slice(0, 4) }, 'it lacks "bupo" with seed 1'],
    [
      { ...record, profile: { ...profile, evaluation: { suites: ["aime-2024"] } } },
      'it lacks the suite "aime-2024"',
    ],
  ];
  for (const [partial, reason] of cases) assertEquals(partialReason(partial), reason);
});

Deno.test("transcripts are those of flipped problems, marked where grading again agrees", async () => {
  const { leaderboard, transcripts } = await pageOf({ embedded: {} });
  const [first, ...others] = transcripts.embedded ?? [];
  assert(first && others.length > 20);
  const pair = leaderboard.pairs.find(({ candidate, baseline, suite }) =>
    candidate === "bupo" && baseline === "grpo" && suite !== null
  );
  assertEquals([first.suite, first.problem], [pair?.suite, [...pair?.fixed ?? [], ...pair?.broken ?? []][0]]);
  for (const { answer, runs } of [first, ...others]) {
    assert(answer !== null);
    assertEquals(runs.length, 7);
    for (const { right, correct, responses } of runs) {
      assertEquals(right?.length, responses.length);
      assertEquals(right?.filter(Boolean).length, correct);
    }
  }
});

Deno.test("publish writes the same bytes again, exports included", async () => {
  await inFolder(async (root) => {
    await copyEmbedded(root, "good");
    const outputs = [];
    for (const out of ["a", "b"]) {
      const args = [join(root, "good"), "--keys", join(root, "keys"), "--out", join(root, out)];
      assertEquals(await command.run([...args, "--export", join(root, out, "export"), "--json"]), 0);
      outputs.push(await readTree(join(root, out)));
    }
    assertEquals(outputs[0], outputs[1]);
    const json = outputs[0]?.get("leaderboard.json") ?? "";
    parseLeaderboard(JSON.parse(json));
    assertEquals(canonicalJson(JSON.parse(json)) + "\n", json);
  });
});

Deno.test("publish tells by its exit code that something was left out, and refuses what is not there", async () => {
  await inFolder(async (root) => {
    const key = await copyEmbedded(root, "good");
    await copyEmbedded(root, "limited", {
      key,
      change: (record) => ({ ...record, profile: { ...record.profile, limit: 5 } }),
    });
    const flags = ["--keys", join(root, "keys"), "--out", join(root, "out"), "--json"];
    assertEquals(await command.run([join(root, "good"), join(root, "limited"), ...flags]), 1);
    const board = JSON.parse(await Deno.readTextFile(join(root, "out", "leaderboard.json")));
    assertEquals(board.excluded, [{ name: "limited", reason: "it is a partial run: --limit 5" }]);
    assertEquals(board.results.length, 1);
    await assertRejects(() => command.run([join(root, "absent")]), UsageError, "there is no such directory");
    await assertRejects(
      () => command.run([join(root, "good"), join(root, "good")]),
      UsageError,
      'named "good"',
    );
  });
});

Deno.test("a page without any result is still a page", async () => {
  const { page } = await publication([], [{ name: "x", reason: "it is <b>bold</b>" }]);
  assertStringIncludes(await renderPage(page), "No result can be shown yet.");
});

Deno.test("exports have the shapes that their readers demand", async (t) => {
  await inFolder(async (root) => {
    const key = await copyEmbedded(root, "plain");
    await copyEmbedded(root, "hub", { key, change: onTheHub });
    // What is not on the Hub as the record has it is refused; how it would be written is asked all the same.
    const [plain, hub] = await Promise.all(
      ["plain", "hub"].map((name) => readWhatever(join(root, name), key)),
    );
    assert(plain && hub);
    const results = [plain, compared(hub)];
    const { leaderboard } = await publication(results, [], QUICK);
    const out = join(root, "out"), record = await embeddedRecord();
    for (const result of results) {
      await exportResults(join(out, result.input.name), ".", [result], leaderboard);
    }
    const files = await readTree(out), ajv = new Ajv({ strict: false });
    const matching = (pattern: RegExp): [string, string][] =>
      [...files].filter(([path]) => pattern.test(path));

    await t.step("Every Eval Ever: aggregates", async () => {
      const validate = ajv.compile(aggregateSchema), aggregates = matching(/\/data\/.*\.json$/);
      assertEquals(aggregates.length, 14);
      for (const [path, text] of aggregates) {
        const value = JSON.parse(text);
        assert(validate(value), `${path} ${JSON.stringify(validate.errors)}`);
        assert(
          /\/data\/[^/]+\/[^/]+\/[^/]+\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.json$/
            .test(path),
        );
        const { file_path, checksum, total_rows } = JSON.parse(text).detailed_evaluation_results;
        assert(path.endsWith(file_path.replace("_samples.jsonl", ".json")));
        const samples = files.get(`${path.split("/")[0]}/${file_path}`) ?? "";
        assertEquals([checksum, total_rows], [await sha256(samples), samples.split("\n").length - 1]);
      }
      const sources = new Set(
        aggregates.flatMap(([, text]) =>
          JSON.parse(text).evaluation_results.map((result: { source_data: { source_type: string } }) =>
            result.source_data.source_type
          )
        ),
      );
      assertEquals([...sources].sort(), ["hf_dataset", "other"]);
    });

    await t.step("Every Eval Ever: samples", () => {
      const validate = ajv.compile(sampleSchema), base = matching(/plain\/.*-base\/.*_samples\.jsonl$/);
      const lines = base.flatMap(([, text]) => text.trimEnd().split("\n")).map((line) => JSON.parse(line));
      assertEquals(lines.length, 240);
      for (const line of lines) assert(validate(line), JSON.stringify(validate.errors));
      const counts = record.runs[0]?.suites["mini-aime"]?.correct ?? [];
      assertEquals(lines.slice(0, 120).map(({ evaluation }) => evaluation.score * 8), [...counts]);
    });

    await t.step("lm-eval", () => {
      const [first] = matching(/plain\/lm-eval\/.*bupo-seed1/), value = JSON.parse(first?.[1] ?? "");
      for (const name of lmEvalTaskKeys) {
        assertEquals(Object.keys(value[name]), ["mini-aime", "mini-math"], name);
      }
      for (const name of lmEvalKeys) assert(name in value, name);
      const { correct = [] } = record.runs.find(({ method, seed }) =>
        method === "bupo" && seed === 1
      )?.suites["mini-aime"] ?? {};
      const mean = correct.reduce((sum, count) => sum + count, 0) / 960;
      assertAlmostEquals(value.results["mini-aime"]["avg@8,none"], mean, 1e-12);
      assert(value.results["mini-aime"]["avg@8_stderr,none"] > 0);
      assertEquals(value["n-samples"]["mini-aime"], { original: 120, effective: 120 });
    });

    await t.step("Hugging Face: data sets on the Hub only", () => {
      assertEquals(matching(/^plain\/hub\//).length, 0);
      const validate = ajv.compile({ type: "array", minItems: 1, items: hubEntrySchema });
      const entries = matching(/^hub\/hub\/.*\/\.eval_results\/(aime-2024|aime-2025)\.yaml$/);
      assertEquals(entries.length, 14);
      for (const [path, text] of entries) {
        assert(validate(parse(text)), `${path} ${JSON.stringify(validate.errors)}`);
      }
    });

    await t.step("Hugging Face: nothing of problems that nobody compared, or of a part of them", async () => {
      const board = (await publication([hub], [], QUICK)).leaderboard;
      await exportResults(join(out, "unknown"), ".", [hub], board);
      const part = compared(hub), { suites } = part.input.judged;
      const judged = { ...part.input.judged, suites: suites.map((suite) => ({ ...suite, whole: false })) };
      const partial = { ...part, input: { ...part.input, judged } };
      await exportResults(
        join(out, "part"),
        ".",
        [partial],
        (await publication([partial], [], QUICK)).leaderboard,
      );
      const written = await readTree(out);
      assertEquals([...written.keys()].filter((path) => /^(unknown|part)\/hub\//.test(path)), []);
      assert([...written.keys()].some((path) => path.startsWith("part/data/")));
    });

    await t.step("Workflow Run RO-Crate", async () => {
      const [folder = ""] = [...files.keys()].flatMap((path) =>
        /^plain\/ro-crate\/.*\/ro-crate-metadata\.json$/.test(path) ? [join(out, path, "..")] : []
      );
      const crate = JSON.parse(await Deno.readTextFile(join(folder, "ro-crate-metadata.json")));
      const graph: Record<string, unknown>[] = crate["@graph"];
      const ids = graph.map((entity) => String(entity["@id"]));
      assertEquals(new Set(ids).size, ids.length);
      const references = JSON.stringify(graph).matchAll(/\{"@id":"([^"]+)"\}/g);
      const dangling = [...references].map(([, id]) => id ?? "").filter((id) =>
        !ids.includes(id) && !/^https?:/.test(id)
      );
      assertEquals(dangling, []);
      for (const { "@id": id, "@type": type } of graph) {
        if ([type].flat().includes("File")) assert((await Deno.stat(join(folder, String(id)))).isFile);
      }
      const get = (id: string): Record<string, unknown> => graph.find((entity) => entity["@id"] === id) ?? {};
      assertEquals(get("ro-crate-metadata.json").about, { "@id": "./" });
      const script = await Deno.readTextFile(join(folder, "reproduce.sh"));
      assertStringIncludes(script, 'deno task reproduce --profile "$here/profile.json"\n');
      // A clone reads it: nothing that a profile needs is missing.
      const { name } = await readProfile(join(folder, "profile.json"));
      assertEquals(name, "embedded");
      const run = get("#run");
      assertEquals([run["@type"], run.instrument], ["CreateAction", get("./").mainEntity]);
      for (const name of ["object", "result", "startTime", "endTime", "actionStatus"]) {
        assert(run[name], name);
      }
      // The copies are the signed files; only what the crate adds is unsigned.
      const { problems } = await verify(folder, keysOf(key));
      assertEquals(problems.map(({ file }) => file).sort(), [
        "profile.json",
        "reproduce.sh",
        "ro-crate-metadata.json",
      ]);
    });
  });
});

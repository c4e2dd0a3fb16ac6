/**
 * Writes verified results in other tools' formats.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { canonicalJson } from "../canonical_json.ts";
import { suiteLabel, withLabels } from "../judge/mod.ts";
import {
  everyEvalEverAggregate,
  everyEvalEverNames,
  everyEvalEverSample,
  type ExportedResult,
  hubResults,
  type Leaderboard,
  lmEvalPath,
  lmEvalResults,
  reproduceScript,
  resultFolder,
  roCrate,
} from "../report/mod.ts";
import { contentOf, parseSamples, SAMPLES_FILE, statementFiles } from "../result/mod.ts";
import { writeFileAtomic } from "../store.ts";
import { suiteDefinitions } from "../suite/mod.ts";
import { goldOf } from "./publication.ts";
import type { VerifiedResult } from "./read_result.ts";

/** JSON for people and diffs: sorted keys, indented. */
function prettyJson(value: unknown): string {
  return JSON.stringify(JSON.parse(canonicalJson(value)), null, 2) + "\n";
}

/** The harness's version, as `deno.json` says. */
async function harnessVersion(root: string): Promise<string> {
  const { version }: { version?: unknown } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  return typeof version === "string" ? version : "unknown";
}

/** Writes a result's samples, one file a run, line by line; returns digest and number of lines of each. */
async function writeSamples(
  directory: string,
  verified: VerifiedResult,
  exported: ExportedResult,
): Promise<Map<string, { sha256: string; rows: number }>> {
  const id = (method: string, seed: number | null): string => JSON.stringify([method, seed]);
  const written = new Map<string, { sha256: string; rows: number }>();
  const open = new Map<string, { file: Deno.FsFile; hash: ReturnType<typeof createHash>; rows: number }>();
  const encoder = new TextEncoder();
  const labels = new Map(verified.judgement.suites.map((suite) => [suite.name, suiteLabel(suite)]));
  try {
    for (const run of exported.record.runs) {
      const path = join(directory, (await everyEvalEverNames(exported, run)).samples);
      await Deno.mkdir(dirname(path), { recursive: true });
      const file = await Deno.open(path, { write: true, create: true, truncate: true });
      open.set(id(run.method, run.seed), { file, hash: createHash("sha256"), rows: 0 });
    }
    const lines = parseSamples(contentOf(verified.files, SAMPLES_FILE));
    for await (const { method, seed = null, suite, problem, responses } of lines) {
      const run = exported.record.runs.find((one) => one.method === method && one.seed === seed);
      const target = open.get(id(method, seed));
      if (!run || !target) continue;
      const answer = goldOf(verified.found, suite, problem)?.answer ?? null;
      const names = await everyEvalEverNames(exported, run);
      const line = everyEvalEverSample(exported, run, names, {
        suite: labels.get(suite) ?? suite,
        problem,
        responses,
        answer,
      });
      const bytes = encoder.encode(canonicalJson(line) + "\n");
      for (let at = 0; at < bytes.length;) at += await target.file.write(bytes.subarray(at));
      target.hash.update(bytes);
      target.rows++;
    }
    for (const [name, { hash, rows }] of open) written.set(name, { sha256: hash.digest("hex"), rows });
  } finally {
    for (const { file } of open.values()) file.close();
  }
  return written;
}

/** Rows that are decoded together: it changes no result, so results do not hold it, and a profile has to say it. */
const ROLLOUT_BATCH = 64;

/** Writes the crate of a result with copies of its files. */
async function writeCrate(
  directory: string,
  verified: VerifiedResult,
  exported: ExportedResult,
): Promise<void> {
  const crate = join(directory, "ro-crate", resultFolder(exported));
  const signatures = Object.values(statementFiles).flatMap(({ envelope, bundle }) => [envelope, bundle]);
  for (const name of verified.files.sizes.keys()) {
    if (/^(artifacts|checkpoints)\//.test(name)) continue;
    const path = join(crate, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    // What changed since it was judged ends in an error, and nothing of it stays.
    await Deno.writeFile(path, ReadableStream.from(contentOf(verified.files, name))).catch(async (error) => {
      await Deno.remove(path).catch(() => {});
      throw error;
    });
  }
  for (const [name, bytes] of verified.signatures) await writeFileAtomic(join(crate, name), bytes);
  const names = { workflow: "reproduce.sh", profile: "profile.json", signatures };
  await writeFileAtomic(join(crate, names.workflow), reproduceScript(exported, names.profile));
  await writeFileAtomic(
    join(crate, names.profile),
    prettyJson({ ...verified.record.profile, rolloutBatch: ROLLOUT_BATCH }),
  );
  await writeFileAtomic(join(crate, "ro-crate-metadata.json"), prettyJson(roCrate(exported, names)));
}

/**
 * Writes every result as Every Eval Ever (`data/`), lm-eval results (`lm-eval/`), Hub scores (`hub/`) and Workflow Run
 * RO-Crate (`ro-crate/`). All dates are the signed ones, so the same results give the same bytes.
 *
 * @param directory Where to write.
 * @param root The project's folder.
 */
export async function exportResults(
  directory: string,
  root: string,
  results: readonly VerifiedResult[],
  { results: listed, settings }: Leaderboard,
): Promise<void> {
  const version = await harnessVersion(root);
  const datasets = new Map(
    [...await suiteDefinitions(root)].flatMap(([name, { hub, rows, dedupe, selection }]) =>
      // Of rows that are drawn or repeat each other the definition does not say how many problems they make.
      dedupe || selection ? [] : [[name, { id: hub.id, revision: hub.revision, problems: rows }]]
    ),
  );
  for (const verified of results) {
    const result = listed.find(({ name }) => name === verified.input.name);
    if (!result) continue;
    const { result: signed } = verified.statements;
    const exported: ExportedResult = {
      result,
      // These formats have no place beside a suite's name.
      record: withLabels(verified.record, verified.judgement.suites),
      settings,
      files: signed.subject,
      datasets,
      version,
    };
    const samples = await writeSamples(directory, verified, exported);
    for (const run of exported.record.runs) {
      const written = samples.get(JSON.stringify([run.method, run.seed])) ?? { sha256: "", rows: 0 };
      const { aggregate } = await everyEvalEverNames(exported, run);
      await writeFileAtomic(
        join(directory, aggregate),
        prettyJson(await everyEvalEverAggregate(exported, run, written)),
      );
      await writeFileAtomic(
        join(directory, lmEvalPath(exported, run)),
        prettyJson(lmEvalResults(exported, run)),
      );
      for (const [path, text] of Object.entries(hubResults(exported, run))) {
        await writeFileAtomic(join(directory, path), text);
      }
    }
    await writeCrate(directory, verified, exported);
  }
}

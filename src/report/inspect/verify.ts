/**
 * Checks a signed report: its signature, its files, and that page, figures and statement are what its `inspect.json`
 * gives.
 *
 * @module
 */

import { join } from "node:path";
import { sha256 } from "../../canonical_json.ts";
import {
  type InspectionStatement,
  inspectionStatementFiles,
  openReport,
  parseRecord,
  type Problem,
  RECORD_FILE,
  type SignedReport,
  type VerifyKeys,
} from "../../result/mod.ts";
import { type Inspection, parseInspection } from "./document.ts";
import { inspectionFiles } from "./files.ts";

/** The data of a report. */
export const INSPECTION_FILE = "inspect.json";

/** The outcome of checking a report. */
export interface InspectionVerification {
  /** Is nothing false? */
  readonly ok: boolean;
  /** What does not hold, file by file. */
  readonly problems: readonly Pick<Problem, "file" | "problem">[];
  /** Every file that is there. */
  readonly files: readonly string[];
  /** The key of the signature, if it holds. */
  readonly keyid: string | null;
  /** Whose key it is, if the trusted list says so. */
  readonly owner: string | null;
  /** Is the key in the trusted list? */
  readonly trusted: boolean;
  /** The statement, if its signature holds. */
  readonly statement: InspectionStatement | null;
  /** The result whose checkpoints the models are: its folder, or why nobody looked. */
  readonly result: { readonly directory: string } | { readonly absent: string };
}

/** What is signed of a report besides its files. */
export function signedReport({ models, training }: Inspection): SignedReport {
  return {
    models: models.map(({ name, digest, run }) => ({
      name,
      digest,
      run: run && { method: run.method, seed: run.seed, step: run.step },
    })),
    profile: training?.profile ?? null,
    result: training?.result ?? null,
  };
}

/** A problem of the result that a report names, if there is one; where it lies, or why nobody looked. */
async function compareResult(
  directory: string,
  { training, models }: Inspection,
  add: (problem: string) => void,
): Promise<InspectionVerification["result"]> {
  if (!training?.result) return { absent: "the report names none" };
  for (const place of [join(directory, "..", training.profile), join(directory, "..")]) {
    const bytes = await Deno.readFile(join(place, RECORD_FILE)).catch(() => undefined);
    if (!bytes) continue;
    const digest = await sha256(bytes);
    if (digest !== training.result) {
      add(`the result in ${place} is another: its SHA-256 is ${digest}, the report says ${training.result}`);
      return { absent: "it is another" };
    }
    const { runs } = parseRecord(bytes);
    for (const { name, digest: checkpoint, run } of models) {
      if (!run || runs.some((own) => own.checkpoint === checkpoint)) continue;
      add(`${name} is no checkpoint of the result in ${place}`);
    }
    return { directory: place };
  }
  return { absent: `there is no result of ${training.profile} beside it` };
}

/** Compares a report's files with those that its document gives. */
async function compareFiles(
  inspection: Inspection,
  files: readonly string[],
  text: (name: string) => Promise<string>,
  add: (file: string, problem: string) => void,
): Promise<void> {
  const given = await inspectionFiles(inspection);
  const signatures: readonly string[] = Object.values(inspectionStatementFiles);
  for (const name of files) {
    const expected = given[name];
    if (expected === undefined) {
      if (!signatures.includes(name)) add(name, `${INSPECTION_FILE} gives no such file`);
    } else if (await text(name) !== expected) {
      add(name, `it is not what ${INSPECTION_FILE} gives with this version`);
    }
  }
  for (const name of Object.keys(given)) if (!files.includes(name)) add(name, "it is missing");
}

/** Verifies a report's folder; without a signature that holds nothing else is looked at. */
export async function verifyInspection(directory: string, keys: VerifyKeys): Promise<InspectionVerification> {
  const opened = await openReport(directory, keys), { statement, files, key, owner, trusted } = opened;
  const problems: { file: string; problem: string }[] = opened.problems.map(({ file, problem }) => {
    return { file, problem };
  });
  const add = (file: string, problem: string): void => {
    problems.push({ file, problem });
  };
  let result: InspectionVerification["result"] = { absent: "the signature does not hold" };
  if (statement) {
    try {
      const inspection = parseInspection(JSON.parse(await opened.text(INSPECTION_FILE)));
      await compareFiles(inspection, files, opened.text, add);
      const { models, profile, result: record } = statement.predicate;
      if (JSON.stringify({ models, profile, result: record }) !== JSON.stringify(signedReport(inspection))) {
        add(inspectionStatementFiles.envelope, `it speaks of other models than ${INSPECTION_FILE}`);
      }
      result = await compareResult(directory, inspection, (problem) => add(INSPECTION_FILE, problem));
    } catch (error) {
      add(INSPECTION_FILE, error instanceof Error ? error.message : String(error));
    }
  }
  return {
    ok: problems.length === 0,
    problems,
    files,
    keyid: key?.keyid ?? null,
    owner,
    trusted,
    statement: statement ?? null,
    result,
  };
}

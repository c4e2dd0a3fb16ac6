/**
 * The check of a result: manifest, key, signature, record, and the numbers on the page.
 *
 * @module
 */

import type { ComparedRecord } from "../../../compare/mod.ts";
import type { LeaderboardResult, LeaderboardRow } from "../../../leaderboard/mod.ts";
import { blockId } from "../../shared/mod.ts";
import { board, fromBase64, plainBytes, resultIndex, unpack } from "../data.ts";
import { type Bytes, hex, openKey, sha256, Unsupported } from "./signature.ts";

/** What came out of the check of a result. */
export interface Outcome {
  /** Whether it holds; unknown where the browser cannot check. */
  readonly state: "ok" | "failed" | "unknown";
  /** The same in words. */
  readonly text: string;
  /** What holds. */
  readonly checks: readonly string[];
  /** What does not, or null. */
  readonly problem: string | null;
}

/** What of a Sigstore bundle is read. */
interface Bundle {
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }];
  };
}

/** What of a statement is read. */
interface Statement {
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
}

/** The value in bytes of JSON; the caller says which, as only signed bytes and those to be checked are read. */
function parsed<T>(bytes: Bytes): T {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Do the numbers of a row follow from the record? */
function rowHolds(row: LeaderboardRow, record: ComparedRecord): boolean {
  const runs = record.runs.filter(({ method }) => method === row.method);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const near = (a: number, b: number | undefined): boolean => b !== undefined && Math.abs(a - b) < 1e-9;
  const scores = record.suites.map(({ name, samples }) => {
    const counts = runs.flatMap(({ suites }) => suites[name]?.correct ?? []);
    const average = mean(counts.map((count) => count / samples));
    const pass = mean(counts.map((count) => count > 0 ? 1 : 0));
    const shown = row.suites[name];
    return { average, pass, same: near(average, shown?.average.value) && near(pass, shown?.pass.value) };
  });
  return scores.every(({ same }) => same) &&
    near(mean(scores.map(({ average }) => average)), row.mean.average.value) &&
    near(mean(scores.map(({ pass }) => pass)), row.mean.pass.value);
}

/** Makes all checks of a result; `tell` is called with what holds. The first that does not is thrown. */
async function checkResult(result: LeaderboardResult, tell: (text: string) => void): Promise<void> {
  if (!globalThis.crypto?.subtle) throw new Unsupported("Web Crypto needs https or a local file");
  if (!globalThis.DecompressionStream) throw new Unsupported("it lacks DecompressionStream");
  const index = resultIndex(result.name);
  const spki = plainBytes(blockId("key", index)), bundle = await unpack(blockId("bundle", index));
  const bytes = await unpack(blockId("record", index));
  if (!spki || !bundle || !bytes) throw new Error("the page lacks its signed files");
  if (hex(await sha256(bundle)) !== result.manifest) {
    throw new Error("the manifest is another than the table names");
  }
  tell("The manifest is the one that the table names.");
  const { dsseEnvelope: { payload: content, payloadType, signatures: [{ keyid, sig }] } } = parsed<Bundle>(
    bundle,
  );
  const key = await openKey(spki), { fingerprint } = key;
  if (fingerprint !== result.key || keyid !== fingerprint) throw new Error("the key has another fingerprint");
  tell(`The key has the fingerprint ${fingerprint}.`);
  const payload = fromBase64(content);
  if (!await key.verify(fromBase64(sig), payloadType, payload)) {
    throw new Error("the signature does not hold");
  }
  tell(`Its ${key.label} signature holds.`);
  const { subject } = parsed<Statement>(payload);
  const digest = subject.find(({ name }) => name === "results.json")?.digest.sha256;
  if (digest !== hex(await sha256(bytes)) || digest !== result.record) {
    throw new Error("results.json has another SHA-256 than the manifest signs");
  }
  tell("results.json has the signed SHA-256.");
  const record = parsed<ComparedRecord>(bytes);
  const rows = board.rows.filter((row) => row.result === result.name);
  if (!rows.every((row) => row.manifest === result.manifest && rowHolds(row, record))) {
    throw new Error("the table shows other numbers than the signed record");
  }
  tell("The scores in the table follow from it.");
}

/** Checks a result; what is wrong is said and never thrown. */
export async function verifyResult(result: LeaderboardResult): Promise<Outcome> {
  const checks: string[] = [];
  try {
    await checkResult(result, (text) => checks.push(text));
    return { state: "ok", text: "signature holds", checks, problem: null };
  } catch (error) {
    if (error instanceof Unsupported) {
      return {
        state: "unknown",
        text: "cannot check in this browser",
        checks,
        problem: `Cannot check in this browser: ${error.message}.`,
      };
    }
    const known = error instanceof Error && error.name === "Error";
    const reason = known ? error.message : "the embedded files cannot be read";
    return { state: "failed", text: "does not hold", checks, problem: `Does not hold: ${reason}.` };
  }
}

/**
 * Signed results that a command would write over: whose are they, and of what?
 *
 * @module
 */

import { join } from "node:path";
import { canonicalJson, sha256 } from "../../src/canonical_json.ts";
import { modelDigest } from "../../src/model/mod.ts";
import { type JobContext, recordedProfile } from "../../src/pipeline/mod.ts";
import { BUNDLE_FILE, parseRecord, RECORD_FILE, type ResultRecord } from "../../src/result/mod.ts";
import { oneLine } from "./command.ts";

/** A signed result in a folder. */
interface SignedResult {
  /** Its record; `undefined` if that cannot be read. */
  readonly record: ResultRecord | undefined;
  /** Who signed it, as the bundle says; `undefined` if it does not. */
  readonly keyid: string | undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    // Where a file stands in a folder's place, whoever writes there says so.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** The key that a bundle names; what it says is not believed, only compared. */
function signerOf(bundle: string): string | undefined {
  return /"keyid"\s*:\s*"([^"]+)"/.exec(bundle)?.[1];
}

/** The signed result of a folder; `undefined` if there is none. */
async function signedResult(directory: string): Promise<SignedResult | undefined> {
  const bundle = await textOf(join(directory, BUNDLE_FILE));
  if (bundle === undefined) return undefined;
  const text = await textOf(join(directory, RECORD_FILE));
  let record: ResultRecord | undefined;
  try {
    record = text === undefined ? undefined : parseRecord(new TextEncoder().encode(text));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  return { record, keyid: signerOf(bundle) };
}

/** What of a signed result is another's than what would be written; none if nothing is. */
function differences(
  { record, keyid }: SignedResult,
  { profile }: JobContext,
  model: string,
  signer: string,
): ("profile" | "model" | "key")[] {
  const found: ("profile" | "model" | "key")[] = [];
  const same = record && canonicalJson(record.profile) === canonicalJson(recordedProfile(profile));
  if (!same) found.push("profile");
  if (record && record.base.digest !== model) found.push("model");
  if (keyid !== signer) found.push("key");
  return found;
}

/**
 * Where a result is written, which is never over a signed one of another profile, model or key.
 *
 * @param out The folder that was named. Where none was, a result that differs in its key alone, as the published ones do
 * in everybody's hands but their author's, is left alone, and a folder beside it is taken.
 * @param usual Where the profile's results are written otherwise.
 * @throws {RangeError} If such a result lies there: one line that says whose, and what to do.
 */
export async function resultTarget(
  context: JobContext,
  keyid: string,
  out: string | undefined,
  usual = `results/${context.profile.name}`,
): Promise<string> {
  const folder = out ?? usual, there = await signedResult(folder);
  if (!there) return folder;
  const found = differences(there, context, await modelDigest(context.files.model), keyid);
  if (found.length === 0) return folder;
  if (out === undefined && found.join() === "key") {
    const own = (await sha256(keyid)).slice(0, 8);
    return await resultTarget(context, keyid, `${folder}-${own}`, usual);
  }
  throw new RangeError(oneLine(
    `Cannot write to ${folder}: a signed result of another ${
      found.join(" and ")
    } lies there; write somewhere else with --out, or give it up with --replace`,
  ));
}

/**
 * Refuses to sign a folder again that another key has signed.
 *
 * @throws {RangeError} If another one has: one line that says what to do.
 */
export async function checkSigner(directory: string, keyid: string): Promise<void> {
  const there = await signedResult(directory);
  if (!there || there.keyid === keyid) return;
  throw new RangeError(oneLine(
    `Cannot sign ${directory}: ${
      there.keyid ?? "another key"
    } has signed it; sign a copy, or give that up with --replace`,
  ));
}

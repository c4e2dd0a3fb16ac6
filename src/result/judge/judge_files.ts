/**
 * Judges the files of a result: gathers the evidence, reading each file once, and puts it before the judge.
 *
 * @module
 */

import { contentId, sha256 } from "../../canonical_json.ts";
import {
  type ClaimName,
  claimNames,
  type Evidence,
  type Found,
  judge,
  type Judgement,
  type Regraded,
} from "../../judge/mod.ts";
import type { PublicKey, TrustedKey } from "../keys/mod.ts";
import { RECORD_FILE, type ResultRecord, SAMPLES_FILE } from "../record/mod.ts";
import type { Statements } from "../sign/mod.ts";
import { statementFiles } from "../statement/mod.ts";
import { readJson } from "./byproducts.ts";
import { compareFiles, type Contents, LISTS, logsOf, readContents, readRecord } from "./contents.ts";
import { Faults, type Problem } from "./fault.ts";
import { knowledgeOf } from "./knowledge.ts";
import { findProblems, type GoldProblems, type ProblemSource } from "./problems.ts";
import { type Recheck, regrade, regradedOf, type RegradeOptions } from "./regrade.ts";
import { type ResultFiles, sealedFiles } from "./result_files.ts";
import { openStatements, type Signed } from "./signed.ts";

/** Whose signatures are accepted. */
export interface VerifyKeys {
  /** Public keys by key id: without one of them no signature can be checked. */
  readonly published: ReadonlyMap<string, PublicKey>;
  /** The keys that the reader trusts; if given, the signature must be by one of them. */
  readonly trusted?: ReadonlyMap<string, TrustedKey> | undefined;
  /** What a signature by a known key outside of that list is: false, or shown as what nobody vouches for. */
  readonly strangers?: "refused" | "shown";
}

/** How a result is judged. */
export interface JudgeOptions extends ProblemSource {
  /** Whose signatures are accepted; absent: signatures are not looked at. */
  readonly keys?: VerifyKeys | undefined;
  /** Grades the completions again; absent: not. */
  readonly regrade?: RegradeOptions | undefined;
  /** Takes over what grading the same completions gave before; `make` grades. Default: grades. */
  readonly remembered?: ((key: string, make: () => Promise<Recheck>) => Promise<Recheck>) | undefined;
  /** The present time: RFC 3339 in UTC; default that of the clock. */
  readonly now?: string | undefined;
}

/** A judged result. */
export interface Judged {
  /** What came out. */
  readonly judgement: Judgement;
  /** What does not hold, file by file. */
  readonly problems: readonly Problem[];
  /** The record, if it can be read. */
  readonly record: ResultRecord | null;
  /** Why it cannot be read, or null. */
  readonly recordFault: string | null;
  /** Its bytes. */
  readonly recordBytes: Uint8Array<ArrayBuffer> | null;
  /** The statements, if their signatures hold and they fit their schemas. */
  readonly statements: Statements | null;
  /** The bytes of the files that hold them and their signatures, as far as they were read. */
  readonly signatures: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** The key of the signatures, if they hold. */
  readonly key: PublicKey | null;
  /** Graphs and checkpoints that are named by their digest and lie elsewhere. */
  readonly elsewhere: readonly string[];
  /** The files as they were judged: none that changed since can be read from them. */
  readonly files: ResultFiles;
  /** The training logs by `<method>-<seed>`. */
  readonly logs: ReadonlyMap<string, readonly unknown[]>;
  /** The problems that were found again. */
  readonly found: ReadonlyMap<string, Found<GoldProblems>>;
  /** What grading again gave, if that was asked for and possible. */
  readonly recheck: Recheck | null;
}

/** The suites whose problems are those of the record: completions of others cannot be graded by them. */
function usable(record: ResultRecord, found: Judged["found"]): Judged["found"] {
  return new Map(record.suites.map(({ name, digest }) => {
    const one = found.get(name) ?? { absent: "nobody looked" };
    const other = "value" in one && one.value.digest !== digest;
    return [name, other ? { absent: "this checkout finds other problems" } : one];
  }));
}

/** The file that a claim's reason begins with, and the rest of it. */
function placeOf(reason: string): readonly [string, string] {
  const [, file, rest] = /^([\w./-]+\.(?:json|jsonl|jsonl\.gz|safetensors)): (.*)$/s.exec(reason) ?? [];
  return file === undefined || rest === undefined ? [RECORD_FILE, reason] : [file, rest];
}

/** Adds what the judge alone found to the problems. */
function addClaims({ claims }: Judgement, faults: Faults): void {
  const noted = new Set<ClaimName>(faults.problems.map(({ check }) => check));
  for (const name of claimNames) {
    const claim = claims[name];
    if (claim.state === "false" && !noted.has(name)) faults.add(name, ...placeOf(claim.reason));
  }
}

/** Nobody looks at signatures. */
const unasked: Signed = { key: undefined, statements: undefined, signatures: new Map() };

/** Opens the statements and asks whose key it was. */
async function readSigned(files: ResultFiles, keys: VerifyKeys, faults: Faults): Promise<Signed> {
  if (files.fault !== undefined) faults.add("files", ".", files.fault);
  for (const name of files.refused) faults.add("files", name, "it is no plain file with a plain name");
  const known = new Map(keys.published);
  for (const [keyid, { key }] of keys.trusted ?? []) known.set(keyid, key);
  const signed = await openStatements(files, known, faults);
  const keyid = signed.key?.keyid;
  if (keyid !== undefined && keys.trusted && !keys.trusted.has(keyid) && keys.strangers !== "shown") {
    const problem = `it is signed by ${keyid}, which is none of the trusted keys`;
    faults.add("trust", statementFiles.result.envelope, problem);
  }
  return signed;
}

/** Everything that is known before completions are graded. */
interface Gathered extends Omit<Judged, "judgement" | "problems" | "recheck"> {
  readonly evidence: Evidence;
  readonly digests: ReadonlyMap<string, string>;
}

async function gather(files: ResultFiles, options: JudgeOptions, faults: Faults): Promise<Gathered> {
  const { keys, now = new Date().toISOString().replace(/\.\d+Z$/, "Z") } = options;
  const { key, statements, signatures } = keys ? await readSigned(files, keys, faults) : unasked;
  // Without signatures that hold nothing beside the record is looked at, unless nobody asked for them.
  const open = !keys || statements !== undefined, { value: record, bytes, fault } = await readRecord(files);
  const contents: Contents = open
    ? await readContents(files, { value: record, bytes }, faults)
    : { bytes: new Map(), digests: new Map(), samples: { absent: "the signatures do not hold" } };
  if (open && fault !== undefined) faults.add("schema", RECORD_FILE, fault);
  const elsewhere = statements ? compareFiles(contents, record, statements, faults) : [];
  const logs = logsOf(contents, "metrics"), probes = logsOf(contents, "probe");
  const found = record ? await findProblems(record, options) : new Map();
  const unsigned = keys ? "the signatures do not hold" : "nobody asked for signatures";
  const beside = <T>(value: T): Found<T> => open ? { value } : { absent: unsigned };
  const of = <T>(value: T | undefined, absent: string): Found<T> =>
    value === undefined ? { absent } : { value };
  const list = (name: string): Found<unknown> =>
    open ? readJson(contents.bytes.get(name)) : { absent: unsigned };
  const evidence: Evidence = {
    made: {
      signature: faults.claim("signature", key !== undefined, unsigned),
      trust: faults.claim(
        "trust",
        key !== undefined && keys?.trusted?.has(key.keyid) === true,
        !keys?.trusted
          ? "the reader gave no list of keys"
          : key
          ? `${key.keyid} is in no list of the reader's`
          : unsigned,
      ),
      files: faults.claim("files", statements !== undefined, unsigned),
      schema: faults.claim("schema", open, unsigned),
    },
    record: of(record, fault ?? ""),
    profileDigest: of(record && await contentId(record.profile), fault ?? ""),
    statements: of(statements, unsigned),
    knowledge: await knowledgeOf(),
    problems: found,
    logs: beside(logs),
    probes: beside(probes),
    artifacts: list(LISTS.artifacts),
    overlap: list(LISTS.overlap),
    samples: contents.samples,
    regraded: { absent: "deno task recheck grades them again" },
    now,
  };
  return {
    evidence,
    digests: contents.digests,
    record: record ?? null,
    recordFault: fault ?? null,
    recordBytes: bytes ?? null,
    statements: statements ?? null,
    signatures,
    key: key ?? null,
    elsewhere,
    files: sealedFiles(files, contents.digests),
    logs,
    found,
  };
}

/** Grades the completions again, unless that was done before. */
async function gradeAgain(
  { record, recordBytes, files, found, digests, evidence }: Gathered,
  options: RegradeOptions,
  remembered: JudgeOptions["remembered"],
): Promise<readonly [Recheck, Regraded] | undefined> {
  if (!record || !recordBytes) return undefined;
  const digest = await sha256(recordBytes), problems = usable(record, found);
  const make = (): Promise<Recheck> => regrade(files, record, digest, problems, options);
  if (!remembered) {
    const recheck = await make();
    return [recheck, regradedOf(record, problems, recheck)];
  }
  const key = await contentId({
    record: digest,
    samples: digests.get(SAMPLES_FILE) ?? null,
    problems: [...problems].map(([name, one]) => [name, "value" in one ? one.value.digest : null]),
    grader: evidence.knowledge.grader,
    most: options.most ?? null,
  });
  const recheck = await remembered(key, make);
  return [recheck, regradedOf(record, problems, recheck)];
}

/** Judges the files of a result: the one function behind every command that says whether a result holds. */
export async function judgeFiles(files: ResultFiles, options: JudgeOptions = {}): Promise<Judged> {
  const faults = new Faults(), gathered = await gather(files, options, faults);
  const { evidence, digests: _, ...rest } = gathered;
  let judgement = judge(evidence), recheck: Recheck | null = null;
  const { samples, problems } = judgement.claims;
  // Grading takes long, and says nothing of what is false already.
  if (options.regrade && samples.state === "proved" && problems.state !== "false") {
    const again = await gradeAgain(gathered, options.regrade, options.remembered);
    if (again) {
      recheck = again[0];
      judgement = judge({ ...evidence, regraded: { value: again[1] } });
    }
  }
  addClaims(judgement, faults);
  return { ...rest, judgement, problems: faults.problems, recheck };
}

/**
 * `deno task attest`: signs a run directory or a checkpoint.
 *
 * @module
 */

import { join } from "node:path";
import {
  afterEdit,
  attest,
  BUNDLE_FILE,
  describeEnvironment,
  loadPublishedKeys,
  loadSigningKey,
  MANIFEST_FILES,
  MODEL_SIGNATURE_FILE,
  parseRecord,
  type Problem,
  publishKey,
  readFacts,
  RECORD_FILE,
  type RunFacts,
  runMetadata,
  type Signing,
  type SigningKey,
  signingTime,
  signModel,
  sourceDependencies,
  verify,
} from "../src/result/mod.ts";
import { type Command, type Flags, oneLine, print, readFlags, UsageError } from "./shared/command.ts";
import { complain } from "./shared/found_result.ts";
import { algorithmFlag, keyPath } from "./keys.ts";
import { checkSigner } from "./shared/replace.ts";
import { askPassphrase } from "./shared/passphrase.ts";

/** What is known of a run that has no statement yet: this machine, this source tree, now. */
async function factsHere(directory: string, flags: Flags): Promise<RunFacts> {
  const now = new Date(), root = join(import.meta.dirname ?? ".", "..");
  const { model } = parseRecord(await Deno.readFile(join(directory, RECORD_FILE))).profile;
  return {
    environment: describeEnvironment({
      provider: flags.text("provider") ?? "unknown",
      threads: flags.integer("threads") ?? null,
      onnxruntime: "unknown",
    }),
    sources: await sourceDependencies(root, typeof model === "string" ? join(root, model) : undefined),
    metadata: runMetadata(now, now, Deno.env.get("SOURCE_DATE_EPOCH")),
  };
}

/**
 * What does not hold of the statements that lie in a directory, or `undefined` where there are none. What they say may only
 * be said again where they hold: else a file that was changed would be given the commit, the machine and the times of a run
 * that never wrote it.
 */
async function problemsBefore(
  directory: string,
  { publicKey }: SigningKey,
): Promise<readonly Problem[] | undefined> {
  const there = await Promise.all(
    MANIFEST_FILES.map((name) => Deno.lstat(join(directory, name)).then(() => true, () => false)),
  );
  if (!there.includes(true)) return undefined;
  const published = await loadPublishedKeys(join(directory, "..", "keys"), complain);
  published.set(publicKey.keyid, publicKey);
  return (await verify(directory, { published })).problems;
}

/** What is said of a run, and of this signing. */
async function factsFor(directory: string, key: SigningKey, flags: Flags): Promise<RunFacts> {
  const problems = await problemsBefore(directory, key), why = flags.text("after-edit");
  const [first] = problems ?? [];
  if (why !== undefined && !first) {
    throw new UsageError(
      `Cannot sign "${directory}" after an edit: ${
        problems ? "its statements hold" : "it was not signed before"
      }; leave out --after-edit`,
    );
  }
  if (first && why === undefined) {
    throw new TypeError(oneLine(
      `Cannot sign ${directory}: its statements do not hold: ${first.file}: ${first.problem}; restore its files, or sign them as they are with --after-edit "why"`,
    ));
  }
  const known = first || !problems ? undefined : await readFacts(directory);
  const facts = known ?? await factsHere(directory, flags);
  const signing: Signing = {
    signedOn: signingTime(new Date(), facts.metadata.finishedOn, Deno.env.get("SOURCE_DATE_EPOCH")),
    // An edit that was owned up to stays so, whoever signs again.
    ...(facts.signing?.afterEdit ? { afterEdit: facts.signing.afterEdit } : {}),
    ...(why === undefined ? {} : { afterEdit: afterEdit(why, (problems ?? []).map(({ file }) => file)) }),
  };
  return { ...facts, signing };
}

async function signResult(directory: string, key: SigningKey, flags: Flags): Promise<void> {
  const facts = await factsFor(directory, key, flags);
  // An edit that is owned up to says more than the flag.
  if (!flags.on("replace") && flags.text("after-edit") === undefined) {
    await checkSigner(directory, key.publicKey.keyid);
  }
  const { result } = await attest(directory, { ...facts, key, detached: flags.on("detached") });
  const keyFile = await publishKey(directory, key.publicKey);
  const file = join(directory, BUNDLE_FILE);
  print(`${file}: ${result.subject.length} files signed by ${key.publicKey.keyid} (${keyFile})`);
}

async function signCheckpoint(directory: string, key: SigningKey): Promise<void> {
  const { predicate, subject } = await signModel(directory, key);
  const file = join(directory, MODEL_SIGNATURE_FILE), root = subject[0]?.digest.sha256;
  print(`${file}: ${predicate.resources.length} files, root ${root}, signed by ${key.publicKey.keyid}`);
}

/** The command. */
export const command: Command = {
  help: `Usage: deno task attest <directory> [--key FILE] [--algorithm NAME] [--detached]
                          [--after-edit "why"]
       deno task attest --checkpoint DIR [--key FILE]

Signs every file of <directory> as it lies there: what came out (manifest.sigstore.json, and the bare DSSE
envelope manifest.intoto.json) and how it was made (provenance.*), and writes the public key to
<directory>/../keys. A directory whose statements hold keeps what they say of the environment, the sources
and the times; without statements, this machine's facts are recorded. Statements that do not hold, or files
that were changed since, are refused. With --checkpoint, signs all files of a model directory as OpenSSF Model
Signing does (model.sig).

  --key FILE         private key (default: $BUPO_KEY or ~/.config/bupo-bench/<algorithm>.pem; the Ed25519
                     one is made if missing)
  --algorithm NAME   ed25519 or p256 (default: ed25519, for --checkpoint p256)
  --checkpoint DIR   a model directory
  --detached         also sign results.json for minisign and OpenSSH (results.json.minisig, .sshsig)
  --replace          sign also what another key has signed, in its place
  --after-edit WHY   sign all the same where the statements do not hold: this machine's facts and the present
                     time are recorded, not those of the run, with the reason and the files
  --provider NAME    execution provider of the run, if there is no provenance (default: unknown)
  --threads N        its threads, if there is no provenance (default: unknown)

Example: deno task attest results/embedded`,

  async run(args) {
    const flags = readFlags(args, {
      boolean: ["detached", "replace"],
      string: ["key", "algorithm", "checkpoint", "provider", "threads", "after-edit"],
      positional: 1,
    });
    const [directory] = flags.positional, checkpoint = flags.text("checkpoint");
    if ((directory === undefined) === (checkpoint === undefined)) {
      throw new UsageError("Cannot sign: name a directory, such as results/embedded, or --checkpoint DIR");
    }
    const file = directory === undefined ? checkpoint ?? "" : join(directory, RECORD_FILE);
    const info = await Deno.stat(file).catch(() => undefined);
    if (directory !== undefined && !info?.isFile) {
      throw new UsageError(`Cannot sign "${directory}": there is no ${RECORD_FILE} in it`);
    }
    if (checkpoint !== undefined && !info?.isDirectory) {
      throw new UsageError(`Cannot sign "${checkpoint}": there is no such directory`);
    }
    const algorithm = algorithmFlag(flags) ?? (checkpoint === undefined ? "ed25519" : "p256");
    const isDefault = flags.text("key") === undefined && !Deno.env.get("BUPO_KEY");
    const key = await loadSigningKey(keyPath(flags, algorithm), {
      create: isDefault && algorithm === "ed25519",
      passphrase: () => askPassphrase(),
    });
    if (checkpoint !== undefined) await signCheckpoint(checkpoint, key);
    else if (directory !== undefined) await signResult(directory, key, flags);
    return 0;
  },
};

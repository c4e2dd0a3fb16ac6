/**
 * `deno task attest`: signs a run directory or a checkpoint.
 *
 * @module
 */

import { join } from "node:path";
import {
  attest,
  BUNDLE_FILE,
  describeEnvironment,
  loadSigningKey,
  MODEL_SIGNATURE_FILE,
  parseRecord,
  publishKey,
  readFacts,
  RECORD_FILE,
  type RunFacts,
  runMetadata,
  type SigningKey,
  signModel,
  sourceDependencies,
} from "../src/result/mod.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { algorithmFlag, keyPath } from "./keys.ts";
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

async function signResult(directory: string, key: SigningKey, flags: Flags): Promise<void> {
  const facts = await readFacts(directory) ?? await factsHere(directory, flags);
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
  summary: "Sign a result directory or a checkpoint with your own key",
  help: `Usage: deno task attest <directory> [--key FILE] [--algorithm NAME] [--detached]
       deno task attest --checkpoint DIR [--key FILE]

Signs every file of <directory> as it lies there: what came out (manifest.sigstore.json, and the bare DSSE
envelope manifest.intoto.json) and how it was made (provenance.*), and writes the public key to
<directory>/../keys. A directory that has a provenance keeps what it says of the environment, the sources
and the times; without one, this machine's facts are recorded. With --checkpoint, signs all files of a model
directory as OpenSSF Model Signing does (model.sig).

  --key FILE         private key (default: $BUPO_KEY or ~/.config/bupo-bench/<algorithm>.pem; the Ed25519
                     one is made if missing)
  --algorithm NAME   ed25519 or p256 (default: ed25519, for --checkpoint p256)
  --checkpoint DIR   a model directory
  --detached         also sign results.json for minisign and OpenSSH (results.json.minisig, .sshsig)
  --provider NAME    execution provider of the run, if there is no provenance (default: unknown)
  --threads N        its threads, if there is no provenance (default: unknown)

Example: deno task attest results/embedded`,

  async run(args) {
    const flags = readFlags(args, {
      boolean: ["detached"],
      string: ["key", "algorithm", "checkpoint", "provider", "threads"],
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

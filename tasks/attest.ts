/**
 * `deno task attest`: signs a run directory.
 *
 * @module
 */

import { join } from "node:path";
import {
  attest,
  describeEnvironment,
  ENVELOPE_FILE,
  loadSigningKey,
  type Predicate,
  publishKey,
  readStatement,
  RECORD_FILE,
  runMetadata,
  signingKeyPath,
  sourceDependencies,
} from "../src/result/mod.ts";
import { type Command, print, readFlags, UsageError } from "./command.ts";

/** What is known of a run that has no statement yet: this machine, this source tree, now. */
async function factsHere(
  provider: string,
  threads: number | null,
): Promise<Pick<Predicate, "environment" | "resolvedDependencies" | "metadata">> {
  const now = new Date();
  return {
    environment: describeEnvironment({ provider, threads, onnxruntime: "unknown" }),
    resolvedDependencies: await sourceDependencies(join(import.meta.dirname ?? ".", "..")),
    metadata: runMetadata(now, now, Deno.env.get("SOURCE_DATE_EPOCH")),
  };
}

/** The command. */
export const command: Command = {
  summary: "Sign a result directory with your own key",
  help: `Usage: deno task attest <directory> [--key FILE] [--provider NAME] [--threads N]

Signs every file of <directory> as it lies there: writes manifest.intoto.json (DSSE) and
manifest.sigstore.json, and the public key to <directory>/../keys. A directory that has a manifest
keeps what it says of the environment, the sources and the times; without one, this machine's facts
are recorded.

  --key FILE        private key (default: $BUPO_KEY or ~/.config/bupo-bench/ed25519.pem, made if missing)
  --provider NAME   execution provider of the run, if there is no manifest (default: unknown)
  --threads N       its threads, if there is no manifest (default: unknown)

Example: deno task attest results/embedded`,

  async run(args) {
    const flags = readFlags(args, { string: ["key", "provider", "threads"], positional: 1 });
    const directory = flags.positional[0];
    if (directory === undefined) {
      throw new UsageError("Cannot sign: name a directory, such as results/embedded");
    }
    const info = await Deno.stat(join(directory, RECORD_FILE)).catch(() => undefined);
    if (!info?.isFile) throw new UsageError(`Cannot sign "${directory}": there is no ${RECORD_FILE} in it`);
    const given = flags.text("key") ?? Deno.env.get("BUPO_KEY");
    const key = await loadSigningKey(given ?? signingKeyPath(), { create: given === undefined });
    const signed = await readStatement(directory);
    const facts = signed?.predicate ??
      await factsHere(flags.text("provider") ?? "unknown", flags.integer("threads") ?? null);
    const { subject } = await attest(directory, { ...facts, key });
    const keyFile = await publishKey(directory, key.publicKey);
    print(
      `${
        join(directory, ENVELOPE_FILE)
      }: ${subject.length} files signed by ${key.publicKey.keyid} (${keyFile})`,
    );
    return 0;
  },
};

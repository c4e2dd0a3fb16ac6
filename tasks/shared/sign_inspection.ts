/**
 * Signs the report that `inspect` wrote.
 *
 * @module
 */

import { type Inspection, signedReport } from "../../src/report/mod.ts";
import {
  describeEnvironment,
  loadSigningKey,
  publishKey,
  type ResourceDescriptor,
  runMetadata,
  type SigningKey,
  signingKeyPath,
  signInspection,
  sourceDependencies,
} from "../../src/result/mod.ts";
import { cpuInstructions } from "../../src/runtime/mod.ts";
import { askPassphrase } from "./passphrase.ts";

/** What is known before the work begins: asked for then, because hours later it would be too late. */
export interface ReportSigner {
  /** The key. */
  readonly key: SigningKey;
  /** The sources, before the report itself makes the tree look changed. */
  readonly sources: readonly ResourceDescriptor[];
  /** When the work began. */
  readonly started: Date;
}

/** Opens the key and looks at the sources. */
export async function reportSigner(root: string): Promise<ReportSigner> {
  const own = Deno.env.get("BUPO_KEY"), started = new Date();
  const key = await loadSigningKey(own ?? signingKeyPath(), {
    create: own === undefined,
    passphrase: () => askPassphrase(),
  });
  return { key, sources: await sourceDependencies(root), started };
}

/**
 * Signs a report's folder.
 *
 * @param command The command that made it, word by word.
 * @returns The file of the public key.
 */
export async function signReport(
  { key, sources, started }: ReportSigner,
  directory: string,
  inspection: Inspection,
  command: readonly string[],
): Promise<string> {
  const { provider, threads, onnxruntime } = inspection.engine, instructions = cpuInstructions();
  await signInspection(directory, signedReport(inspection), {
    command,
    sources,
    environment: describeEnvironment({
      provider,
      threads,
      onnxruntime,
      ...(instructions === undefined ? {} : { instructions }),
    }),
    metadata: runMetadata(started, new Date(), Deno.env.get("SOURCE_DATE_EPOCH")),
  }, key);
  return await publishKey(directory, key.publicKey);
}

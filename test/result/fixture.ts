import { join } from "node:path";
import {
  attest,
  fileDigest,
  generateKeyPem,
  type KeyAlgorithm,
  parseSigningKey,
  type PublicKey,
  publishKey,
  type ResultRecord,
  type RunFacts,
  type SigningKey,
  statementFiles,
  type StatementKind,
  writeRecord,
} from "../../src/result/mod.ts";
import { signEnvelope, sigstoreBundle } from "../../src/result/sign/dsse.ts";
import { writeDocument } from "../../src/result/record/schema.ts";

const digest = (digit: string): string => digit.repeat(64);

/** SHA-256 of the bytes 1, 2, 3 (`printf '\\1\\2\\3' | sha256sum`): the checkpoint that lies in the directory. */
const CHECKPOINT = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81";

/** A small, valid record. */
export function sampleRecord(): ResultRecord {
  const outcome = (correct: number[]) => ({ correct, truncated: 1, unparsed: 1, tokens: 340 });
  const suites = (a: number[], b: number[]) => ({ "mini-aime": outcome(a), "mini-math": outcome(b) });
  return {
    schema: "bupo-bench/results/v1",
    profile: { name: "sample", learningRate: 1e-6, methods: ["grpo"] },
    base: { digest: digest("a"), parameters: 1234 },
    artifacts: { "training_model.onnx": digest("b") },
    graderVersion: "2.0.0",
    suites: [
      { name: "mini-aime", digest: digest("c"), problems: ["a1", "a2", "a3"], samples: 4 },
      { name: "mini-math", digest: digest("d"), problems: ["m1", "m2"], samples: 2 },
    ],
    runs: [
      { method: "base", seed: null, checkpoint: null, suites: suites([0, 1, 2], [0, 1]) },
      { method: "grpo", seed: 1, checkpoint: CHECKPOINT, suites: suites([1, 4, 3], [2, 1]) },
      { method: "grpo", seed: 2, checkpoint: digest("f"), suites: suites([0, 3, 3], [1, 2]) },
    ],
  };
}

/** The facts of a made-up machine. */
export const facts: RunFacts = {
  environment: {
    provider: "cpu",
    threads: 1,
    onnxruntime: "1.30.0",
    deno: "2.9.6",
    os: "linux 6",
    arch: "x86_64",
    cpu: "CPU",
  },
  sources: [
    { name: "source", digest: { gitCommit: "0".repeat(40) }, annotations: { dirty: "unknown" } },
  ],
  metadata: { startedOn: "2026-01-01T00:00:00Z", finishedOn: "2026-01-01T00:10:00Z" },
};

/** A fresh key. */
export async function newKey(algorithm: KeyAlgorithm = "ed25519"): Promise<SigningKey> {
  return await parseSigningKey(await generateKeyPem({ algorithm }), "test");
}

/** Runs a test on a signed run directory inside a fresh folder. */
export async function withSigned(
  run: (directory: string, key: SigningKey) => Promise<void>,
  algorithm: KeyAlgorithm = "ed25519",
): Promise<void> {
  const root = await Deno.makeTempDir();
  const directory = join(root, "run");
  try {
    await writeRecord(directory, sampleRecord());
    await Deno.mkdir(join(directory, "checkpoints"));
    await Deno.writeFile(join(directory, "checkpoints", "grpo-1.safetensors"), new Uint8Array([1, 2, 3]));
    await Deno.mkdir(join(directory, "metrics"));
    await Deno.writeTextFile(join(directory, "metrics", "grpo-1.jsonl"), "{}\n");
    const key = await newKey(algorithm);
    await attest(directory, { ...facts, key });
    await publishKey(directory, key.publicKey);
    await run(directory, key);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** The keys that accept a signature. */
export function keysOf(...keys: readonly SigningKey[]): { published: Map<string, PublicKey> } {
  return { published: new Map(keys.map(({ publicKey }) => [publicKey.keyid, publicKey])) };
}

/** The statement in an envelope's file. */
export async function readPayload(directory: string, kind: StatementKind = "result"): Promise<Json> {
  const text = await Deno.readTextFile(join(directory, statementFiles[kind].envelope));
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(JSON.parse(text).payload)));
}

/** A JSON object that tests change. */
export type Json = ReturnType<typeof JSON.parse>;

/** Signs a text as one of a directory's statements, as a forger with a trusted key would. */
export async function forge(
  directory: string,
  key: SigningKey,
  payload: string,
  kind: StatementKind = "result",
): Promise<void> {
  const envelope = await signEnvelope(new TextEncoder().encode(payload), key);
  const bundle = await sigstoreBundle(envelope, key.publicKey);
  await Deno.writeTextFile(join(directory, statementFiles[kind].envelope), writeDocument(envelope));
  await Deno.writeTextFile(join(directory, statementFiles[kind].bundle), writeDocument(bundle));
}

/** Replaces `results.json` and signs both statements again with its digest, as a forger with a trusted key would. */
export async function forgeRecord(directory: string, key: SigningKey, text: string): Promise<void> {
  await Deno.writeTextFile(join(directory, "results.json"), text);
  const sha256 = await fileDigest(join(directory, "results.json"));
  for (const kind of ["result", "provenance"] as const) {
    const statement = await readPayload(directory, kind);
    for (const subject of statement.subject) if (subject.name === "results.json") subject.digest = { sha256 };
    await forge(directory, key, writeDocument(statement), kind);
  }
}

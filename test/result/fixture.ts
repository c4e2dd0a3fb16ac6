import { join } from "node:path";
import {
  attest,
  generateKeyPem,
  parseSigningKey,
  type Predicate,
  publishKey,
  type ResultRecord,
  type SigningKey,
  writeRecord,
} from "../../src/result/mod.ts";

const digest = (digit: string): string => digit.repeat(64);

/** A small, valid record. */
export function sampleRecord(): ResultRecord {
  const outcome = (correct: number[]) => ({ correct, truncated: 1, unparsed: 2, tokens: 340 });
  const suites = (a: number[], b: number[]) => ({ "mini-aime": outcome(a), "mini-math": outcome(b) });
  return {
    schema: "bupo-bench/results/v1",
    profile: { name: "sample", learningRate: 1e-6, methods: ["grpo"] },
    base: { digest: digest("a"), parameters: 1234 },
    artifacts: { "training_model.onnx": digest("b") },
    graderVersion: "1",
    suites: [
      { name: "mini-aime", digest: digest("c"), problems: ["a1", "a2", "a3"], samples: 4 },
      { name: "mini-math", digest: digest("d"), problems: ["m1", "m2"], samples: 2 },
    ],
    runs: [
      { method: "base", seed: null, checkpoint: null, suites: suites([0, 1, 2], [0, 1]) },
      { method: "grpo", seed: 1, checkpoint: digest("e"), suites: suites([1, 4, 3], [2, 1]) },
      { method: "grpo", seed: 2, checkpoint: digest("f"), suites: suites([0, 3, 3], [1, 2]) },
    ],
  };
}

/** The facts of a made-up machine. */
export const facts: Pick<Predicate, "environment" | "resolvedDependencies" | "metadata"> = {
  environment: {
    provider: "cpu",
    threads: 1,
    onnxruntime: "1.30.0",
    deno: "2.9.6",
    os: "linux 6",
    arch: "x86_64",
    cpu: "CPU",
  },
  resolvedDependencies: [
    { name: "source", digest: { gitCommit: "0".repeat(40) }, annotations: { dirty: "unknown" } },
  ],
  metadata: { startedOn: "2026-01-01T00:00:00Z", finishedOn: "2026-01-01T00:10:00Z" },
};

/** A fresh key. */
export async function newKey(): Promise<SigningKey> {
  return await parseSigningKey(await generateKeyPem(), "test");
}

/** Runs a test on a signed run directory inside a fresh folder. */
export async function withSigned(
  run: (directory: string, key: SigningKey) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  const directory = join(root, "run");
  try {
    await writeRecord(directory, sampleRecord());
    await Deno.mkdir(join(directory, "checkpoints"));
    await Deno.writeFile(join(directory, "checkpoints", "grpo-1.safetensors"), new Uint8Array([1, 2, 3]));
    await Deno.writeTextFile(join(directory, "metrics.jsonl"), "{}\n");
    const key = await newKey();
    await attest(directory, { ...facts, key });
    await publishKey(directory, key.publicKey);
    await run(directory, key);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

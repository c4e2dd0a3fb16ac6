/**
 * An honest result in memory, small and whole: completions whose counts are what the grader gives, logs, lists.
 *
 * @module
 */

import { canonicalJson } from "../../../src/canonical_json.ts";
import { runName } from "../../../src/judge/mod.ts";
import { graderVersion } from "../../../src/grade/mod.ts";
import { type Gold, type JsonValue, RECORD_SCHEMA, type ResultRecord } from "../../../src/result/mod.ts";
import { generateSuite, type PromptName, promptTemplates, suiteDigest } from "../../../src/suite/mod.ts";

/** A line of the samples. */
export interface Line {
  method: string;
  seed?: number;
  suite: string;
  problem: string;
  responses: string[];
}

/** JSON that a test may change. */
// deno-lint-ignore no-explicit-any
export type Loose = any;

/** The parts of a result before it is signed; a test changes its own copy. */
export interface Parts {
  record: Loose;
  lines: Line[];
  /** Training logs by `<method>-<seed>`. */
  logs: Record<string, Loose[]>;
  /** Probes by `<method>-<seed>`. */
  probes: Record<string, Loose[]>;
  artifacts: Loose;
  overlap: Loose;
  /** Answers by problem. */
  answers: Record<string, string>;
  /** What grades the completions of each problem. */
  golds: Record<string, Gold>;
}

/** Problems a suite, samples a problem. */
export const PROBLEMS = 12, SAMPLES = 4;

const SUITES = ["mini-aime", "mini-math"] as const;

/** A digest that stands for a file which is not there. */
export function digestOf(text: string): string {
  return new Uint8Array([...text].map((c) => c.charCodeAt(0) & 255)).toHex().padEnd(64, "7").slice(0, 64);
}

/** Is the sample of a run right? As many as make counts of all kinds, and more after training. */
function isRight(run: number, suite: number, problem: number, sample: number): boolean {
  return (problem * 7 + sample * 5 + suite * 3 + run * 2) % 8 < (run === 0 ? 3 : 4);
}

/** An honest result, made anew for each caller. */
export async function honestParts(): Promise<Parts> {
  const smoke = JSON.parse(
    await Deno.readTextFile(new URL("../../../benchmarks/profiles/smoke.json", import.meta.url)),
  );
  const { $schema: _, rolloutBatch: __, ...settings } = smoke;
  const profile: Loose = {
    ...settings,
    name: "honest",
    description: "A result of tests",
    seeds: [1, 2, 3],
    evaluation: { ...settings.evaluation, suites: [...SUITES], problems: PROBLEMS, samples: SAMPLES },
  };
  const { template, temperature, maxResponseTokens, evaluation: { suiteSeed, seed } } = profile;
  const policies: { method: string; seed: number | null }[] = [{ method: "base", seed: null }];
  for (const method of profile.methods) for (const seed of profile.seeds) policies.push({ method, seed });
  const suites = [], answers: Record<string, string> = {}, runs: Loose[] = [], lines: Line[] = [];
  const golds: Record<string, Gold> = {};
  for (const name of SUITES) {
    const problems = await generateSuite(name, "evaluation", PROBLEMS, suiteSeed);
    const sampling = { temperature, maxResponseTokens, samples: SAMPLES, seed };
    const digest = await suiteDigest(name, problems, promptTemplates[template as PromptName], sampling);
    for (const problem of problems) {
      answers[problem.id] = problem.answer;
      golds[problem.id] = problem;
    }
    suites.push({ name, digest, samples: SAMPLES, problems: problems.map(({ id }) => id) });
  }
  for (const [r, policy] of policies.entries()) {
    const outcomes: Loose = {};
    for (const [s, { name, problems }] of suites.entries()) {
      const correct = problems.map((id, p) => {
        const right = Array.from({ length: SAMPLES }, (_, i) => isRight(r, s, p, i));
        lines.push({
          ...policy.seed === null ? { method: policy.method } : { method: policy.method, seed: policy.seed },
          suite: name,
          problem: id,
          responses: right.map((good, i) =>
            `${runName(policy)} tries ${i}: \\boxed{${good ? answers[id] : "-98765"}}`
          ),
        });
        return right.filter(Boolean).length;
      });
      outcomes[name] = { correct, truncated: 0, unparsed: 0, tokens: 10 * PROBLEMS * SAMPLES };
    }
    const checkpoint = policy.seed === null ? null : digestOf(runName(policy));
    runs.push({ ...policy, checkpoint, suites: outcomes });
  }
  const record: ResultRecord = {
    schema: RECORD_SCHEMA,
    profile: profile as { name: string; [setting: string]: JsonValue },
    base: { digest: digestOf("base"), parameters: 1000 },
    artifacts: { "training_model.onnx": digestOf("graph") },
    graderVersion,
    suites,
    runs,
  };
  const { steps, internalSteps, internalLayer, learningRate } = profile.training;
  const logs = Object.fromEntries(policies.flatMap(({ method, seed }, r) =>
    seed === null ? [] : [[
      `${method}-${seed}`,
      Array.from({ length: steps }, (_, index) => ({
        step: index + 1,
        policy: method === "bupo" && index < internalSteps ? internalLayer : "full",
        learningRate,
        rewardMean: (r + index) / 20,
      })),
    ]]
  ));
  const entry = (suite: string): Loose => {
    return { suite, problems: PROBLEMS, short: 0, exact: [], meaning: [], ngram: [] };
  };
  return {
    record,
    lines,
    logs,
    probes: Object.fromEntries(
      Object.keys(logs).map((run, r) => [run, [0, 1, 2].map((step) => probeRow(step, step * (r + 1)))]),
    ),
    artifacts: {
      checkpoint: { bytes: 1, sha256: digestOf("weights") },
      "training_model.onnx": { bytes: 1, sha256: digestOf("graph") },
    },
    overlap: { training: SUITES.map(entry), pretraining: null },
    answers,
    golds,
  };
}

/** A row of probes: what two layers say, the more certain the later the step. */
function probeRow(step: number, change: number): Loose {
  const mean = (value: number): Loose => ({ mean: value, low: value - 0.1, high: value + 0.1 });
  const layers = [1, 2].map((layer) => ({ layer, entropy: mean(5 - layer - change / 20) }));
  return { step, tokens: 40, completions: 4, problems: 4, entropy: mean(2 - change / 20), layers };
}

/** A copy that shares nothing. */
export function copyOf(parts: Parts): Parts {
  return structuredClone(parts);
}

/** Text as gzip. */
async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The files that a run writes of its parts, by name; a part that is undefined has none. */
export async function filesOf(parts: Parts): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const document = (value: unknown): Uint8Array<ArrayBuffer> => encode(canonicalJson(value) + "\n");
  const { record, lines, logs, probes, artifacts, overlap } = parts;
  const files = new Map([["results.json", document(record)]]);
  if (artifacts !== undefined) files.set("artifacts.json", document(artifacts));
  if (overlap !== undefined) files.set("overlap.json", document(overlap));
  for (const [run, steps] of Object.entries(logs)) {
    files.set(`metrics/${run}.jsonl`, encode(steps.map((step) => canonicalJson(step) + "\n").join("")));
  }
  for (const [run, rows] of Object.entries(probes)) {
    files.set(`probe/${run}.jsonl`, encode(rows.map((row) => canonicalJson(row) + "\n").join("")));
  }
  if (lines !== undefined) {
    files.set("samples.jsonl.gz", await gzip(lines.map((line) => canonicalJson(line) + "\n").join("")));
  }
  return files;
}

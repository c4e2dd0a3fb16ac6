/**
 * Results of runs that nobody made, for what the page has to carry: real suites and their sizes, numbers from a fixed
 * generator, files that fit each other, real signatures.
 */

import { join } from "node:path";
import { canonicalJson, sha256 } from "../../src/canonical_json.ts";
import { graderVersion } from "../../src/grade/mod.ts";
import { RandomStream } from "../../src/random.ts";
import {
  attest,
  publishKey,
  type ResultRecord,
  type Run,
  type SigningKey,
  writeRecord,
} from "../../src/result/mod.ts";
import {
  generatedSuites,
  loadSuite,
  type PromptName,
  promptTemplates,
  suiteDefinitions,
  suiteDigest,
} from "../../src/suite/mod.ts";
import { facts } from "../result/fixture.ts";
import { through } from "./published_fixture.ts";

/** What a result is made from. */
export interface Plan {
  /** The profile's name. */
  readonly profile: string;
  /** The base model, as a profile has it. */
  readonly model:
    & ResultRecord["profile"]["model"]
    & (string | { readonly repository: string; readonly revision: string });
  /** Number of parameters. */
  readonly parameters: number;
  /** Names of the suites. */
  readonly suites: readonly string[];
  /** Samples a problem. */
  readonly samples: number;
  /** Trained methods with their gains over the base model, as shares. */
  readonly methods: Readonly<Record<string, number>>;
  /** Training seeds. */
  readonly seeds: readonly number[];
  /** Training steps. */
  readonly steps: number;
  /** Problems of each generated suite. */
  readonly problems?: number;
  /** The mean share that the base model solves. */
  readonly level?: number;
  /** What tells its numbers from those of another result of the plan. */
  readonly draw?: number;
  /** The grader's version; default the present one. */
  readonly grader?: string;
  /** Further settings of the profile. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Changes the record before it is signed. */
  readonly change?: (record: ResultRecord) => ResultRecord;
  /** The commit's first digits. */
  readonly commit: string;
  /** When the run ended. */
  readonly date: string;
}

/** A problem as it is needed here. */
interface Drawn {
  readonly id: string;
  readonly answer: string;
}

/** A suite's problems: those of a generated suite, or made-up ids in the number of a data set. */
async function problemsOf(name: string, count: number): Promise<readonly Drawn[]> {
  if (Object.hasOwn(generatedSuites, name)) {
    const file = (): Promise<string> => Promise.reject(new RangeError("a generated suite has no file"));
    return (await loadSuite(name, { root: ".", files: { file }, split: "evaluation", seed: 1, count }))
      .problems;
  }
  const definition = (await suiteDefinitions(".")).get(name);
  return await Promise.all(
    Array.from({ length: definition?.rows ?? 0 }, async (_, i) => {
      return { id: (await sha256(`${name} ${i}`)).slice(0, 16), answer: String(i) };
    }),
  );
}

/** A step's metrics, with the noise of a real run. */
function stepLine(step: number, plan: Plan, method: string, random: RandomStream, internal: number): string {
  const progress = step / plan.steps, noise = (size: number): number => size * (random.uniform() - 0.5);
  return canonicalJson({
    step,
    policy: method === "bupo" && step <= internal ? 3 : "full",
    learningRate: 0.0002,
    rewardMean: 0.2 + 0.35 * progress + (plan.methods[method] ?? 0) * progress + noise(0.12),
    entropy: 0.6 - 0.35 * progress + noise(0.08),
    responseLength: 600 + 250 * progress + noise(120),
    gradientNorm: 0.2 + 0.3 * random.uniform(),
    layerEntropy: 0.05 + noise(0.02),
    tokens: 6000 + Math.round(noise(900)),
  });
}

/** Makes the directory `<root>/<name>` and publishes the key beside it. */
export async function makeResult(root: string, name: string, plan: Plan, key: SigningKey): Promise<void> {
  const directory = join(root, name), template: PromptName = "bare", internal = 4;
  const drawn = await Promise.all(plan.suites.map(async (suite) => {
    const problems = await problemsOf(suite, plan.problems ?? 120);
    const sampling = { temperature: 1, maxResponseTokens: 40, samples: plan.samples, seed: 1 };
    return {
      name: suite,
      problems,
      digest: await suiteDigest(suite, problems, promptTemplates[template], sampling),
    };
  }));
  const lines: string[] = [], runs: Run[] = [];
  const made = [
    { method: "base", seed: null, gain: 0 },
    ...Object.entries(plan.methods).flatMap(([method, gain]) =>
      plan.seeds.map((seed) => ({ method, seed, gain }))
    ),
  ];
  for (const [index, { method, seed, gain }] of made.entries()) {
    const suites: Record<string, Run["suites"][string]> = {};
    for (const { name: suite, problems } of drawn) {
      const difficulty = new RandomStream("difficulty", suite.length, plan.suites.indexOf(suite));
      const luck = new RandomStream("luck", plan.draw ?? 0, index * 100 + plan.suites.indexOf(suite));
      const correct = problems.map(({ id, answer }) => {
        const ability = Math.min(0.98, Math.max(0, 2 * (plan.level ?? 0.35) * difficulty.uniform() + gain));
        const right = Array.from({ length: plan.samples }, () => luck.uniform() < ability);
        const responses = right.map((ok, i) =>
          `${method} ${seed ?? ""} tries ${i}, ${Math.floor(luck.uniform() * 1e6)}: \\boxed{${
            ok ? answer : "-1"
          }}`
        );
        lines.push(
          canonicalJson({ method, problem: id, responses, suite, ...(seed === null ? {} : { seed }) }),
        );
        return right.filter(Boolean).length;
      });
      const completions = problems.length * plan.samples;
      suites[suite] = { correct, truncated: index, unparsed: 0, tokens: 24 * completions + 7 * index };
    }
    const checkpoint = seed === null ? null : await sha256(`${name} ${method} ${seed}`);
    runs.push({ method, seed, checkpoint, suites });
  }
  const graphs = { "training_model.onnx": await sha256("graph") };
  const record: ResultRecord = {
    schema: "bupo-bench/results/v1",
    profile: {
      name: plan.profile,
      description: `A made-up run of ${plan.profile}, for the test of the page`,
      model: plan.model,
      methods: Object.keys(plan.methods),
      seeds: [...plan.seeds],
      temperature: 1,
      maxResponseTokens: 40,
      template,
      loss: "reference",
      training: {
        suites: ["mini-math"],
        steps: plan.steps,
        learningRate: 0.0002,
        promptsPerStep: 32,
        groupSize: 8,
        updatesPerStep: 2,
        warmupSteps: 0,
        internalLayer: 3,
        internalSteps: internal,
      },
      evaluation: {
        suites: [...plan.suites],
        suiteSeed: 1,
        seed: 1,
        samples: plan.samples,
        checkpoint: "last",
        ...(plan.suites.every((suite) => Object.hasOwn(generatedSuites, suite))
          ? { problems: plan.problems ?? 120 }
          : {}),
      },
      ...plan.settings,
    },
    base: { digest: await sha256(JSON.stringify(plan.model)), parameters: plan.parameters },
    artifacts: graphs,
    graderVersion: plan.grader ?? graderVersion,
    suites: drawn.map(({ name, problems, digest }) => {
      return { name, digest, problems: problems.map(({ id }) => id), samples: plan.samples };
    }),
    runs,
  };
  const changed = plan.change?.(record) ?? record;
  await writeRecord(directory, changed);
  await Deno.mkdir(join(directory, "metrics"));
  for (const [index, { method, seed }] of changed.runs.entries()) {
    if (seed === null) continue;
    const random = new RandomStream("training", plan.draw ?? 0, index);
    const steps = Array.from(
      { length: plan.steps },
      (_, i) => stepLine(i + 1, plan, method, random, internal),
    );
    await Deno.writeTextFile(join(directory, "metrics", `${method}-${seed}.jsonl`), steps.join("\n") + "\n");
  }
  const kept = lines.filter((line) => {
    const { method, seed = null } = JSON.parse(line);
    return changed.runs.some((run) => run.method === method && run.seed === seed);
  });
  const samples = new TextEncoder().encode(kept.map((line) => line + "\n").join(""));
  await Deno.writeFile(
    join(directory, "samples.jsonl.gz"),
    await through(samples, new CompressionStream("gzip")),
  );
  const listed = Object.entries(graphs).map(([graph, digest]) => [graph, { bytes: 1, sha256: digest }]);
  await Deno.writeTextFile(
    join(directory, "artifacts.json"),
    canonicalJson(Object.fromEntries(listed)) + "\n",
  );
  const overlap = drawn.map(({ name, problems: { length } }) => {
    return { suite: name, problems: length, short: 0, exact: [], meaning: [], ngram: [] };
  });
  await Deno.writeTextFile(
    join(directory, "overlap.json"),
    canonicalJson({ training: overlap, pretraining: null }) + "\n",
  );
  await attest(directory, {
    ...facts,
    sources: [{
      name: "source",
      digest: { gitCommit: plan.commit.padEnd(40, "0") },
      annotations: { dirty: false },
    }],
    metadata: { startedOn: plan.date.replace(/T.*/, "T00:00:00Z"), finishedOn: plan.date },
    key,
  });
  await publishKey(directory, key.publicKey);
}

/** The embedded profile's shape. */
export const small: Plan = {
  profile: "embedded",
  model: "benchmarks/model",
  parameters: 1_461_280,
  suites: ["mini-aime", "mini-math"],
  samples: 8,
  methods: { grpo: 0.06, bupo: 0.13 },
  seeds: [1, 2, 3],
  steps: 40,
  level: 0.3,
  commit: "a1",
  date: "2026-03-01T02:13:00Z",
};

/** Six methods on two data sets. */
export const methods: Plan = {
  profile: "qwen3-0.6b",
  model: { repository: "Qwen/Qwen3-0.6B", revision: "c1899de289a04d12100db370d81485cdf75e47ca" },
  parameters: 596_049_920,
  suites: ["math-500", "amc-2023"],
  samples: 4,
  methods: { grpo: 0.09, bupo: 0.08, "reinforce-plus-plus": 0.05, rloo: 0.06, "dr-grpo": 0.02 },
  seeds: [1, 2],
  steps: 300,
  commit: "b2",
  date: "2026-04-01T20:40:00Z",
};

/** All data sets that are evaluated on. */
export const wide: Plan = {
  profile: "qwen3-4b",
  model: { repository: "Qwen/Qwen3-4B", revision: "1cfa9a7208912126459214e8b04321603b3df60c" },
  parameters: 4_022_468_096,
  suites: [
    ...["aime-2024", "aime-2025", "amc-2023", "math-500", "minerva", "olympiadbench", "gsm8k"],
  ],
  samples: 2,
  methods: { grpo: 0.3, bupo: 0.29 },
  seeds: [1],
  steps: 60,
  level: 0.45,
  commit: "c3",
  date: "2026-05-01T11:05:00Z",
};

/** Six results: three profiles, nine suites; one partial, one by an older grader. Which of two keys signs each is said. */
export const six: Readonly<Record<string, readonly [plan: Plan, key: "ours" | "theirs"]>> = {
  embedded: [small, "ours"],
  "embedded-2025": [
    { ...small, grader: "1.0.0", draw: 1, commit: "a0", date: "2026-02-01T02:20:00Z" },
    "ours",
  ],
  "embedded-cut": [
    {
      ...small,
      draw: 2,
      commit: "a2",
      date: "2026-03-05T02:20:00Z",
      change: (record) => ({ ...record, runs: record.runs.slice(0, -1) }),
    },
    "ours",
  ],
  // The same name, other settings: a group of its own.
  "embedded-text": [
    { ...small, draw: 3, settings: { loss: "paper" }, commit: "a3", date: "2026-03-09T02:20:00Z" },
    "ours",
  ],
  "qwen3-0.6b": [methods, "theirs"],
  "qwen3-4b": [wide, "ours"],
};

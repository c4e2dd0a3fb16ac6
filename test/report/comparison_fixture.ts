import { RandomStream } from "../../src/random.ts";
import type { ComparedRecord, ComparisonInput } from "../../src/report/mod.ts";

/** What a simulated method can do: success probabilities move by its gain. */
export interface SimulatedMethod {
  readonly name: string;
  readonly gain: number;
  readonly seeds: number;
  /** Whether other seeds might have come out; default true. */
  readonly trained?: boolean;
}

/** A simulated record; the problems' difficulties depend on the suite alone, the samples also on the key. */
export function simulatedRecord(
  key: string,
  methods: readonly SimulatedMethod[],
  { problems = 200, samples = 8, suites = ["suite"] } = {},
): ComparedRecord {
  const random = new RandomStream("samples", key);
  const difficulty = suites.map((suite) => {
    const draws = new RandomStream("difficulty", suite);
    return Array.from({ length: problems }, () => draws.uniform());
  });
  const count = (chance: number): number => {
    let correct = 0;
    for (let i = 0; i < samples; i++) if (random.uniform() < chance) correct++;
    return correct;
  };
  return {
    profile: { name: "simulated", training: { steps: 40 } },
    base: { digest: "a".repeat(64) },
    graderVersion: "2.0.0",
    suites: suites.map((name) => ({
      name,
      digest: "c".repeat(64),
      problems: Array.from({ length: problems }, (_, i) => `p${i}`),
      samples,
    })),
    runs: methods.flatMap(({ name, gain, seeds, trained = true }) =>
      Array.from({ length: seeds }, (_, seed) => ({
        method: name,
        seed: trained ? seed : null,
        suites: Object.fromEntries(suites.map((suite, index) => [suite, {
          correct: (difficulty[index] ?? []).map((p) => count(p + gain)),
          truncated: problems,
          unparsed: 0,
          tokens: problems * samples * 50,
        }])),
      }))
    ),
  };
}

/** A record with the problems of every suite in another order. */
export function reordered(record: ComparedRecord): ComparedRecord {
  const order = (length: number): number[] =>
    new RandomStream("order").shuffle(Array.from({ length }, (_, i) => i));
  return {
    ...record,
    suites: record.suites.map((suite) => ({
      ...suite,
      problems: order(suite.problems.length).map((i) => suite.problems[i] ?? ""),
    })),
    runs: record.runs.map((run) => ({
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map(([name, outcome]) => [name, {
          ...outcome,
          correct: order(outcome.correct.length).map((i) => outcome.correct[i] ?? NaN),
        }]),
      ),
    })),
  };
}

/** Two inputs: a baseline and a candidate whose method gained. */
export function twoInputs(gain: number, options = {}): [ComparisonInput, ComparisonInput] {
  const record = (key: string, gain: number): ComparedRecord =>
    simulatedRecord(key, [{ name: "grpo", gain, seeds: 3 }], options);
  return [{ name: "main", record: record("main", 0) }, { name: "head", record: record("head", gain) }];
}

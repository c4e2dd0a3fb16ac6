import { assert } from "@std/assert";
import { parseRecord } from "../../../src/result/mod.ts";
import { type GeneratedProblem, type GeneratedSuite, generateSuite } from "../../../src/suite/mod.ts";

const path = "results/embedded-table/results.json";
const record = await Deno.readFile(path).then(parseRecord, (error) => {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
});

/** The share of correct samples by level. */
function byLevel(
  problems: readonly GeneratedProblem[],
  correct: readonly number[],
  samples: number,
): number[] {
  const levels = Map.groupBy(
    problems.map(({ level }, i) => ({ level, share: (correct[i] ?? 0) / samples })),
    ({ level }) => level,
  );
  return [...levels].sort(([a], [b]) => a - b).map(([, shares]) =>
    shares.reduce((sum, { share }) => sum + share, 0) / shares.length
  );
}

Deno.test({
  name:
    `the base model's accuracy falls with the level of the graded suites, as the committed table measured it${
      record ? "" : " (ignored: results/embedded-table is not made)"
    }`,
  ignore: !record,
  async fn() {
    const base = record?.runs.find(({ method }) => method === "base");
    for (const { name, problems, samples } of record?.suites ?? []) {
      const drawn = await generateSuite(name as GeneratedSuite, "evaluation", problems.length, 1);
      assert(drawn.every(({ id }, i) => id === problems[i]), `${name}: other problems than the suite's`);
      const shares = byLevel(drawn, base?.suites[name]?.correct ?? [], samples);
      assert(
        shares.length === 5 && shares.every((share, i) => share < (shares[i - 1] ?? 1)),
        `${name}: ${shares}`,
      );
    }
  },
});

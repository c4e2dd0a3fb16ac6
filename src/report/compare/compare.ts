/**
 * Compares results: which suites are comparable, how far methods come apart, and what that means.
 *
 * @module
 */

import { holm, probabilityOfImprovement, stratifiedBootstrap } from "../../stats/mod.ts";
import { factDifferences, type Match, matchSuite } from "./comparable.ts";
import {
  aggregate,
  cellOf,
  type Method,
  methodsOf,
  runMeans,
  scoresOf,
  subject,
  tieGroups,
} from "./compared_method.ts";
import {
  type CompareOptions,
  type Comparison,
  COMPARISON_SCHEMA,
  type ComparisonInput,
  type ComparisonPair,
  type ComparisonSettings,
  type PairAggregate,
} from "./comparison.ts";
import { flipsOf, resultOf, type Round, verdictOf } from "./paired_result.ts";

/** Two methods to be compared. */
interface Contest {
  readonly kind: "records" | "methods";
  readonly candidate: Method;
  readonly baseline: Method;
}

/** A contest's scores on a suite, matched by problem id. */
function roundOf({ kind, candidate, baseline }: Contest, suite: string, match: Match): Round | undefined {
  if ("refused" in match) return undefined;
  const used = baseline.input.record.suites.find(({ name }) => name === suite);
  const samples = used?.samples ?? 0;
  const now = scoresOf(candidate, suite, samples, match.positions.map(([position]) => position));
  const before = scoresOf(baseline, suite, samples, match.positions.map(([, position]) => position));
  const repeated = kind === "records" && JSON.stringify(now) === JSON.stringify(before);
  return {
    suite,
    samples,
    ids: match.positions.map(([, position]) => used?.problems[position] ?? ""),
    candidate: now,
    baseline: before,
    note: match.note ?? (repeated ? "every count is the same" : null),
    repeated,
  };
}

/** A contest on every suite, and over all on which it may take place. */
function judge(
  contest: Contest,
  suites: readonly string[],
  options: CompareOptions,
  settings: ComparisonSettings,
): { pairs: ComparisonPair[]; overall: PairAggregate[] } {
  const { kind } = contest;
  const sides = { kind, candidate: subject(contest.candidate), baseline: subject(contest.baseline) };
  const matches = suites.map((suite) =>
    [
      suite,
      matchSuite(contest.candidate.input, contest.baseline.input, suite, options.unequalProblems),
    ] as const
  );
  const rounds = matches.flatMap(([suite, match]) => roundOf(contest, suite, match) ?? []);
  const raw = rounds.map((round) => resultOf([round], settings));
  const adjusted = holm(raw.map(({ p }) => p));
  const pairs = matches.map(([suite, match]): ComparisonPair => {
    const index = rounds.findIndex((round) => round.suite === suite);
    const round = rounds[index], before = raw[index];
    if (!round || !before) {
      const note = "refused" in match ? match.refused : null;
      return { ...sides, suite, verdict: "not comparable", note, result: null, flips: null };
    }
    const result = { ...before, adjusted: adjusted[index] ?? before.p };
    const verdict = verdictOf(result, settings);
    return { ...sides, suite, verdict, note: round.note, result, flips: flipsOf(round) };
  });
  if (rounds.length === 0) return { pairs, overall: [] };
  const result = rounds.length === 1 && raw[0] ? raw[0] : resultOf(rounds, settings);
  const a = rounds.map(({ candidate }) => runMeans(candidate));
  const b = rounds.map(({ baseline }) => runMeans(baseline));
  const improvement = stratifiedBootstrap([a, b] as const, probabilityOfImprovement, settings);
  return {
    pairs,
    overall: [{
      ...sides,
      suites: rounds.map(({ suite }) => suite),
      verdict: verdictOf(result, settings),
      result,
      improvement: improvement.value,
      interval: improvement.interval,
    }],
  };
}

/** Throws unless the inputs have names of their own and the baseline is one of them. */
function findBaseline(inputs: readonly ComparisonInput[], name: string | undefined): ComparisonInput {
  const names = inputs.map((input) => input.name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new RangeError(`Cannot compare results: two are named "${twice}", expected a name for each`);
  }
  const found = name === undefined ? inputs[0] : inputs.find((input) => input.name === name);
  if (!found) {
    throw new RangeError(
      `Cannot compare results with ${name === undefined ? "none" : `"${name}"`}: expected one of ${
        names.map((name) => `"${name}"`).join(", ") || "at least one result"
      }`,
    );
  }
  return found;
}

/** Throws where an option is outside its range. */
function settingsOf(options: CompareOptions): ComparisonSettings {
  const { confidence = 0.95, margin = 0.03, power = 0.8, resamples = 2000, draws = 9999 } = options;
  if (!(confidence > 0 && confidence < 1 && power > 0 && power < 1 && margin > 0 && margin < 1)) {
    throw new RangeError(
      `Cannot compare with confidence ${confidence}, power ${power} and margin ${margin}: expected each between 0 and 1`,
    );
  }
  return { confidence, margin, power, resamples, draws };
}

/**
 * Compares results: every method of every other input with the same method of the baseline input, and inside each
 * input every method with those before it. Problems are paired by id, whatever their order. The same inputs give the
 * same comparison, digit for digit.
 *
 * The verdict rules stand at {@linkcode PairVerdict}. Holm's correction is over the suites of a pair, not over pairs.
 * The permutation test and McNemar's compare the training runs at hand; the interval also asks what other seeds would
 * have given, except where each side has one seed, about which the comparison then says nothing.
 *
 * @throws {RangeError} If there is no input, two have the same name, the baseline is not among them, or an option is
 * outside its range.
 */
export function compareRecords(inputs: readonly ComparisonInput[], options: CompareOptions = {}): Comparison {
  const baseline = findBaseline(inputs, options.baseline), settings = settingsOf(options);
  const names = [baseline, ...inputs].flatMap(({ record }) => record.suites.map(({ name }) => name));
  const suites = [...new Set(names)];
  const reference = new Map(methodsOf(baseline).map((method) => [method.name, method]));
  const contests = inputs.flatMap((input): Contest[] => {
    const methods = methodsOf(input);
    const across = input === baseline ? [] : methods.flatMap((candidate): Contest[] => {
      const other = reference.get(candidate.name);
      return other ? [{ kind: "records", candidate, baseline: other }] : [];
    });
    const within = methods.flatMap((candidate, index) =>
      methods.slice(0, index).map((baseline): Contest => ({ kind: "methods", candidate, baseline }))
    );
    return [...across, ...within];
  });
  const own = (input: ComparisonInput): string[] => suites.filter((suite) => hasSuite(input, suite));
  const judged = contests.map((contest) =>
    judge(contest, contest.kind === "methods" ? own(contest.candidate.input) : suites, options, settings)
  );
  const pairs = judged.flatMap(({ pairs }) => pairs);
  const methods = inputs.flatMap((input) => methodsOf(input).map((method) => ({ input, method })));
  const cells = inputs.flatMap((input) =>
    own(input).flatMap((suite) => {
      const row = methodsOf(input).map((method) => cellOf(method, suite, settings));
      const letters = tieGroups(
        row,
        pairs.filter((pair) =>
          pair.kind === "methods" && pair.suite === suite && pair.candidate.input === input.name
        ),
      );
      return row.map((cell) => ({
        ...cell,
        groups: row.length > 1 && input.partial === undefined ? letters.get(cell) ?? "" : "",
      }));
    })
  );
  return {
    schema: COMPARISON_SCHEMA,
    settings,
    baseline: baseline.name,
    inputs: inputs.map(
      ({ name, found = null, commit = null, dirty = "unknown", partial = null, signature }) => {
        return { name, found, commit, dirty, partial, signature: signature ?? null };
      },
    ),
    differences: factDifferences(inputs),
    cells,
    pairs,
    methods: methods.flatMap(({ input, method }) => {
      const common = suites.filter((suite) =>
        !("refused" in matchSuite(input, baseline, suite, options.unequalProblems))
      );
      return common.length === 0 ? [] : [aggregate(method, common, settings)];
    }),
    overall: judged.flatMap(({ overall }) => overall),
  };
}

/** Was the input evaluated on the suite? */
function hasSuite({ record }: ComparisonInput, suite: string): boolean {
  return record.suites.some(({ name }) => name === suite);
}

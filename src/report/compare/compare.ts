/**
 * Compares results: which suites are comparable, how far methods come apart, and what that means.
 *
 * @module
 */

import { holm, improvementInterval, probabilityOfImprovement, verdictOf } from "../../stats/mod.ts";
import { isTrained, type MaybeServed, servedText, sweepsOf } from "../table/mod.ts";
import { factDifferences, type Match, matchSuite, settingDifferences, settingsNote } from "./comparable.ts";
import { aggregate, cellOf, methodsOf, runMeans, scoresOf, subject, tieGroups } from "./compared_method.ts";
import {
  type CompareOptions,
  type Comparison,
  COMPARISON_SCHEMA,
  type ComparisonInput,
  type ComparisonPair,
  type ComparisonSettings,
  type PairAggregate,
} from "./comparison.ts";
import { contestsOf } from "./contests.ts";
import type { Contest } from "./contests.ts";
import { evidenceOf, flipsOf, resultOf, type Round, seedNote, type Sides } from "./paired_result.ts";

/** A contest's scores on a suite, matched by problem id. */
function roundOf({ candidate, baseline }: Contest, suite: string, match: Match): Round | undefined {
  if ("refused" in match) return undefined;
  const used = baseline.input.record.suites.find(({ name }) => name === suite);
  const samples = used?.samples ?? 0;
  return {
    suite,
    samples,
    ids: match.positions.map(([, position]) => used?.problems[position] ?? ""),
    candidate: scoresOf(candidate, suite, samples, match.positions.map(([position]) => position)),
    baseline: scoresOf(baseline, suite, samples, match.positions.map(([, position]) => position)),
    note: match.note,
  };
}

/** Notes as one, or null where there is none. */
function joined(...notes: readonly (string | null)[]): string | null {
  return notes.filter((note) => note !== null).join("; ") || null;
}

/** Who sampled the sides, where it was not our own engine on both. */
function samplersNote(candidate: readonly MaybeServed[], baseline: readonly MaybeServed[]): string | null {
  const [one, other] = [candidate, baseline].map((runs) => servedText(runs));
  if (one === other) return one === undefined ? null : `both sampled by ${one}`;
  return `sampled by ${one ?? "our own engine"} and by ${other ?? "our own engine"}`;
}

/** What it means that every count is the same. */
function identityNote({ kind }: Contest, { sameRecord }: Sides): string {
  return kind === "methods"
    ? "every count is the same: was one policy evaluated under two names? Look at the wiring"
    : sameRecord
    ? "both hold the same results.json"
    : "every count is the same";
}

/** A contest on every suite, and over all on which it may take place. */
function judge(
  contest: Contest,
  suites: readonly string[],
  sameRecord: boolean,
  options: CompareOptions,
  settings: ComparisonSettings,
): { pairs: ComparisonPair[]; overall: PairAggregate[] } {
  const { kind, candidate, baseline } = contest, { confidence } = settings;
  const trained = [isTrained(candidate.runs), isTrained(baseline.runs)] as const;
  const sides: Sides = { trained, sameRecord };
  const differing = settingDifferences(candidate.input, baseline.input, trained.includes(true));
  const beside = joined(
    differing.length > 0 ? settingsNote(differing) : null,
    samplersNote(candidate.runs, baseline.runs),
  );
  const shared = {
    kind,
    candidate: subject(candidate),
    baseline: subject(baseline),
    differing: differing.map(({ setting }) => setting),
  };
  const matches = suites.map((suite) =>
    [suite, matchSuite(candidate.input, baseline.input, suite, options)] as const
  );
  const rounds = matches.flatMap(([suite, match]) => roundOf(contest, suite, match) ?? []);
  const raw = rounds.map((round) => evidenceOf([round], sides, settings));
  const adjusted = holm(raw.map(({ p }) => p));
  const pairs = matches.map(([suite, match]): ComparisonPair => {
    const index = rounds.findIndex((round) => round.suite === suite);
    const round = rounds[index], evidence = raw[index];
    if (!round || !evidence) {
      const note = "refused" in match ? match.refused : null;
      return { ...shared, suite, verdict: "not comparable", note, result: null, flips: null };
    }
    const p = adjusted[index] ?? evidence.p;
    return {
      ...shared,
      suite,
      verdict: verdictOf(evidence, confidence, p),
      note: joined(
        round.note,
        evidence.identical ? identityNote(contest, sides) : null,
        seedNote(evidence),
        beside,
      ),
      result: resultOf([round], sides, evidence, p),
      flips: flipsOf(round),
    };
  });
  if (rounds.length === 0) return { pairs, overall: [] };
  const evidence = rounds.length === 1 && raw[0] ? raw[0] : evidenceOf(rounds, sides, settings);
  const improvement = probabilityOfImprovement(
    rounds.map(({ candidate }) => runMeans(candidate)),
    rounds.map(({ baseline }) => runMeans(baseline)),
  );
  return {
    pairs,
    overall: [{
      ...shared,
      suites: rounds.map(({ suite }) => suite),
      verdict: verdictOf(evidence, confidence),
      note: joined(evidence.identical ? identityNote(contest, sides) : null, seedNote(evidence), beside),
      result: resultOf(rounds, sides, evidence),
      improvement,
      interval: improvementInterval(improvement, evidence.seeds, confidence),
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
 * Compares results: every method of every other input with the same method of the baseline input, or a chosen method of
 * one with a chosen method of the other; and inside each input every method with those before it, or, where they are too
 * many for that, with the first, with GRPO and with the best ({@linkcode contestsOf}). Problems are paired by id, whatever their
 * order. The same inputs give the same comparison, digit for digit.
 *
 * The verdict rules stand at {@linkcode verdictOf}. Holm's correction is over the suites of a pair, not over pairs.
 *
 * @throws {RangeError} If there is no input, two have the same name, the baseline is not among them, a chosen method is
 * not in its input, or an option is outside its range.
 */
export function compareRecords(inputs: readonly ComparisonInput[], options: CompareOptions = {}): Comparison {
  const baseline = findBaseline(inputs, options.baseline), settings = settingsOf(options);
  checkMethods(inputs);
  const names = [baseline, ...inputs].flatMap(({ record }) => record.suites.map(({ name }) => name));
  const suites = [...new Set(names)];
  const own = (input: ComparisonInput): string[] => suites.filter((suite) => hasSuite(input, suite));
  const copies = copiesOf(baseline, inputs);
  const judged = contestsOf(inputs, baseline).map((contest) => {
    const { kind, candidate } = contest;
    return kind === "methods" ? judge(contest, own(candidate.input), false, options, settings) : judge(
      contest,
      suites,
      copies.has(candidate.input) && candidate.name === contest.baseline.name,
      options,
      settings,
    );
  });
  const pairs = judged.flatMap(({ pairs }) => pairs);
  const inside = Map.groupBy(
    pairs.filter(({ kind }) => kind === "methods"),
    ({ suite, candidate }) => JSON.stringify([candidate.input, suite]),
  );
  const methods = inputs.flatMap((input) => methodsOf(input).map((method) => ({ input, method })));
  const sweeps = inputs.flatMap((input) =>
    sweepsOf(input.record.profile, methodsOf(input).map(({ name }) => name)).map((sweep) => ({
      input: input.name,
      sweep,
    }))
  );
  const cells = inputs.flatMap((input) =>
    own(input).flatMap((suite) => {
      const row = methodsOf(input).map((method) => cellOf(method, suite, settings));
      const letters = tieGroups(row, inside.get(JSON.stringify([input.name, suite])) ?? []);
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
      (
        { name, found = null, commit = null, dirty = "unknown", partial = null, method = null, signature },
      ) => {
        return { name, found, commit, dirty, partial, method, signature: signature ?? null };
      },
    ),
    differences: factDifferences(inputs),
    cells,
    pairs,
    methods: methods.flatMap(({ input, method }) => {
      const common = suites.filter((suite) => !("refused" in matchSuite(input, baseline, suite, options)));
      return common.length === 0 ? [] : [aggregate(method, common, settings)];
    }),
    overall: judged.flatMap(({ overall }) => overall),
    ...(sweeps.length > 0 ? { sweeps } : {}),
  };
}

/** The inputs whose record is that of the baseline. Records are read from canonical JSON, so their members are in order. */
function copiesOf(baseline: ComparisonInput, inputs: readonly ComparisonInput[]): Set<ComparisonInput> {
  const others = inputs.filter((input) => input !== baseline);
  const reference = others.length > 0 ? JSON.stringify(baseline.record) : "";
  return new Set(others.filter(({ record }) => JSON.stringify(record) === reference));
}

/** Throws where a chosen method is not there. */
function checkMethods(inputs: readonly ComparisonInput[]): void {
  for (const { name, method, record } of inputs) {
    const methods = [...new Set(record.runs.map(({ method }) => method))];
    if (method === undefined || methods.includes(method)) continue;
    throw new RangeError(
      `Cannot compare the method "${method}" of "${name}": expected one of ${
        methods.map((method) => `"${method}"`).join(", ")
      }`,
    );
  }
}

/** Was the input evaluated on the suite? */
function hasSuite({ record }: ComparisonInput, suite: string): boolean {
  return record.suites.some(({ name }) => name === suite);
}

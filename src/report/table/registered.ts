/**
 * What a result says of its registered plan: the comparisons that were named before it was run, and how it deviates.
 *
 * @module
 */

import {
  deviations,
  holm,
  type PairedEvidence,
  pairedEvidence,
  type PairedSettings,
  type Planted,
  type RegisteredPair,
  type RegisteredPlan,
  registeredPlanOf,
  type Verdict,
  verdictOf,
} from "../../stats/mod.ts";
import { type Cell, gridWidth, percent, plain } from "./grid.ts";
import { type Counts, intervalText, isTrained, labelOf, scoresOf } from "./summary.ts";
import { verdictParts, verdictWords } from "./verdict_words.ts";

/** A registered comparison and what came out. */
export interface RegisteredResult extends RegisteredPair {
  /** The numbers; null where a side or a suite is missing. */
  readonly evidence: PairedEvidence | null;
  /** What they mean, tied within the smallest effect of interest; null without numbers. */
  readonly verdict: Verdict | null;
  /** Has a control come out as planted? Null where nothing was planted. */
  readonly asPlanted: boolean | null;
}

/** What a result says of its plan. */
export interface RegisteredReport {
  /** The plan. */
  readonly plan: RegisteredPlan;
  /** Its comparisons. */
  readonly results: readonly RegisteredResult[];
  /** How what was run deviates from it. */
  readonly deviations: readonly string[];
}

/** The verdicts with which a control has come out as planted. */
const fulfilled: Readonly<Record<Planted, readonly Verdict[]>> = {
  better: ["better"],
  worse: ["worse"],
  tied: ["tied within noise", "identical"],
};

/**
 * Reads a result as its plan says. The p-values of the pairs in question are corrected for their number (Holm), planted
 * controls by themselves are not: each has its own answer.
 *
 * @param counts A result record.
 * @returns Nothing where its profile has no plan.
 * @throws {SyntaxError} If the plan cannot be read.
 */
export function registeredReport(
  counts: Counts,
  options: Omit<PairedSettings, "margin"> = {},
): RegisteredReport | undefined {
  const plan = registeredPlanOf(counts.profile);
  if (!plan) return undefined;
  const byMethod = Map.groupBy(counts.runs, ({ method }) => method);
  const suites = counts.suites.filter(({ name }) => plan.suites.includes(name));
  const whole = suites.length === plan.suites.length;
  const side = (method: string) => {
    const runs = byMethod.get(method);
    if (!runs || !whole) return undefined;
    return { scores: scoresOf({ ...counts, suites }, runs, plan.metric), trained: isTrained(runs) };
  };
  const margin = plan.smallestEffect / 100;
  const judged = plan.pairs.map((pair) => {
    const a = side(pair.method), b = side(pair.against);
    return { pair, evidence: a && b ? pairedEvidence(a, b, { ...options, margin }) : null };
  });
  const asked = judged.flatMap(({ pair, evidence }) =>
    pair.planted === undefined && evidence ? [evidence] : []
  );
  const corrected = holm(asked.map(({ p }) => p));
  return {
    plan,
    results: judged.map(({ pair, evidence }): RegisteredResult => {
      if (!evidence) return { ...pair, evidence, verdict: null, asPlanted: pair.planted ? false : null };
      const p = corrected[asked.indexOf(evidence)] ?? evidence.p;
      const verdict = verdictOf(evidence, options.confidence, p);
      return {
        ...pair,
        evidence,
        verdict,
        asPlanted: pair.planted ? fulfilled[pair.planted].includes(verdict) : null,
      };
    }),
    deviations: deviations(plan, {
      suites: new Map(counts.suites.map(({ name, samples }) => [name, samples])),
      seeds: new Map(
        Array.from(byMethod, ([method, runs]) => [method, runs.filter(({ seed }) => seed !== null).length]),
      ),
    }),
  };
}

/** What became of a planted control. */
function plantedText({ planted, asPlanted }: RegisteredResult): string {
  return planted === undefined ? "" : `${planted}: ${asPlanted ? "as planted" : "NOT as planted"}`;
}

/** A comparison's cells below each other: its difference, what it means, what was planted. */
function brokenRows(result: RegisteredResult): Cell[][] {
  const { method, against, evidence, verdict } = result;
  const found = evidence && verdict
    ? [intervalText(evidence.difference), ...verdictParts(verdict, evidence.detectable)]
    : ["not run"];
  const lines = [...found, ...[plantedText(result)].filter((text) => text !== "")];
  return lines.map((text, i) => [
    { text: i === 0 ? plain(labelOf(method)) : i === 1 ? `− ${plain(labelOf(against))}` : "" },
    { text },
  ]);
}

/** The comparisons of a plan as a grid that fits into a width. */
export function registeredGrid({ results, plan }: RegisteredReport, width = Infinity): Cell[][] {
  const heads: Cell[] = [{ text: "registered" }, { text: `Δ ${plan.metric}@${plan.samples}` }];
  const grid = [
    [...heads, { text: "planted" }],
    ...results.map((result): Cell[] => {
      const { method, against, evidence, verdict } = result;
      const found = evidence && verdict
        ? `${intervalText(evidence.difference)} ${verdictWords(verdict, evidence.detectable)}`
        : "not run";
      return [
        { text: plain(`${labelOf(method)} − ${labelOf(against)}`) },
        { text: found },
        { text: plantedText(result) },
      ];
    }),
  ];
  return gridWidth(grid) <= width ? grid : [heads, ...results.flatMap(brokenRows)];
}

/** How a plan is read, and how the result deviates from it. */
export function registeredNotes({ plan, deviations }: RegisteredReport): string[] {
  const seeds = `${plan.seeds} seed${plan.seeds === 1 ? "" : "s"}`;
  return [
    `Registered before the run: ${plan.metric}@${plan.samples} over ${
      plan.suites.map(plain).join(" and ")
    }, ${seeds} ` +
    `a method, tied where shown to be within ±${
      percent(plan.smallestEffect / 100).replace(/\.0$/, "")
    } points; p-values of the pairs in question corrected for their number.`,
    deviations.length === 0
      ? "The result is what the plan says."
      : `Deviates from its plan: ${deviations.map(plain).join("; ")}.`,
  ];
}

/**
 * A comparison as titled tables of text, which every format then dresses in its own way.
 *
 * @module
 */

import {
  type Comparison,
  type ComparisonPair,
  type Fact,
  type PairAggregate,
  type PairedResult,
  type Ranged,
  type Subject,
} from "./comparison.ts";
import { MOST_ALL_PAIRS } from "./contests.ts";
import { sweepSections } from "./sweep_sections.ts";
import { type Cell, percent, SERVED_MARK, verdictMarks } from "../table/mod.ts";

/** A titled table; the first row holds the headings. */
export interface Section {
  /** What it shows. */
  readonly title: string;
  /** Rows of cells, raw text. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Ids that are written out of a list. */
const IDS_SHOWN = 6;

/** A cell whose text stands to the left. */
export const left = (text: string): Cell => ({ text });

/** A cell whose text stands to the right. */
export const right = (text: string): Cell => ({ text, right: true });

/** An accuracy and the ends of its interval. */
export function shareText({ value, low, high }: Ranged): string {
  return `${percent(value)} [${percent(low)}, ${percent(high)}]`;
}

/** A difference and the ends of its interval. */
export function differenceText({ value, low, high }: Ranged): string {
  return `${percent(value, true)} [${percent(low, true)}, ${percent(high, true)}]`;
}

/** A p-value with three decimals. */
function pText(p: number): string {
  return p < 0.001 ? "<0.001" : p.toFixed(3);
}

/** A method with its input, where there are several inputs. */
function subjectText(subject: Subject, comparison: Comparison): string {
  const method = methodText(subject);
  return comparison.inputs.length > 1 ? `${method} @ ${subject.input}` : method;
}

/** A method, marked where an inference server sampled its completions. */
function methodText({ method, served }: Subject): string {
  return served ? `${method}${SERVED_MARK}` : method;
}

/** A chosen method of an input; an input that is named after it says so already. */
function chosenText(subject: Subject): string {
  const { input, method } = subject;
  return input.endsWith(`:${method}`) ? input : `${input}:${methodText(subject)}`;
}

/** What is compared with what. */
export function pairText(
  { kind, candidate, baseline }: Pick<ComparisonPair, "kind" | "candidate" | "baseline">,
  comparison: Comparison,
): string {
  if (kind === "records" && candidate.method !== baseline.method) {
    return `${chosenText(candidate)} − ${chosenText(baseline)}`;
  }
  if (kind === "records") {
    const [one, other] = [methodText(candidate), methodText(baseline)];
    return `${one === other ? one : `${one} and ${other}`}: ${candidate.input} − ${baseline.input}`;
  }
  const methods = `${methodText(candidate)} − ${methodText(baseline)}`;
  return comparison.inputs.length > 1 ? `${methods} @ ${candidate.input}` : methods;
}

/** A value of a fact. */
function factText(value: Fact): string {
  return value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value);
}

/** The inputs: where they stand, what they were made from, and who signed them. */
function inputSection({ inputs, baseline }: Comparison): Section {
  const state = { true: "dirty", false: "clean", unknown: "unknown" } as const;
  return {
    title: "Results compared",
    rows: [
      ["result", "stands in", "made from", "tree", "run", "signature"].map(left),
      ...inputs.map(({ name, found, commit, dirty, partial, signature }) =>
        [
          name === baseline ? `${name} (baseline)` : name,
          found === null ? "–" : found.slice(0, 12),
          commit === null ? "–" : commit.slice(0, 12),
          state[`${dirty}`],
          partial === null ? "full" : `partial: ${partial}`,
          signature ?? "–",
        ].map(left)
      ),
    ],
  };
}

/** Each method on each suite. */
function cellSection(comparison: Comparison): Section {
  const heads = ["n", "k", "seeds", "avg@k", "pass@k", "noise ±", "cut off %", "no answer %", "tokens"];
  return {
    title:
      "Accuracy in %, intervals over problems and seeds, with one seed over problems only; methods that share a " +
      "letter were not told apart",
    rows: [
      [left("suite"), left("method"), ...heads.map(right), left("group")],
      ...comparison.cells.map((cell) => [
        left(cell.suite),
        left(subjectText(cell, comparison)),
        ...[
          String(cell.problems),
          String(cell.samples),
          String(cell.seeds),
          shareText(cell.average),
          shareText(cell.pass),
          cell.noise === null ? "–" : percent(cell.noise),
          percent(cell.truncated),
          percent(cell.unparsed),
          cell.tokens.toFixed(1),
        ].map(right),
        left(cell.groups),
      ]),
    ],
  };
}

/** The numbers of a pair as cells. */
function resultCells(result: PairedResult | null): Cell[] {
  if (!result) return ["", "", "", "", ""].map(right);
  return [
    String(result.problems),
    differenceText(result.difference),
    pText(result.p),
    pText(result.adjusted),
    result.detectable === null ? "–" : percent(result.detectable),
  ].map(right);
}

/** Settings that a cell names. */
const SETTINGS_SHOWN = 2;

/** A verdict, and beside it the settings in which the two results differ. */
function verdictText({ verdict, differing }: Pick<ComparisonPair, "verdict" | "differing">): string {
  if (differing.length === 0 || verdict === "not comparable") return verdict;
  const more = differing.length > SETTINGS_SHOWN ? " …" : "";
  return `other ${differing.slice(0, SETTINGS_SHOWN).join(", ")}${more}: ${verdict}`;
}

/** What the interval of a pair speaks of. */
function coverText(result: PairedResult | null): string {
  return result ? result.covers.replace(" and ", ", ") : "";
}

/** Each pair on each suite. */
function pairSection(comparison: Comparison): Section {
  const heads = ["n", "Δ", "p", "p (Holm)", "detectable", "fixed", "broken"];
  return {
    title: "Differences in points, paired by problem",
    rows: [
      [
        left(""),
        left("suite"),
        left("pair"),
        ...heads.map(right),
        left("interval over"),
        left("verdict"),
      ],
      ...comparison.pairs.map((pair) => [
        left(verdictMarks[pair.verdict]),
        left(pair.suite),
        left(pairText(pair, comparison)),
        ...resultCells(pair.result),
        right(pair.flips ? String(pair.flips.fixed.length) : ""),
        right(pair.flips ? String(pair.flips.broken.length) : ""),
        left(coverText(pair.result)),
        left(verdictText(pair)),
      ]),
    ],
  };
}

/** A probability with its interval. */
function improvementText({ improvement, interval }: PairAggregate): string {
  return shareText({ value: improvement, ...interval });
}

/** Methods and pairs over all comparable suites. */
function overallSections(comparison: Comparison): Section[] {
  return [{
    title: "Over all comparable suites: accuracy in %",
    rows: [
      [left("method"), ...["suites", "average", "interquartile mean (over seeds only)"].map(right)],
      ...comparison.methods.map((method) => [
        left(subjectText(method, comparison)),
        right(String(method.suites.length)),
        right(shareText(method.average)),
        right(
          method.interval
            ? shareText({ value: method.interquartileMean, ...method.interval })
            : percent(method.interquartileMean),
        ),
      ]),
    ],
  }, {
    title: "Over all comparable suites: differences of the average",
    rows: [
      [
        left(""),
        left("pair"),
        ...["suites", "Δ", "p", "detectable", "P(a run is better) % (over seeds only)"].map(right),
        left("interval of Δ over"),
        left("verdict"),
      ],
      ...comparison.overall.map((pair) => {
        const [, difference, p, , detectable] = resultCells(pair.result);
        return [
          left(verdictMarks[pair.verdict]),
          left(pairText(pair, comparison)),
          right(String(pair.suites.length)),
          ...[difference, p, detectable].map((cell) => cell ?? right("")),
          right(improvementText(pair)),
          left(coverText(pair.result)),
          left(verdictText(pair)),
        ];
      }),
    ],
  }];
}

/** The beginning of a list of ids. */
function idsText(ids: readonly string[]): string {
  const shown = ids.slice(0, IDS_SHOWN).join(", "), more = ids.length - IDS_SHOWN;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** Problems whose majority changed between inputs. */
function flipSection(comparison: Comparison): Section {
  return {
    title: "Problems whose majority changed",
    rows: [
      ["suite", "pair", "fixed", "broken"].map(left),
      ...comparison.pairs.flatMap((pair) => {
        const { kind, flips, suite } = pair;
        if (kind !== "records" || !flips || flips.fixed.length + flips.broken.length === 0) return [];
        return [[suite, pairText(pair, comparison), idsText(flips.fixed), idsText(flips.broken)].map(left)];
      }),
    ],
  };
}

/** Why pairs were refused, and what else there is to know; what holds of a pair on several suites is said once. */
function noteSection(comparison: Comparison): Section {
  const several = comparison.overall.filter(({ suites }) => suites.length > 1);
  const notes = [...comparison.pairs, ...several.map((pair) => ({ ...pair, suite: "all" }))]
    .flatMap(({ suite, note, ...pair }) =>
      note === null ? [] : [{ suite, pair: pairText(pair, comparison), note }]
    );
  const groups = Map.groupBy(notes, ({ pair, note }) => JSON.stringify([pair, note]));
  return {
    title: "Notes",
    rows: [
      ["suite", "pair", "note"].map(left),
      ...Array.from(groups.values(), (group) => {
        const suites = group.map(({ suite }) => suite), [first] = group;
        const where = suites.includes("all") ? "all" : suites.join(", ");
        return [where, first?.pair ?? "", first?.note ?? ""].map(left);
      }),
    ],
  };
}

/** Facts in which the inputs differ. */
function differenceSection({ differences, inputs }: Comparison): Section {
  return {
    title: "What differs besides the numbers",
    rows: [
      ["fact", ...inputs.map(({ name }) => name)].map(left),
      ...differences.map(({ fact, values }) => [fact, ...values.map(factText)].map(left)),
    ],
  };
}

/** The tables of a comparison; those without a row are left out. */
export function comparisonSections(comparison: Comparison): Section[] {
  return [
    inputSection(comparison),
    pairSection(comparison),
    ...overallSections(comparison),
    ...sweepSections(comparison),
    cellSection(comparison),
    flipSection(comparison),
    noteSection(comparison),
    differenceSection(comparison),
  ].filter(({ rows }) => rows.length > 1);
}

/** How the numbers are to be read. */
export function comparisonLegend({ settings, overall, pairs, cells }: Comparison): string[] {
  const { confidence, margin, power } = settings;
  const whole = (share: number): string => percent(share).replace(/\.0$/, "");
  const few = pairs.some(({ verdict }) => verdict === "inconclusive (too few seeds)");
  const many = cells.length > 0 && pairs.length > 0 && cells.every(({ groups }) => groups === "") &&
    new Set(cells.map(({ method }) => method)).size > MOST_ALL_PAIRS;
  return [
    `Intervals cover ${
      whole(confidence)
    } %: two-level bootstrap over what the column says, widened for few seeds. ` +
    "p: the larger of a permutation test over problems and Student's test, whose error counts the seeds; corrected " +
    `after Holm over the suites of a pair. Detectable: difference found with ${whole(power)} % power.`,
    `Marks: + better, - worse: interval and corrected p exclude 0. = tied: shown to be within ±${
      percent(margin)
    } points. ≡ identical: every count is the same. ? inconclusive: none of these; it names what is lacking. ` +
    "x not comparable.",
    ...(overall.length > 0
      ? [
        "P(a run is better): share of the pairs of runs in which the first scores higher; its interval is Newcombe's " +
        "for so many runs. That of the interquartile mean is a bootstrap over seeds, too narrow for fewer than five.",
      ]
      : []),
    ...(few
      ? [
        "Fewer than three seeds of a trained method: nothing is called better, worse or tied; the notes say how wide " +
        "a seed's spread makes the difference.",
      ]
      : []),
    ...(many
      ? [
        `More than ${MOST_ALL_PAIRS} methods: each was compared with the first, with GRPO and with the best; name two ` +
        "(A:method B:method) for any other pair.",
      ]
      : []),
  ];
}

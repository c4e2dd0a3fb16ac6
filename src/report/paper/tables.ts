/**
 * A result beside numbers that a paper publishes without the counts they were made from.
 *
 * @module
 */

import {
  cellOf,
  differenceText,
  left,
  type Method,
  methodsOf,
  right,
  scoresOf,
  type Section,
  shareText,
} from "../compare/mod.ts";
import type { ComparisonInput, ComparisonSettings, Ranged, Tables } from "../compare/mod.ts";
import { bootstrapDifference } from "../../stats/mod.ts";
import { type Cell, percent } from "../table/mod.ts";

/** A published accuracy. */
export interface PublishedScore {
  /** Where it stands: `Table 1`. */
  readonly table: string;
  /** The method as records name it: `base`, `grpo`. */
  readonly method: string;
  /** The suite as records name it. */
  readonly suite: string;
  /** The accuracy, as a share. */
  readonly value: number;
  /** Its standard deviation over seeds, as a share; null where the table has none. */
  readonly deviation: number | null;
  /** Samples of each problem, or null where unknown. */
  readonly samples: number | null;
}

/** Something to know about published numbers. */
export interface PublishedNote {
  /** What it is, in a sentence. */
  readonly text: string;
  /** The numbers that it concerns; absent members stand for all. */
  readonly cells: readonly {
    /** The table. */
    readonly table?: string | undefined;
    /** The method. */
    readonly method?: string | undefined;
    /** The suite. */
    readonly suite?: string | undefined;
  }[];
}

/** What a paper publishes of one model. */
export interface PublishedNumbers {
  /** Which paper: `arXiv 2512.19673v3`. */
  readonly source: string;
  /** The model as the paper names it. */
  readonly model: string;
  /** The numbers. */
  readonly scores: readonly PublishedScore[];
  /** Disagreements of its tables and texts, and the like. */
  readonly notes: readonly PublishedNote[];
}

/** A published number with its spread, with the two decimals of the paper. */
function publishedText(score: PublishedScore | undefined): string {
  if (!score) return "–";
  const text = (share: number): string => (100 * share).toFixed(2);
  return text(score.value) + (score.deviation === null ? "" : ` ± ${text(score.deviation)}`);
}

/** Ours minus theirs; there is no interval, because theirs is not known. */
function gapText(ours: number, theirs: PublishedScore | undefined): string {
  return theirs ? percent(ours - theirs.value, true) : "–";
}

/** The published scores that stand beside something of a record, by place. */
class Beside {
  readonly tables: readonly string[];
  readonly #scores: ReadonlyMap<string, PublishedScore>;

  constructor({ scores }: PublishedNumbers, methods: readonly Method[], suites: readonly string[]) {
    const shown = scores.filter(({ method, suite }) =>
      suites.includes(suite) && methods.some(({ name }) => name === method)
    );
    this.tables = [...new Set(shown.map(({ table }) => table))];
    this.#scores = new Map(
      shown.map((score) => [JSON.stringify([score.table, score.suite, score.method]), score]),
    );
  }

  /** The scores of all tables that are shown. */
  get all(): readonly PublishedScore[] {
    return [...this.#scores.values()];
  }

  /** A method's score on a suite in a table. */
  get(table: string, suite: string, method: string): PublishedScore | undefined {
    return this.#scores.get(JSON.stringify([table, suite, method]));
  }
}

/** Accuracies beside each other. */
function scoreSection(
  suites: readonly string[],
  methods: readonly Method[],
  beside: Beside,
  settings: ComparisonSettings,
): Section {
  const heads = ["n", "k", "seeds", "ours", ...beside.tables.flatMap((table) => [table, `ours − ${table}`])];
  const rows = suites.flatMap((suite) =>
    methods.flatMap((method): Cell[][] => {
      const theirs = beside.tables.map((table) => beside.get(table, suite, method.name));
      if (theirs.every((score) => score === undefined)) return [];
      const { problems, samples, seeds, average } = cellOf(method, suite, settings);
      return [[
        left(suite),
        left(method.name),
        ...[String(problems), String(samples), String(seeds), shareText(average)].map(right),
        ...theirs.flatMap((score) => [publishedText(score), gapText(average.value, score)]).map(right),
      ]];
    })
  );
  return {
    title: "Accuracy in %, differences in points",
    rows: [[left("suite"), left("method"), ...heads.map(right)], ...rows],
  };
}

/** How far methods come apart, here and there. */
function differenceSection(
  suites: readonly string[],
  methods: readonly Method[],
  beside: Beside,
  settings: ComparisonSettings,
): Section {
  const rows = suites.flatMap((suite) =>
    methods.flatMap((candidate, index) =>
      methods.slice(0, index).flatMap((baseline): Cell[][] => {
        const theirs = beside.tables.map((table) => {
          const a = beside.get(table, suite, candidate.name), b = beside.get(table, suite, baseline.name);
          return a && b ? percent(a.value - b.value, true) : undefined;
        });
        if (theirs.every((text) => text === undefined)) return [];
        const { samples } = cellOf(candidate, suite, settings);
        const ours: Ranged = bootstrapDifference(
          [scoresOf(candidate, suite, samples)],
          [scoresOf(baseline, suite, samples)],
          settings,
        );
        return [[
          left(suite),
          left(`${candidate.name} − ${baseline.name}`),
          right(differenceText(ours)),
          ...theirs.map((text) => right(text ?? "–")),
        ]];
      })
    )
  );
  return {
    title: "Differences of methods in points",
    rows: [[left("suite"), left("pair"), right("ours"), ...beside.tables.map(right)], ...rows],
  };
}

/** Does a note concern a number that is shown? */
function concerns({ cells }: PublishedNote, scores: readonly PublishedScore[]): boolean {
  return cells.some(({ table, method, suite }) =>
    scores.some((score) =>
      (table ?? score.table) === score.table && (method ?? score.method) === score.method &&
      (suite ?? score.suite) === score.suite
    )
  );
}

/** Suites whose numbers of samples differ. */
function sampleNotes({ record }: ComparisonInput, beside: Beside): string[] {
  return record.suites.flatMap(({ name, samples }) => {
    const theirs = new Set(
      beside.all.flatMap((score) => score.suite === name && score.samples !== null ? [score.samples] : []),
    );
    const others = [...theirs].filter((count) => count !== samples);
    return others.length > 0
      ? [`${name}: ${samples} samples of each problem here, ${others} in the paper.`]
      : [];
  });
}

/**
 * A result beside published numbers: the accuracies of each method and suite that both have, and the differences of
 * methods, with intervals on our side only. There is no verdict: without counts of each problem nothing can be paired.
 *
 * @returns Tables without a row where the two have no method and suite in common.
 */
export function paperTables(
  published: PublishedNumbers,
  input: ComparisonInput,
  settings: ComparisonSettings,
): Tables {
  const methods = methodsOf(input), suites = input.record.suites.map(({ name }) => name);
  const beside = new Beside(published, methods, suites);
  const sections = [
    scoreSection(suites, methods, beside, settings),
    differenceSection(suites, methods, beside, settings),
  ].filter(({ rows }) => rows.length > 1);
  return {
    sections,
    legend: [
      `${published.model} in ${published.source}, as published. Problems cannot be paired, because the paper ` +
      "publishes no counts of each problem: no test is made, and there is no verdict. Intervals are ours alone, over " +
      "problems and seeds, with one seed over problems only; " +
      "what the published numbers would vary by is not in them.",
      ...sampleNotes(input, beside),
      ...published.notes.filter((note) => concerns(note, beside.all)).map(({ text }) => `Note: ${text}`),
    ],
  };
}

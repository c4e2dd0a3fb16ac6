/**
 * The blocks of data in the page: what builds the page writes them, and its script reads them.
 *
 * @module
 */

import type { Knowledge, KnownSuite } from "../../../judge/mod.ts";
import type { Curve, HistoryPoint, TrainingCost } from "../../leaderboard/mod.ts";

/** The id of the block of the leaderboard, plain JSON. */
export const LEADERBOARD_BLOCK = "leaderboard";

/** The id of the block of {@linkcode Figures}, compressed JSON. */
export const FIGURES_BLOCK = "figures";

/** What is embedded of a result: its signed files and the key, and its transcripts. */
export type Block = "record" | "bundle" | "provenance" | "key" | "transcripts";

/** The id of a result's block; results are named by their position on the leaderboard. */
export function blockId(block: Block, index: number): string {
  return `${block}-${index}`;
}

/** What the judge has to know, as data: what this project knew when the page was made. */
export interface EmbeddedKnowledge extends Omit<Knowledge, "suites" | "methods"> {
  /** Suites by name. */
  readonly suites: readonly (readonly [name: string, suite: KnownSuite])[];
  /** Methods by name. */
  readonly methods: readonly (readonly [name: string, method: { readonly bottomUp: boolean }])[];
}

/** What the figures are drawn from. */
export interface Figures {
  /** What the judge has to know. */
  readonly knowledge: EmbeddedKnowledge;
  /** pass@k curves. */
  readonly passCurves: readonly Curve[];
  /** Training curves. */
  readonly trainingCurves: readonly Curve[];
  /** The last step that trained an internal policy, by result. */
  readonly internalSteps: Readonly<Record<string, number>>;
  /** What training took, by result. */
  readonly training: Readonly<Record<string, readonly TrainingCost[]>>;
  /** Whether the results' directories lie beside the page. */
  readonly beside: boolean;
  /** The history, oldest first. */
  readonly history: readonly HistoryPoint[];
  /** Names of the results of which the history in git is not known, or not all of it. */
  readonly historyGaps: readonly string[];
  /** How many transcripts are embedded, by result. */
  readonly shown: Readonly<Record<string, number>>;
}

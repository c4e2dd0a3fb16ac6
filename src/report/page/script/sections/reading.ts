/**
 * What was left out, and how to read it all.
 *
 * @module
 */

import { percent } from "../../shared/mod.ts";
import { board } from "../data.ts";
import { el } from "../dom.ts";
import { section } from "./section.ts";

/** What was left out. */
export function excludedSection(): HTMLElement | null {
  return section(
    "excluded",
    "Left out",
    "Directories that are not on the leaderboard, and why.",
    board.excluded.length === 0 ? null : el(
      "ul",
      {},
      board.excluded.map(({ name, reason }) => el("li", {}, el("b", {}, name), `: ${reason}`)),
    ),
  );
}

/** How to read it all. */
export function readingSection(): HTMLElement | null {
  const { confidence, margin, resamples } = board.settings;
  const sentences = [
    "avg@k is the mean accuracy over k samples of each problem; pass@k the share of problems that one of k samples solves.",
    `Intervals cover ${
      100 * confidence
    } %: a percentile bootstrap over problems and training seeds (${resamples} resamples). Overlapping intervals do not show a tie; the paired differences do.`,
    `Better and worse: the interval of the paired difference excludes 0 and the permutation test agrees. Tied within noise: the difference was shown to be smaller than ${
      percent(margin)
    } points. Inconclusive: neither, on so few problems.`,
    "Methods on one vertical line are a tie group: none of them was called better than another. Results of different profiles are not ranked against each other.",
  ];
  return section(
    "reading",
    "How to read this",
    null,
    el("ul", { class: "reading" }, sentences.map((sentence) => el("li", {}, sentence))),
  );
}

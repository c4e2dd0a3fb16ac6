/**
 * What was left out, and how to read it all.
 *
 * @module
 */

import { PAPER, percent } from "../../shared/mod.ts";
import { board } from "../data.ts";
import { type Child, el } from "../dom.ts";
import { notCovered, section } from "./section.ts";

/** What was left out. */
export function excludedSection(): HTMLElement | null {
  return section(
    "excluded",
    "Left out",
    ["Directories that are not on the leaderboard, and why. ", notCovered()],
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
  const sentences: Child[] = [
    "Base is the model before any training. GRPO (Group Relative Policy Optimization) rewards each of a group of responses by how much better than the group it is. BuPO (Bottom-up Policy Optimization) first trains the policy that a lower layer of the model implies, then the whole model like GRPO.",
    ["The question: is BuPO better than GRPO, as ", el("a", { href: PAPER }, "its paper"), " reports?"],
    "avg@k is the mean accuracy over k samples of each problem; pass@k the share of problems that one of k samples solves.",
    `Intervals cover ${100 * confidence}\u00a0%: a bootstrap over problems and training seeds (${
      resamples.toLocaleString("en-US")
    } resamples). Overlapping intervals do not show a tie; the paired differences do.`,
    `Better and worse: the interval of the paired difference excludes 0 and the p-value, which counts problems and seeds, agrees; with fewer than three seeds of a trained method nothing is called. Tied within noise: the difference was shown to be smaller than ${
      percent(margin)
    } points. Inconclusive: neither, on so few problems or seeds.`,
    "Methods on one vertical line were not told apart from each other. Results of different profiles are not ranked against each other, and each column has a scale of its own.",
    "Of several results with the same settings and base model one is shown first: by a trusted key before others, completely checked before partly checked, then the later commit. Runs for tests are never shown first.",
  ];
  return section(
    "reading",
    "How to read this",
    null,
    el("ul", { class: "reading" }, sentences.map((sentence) => el("li", {}, sentence))),
  );
}

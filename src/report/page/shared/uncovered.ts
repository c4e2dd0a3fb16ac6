/**
 * What the page shows and its check does not cover: it is marked where it stands, and listed.
 *
 * @module
 */

/** A part of the page's data that no signature in the page vouches for. */
export interface Uncovered {
  /** Its paths in the data blocks; `*` stands for any member or position. */
  readonly paths: readonly string[];
  /** What it is called. */
  readonly what: string;
  /** Why it cannot be checked here, and what to do. */
  readonly why: string;
}

/** All of it. The test of the page changes every other value of the data and expects the check to notice. */
export const uncovered: readonly Uncovered[] = [
  {
    paths: ["leaderboard.results.*.trusted", "leaderboard.results.*.owner"],
    what: "Whether a key is trusted, and whose it is",
    why:
      "It is what the publisher’s list says. Compare the fingerprint with one that you have from its owner.",
  },
  {
    paths: ["leaderboard.results.*.place"],
    what: "The order of results",
    why:
      "Which of several results of the same settings is shown first depends on the publisher’s git history.",
  },
  {
    paths: ["leaderboard.results.*.judged.**", "figures.knowledge.**"],
    what: "What the publisher proved beyond it",
    why:
      "Problems, files, logs and completions are compared by deno task verify and recheck; they are not in the page.",
  },
  {
    paths: ["leaderboard.excluded.*.name", "leaderboard.excluded.*.reason"],
    what: "What was left out",
    why: "The page cannot know what it was not given.",
  },
  {
    paths: ["figures.trainingCurves.**", "figures.internalSteps.**", "figures.training.**"],
    what: "Training: curves, steps and tokens",
    why: "They are drawn from the signed training logs, which are not in the page.",
  },
  {
    paths: ["figures.history.**", "figures.historyGaps.**"],
    what: "History",
    why: "The publisher verified every point; the signed files of earlier commits are in git.",
  },
  {
    paths: ["figures.shown.**", "figures.beside", "transcripts.**"],
    what: "Transcripts and questions",
    why: "The signed samples.jsonl.gz is not in the page; deno task recheck grades it again.",
  },
];

/** Whether a path of the data belongs to what is not covered. */
export function isUncovered(path: string): boolean {
  const matches = (pattern: string): boolean => {
    const names = pattern.split("."), given = path.split(".");
    const open = names.at(-1) === "**", known = open ? names.slice(0, -1) : names;
    return (open ? given.length > known.length : given.length === known.length) &&
      known.every((name, i) => name === "*" || name === given[i]);
  };
  return uncovered.some(({ paths }) => paths.some(matches));
}

/**
 * Badges: what the browser found out about a result, in a word. Only a key that the publisher trusts makes one green.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { counted } from "../../shared/mod.ts";
import { board } from "../data.ts";
import { el } from "../dom.ts";
import type { Outcome } from "./check.ts";
import { allOutcomes, outcomeOf } from "./outcomes.ts";
import { wholeProblem } from "./whole.ts";

/** How a result can stand. */
type Standing = "trusted" | "untrusted" | "failed" | "unknown";

/** Mark and words of each. */
const shown: Readonly<Record<Standing, readonly [mark: string, words: string]>> = {
  trusted: ["✓", "signature holds, trusted key"],
  untrusted: ["○", "signature holds, key not trusted"],
  failed: ["✗", "does not hold"],
  unknown: ["–", "cannot check in this browser"],
};

/** How a result stands after its check. */
function standingOf({ trusted }: LeaderboardResult, { state }: Outcome): Standing {
  return state === "ok" ? trusted ? "trusted" : "untrusted" : state;
}

/** The badge of a result. */
export function badge(result: LeaderboardResult): HTMLElement {
  const element = el("span", { class: "badge", "data-result": result.name }, "checking …");
  outcomeOf(result.name).then((outcome) => {
    const standing = standingOf(result, outcome), [mark, words] = shown[standing];
    element.className = `badge ${standing}`;
    element.textContent = `${mark} ${words}`;
  });
  return element;
}

/** The badge of the whole page, for its head. */
export function signatureSummary(): HTMLElement {
  const element = el("a", { class: "badge", id: "signatures", href: "#sources" }, "checking …");
  allOutcomes().then((outcomes) => {
    const standings = outcomes.map((outcome, i) =>
      board.results[i] ? standingOf(board.results[i], outcome) : "failed"
    );
    const count = (standing: Standing): number => standings.filter((one) => one === standing).length;
    const holding = count("trusted") + count("untrusted"), problem = wholeProblem();
    const all = counted(standings.length, "result");
    const standing: Standing = problem !== null || count("failed") > 0
      ? "failed"
      : count("unknown") > 0
      ? "unknown"
      : count("untrusted") > 0
      ? "untrusted"
      : "trusted";
    element.className = `badge ${standing}`;
    element.textContent = problem !== null
      ? `✗ the page does not hold: ${problem}`
      : holding === 0 && standing === "unknown"
      ? "– signatures cannot be checked in this browser"
      : `${shown[standing][0]} ${holding} of ${all} ${holding === 1 ? "holds" : "hold"}, ${
        count("trusted")
      } by trusted keys`;
  });
  return element;
}

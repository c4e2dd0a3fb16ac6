/**
 * Badges: what the browser found out about signatures, in a word.
 *
 * @module
 */

import { el } from "../dom.ts";
import type { Outcome } from "./check.ts";
import { allOutcomes, outcomeOf } from "./outcomes.ts";

const marks: Readonly<Record<Outcome["state"], string>> = { ok: "✓", failed: "✗", unknown: "–" };

/** The badge of a result. */
export function badge(name: string): HTMLElement {
  const element = el("span", { class: "badge", "data-result": name }, "checking …");
  outcomeOf(name).then(({ state, text }) => {
    element.className = `badge ${state}`;
    element.textContent = `${marks[state]} ${text}`;
  });
  return element;
}

/** How many signatures hold, for the head of the page. */
export function signatureSummary(): HTMLElement {
  const element = el("span", { class: "badge", id: "signatures" }, "checking …");
  allOutcomes().then((all) => {
    const states = all.map(({ state }) => state), holding = states.filter((state) => state === "ok").length;
    const worst = states.includes("failed") ? "failed" : states.includes("unknown") ? "unknown" : "ok";
    element.className = `badge ${worst}`;
    element.textContent = worst === "unknown" && holding === 0
      ? "– signatures cannot be checked in this browser"
      : `${marks[worst]} ${holding} of ${states.length} signatures hold`;
  });
  return element;
}

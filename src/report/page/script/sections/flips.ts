/**
 * The dialog with both transcripts of a flipped problem, side by side.
 *
 * @module
 */

import type { LeaderboardPair, Transcript } from "../../../leaderboard/mod.ts";
import { blockId } from "../../shared/mod.ts";
import { figures, labelOf, resultIndex, resultNamed, unpackJson } from "../data.ts";
import { button, el, theDialog } from "../dom.ts";

/** A pair of methods on one suite. */
type SuitePair = LeaderboardPair & { readonly suite: string };

const loaded = new Map<string, Promise<readonly Transcript[]>>();

/** The transcripts of a result; unpacked when they are first wanted. */
function transcriptsOf(result: string): Promise<readonly Transcript[]> {
  const known = loaded.get(result) ??
    unpackJson<readonly Transcript[]>(blockId("transcripts", resultIndex(result)), []);
  loaded.set(result, known);
  return known;
}

/** What one method wrote, seed by seed. */
function side(method: string, transcript: Transcript, samples: number | undefined): HTMLElement {
  const runs = transcript.runs.filter((run) => run.method === method);
  return el(
    "section",
    { class: "side", "aria-label": labelOf(method) },
    el("h3", {}, labelOf(method)),
    runs.map(({ seed, correct, responses, right }) => [
      el("h4", {}, `${seed === null ? "" : `seed ${seed}: `}${correct} of ${samples} right`),
      el(
        "ol",
        {},
        responses.map((text, i) => {
          if (right === null) return el("li", {}, el("pre", {}, text));
          const kind = right[i] ? "right" : "wrong";
          return el("li", { class: kind }, el("span", { class: "mark" }, kind), el("pre", {}, text));
        }),
      ),
    ]),
  );
}

/** Both sides of a problem, or why they are not there. */
function sides(
  { result, suite, baseline, candidate }: SuitePair,
  found: Transcript | undefined,
): HTMLElement[] {
  if (found) {
    const samples = resultNamed(result)?.suites.find(({ name }) => name === suite)?.samples;
    return [side(baseline, found, samples), side(candidate, found, samples)];
  }
  const reason = figures.shown[result] === 0
    ? "The transcripts of this result are not embedded. They are in its samples.jsonl.gz."
    : "This transcript is not embedded, to keep the page small. It is in the result’s samples.jsonl.gz.";
  return [el("p", {}, reason)];
}

/** Opens the dialog on a pair's flipped problems. */
export async function openFlips(pair: SuitePair): Promise<void> {
  const dialog = theDialog(), transcripts = await transcriptsOf(pair.result);
  const better = labelOf(pair.candidate), other = labelOf(pair.baseline);
  const problems = [
    ...pair.fixed.map((problem) => ({ problem, said: `Fixed: only ${better} solves it.` })),
    ...pair.broken.map((problem) => ({ problem, said: `Broken: only ${other} solves it.` })),
  ];
  const title = el("h2", { id: "dialog-title" }, `${pair.suite}: ${better} against ${other}`);
  const status = el("p", { class: "note", role: "status" });
  const body = el("div", { class: "sides", tabindex: "0", role: "region", "aria-label": "Transcripts" });
  let at = 0;
  const draw = (): void => {
    const shown = problems[at];
    if (!shown) return;
    const { problem, said } = shown;
    const found = transcripts.find((one) => one.suite === pair.suite && one.problem === problem);
    status.textContent = `Problem ${at + 1} of ${problems.length}, ${problem}. ${said}${
      found?.answer ? ` Right answer: ${found.answer}` : ""
    }`;
    body.replaceChildren(...sides(pair, found));
    body.scrollTop = 0;
  };
  const go = (step: number): void => {
    at = (at + step + problems.length) % problems.length;
    draw();
  };
  const controls = [
    button("← Previous", () => go(-1), { id: "previous" }),
    button("Next →", () => go(1), { id: "next" }),
    button("Close", () => dialog.close(), { id: "close" }),
  ];
  draw();
  dialog.replaceChildren(
    el("div", { class: "dialog-head" }, title, el("div", { class: "controls" }, controls)),
    status,
    body,
  );
  dialog.onkeydown = (event) => {
    if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
    else return;
    event.preventDefault();
  };
  dialog.showModal();
}

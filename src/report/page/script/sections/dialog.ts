/**
 * The dialog with what was written on a problem, method beside method.
 *
 * @module
 */

import type { Transcript } from "../../../leaderboard/mod.ts";
import type { ResultRecord } from "../../../../result/mod.ts";
import { blockId } from "../../shared/mod.ts";
import { figures, labelOf, recordOf, resultIndex, unpackJson } from "../data.ts";
import { button, type Child, el, flattened, theDialog } from "../dom.ts";
import { linkTo, nameThePlace } from "../link.ts";
import { notCovered } from "./section.ts";

const loaded = new Map<string, Promise<readonly Transcript[]>>();

/** The transcripts of a result; unpacked when they are first wanted. */
function transcriptsOf(result: string): Promise<readonly Transcript[]> {
  const known = loaded.get(result) ??
    unpackJson<readonly Transcript[]>(blockId("transcripts", resultIndex(result)), []);
  loaded.set(result, known);
  return known;
}

/** A problem that is shown, and what is said of it. */
export interface ShownProblem {
  /** The suite. */
  readonly suite: string;
  /** Its id. */
  readonly problem: string;
  /** What is said of it; default nothing. */
  readonly said?: string;
}

/** What is shown: problems of a result, and the methods beside each other. */
export interface ShownProblems {
  /** The result. */
  readonly result: string;
  /** The title. */
  readonly title: string;
  /** The methods, from left to right. */
  readonly methods: readonly string[];
  /** The problems, in the order in which they are gone through. */
  readonly problems: readonly ShownProblem[];
  /** The pair that they belong to, for links. */
  readonly pair?: string;
}

/** The completions of a run, each marked where it was graded again. */
function completions({ responses, right }: Transcript["runs"][number]): HTMLElement {
  return el(
    "ol",
    {},
    responses.map((text, i) => {
      if (right === null) return el("li", {}, el("pre", {}, text));
      const kind = right[i] ? "right" : "wrong";
      return el("li", { class: kind }, el("span", { class: "mark" }, kind), el("pre", {}, text));
    }),
  );
}

/** What one method did, seed by seed: the counts of the record, and the completions where they are embedded. */
function side(
  method: string,
  result: string,
  { runs, suites }: ResultRecord,
  { suite, problem }: ShownProblem,
  transcript: Transcript | undefined,
): HTMLElement {
  const used = suites.find(({ name }) => name === suite), place = used?.problems.indexOf(problem) ?? -1;
  const own = runs.filter((run) => run.method === method);
  return el(
    "section",
    { class: "side", "aria-label": labelOf(method, result) },
    el("h3", {}, labelOf(method, result)),
    own.map(({ seed, suites }) => {
      const written = transcript?.runs.find((run) => run.method === method && run.seed === seed);
      const correct = suites[suite]?.correct[place] ?? 0;
      return [
        el("h4", {}, `${seed === null ? "" : `seed ${seed}: `}${correct} of ${used?.samples ?? 0} right`),
        written
          ? completions(written)
          : transcript && el("p", { class: "unwritten" }, "Its completions are in samples.jsonl.gz."),
      ];
    }),
  );
}

/** The question and the right answer, as far as they are known. */
function question(transcript: Transcript | undefined): Child {
  if (!transcript) return null;
  const { question, answer } = transcript;
  return [
    question === null
      ? el("p", { class: "note" }, "The question is not shown: texts of data sets are not published.")
      : el("pre", { class: "question" }, question),
    el("p", { class: "note" }, answer === null ? "" : `Right answer: ${answer}. `, notCovered()),
  ];
}

/** Why there are no completions. */
function missing(result: string): HTMLElement {
  const reason = figures.shown[result] === 0
    ? "The completions of this result are not embedded."
    : "These completions are not embedded, to keep the page small.";
  return el("p", { class: "note" }, `${reason} They are in its samples.jsonl.gz.`);
}

/** Opens the dialog. */
export async function openProblems({ result, title, methods, problems, pair }: ShownProblems): Promise<void> {
  const dialog = theDialog(), transcripts = await transcriptsOf(result), record = await recordOf(result);
  if (!record) return;
  const status = el("p", { class: "status", role: "status" }),
    link = el("a", { class: "link" }, "Link to this problem");
  const body = el("div", { class: "body", tabindex: "0", role: "region", "aria-label": "Completions" });
  let at = 0;
  const draw = (): void => {
    const shown = problems[at];
    if (!shown) return;
    const { suite, problem, said = "" } = shown;
    const found = transcripts.find((one) => one.suite === suite && one.problem === problem);
    const count = problems.length === 1 ? "Problem" : `Problem ${at + 1} of ${problems.length},`;
    status.textContent = `${count} ${problem}. ${said}`;
    const sides = methods.map((method) => side(method, result, record, shown, found));
    body.replaceChildren(
      ...flattened([question(found), found ? null : missing(result), el("div", { class: "sides" }, sides)]),
    );
    body.scrollTop = 0;
    const place = { result, pair, suite, problem };
    link.href = linkTo(place);
    nameThePlace(place);
  };
  const go = (step: number): void => {
    at = (at + step + problems.length) % problems.length;
    draw();
  };
  const controls = [
    link,
    ...(problems.length < 2 ? [] : [
      button("← Previous", () => go(-1), { id: "previous" }),
      button("Next →", () => go(1), { id: "next" }),
    ]),
    button("Close", () => dialog.close(), { id: "close" }),
  ];
  draw();
  dialog.replaceChildren(
    el(
      "div",
      { class: "dialog-head" },
      el("h2", { id: "dialog-title" }, title),
      el("div", { class: "controls" }, controls),
    ),
    status,
    body,
  );
  dialog.onkeydown = (event) => {
    if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
    else return;
    event.preventDefault();
  };
  dialog.onclose = () => nameThePlace({ result, pair });
  if (!dialog.open) dialog.showModal();
}

/** Opens the dialog on one problem, with all methods. */
export async function openProblem(result: string, suite: string, problem: string): Promise<void> {
  const record = await recordOf(result), used = record?.suites.find(({ name }) => name === suite);
  if (!record || !used?.problems.includes(problem)) return;
  const methods = [...new Set(record.runs.map(({ method }) => method))];
  await openProblems({ result, title: `${result}: ${suite}`, methods, problems: [{ suite, problem }] });
}

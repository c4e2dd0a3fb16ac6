/** The dialog with both transcripts of a flipped problem, side by side. */

import { board, figures, labelOf, resultIndex, unpack } from "./data.js";
import { button, el } from "./dom.js";

const loaded = new Map();

/** The transcripts of a result; unpacked when they are first wanted. */
function transcriptsOf(result) {
  if (!loaded.has(result)) {
    loaded.set(
      result,
      unpack(`transcripts-${resultIndex(result)}`).then((bytes) =>
        bytes === null ? [] : JSON.parse(new TextDecoder().decode(bytes))
      ),
    );
  }
  return loaded.get(result);
}

/** What one method wrote, seed by seed. */
function side(method, transcript, samples) {
  const runs = transcript.runs.filter((run) => run.method === method);
  return el(
    "section",
    { class: "side", "aria-label": labelOf(method) },
    el("h3", {}, labelOf(method)),
    runs.map((run) => [
      el("h4", {}, `${run.seed === null ? "" : `seed ${run.seed}: `}${run.correct} of ${samples} right`),
      el(
        "ol",
        {},
        run.responses.map((text, i) =>
          el(
            "li",
            { class: run.right === null ? null : run.right[i] ? "right" : "wrong" },
            run.right === null ? null : el("span", { class: "mark" }, run.right[i] ? "right" : "wrong"),
            el("pre", {}, text),
          )
        ),
      ),
    ]),
  );
}

/** Opens the dialog on a pair's flipped problems. */
export async function openFlips(pair) {
  const dialog = document.getElementById("dialog");
  const problems = [
    ...pair.fixed.map((problem) => ({ problem, fixed: true })),
    ...pair.broken.map((problem) => ({ problem, fixed: false })),
  ];
  const transcripts = await transcriptsOf(pair.result);
  const samples =
    board.results[resultIndex(pair.result)].suites.find(({ name }) => name === pair.suite).samples;
  const better = labelOf(pair.candidate), other = labelOf(pair.baseline);
  let at = 0;
  const go = (step) => {
    at = (at + step + problems.length) % problems.length;
    draw();
  };
  const controls = [
    button("← Previous", () => go(-1), { id: "previous" }),
    button("Next →", () => go(1), { id: "next" }),
    button("Close", () => dialog.close(), { id: "close" }),
  ];
  const title = el("h2", { id: "dialog-title" }), status = el("p", { class: "note", role: "status" });
  const body = el("div", { class: "sides", tabindex: "0", role: "region", "aria-label": "Transcripts" });
  function draw() {
    const { problem, fixed } = problems[at];
    const transcript = transcripts.find((one) => one.suite === pair.suite && one.problem === problem);
    title.textContent = `${pair.suite}: ${better} against ${other}`;
    status.textContent = `Problem ${at + 1} of ${problems.length}, ${problem}. ${
      fixed ? `Fixed: only ${better} solves it.` : `Broken: only ${other} solves it.`
    }${transcript?.answer ? ` Right answer: ${transcript.answer}` : ""}`;
    body.replaceChildren(
      ...(transcript
        ? [side(pair.baseline, transcript, samples), side(pair.candidate, transcript, samples)]
        : [
          el(
            "p",
            {},
            figures.shown[pair.result] === 0
              ? "The transcripts of this result are not embedded. They are in its samples.jsonl.gz."
              : "This transcript is not embedded, to keep the page small. It is in the result’s samples.jsonl.gz.",
          ),
        ]),
    );
    body.scrollTop = 0;
  }
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

/**
 * Puts the page together and keeps it in step with what is chosen.
 *
 * @module
 */

import { basisOf } from "../shared/mod.ts";
import { signatureSummary } from "./check/mod.ts";
import { choice, field, themeSwitch, toolbar } from "./controls.ts";
import { board, resultNamed } from "./data.ts";
import { byId, el, flattened, theDialog } from "./dom.ts";
import {
  differences,
  excludedSection,
  historySection,
  passSection,
  readingSection,
  sourcesSection,
  trainingSection,
} from "./sections/mod.ts";
import { resultsOf, state, visibleRows } from "./state.ts";
import { methodTable } from "./table/mod.ts";

const tableSlot = el("div"), figuresSlot = el("div"), count = el("p", { class: "hidden", role: "status" });

/** Draws the table anew; the heading that was used keeps the focus. */
function drawTable(focus?: string): void {
  tableSlot.replaceChildren(methodTable(drawTable));
  if (focus !== undefined) {
    tableSlot.querySelector<HTMLElement>(`[data-sort="${CSS.escape(focus)}"]`)?.focus();
  }
  const rows = visibleRows(), results = resultsOf(rows), [first] = results;
  count.textContent = `${rows.length} methods in ${results.length} results`;
  if (first && !results.some(({ name }) => name === state.result)) {
    state.result = first.name;
    drawFigures();
  }
}

/** The choice of the result that the figures are of. */
function resultPicker(): HTMLElement {
  const values = board.results.map(({ name, profile }) => [name, `${name} (${profile.name})`] as const);
  const select = choice("result", values, state.result, (name) => {
    state.result = name;
    drawFigures();
    byId("result").focus();
  });
  return el("div", { class: "picker" }, field("Below:", select));
}

/** Draws what belongs to one result. */
function drawFigures(): void {
  const result = resultNamed(state.result);
  if (!result) return;
  byId("headline").textContent = result.headline;
  byId("basis").textContent = basisOf(result, board).join(" · ");
  figuresSlot.replaceChildren(...flattened([
    board.results.length < 2 ? null : resultPicker(),
    differences(result),
    passSection(result),
    trainingSection(result),
  ]));
}

const some = board.results.length > 0;
byId("tools").append(...flattened([some ? signatureSummary() : null, themeSwitch()]));
byId("content").append(...flattened([
  el(
    "section",
    { id: "methods", "aria-label": "Methods" },
    some ? [toolbar(() => drawTable()), count, tableSlot] : null,
  ),
  figuresSlot,
  historySection(),
  sourcesSection(),
  excludedSection(),
  readingSection(),
]));
if (some) {
  drawTable();
  drawFigures();
}
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || theDialog().open) return;
  event.preventDefault();
  document.getElementById("filter")?.focus();
});

/**
 * Every problem of a result, with how many samples of each method are right: filtered, and a page at a time.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import type { ResultRecord } from "../../../../result/mod.ts";
import { counted } from "../../shared/mod.ts";
import { choice, field } from "../controls.ts";
import { labelOf, recordOf } from "../data.ts";
import { button, type Child, el, scrolled, withRoles } from "../dom.ts";
import { openProblem } from "./dialog.ts";

/** How many problems are shown at once. */
const SHOWN = 50;

/** A problem with the right samples of each method. */
interface Row {
  readonly suite: string;
  readonly problem: string;
  readonly right: readonly number[];
  readonly of: readonly number[];
}

/** Which problems are shown. */
const filters = {
  all: "all problems",
  differ: "methods differ most",
  none: "no method solves",
  every: "every sample right",
} as const;

/** How far the methods' shares are apart. */
function spread({ right, of }: Row): number {
  const shares = right.map((count, i) => count / (of[i] ?? 1));
  return Math.max(...shares) - Math.min(...shares);
}

/** The rows of a record. */
function rowsOf({ suites, runs }: ResultRecord, methods: readonly string[]): Row[] {
  return suites.flatMap(({ name: suite, problems, samples }) =>
    problems.map((problem, place): Row => {
      const own = methods.map((method) => runs.filter((run) => run.method === method));
      return {
        suite,
        problem,
        right: own.map((runs) =>
          runs.reduce((sum, run) => sum + (run.suites[suite]?.correct[place] ?? 0), 0)
        ),
        of: own.map((runs) => runs.length * samples),
      };
    })
  );
}

/** The rows that pass a filter, in its order. */
function filtered(rows: readonly Row[], filter: keyof typeof filters): readonly Row[] {
  const keep: Readonly<Record<keyof typeof filters, () => readonly Row[]>> = {
    all: () => rows,
    differ: () => rows.filter((row) => spread(row) > 0).sort((a, b) => spread(b) - spread(a)),
    none: () => rows.filter(({ right }) => right.every((count) => count === 0)),
    every: () => rows.filter(({ right, of }) => right.every((count, i) => count === of[i])),
  };
  return keep[filter]();
}

/** The table of some rows. */
function table(result: string, rows: readonly Row[], methods: readonly string[]): HTMLElement {
  return withRoles(el(
    "table",
    { class: "problems" },
    el("caption", { class: "hidden" }, "Right samples of each problem"),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ["Problem", "Suite", ...methods.map((method) => labelOf(method, result))].map((title) =>
          el("th", { scope: "col" }, title)
        ),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map(({ suite, problem, right, of }) =>
        el(
          "tr",
          {},
          el(
            "th",
            { scope: "row" },
            button(problem, () => void openProblem(result, suite, problem), { class: "link id" }),
          ),
          el("td", { class: "text" }, suite),
          right.map((count, i) => el("td", { class: "plain" }, `${count} of ${of[i]}`)),
        )
      ),
    ),
  ));
}

/** All problems with their filters. */
export async function problemList({ name, suites }: LeaderboardResult): Promise<Child> {
  const record = await recordOf(name);
  if (!record) return "The browser cannot unpack the record.";
  const methods = [...new Set(record.runs.map(({ method }) => method))], rows = rowsOf(record, methods);
  const slot = el("div"), status = el("p", { class: "note", role: "status" });
  let filter: keyof typeof filters = "all", suite = "", text = "", most = SHOWN;
  const draw = (): void => {
    const found = filtered(rows, filter).filter((row) =>
      (suite === "" || row.suite === suite) && row.problem.toLowerCase().includes(text.trim().toLowerCase())
    );
    status.textContent = `${
      counted(found.length, "problem")
    } of ${rows.length}; the numbers are right samples over all seeds.`;
    const more = button(`Show ${Math.min(SHOWN, found.length - most)} more`, () => {
      most += SHOWN;
      draw();
    });
    slot.replaceChildren(
      scrolled("Problems", table(name, found.slice(0, most), methods)),
      ...(found.length > most ? [more] : []),
    );
  };
  const narrowed = (change: () => void): void => {
    change();
    most = SHOWN;
    draw();
  };
  const search: HTMLInputElement = el("input", {
    type: "search",
    id: "problem-filter",
    placeholder: "id",
    oninput: () => narrowed(() => text = search.value),
  });
  const names = Object.entries(filters);
  draw();
  return [
    el(
      "div",
      { class: "toolbar" },
      field(
        "Show",
        choice(
          "problem-kind",
          names,
          filter,
          (value) => narrowed(() => filter = value in filters ? value as keyof typeof filters : "all"),
        ),
      ),
      suites.length < 2 ? null : field(
        "Suite",
        choice(
          "problem-suite",
          [["", "all"], ...suites.map(({ name }) => [name, name] as const)],
          "",
          (value) => narrowed(() => suite = value),
        ),
      ),
      field("Problem", search),
    ),
    status,
    slot,
  ];
}

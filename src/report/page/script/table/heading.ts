/**
 * The heading of a result in the table: what it is, by whom it is signed, and what to know before reading its numbers.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { counted, parameters, shortKey } from "../../shared/mod.ts";
import { badge } from "../check/mod.ts";
import { board } from "../data.ts";
import { el } from "../dom.ts";
import { linkTo } from "../link.ts";

/** The versions of the grader on the page, the newest first. */
const graders = [...new Set(board.results.map(({ graderVersion }) => graderVersion))].sort((a, b) =>
  b.localeCompare(a, "en", { numeric: true })
);

/** What to know of a result before reading its numbers. */
export function cautions(result: LeaderboardResult): string[] {
  const { forTests, judged, graderVersion, dirty, afterEdit } = result;
  return [
    ...(forTests ? ["for tests, never a number"] : []),
    ...(judged.partial === null ? [] : [`partial: ${judged.partial}`]),
    ...(judged.headline || judged.partial !== null ? [] : ["problems or counts not compared"]),
    ...(graderVersion === graders[0] ? [] : [`older grader ${graderVersion}`]),
    ...judged.suites.flatMap(({ name, note }) => note === null ? [] : [`${name}: ${note}`]),
    ...(dirty === true ? ["source with changes"] : []),
    ...(afterEdit === null ? [] : [`signed again after an edit: ${afterEdit}`]),
  ];
}

/** The cautions as marks. */
export function cautionMarks(result: LeaderboardResult): HTMLElement[] {
  return cautions(result).map((text) => el("span", { class: "caution" }, text));
}

/** What a result is, in a line. */
export function facts({ profile, model, suites, commit, key }: LeaderboardResult): string {
  const problems = suites.reduce((sum, { problems }) => sum + problems, 0);
  return [
    `profile ${profile.name}`,
    model.name + (model.revision === null ? "" : `@${model.revision.slice(0, 10)}`),
    parameters(model.parameters),
    counted(problems, "problem"),
    commit === null ? "commit unknown" : `commit ${commit.slice(0, 10)}`,
    `key ${shortKey(key)}`,
  ].join(" · ");
}

/** The heading over a result's rows. */
export function resultHeading(result: LeaderboardResult, columns: number): HTMLElement {
  return el(
    "tr",
    { class: "result" },
    el(
      "th",
      { scope: "rowgroup", colspan: columns },
      el(
        "span",
        { class: "result-line" },
        el(
          "span",
          {},
          el("a", { class: "name", href: linkTo({ result: result.name }) }, result.name),
          cautionMarks(result),
        ),
        badge(result),
        el("span", { class: "facts" }, facts(result)),
      ),
    ),
  );
}

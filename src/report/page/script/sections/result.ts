/**
 * What belongs to one result: the choice of it, what it says, and its sections.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { controlsNote, controlsOf } from "../../../table/mod.ts";
import { basisOf } from "../../shared/mod.ts";
import { badge } from "../check/mod.ts";
import { choice, field } from "../controls.ts";
import { board, recordOf } from "../data.ts";
import { type Child, el } from "../dom.ts";
import { linkTo } from "../link.ts";
import { cautionMarks } from "../table/mod.ts";
import { passSection, trainingSection } from "./curves.ts";
import { differences } from "./differences.ts";
import { problemList } from "./problems.ts";
import { registeredSection } from "./registered.ts";
import { unfolding } from "./section.ts";
import { seedTable } from "./seeds.ts";
import { settingsOf } from "./settings.ts";
import { sweepSection } from "./sweeps.ts";

/** What the profile lacks of methods that must win, lose or tie, or that it lacks none; as its record says. */
function controls({ name }: LeaderboardResult): HTMLElement {
  const line = el("p", { class: "basis controls-note" });
  // A record that cannot be unpacked is the check's to tell.
  void recordOf(name).catch(() => null).then((record) => {
    if (!record) return;
    const found = controlsOf(record.profile);
    line.textContent = [
      ...(found.length > 0 ? [`Controls: ${found.join(", ")}.`] : []),
      ...[controlsNote(record.profile) ?? []].flat(),
    ].join(" ");
  });
  return line;
}

/** The head of a result's part of the page: which one, and what it says. */
function head(result: LeaderboardResult, choose: (name: string) => void): HTMLElement {
  const { name, headline, profile } = result;
  const values = board.results.map(({ name, profile }) =>
    [name, name === profile.name ? name : `${name} (profile ${profile.name})`] as const
  );
  return el(
    "div",
    { id: "the-result", class: "the-result" },
    board.results.length < 2 ? null : field("Result", choice("result", values, name, choose)),
    el("h2", {}, el("a", { class: "name", href: linkTo({ result: name }) }, name), cautionMarks(result)),
    el("p", { class: "said" }, headline),
    el("p", { class: "basis" }, basisOf([result], board).join(" · ")),
    profile.description === "" ? null : el("p", { class: "basis" }, profile.description),
    controls(result),
    badge(result),
  );
}

/** Everything about one result. Tables stand before figures. */
export function resultSections(result: LeaderboardResult, choose: (name: string) => void): Child {
  return [
    head(result, choose),
    registeredSection(result),
    sweepSection(result),
    differences(result),
    unfolding("seeds", "Seed by seed", () => seedTable(result)),
    unfolding("problems", "Problem by problem", () => problemList(result)),
    unfolding("settings", "Settings and cost", () => settingsOf(result)),
    passSection(result),
    trainingSection(result),
  ];
}

/**
 * Where each result comes from, and what was checked.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { type Block, blockId } from "../../shared/mod.ts";
import { badge, outcomeOf } from "../check/mod.ts";
import { board, resultIndex, unpack } from "../data.ts";
import { button, type Child, download, el } from "../dom.ts";
import { section } from "./section.ts";

/** What the browser checked of a result, filled in once it has. */
function checkList(name: string): HTMLElement {
  const list = el("ul", { class: "checks" }, el("li", {}, "Checking …"));
  outcomeOf(name).then(({ checks, problem }) => {
    list.replaceChildren(
      ...checks.map((text) => el("li", { class: "holds" }, text)),
      ...(problem === null ? [] : [el("li", { class: "fails" }, problem)]),
    );
  });
  return list;
}

/** A button that saves an embedded file. */
function saveButton(block: Block, index: number, file: string): HTMLElement {
  const save = async (): Promise<void> => {
    const bytes = await unpack(blockId(block, index));
    if (bytes) download(file, "application/json", bytes);
  };
  return button(file, () => void save(), { class: "link" });
}

/** The commit of a result, and whether the source tree differed from it. */
function commitText({ commit, dirty }: LeaderboardResult): string {
  if (commit === null) return "unknown";
  return `${commit}${dirty === true ? ", with changes" : dirty === "unknown" ? ", changes unknown" : ""}`;
}

/** What is known of a result. */
function factsOf(result: LeaderboardResult): [string, Child][] {
  const { name, key, trusted, owner, model, suites, profile, graderVersion, environment, date } = result;
  const index = resultIndex(name);
  const trust = trusted ? `, trusted by the publisher${owner === null ? "" : ` as ${owner}`}` : "";
  return [
    ["Key", `${key}${trust}`],
    ["Signed at", date],
    ["Commit", commitText(result)],
    ["Base model", `${model.name}, SHA-256 ${model.digest}`],
    ...suites.map(({ name, problems, samples, digest }): [string, Child] => [
      name,
      `${problems} problems × ${samples} samples, SHA-256 ${digest}`,
    ]),
    ["Profile", `SHA-256 ${profile.digest}`],
    ["Grader", graderVersion],
    [
      "Machine",
      Object.entries(environment).map(([fact, value]) => `${fact} ${value ?? "unknown"}`).join(", "),
    ],
    [
      "Signed files",
      el(
        "span",
        {},
        saveButton("record", index, "results.json"),
        ", ",
        saveButton("bundle", index, "manifest.sigstore.json"),
      ),
    ],
    ["Full check", el("code", {}, `deno task verify results/${name}`)],
  ];
}

/** A result's part of the section. */
function card(result: LeaderboardResult, open: boolean): HTMLElement {
  const { name, profile, date, key } = result;
  return el(
    "details",
    { class: "source", open },
    el(
      "summary",
      {},
      name,
      el("span", { class: "facts" }, ` profile ${profile.name} · ${date.slice(0, 10)} · ${key} `),
      badge(name),
    ),
    profile.description === "" ? null : el("p", {}, profile.description),
    checkList(name),
    el(
      "dl",
      {},
      factsOf(result).filter(([, value]) => value !== "").map(([fact, value]) => [
        el("dt", {}, fact),
        el("dd", {}, value),
      ]),
    ),
  );
}

/** Where each result comes from. */
export function sourcesSection(): HTMLElement | null {
  return section(
    "sources",
    "Where the numbers come from",
    "Each result is signed. Your browser has just checked the signature over the record embedded here. A signature says who published a number and that it did not change, if you know the key; that it is right is only shown by running it again.",
    board.results.map((result) => card(result, board.results.length === 1)),
  );
}

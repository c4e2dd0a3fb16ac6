/**
 * Where each result comes from, what was checked, and what this page cannot check.
 *
 * @module
 */

import { type Claim, type ClaimName, claimNames, claims } from "../../../../judge/mod.ts";
import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { type Block, blockId, uncovered } from "../../shared/mod.ts";
import { badge, outcomeOf } from "../check/mod.ts";
import { board, figures, resultIndex, unpack } from "../data.ts";
import { button, type Child, dataTable, download, el, scrolled } from "../dom.ts";
import { linkTo } from "../link.ts";
import { cautionMarks, facts } from "../table/mod.ts";
import { notCovered, section } from "./section.ts";

/** A claim in words. */
function claimText(claim: Claim): string {
  if (claim.state === "proved") return "proved";
  const share = claim.state === "not checked" && claim.share !== undefined
    ? ` but for ${(100 * claim.share).toFixed(0)}\u00a0%`
    : "";
  return `${claim.state}${share}: ${claim.reason}`;
}

/** Every claim about a result: what this browser found, and what the publisher says to have found. */
function claimTable(
  here: Readonly<Record<ClaimName, Claim>>,
  { name, judged }: LeaderboardResult,
): HTMLElement {
  return scrolled(
    `Claims about ${name}`,
    dataTable(
      "Claims about the result",
      ["Claim", "In this browser", "As the publisher says"],
      claimNames.map((name) => [claims[name], claimText(here[name]), claimText(judged.claims[name])]),
    ),
  );
}

/** What the browser checked of a result, filled in once it has. */
function checkList(result: LeaderboardResult): HTMLElement {
  const list = el("ul", { class: "checks" }, el("li", {}, "Checking …")),
    table = el("div", { class: "claims" });
  outcomeOf(result.name).then(({ checks, problem, claims }) => {
    list.replaceChildren(
      ...checks.map((text) => el("li", { class: "holds" }, text)),
      ...(problem === null ? [] : [el("li", { class: "fails" }, problem)]),
    );
    if (claims) table.replaceChildren(claimTable(claims, result));
  });
  return el("div", {}, list, table);
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
function commitText({ commit, dirty }: Pick<LeaderboardResult, "commit" | "dirty">): string {
  if (commit === null) return "unknown";
  return `${commit}${dirty === true ? ", with changes" : dirty === "unknown" ? ", changes unknown" : ""}`;
}

/** Whose key it is, as far as the publisher knows. */
function trustText({ trusted, owner }: LeaderboardResult): string {
  if (!trusted) return "not in a list of trusted keys";
  return `trusted by the publisher${owner === null ? "" : ` as ${owner}`}`;
}

/** The directory of a result, and its link where it lies beside the page. */
function directory({ name }: LeaderboardResult): Child {
  return figures.beside ? el("a", { href: `${encodeURIComponent(name)}/` }, `${name}/`) : `results/${name}`;
}

/** What executed the records of a result, where that was more than one machine. */
function executedRows({ executed }: LeaderboardResult): [string, Child][] {
  if (executed.length < 2) return [];
  return executed.map(({ environment, commit, dirty, records }) => {
    const facts = Object.entries(environment).map(([fact, value]) => `${fact} ${value}`).join(", ");
    return [
      `Executed ${records.length} record${records.length === 1 ? "" : "s"}`,
      [`${facts}, commit ${commitText({ commit, dirty })}: `, records.join(", ")],
    ];
  });
}

/** What is known of a result. */
function factsOf(result: LeaderboardResult): [string, Child][] {
  const { name, key, model, suites, profile, graderVersion, environment, started, date, signed } = result;
  const index = resultIndex(name), revision = model.revision === null ? "" : `, revision ${model.revision}`;
  return [
    ["Key", key],
    ["Trust", [`${trustText(result)} `, notCovered()]],
    ["Run", `${started} to ${date}, as the signer wrote`],
    ["Signed on", signed === null ? "not stated" : `${signed}, as the signer wrote`],
    ["Signed again", result.afterEdit ?? ""],
    ["Commit", commitText(result)],
    ["Base model", `${model.name}${revision}, SHA-256 ${model.digest}`],
    ...suites.map(({ name, problems, samples, digest }): [string, Child] => [
      name,
      `${problems} problems × ${samples} samples, SHA-256 ${digest}`,
    ]),
    ["Profile", `${profile.name}, SHA-256 ${profile.digest}`],
    ["Grader", graderVersion],
    [
      "Machine",
      Object.entries(environment).map(([fact, value]) => `${fact} ${value ?? "unknown"}`).join(", "),
    ],
    ...executedRows(result),
    [
      "Signed files",
      [
        saveButton("record", index, "results.json"),
        ", ",
        saveButton("bundle", index, "manifest.sigstore.json"),
        ", ",
        saveButton("provenance", index, "provenance.sigstore.json"),
      ],
    ],
    ["Directory", directory(result)],
    ["Full check", el("code", {}, `deno task verify results/${name}`)],
  ];
}

/** A result's part of the section. */
function card(result: LeaderboardResult, open: boolean): HTMLElement {
  const { name } = result;
  return el(
    "details",
    { class: "source", open },
    el(
      "summary",
      {},
      el("span", { class: "name" }, name),
      cautionMarks(result),
      " ",
      badge(result),
      el("span", { class: "facts" }, facts(result)),
    ),
    checkList(result),
    el(
      "dl",
      {},
      factsOf(result).filter(([, value]) => value !== "").map(([fact, value]) => [
        el("dt", {}, fact),
        el("dd", {}, value),
      ]),
    ),
    el(
      "p",
      { class: "note" },
      el("a", { href: linkTo({ result: name }) }, "Differences, seeds and curves of this result"),
    ),
  );
}

/** Where each result comes from. */
export function sourcesSection(): HTMLElement | null {
  return section(
    "sources",
    "Where the numbers come from",
    "Each result is signed. Your browser checks the signatures over the files embedded here, and computes what is shown again from them. A signature says who published a number and that it did not change, if you know the key; that it is right is only shown by running it again. And a page can lie about its own checks: whoever wants to rely on a number runs the full check.",
    [
      ...board.results.map((result) => card(result, board.results.length === 1)),
      el("h3", { id: "uncovered" }, "What this check does not cover"),
      el(
        "ul",
        { class: "reading" },
        uncovered.map(({ what, why }) => el("li", {}, el("b", {}, what), `: ${why}`)),
      ),
    ],
  );
}

/**
 * The grids of a result's profile: methods with a setting a side, each with its interval and its difference to GRPO.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import { type PairVerdict, type Sweep, sweepsOf, verdictMarks } from "../../../table/mod.ts";
import { percent, points, samplesOf } from "../../shared/mod.ts";
import { board, labelOf, recordOf } from "../data.ts";
import { type Child, el, scrolled } from "../dom.ts";
import { section } from "./section.ts";

/** What differences are to. */
const REFERENCE = "grpo";

/** A difference to the reference. */
interface Difference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: PairVerdict;
}

/** A verdict on a pair as a verdict on the same pair turned round. */
function turned(verdict: PairVerdict): PairVerdict {
  return verdict === "better" ? "worse" : verdict === "worse" ? "better" : verdict;
}

/** The difference of a method's mean to the reference's. */
function differenceOf(result: string, method: string): Difference | undefined {
  const pair = board.pairs.find((one) =>
    one.result === result && one.suite === null &&
    (one.candidate === method && one.baseline === REFERENCE ||
      one.candidate === REFERENCE && one.baseline === method)
  );
  if (!pair) return undefined;
  const { difference: { value, low, high }, verdict } = pair;
  return pair.candidate === method
    ? { value, low, high, verdict }
    : { value: -value, low: -high, high: -low, verdict: turned(verdict) };
}

/** A method's cell. */
function cell(result: string, method: string | null): HTMLElement {
  const row = method === null
    ? undefined
    : board.rows.find((one) => one.result === result && one.method === method);
  if (!row) return el("td", {}, "–");
  const { value, low, high } = row.mean.average, difference = differenceOf(result, row.method);
  return el(
    "td",
    { class: difference ? `sweep ${difference.verdict}` : "sweep" },
    el("span", { class: "number" }, percent(value)),
    el("span", { class: "range" }, `[${percent(low)}, ${percent(high)}]`),
    difference && el(
      "span",
      { class: "under" },
      `${points(difference.value)} [${points(difference.low)}, ${points(difference.high)}] `,
      el("abbr", { title: difference.verdict }, verdictMarks[difference.verdict]),
    ),
  );
}

/** A grid as a table. */
function sweepTable(
  result: string,
  { title, down, across, columns, rows }: Sweep,
  metric: string,
): HTMLElement {
  const heads = across === null ? [metric] : columns;
  return el(
    "div",
    { class: "sweep-table" },
    el("h3", {}, title),
    scrolled(
      title,
      el(
        "table",
        { class: "data sweeps" },
        el("caption", {}, across === null ? `${metric} by ${down}` : `${metric} by ${down} and ${across}`),
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("th", { scope: "col" }, across === null ? down : `${down} ↓, ${across} →`),
            heads.map((head) => el("th", { scope: "col" }, head)),
          ),
        ),
        el(
          "tbody",
          {},
          rows.map(({ label, methods }) =>
            el("tr", {}, el("th", { scope: "row" }, label), methods.map((method) => cell(result, method)))
          ),
        ),
      ),
    ),
  );
}

/** The grids, once the record is unpacked; nothing where the profile has none. */
export function sweepSection(result: LeaderboardResult): Child {
  const slot = el("div");
  // A record that cannot be unpacked is the check's to tell.
  void recordOf(result.name).catch(() => null).then((record) => {
    const sweeps = record ? sweepsOf(record.profile, record.runs.map(({ method }) => method)) : [];
    const metric = `avg@${samplesOf(result)}${result.suites.length > 1 ? ", mean of the suites" : ""}`;
    const note =
      `${metric} in % with its interval; below it the difference to ${
        labelOf(REFERENCE, result.name)
      } in points. ` +
      "+ better, - worse, = tied within noise, ≡ identical, ? inconclusive.";
    const built = section(
      "sweeps",
      "Grids",
      note,
      sweeps.map((sweep) => sweepTable(result.name, sweep, metric)),
    );
    if (built) slot.append(built);
  });
  return slot;
}

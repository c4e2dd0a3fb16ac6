/** What the page knows, and how numbers are written. */

import { el } from "./dom.js";

const block = (id) => document.getElementById(id)?.textContent ?? null;

/** The leaderboard. */
export const board = JSON.parse(block("leaderboard") ?? "null");

/** What is chosen at the moment. */
export const state = {
  metric: "average",
  text: "",
  profile: "",
  older: false,
  sort: { column: "mean", descending: true },
  result: board.results[0]?.name ?? "",
};

/** The bytes of a base64 text. */
export function fromBase64(text) {
  const raw = atob(text);
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

/** The bytes in a compressed block, or null where there is none. */
export async function unpack(id) {
  const text = block(id);
  if (text === null) return null;
  const stream = new Blob([fromBase64(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The value in a compressed block of JSON, or another where the browser cannot unpack it. */
async function unpackJson(id, otherwise) {
  if (!globalThis.DecompressionStream) return otherwise;
  return JSON.parse(new TextDecoder().decode(await unpack(id)));
}

/** Curves, history, and how many transcripts are embedded. */
export const figures = await unpackJson("figures", {
  passCurves: [],
  trainingCurves: [],
  internalSteps: {},
  history: [],
  historyGaps: [],
  shown: {},
});

/** The plain bytes in a base64 block, or null where there is none. */
export function plainBytes(id) {
  const text = block(id);
  return text === null ? null : fromBase64(text);
}

/** The position of a result: its blocks are named by it. */
export function resultIndex(name) {
  return board.results.findIndex((result) => result.name === name);
}

/** A minus that is as wide as a plus. */
const minus = (text) => text.replace("-", "−");

/** A share in percent, without the sign. */
export function percent(share) {
  return minus((100 * share).toFixed(1));
}

/** A difference in percentage points, always with its sign. */
export function points(difference) {
  const text = (100 * difference).toFixed(1);
  return minus(Number(text) > 0 ? `+${text}` : text);
}

/** A number in at most four digits. */
export function short(value) {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return minus(value.toExponential(1));
  return minus(String(Number(value.toPrecision(3))));
}

/** A number of parameters as people say it. */
export function parameters(count) {
  if (count >= 1e9) return `${short(count / 1e9)} B parameters`;
  if (count >= 1e6) return `${short(count / 1e6)} M parameters`;
  return `${count} parameters`;
}

/** The k of a result's metric, `k` where its suites differ. */
export function samplesOf(result) {
  const ks = new Set(result.suites.map(({ samples }) => samples));
  return ks.size === 1 ? [...ks][0] : "k";
}

/** A method as people write it. */
export function labelOf(method) {
  return board.rows.find((row) => row.method === method)?.label ?? method;
}

/** Names as people list them. */
export function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** How a method is drawn: base grey, BuPO in the accent, others in ink with dashes of their own. */
export function seriesClass(method) {
  if (method === "base") return "series base";
  if (method === "bupo") return "series focus";
  const others = [...new Set(board.rows.map((row) => row.method))].filter((one) =>
    one !== "base" && one !== "bupo"
  );
  return `series other${others.indexOf(method) % 4}`;
}

/** Does a row or result pass the filters? */
export function visibleRows() {
  const wanted = state.text.trim().toLowerCase();
  return board.rows.filter((row) => {
    const result = board.results[resultIndex(row.result)];
    if (!state.older && !result.newest) return false;
    if (state.profile !== "" && result.profile.name !== state.profile) return false;
    const text = [row.label, row.method, result.name, result.profile.name, result.model.name, result.commit]
      .join(" ").toLowerCase();
    return text.includes(wanted);
  });
}

/** The results of some rows, in the leaderboard's order. */
export function resultsOf(rows) {
  const names = new Set(rows.map((row) => row.result));
  return board.results.filter(({ name }) => names.has(name));
}

const verdicts = {
  better: ["▲", "better"],
  worse: ["▼", "worse"],
  "tied within noise": ["=", "tied"],
  "inconclusive (too few)": ["?", "inconclusive"],
  "not comparable": ["×", "incomparable"],
};

/** A verdict with its mark. */
export function verdictChip(verdict) {
  const [mark, kind] = verdicts[verdict];
  return el("span", { class: `verdict ${kind}` }, el("span", { "aria-hidden": "true" }, mark), ` ${verdict}`);
}

/**
 * What the page knows: the blocks of data in it.
 *
 * @module
 */

import type { Leaderboard, LeaderboardResult } from "../../leaderboard/mod.ts";
import type { ResultRecord } from "../../../result/mod.ts";
import {
  blockId,
  type Figures,
  FIGURES_BLOCK,
  LEADERBOARD_BLOCK,
  type MethodStyle,
  methodStyles,
} from "../shared/mod.ts";

function block(id: string): string | null {
  return document.getElementById(id)?.textContent ?? null;
}

/** The leaderboard. */
export const board: Leaderboard = JSON.parse(block(LEADERBOARD_BLOCK) ?? "null");

/** The bytes of a base64 text. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The bytes in a compressed block, or null where there is none. */
export async function unpack(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const text = block(id);
  if (text === null) return null;
  const stream = new Blob([fromBase64(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The value in a compressed block of JSON, or another where there is none or the browser cannot unpack it. */
export async function unpackJson<T>(id: string, otherwise: T): Promise<T> {
  const bytes = "DecompressionStream" in globalThis ? await unpack(id) : null;
  return bytes === null ? otherwise : JSON.parse(new TextDecoder().decode(bytes));
}

/** The plain bytes in a base64 block, or null where there is none. */
export function plainBytes(id: string): Uint8Array<ArrayBuffer> | null {
  const text = block(id);
  return text === null ? null : fromBase64(text);
}

/** Curves, history, and how many transcripts are embedded. */
export const figures: Figures = await unpackJson<Figures>(FIGURES_BLOCK, {
  knowledge: { suites: [], graders: [], grader: "", methods: [] },
  passCurves: [],
  trainingCurves: [],
  internalSteps: {},
  training: {},
  beside: false,
  history: [],
  historyGaps: [],
  shown: {},
});

/** The position of a result: its blocks are named by it. */
export function resultIndex(name: string): number {
  return board.results.findIndex((result) => result.name === name);
}

/** A result by its name. */
export function resultNamed(name: string): LeaderboardResult | undefined {
  return board.results.find((result) => result.name === name);
}

const records = new Map<string, Promise<ResultRecord | null>>();

/** The embedded record of a result; unpacked when it is first wanted. The check compares its bytes with the manifest. */
export function recordOf(name: string): Promise<ResultRecord | null> {
  const known = records.get(name) ??
    unpackJson<ResultRecord | null>(blockId("record", resultIndex(name)), null);
  records.set(name, known);
  return known;
}

/** A method of a result as people write it, marked where an inference server sampled its completions. */
export function labelOf(method: string, result: string): string {
  return board.rows.find((row) => row.method === method && row.result === result)?.label ?? method;
}

/** The styles of a result's methods, so that as many as can be are unlike. */
const styles = new Map(
  [...Map.groupBy(board.rows, ({ result }) => result)].map(([result, rows]) =>
    [result, methodStyles(rows.map(({ method }) => method))] as const
  ),
);

/** How a method of a result is drawn: Base grey, BuPO in the accent, GRPO blue, others by hues and dashes. */
export function seriesClass(method: string, result: string): string {
  return styleClass(styles.get(result)?.get(method));
}

/** The classes of a style. */
export function styleClass({ hue, dash }: MethodStyle = { hue: 0, dash: 0 }): string {
  return `series ${typeof hue === "number" ? `hue${hue}` : hue} dash${dash}`;
}

/**
 * Rows whose completions an inference server sampled: their mark, and what it means.
 *
 * @module
 */

/** What a table needs to know of a server. */
export interface ServedCounts {
  /** The engine. */
  readonly engine: string;
  /** Its version. */
  readonly version: string;
  /** What layers compute in; null where nobody said. */
  readonly dtype: string | null;
  /** How far its log-probs of fixed prompts were from our own, in nats. */
  readonly check: { readonly largest: number };
}

/** What of a run tells whether it was served. */
export interface MaybeServed {
  /** By suite. */
  readonly suites: Readonly<Record<string, { readonly served?: ServedCounts | undefined }>>;
}

/** What stands beside the name of a method that was served. */
export const SERVED_MARK = " (served)";

/** The servers of some runs. */
function serversOf(runs: readonly MaybeServed[]): ServedCounts[] {
  return runs.flatMap(({ suites }) => Object.values(suites).flatMap(({ served }) => served ?? []));
}

/** Was any of it sampled by an inference server? */
export function isServed(runs: readonly MaybeServed[]): boolean {
  return serversOf(runs).length > 0;
}

/** Who sampled some runs, in words: engine, version and number format of each server; undefined for our own engine. */
export function servedText(runs: readonly MaybeServed[]): string | undefined {
  const names = serversOf(runs).map(({ engine, version, dtype }) =>
    `${engine} ${version}${dtype === null ? "" : `, ${dtype}`}`
  );
  return names.length === 0 ? undefined : [...new Set(names)].join("; ");
}

/**
 * What a table says of its marked rows; undefined where there is none.
 *
 * @example
 * ```ts
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 * import { servedNote } from "./served.ts";
 *
 * assertEquals(servedNote([{ suites: { "mini-math": {} } }]), undefined);
 * const served = { engine: "vllm", version: "0.18.0", dtype: null, check: { largest: 0.002 } };
 * assertStringIncludes(servedNote([{ suites: { "mini-math": { served } } }]) ?? "", "by vllm 0.18.0");
 * ```
 */
export function servedNote(runs: readonly MaybeServed[]): string | undefined {
  const who = servedText(runs);
  if (who === undefined) return undefined;
  const largest = Math.max(...serversOf(runs).map(({ check }) => check.largest));
  return `served: sampled by ${who}, whose log-probs of fixed prompts were up to ${largest} nats from ours: a ` +
    "statistical claim, which no run repeats to the byte.";
}

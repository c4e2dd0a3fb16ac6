/**
 * How the page writes numbers and names.
 *
 * @module
 */

import type { LeaderboardResult } from "../../leaderboard/mod.ts";

/** A minus that is as wide as a plus. */
function minus(text: string): string {
  return text.replace("-", "−");
}

/**
 * A share in percent, without the sign.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { percent } from "./format.ts";
 *
 * assertEquals([percent(0.25), percent(-0.005)], ["25.0", "−0.5"]);
 * ```
 */
export function percent(share: number): string {
  return minus((100 * share).toFixed(1));
}

/** A difference in percentage points, always with its sign. */
export function points(difference: number): string {
  const text = (100 * difference).toFixed(1);
  return minus(Number(text) > 0 ? `+${text}` : text);
}

/** A number in three digits. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return minus(value.toExponential(1));
  return minus(String(Number(value.toPrecision(3))));
}

/** A number of parameters as people say it. */
export function parameters(count: number): string {
  if (count >= 1e9) return `${short(count / 1e9)} B parameters`;
  if (count >= 1e6) return `${short(count / 1e6)} M parameters`;
  return counted(count, "parameter");
}

/** The k of a result's metric, `k` where its suites differ. */
export function samplesOf({ suites }: Pick<LeaderboardResult, "suites">): string {
  const [first, ...others] = new Set(suites.map(({ samples }) => samples));
  return first === undefined || others.length > 0 ? "k" : String(first);
}

/** The beginning of a key's fingerprint: enough to tell the keys of a page apart, not to trust one. */
export function shortKey(fingerprint: string): string {
  return `${fingerprint.slice(0, "SHA256:".length + 8)}…`;
}

/** Names as people list them: `A`, `A and B`, `A, B and C`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/**
 * A number of things: `1 step`, `1,000 steps`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { counted } from "./format.ts";
 *
 * assertEquals([counted(1, "step"), counted(4000, "step")], ["1 step", "4,000 steps"]);
 * ```
 */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;
}

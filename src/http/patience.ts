/**
 * Which failures of a server may pass, and how long to wait.
 *
 * @module
 */

/** The longest time that a server may ask to wait, in milliseconds: the window of the Hub's own limits. */
export const MAX_WAIT: number = 5 * 60_000;

/** Statuses of a server that may do better in a moment. */
export const BUSY_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Seconds until requests are let in again, of a `RateLimit` header: `"api";r=0;t=25`, policies separated by commas. Those
 * with nothing remaining count; where none says so, all do.
 */
function limitReset(text: string): number | undefined {
  const policies = text.split(",").flatMap((policy) => {
    const reset = /;\s*t=(\d{1,9})(?![\d.])/.exec(policy)?.[1];
    return reset === undefined ? [] : [{ reset: Number(reset), empty: /;\s*r=0(?![\d.])/.test(policy) }];
  });
  const empty = policies.filter((policy) => policy.empty);
  const resets = (empty.length > 0 ? empty : policies).map(({ reset }) => reset).filter((reset) => reset > 0);
  return resets.length === 0 ? undefined : Math.max(...resets);
}

/**
 * Milliseconds that an answer asks to wait, in `Retry-After` or in the `RateLimit` of a full quota.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { askedWait } from "./patience.ts";
 *
 * assertEquals(askedWait(new Headers({ "RateLimit": '"api";r=0;t=25' })), 25_000);
 * ```
 */
export function askedWait(headers: Headers): number | undefined {
  const text = headers.get("retry-after"), limit = headers.get("ratelimit");
  const seconds = text === null
    ? limit === null ? undefined : limitReset(limit)
    : /^\d+$/.test(text.trim())
    ? Number(text)
    : (Date.parse(text) - Date.now()) / 1000;
  if (seconds === undefined || Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(0, seconds * 1000), MAX_WAIT);
}

/** Waits, unless the signal aborts first. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
  });
}

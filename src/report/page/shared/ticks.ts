/**
 * The marks of an axis.
 *
 * @module
 */

/**
 * Round numbers that cover a range, in steps of 1, 2 or 5 times a power of ten.
 *
 * @param count About how many steps.
 * @returns At least two numbers, ascending.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { niceTicks } from "./ticks.ts";
 *
 * assertEquals(niceTicks(0.21, 0.43, 4), [0.2, 0.3, 0.4, 0.5]);
 * ```
 */
export function niceTicks(low: number, high: number, count = 4): [number, ...number[]] {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw * 0.999) ?? raw;
  const first = Math.floor(low / step), last = Math.ceil(high / step - 1e-9);
  const tick = (index: number): number => Number(((first + index) * step).toPrecision(12));
  return [tick(0), ...Array.from({ length: Math.max(1, last - first) }, (_, index) => tick(index + 1))];
}

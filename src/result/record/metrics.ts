/**
 * `metrics/<method>-<seed>.jsonl`: what was measured at each training step, one line a step.
 *
 * @module
 */

import { z } from "zod";
import { limits } from "./limits.ts";

/** What was measured at one step, by name. */
export type MetricsLine = Readonly<Record<string, string | number | boolean | null>>;

const lineSchema: z.ZodType<MetricsLine> = z.record(
  z.string().min(1).max(limits.nameBytes),
  z.union([z.number(), z.boolean(), z.null(), z.string().max(limits.nameBytes)]),
).refine(
  (line) => Object.keys(line).length <= limits.metricsValues,
  `expected at most ${limits.metricsValues} values`,
);

/**
 * The lines of a file of metrics. Its size is asked before anything is parsed.
 *
 * @param name The file's name, for errors.
 * @throws {RangeError} If it has more bytes or lines than any training leaves.
 * @throws {SyntaxError} If a line is no JSON object of plain values: with its number.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseMetrics } from "./metrics.ts";
 *
 * const bytes = new TextEncoder().encode('{"loss":0.5}\n{"loss":0.25}\n');
 * assertEquals(parseMetrics(bytes, "grpo-1.jsonl"), [{ loss: 0.5 }, { loss: 0.25 }]);
 * assertThrows(() => parseMetrics(bytes.subarray(0, 20), "grpo-1.jsonl"), SyntaxError, "line 2");
 * ```
 */
export function parseMetrics(bytes: Uint8Array, name: string): MetricsLine[] {
  const action = `Cannot read ${name}`;
  if (bytes.length > limits.metricsBytes) {
    throw new RangeError(
      `${action}: it has ${bytes.length} bytes, expected at most ${limits.metricsBytes}`,
    );
  }
  let feeds = 0;
  for (const byte of bytes) if (byte === 10) feeds++;
  if (feeds > limits.metricsLines) {
    throw new RangeError(`${action}: it has ${feeds} lines, expected at most ${limits.metricsLines}`);
  }
  return new TextDecoder().decode(bytes).split("\n").flatMap((text, index) => {
    if (text === "") return [];
    try {
      return [lineSchema.parse(JSON.parse(text))];
    } catch (error) {
      const reason = error instanceof z.ZodError ? error.issues[0]?.message : String(error);
      throw new SyntaxError(`${action}: line ${index + 1}: ${reason}`);
    }
  });
}

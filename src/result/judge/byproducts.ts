/**
 * What lies beside a record: training logs, and lists as JSON.
 *
 * @module
 */

import type { Found } from "../../judge/mod.ts";
import { limits } from "../record/mod.ts";

/** Where lines about training lie: `metrics/<method>-<seed>.jsonl` a line a step, `probe/…` a line a probe. */
const LOG = /^(metrics|probe)\/(.+)\.jsonl$/;

/** What a file is the log of: the run, as `<method>-<seed>`, and the kind of its lines; or `undefined`. */
export function loggedRun(
  file: string,
): { readonly kind: "metrics" | "probe"; readonly run: string } | undefined {
  const [, kind, run] = LOG.exec(file) ?? [];
  return run === undefined ? undefined : { kind: kind === "probe" ? kind : "metrics", run };
}

/**
 * The lines of a training log; one that is no JSON is null, which is no step. Of a log with more lines than any training
 * leaves none is read: it is one line that is no step.
 */
export function readLog(bytes: Uint8Array): readonly unknown[] {
  let feeds = 0;
  for (const byte of bytes) if (byte === 10) feeds++;
  if (feeds > limits.metricsLines) return [null];
  const lines = new TextDecoder().decode(bytes).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map(parsed);
}

/** A document as JSON, or why there is none. */
export function readJson(bytes: Uint8Array | undefined): Found<unknown> {
  return bytes ? { value: parsed(new TextDecoder().decode(bytes)) } : { absent: "it is missing" };
}

/** The value in a text; null, which is nothing that these files may hold, where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

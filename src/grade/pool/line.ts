/**
 * The lines that `grade` reads and writes.
 *
 * @module
 */

import type { Verdict, VerifyOptions } from "../verify.ts";
import type { Pair } from "./jobs.ts";

/** A pair with what its line says besides. */
export interface LinePair extends Pair {
  /** The line's identifier, as it is to be written. */
  readonly id: unknown;
}

/** A verdict as it is written to a line. */
export interface GradedLine {
  /** The identifier of the input line, if it has one. */
  readonly id?: unknown;
  /** `correct`, `wrong`, `unevaluated`, `unparsed` or `timeout`. */
  readonly verdict: Verdict["verdict"];
  /** The text of the answer, or null. */
  readonly extracted: string | null;
  /** Where it stands in the completion in UTF-16 units, or null. */
  readonly span: readonly [number, number] | null;
  /** How it was found, or null. */
  readonly source: Verdict["source"] | null;
  /** The place of the source in the order of trust, or null. */
  readonly rank: number | null;
  /** What the gold answer is, or null. */
  readonly gold_type: string | null;
  /** What the answer is, or null. */
  readonly type: string | null;
  /** The method that decided. */
  readonly method: string;
  /** The verdict in words. */
  readonly reason: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** How an answer without a text around it is graded. */
const BARE: VerifyOptions = { mode: "lenient" };

/**
 * Reads a line of input.
 *
 * @param idField The field with the identifier.
 * @throws {SyntaxError} If the line is not JSON.
 * @throws {TypeError} If a field is missing or no string.
 */
export function readPair(line: string, idField = "id"): LinePair {
  const row: unknown = JSON.parse(line);
  if (typeof row !== "object" || row === null) throw new TypeError("expected an object");
  const value = (name: string): unknown =>
    Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined;
  const text = (name: string): string | undefined => {
    const found = value(name);
    if (found !== undefined && typeof found !== "string") throw new TypeError(`"${name}" must be a string`);
    return found;
  };
  const gold = text("gold"), completion = text("completion"), pred = text("pred");
  if (gold === undefined) throw new TypeError('the field "gold" is missing');
  const answer = completion ?? pred;
  if (answer === undefined) throw new TypeError('the field "completion" or "pred" is missing');
  const pair = { gold, completion: answer, id: identifier(value(idField), line, idField) };
  return completion === undefined ? { ...pair, options: BARE } : pair;
}

/** What engines can do and TypeScript does not know yet: keep numbers as they are written. */
const { parse, rawJSON } = JSON as unknown as {
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
};

/** An identifier as it is to be written: a string, or a number with all of its digits. */
function identifier(value: unknown, line: string, field: string): unknown {
  if (typeof value === "string" || Number.isSafeInteger(value)) return value;
  if (typeof value !== "number") return undefined;
  const sources = new Map<unknown, string>();
  const row = parse(line, function (key, inner, { source }) {
    if (key === field && source !== undefined) sources.set(this, source);
    return inner;
  });
  return rawJSON(sources.get(row) ?? "null");
}

/** The record of a verdict. */
export function gradedLine(found: Verdict, ms: number, id?: unknown): GradedLine {
  return {
    ...(id === undefined ? {} : { id }),
    verdict: found.verdict,
    extracted: found.extracted ?? null,
    span: found.span ?? null,
    source: found.source ?? null,
    rank: found.rank ?? null,
    gold_type: found.goldType ?? null,
    type: found.type ?? null,
    method: found.method,
    reason: found.reason,
    ms: Math.round(1000 * ms) / 1000,
  };
}

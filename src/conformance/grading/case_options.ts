/**
 * What the options of another tool mean to the verifier.
 *
 * @module
 */

import type { VerifyOptions } from "../../grade/mod.ts";

/** The verifier's options that a case can set. */
export interface CaseOptions extends VerifyOptions {
  /** How far apart two equal numbers may be. */
  readonly tolerance?: number;
  /** How far apart two equal numbers may be, as a share of the gold number. */
  readonly relativeTolerance?: number;
}

/** The number of decimals to which the tool of most cases rounds by default; its cases are right without a tolerance. */
const DEFAULT_PLACES = 6;

/**
 * The options of the verifier that correspond to those of the tool that a case comes from. A whole number `precision`
 * is a number of decimals, and 6 that tool's default; a text or a list of one is a tolerance, as is `rel_tol`.
 * Other options have no counterpart.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { caseOptions } from "./case_options.ts";
 *
 * assertEquals(caseOptions({ precision: 2 }), { tolerance: 0.005 });
 * assertEquals(caseOptions({ precision: "1e-4" }), { tolerance: 1e-4 });
 * assertEquals(caseOptions({ lenient: "rel_tol 1e-3, percentages" }), { relativeTolerance: 1e-3 });
 * ```
 */
export function caseOptions(cfg: Readonly<Record<string, unknown>>): CaseOptions {
  const tolerance = absoluteTolerance(cfg.precision);
  const relative = typeof cfg.lenient === "string"
    ? /\brel_tol\s+([\d.e+-]+)/.exec(cfg.lenient)?.[1]
    : undefined;
  return {
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(relative === undefined ? {} : { relativeTolerance: Number(relative) }),
  };
}

/** The tolerance that a `precision` means. */
function absoluteTolerance(precision: unknown): number | undefined {
  if (precision === DEFAULT_PLACES) return undefined;
  if (typeof precision === "number" && Number.isInteger(precision)) return 0.5 * 10 ** -precision;
  const [only, ...more]: readonly unknown[] = Array.isArray(precision) ? precision : [precision];
  const tolerance = more.length === 0 && (typeof only === "string" || typeof only === "number")
    ? Number(only)
    : NaN;
  return tolerance > 0 ? tolerance : undefined;
}

/**
 * Claims: what is said of a result, and whether it was shown.
 *
 * @module
 */

/** Every claim about a result, in the order in which they are told, and what each one says. */
export const claims = {
  signature: "both statements are signed by one known key, and their bundles hold the same",
  trust: "the key is in the reader's list",
  files: "every file has the signed SHA-256, none is missing or unnamed",
  schema: "record and statements fit their schemas",
  statement: "the manifest says what results.json says",
  provenance: "the provenance says what results.json says, of a time that can be",
  problems: "the problems are those of the suites that the profile names",
  seeds: "the runs are the profile's methods and seeds, no two of them one",
  byproducts: "training logs, graphs and overlap fit the record",
  samples: "there are completions of every run and problem, no two runs the same",
  counts: "the completions, graded again, give the counts",
  scores: "the scores follow from the counts",
} as const;

/** The name of a claim. */
export type ClaimName = keyof typeof claims;

/** The names of the claims, in their order. */
export const claimNames = Object.keys(claims) as readonly ClaimName[];

/** What was found out about a claim. */
export type Claim =
  | { readonly state: "proved" }
  | {
    /** Nobody looked, or nobody could. */
    readonly state: "not checked";
    /** Why not. */
    readonly reason: string;
    /** Where a part was looked at and holds: which share, above 0 and below 1. */
    readonly share?: number;
  }
  | {
    /** It does not hold. */
    readonly state: "false";
    /** What is wrong, beginning with the place. */
    readonly reason: string;
  };

/** It was shown. */
export const proved: Claim = { state: "proved" };

/** Nobody looked, or nobody could; `share` of it was looked at and holds. */
export function notChecked(reason: string, share?: number): Claim {
  return share === undefined ? { state: "not checked", reason } : { state: "not checked", reason, share };
}

/** It does not hold. */
export function untrue(reason: string): Claim {
  return { state: "false", reason };
}

/** The claim that several make together: false if one is, proved if all are. */
export function together(parts: readonly Claim[]): Claim {
  return parts.find(({ state }) => state === "false") ?? parts.find(({ state }) => state !== "proved") ??
    proved;
}

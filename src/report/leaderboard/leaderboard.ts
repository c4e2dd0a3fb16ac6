/**
 * The leaderboard's shape: `results/leaderboard.json`.
 *
 * @module
 */

import { z } from "zod";
import type { Coverage } from "../../stats/mod.ts";
import type { ComparisonSettings, PairVerdict, Ranged } from "../compare/mod.ts";

/** The version of the leaderboard's shape. */
export const LEADERBOARD_SCHEMA = "bupo-bench/leaderboard/v1";

/** A method on one suite, or the mean over the suites. */
export interface LeaderboardScore {
  /** avg@k, as a share. */
  readonly average: Ranged;
  /** pass@k, as a share. */
  readonly pass: Ranged;
  /** Letters by avg@k: methods of which none was called better share one; empty where not every pair was compared. */
  readonly groups: string;
}

/** A method of a result. */
export interface LeaderboardRow {
  /** Name of the result. */
  readonly result: string;
  /** SHA-256 of the result's `manifest.sigstore.json`. */
  readonly manifest: string;
  /** Fingerprint of the key that signed it. */
  readonly key: string;
  /** The method: `base`, `grpo`, `bupo`. */
  readonly method: string;
  /** The method as people write it. */
  readonly label: string;
  /** The training seeds; none for the base model. */
  readonly seeds: readonly number[];
  /** The unweighted mean over the suites. */
  readonly mean: LeaderboardScore;
  /** Scores by suite. */
  readonly suites: Readonly<Record<string, LeaderboardScore>>;
  /** Mean tokens of a completion. */
  readonly tokens: number;
  /** Share of completions cut off at the length limit. */
  readonly truncated: number;
  /** Share of completions without a readable answer. */
  readonly unparsed: number;
}

/** The difference of two methods of a result. */
export interface LeaderboardPair {
  /** Name of the result. */
  readonly result: string;
  /** The suite, or null for the mean over all. */
  readonly suite: string | null;
  /** The method that is judged. */
  readonly candidate: string;
  /** The method that it is compared with. */
  readonly baseline: string;
  /** What came out. */
  readonly verdict: PairVerdict;
  /** What to know about it, such as how wide few seeds make the difference; null where there is nothing to say. */
  readonly note: string | null;
  /** avg@k of the candidate minus that of the baseline, paired by problem. */
  readonly difference: Ranged;
  /** What its interval speaks of. */
  readonly covers: Coverage;
  /** p-value over problems and seeds, after Holm's correction over the suites. */
  readonly p: number;
  /** Smallest true difference that would be found with the wanted power; null where no problem varies. */
  readonly detectable: number | null;
  /** Ids of problems whose majority the candidate turned right; none for the mean. */
  readonly fixed: readonly string[];
  /** Ids of problems whose majority it turned wrong. */
  readonly broken: readonly string[];
}

/** A signed result whose manifest holds. */
export interface LeaderboardResult {
  /** Its name: that of its directory. */
  readonly name: string;
  /** The resolved profile: name and content id. */
  readonly profile: { readonly name: string; readonly digest: string; readonly description: string };
  /** The base model. */
  readonly model: { readonly name: string; readonly digest: string; readonly parameters: number };
  /** Version of the grader. */
  readonly graderVersion: string;
  /** The suites: content id, number of problems, samples a problem. */
  readonly suites: readonly {
    readonly name: string;
    readonly digest: string;
    readonly problems: number;
    readonly samples: number;
  }[];
  /** SHA-256 of `manifest.sigstore.json`. */
  readonly manifest: string;
  /** SHA-256 of `results.json`. */
  readonly record: string;
  /** Fingerprint of the key. */
  readonly key: string;
  /** Whose key it is, if the publisher's trusted list says so. */
  readonly owner: string | null;
  /** Is the key in the publisher's trusted list? */
  readonly trusted: boolean;
  /** The commit that it was made from, or null where unknown. */
  readonly commit: string | null;
  /** Whether the source tree differed from the commit. */
  readonly dirty: boolean | "unknown";
  /** When the run ended, as signed; RFC 3339 in UTC. */
  readonly date: string;
  /** The machine and the software underneath, as signed. */
  readonly environment: Readonly<Record<string, string | number | null>>;
  /** Is it the newest result of its profile and model? */
  readonly newest: boolean;
  /** What it says about the methods, in one sentence. */
  readonly headline: string;
}

/** A directory that is not on the leaderboard. */
export interface Excluded {
  /** Its name. */
  readonly name: string;
  /** Why not. */
  readonly reason: string;
}

/** The content of `leaderboard.json`. It holds no time of its own, so that the same results give the same bytes. */
export interface Leaderboard {
  /** {@linkcode LEADERBOARD_SCHEMA}. */
  readonly schema: typeof LEADERBOARD_SCHEMA;
  /** How the numbers were made. */
  readonly settings: ComparisonSettings;
  /** The results, newest first. */
  readonly results: readonly LeaderboardResult[];
  /** The methods of all results, in the results' order, the best first. */
  readonly rows: readonly LeaderboardRow[];
  /** The pairs of methods inside each result. */
  readonly pairs: readonly LeaderboardPair[];
  /** What was left out, by name. */
  readonly excluded: readonly Excluded[];
}

const text = z.string(), digest = z.string().regex(/^[0-9a-f]{64}$/), natural = z.int().nonnegative();
const share = z.number().min(0).max(1), name = z.string().min(1);
const key = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);
const ranged = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });
const score = z.strictObject({
  average: ranged.describe("avg@k as a share, with its interval"),
  pass: ranged.describe("pass@k as a share, with its interval"),
  groups: text.describe("Letters by avg@k: methods of which none was called better share one"),
});
const verdicts = [
  "better",
  "worse",
  "tied within noise",
  "identical",
  "inconclusive (too few seeds)",
  "inconclusive (too few problems)",
  "not comparable",
] as const satisfies readonly PairVerdict[];

const leaderboardSchema: z.ZodType<Leaderboard> = z.strictObject({
  schema: z.literal(LEADERBOARD_SCHEMA),
  settings: z.strictObject({
    confidence: share.describe("Coverage of the intervals"),
    margin: share.describe("Largest difference that counts as none"),
    power: share.describe("Power of the detectable effect"),
    resamples: natural.describe("Resamples of the bootstrap"),
    draws: natural.describe("Sign patterns of the permutation test"),
  }),
  results: z.array(z.strictObject({
    name,
    profile: z.strictObject({ name, digest, description: text }),
    model: z.strictObject({ name: text, digest, parameters: natural }),
    graderVersion: text,
    suites: z.array(z.strictObject({ name, digest, problems: natural, samples: natural })),
    manifest: digest.describe("SHA-256 of manifest.sigstore.json"),
    record: digest.describe("SHA-256 of results.json"),
    key: key.describe("Fingerprint of the signing key, as ssh-keygen -l prints it"),
    owner: text.nullable().describe("Whose key it is, if the publisher's trusted list says so"),
    trusted: z.boolean(),
    commit: text.nullable(),
    dirty: z.union([z.boolean(), z.literal("unknown")]),
    date: text.describe("End of the run, as signed; RFC 3339 in UTC"),
    environment: z.record(text, z.union([text, z.number(), z.null()])),
    newest: z.boolean().describe("Is it the newest of its profile and model?"),
    headline: text,
  })),
  rows: z.array(z.strictObject({
    result: name,
    manifest: digest,
    key,
    method: name,
    label: text,
    seeds: z.array(natural),
    mean: score,
    suites: z.record(text, score),
    tokens: z.number(),
    truncated: share,
    unparsed: share,
  })),
  pairs: z.array(z.strictObject({
    result: name,
    suite: text.nullable().describe("null: the mean over the suites"),
    candidate: name,
    baseline: name,
    verdict: z.enum(verdicts),
    note: text.nullable().describe("What to know about it, such as how wide few seeds make the difference"),
    difference: ranged.describe("candidate − baseline, paired by problem"),
    covers: z.enum(["problems and seeds", "problems only", "seeds only"]).describe("What its interval speaks of"),
    p: share,
    detectable: z.number().nullable(),
    fixed: z.array(text).describe("Problems that only the candidate's majority solves"),
    broken: z.array(text).describe("Problems that only the baseline's majority solves"),
  })),
  excluded: z.array(z.strictObject({ name, reason: text })),
});

/** The JSON Schema of `leaderboard.json`, as published in `docs`. */
export function leaderboardJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(leaderboardSchema);
  return { $schema, $id: LEADERBOARD_SCHEMA, title: "BuPO Bench leaderboard", ...schema };
}

/**
 * Checks that a value is a leaderboard.
 *
 * @throws {TypeError} With the first place that does not fit.
 */
export function parseLeaderboard(value: unknown): Leaderboard {
  const { data, error } = leaderboardSchema.safeParse(value);
  if (data) return data;
  const [issue] = error.issues;
  throw new TypeError(`Cannot read a leaderboard: ${issue?.path.join(".")}: ${issue?.message}`);
}

/**
 * The schema of `results/leaderboard.json`.
 *
 * @module
 */

import { z } from "zod";
import { type ClaimName, claimNames, claims } from "../../judge/mod.ts";
import type { Planted, Verdict } from "../../stats/mod.ts";
import type { PairVerdict } from "../table/mod.ts";
import { type Leaderboard, LEADERBOARD_SCHEMA } from "./leaderboard.ts";

const text = z.string(), digest = z.string().regex(/^[0-9a-f]{64}$/), natural = z.int().nonnegative();
const share = z.number().min(0).max(1), name = z.string().min(1);
const key = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/);
const ranged = z.strictObject({ value: z.number(), low: z.number(), high: z.number() });
const score = z.strictObject({
  average: ranged.describe("avg@k as a share, with its interval"),
  pass: ranged.describe("pass@k as a share, with its interval"),
  groups: text.describe("Letters by avg@k: methods of which none was called better share one"),
});
const verdict = z.enum(
  [
    "better",
    "worse",
    "tied within noise",
    "identical",
    "inconclusive (too few seeds)",
    "inconclusive (too few problems)",
  ] as const satisfies readonly Verdict[],
);

const planted = z.enum(["better", "worse", "tied"] as const satisfies readonly Planted[]);
const registration = z.strictObject({
  suites: z.array(name).describe("The primary suites: the pairs are compared over their mean"),
  metric: z.enum(["avg", "pass"]),
  samples: natural,
  seeds: natural,
  smallestEffect: z.number().describe("The smallest difference that would matter, in points"),
  pairs: z.array(z.strictObject({
    method: name,
    against: name,
    planted: planted.optional().describe("What a control must come out as; absent: that is the question"),
    verdict: verdict.nullable().describe("null: a side or a suite is missing"),
    difference: ranged.nullable().describe("method − against, as shares"),
    detectable: z.number().nullable(),
    asPlanted: z.boolean().nullable().describe("Has a control come out as planted?"),
  })),
  deviations: z.array(text).describe("How what was run deviates from the plan"),
});

const claim = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("proved") }),
  z.strictObject({ state: z.literal("not checked"), reason: text, share: z.exactOptional(share) }),
  z.strictObject({ state: z.literal("false"), reason: text }),
]);
const claimSchemas = Object.fromEntries(
  claimNames.map((one) => [one, claim.describe(claims[one])]),
) as Record<
  ClaimName,
  typeof claim
>;

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
    model: z.strictObject({ name, revision: text.nullable(), digest, parameters: natural }),
    graderVersion: text,
    suites: z.array(z.strictObject({ name, digest, problems: natural, samples: natural })),
    forTests: z.boolean().describe("A smoke run, or too few problems for a number: never shown first"),
    manifest: digest.describe("SHA-256 of manifest.sigstore.json"),
    provenance: digest.describe("SHA-256 of provenance.sigstore.json"),
    record: digest.describe("SHA-256 of results.json"),
    key: key.describe("Fingerprint of the signing key, as ssh-keygen -l prints it"),
    owner: text.nullable().describe("Whose key it is, if the publisher's trusted list says so"),
    trusted: z.boolean(),
    commit: text.nullable(),
    dirty: z.union([z.boolean(), z.literal("unknown")]),
    started: text.describe("Start of the run, as the signer wrote; RFC 3339 in UTC"),
    date: text.describe("End of the run, as the signer wrote; RFC 3339 in UTC"),
    signed: text.nullable().describe("When it was signed, as the signer wrote; null: not stated"),
    afterEdit: text.nullable().describe("Why it was signed again after an edit"),
    executed: z.array(z.strictObject({
      commit: text.nullable(),
      dirty: z.union([z.boolean(), z.literal("unknown")]),
      environment: z.record(text, text),
      records: z.array(text),
    })).describe("What executed its records, and which; empty where its provenance does not tell"),
    environment: z.record(text, z.union([text, z.number(), z.null()])),
    place: z.number().nullable().describe(
      "The commit's place in the publisher's git history, 0 the newest; null: not committed",
    ),
    judged: z.strictObject({
      claims: z.strictObject(claimSchemas),
      suites: z.array(z.strictObject({
        name,
        kind: z.enum(["generated", "hub", "own", "unknown"]),
        file: text.nullable(),
        whole: z.boolean().nullable(),
        note: text.nullable(),
      })),
      headline: z.boolean().describe("May it stand for its profile: problems and counts were compared?"),
      whole: z.boolean(),
      partial: text.nullable().describe("Why it covers only a part of its profile"),
    }).describe("What the publisher found out about it"),
    first: z.boolean().describe("Is it the one shown of its profile and model?"),
    registered: registration.nullable().describe("The plan of its profile, and what came out"),
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
    served: text.optional().describe(
      "The inference server that sampled the completions: a statistical claim; absent: our own engine did",
    ),
  })),
  pairs: z.array(z.strictObject({
    result: name,
    suite: text.nullable().describe("null: the mean over the suites"),
    candidate: name,
    baseline: name,
    verdict: z.union([verdict, z.literal("not comparable" satisfies PairVerdict)]),
    note: text.nullable().describe("What to know about it, such as how wide few seeds make the difference"),
    difference: ranged.describe("candidate − baseline, paired by problem"),
    covers: z.enum(["problems and seeds", "problems only", "seeds only"]).describe(
      "What its interval speaks of",
    ),
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

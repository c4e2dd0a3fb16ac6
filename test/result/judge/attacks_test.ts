import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { judge } from "../../../src/judge/mod.ts";
import { readResult } from "../../../src/publish/mod.ts";
import { findResults, recheck, verify } from "../../../src/result/mod.ts";
import { keysOf } from "../fixture.ts";
import { judged, NOW, writeForgery } from "./forger.ts";
import { forgeries, type Forgery } from "./forgeries.ts";
import { copyOf, honestParts, type Parts } from "./honest.ts";

const honest = await honestParts();
const regrade = { regrade: { workers: 1 } };

/** The parts of a forgery. */
function forged({ work }: Pick<Forgery, "work">): Parts {
  const parts = copyOf(honest);
  work(parts);
  return parts;
}

Deno.test("an honest result is whole, once its completions were graded again", async () => {
  const { judgement, problems, recheck } = await judged(copyOf(honest), { options: regrade });
  assertEquals([judgement.fault, judgement.partial, judgement.refused, problems], [null, null, null, []]);
  assertEquals([judgement.whole, judgement.headline, recheck?.completions], [true, true, 672]);
  const ungraded = (await judged(copyOf(honest))).judgement;
  assertEquals([ungraded.holds, ungraded.whole, ungraded.claims.counts.state], [true, false, "not checked"]);
});

for (const forgery of forgeries) {
  const { name, expected, forging = {}, graded = false } = forgery;
  Deno.test(`refused: ${name}`, async () => {
    const { judgement, problems } = await judged(forged(forgery), {
      ...forging,
      ...(graded ? { options: regrade } : {}),
    });
    assertEquals([judgement.whole, judgement.headline], [false, false]);
    assert(judgement.refused !== null, "it may not enter a leaderboard");
    if ("partial" in expected) {
      assertEquals(judgement.fault, null);
      assertStringIncludes(judgement.partial ?? "", expected.partial);
      return;
    }
    if ("unchecked" in expected) {
      const claim = judgement.claims[expected.unchecked];
      assertStringIncludes(claim.state === "not checked" ? claim.reason : claim.state, expected.says);
      return;
    }
    const claim = judgement.claims[expected.claim];
    assertEquals([judgement.holds, claim.state], [false, "false"], JSON.stringify(judgement.claims, null, 1));
    assertStringIncludes(claim.state === "false" ? claim.reason : "", expected.says);
    assert(problems.some(({ check }) => check === expected.claim), "the problems name it");
  });
}

/** What each command says of a result on disk: whether it accepts it as whole and signed. */
async function accepted(
  directory: string,
  keys: ReturnType<typeof keysOf>,
): Promise<Record<string, boolean>> {
  const [found] = await findResults(directory);
  const again = await recheck(directory, { workers: 1 }).then(
    ({ judgement }) => judgement.holds && judgement.partial === null,
    () => false,
  );
  const { ok, judgement: { partial, claims } } = await verify(directory, keys, { now: NOW });
  const known = (state: string): boolean => state === "proved";
  return {
    verify: ok && partial === null && known(claims.problems.state) && known(claims.samples.state),
    "compare and results": found?.signature.state === "verified" && found.signature.unchecked === null &&
      found.judgement.partial === null,
    publish: !("reason" in await readResult(directory, keys, { now: NOW, regrade: { workers: 1 } })),
    recheck: again,
  };
}

const NONE = { verify: false, "compare and results": false, publish: false, recheck: false };

/** What shows in the record alone is refused by recheck too, which does not look at signatures. */
const unsignedClaims = new Set(["problems", "seeds", "samples", "counts", "byproducts"]);

Deno.test("verify, compare, results, publish and recheck refuse the same forgeries", async () => {
  const root = await Deno.makeTempDir();
  try {
    const directory = join(root, "results", "x"), key = await writeForgery(directory, copyOf(honest));
    const all = { verify: true, "compare and results": true, publish: true, recheck: true };
    assertEquals(await accepted(directory, keysOf(key)), all, "an honest result");
    // One of each kind: the rest is decided by the same function, which the tests above ask.
    const kinds = Map.groupBy(
      forgeries.filter(({ graded }) => !graded),
      ({ expected }) => "claim" in expected ? expected.claim : JSON.stringify(Object.keys(expected)),
    );
    for (const [forgery] of kinds.values()) {
      if (!forgery) continue;
      await writeForgery(directory, forged(forgery), forgery.forging);
      const { expected } = forgery;
      const seen = !("claim" in expected) || unsignedClaims.has(expected.claim);
      assertEquals(await accepted(directory, keysOf(key)), { ...NONE, recheck: !seen }, forgery.name);
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("F9: a result whose signatures were taken off is not signed, and no row", async () => {
  const root = await Deno.makeTempDir();
  try {
    const directory = join(root, "x"), key = await writeForgery(directory, copyOf(honest));
    for await (const { name } of Deno.readDir(directory)) {
      if (/^(manifest|provenance)\./.test(name)) await Deno.remove(join(directory, name));
    }
    const [found] = await findResults(directory);
    assertEquals(found?.signature.state, "unsigned");
    assertEquals((await verify(directory, keysOf(key))).ok, false);
    const left = await readResult(directory, keysOf(key));
    assertStringIncludes("reason" in left ? left.reason : "", "manifest.intoto.json: it is missing");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("F16: that every answer is the gold answer can only be told by running it again", async () => {
  const parts = copyOf(honest);
  for (const line of parts.lines) {
    line.responses = line.responses.map((_, i) =>
      `${line.method} ${line.seed} ${i}: \\boxed{${parts.answers[line.problem]}}`
    );
  }
  for (const run of parts.record.runs) {
    for (const { name, problems, samples } of parts.record.suites) {
      run.suites[name].correct = problems.map(() => samples);
    }
  }
  assertEquals((await judged(parts, { options: regrade })).judgement.whole, true);
  const page = await Deno.readTextFile("docs/leaderboard.md");
  assertStringIncludes(page.replace(/\s+/g, " "), "every completion is replaced by the gold answer");
});

Deno.test("a result of an older grader is listed, and its counts are not checked", async () => {
  const parts = copyOf(honest);
  parts.record.graderVersion = "1.0.0";
  const { judgement } = await judged(parts, { options: regrade });
  const { counts } = judgement.claims;
  assertEquals([judgement.holds, judgement.refused, judgement.headline], [true, null, false]);
  assertStringIncludes(counts.state === "not checked" ? counts.reason : "", "counted by grader 1.0.0");
  // Its suites may have asked for answers in another form. Of the present grader's suites that is a lie.
  parts.record.suites[0].digest = "0".repeat(64);
  const older = (await judged(parts, { options: regrade })).judgement;
  assertEquals([older.claims.problems.state, older.holds, older.headline], ["not checked", true, false]);
  parts.record.graderVersion = honest.record.graderVersion;
  assertEquals((await judged(parts, { options: regrade })).judgement.claims.problems.state, "false");
});

Deno.test("problems of an older version are not checked, and are no row; a digest of nothing by this one is false", async () => {
  const parts = copyOf(honest);
  parts.record.suites[0].digest = "0".repeat(64);
  assertEquals((await judged(parts)).judgement.claims.problems.state, "false");
  parts.record.graderVersion = "1.0.0";
  const { judgement } = await judged(parts);
  assertEquals([judgement.holds, judgement.claims.problems.state], [true, "not checked"]);
  assertStringIncludes(judgement.refused ?? "", "another version made them, or they are invented");
});

Deno.test("the judge takes nothing for granted: without evidence nothing but the record's own word is there", () => {
  const absent = "nobody looked", not = { state: "not checked", reason: absent } as const;
  const { claims, holds, whole, refused } = judge({
    made: { signature: not, trust: not, files: not, schema: not },
    record: { absent },
    profileDigest: { absent },
    statements: { absent },
    knowledge: { suites: new Map(), graders: [], grader: "", methods: new Map() },
    problems: new Map(),
    logs: { absent },
    probes: { absent },
    artifacts: { absent },
    overlap: { absent },
    samples: { absent },
    regraded: { absent },
  });
  assertEquals([...new Set(Object.values(claims).map(({ state }) => state))], ["not checked"]);
  assertEquals([holds, whole, refused === null], [true, false, false]);
});

Deno.test("of very many completions a part is graded, always the same one, and the share is said", async () => {
  const sampled = { regrade: { workers: 1, most: 200 } };
  const { judgement, recheck } = await judged(copyOf(honest), { options: sampled });
  const { counts } = judgement.claims, again = await judged(copyOf(honest), { options: sampled });
  assert(counts.state === "not checked" && counts.share !== undefined && recheck);
  assertEquals(counts.share, recheck.completions / 672);
  assert(counts.share > 0.1 && counts.share < 0.6, `${counts.share}`);
  assertStringIncludes(counts.reason, `${recheck.completions} of 672 completions`);
  assertEquals([judgement.whole, judgement.headline, judgement.refused], [false, true, null]);
  assertEquals(again.recheck, recheck);
  const parts = copyOf(honest);
  for (const run of parts.record.runs) run.suites["mini-aime"].correct.fill(4);
  assertEquals((await judged(parts, { options: sampled })).judgement.claims.counts.state, "false");
});

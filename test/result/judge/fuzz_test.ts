import { assert, assertEquals } from "@std/assert";
import { canonicalJson } from "../../../src/canonical_json.ts";
import { SCORING, verify } from "../../../src/grade/mod.ts";
import { RandomStream } from "../../../src/random.ts";
import type { Gold, Recheck } from "../../../src/result/mod.ts";
import { type Forging, judged } from "./forger.ts";
import { copyOf, honestParts, type Loose, type Parts } from "./honest.ts";
import { mutations } from "./mutations.ts";

const honest = await honestParts();

const known = new Map<string, string>();

/** The verdict on a completion; most of them are those of the honest result. */
function verdictOf(gold: Gold | undefined, completion: string): string {
  const { answer = "", question = "", form } = gold ?? {};
  const key = JSON.stringify([answer, question, completion]);
  const verdict = known.get(key) ?? verify(answer, completion, { ...SCORING, ...form, question }).verdict;
  known.set(key, verdict);
  return verdict;
}

/** What grading again gives, in this thread: two thousand crews of workers would take their time to start. */
function gradedHere({ record, lines, golds }: Parts): Recheck {
  const differences: Loose[] = [];
  let completions = 0, counts = 0, unevaluated = 0;
  const compare = (of: object, recorded: number, regraded: number): void => {
    counts++;
    if (recorded !== regraded) differences.push({ ...of, recorded, regraded });
  };
  for (const run of record.runs) {
    for (const { name, problems } of record.suites) {
      let unparsed = 0;
      const of = { method: run.method, seed: run.seed, suite: name };
      for (const [place, problem] of problems.entries()) {
        const line = lines.find((one) =>
          one.method === run.method && (one.seed ?? null) === run.seed && one.suite === name &&
          one.problem === problem
        );
        const verdicts = line?.responses.map((text) => verdictOf(golds[problem], text)) ?? [];
        completions += verdicts.length;
        unparsed += verdicts.filter((verdict) => verdict === "unparsed" || verdict === "timeout").length;
        unevaluated += verdicts.filter((verdict) => verdict === "unevaluated").length;
        const right = verdicts.filter((verdict) => verdict === "correct").length;
        compare({ ...of, problem, count: "correct" }, run.suites[name].correct[place], right);
      }
      compare({ ...of, problem: null, count: "unparsed" }, run.suites[name].unparsed, unparsed);
    }
  }
  const { graderVersion } = record;
  return {
    recordedGrader: graderVersion,
    presentGrader: graderVersion,
    completions,
    unevaluated,
    counts,
    differences,
  };
}

/** How many forgeries are tried. */
const TIMES = 2000;

/** A second change on top of a first, unless that left it nothing to change. */
function onTop(parts: Parts, name: string, random: RandomStream): Forging {
  const both = copyOf(parts);
  try {
    const forging = mutations[name]?.(both, random) ?? {};
    Object.assign(parts, both);
    return forging;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return {};
    throw error;
  }
}

Deno.test(`of ${TIMES} signed forgeries none is accepted as whole`, async () => {
  const names = Object.keys(mutations), seen = new Map<string, number>();
  let refused = 0, held = 0;
  for (let index = 0; index < TIMES; index++) {
    const random = new RandomStream("forgery", index), parts = copyOf(honest);
    const [name = "", second = ""] = [
      names[index % names.length],
      names[random.integer(0, names.length - 1)],
    ];
    let forging = mutations[name]?.(parts, random) ?? {};
    if (index % 4 === 3) forging = { ...forging, ...onTop(parts, second, random) };
    const changed = canonicalJson({ ...parts, golds: 0 }) !== canonicalJson({ ...honest, golds: 0 });
    assert(changed || Object.keys(forging).length > 0, `${name} changed nothing (${index})`);
    let outcome;
    try {
      outcome = await judged(parts, {
        ...forging,
        options: { regrade: {}, remembered: () => Promise.resolve(gradedHere(parts)) },
      });
    } catch (error) {
      // What has no canonical form, or no statements, cannot be signed.
      assert(error instanceof TypeError, `${name} (${index}): ${error}`);
      refused++;
      continue;
    }
    const { judgement } = outcome;
    assertEquals(
      judgement.whole,
      false,
      `${name}, ${second} (${index}): ${JSON.stringify(judgement.claims)}`,
    );
    if (judgement.holds && judgement.partial === null) held++;
    seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  assertEquals([...seen.keys()].sort(), names.sort());
  assert(refused < TIMES / 20, `${refused} could not be signed`);
  // What is not false or partial lacks a proof: a setting, a list, a file, another generator's problems.
  assert(held < TIMES / 4, `${held} are only unproved`);
});

Deno.test("the fuzz grades as recheck does", async () => {
  for (const name of ["resize a count", "resize a completion", "resize the rest of an outcome"]) {
    const parts = copyOf(honest);
    mutations[name]?.(parts, new RandomStream("same", name));
    const { recheck } = await judged(parts, { options: { regrade: { workers: 1 } } });
    if (recheck) assertEquals(gradedHere(parts), { ...recheck, recordedGrader: parts.record.graderVersion });
  }
  assertEquals(gradedHere(honest).differences, []);
});

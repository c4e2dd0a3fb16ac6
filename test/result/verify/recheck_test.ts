import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { canonicalJson } from "../../../src/canonical_json.ts";
import { graderVersion } from "../../../src/grade/mod.ts";
import { parseProfile } from "../../../src/pipeline/mod.ts";
import {
  findProblems,
  readSamples,
  recheck,
  RECORD_FILE,
  RECORD_SCHEMA,
  type ResultRecord,
  SAMPLES_FILE,
} from "../../../src/result/mod.ts";
import { generateSuite, promptTemplates, suiteDigest } from "../../../src/suite/mod.ts";

const PROBLEMS = 3, SAMPLES = 2;

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A small result: the base model has every first sample right, the trained one all of the first problem. */
async function smallResult(): Promise<{ record: ResultRecord; lines: Record<string, unknown>[] }> {
  const profile = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));
  const { $schema: _, rolloutBatch: __, ...settings } = profile;
  const names = ["mini-aime", "mini-math"] as const;
  settings.seeds = [1];
  settings.evaluation = { ...settings.evaluation, suites: names, problems: PROBLEMS, samples: SAMPLES };
  assert(parseProfile(JSON.stringify({ ...profile, evaluation: settings.evaluation }), "smoke"));
  const { template, temperature, maxResponseTokens, evaluation: { suiteSeed, seed } } = settings;
  const sampling = { temperature, maxResponseTokens, samples: SAMPLES, seed };
  const suites = [], lines: Record<string, unknown>[] = [];
  for (const name of names) {
    const problems = await generateSuite(name, "evaluation", PROBLEMS, suiteSeed);
    const digest = await suiteDigest(
      name,
      problems,
      promptTemplates[template as keyof typeof promptTemplates],
      sampling,
    );
    suites.push({ name, digest, samples: SAMPLES, problems: problems.map(({ id }) => id), golds: problems });
  }
  for (const policy of [{ method: "base" }, { method: "grpo", seed: 1 }]) {
    for (const { name, golds } of suites) {
      golds.forEach(({ id, answer }, i) => {
        const right = `So it is \\boxed{${answer}}`, wrong = "So it is \\boxed{-12345}", silent = "It is 3.";
        const responses = policy.method === "base"
          ? [right, silent]
          : i === 0
          ? [right, right]
          : [wrong, wrong];
        lines.push({ ...policy, suite: name, problem: id, responses });
      });
    }
  }
  const outcome = (correct: number[], unparsed: number) => ({ correct, truncated: 0, unparsed, tokens: 9 });
  const of = (correct: number[], unparsed: number) => ({
    "mini-aime": outcome(correct, unparsed),
    "mini-math": outcome(correct, unparsed),
  });
  const record: ResultRecord = {
    schema: RECORD_SCHEMA,
    profile: settings,
    base: { digest: "a".repeat(64), parameters: 1 },
    artifacts: {},
    graderVersion: "1.0.0",
    suites: suites.map(({ golds: _, ...suite }) => suite),
    runs: [
      { method: "base", seed: null, checkpoint: null, suites: of([1, 1, 1], 3) },
      { method: "grpo", seed: 1, checkpoint: "b".repeat(64), suites: of([2, 0, 0], 0) },
    ],
  };
  return { record, lines };
}

/** Runs a test on a result directory, after a change of its parts. */
async function withResult(
  work: (directory: string) => Promise<void>,
  change: (parts: Awaited<ReturnType<typeof smallResult>>) => void = () => {},
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const parts = await smallResult();
  change(parts);
  const text = parts.lines.map((line) => canonicalJson(line) + "\n").join("");
  await Deno.writeTextFile(join(directory, RECORD_FILE), canonicalJson(parts.record) + "\n");
  await Deno.writeFile(join(directory, SAMPLES_FILE), await gzip(text));
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("recheck() finds the recorded counts again", async () => {
  await withResult(async (directory) => {
    const { judgement, ...outcome } = await recheck(directory, { workers: 1 });
    // It was counted by another version of the grader, which this one cannot vouch for.
    assertEquals(judgement.claims.counts.state, "not checked");
    assertEquals(outcome, {
      recordedGrader: "1.0.0",
      presentGrader: graderVersion,
      completions: 24,
      unevaluated: 0,
      counts: 16, // 12 problems and 4 suites
      differences: [],
    });
  });
});

Deno.test("recheck() grades in the form that the problem asks for, and counts what is not worked out", async () => {
  await withResult(async (directory) => {
    const { unevaluated, differences } = await recheck(directory, { workers: 1 });
    assertEquals([
      unevaluated,
      differences.map(({ count, recorded, regraded }) => [count, recorded, regraded]),
    ], [
      1,
      [["correct", 1, 0]],
    ]);
  }, ({ lines }) => {
    const first = lines.find(({ suite }) => suite === "mini-math") as { responses: string[] };
    const [, top = "", bottom = ""] = /\\frac\{(\d+)\}\{(\d+)\}/.exec(first.responses[0] ?? "") ?? [];
    first.responses[0] = `\\boxed{\\frac{${2 * Number(top)}}{${2 * Number(bottom)}}}`;
  });
});

Deno.test("recheck() names every count that differs", async () => {
  await withResult(async (directory) => {
    const { differences } = await recheck(directory, { workers: 1 });
    const { record: { suites } } = await smallResult();
    assertEquals(differences, [
      {
        method: "base",
        seed: null,
        suite: "mini-math",
        problem: null,
        count: "unparsed",
        recorded: 2,
        regraded: 3,
      },
      {
        method: "grpo",
        seed: 1,
        suite: "mini-aime",
        problem: suites[0]?.problems[1] ?? null,
        count: "correct",
        recorded: 2,
        regraded: 0,
      },
    ]);
  }, ({ record }) => {
    const [base, grpo] = record.runs;
    Object.assign(base?.suites["mini-math"] ?? {}, { unparsed: 2 });
    Object.assign(grpo?.suites["mini-aime"] ?? {}, { correct: [2, 2, 0] });
  });
});

Deno.test("recheck() finds a completion that was changed", async () => {
  await withResult(async (directory) => {
    const { differences } = await recheck(directory, { workers: 1 });
    assertEquals(differences.map(({ recorded, regraded }) => [recorded, regraded]), [[0, 1]]);
  }, ({ lines }) => {
    const right = (lines[6]?.responses as string[])[0];
    const wrong = lines.find(({ method, suite }, i) => i > 6 && method === "grpo" && suite === "mini-aime");
    // The right answer of another problem is wrong; that of its own is right.
    (wrong?.responses as string[])[0] = right ?? "";
    (wrong?.responses as string[])[1] = (lines[1]?.responses as string[])[0] ?? "";
  });
});

const misfits:
  readonly (readonly [string, string, (parts: Awaited<ReturnType<typeof smallResult>>) => void])[] = [
    ["a missing line", "ends before", ({ lines }) => lines.pop()],
    ["a surplus line", "one more than results.json", ({ lines }) => lines.push(lines[0] ?? {})],
    ["lines in another order", "is about", ({ lines }) => lines.reverse()],
    ["a missing completion", "has 1 completions", ({ lines }) => (lines[3]?.responses as string[]).pop()],
    ["an unknown member", "line 1", ({ lines }) => Object.assign(lines[0] ?? {}, { extra: 1 })],
    [
      "a completion that is no text",
      "responses.0",
      ({ lines }) => Object.assign(lines[0] ?? {}, { responses: [1, 2] }),
    ],
    ["another profile", "this checkout generates other problems", ({ record }) => {
      Object.assign(record.profile.evaluation as object, { suiteSeed: 99 });
    }],
    [
      "a profile without a template",
      "template",
      ({ record }) => Object.assign(record.profile, { template: "x" }),
    ],
    ["an unknown suite", "aime: the profile does not name it", ({ record, lines }) => {
      Object.assign(record.suites[0] ?? {}, { name: "aime" });
      for (const run of record.runs) {
        Object.assign(run.suites, { aime: run.suites["mini-aime"] });
        Reflect.deleteProperty(run.suites, "mini-aime");
      }
      for (const line of lines) if (line.suite === "mini-aime") line.suite = "aime";
    }],
  ];

for (const [name, message, change] of misfits) {
  Deno.test(`recheck() refuses ${name}`, async () => {
    await withResult(async (directory) => {
      const error = await assertRejects(() => recheck(directory, { workers: 1 }), Error);
      assertStringIncludes(error.message, message);
      assertEquals(error.message.includes("\n"), false);
    }, change);
  });
}

Deno.test("findProblems() knows the answers of every problem of the committed result", async () => {
  const record: ResultRecord = JSON.parse(await Deno.readTextFile("results/embedded/results.json"));
  const found = await findProblems(record);
  for (const { name, problems } of record.suites) {
    const one = found.get(name);
    assert(one && "value" in one);
    assert(problems.every((id) => (one.value.golds.get(id)?.answer ?? "") !== ""));
  }
});

/** Writes a samples file and reads it to the end. */
async function readAll(bytes: Uint8Array, longest?: number): Promise<number> {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, bytes);
  try {
    let lines = 0;
    for await (const _ of readSamples(path, longest === undefined ? {} : { longest })) lines++;
    return lines;
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("readSamples() gives up on a gzip bomb at the longest line, and on what is no gzip", async () => {
  const zeros = new Blob(Array.from({ length: 256 }, () => new Uint8Array(2 ** 20)));
  const stream = zeros.stream().pipeThrough(new CompressionStream("gzip"));
  const bomb = new Uint8Array(await new Response(stream).arrayBuffer());
  assert(bomb.length < 2 ** 20);
  // What is said once the line has ended would begin with "it is longer".
  await assertRejects(() => readAll(bomb, 2 ** 20), SyntaxError, "a line is longer than 1048576 bytes");
  const good = await gzip('{"method":"base","problem":"a","responses":[],"suite":"s"}\n');
  assertEquals(await readAll(good), 1);
  await assertRejects(() => readAll(new Uint8Array([1, 2, 3])), SyntaxError, "near line 1");
  await assertRejects(() => readAll(good.subarray(0, good.length - 4)), SyntaxError, "Cannot read samples");
  await assertRejects(() => readAll(new Uint8Array([...good, 1, 2])), SyntaxError, "Cannot read samples");
});

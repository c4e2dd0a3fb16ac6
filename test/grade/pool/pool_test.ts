import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Crew } from "../../../src/grade/pool/crew.ts";
import { Batch } from "../../../src/grade/pool/jobs.ts";
import {
  type GradedPair,
  type Pair,
  type PoolOptions,
  type Verdict,
  verify,
  verifyMany,
} from "../../../src/grade/mod.ts";

/** A pair with a number of its own. */
interface Numbered extends Pair {
  readonly id: number;
}

/** Pairs of many kinds; about every third answer is wrong. */
function somePairs(count: number): Numbered[] {
  return Array.from({ length: count }, (_, id): Numbered => {
    const k = id % 3 === 0 ? id + 1 : id;
    const kinds: readonly Pair[] = [
      { gold: `${id}`, completion: `The sum is \\boxed{${k}}.` },
      { gold: `\\frac{${id + 1}}{7}`, completion: `so \\boxed{\\dfrac{${2 * k + 2}}{14}}` },
      { gold: `x^2-${id * id}`, completion: `\\boxed{(x-${k})(x+${k})}` },
      { gold: `(${id}, \\sqrt{8})`, completion: `\\boxed{(${k}, 2\\sqrt2)}` },
      { gold: "\\text{Monday}", completion: `It was \\boxed{\\text{${k === id ? "monday" : "Friday"}}}` },
      { gold: `${id}`, completion: `The answer is ${k}.`, options: { mode: "lenient" } },
      { gold: `${id}`, completion: `The answer is ${k}.` },
      { gold: `\\{1, ${id}\\}`, completion: `\\boxed{\\{${k}, 1\\}}` },
    ];
    return { ...(kinds[id % kinds.length] ?? kinds[0] as Pair), id };
  });
}

/** A sum of eight billion terms: without a step budget it runs for a day. */
const HOSTILE: Pair = {
  gold: "0",
  completion: "\\boxed{\\sum_{k=1}^{2000}\\sum_{m=1}^{2000}\\sum_{n=1}^{2000} kmn}",
  options: { maxSteps: Infinity },
};

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Beyond this a test's pair is ended; the others take a hundredth of it. */
const DEADLINE = 700;

function verdictOf({ pair: _, ms: __, ...verdict }: GradedPair): Verdict {
  return verdict;
}

async function gradeAll<P extends Pair>(
  pairs: Iterable<P> | AsyncIterable<P>,
  options: PoolOptions,
): Promise<GradedPair<P>[]> {
  return await Array.fromAsync(verifyMany(pairs, options));
}

Deno.test("verifyMany() gives the verdicts of verify() in order, whatever the workers and the batch", async () => {
  const pairs = somePairs(400);
  const expected = pairs.map(({ gold, completion, options }) => verify(gold, completion, options));
  assertEquals(new Set(expected.map(({ verdict }) => verdict)).size, 3);
  for (const [workers, batch] of [[1, 1], [1, 256], [3, 7], [3, 64]]) {
    const graded = await gradeAll(pairs, { workers, batch } as PoolOptions);
    assertEquals(graded.map(verdictOf), expected);
    assert(graded.every(({ pair, ms }, i) => pair === pairs[i] && ms >= 0));
  }
});

Deno.test("verifyMany() grades with the options for all pairs, and a pair's own come first", async () => {
  const pair = { gold: "2", completion: "The answer is 2." };
  const strict = { ...pair, options: { mode: "strict" } } as const;
  const graded = await gradeAll([pair, strict], { mode: "lenient", workers: 1 });
  assertEquals(graded.map(({ verdict }) => verdict), ["correct", "unparsed"]);
});

Deno.test("verifyMany() ends a pair that runs beyond the deadline, and grades the others", async () => {
  for (const [workers, batch] of [[1, 50], [2, 3]]) {
    const pairs: Pair[] = somePairs(40);
    for (const place of [0, 5, 6]) pairs[place] = HOSTILE;
    const graded = await gradeAll(pairs, { workers, batch, deadline: DEADLINE } as PoolOptions);
    const expected = pairs.map((pair): Verdict => {
      if (pair !== HOSTILE) return verify(pair.gold, pair.completion, pair.options);
      return {
        verdict: "timeout",
        extracted: undefined,
        span: undefined,
        source: undefined,
        rank: undefined,
        goldType: undefined,
        type: undefined,
        method: "deadline",
        reason: `took longer than ${DEADLINE} ms`,
      };
    });
    assertEquals(graded.map(verdictOf), expected);
    assert(graded.every(({ pair }, i) => pair === pairs[i]));
  }
});

Deno.test("verifyMany() measures every pair by itself: many may take longer together", async () => {
  const slow = {
    gold: "0",
    completion: "\\boxed{\\sum_{m=1}^{40}\\sum_{n=1}^{2000} mn}",
    options: { maxSteps: 1e9 },
  };
  const graded = await gradeAll(Array.from({ length: 40 }, () => slow), { workers: 1, deadline: 1500 });
  assertEquals(graded.map(({ verdict }) => verdict), Array.from({ length: 40 }, () => "wrong"));
  assert(graded.reduce((sum, { ms }) => sum + ms, 0) > 0);
});

Deno.test("verifyMany() blames a failure of the verifier on its pair alone", async () => {
  const broken = { gold: { length: 1 } as unknown as string, completion: "" };
  const pairs: Pair[] = somePairs(30);
  pairs[3] = pairs[4] = broken;
  const graded = await gradeAll(pairs, { workers: 1, batch: 10 });
  const lost = graded.flatMap(({ method, verdict }, i) =>
    method === "worker lost" ? [`${i} ${verdict}`] : []
  );
  assertEquals(lost, ["3 timeout", "4 timeout"]);
  assert(graded[3]?.reason.startsWith("the verifier failed: "), graded[3]?.reason);
});

/** A module for a worker, which grades nothing: what it does to a task is given as code. */
function workerEntry(onTask: string): URL {
  const code = `
    import { parentPort, workerData } from "node:worker_threads";
    import process from "node:process";
    const verdict = { verdict: "correct" };
    let begun = 0n;
    parentPort.on("message", (tasks) => {
      tasks.forEach(([index, gold]) => {
        Atomics.store(workerData.words, 0, ++begun);
        ${onTask}
        parentPort.postMessage({ outcomes: [[index, 0, verdict]], state: "more" });
      });
      parentPort.postMessage({ outcomes: [], state: "done" });
    });`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** The verdicts, or methods, of batches of two pairs that are graded by a worker of one's own. */
async function gradeWith(entry: URL, golds: readonly string[]): Promise<string[]> {
  await using crew = new Crew({ size: 1, deadline: 100, entry, memory: 64 });
  const batches: Batch[] = [];
  for (let at = 0; at < golds.length; at += 2) {
    batches.push(new Batch(golds.slice(at, at + 2).map((gold) => ({ gold, completion: "" })), {}));
  }
  for (const batch of batches) crew.grade(batch);
  const verdicts = await Promise.all(batches.map((batch) => batch.verdicts()));
  return verdicts.flat().map(({ verdict, method }) => method ?? verdict);
}

Deno.test("a worker that runs out of memory takes one pair along and nothing else", async () => {
  const entry = workerEntry(
    `if (gold === "greedy") for (const all = [];;) all.push(new Array(1000).fill(index));`,
  );
  assertEquals(await gradeWith(entry, ["a", "b", "c", "greedy", "d"]), [
    "correct",
    "correct",
    "correct",
    "worker lost",
    "correct",
  ]);
});

Deno.test("a worker that ends by itself takes one pair along and nothing else", async () => {
  const entry = workerEntry(`if (gold === "exit") process.exit(3);`);
  const golds = ["exit", "a", "b", "c", "exit", "exit", "d", "exit", "e"];
  assertEquals(
    await gradeWith(entry, golds),
    golds.map((gold) => gold === "exit" ? "worker lost" : "correct"),
  );
});

Deno.test("workers that cannot start are an error and no endless attempt", async () => {
  const entry = new URL(`data:text/javascript,import process from "node:process"; process.exit(4);`);
  const message = "Cannot start a worker that grades: it ended with code 4";
  await assertRejects(() => gradeWith(entry, ["a", "b", "c", "d", "e", "f", "g"]), Error, message);
});

Deno.test("verifyMany() reads no further ahead than its batches, and closes its source when it is left", async () => {
  for (const kind of ["at once", "promised", "late"]) {
    let read = 0, closed = false;
    const source = function* (): Generator<Pair> {
      try {
        for (;; read++) yield { gold: `${read}`, completion: `\\boxed{${read}}` };
      } finally {
        closed = true;
      }
    };
    const later = async function* (): AsyncGenerator<Pair> {
      for (const pair of source()) {
        // Later than a batch waits to become full.
        if (kind === "late" && read % 15 === 0) await delay(8);
        yield pair;
      }
    };
    let consumed = 0, ahead = 0;
    for await (
      const { verdict } of verifyMany(kind === "at once" ? source() : later(), { workers: 2, batch: 10 })
    ) {
      assertEquals(verdict, "correct");
      // As long as this takes, there is time to read on.
      if (consumed % 50 === 0) await delay(100);
      ahead = Math.max(ahead, read - consumed);
      if (++consumed === 405) break;
    }
    assert(ahead <= 60, `${ahead} pairs were read ahead`);
    assertEquals(closed, true);
  }
});

Deno.test("verifyMany() starts nothing before it is asked, and ends when left amid work", async () => {
  let read = 0;
  const source = function* (): Generator<Pair> {
    for (const pair of [...somePairs(20), HOSTILE, ...somePairs(20)]) {
      read++;
      yield pair;
    }
  };
  const unused = verifyMany(source(), { workers: 2 });
  await unused.return();
  assertEquals(read, 0);
  for await (const _ of verifyMany(source(), { workers: 2, batch: 5, deadline: DEADLINE })) break;
  const failing = async (): Promise<void> => {
    for await (const _ of verifyMany(source(), { workers: 2, batch: 5, deadline: DEADLINE })) {
      throw new Error("enough");
    }
  };
  await assertRejects(failing, Error, "enough");
});

Deno.test("verifyMany() does not wait for a source that waits itself", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const source = async function* (): AsyncGenerator<Pair> {
    yield* somePairs(3);
    await promise;
  };
  const seen: number[] = [];
  for await (const { pair } of verifyMany(source(), { workers: 1 })) {
    // Three verdicts come although the batch is not full, and the loop can be left.
    if (seen.push((pair as Numbered).id) === 3) break;
  }
  assertEquals(seen, [0, 1, 2]);
  resolve();
});

Deno.test("verifyMany() gives all verdicts on the pairs that came before its source failed", async () => {
  const source = function* (): Generator<Pair> {
    yield* somePairs(25);
    throw new Error("the disk is gone");
  };
  const seen: string[] = [];
  const run = async (): Promise<void> => {
    for await (const { verdict } of verifyMany(source(), { workers: 2, batch: 4 })) seen.push(verdict);
  };
  await assertRejects(run, Error, "the disk is gone");
  assertEquals(seen.length, 25);
});

Deno.test("verifyMany() of nothing is nothing", async () => {
  assertEquals(await gradeAll([], {}), []);
});

Deno.test("verifyMany() says which option it cannot use", () => {
  for (
    const options of [{ workers: 0 }, { workers: 1.5 }, { batch: 0 }, { deadline: 0 }, { deadline: NaN }]
  ) {
    const [name = ""] = Object.keys(options);
    assertThrows(() => verifyMany([], options), RangeError, name);
  }
});

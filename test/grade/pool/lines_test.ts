import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type GradedLine,
  type GradedLines,
  gradeLines,
  type LineOptions,
  verify,
} from "../../../src/grade/mod.ts";
import { Crew } from "../../../src/grade/pool/crew.ts";
import { EMPTY, FAULT } from "../../../src/grade/pool/jobs.ts";
import { LineBatch } from "../../../src/grade/pool/line_batch.ts";

/** A stream of a text in chunks of some bytes. */
function streamOf(text: string, chunk: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return ReadableStream.from((function* (): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.slice(at, at + chunk);
  })());
}

/** All of what came of a stream. */
async function gradeAll(
  stream: ReadableStream<Uint8Array>,
  options: LineOptions,
): Promise<{ readonly lines: readonly GradedLine[]; readonly blocks: readonly GradedLines[] }> {
  const blocks = await Array.fromAsync(gradeLines(stream, options));
  const text = blocks.flatMap(({ text }) => text === "" ? [] : text.split("\n"));
  return { lines: text.map((line): GradedLine => JSON.parse(line)), blocks };
}

Deno.test("gradeLines() gives the verdicts of verify() in order, however the stream is cut", async () => {
  const rows = Array.from({ length: 150 }, (_, id) => {
    const answer = id % 3 === 0 ? id + 1 : id;
    return id % 2 === 0
      ? { id, gold: `${id}`, pred: `${answer}` }
      : { id, gold: `${id}`, completion: `Zwölf, so \\boxed{${answer}+0}.` };
  });
  const text = rows.map((row) => JSON.stringify(row)).join("\n\n") + "\n{\n";
  const expected = rows.map(({ id, gold, pred, completion }) => {
    const options = { mode: pred === undefined ? "strict" : "lenient", answerForm: "final" } as const;
    return [id, verify(gold, completion ?? pred ?? "", options).verdict];
  });
  assertEquals(new Set(expected.map(([, verdict]) => verdict)).size, 3);
  for (const [workers, batch, chunk] of [[1, 256, 1e6], [3, 7, 100], [2, 1, 999]] as const) {
    const { lines, blocks } = await gradeAll(streamOf(text, chunk), { workers, batch, answerForm: "final" });
    assertEquals(lines.map(({ id, verdict }) => [id, verdict]), expected);
    assertEquals(blocks.flatMap(({ faults }) => faults.map(({ number }) => number)), [300]);
    assertEquals(blocks.at(-1)?.end, new TextEncoder().encode(text).length);
    for (const verdict of ["correct", "wrong", "unevaluated"] as const) {
      const counted = blocks.reduce((sum, { counts }) => sum + counts[verdict], 0);
      assertEquals(counted, expected.filter(([, found]) => found === verdict).length);
    }
  }
});

Deno.test("gradeLines() ends a line's pair that runs beyond the deadline, under its identifier", async () => {
  const hostile = {
    gold: "0",
    completion: "\\boxed{\\sum_{k=1}^{2000}\\sum_{m=1}^{2000}\\sum_{n=1}^{2000} kmn}",
  };
  const rows = Array.from(
    { length: 12 },
    (_, id) => id % 5 === 1 ? { id, ...hostile } : { id, gold: `${id}`, pred: `${id}` },
  );
  const text = rows.map((row) => JSON.stringify(row)).join("\n");
  const { lines } = await gradeAll(streamOf(text, 1e6), { workers: 1, deadline: 700, maxSteps: Infinity });
  assertEquals(lines.map(({ id }) => id), rows.map(({ id }) => id));
  for (const [id, { verdict, method, reason }] of lines.entries()) {
    if (id % 5 !== 1) assertEquals(verdict, "correct");
    else assertEquals([verdict, method, reason], ["timeout", "deadline", "took longer than 700 ms"]);
  }
});

Deno.test("gradeLines() reports a line that is nested too deeply, and grades the others", async () => {
  const deep = `{"id": 1e400, "gold": "1", "pred": "1", "more": ${"[".repeat(200_000)}${
    "]".repeat(200_000)
  }}`;
  const good = '{"gold": "1", "pred": "1"}';
  const { lines, blocks } = await gradeAll(streamOf(`${good}\n${deep}\n${good}\n`, 1e6), { workers: 1 });
  assertEquals(lines.length, 2);
  assertEquals(blocks.flatMap(({ faults }) => faults.map(({ number }) => number)), [2]);
});

Deno.test("gradeLines() answers each line when it comes, while the stream stays open", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter(), graded = gradeLines(readable, { workers: 2 });
  for (const answer of ["5", "6"]) {
    const written = writer.write(new TextEncoder().encode(`{"gold": "5", "pred": "${answer}"}\n`));
    const { value } = await graded.next();
    await written;
    assertEquals(value?.counts.correct, answer === "5" ? 1 : 0);
  }
  await graded.return();
});

Deno.test("gradeLines() gives what came before its stream failed, and reads no further ahead than there is room", async () => {
  let read = 0;
  const row = new TextEncoder().encode('{"gold": "5", "pred": "5"}\n');
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for (; read < 40; read++) yield row;
    await Promise.reject(new Error("the disk is gone"));
  };
  let seen = 0;
  const run = async (): Promise<void> => {
    for await (const { graded } of gradeLines(source(), { workers: 1 })) {
      seen += graded;
      // As long as this takes, there is time to read on.
      if (seen === 1) await new Promise((resolve) => setTimeout(resolve, 100));
      assert(read - seen <= 6, `${read - seen} blocks were read ahead`);
    }
  };
  await assertRejects(run, Error, "the disk is gone");
  assertEquals(seen, 40);
});

Deno.test("a worker that is lost takes one line along, which is answered under its identifier", async () => {
  // Grades nothing: counts each line as begun, and ends at the one that says so.
  const code = `
    import { parentPort, workerData } from "node:worker_threads";
    import process from "node:process";
    let begun = 0n;
    parentPort.on("message", ({ bytes, places }) => {
      for (let k = 0; k < places.length; k += 3) {
        Atomics.store(workerData.words, 0, ++begun);
        const line = new TextDecoder().decode(bytes.subarray(places[k + 1], places[k + 2]));
        if (line.includes("exit")) process.exit(3);
        parentPort.postMessage({ outcomes: [], lines: { indices: [places[k]], kinds: [0], text: line + "\\n" }, state: "more" });
      }
      parentPort.postMessage({ outcomes: [], state: "done" });
    });`;
  await using crew = new Crew({
    size: 1,
    deadline: 100,
    entry: new URL(`data:text/javascript,${encodeURIComponent(code)}`),
    memory: 64,
  });
  const rows = ["a", "exit", "b", "exit", "c"].map((name) => `{"id": "${name}", "gold": "1", "pred": "1"}`);
  const bytes = new TextEncoder().encode(`${rows.join("\n")}\n`);
  const ends = rows.map((_, i) => rows.slice(0, i + 1).join("\n").length);
  const batch = new LineBatch({ number: 1, end: bytes.length, bytes, ends }, {}, "id");
  crew.grade(batch);
  const { text, counts, graded } = await batch.graded();
  assertEquals([graded, counts.correct, counts.timeout], [5, 3, 2]);
  const lines = text.split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ id, method }) => `${id} ${method ?? "graded"}`), [
    "a graded",
    "exit worker lost",
    "b graded",
    "exit worker lost",
    "c graded",
  ]);
});

Deno.test("LineBatch keeps the first outcome of each line, and sends what has none", async () => {
  const bytes = new TextEncoder().encode("one\ntwo\n\n");
  const batch = new LineBatch({ number: 7, end: 9, bytes, ends: [3, 7, 8] }, {}, "id");
  const hear = (indices: readonly number[], kinds: readonly number[], text: string): void =>
    batch.hear({ outcomes: [], lines: { indices, kinds, text }, state: "more" });
  const places = (): number[] => {
    const { message } = batch.job();
    return "places" in message ? [...message.places] : [];
  };
  assertEquals(places(), [0, 0, 3, 1, 4, 7, 2, 8, 8]);
  hear([1], [1], "second\n");
  hear([1, 9], [0, 0], "again\nnowhere\n");
  assertEquals([places(), batch.job().count], [[0, 0, 3, 2, 8, 8], 2]);
  hear([0, 2], [FAULT, EMPTY], "no JSON\n\n");
  assertEquals(await batch.graded(), {
    text: "second",
    graded: 1,
    counts: { correct: 0, wrong: 1, unevaluated: 0, unparsed: 0, timeout: 0 },
    faults: [{ number: 7, fault: "no JSON" }],
    end: 9,
  });
});

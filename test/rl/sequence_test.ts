import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  cutMicroBatches,
  longestPack,
  packMicroBatches,
  responseFeed,
  responseValues,
  type Sequence,
  tokenFeeds,
} from "../../src/rl/sequence.ts";
import { runtime } from "./tiny_model.ts";

const tokens = fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 12 });
const sequence: fc.Arbitrary<Sequence> = fc.record({ prompt: tokens, response: tokens });
const places = ({ prompt, response }: Sequence): number => prompt.length + response.length - 1;

Deno.test("cutMicroBatches() takes each sequence once, pads to the longest and keeps the limit", () => {
  fc.assert(
    fc.property(
      fc.array(sequence, { maxLength: 30 }),
      fc.integer({ min: 1, max: 120 }),
      (sequences, limit) => {
        const batches = cutMicroBatches(sequences, limit);
        assertEquals(
          batches.flatMap(({ rows }) => rows).toSorted((a, b) => a - b),
          sequences.map((_, i) => i),
        );
        for (const { rows, length } of batches) {
          assertEquals(length, Math.max(...rows.map((row) => places(sequences[row] as Sequence))));
          // A sequence that is longer than the limit is a micro-batch of its own.
          assert(rows.length === 1 || rows.length * length <= limit);
        }
        const lengths = batches.map(({ length }) => length);
        assertEquals(lengths, lengths.toSorted((a, b) => b - a));
      },
    ),
    { seed: 1 },
  );
});

Deno.test("tokenFeeds() pairs each token with its successor and gives padding a segment of its own", async () => {
  const sequences = [{ prompt: [5, 6], response: [7, 8] }, { prompt: [9], response: [3] }];
  const feeds = tokenFeeds(runtime, sequences, { rows: [1, 0], length: 3 });
  const values = Object.entries(feeds).map(async ([name, tensor]) =>
    [name, Array.from(await tensor.download(), Number)] as const
  );
  assertEquals(Object.fromEntries(await Promise.all(values)), {
    // The last token predicts nothing, and no other looks back at it.
    input_ids: [9, 0, 0, 5, 6, 7],
    target_ids: [3, 0, 0, 6, 7, 8],
    position_ids: [0, 1, 2, 0, 1, 2],
    segment_ids: [1, 0, 0, 1, 1, 1],
  });
  assert(Object.values(feeds).every(({ shape }) => shape.join() === "2,3"));
});

/** Few prompts, so that sequences share them. */
const grouped: fc.Arbitrary<Sequence[]> = fc.array(
  fc.record({ prompt: fc.constantFrom([1], [2, 3], [4, 5, 6, 7, 8, 9, 10, 11]), response: tokens }),
  { minLength: 1, maxLength: 30 },
);

Deno.test("packMicroBatches() takes each sequence once, with others of its prompt only, and keeps the limit", () => {
  let shared = 0;
  fc.assert(
    fc.property(grouped, fc.integer({ min: 1, max: 120 }), (sequences, limit) => {
      const batches = packMicroBatches(sequences, limit), rows = batches.flatMap((batch) => batch.rows);
      const of = (i: number): Sequence => sequences[i] as Sequence;
      assertEquals(
        rows.flatMap(({ members }) => members).toSorted((a, b) => a - b),
        sequences.map((_, i) => i),
      );
      const size = ([first = 0, ...more]: readonly number[]): number =>
        places(of(first)) + more.reduce((sum, i) => sum + of(i).response.length, 0);
      for (const { members } of rows) {
        assertEquals(new Set(members.map((i) => of(i).prompt.join())).size, 1);
        if (members.length > 1) shared++;
      }
      for (const { rows, length } of batches) {
        assertEquals(length, Math.max(...rows.map(({ members }) => size(members))));
        assert(rows.length * length <= limit || (rows.length === 1 && rows[0]?.members.length === 1));
      }
      const lengths = batches.map(({ length }) => length);
      assertEquals(lengths, lengths.toSorted((a, b) => b - a));
    }),
    { seed: 1 },
  );
  assert(shared > 50, String(shared));
});

Deno.test("packMicroBatches() shares a prompt only where attention loses less than that saves", () => {
  const group = (prompt: number, response: number, count = 8): Sequence[] =>
    Array.from({ length: count }, () => ({
      prompt: new Array<number>(prompt).fill(1),
      response: new Array<number>(response).fill(2),
    }));
  const rows = (sequences: Sequence[]): number =>
    packMicroBatches(sequences, 20_000).reduce((sum, batch) => sum + batch.rows.length, 0);
  // As the embedded profile has them; as the paper's have them; nothing to share.
  assertEquals([rows(group(15, 14)), rows(group(1024, 8192, 2)), rows(group(1, 5))], [1, 2, 8]);
  for (const [prompt, response] of [[15, 14], [28, 40], [300, 200]] as const) {
    const [batch] = packMicroBatches(group(prompt, response), 1000);
    assert(longestPack({ prompt, response, group: 8, tokens: 1000 }) >= (batch?.length ?? Infinity));
  }
});

Deno.test("tokenFeeds() lays a shared prompt out once, and each response behind a copy of its last token", async () => {
  const sequences = [{ prompt: [5, 6, 7], response: [8] }, { prompt: [5, 6, 7], response: [9, 3] }];
  const feeds = tokenFeeds(runtime, sequences, { rows: [{ members: [1, 0] }], length: 6 });
  const values = Object.entries(feeds).map(async ([name, tensor]) =>
    [name, Array.from(await tensor.download(), Number)] as const
  );
  assertEquals(Object.fromEntries(await Promise.all(values)), {
    input_ids: [5, 6, 7, 9, 7, 0],
    target_ids: [6, 7, 9, 3, 8, 0],
    position_ids: [0, 1, 2, 3, 2, 5],
    segment_ids: [-1, -1, 1, 1, 2, 0],
  });
});

Deno.test("responseValues() reads back what responseFeed() lays out, where the target is the response's token", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(grouped, fc.array(sequence, { minLength: 1, maxLength: 8 })),
      async (sequences) => {
        const read: number[][] = sequences.map(() => []);
        for (const batch of [...cutMicroBatches(sequences, 40), ...packMicroBatches(sequences, 40)]) {
          const data = responseFeed(sequences, batch, (row, token) => sequences[row]?.response[token] ?? NaN);
          const targets = await tokenFeeds(runtime, sequences, batch).target_ids?.download() as BigInt64Array;
          data.forEach((value, i) => value === 0 || assertEquals(value, Number(targets[i])));
          responseValues(sequences, batch, data, read);
        }
        assertEquals(read, sequences.map(({ response }) => response));
      },
    ),
    { seed: 1, numRuns: 40 },
  );
});

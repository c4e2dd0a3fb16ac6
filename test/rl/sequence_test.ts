import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  cutMicroBatches,
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
    // The last token is in no one's past, but its place may be there.
    input_ids: [9, 3, 0, 5, 6, 7],
    target_ids: [3, 0, 0, 6, 7, 8],
    position_ids: [0, 1, 2, 0, 1, 2],
    segment_ids: [1, 1, 0, 1, 1, 1],
  });
  assert(Object.values(feeds).every(({ shape }) => shape.join() === "2,3"));
});

Deno.test("responseValues() reads back what responseFeed() lays out, where the target is the response's token", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sequence, { minLength: 1, maxLength: 8 }), async (sequences) => {
      const read: number[][] = sequences.map(() => []);
      for (const batch of cutMicroBatches(sequences, 40)) {
        const data = responseFeed(sequences, batch, (row, token) => sequences[row]?.response[token] ?? NaN);
        const targets = await tokenFeeds(runtime, sequences, batch).target_ids?.download() as BigInt64Array;
        data.forEach((value, i) => value === 0 || assertEquals(value, Number(targets[i])));
        responseValues(sequences, batch, data, read);
      }
      assertEquals(read, sequences.map(({ response }) => response));
    }),
    { seed: 1, numRuns: 40 },
  );
});

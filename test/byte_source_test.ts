import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  bytesSource,
  FileChangedError,
  fileSource,
  partOf,
  sha256Stream,
  streamOf,
} from "../src/byte_source.ts";
import { sha256 } from "../src/canonical_json.ts";

Deno.test("fileSource() and partOf() read ranges of a file and nothing beyond; a changed file is an error", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeFile(path, new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]));
  const whole = await fileSource(path), part = await partOf(await fileSource(path), 2, 6);
  assertEquals([whole.size, part.size], [8, 4]);
  assertEquals(await part.read(0, 4), new Uint8Array([2, 3, 4, 5]));
  assertEquals(await part.read(1, 1), new Uint8Array());
  await assertRejects(() => part.read(2, 5), RangeError, "Cannot read bytes 2 to 5");
  await assertRejects(() => part.read(-1, 2), RangeError, "it has 4");
  assertThrows(() => partOf(whole, 4, 9), RangeError);
  await Deno.truncate(path, 3);
  await assertRejects(() => whole.read(0, 8), FileChangedError, "it was changed while it was read");
  await Deno.remove(path);
  await assertRejects(() => fileSource(path), Deno.errors.NotFound);
});

Deno.test("streamOf() gives every byte once, in order, however many pieces there are", async () => {
  const bytes = new Uint8Array(9_000_001).map((_, i) => i % 251);
  const stream = streamOf(bytesSource(bytes, "b"));
  let at = 0, pieces = 0;
  for await (const piece of stream.pieces()) {
    assertEquals(piece[0], bytes[at]);
    at += piece.length;
    pieces++;
  }
  assertEquals([at, stream.size, pieces], [bytes.length, bytes.length, 3]);
  assertEquals(await sha256Stream(stream), await sha256(bytes));
});

import { assertEquals, assertThrows } from "@std/assert";
import { overlongPenalty } from "../../../src/rl/advantage/overlong.ts";

Deno.test("overlongPenalty() falls linearly from 0 to -factor when a response enters the buffer", () => {
  const settings = { maxLength: 10, buffer: 4, factor: 2 };
  assertEquals([1, 6, 7, 8, 10].map((length) => overlongPenalty(length, settings)), [0, 0, -0.5, -1, -2]);
});

Deno.test("overlongPenalty() throws when the buffer is not within the length", () => {
  assertThrows(() => overlongPenalty(1, { maxLength: 10, buffer: 0 }), RangeError, "the buffer is 0");
  assertThrows(
    () => overlongPenalty(1, { maxLength: 10, buffer: 11 }),
    RangeError,
    "expected 1 to 10 tokens",
  );
});

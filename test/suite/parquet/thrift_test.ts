import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { child, children, count, readThrift } from "../../../src/suite/parquet/thrift.ts";

Deno.test("readThrift() reads every kind of field", () => {
  const bytes = new Uint8Array(
    [
      0x11,
      0x12,
      0x13,
      0xFF,
      0x15,
      0x03,
      0x16,
      0x90,
      0x03,
      0x18,
      2,
      0x68,
      0x69,
      0x19,
      0x25,
      2,
      4,
      0x1C,
      0x15,
      2,
    ]
      .concat([0, 0x17, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0]),
  );
  const { fields, end } = readThrift(bytes, 0);
  assertEquals(end, bytes.length);
  assertEquals([...fields], [
    [1, true],
    [2, false],
    [3, -1],
    [4, -2],
    [5, 200],
    [6, new Uint8Array([0x68, 0x69])],
    [7, [1, 2]],
    [8, new Map([[1, 1]])],
    [9, 1],
  ]);
  assertEquals([count(fields, 5, "x"), count(child(fields, 8, "x"), 1, "y")], [200, 1]);
  assertThrows(() => count(fields, 4, "the size"), SyntaxError, "the size is no count");
  assertThrows(() => count(fields, 99, "the size"), SyntaxError, "the size is missing");
  assertThrows(() => child(fields, 5, "the part"), SyntaxError, "the part is missing");
  assertThrows(() => children(fields, 7, "the parts"), SyntaxError, "the parts are missing");
});

Deno.test("readThrift() believes no length beyond the end", () => {
  const cases: readonly (readonly [readonly number[], string])[] = [
    [[], "ends too early"],
    [[0x18, 5, 1], "a length is beyond the end"],
    [[0x19, 0xF5, 0xFF, 0xFF, 0xFF, 0x0F], "a length is beyond the end"],
    [[0x15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], "more than 32 bits"],
    [[0x16, ...Array(9).fill(0xFF), 0x7F], "more than 64 bits"],
    [[0x16, ...Array(9).fill(0xFF), 0x01, 0], "too large"],
    [[0x17, 0, 0], "ends too early"],
    [[0x1B, 0], "unknown type 11"],
    [Array(40).fill(0x1C), "nested more than"],
  ];
  for (const [bytes, message] of cases) {
    assertThrows(() => readThrift(new Uint8Array(bytes), 0), SyntaxError, message);
  }
});

Deno.test("readThrift() reads or refuses any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    try {
      const { end } = readThrift(bytes, 0);
      assert(end <= bytes.length);
    } catch (error) {
      assert(error instanceof SyntaxError, `${error}`);
    }
  }));
});

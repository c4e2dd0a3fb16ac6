import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type AnswerRule, readAnswer } from "../../src/suite/answer.ts";
import { COLUMN_PATH, topColumn, valueAt } from "../../src/suite/column.ts";
import { normalizeText, numberText } from "../../src/suite/text.ts";

Deno.test("readAnswer() follows its rule", () => {
  const cases: readonly (readonly [AnswerRule, unknown, string])[] = [
    ["text", "  \\frac34 \r\n", "\\frac34"],
    ["text", 7, "7"],
    ["text", 123456789012345678901234567890n, "123456789012345678901234567890"],
    ["number", "025", "25"],
    ["number", "000", "0"],
    ["number", 27, "27"],
    ["number", 27.0, "27"],
    ["number", "27.0", "27"],
    ["number", -0.5, "-0.5"],
    ["number", "-0", "0"],
    ["number", 204n, "204"],
    ["gsm8k", "She makes 9 * 2 = $<<9*2=18>>18.\n#### 18", "18"],
    ["gsm8k", "a #### 1\n#### 2,125,000", "2125000"],
    ["gsm8k", "####-3", "-3"],
    ["gsm8k", "#### 5.50", "5.5"],
    ["list", ["$\\frac{1}{2 n+2}$"], "$\\frac{1}{2 n+2}$"],
    ["list", [" 1 ", 2n], "1, 2"],
    ["text", true, "True"],
    ["text", 1e21, "1000000000000000000000"],
    ["text", 1e-7, "0.0000001"],
    ["number", "1.25e-3", "0.00125"],
    ["number", "12.5E1", "125"],
  ];
  for (const [rule, value, answer] of cases) assertEquals(readAnswer(rule, value), answer);
});

Deno.test("readAnswer() says how a value does not fit", () => {
  const cases: readonly (readonly [AnswerRule, unknown, string])[] = [
    ["text", null, "is missing"],
    ["text", undefined, "is missing"],
    ["text", ["5"], "is neither text nor a number"],
    ["number", "x", "is no number"],
    ["number", "1,080", "is no number"],
    ["number", NaN, "is no number"],
    ["number", null, "is no number"],
    ["number", "1e999", "has a power of ten beyond 400"],
    ["gsm8k", "18", 'has no "####"'],
    ["gsm8k", "#### eighteen", "is no number"],
    ["gsm8k", "#### 1,08", "is no number"],
    ["list", "5", "is no list"],
    ["list", [], "is an empty list"],
    ["list", [null], "is missing"],
  ];
  for (const [rule, value, message] of cases) {
    assertThrows(() => readAnswer(rule, value), SyntaxError, message);
  }
});

Deno.test("numberText() gives the digits of integers of any length", () => {
  fc.assert(fc.property(fc.bigInt(), fc.nat(5), (value, zeros) => {
    const digits = `${value < 0n ? -value : value}`, sign = value < 0n ? "-" : "";
    assertEquals(numberText(`${sign}${"0".repeat(zeros)}${digits}.${"0".repeat(zeros)}`), `${value}`);
    assertEquals(numberText(value), `${value}`);
  }));
  fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
    fc.pre(!`${value}`.includes("e"));
    assertEquals(Number(numberText(value)), value + 0);
  }));
});

Deno.test("normalizeText() is the same once and twice", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const once = normalizeText(text);
    assertEquals(normalizeText(once), once);
    assert(!once.includes("\r"));
  }));
});

Deno.test("valueAt() finds own values only", () => {
  const row = { a: { b: [{ c: 1 }] }, "x-y": null };
  assertEquals(valueAt(row, "a.b[0].c"), 1);
  assertEquals(valueAt(row, "x-y"), null);
  for (const path of ["a.b[1].c", "a.c", "a.b.length.x", "toString", "x-y.z", "constructor.name"]) {
    assertEquals(valueAt(row, path), undefined, path);
  }
  assertEquals(["prompt[0].content", "answer"].map(topColumn), ["prompt", "answer"]);
  for (const path of ["", "a.", ".a", "a[", "a[-1]", "a[1", "a b", "[0]", "a..b"]) {
    assert(!COLUMN_PATH.test(path), path);
  }
  for (const path of ["a", "a.b", "a[0]", "a[0][1].b", "reward_model.ground_truth"]) {
    assert(COLUMN_PATH.test(path), path);
  }
});

import { assertEquals, assertThrows } from "@std/assert";
import { explain, gradeLine } from "../../tasks/grade.ts";

Deno.test("gradeLine() grades a completion strictly and a bare answer leniently", () => {
  const strict = gradeLine('{"gold": "5", "completion": "The answer is 5."}', { mode: "strict" });
  assertEquals([strict.verdict, strict.extracted, strict.span], ["unparsed", null, null]);
  const bare = gradeLine('{"gold": "\\\\frac12", "pred": "0.5"}', { mode: "strict" });
  assertEquals(
    [bare.verdict, bare.extracted, bare.span, bare.gold_type, bare.type],
    ["correct", "0.5", [0, 3], "fraction", "decimal"],
  );
});

Deno.test("gradeLine() names what is wrong with a line", () => {
  assertThrows(() => gradeLine("{", {}), SyntaxError);
  assertThrows(() => gradeLine("5", {}), TypeError, "expected an object");
  assertThrows(() => gradeLine('{"pred": "5"}', {}), TypeError, '"gold" is missing');
  assertThrows(() => gradeLine('{"gold": 5, "pred": "5"}', {}), TypeError, '"gold" must be a string');
});

Deno.test("explain() says gold, answer and verdict in words", () => {
  const text = explain("0.75", "so \\boxed{\\frac34}", {});
  assertEquals(text.split("\n").length, 3);
  assertEquals(text.includes("read as a fraction"), true);
  assertEquals(text.includes("correct: equal (exact)"), true);
});

import { assertEquals } from "@std/assert";
import { type Attack, attacks, restatements } from "../../../src/conformance/mod.ts";

/** What an attack boxes for a question. */
const of = (question: string, attack: Attack): readonly string[] => restatements(question).get(attack) ?? [];

Deno.test("restatements() knows the words of generated questions", () => {
  assertEquals(of("gcd of 56 and 48", "words as functions"), ["\\gcd(56,48)"]);
  assertEquals(of("Last digit of 7^23", "words as functions"), ["7^23 \\bmod 10"]);
  assertEquals(of("Find (62+15) mod 3", "verb dropped"), ["(62+15) mod 3"]);
  assertEquals(of("Find (62+15) mod 3", "longest formula"), ["(62+15) mod 3"]);
  assertEquals(of("30 is what percent of 120", "percent as quotient")[0], "\\frac{30}{120}");
  assertEquals(of("Expand (x+3)(x+5)", "some formula"), ["(x+3)(x+5)"]);
  assertEquals(of("Midpoint of (1,2) and (3,6)", "words as functions")[0], "(\\frac{1+3}{2},\\frac{2+6}{2})");
});

Deno.test("restatements() takes formulas and the sides of their relations from a text", () => {
  const question = "Let $a+b = 7$ and $x$. Evaluate \\[\\sum_{k=1}^n k \\le 9.\\]";
  assertEquals(of(question, "some formula"), ["a+b = 7", "\\sum_{k=1}^n k \\le 9"]);
  assertEquals(of(question, "side of an equation"), [
    "a+b = 7",
    "a+b",
    "7",
    "\\sum_{k=1}^n k \\le 9",
    "\\sum_{k=1}^n k",
    "9",
  ]);
  assertEquals([...restatements(question).keys()], [...attacks]);
});

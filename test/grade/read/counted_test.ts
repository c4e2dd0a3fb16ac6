import { assertEquals } from "@std/assert";
import { verify } from "../../../src/grade/mod.ts";

/** The verdict on a boxed text against 12. */
const verdictOf = (text: string): string => verify("12", `\\boxed{12 \\text{ ${text}}}`).verdict;

Deno.test("behind a number units, counted things and fillers leave its value as it is", () => {
  const harmless =
    "cm|square units|ways|different ways|ordered pairs|kittens|boxes of cookies|miles per hour|people in total|" +
    "cubic inches|years old|solutions|km/h|Q.E.D";
  for (const text of harmless.split("|")) assertEquals(verdictOf(text), "correct", text);
});

Deno.test("behind a number a word that may change it makes the answer unparsed", () => {
  const changing =
    "lakh|score|twice|permille|at least|raised to two|increased by one|something plus one|definitely not|" +
    "cm increased by one|gross|crore|any text|modulo something|to the fourth|fewer";
  for (const text of changing.split("|")) assertEquals(verdictOf(text), "unparsed", text);
});

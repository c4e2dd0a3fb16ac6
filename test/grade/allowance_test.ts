import { assertEquals } from "@std/assert";
import { ALLOWANCES } from "../../src/grade/compare/mod.ts";
import { SCORING, verify, type VerifyOptions } from "../../src/grade/mod.ts";

/** The allowance that a verdict names; "none" where it is right without one, "wrong" where it is not right. */
function allowanceOf(gold: string, box: string, options: VerifyOptions = {}): string {
  const { verdict, reason } = verify(gold, `\\boxed{${box}}`, options);
  return verdict === "correct" ? /by the allowance "(.+)"/.exec(reason)?.[1] ?? "none" : "wrong";
}

/** Pairs that are right by an allowance alone. */
const reached: readonly (readonly [allowance: string, gold: string, box: string, options?: VerifyOptions])[] =
  [
    ["percent sign", "35", "35\\%"],
    ["percent sign", "35\\%", "35"],
    ["degree sign", "45", "45^\\circ"],
    ["modulus", "3", "3 \\pmod 5"],
    ["base", "4210_5", "4210"],
    ["half of the day", "2:30", "2\\text{:}30\\text{ p.m.}"],
    ["year", "\\text{4 July 1776}", "\\text{July 4}"],
    ["decimal comma", "1.22", "1,22"],
    ["rounded decimal", "0.33", "\\frac13"],
    ["within the tolerance", "1.0", "1.01", { tolerance: 0.02 }],
  ];

Deno.test("a verdict names the allowance on which it rests, and every allowance has its pair", () => {
  assertEquals(
    reached.filter(([allowance, gold, box, options]) => allowanceOf(gold, box, options) !== allowance),
    [],
  );
  assertEquals([...new Set(reached.map(([allowance]) => allowance))].sort(), Object.keys(ALLOWANCES).sort());
  assertEquals(allowanceOf("0.35", "35\\%"), "none");
  assertEquals(allowanceOf("\\frac{\\pi}{4}", "45^\\circ"), "none");
});

Deno.test("a verdict rests on one allowance at most, whatever its parts", () => {
  // Each part may pass alone.
  assertEquals(allowanceOf("(45, 60)", "(45^\\circ, 60^\\circ)"), "degree sign");
  assertEquals(allowanceOf("(50, 60)", "(50\\%, 60\\%)"), "percent sign");
  assertEquals(allowanceOf("(50, 60)", "(50\\%, 60^\\circ)"), "wrong");
  assertEquals(allowanceOf("50, 3", "50\\%, 3\\pmod 5"), "wrong");
  assertEquals(allowanceOf("(50, 0.33)", "(50\\%, \\frac13)"), "wrong");
  assertEquals(allowanceOf("50", "50^\\circ\\%"), "wrong");
});

Deno.test("the bare side decides what a sign means", () => {
  assertEquals(allowanceOf("\\frac34", "\\frac34\\%"), "wrong");
  assertEquals(allowanceOf("0.5", "0.5\\%"), "wrong");
  assertEquals(allowanceOf("1", "100\\%"), "none");
  assertEquals(allowanceOf("100", "100\\%"), "percent sign");
  assertEquals(allowanceOf("1", "1\\%"), "percent sign");
  assertEquals(allowanceOf("0", "0\\%"), "none");
  assertEquals(allowanceOf("500", "500\\%\\%"), "wrong");
  assertEquals(allowanceOf("17", "17 \\pmod 5"), "wrong");
  assertEquals(allowanceOf("2", "17 \\pmod 5"), "modulus");
  assertEquals(allowanceOf("204", "(1204\\pmod{1000})\\pmod 5"), "wrong");
  assertEquals(allowanceOf("12", "12\\text{ in base seven}"), "wrong");
});

Deno.test("a logarithm without a base has one in each pair", () => {
  assertEquals(allowanceOf("2", "\\log 100"), "none");
  assertEquals(allowanceOf("2", "\\log e^2"), "none");
  assertEquals(allowanceOf("\\ln 3", "\\log 3"), "none");
  assertEquals(allowanceOf("1+\\log 2", "\\log 20"), "none");
  assertEquals(allowanceOf("204", "202+\\lfloor\\log 11\\rfloor"), "wrong");
  assertEquals(allowanceOf("203", "202+\\lfloor\\log 11\\rfloor"), "none");
  for (const gold of ["403", "311", "811"]) {
    const box = "(903+(811-903)(\\lfloor\\log 11\\rfloor-1)) \\pmod{500}";
    assertEquals([gold, allowanceOf(gold, box, SCORING)], [gold, "wrong"]);
  }
});

Deno.test("an exponent sign is read as the letter e only beside that letter", () => {
  assertEquals(allowanceOf("0", "5e0"), "wrong");
  assertEquals(allowanceOf("5", "5e0"), "none");
  assertEquals(allowanceOf("2e-1", "2e-1"), "none");
  assertEquals(allowanceOf("-1+2e", "2e-1"), "none");
});

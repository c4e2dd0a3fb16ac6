import { assertEquals } from "@std/assert";
import { SCORING, verify, type VerifyOptions } from "../../../src/grade/mod.ts";

/** The verdict on a boxed answer, as rewards are graded. */
function verdictOf(gold: string, boxed: string, options: VerifyOptions = {}): string {
  return verify(gold, `\\boxed{${boxed}}`, { ...SCORING, ...options }).verdict;
}

/** A gold answer and answers to it. */
type Answers = readonly [gold: string, ...answers: readonly string[]];

/** Answers that are right as people write them. */
const FINAL: Readonly<Record<string, readonly Answers[]>> = {
  "integers and powers": [
    ["1024", "1024", "1{,}024", "2^{10}", "4^5", "x=2^{10}", "1.024\\times 10^3"],
    ["-8", "-8", "(-2)^3"],
    ["320000", "3.2\\times10^5"],
    ["5!", "120", "5!"],
    ["2\\cdot 5!", "5!\\cdot 2", "240"],
    ["1267650600228229401496703205375", "2^{100}-1"],
    ["184756000000000", "\\binom{20}{10}\\cdot 10^9"],
    ["12\\text{ cm}", "12", "12\\text{ centimetres}"],
  ],
  "fractions and decimals": [
    ["\\frac{5}{36}", "\\frac{10}{72}", "5/36", "\\frac{-5}{-36}"],
    ["\\frac52", "2\\frac12", "2.5", "250\\%"],
    ["\\frac{125}{216}", "\\left(\\frac56\\right)^3", "\\frac{5^3}{6^3}"],
    ["35\\%", "0.35", "35"],
    ["1:2", "\\frac12", "2:4"],
  ],
  "surds and constants": [
    ["\\frac{\\sqrt2}{2}", "\\frac{1}{\\sqrt2}", "\\sqrt{\\frac12}", "\\frac12\\sqrt2", "2^{-1/2}"],
    ["2\\sqrt3", "\\sqrt{12}", "2\\cdot\\sqrt3"],
    ["\\frac{1+\\sqrt5}{2}", "\\frac12+\\frac{\\sqrt5}{2}", "0.5(1+\\sqrt5)"],
    ["\\frac{4\\pi}{3}", "\\frac43\\pi", "240^\\circ"],
    ["6-2i", "2(3-i)", "-2i+6"],
    ["e^{i\\pi/3}", "\\frac12+\\frac{\\sqrt3}{2}i", "\\cos\\frac{\\pi}{3}+i\\sin\\frac{\\pi}{3}"],
    ["\\ln 6", "\\ln 2+\\ln 3"],
    ["2\\cos\\frac{2\\pi}{17}", "e^{2i\\pi/17}+e^{-2i\\pi/17}"],
    ["\\log_2 3", "\\frac{\\ln 3}{\\ln 2}"],
    ["\\pm2", "2,-2"],
  ],
  "formulas with letters": [
    ["x^2+3x+2", "(x+1)(x+2)", "2+3x+x^2", "x(x+3)+2"],
    ["(x-1)^2+3", "x^2-2x+4"],
    ["\\frac{n(n+1)}{2}", "\\frac12n^2+\\frac12n", "\\frac{n^2+n}{2}"],
    ["\\frac{n(n-1)}{2}", "\\binom n2"],
    ["\\tan x", "\\frac{\\sin x}{\\cos x}"],
    ["2^{-n}", "\\frac{1}{2^n}", "\\left(\\frac12\\right)^n"],
    ["\\frac{x+1}{x}", "1+\\frac1x"],
    ["\\frac{3}{x-1}", "-\\frac{3}{1-x}"],
    ["n!", "n(n-1)!"],
    ["\\frac{a+b}{2}+\\frac{a}{3}", "\\frac a3+\\frac{a+b}{2}"],
  ],
  "relations and sets": [
    ["5", "x=5", "m-n=5", "P(X=1)=5", "|AB|=5", "\\text{minimum value}=5", "a=b=5", "3+2=5"],
    ["3", "\\frac{AB}{CD}=3", "f(2)-f(1)=3", "a^2+b^2=3", "\\text{Var}(X)=3", "\\min=3"],
    ["x>3", "3<x", "(3,\\infty)"],
    ["(-\\infty,1)\\cup(3,\\infty)", "x<1\\text{ or }x>3"],
    ["y=2x+3", "2x-y+3=0"],
    ["(1,2)", "(x,y)=(1,2)", "\\left(1,2.0\\right)"],
    ["\\mathbb{R}\\setminus\\{0\\}", "(-\\infty,0)\\cup(0,\\infty)"],
  ],
};

for (const [category, rows] of Object.entries(FINAL)) {
  Deno.test(`verify() finds no work left in ${category}`, () => {
    for (const [gold, ...answers] of rows) {
      for (const answer of [gold, ...answers]) {
        assertEquals(verdictOf(gold, answer), "correct", `${answer} for ${gold}`);
      }
    }
  });
}

/** Answers of the right value that leave work to do. */
const UNFINISHED: Readonly<Record<string, readonly Answers[]>> = {
  "numbers that are not worked out": [
    [
      "13",
      "\\sqrt{5^2+12^2}",
      "10+3",
      "26/2",
      "\\frac{39}{3}",
      "\\sqrt{169}",
      "|{-13}|",
      "x=10+3",
      "13\\cdot1",
    ],
    ["8", "\\gcd(56,48)", "\\max(3,8)", "\\lfloor 8.5\\rfloor", "27 \\bmod 19", "2\\cdot2^2"],
    ["10", "20\\%\\cdot 50", "\\binom52", "C(5,2)", "C_5^2", "12+27-29"],
    ["5040", "7!", "7\\cdot 6!"],
    ["1", "i^{2024}", "\\sin^2 1+\\cos^2 1", "\\ln e", "\\log_2 2"],
    ["\\frac{33}{28}", "\\frac34+\\frac37", "1+\\frac{5}{28}-0"],
    ["(1,2)", "(3-2,2)", "\\left(\\frac{3-1}{2},2\\right)"],
    ["\\{1,2\\}", "\\{1,\\frac42\\}"],
  ],
  "surds and constants": [
    ["5\\sqrt2", "\\sqrt8+\\sqrt{18}", "2\\sqrt2+3\\sqrt2"],
    ["\\sqrt6", "\\sqrt2\\cdot\\sqrt3"],
    ["3+2\\sqrt2", "(1+\\sqrt2)^2", "(1+\\sqrt2)(1+\\sqrt2)", "1+2+2\\sqrt2"],
    ["\\frac{\\sqrt3}{2}", "\\sin 60^\\circ", "\\cos\\frac{\\pi}{6}"],
    ["\\frac{\\pi}{6}", "\\arcsin\\frac12"],
    ["2\\pi", "\\pi+\\pi"],
    ["-i", "i^3"],
  ],
  "formulas with letters": [
    ["2n+1", "(n+1)^2-n^2", "n+n+1", "2(n+1)-1", "(n+2)+(n-1)"],
    ["0", "0\\cdot x", "x-x"],
    ["x+1", "\\frac{x^2-1}{x-1}"],
    ["x^3", "x\\cdot x^2"],
    ["10x", "2\\cdot5x"],
    ["\\frac{n(n+1)}{2}", "\\sum_{k=1}^n k"],
    ["2x", "\\frac{2x^2}{x}"],
  ],
  "relations, sets and matrices": [
    ["x>3", "2x>6", "x-1>2"],
    ["[-2,4]", "|x-1|\\le 3"],
    ["x=5", "3x+7=22"],
    ["(2,5)", "(-1,5)\\cap(2,9)", "(2,4)\\cup(3,5)"],
    ["-2", "\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}"],
    [
      "\\begin{pmatrix}7&10\\\\15&22\\end{pmatrix}",
      "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
    ],
  ],
};

for (const [category, rows] of Object.entries(UNFINISHED)) {
  Deno.test(`verify() finds work left in ${category}, and none by the value alone`, () => {
    for (const [gold, ...answers] of rows) {
      for (const answer of answers) {
        assertEquals(verdictOf(gold, answer), "unevaluated", `${answer} for ${gold}`);
        assertEquals(verdictOf(gold, answer, { answerForm: "any" }), "correct", `${answer} is ${gold}`);
      }
    }
  });
}

Deno.test("verify() solves no equation, whatever the form", () => {
  for (const answerForm of ["any", "final"] as const) {
    for (
      const [gold, answer] of [
        ["5", "3x+7=22"],
        ["3", "2x=6"],
        ["7", "\\frac{x}{7}=1"],
        ["-\\frac{b}{a}", "ax+b=0"],
        ["\\frac{y-3}{2}", "2x+3=y"],
      ] as const
    ) assertEquals(verdictOf(gold, answer, { answerForm }), "wrong", `${answer} for ${gold}`);
  }
});

Deno.test("a gold equation asks for more than its value", () => {
  assertEquals(verdictOf("2x+z=1", "1"), "wrong");
  assertEquals(verdictOf("x^2=4", "4"), "wrong");
  assertEquals(verdictOf("y+1=-(2x-1)^2", "-4x^2+4x-2"), "correct");
});

Deno.test("verify() holds an answer to the form that its problem asks for", () => {
  const rows: readonly (readonly [VerifyOptions, string, string, boolean])[] = [
    [{ wanted: "expanded" }, "x^2+3x+2", "(x+1)(x+2)", false],
    [{ wanted: "expanded" }, "x^2+3x+2", "2+3x+x^2", true],
    [{ wanted: "expanded" }, "6x+2", "2(3x+1)", false],
    [{ wanted: "factored" }, "(x+1)(x+2)", "x^2+3x+2", false],
    [{ wanted: "factored" }, "(x+1)(x+2)", "(2+x)(1+x)", true],
    [{ wanted: "factored" }, "(x+1)^2", "(x+1)(x+1)", true],
    [{ wanted: "lowest terms" }, "\\frac12", "\\frac24", false],
    [{ wanted: "lowest terms" }, "\\frac12", "0.5", true],
    [{ wanted: "lowest terms" }, "2\\sqrt3", "\\sqrt{12}", false],
    [{ wanted: "lowest terms" }, "\\frac{\\sqrt2}{2}", "\\frac{1}{\\sqrt2}", false],
    [{ wanted: "lowest terms" }, "\\frac{x}{2}", "\\frac{2x}{4}", false],
    [{ reduced: "required" }, "\\frac12", "\\frac24", false],
    [{ reduced: "free" }, "\\frac12", "\\frac24", true],
    [{ wanted: "decimal" }, "0.15", "\\frac{3}{20}", false],
    [{ wanted: "decimal" }, "25\\%", "\\frac14", false],
    [{ wanted: "decimal" }, "25\\%", "0.25", true],
    [{ wanted: "decimal" }, "(1,2)", "(1,\\frac42)", false],
    [{ wanted: "decimal" }, "1024", "2^{10}", false],
  ];
  for (const [options, gold, answer, isFinal] of rows) {
    const expected = isFinal ? "correct" : "unevaluated";
    assertEquals(verdictOf(gold, answer, options), expected, `${answer}, ${JSON.stringify(options)}`);
    assertEquals(verdictOf(gold, answer, { ...options, answerForm: "any" }), "correct", answer);
  }
});

Deno.test("what stands in the question is no answer, unless it is the gold answer", () => {
  const question = "Given $x^2+y^2 = 2$ and $\\sqrt{12}$, find it. \\[z=5\\]";
  assertEquals(verdictOf("2", "x^2+y^2=2", { question }), "unevaluated");
  assertEquals(verdictOf("2", "2=x^2+y^2", { question }), "unevaluated");
  assertEquals(verdictOf("2\\sqrt3", "\\sqrt{12}", { question }), "unevaluated");
  assertEquals(verdictOf("2\\sqrt3", "s=\\sqrt{12}", { question }), "unevaluated");
  assertEquals(verdictOf("\\sqrt{12}", "\\sqrt{12}", { question }), "correct");
  assertEquals(verdictOf("\\sqrt{12}", "s=\\sqrt{12}", { question }), "correct");
  assertEquals(verdictOf("5", "5", { question }), "correct");
  assertEquals(verdictOf("2", "a=2", { question }), "correct");
  assertEquals(verdictOf("2\\sqrt3", "\\sqrt{12}"), "correct");
});

Deno.test("the reason says what is left", () => {
  const { reason, verdict, method } = verify("13", "\\boxed{10+3}", SCORING);
  assertEquals([verdict, method], ["unevaluated", "exact"]);
  assertEquals(reason, "equal (exact), but work is left: its value is a number that is not worked out");
});

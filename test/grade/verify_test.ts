import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { verify, type VerifyOptions } from "../../src/grade/mod.ts";

/** Grades an answer in a box. */
function verdictOf(gold: string, answer: string, options?: VerifyOptions): string {
  return verify(gold, `So the result is $\\boxed{${answer}}$.`, options).verdict;
}

/** Pairs of equal answers by category. */
const EQUAL: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  integers: [
    ["45", "045"],
    ["045", "45"],
    ["0", "000"],
    ["1000", "1,000"],
    ["1000", "1{,}000"],
    ["12345678", "12,\\!345,\\!678"],
    ["-7", "−7"],
    ["27.0", "27"],
    ["64", "2^6"],
    ["24", "4!"],
    ["204", "２０４"],
    ["87", " 87. "],
    ["87", "$87$"],
    ["87", "\\text{87}"],
    ["87", "100 - 13 = 87"],
  ],
  fractions: [
    ["\\frac{3}{4}", "3/4"],
    ["\\frac34", "0.75"],
    ["-\\frac{3}{4}", "\\frac{-3}{4}"],
    ["-\\frac{3}{4}", "\\frac{3}{-4}"],
    ["\\frac{3}{4}", "\\dfrac{6}{8}"],
    ["\\frac{3}{4}", "\\tfrac 3 4"],
    ["0.25", "\\frac14"],
    ["\\frac{7}{2}", "3\\frac{1}{2}"],
    ["\\frac{7}{2}", "3 1/2"],
    ["-\\frac{7}{2}", "-3\\frac12"],
    ["\\frac{5}{6}", "0.8\\overline{3}"],
    ["1.5\\times10^{3}", "1500"],
    ["2.5e-3", "0.0025"],
  ],
  surds: [
    ["2\\sqrt{3}", "\\sqrt{12}"],
    ["2\\sqrt{3}", "\\sqrt{3}\\cdot 2"],
    ["2\\sqrt3", "2*sqrt(3)"],
    ["2\\sqrt3", "2√3"],
    ["3+2\\sqrt{5}", "2\\sqrt{5}+3"],
    ["3+2\\sqrt{5}", "3+\\sqrt{20}"],
    ["\\frac{\\sqrt{3}}{2}", "\\sqrt{\\frac{3}{4}}"],
    ["\\frac{\\sqrt{3}}{3}", "\\frac{1}{\\sqrt{3}}"],
    ["\\sqrt2+1", "\\frac{1}{\\sqrt{2}-1}"],
    ["\\sqrt{6}", "\\sqrt{2}\\sqrt{3}"],
    ["\\sqrt2+\\sqrt3", "\\sqrt{5+2\\sqrt6}"],
    ["-2", "\\sqrt[3]{-8}"],
  ],
  percentages: [
    ["35\\%", "35\\%"],
    ["35\\%", "35%"],
    ["35\\%", "0.35"],
    ["35\\%", "\\frac{7}{20}"],
    ["35\\%", "35"],
    ["35", "35\\%"],
    ["35\\%", "35\\text{ percent}"],
  ],
  tuples: [
    ["(2,-3)", "(2, -3)"],
    ["(2,-3)", "\\left(2,-3\\right)"],
    ["(2,-3)", "\\left( \\frac{4}{2} , -3 \\right)"],
    ["(2,-3)", "(x,y)=(2,-3)"],
    ["(2,-3)", "2,-3"],
    ["(100,200)", "(100,200)"],
    ["(1,2)", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"],
  ],
  collections: [
    ["\\{1,2,3\\}", "\\{3,1,2\\}"],
    ["1,2,3", "3, 2, 1"],
    ["\\{5\\}", "5"],
    ["\\pm 2", "2,-2"],
    ["x=1\\text{ or }x=-4", "-4, 1"],
    ["100,200", "200, 100"],
    ["(1,2),(3,4)", "(3,4),(1,2)"],
    ["\\emptyset", "\\{\\}"],
  ],
  polynomials: [
    ["x^2-3x+2", "(x-1)(x-2)"],
    ["x^2-3x+2", "2-3x+x^2"],
    ["x^2-3x+2", "x^2 - 3*x + 2"],
    ["x^{10}-1", "(x^5-1)(x^5+1)"],
    ["x+1", "\\frac{x^2-1}{x-1}"],
    ["(a+b)^3", "a^3+3a^2b+3ab^2+b^3"],
    ["\\frac{x}{2}+\\frac{y}{3}", "\\frac{3x+2y}{6}"],
  ],
  functions: [
    ["\\ln 4", "2\\ln 2"],
    ["\\sin^2 x+\\cos^2 x", "1"],
    ["\\frac{1}{2}", "\\sin 30^\\circ"],
    ["2^{n+1}", "2\\cdot 2^n"],
    ["n!", "n (n-1)!"],
    ["3", "\\log_2 8"],
    ["|x|", "\\sqrt{x^2}"],
    ["e^{i\\pi}", "-1"],
    ["\\sum_{k=1}^{10}k", "55"],
  ],
  relations: [
    ["5", "x=5"],
    ["x=5", "5"],
    ["y=2x+3", "2x-y+3=0"],
    ["x>3", "(3,\\infty)"],
    ["[2,5)", "2\\le x<5"],
    ["x<1\\text{ or }x>3", "(-\\infty,1)\\cup(3,\\infty)"],
  ],
  words: [
    ["\\text{Yes}", "Yes"],
    ["Yes", "\\textbf{yes}"],
    ["B", "(B)"],
    ["\\text{odd}", "Odd."],
  ],
  units: [
    ["5", "5\\text{ cm}"],
    ["10\\text{ cm}^2", "10"],
    ["\\$5", "5"],
    ["45", "45^\\circ"],
    ["6", "6 hours"],
    ["7 meters", "7\\text{ m}"],
  ],
};

/** Pairs of answers that are not equal. */
const DIFFERENT: readonly (readonly [string, string])[] = [
  ["45", "54"],
  ["45", "-45"],
  ["2", "1 or 2"],
  ["2", "1, 2"],
  ["2", "\\{1,2\\}"],
  ["2", "(1,2)"],
  ["2", "x=1, x=2"],
  ["2", "\\pm 2"],
  ["2", "2\\text{ or }3"],
  ["2", "1/2/3"],
  ["204", "2 04"],
  ["1000", "1,00"],
  ["(2,-3)", "(-3,2)"],
  ["(2,-3)", "-3,2"],
  ["(1,2)", "[1,2]"],
  ["\\{1,2,3\\}", "\\{1,2\\}"],
  ["1,2,3", "1,2,3,4"],
  ["2\\sqrt{3}", "3\\sqrt{2}"],
  ["\\sqrt{12}", "3.5"],
  ["2\\sqrt{3}", "\\sqrt{12.0001}"],
  ["x^2-3x+2", "x^2-3x+3"],
  ["x^2-3x+2", "(x-1)(x+2)"],
  ["2x", "2y"],
  ["x", "|x|"],
  ["x=5", "y=5"],
  ["x>3", "x\\ge 3"],
  ["\\frac{1}{3}", "0.3"],
  ["0.5", "50"],
  ["35\\%", "0.035"],
  ["10^{-300}", "2\\cdot10^{-300}"],
  ["\\frac{1}{2004!}", "\\frac{1}{2006!}"],
  ["e^{\\pi\\sqrt{163}}", "262537412640768744"],
  ["\\pi", "\\frac{355}{113}"],
  ["3.14", "\\pi"],
  ["\\text{Yes}", "\\text{No}"],
  ["\\text{yes}", "y\\cdot e\\cdot s"],
  ["\\text{even}", "\\text{odd}"],
  ["B", "C"],
  ["5 m", "5 km"],
  ["5", "5 million"],
  ["4210_5", "4210_7"],
  ["12", "12 - \\text{something}"],
];

for (const [category, pairs] of Object.entries(EQUAL)) {
  Deno.test(`verify() accepts equal ${category}, whichever side is gold`, () => {
    for (const [gold, answer] of pairs) {
      assertEquals(verdictOf(gold, answer), "correct", `${gold} against ${answer}`);
      assertEquals(verdictOf(answer, gold), "correct", `${answer} against ${gold}`);
    }
  });
}

Deno.test("verify() accepts nothing that is different, whichever side is gold", () => {
  for (const [gold, answer] of DIFFERENT) {
    assert(verdictOf(gold, answer) !== "correct", `${gold} against ${answer}`);
    assert(verdictOf(answer, gold) !== "correct", `${answer} against ${gold}`);
  }
});

Deno.test("verify() reads a choice by its letter where the gold is a letter", () => {
  assertEquals(verdictOf("B", "\\text{(B) } 12"), "correct");
  assertEquals(verdictOf("B", "\\textbf{(C)} 12"), "wrong");
  assertEquals(verdictOf("12", "\\text{(B) } 13"), "wrong");
});

Deno.test("verify() rounds only as its policy says", () => {
  assertEquals(verdictOf("0.33", "\\frac13"), "correct");
  assertEquals(verdictOf("\\frac13", "0.333"), "correct");
  assertEquals(verdictOf("\\frac13", "0.33"), "wrong");
  assertEquals(verdictOf("0.333", "0.33"), "wrong");
  assertEquals(verdictOf("0.33", "\\frac13", { rounding: false }), "wrong");
});

Deno.test("verify() ignores a one-sided percent sign only while its policy says so", () => {
  assertEquals(verdictOf("35\\%", "35", { bareNumbers: false }), "wrong");
  assertEquals(verdictOf("35\\%", "0.35", { bareNumbers: false }), "correct");
});

Deno.test("verify() reports what it found and where", () => {
  const completion = "First \\boxed{1}. Then \\boxed{ \\frac{3}{4} }!";
  const found = verify("0.75", completion);
  assertEquals(found.verdict, "correct");
  assertEquals(found.extracted, "\\frac{3}{4}");
  assertEquals(completion.slice(...(found.span ?? [0, 0])).trim(), "\\frac{3}{4}");
  assertEquals([found.goldType, found.type, found.method], ["decimal", "fraction", "exact"]);
});

Deno.test("verify() calls what it cannot read unparsed", () => {
  assertEquals(verify("5", "\\boxed{5 +}").verdict, "unparsed");
  assertEquals(verify("5", "no box at all: 5").verdict, "unparsed");
  assertEquals(verify("5", "").verdict, "unparsed");
});

Deno.test("verify() takes the phrases of an answer in lenient mode only", () => {
  for (
    const completion of [
      "The answer is 5.",
      "**Answer:** 5",
      "work\n#### 5",
      "<answer>5</answer>",
      "\\boxed{5",
    ]
  ) {
    assertEquals(verify("5", completion).verdict, "unparsed", completion);
    assertEquals(verify("5", completion, { mode: "lenient" }).verdict, "correct", completion);
  }
});

Deno.test("verify() ends on hostile answers within its budget", () => {
  verdictOf("\\sin 1", "\\sin 2"); // loads and warms what the numbers need
  const hostile = [
    "9^{9^{9^9}}",
    "9^9^9^9",
    "(10^{10})!",
    "9!!!!!!",
    "((((9!)!)!)!)!",
    "\\binom{10^9}{5\\cdot10^8}",
    "\\sum_{k=1}^{10^{12}}k^k",
    "\\sum_{k=1}^{2000}\\sum_{j=1}^{2000}\\sin(jk)",
    "1e9999",
    "10^{100000000}",
    "\\frac{0}{0}",
    "\\frac{1}{0}",
    "0^{-1}",
    "\\infty-\\infty",
    "\\ln 0",
    "NaN",
    "{".repeat(50_000) + "5" + "}".repeat(50_000),
    "(".repeat(4000) + ")".repeat(4000),
    "\\boxed{".repeat(5000) + "7" + "}".repeat(5000),
    "\\sqrt".repeat(1500) + "2",
    "\\frac1".repeat(1500) + "2",
    "1+".repeat(4900) + "1",
    "-".repeat(9000) + "1",
    "5" + "!".repeat(9000),
    "|".repeat(9000),
    "7".repeat(9999),
    "(a+b+c+d+e+f)^{64}",
    "\\sqrt{" + "7".repeat(5000) + "}",
    "[__import__('os').system('true')]",
    "constructor",
  ];
  for (const answer of hostile) {
    const started = performance.now();
    const { verdict } = verify("5", `\\boxed{${answer}}`);
    const elapsed = performance.now() - started;
    assert(verdict !== "correct", answer.slice(0, 40));
    assert(elapsed < 2000, `${answer.slice(0, 40)} took ${elapsed} ms`);
  }
});

Deno.test("verify() runs out of a small budget", () => {
  assertEquals(verify("x", "\\boxed{(x+y)^{60}}", { maxSteps: 2000 }).verdict, "timeout");
});

const fragment = fc.constantFrom(
  ..."0 1 7 12 0.5 x y + - * / ^ _ ( ) [ ] { } \\{ \\} , ; = < | ! % $ & \\\\ e i \\pi \\sin \\ln \\frac \\sqrt"
    .split(" "),
  ..."\\text{or} and Yes \\boxed{ \\pm \\infty \\sum_{k=1}^ \\begin{pmatrix} \\end{pmatrix} ^\\circ cm : \\cup"
    .split(" "),
);

Deno.test("verify() never throws, and calls every answer equal to itself", () => {
  const formula = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(" "));
  fc.assert(
    fc.property(fc.oneof(formula, fc.string({ maxLength: 40, unit: "binary" })), (text) => {
      verify(text, text, { maxSteps: 50_000 });
      verify("5", `\\boxed{${text}}`, { maxSteps: 50_000 });
      const found = verify("5", `\\boxed{${text}}`, { mode: "lenient", maxSteps: 50_000 });
      const answer = found.extracted ?? "";
      // A box inside the answer, or an unbalanced brace, is a question of extraction.
      if (answer === "" || answer.includes("boxed")) return;
      assertEquals(verify(answer, `\\boxed{${answer}}`, { mode: "lenient" }).verdict, "correct", answer);
    }),
    { numRuns: 400, seed: 1 },
  );
});

Deno.test("verify() gives the same verdict when gold and answer change places", () => {
  const text = fc.array(fragment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(" "));
  const strict: VerifyOptions = { rounding: false, maxSteps: 1_000_000 };
  fc.assert(
    fc.property(text, text, (a, b) => {
      // A box inside an answer, or an unbalanced brace, is a question of extraction.
      fc.pre(!/boxed|[{}]/.test(a + b));
      const forth = verify(a, `\\boxed{${b}}`, strict).verdict,
        back = verify(b, `\\boxed{${a}}`, strict).verdict;
      assertEquals(forth === "correct", back === "correct", `${a} against ${b}`);
    }),
    { numRuns: 600, seed: 2 },
  );
});

Deno.test("verify() sees through the form of random quadratics, and not through a changed coefficient", () => {
  const integer = fc.integer({ min: -9, max: 9 });
  fc.assert(
    fc.property(integer, integer, fc.integer({ min: 1, max: 5 }), (p, q, change) => {
      const signed = (n: number): string => (n < 0 ? `${n}` : `+${n}`);
      const factored = `(x${signed(-p)})(x${signed(-q)})`;
      const expanded = (constant: number): string => `${signed(constant)}${signed(-p - q)}x+x^{2}`;
      assertEquals(verdictOf(factored, expanded(p * q)), "correct");
      assertEquals(verdictOf(factored, expanded(p * q + change)), "wrong");
    }),
    { numRuns: 100, seed: 3 },
  );
});

Deno.test("verify() takes the tags of a model's thoughts", () => {
  const completion = "\\boxed{1} <plan> hm";
  assertEquals(verify("1", completion).verdict, "correct");
  assertEquals(verify("1", completion, { thinkingTags: ["plan"] }).verdict, "unparsed");
  assertEquals(verify("1", "\\boxed{1} <reasoning> hm").verdict, "unparsed");
  assertEquals(verify("1", "\\boxed{1} <reasoning> hm", { thinkingTags: [] }).verdict, "correct");
});

Deno.test("verify() takes what a short text concludes in lenient mode, and not what it takes back", () => {
  const right = ([gold, text]: readonly [string, string]): boolean =>
    verify(gold, text, { mode: "lenient" }).verdict === "correct";
  const concluded = [
    ["42", "∴ 42"],
    ["42", "=> x = 42"],
    ["42", "⟹ 42"],
    ["42", "→ 42"],
    ["Monday", "It will be on a Monday."],
    ["Tuesday", "It falls on a Tuesday."],
    ["81", "Answer: 2*7 + 3*6 + ... = 81"],
    ["81", "2*7 + 3*6 + ... = 81"],
  ] as const;
  assertEquals(concluded.filter((pair) => !right(pair)), []);
  const takenBack = [
    ["42", "42 is wrong."],
    ["42", "42 is not the answer"],
    ["42", "42 can't be right"],
    ["42", "anything but 42"],
    ["42", "42? No."],
    ["42", "I am not sure it is 42"],
    ["42", "No, 42 is too big."],
    ["B", "Not B"],
    ["B", "It isn't B."],
    ["B", "Neither A nor B"],
    ["B", "B cannot be the answer"],
  ] as const;
  assertEquals(takenBack.filter(right), []);
});

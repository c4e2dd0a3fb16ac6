import { assert, assertEquals } from "@std/assert";
import { verify, type VerifyOptions } from "../../src/grade/mod.ts";

type Pairs = readonly (readonly [string, string])[];

function verdictOf(gold: string, answer: string, options?: VerifyOptions): string {
  return verify(gold, `Hence $\\boxed{${answer}}$.`, options).verdict;
}

/** Pairs of equal answers, whichever side is gold. */
const EQUAL: Readonly<Record<string, Pairs>> = {
  "parameter families and free letters": [
    ["2k\\pi", "2n\\pi, n\\in\\mathbb{Z}"],
    ["x=\\frac{\\pi}{4}+k\\pi, k\\in\\mathbb{Z}", "\\frac{\\pi}{4}+n\\pi"],
    ["(-32+3x, 64-5x)", "(-32+3t, 64-5t)\\text{ for some integer }t"],
    ["f(z)=z", "f(x)=x"],
    ["f(n)=n+1", "f(x)=x+1 \\text{ for all } x"],
    ["2^{n}-1", "2^n - 1 \\text{ where } n \\text{ is a positive integer}"],
    ["\\frac{x^2}{2}+C", "\\frac{1}{2}x^2+c"],
  ],
  "sets of real numbers": [
    ["\\{x \\mid x>3\\}", "(3,\\infty)"],
    ["\\left(\\frac12,\\infty\\right)", "\\{x\\in\\mathbb{R}: x>\\frac12\\}"],
    ["\\mathbb{R}\\setminus\\{0\\}", "(-\\infty,0)\\cup(0,\\infty)"],
    ["x \\neq 0", "(-\\infty,0)\\cup(0,\\infty)"],
    ["\\mathbb{R}", "(-\\infty,\\infty)"],
    ["\\text{all real numbers}", "\\mathbb{R}"],
    ["\\mathbb{R}^+", "(0,\\infty)"],
    ["-1<x<1", "|x|<1"],
    ["1\\le|z|\\le\\frac32", "z\\in[-\\frac32,-1]\\cup[1,\\frac32]"],
    ["|2x-1|\\ge 3", "x\\le-1\\text{ or }x\\ge2"],
    ["x\\in[-1,1]", "-1 \\le x \\le 1"],
    ["k<\\frac14", "4k-1<0"],
    ["[0,2]\\cap(1,3)", "(1,2]"],
    ["[a,b)", "a\\le x<b"],
    ["]1,2[", "(1,2)"],
    ["\\{1,2\\}\\cup\\{3\\}", "\\{1,2,3\\}"],
    ["\\emptyset", "\\text{no solution}"],
    ["\\infty", "\\text{infinitely many}"],
  ],
  "percentages, ratios, angles, times": [
    ["10\\%", "0.1"],
    ["\\frac{1}{2}", "50\\%"],
    ["41.4\\%", "\\sqrt2-1"],
    ["2:3", "4:6"],
    ["\\frac23", "2:3"],
    ["90^\\circ", "\\frac{\\pi}{2}"],
    ["\\frac{2\\pi}{3}", "120^{\\circ}"],
    ["\\frac{\\pi}{6}\\text{ rad}", "30^\\circ"],
    ["30^\\circ 15'", "30.25^\\circ"],
    ["12:30 \\text{ PM}", "12:30 p.m."],
    ["14:05", "2:05 pm"],
    ["\\text{June 5}", "5 June"],
    ["12^{\\text{th}}", "12"],
  ],
  "units": [
    ["6\\text{ km/h}", "6 km/h"],
    ["6\\text{ km/h}", "6 \\mathrm{~km} / \\mathrm{h}"],
    ["10", "10\\text{ m/s}"],
    ["25\\text{ cm}^3", "25 \\mathrm{~cm}^{3}"],
    ["30 \\text{ square feet}", "30\\text{ ft}^2"],
    ["60\\text{ miles per hour}", "60 mph"],
    ["\\$12.50", "12.5 dollars"],
    ["5", "5 m"],
  ],
  "numbers in every notation": [
    ["\\text{three}", "3"],
    ["25", "twenty-five"],
    ["0.\\overline{142857}", "\\frac17"],
    ["0.(3)", "\\frac13"],
    ["1,22", "1.22"],
    ["1.000.000", "1000000"],
    ["14 {, }916", "14916"],
    ["101_2", "101_{\\text{two}}"],
    ["1A_{16}", "1a_{16}"],
    ["(101)_2", "101_2"],
    ["4210_7", "4210\\text{ base }7"],
    ["½", "0.5"],
    ["10⁻³", "0.001"],
    ["②③", "2, 3"],
    ["10^{100}", `1${"0".repeat(100)}`],
  ],
  "roots, logarithms, functions": [
    ["\\ln 2", "\\log 2"],
    ["2", "\\log 100"],
    ["\\log_2 3", "\\frac{\\ln 3}{\\ln 2}"],
    ["\\sqrt{x-5}", "(x-5)^{1/2}"],
    ["\\frac{\\sqrt{x-5}}{x-5}", "\\frac{1}{\\sqrt{x-5}}"],
    ["\\tan^{-1}(2)", "\\arctan 2"],
    ["\\frac{\\sqrt{6}+\\sqrt{2}}{4}", "\\cos 15^\\circ"],
    ["\\cosh x", "\\frac{e^x+e^{-x}}{2}"],
    ["\\operatorname{arcsinh}(x)", "\\ln(x+\\sqrt{x^2+1})"],
    ["\\operatorname{cis} 60^\\circ", "\\frac12+\\frac{\\sqrt3}{2}i"],
    ["\\gcd(12,18)", "6"],
    ["\\operatorname{lcm}(4,6)", "12"],
    ["17 \\bmod 5", "2"],
    ["{5 \\choose 2}", "10"],
    ["\\sum_{i=1}^{4} i", "10"],
    ["\\int_0^1 x + a\\,dx", "\\int_0^1 (a+t)\\,dt"],
    ["\\lim_{x\\to 3^+} (a+x)", "\\lim_{y\\rightarrow 3^{+}} (y+a)"],
    ["2\\overline{x}", "\\bar{x}\\cdot 2"],
    ["\\Gamma(1/3)", "\\Gamma(\\frac13)"],
    ["\\mathbb{Z}_2", "\\mathbb{Z}/2\\mathbb{Z}"],
  ],
  "equations and systems": [
    ["y=2x+1", "y-2x=1"],
    ["2y=2^{x+1}", "y=2^x"],
    ["n\\equiv 1\\pmod 3", "1 \\pmod{3}"],
    ["\\begin{cases} x=1 \\\\ y=2\\end{cases}", "x=1, y=2"],
    ["(x,y)=(1,2)", "x=1, y=2"],
    ["f(n)=n, g(n)=1", "(f(n),g(n))=(n,1)"],
    ["p=5,q=2;p=7,q=2", "p=5,q=2\\text{ and }p=7,q=2"],
    ["x=1 \\text{ or } x=2", "\\{1,2\\}"],
    ["W(n)=1\\text{ and }W(n)=-1", "W(x)=1orW(x)=-1"],
    ["b<a<d<c", "b, a, d, c"],
    ["11", "x\\approx 11"],
    ["4\\pi", "4\\pi\\approx 12.57"],
    [
      "\\begin{cases} x & x>0 \\\\ -x & x\\le 0\\end{cases}",
      "\\begin{cases} x, & \\text{if } x>0 \\\\ -x, & \\text{if } x\\le 0\\end{cases}",
    ],
  ],
  "vectors and matrices": [
    ["2\\mathbf{i}+3\\mathbf{j}", "(2,3)"],
    ["2\\hat{i}-\\hat{k}", "\\langle 2,0,-1\\rangle"],
    ["\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"],
    [
      "\\begin{pmatrix}6&8\\end{pmatrix}",
      "\\begin{pmatrix}1&2\\end{pmatrix}+\\begin{pmatrix}5&6\\end{pmatrix}",
    ],
    [
      "\\begin{pmatrix}2&1\\end{pmatrix}",
      "\\begin{pmatrix}1&2\\end{pmatrix}\\begin{pmatrix}0&1\\\\1&0\\end{pmatrix}",
    ],
    ["[1, 2, 3]", "1, 2, 3"],
  ],
  "words": [
    ["\\text{Yes}", "\\text{Yes, it is}"],
    ["\\text{Saturday}", "Saturday."],
    ["the circle", "Circle"],
    ["\\text{does not exist}", "DNE"],
  ],
  "text that lost or doubled its backslashes": [
    ["\\\\frac{1}{2}", "\\frac12"],
    ["x\\cdoty", "xy"],
    ["[-2,7]", "-2 \\\\le x \\\\le 7"],
    ["2\\quadx", "2x"],
  ],
};

/** Pairs of answers that are not equal, whichever side is gold. */
const DIFFERENT: Readonly<Record<string, Pairs>> = {
  "equations say more than their sides": [
    ["7=11a+c", "11a+c"],
    ["x=5", "y=5"],
    ["f(x)=2x", "g(x)=2x"],
    ["y=2^x", "y=2^{x}+1"],
  ],
  "letters that mean something": [
    ["2x", "2n"],
    ["k^2", "n^2"],
    ["x^2 \\text{ for } x>0", "x^2 \\text{ for } x<0"],
    ["x", "x \\text{ for } x>0, -x \\text{ for } x<0"],
  ],
  "ends and signs": [
    ["x<5", "x>5"],
    ["[0,1)", "[0,1]"],
    ["\\mathbb{R}\\setminus\\{0\\}", "\\mathbb{R}"],
    ["|x|<1", "x<1"],
    ["x\\le-1\\text{ or }x\\ge2", "-1\\le x\\le 2"],
    ["\\lim_{x\\to 3^+} a", "\\lim_{x\\to 3^-} a"],
  ],
  "units, bases, times": [
    ["5 m", "5 km"],
    ["60\\text{ km/h}", "60\\text{ m/s}"],
    ["12\\text{ cm}^2", "12\\text{ cm}^3"],
    ["101_2", "101_3"],
    ["2:30\\text{ am}", "2:30\\text{ pm}"],
    ["\\text{June 5}", "\\text{May 6}"],
    ["0.5", "50"],
    ["1:2", "2:1"],
  ],
  "several candidates": [
    ["3", "\\boxed{2}\\text{ or }\\boxed{3}"],
    ["2", "1 or 2"],
    ["B", "A \\text{ or } B"],
    ["\\text{yes}", "\\text{yes or no}"],
    ["5", "\\{4,5\\}"],
    ["1,1,2", "1,2,3"],
  ],
  "a value is close but not equal": [
    ["\\sin x", "\\sin x+10^{-12}"],
    ["12345678901234567890\\sqrt x", "12345678901234567891\\sqrt x"],
    ["\\sqrt{10^{50}+1}", "10^{25}"],
    ["0", "\\sqrt{10^{60}+1}-10^{30}"],
    ["e^{-1000.5}", "e^{-2000.5}"],
    ["e", "\\sum_{k=0}^{15}\\frac{1}{k!}"],
    ["|x+10|", "x+10"],
    ["\\max(x,-5)", "x"],
    ["n!", "n!+(n-2)(n-3)(n-4)(n-5)(n-6)(n-7)(n-8)(n-9)(n-10)(n-11)(n-12)"],
    ["0.00", "10^{-300}"],
  ],
  "an equation is not linear or says nothing": [
    ["5", "2|x|=10"],
    ["5", "x \\bmod 100=7"],
    ["3", "(x-3)(y-2)=0"],
    ["x<5", "2|x|<10"],
    ["x<5", "x+x(x-1)(x-2)(x-6)(x-7)<5"],
  ],
  "letters are no product": [
    ["HTH", "HHT"],
    ["IV", "VI"],
    ["E[X^2]", "E[X]^2"],
    ["\\frac{dy}{dx}", "\\frac{y}{x}"],
    ["f^{-1}(x)", "\\frac{x}{f}"],
    ["[0,1]\\times[2,3]", "[2,3]\\times[0,1]"],
  ],
  "a clause hides another answer": [
    ["5", "5 \\text{ for } x=3, 7 \\text{ for } x=4"],
    ["5", "5 \\text{ where } x=1, 7"],
    ["\\frac ab", "\\frac ac \\text{ where } b<c"],
    ["x+1", "x+1 \\text{ for } x=3"],
  ],
  "words change the number": [
    ["5", "5 \\text{ squared}"],
    ["5", "5 \\text{ more}"],
    ["2", "\\text{two thirds}"],
    ["100", "\\text{one hundred twenty}"],
    ["3", "\\text{three point five}"],
    ["5", "5以上"],
    ["5", "\\text{not: }5"],
    ["\\text{yes}", "\\text{yes, no}"],
    ["\\text{at least }-5", "\\text{at least }5"],
    ["5\\text{ mW}", "5\\text{ MW}"],
  ],
  "parts of 0 prove nothing": [
    ["1:2", "0:0"],
    ["0:1:2", "0:2:1"],
  ],
  "prose is no quantity": [
    ["a right prism with congruent bases", "a right prism with a base in a circle"],
    ["12", "12 - \\text{something}"],
    ["\\text{even}", "\\text{odd}"],
    ["\\text{possible}", "\\text{not possible}"],
  ],
  "roots and logarithms": [
    ["x", "|x|"],
    ["\\log_2 8", "\\ln 8"],
    ["\\sin 30", "\\frac12"],
  ],
};

for (const [category, pairs] of Object.entries(EQUAL)) {
  Deno.test(`verify() accepts ${category}, whichever side is gold`, () => {
    for (const [a, b] of pairs) {
      assertEquals(verdictOf(a, b), "correct", `${a} against ${b}`);
      assertEquals(verdictOf(b, a), "correct", `${b} against ${a}`);
    }
  });
}

for (const [category, pairs] of Object.entries(DIFFERENT)) {
  Deno.test(`verify() refuses where ${category}`, () => {
    for (const [a, b] of pairs) {
      assert(verdictOf(a, b) !== "correct", `${a} against ${b}`);
      if (!a.includes("boxed") && !b.includes("boxed")) {
        assert(verdictOf(b, a) !== "correct", `${b} against ${a}`);
      }
    }
  });
}

Deno.test("verify() gives no value to what cancels or vanishes: there is no answer that equals everything", () => {
  const attempts = [
    "\\ln(10^{300}+1)",
    "\\sqrt{10^{60}+1}-10^{30}",
    "\\sqrt[3]{10^{90}+1}",
    "0\\sqrt{x+10^{300}}",
  ];
  const golds = [
    "204",
    "-17",
    "\\pi",
    "3+4i",
    "50\\%",
    "1:2",
    "x=5",
    "x+1",
    "2^n",
    "e^x",
    "n!",
    "x>3",
    "\\{1,2\\}",
  ];
  for (const attempt of attempts) {
    for (const gold of golds) assert(verdictOf(gold, attempt) !== "correct", `${gold} against ${attempt}`);
  }
});

Deno.test("verify() finds no answer in sixty boxes", () => {
  const boxes = Array.from({ length: 60 }, (_, i) => `\\boxed{${i + 1}}`).join(", ");
  assert(verify("60", boxes).verdict !== "correct");
  assert(verify("6", "\\boxed{5} OR \\boxed{6}").verdict !== "correct");
  assert(verify("6", "\\boxed{5} \\lor \\boxed{6}").verdict !== "correct");
});

Deno.test("verify() takes no letter from a text that names several or rules it out", () => {
  for (const answer of ["(A) or (B)", "A: B", "(A) is wrong", "A and B", "not A", "A'"]) {
    assert(verdictOf("A", answer) !== "correct", answer);
    assert(verify("A", answer, { mode: "lenient" }).verdict !== "correct", answer);
  }
  assertEquals(verify("B", "I think it is (B).", { mode: "lenient" }).verdict, "correct");
  assertEquals(verify("B", "B. It cannot be A or C", { mode: "lenient" }).verdict, "correct");
});

Deno.test("verify() takes no number from a sentence that turns it", () => {
  for (
    const text of [
      "The answer is not 6.",
      "The answer is between 5 and 6.",
      "3 to 6",
    ]
  ) {
    assert(verify("6", text, { mode: "lenient" }).verdict !== "correct", text);
  }
});

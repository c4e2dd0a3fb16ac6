import { assertEquals } from "@std/assert";
import { SCORING, verify } from "../../src/grade/mod.ts";

/** A gold answer and what stands in the box. */
type Pair = readonly [gold: string, box: string];

/** Answers as models write them, and what looks like them and is wrong. */
interface Notation {
  readonly equal: readonly Pair[];
  readonly different: readonly Pair[];
}

/** The notations by what they are about. */
const notations: Readonly<Record<string, Notation>> = {
  "conditions on letters": {
    equal: [
      ["2n+1", "a_n=2n+1 \\quad (n\\ge1)"],
      ["2n+1", "2n+1,\\ n\\ge 1"],
      ["3n-1", "a_n=3n-1\\ (n = 1, 2, \\dots)"],
      ["3n-1", "a_n=3n-1, n=1,2,3,\\ldots"],
      ["3n-1", "a_n=3n-1, n\\in\\mathbb{N}^*"],
      ["3n-1", "3n-1\\text{ for all }n\\ge1"],
      ["x^2+1", "f(x)=x^2+1,\\; x\\in[0,\\infty)"],
      ["x^2+1", "f(x)=x^2+1 \\text{ on } [0,\\infty)"],
      ["x^2+1", "x^2+1\\ (0\\le x\\le 1)"],
      ["x^2+1", "x^2+1\\text{ for }x>-1"],
      ["\\sqrt{x-1}", "f^{-1}(x)=\\sqrt{x-1}\\ (x \\ge 1)"],
      ["\\ln x", "\\ln x, \\quad x>0"],
      ["x+2", "x+2,\\ x\\neq1"],
      ["x+2", "x+2 \\text{ for } x \\in \\mathbb{R}\\setminus\\{1\\}"],
      ["a^2", "a^2\\ (a>0)"],
      ["k\\pi", "k\\pi \\quad (k=0,\\pm1,\\pm2,\\ldots)"],
      ["n=2^k", "n = 2^k, k \\ge 0"],
      ["n=2^k, k\\ge1", "n = 2^m \\text{ where } m\\geq 1"],
      ["5", "x=5\\ (x>0)"],
      ["2<x<5", "x>2, x<5"],
    ],
    different: [
      ["x+2", "x+2,\\ x=1"],
      ["x+2", "x+2, x+3"],
      ["x+2, x\\ne1", "x+2, x\\ne2"],
      ["n=2^k, k\\ge1", "n = 2^m \\text{ where } m\\geq 2"],
      ["x>2", "x>2, x<5"],
      ["5", "5, 6"],
      ["2n+1", "2n+1\\ (n = 7)"],
    ],
  },
  "rows of equations": {
    equal: [
      ["12", "\\begin{aligned}x &= 3\\cdot 4\\\\ &= 12\\end{aligned}"],
      ["12", "\\begin{split}x &= 3\\cdot 4\\\\ &= 12\\end{split}"],
      ["12", "\\begin{array}{rl}x &= 3\\cdot 4\\\\ &= 12\\end{array}"],
      ["5", "\\begin{align*}x &= 5\\end{align*}"],
      ["x=1,y=2", "\\begin{aligned}x&=1,\\\\ y&=2.\\end{aligned}"],
      ["x=1,y=2", "\\begin{gathered}x=1\\\\ y=2\\end{gathered}"],
      ["x=1,y=2", "\\begin{cases}x=1\\\\ y=2\\end{cases}"],
      ["x=1,y=2", "\\left\\{\\begin{aligned}x&=1\\\\ y&=2\\end{aligned}\\right."],
      ["x=1,y=2", "\\left\\{\\begin{array}{l}x=1\\\\ y=2\\end{array}\\right."],
    ],
    different: [
      ["12", "\\begin{aligned}x &= 3\\cdot 4\\\\ &= 13\\end{aligned}"],
      ["x=1,y=2", "\\begin{aligned}x&=1\\\\ y&=3\\end{aligned}"],
      ["1", "\\begin{aligned}x&=1\\\\ y&=2\\end{aligned}"],
    ],
  },
  "floors and ceilings of exact values": {
    equal: [
      ["3", "\\lfloor\\log_{10} 1000\\rfloor"],
      ["9", "\\lfloor \\log_{10}(10^9)\\rfloor"],
      ["3", "\\lceil \\log_2 8 \\rceil"],
      ["3", "\\lfloor\\frac{\\ln 8}{\\ln 2}\\rfloor"],
      ["7", "\\lfloor \\sqrt{49}\\rfloor"],
      ["30", "\\lfloor \\log_{10} 10^{30}\\rfloor"],
      ["29", "\\lfloor \\log_{10} (10^{30}-1)\\rfloor"],
    ],
    different: [
      ["3", "\\lfloor \\log_{10} 999\\rfloor"],
      ["30", "\\lfloor \\log_{10} (10^{30}-1)\\rfloor"],
      ["262537412640768744", "\\lfloor e^{\\pi\\sqrt{163}}\\rfloor"],
    ],
  },
  "choices with their content": {
    equal: [
      ["E", "E: A polygenic score"],
      ["B", "B. A triangle"],
      ["B", "(B) 12"],
      ["B", "(B)\\ A \\text{ only}"],
      ["B", "\\text{(B) A and C only}"],
      ["B", "\\text{(B) not enough information}"],
      ["C", "\\text{(C) It is false}"],
      ["D", "\\text{(D) or more}"],
      ["A", "\\text{A: I am}"],
      ["B", "\\text{选项B}"],
    ],
    different: [
      ["B", "B: yes, C: yes"],
      ["B", "\\text{A: yes, B: yes}"],
      ["C", "\\text{C is not correct}"],
      ["C", "\\text{(C) or (D)}"],
      ["C", "\\text{C or not}"],
      ["C", "\\text{C, definitely not}"],
      ["B", "\\text{not B}"],
      ["A", "\\text{(A) is wrong}"],
      ["B", "\\text{B. Wrong}"],
      ["B", "\\text{(B) maybe}"],
      ["A", "\\text{(A) and (C)}"],
    ],
  },
  "several labels": {
    equal: [
      ["\\text{A and C}", "A, C"],
      ["\\text{A and C}", "(C), (A)"],
      ["B, D", "\\text{B and D}"],
      ["AC", "A, C"],
      ["A, C", "AC"],
      ["\\text{I, II}", "\\text{I and II only}"],
      ["\\text{II and III only}", "\\text{(II) and (III)}"],
    ],
    different: [
      ["\\text{A and C}", "A, B"],
      ["\\text{A and C}", "A"],
      ["\\text{A and C}", "\\text{A or C}"],
      ["AC", "CA"],
      ["\\text{I and III}", "\\text{II, III}"],
    ],
  },
  "alternatives are sets": {
    equal: [["3, 4", "4\\text{ or }3"], ["x=3\\text{ or }x=4", "4, 3"], ["(3,4)", "3, 4"]],
    different: [
      ["(3,4)", "3 \\text{ or } 4"],
      ["(3,4)", "\\text{either } 3 \\text{ or } 4"],
      ["(1,2,3)", "1 \\text{ or } 2 \\text{ or } 3"],
      ["(x,y)=(3,4)", "3\\text{ or }4"],
      ["(3,4)", "x=3\\text{ or }y=4"],
      ["\\begin{pmatrix}3\\\\4\\end{pmatrix}", "3\\text{ or }4"],
    ],
  },
  "classes of residues": {
    equal: [
      ["x\\equiv 3\\pmod 7", "x = 7k+3"],
      ["x\\equiv 3\\pmod 7", "x = 3-7n"],
      ["x\\equiv 3\\pmod 7", "x=7k-4, k\\in\\mathbb{Z}"],
      ["x\\equiv 3\\pmod 7", "x\\equiv -4\\pmod{7}"],
      ["x\\equiv 3\\pmod 7", "\\{7k+3 \\mid k\\in\\mathbb{Z}\\}"],
      ["7k+3", "x\\equiv 3\\pmod 7"],
      ["n=3k", "n \\text{ is a multiple of } 3"],
      ["n=3k", "3\\mid n"],
      ["n=5k", "n \\text{ is divisible by } 5"],
      ["n=2k+1", "\\text{odd } n"],
      ["\\{1,2,3,4\\}", "1 \\le n \\le 4, n\\in\\mathbb{Z}"],
      ["\\{1,2,3,4\\}", "\\{n \\in \\mathbb{Z} : 0 < n < 5\\}"],
    ],
    different: [
      ["x\\equiv 3\\pmod 7", "x = 7k+4"],
      ["x\\equiv 3\\pmod 7", "x = 14k+3"],
      ["y=7x+3", "y=7x-4"],
      ["10", "7k+3"],
      ["\\{1,2,3,4\\}", "1\\le x\\le 4"],
      ["\\{1,2,3,4\\}", "0\\le n<5,\\ n\\in\\mathbb{Z}"],
    ],
  },
  "combinations and arrangements": {
    equal: [
      ["10", "C(5,2)"],
      ["10", "C_5^2"],
      ["10", "C^5_2"],
      ["10", "\\mathrm{C}_5^2"],
      ["10", "\\binom52"],
      ["10", "{5 \\choose 2}"],
      ["10", "{}^5C_2"],
      ["10", "{}_{5}C_{2}"],
      ["10", "{}^{5}\\mathrm{C}_{2}"],
      ["10", "5C2"],
      ["20", "A_5^2"],
      ["20", "P(5,2)"],
      ["20", "{}^5P_2"],
      ["\\frac{2}{9}", "\\frac{C(5,2)}{C(10,2)}"],
      ["\\binom{n}{k}", "C(n,k)"],
      ["\\binom{n}{k}", "C_n^k"],
      ["\\binom{2n}{n}", "C_{2n}^{n}"],
      ["(5,2)", "P(5,2)"],
    ],
    different: [["11", "C(5,2)"], ["10", "A_5^2"], ["10", "C_5"], ["\\binom{k}{n}", "C_n^k"]],
  },
  "dress and remarks": {
    equal: [
      ["204", "\\Rightarrow 204"],
      ["204", "\\therefore x = 204"],
      ["204", "\\to 204"],
      ["204", "204\\checkmark"],
      ["204", "204 ✓"],
      ["204", "204 \\;\\;\\text{Q.E.D.}"],
      ["204", "\\underbrace{204}_{\\text{answer}}"],
      ["204", "\\overbrace{204}^{=200+4}"],
      ["204", "\\textcolor{red}{204}"],
      ["204", "\\text{So } 204"],
      ["204", "\\text{Hence, } 204"],
      ["42", "42 \\text{ (since } 6\\cdot7)"],
      ["42", "42\\text{ because }6\\cdot 7=42"],
      ["42", "42\\text{ as required}"],
      ["3", "\\text{the value of } x \\text{ is } 3"],
      ["f(x)=x", "f(x) = x \\text{ is the only solution}"],
      ["2\\pi", "2\\pi\\ (\\approx 6.28)"],
      ["(2,\\infty)", "x > 2 \\text{ (all real numbers greater than 2)}"],
    ],
    different: [
      ["42", "42 \\text{ (or } 43)"],
      ["42", "42 \\text{ (since it is 42 or 43)}"],
      ["42", "42 \\text{ because it is not } 43"],
      ["3", "\\text{the value of } x \\text{ is not } 3"],
      ["3", "\\text{half the value of } x \\text{ is } 3"],
      ["3", "\\text{the reciprocal is } 3"],
    ],
  },
  "Chinese words": {
    equal: [
      ["5", "\\text{答案是} 5"],
      ["5", "\\text{最小值为}5"],
      ["5", "\\text{所以答案是}5"],
      ["1,2", "x=1\\text{或}x=2"],
      ["1,2", "1、2"],
      ["x=1,y=2", "x=1\\text{ 且 } y=2"],
      ["\\text{no solution}", "\\text{无解}"],
    ],
    different: [["5", "\\text{答案不是}5"], ["5", "5\\text{或}6"], ["5", "5和6"]],
  },
  "sets and ratios in words": {
    equal: [
      ["3:2", "3 \\text{ to } 2"],
      ["(2,\\infty)", "\\text{all real numbers greater than } 2"],
      ["[5,\\infty)", "\\text{all real numbers greater than or equal to } 5"],
      ["(-\\infty,5]", "\\text{all real numbers at most } 5"],
      ["(2,\\infty)", "\\text{all } x > 2"],
      ["x\\ge 5", "x\\text{ is at least }5"],
      ["\\mathbb{R} \\setminus \\{2,3\\}", "\\text{all real numbers except 2 and 3}"],
      ["(1,2)", "\\text{all real numbers strictly between } 1 \\text{ and } 2"],
      ["\\text{all positive integers}", "\\mathbb{N}^*"],
      ["\\text{all positive integers}", "\\mathbb{Z}_{\\ge 1}"],
      ["(0,\\infty)", "\\text{all positive real numbers}"],
      ["\\text{all primes}", "\\text{all prime numbers}"],
    ],
    different: [
      ["3:2", "2 \\text{ to } 3"],
      ["[2,\\infty)", "\\text{all real numbers greater than } 2"],
      ["2", "\\text{greater than } 2"],
      ["\\mathbb{Z}", "\\text{all positive integers}"],
      ["\\text{does not exist}", "\\text{five unless it does not exist}"],
      ["Yes", "\\text{Yes, nah, never}"],
      ["Yes", "\\text{yes: wrong}"],
    ],
  },
  "thousands inside brackets": {
    equal: [
      ["(1000,2000)", "(1,000, 2,000)"],
      ["\\{1234567,5\\}", "\\{1,234,567,\\ 5\\}"],
      ["(100,200)", "(100,200)"],
      ["(100,200),(300,400)", "(100,200), (300,400)"],
    ],
    different: [["(1,0,2,0)", "(1,000, 2,000)"], ["(100200,300)", "(100,200,300)"]],
  },
  "times are no ratios": {
    equal: [["2:30", "2:30"], ["2:3", "4:6"], ["1:3", "12:36"]],
    different: [["2:30", "1:15"], ["1:15", "2:30"], ["10:30", "5:15"]],
  },
  "equations keep their domains": {
    equal: [["xy=1", "y=\\frac1x"], ["y=2x+3", "2x-y+3=0"], ["\\frac{x+1}{x-1}=2", "x+1=2(x-1)"]],
    different: [
      ["x=1", "\\frac{x-1}{x-1}=0"],
      ["x=2", "\\frac{(x-2)^2}{x-2}=0"],
      ["x^2=1", "\\frac{(x^2-1)(x-3)}{x-3}=0"],
      ["x=0", "\\frac{x}{x}=0"],
      ["x+y=1", "\\frac{(x+y-1)(x-y)}{x-y}=0"],
    ],
  },
};

for (const [about, { equal, different }] of Object.entries(notations)) {
  const right = ([gold, box]: Pair, options = {}): boolean =>
    verify(gold, `So it is $\\boxed{${box}}$.`, options).verdict === "correct";
  Deno.test(`verify() reads ${about}`, () => {
    assertEquals(equal.filter((pair) => !right(pair)), []);
    assertEquals(different.filter((pair) => right(pair) || right(pair, SCORING)), []);
  });
}

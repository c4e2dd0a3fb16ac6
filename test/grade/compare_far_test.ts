import { assertEquals } from "@std/assert";
import { verify } from "../../src/grade/mod.ts";

const right = ([gold, box]: readonly [string, string]): boolean =>
  verify(gold, `\\boxed{${box}}`).verdict === "correct";

Deno.test("a function with steps is no other one, however far its next step is", () => {
  const different = [
    ["n", "n \\bmod 31"],
    ["n", "n \\bmod 10^9"],
    ["n!", "n! \\bmod 10^{50}"],
    ["2^n", "2^n \\bmod 10^{30}"],
    ["x", "\\min(x,100)"],
    ["x", "\\max(x,-10^{6})"],
    ["x", "\\min(\\max(x,-1000),1000)"],
    ["f(x)=x", "f(x)=\\min(x,1000)"],
    ["0", "\\lfloor \\frac{x}{1000000}\\rfloor"],
    ["0", "\\lfloor \\frac{\\ln x}{1000} \\rfloor"],
    ["0", "\\lfloor n!/10^{40}\\rfloor"],
    ["x", "x+\\lfloor |x|/1000 \\rfloor"],
    ["x", "|x+1000|-1000"],
    ["n!", "n! \\cdot \\lceil \\frac{40-n}{40}\\rceil"],
    ["1", "\\lceil \\frac{1}{x^2+1}\\rceil"],
    ["0", "xi \\bmod 1"],
    ["\\lceil x\\rceil", "\\lfloor x\\rfloor+1"],
    ["0", "n(n-1)(n-2)(n-3) \\bmod 5"],
  ] as const;
  assertEquals(different.filter(right), []);
});

Deno.test("functions with steps are equal to their other forms", () => {
  const equal = [
    ["\\lfloor x \\rfloor + 1", "\\lfloor x+1 \\rfloor"],
    ["\\lceil x\\rceil", "-\\lfloor -x\\rfloor"],
    ["n \\bmod 2", "n - 2\\lfloor n/2 \\rfloor"],
    ["\\max(a,b)", "\\frac{a+b+|a-b|}{2}"],
    ["|x|", "\\max(x,-x)"],
    ["\\max(x+y, y+x)", "x+y"],
    ["\\min(x, x+1)", "x"],
  ] as const;
  assertEquals(equal.filter((pair) => !right(pair)), []);
});

Deno.test("a complex number among the letters has the digits of the others", () => {
  const different = [
    ["x", "x+10^{-20}ie^{x}"],
    ["x", "x + 10^{-14} i\\sin x"],
    ["e^{i}", "\\cos 1+i\\sin 1+10^{-25}"],
    ["-1", "e^{i\\pi}+10^{-20}\\sin 1"],
  ] as const;
  assertEquals(different.filter(right), []);
  const equal = [
    ["e^{ix}", "\\cos x+i\\sin x"],
    ["\\sin x", "\\frac{e^{ix}-e^{-ix}}{2i}"],
    ["\\cos(x+iy)", "\\cos x\\cosh y-i\\sin x\\sinh y"],
    ["i^i", "e^{-\\pi/2}"],
    ["\\sqrt{i}", "\\frac{1+i}{\\sqrt2}"],
  ] as const;
  assertEquals(equal.filter((pair) => !right(pair)), []);
});

Deno.test("long lists are matched within the budget, whatever their order and form", () => {
  const list = (count: number, item: (k: number) => string): string =>
    Array.from({ length: count }, (_, k) => item(k)).join(", ");
  const roots = list(16, (k) => `e^{${k}\\pi i/8}`);
  assertEquals(
    right([roots, list(16, (k) => `\\cos\\frac{${15 - k}\\pi}{8}+i\\sin\\frac{${15 - k}\\pi}{8}`)]),
    true,
  );
  assertEquals(right([roots, list(16, (k) => `\\operatorname{cis}\\frac{${30 - 2 * k}\\pi}{16}`)]), true);
  assertEquals(right([roots, list(16, (k) => `e^{${k === 7 ? 8 : k}\\pi i/8}`)]), false);
  const lines = list(16, (k) => `y=${k + 2}x+${k + 3}`);
  assertEquals(right([lines, list(16, (k) => `${17 - k}x-y+${18 - k}=0`)]), true);
  assertEquals(right([lines, list(16, (k) => `${17 - k}x-y+${18 - k + (k === 3 ? 1 : 0)}=0`)]), false);
  const logarithms = list(6, (k) => `(\\ln ${k + 2}, \\ln ${k + 3})`);
  assertEquals(
    right([logarithms, list(6, (k) => `(\\frac12\\ln ${(7 - k) ** 2}, \\frac12\\ln ${(8 - k) ** 2})`)]),
    true,
  );
});

Deno.test("permutations of 2,000 integers are equal, and no other list is", () => {
  const numbers = Array.from({ length: 2000 }, (_, k) => 1000 + 7 * k);
  const shuffled = numbers.map((_, k) => numbers[(k * 7 + 3) % 2000]);
  assertEquals(right([numbers.join(", "), shuffled.join(", ")]), true);
  assertEquals(right([`\\{${numbers.join(", ")}\\}`, `\\{${shuffled.join(", ")}\\}`]), true);
  assertEquals(right([numbers.join(", "), shuffled.with(5, 1).join(", ")]), false);
});

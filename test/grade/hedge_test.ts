import { assert, assertEquals } from "@std/assert";
import { SCORING, verify, type VerifyOptions } from "../../src/grade/mod.ts";
import { RandomStream } from "../../src/random.ts";

/** An answer that names several candidates. */
interface Hedge {
  readonly text: string;
  readonly candidates: readonly string[];
}

/** Ways to name two candidates in one box. */
const pairs: readonly ((a: string, b: string) => string)[] = [
  (a, b) => `${a}, ${b}`,
  (a, b) => `${a}; ${b}`,
  (a, b) => `${a}\\text{ or }${b}`,
  (a, b) => `${a}\\text{ and }${b}`,
  (a, b) => `\\text{either }${a}\\text{ or }${b}`,
  (a, b) => `${a}\\text{或}${b}`,
  (a, b) => `${a}\\lor ${b}`,
  (a, b) => `${a}/${b}`,
  (a, b) => `${a}\\mid ${b}`,
  (a, b) => `[${a}, ${b}]`,
  (a, b) => `(${a}, ${b})`,
  (a, b) => `[${a}, ${b})`,
  (a, b) => `\\{${a}, ${b}\\}`,
  (a, b) => `\\{${a}\\} \\cup \\{${b}\\}`,
  (a, b) => `${a}\\pm ${b}`,
  (a, b) => `${a} = ${b}`,
  (a, b) => `${a}\\approx ${b}`,
  (a, b) => `${a}\\sim ${b}`,
  (a, b) => `${a}\\to ${b}`,
  (a, b) => `${a}\\Rightarrow ${b}`,
  (a, b) => `x=${a}\\Rightarrow x=${b}`,
  (a, b) => `${a} < x < ${b}`,
  (a, b) => `x=${a}\\text{ or }x=${b}`,
  (a, b) => `x=${a}, y=${b}`,
  (a, b) => `${a}\\text{ (or }${b})`,
  (a, b) => `${a}\\text{ (maybe }${b})`,
  (a, b) => `${a} (${b})`,
  (a, b) => `${a}\\quad(${b})`,
  (a, b) => `${a}\\text{ if }n\\text{ is even, else }${b}`,
  (a, b) => `${a}\\text{ not }${b}`,
  (a, b) => `\\text{not }${a}\\text{ but }${b}`,
  (a, b) => `${a}\\text{ to }${b}`,
  (a, b) => `\\text{between }${a}\\text{ and }${b}`,
  (a, b) => `\\text{the answer is }${a}\\text{ or }${b}`,
  (a, b) => `\\text{the value of }x\\text{ is }${a}\\text{, or }${b}`,
  (a, b) => `\\begin{cases}${a}\\\\${b}\\end{cases}`,
  (a, b) => `\\begin{cases}${a}&\\text{if }x>0\\\\${b}&\\text{if }x\\le 0\\end{cases}`,
  (a, b) => `\\begin{aligned}${a}\\\\${b}\\end{aligned}`,
  (a, b) => `\\begin{aligned}x&=${a}\\\\x&=${b}\\end{aligned}`,
  (a, b) => `\\begin{pmatrix}${a}\\\\${b}\\end{pmatrix}`,
  (a, b) => `${a}\\frac{${b}}{${b}}`,
  (a, b) => `${a} ${b}/1`,
  (a, b) => `${a}:${b}`,
  (a, b) => `${a},\\ldots,${b}`,
  (a, b) => `${a}\\pmod{${b}}`,
  (a, b) => `\\text{A: }${a}\\text{, B: }${b}`,
  (a, b) => `${a}\\text{ for }k=${b}`,
  (a, b) => `${a}} \\text{ or } \\boxed{${b}`,
  (a, b) => `${a}}, \\boxed{${b}`,
  (a, b) => `${a}} \\boxed{${b}`,
  (a, b) => `${a}}. So \\boxed{${b}`,
];

/** Ways to dress one candidate. */
const dresses: readonly ((a: string) => string)[] = [
  (a) => a,
  (a) => `(${a})`,
  (a) => `${a}\\%`,
  (a) => `${a}^\\circ`,
  (a) => `x=${a}`,
  (a) => `\\pm ${a}`,
  (a) => `\\text{maybe }${a}`,
  (a) => `${a}\\text{ cm}`,
  (a) => `\\lfloor ${a}\\rfloor`,
  (a) => `\\{${a}\\}`,
];

/** A hedge of some depth; every leaf is another candidate. */
function hedge(stream: RandomStream, depth: number, leaf: () => string): Hedge {
  if (depth === 0) {
    const candidate = leaf();
    return { text: candidate, candidates: [candidate] };
  }
  const a = hedge(stream, depth - 1, leaf), b = hedge(stream, stream.integer(0, depth - 1), leaf);
  const text = stream.pick(dresses)(
    stream.pick(pairs)(stream.pick(dresses)(a.text), stream.pick(dresses)(b.text)),
  );
  return { text, candidates: [...a.candidates, ...b.candidates] };
}

/** How graders look at an answer. */
const modes: Readonly<Record<string, VerifyOptions>> = {
  default: {},
  scoring: SCORING,
  lenient: { mode: "lenient" },
};

/** The candidates for which a box is right. */
function won({ text, candidates }: Hedge, options: VerifyOptions): string[] {
  return candidates.filter((gold) =>
    verify(gold, `It is $\\boxed{${text}}$.`, options).verdict === "correct"
  );
}

/** Hedges that win several of their candidates, over all modes. */
function faultsOf(hedges: readonly Hedge[]): string[] {
  return Object.entries(modes).flatMap(([mode, options]) =>
    hedges.flatMap((one) => {
      const golds = won(one, options);
      return golds.length > 1 ? [`${mode}: ${one.text} is ${golds.join(" and ")}`] : [];
    })
  );
}

/** Different integers, none of them near another. */
function integers(stream: RandomStream): () => string {
  let last = stream.integer(2, 40);
  return () => `${last += stream.integer(3, 60)}`;
}

Deno.test("every way to name two candidates wins one of them at most", () => {
  const hedges = pairs.flatMap((pair) =>
    [["12", "45"], ["204", "203"], ["B", "D"], ["\\frac12", "\\frac34"]].map(
      ([a = "", b = ""]): Hedge => ({ text: pair(a, b), candidates: [a, b] }),
    )
  );
  assertEquals(faultsOf(hedges), []);
});

Deno.test("a hedge never wins two golds", () => {
  const stream = new RandomStream("hedge");
  const hedges = Array.from({ length: 600 }, (_, i) => hedge(stream, 1 + i % 3, integers(stream)));
  assertEquals(faultsOf(hedges), []);
  // The golds are not out of reach: a chain or a last box is right for its last candidate.
  assert(hedges.some((one) => won(one, {}).length === 1), "some hedge is right for one gold");
});

Deno.test("a hedge between letters never wins two golds", () => {
  const stream = new RandomStream("hedge", "letters");
  const letters = (): () => string => {
    let next = stream.integer(0, 2);
    return () => "ABCDEFGHIJ".charAt(next++ % 10);
  };
  const hedges = Array.from({ length: 300 }, (_, i) => hedge(stream, 1 + i % 2, letters()));
  assertEquals(faultsOf(hedges), []);
});

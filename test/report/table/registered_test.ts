import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { RandomStream } from "../../../src/random.ts";
import { type Counts, markdownTable, registeredReport, terminalTable } from "../../../src/report/mod.ts";
import { planOf } from "../registered_plan.ts";

/** Counts of runs whose chance to solve a problem is given by method, on two suites of 80 problems. */
function counts(chances: Readonly<Record<string, number>>, seeds: number, registered?: object): Counts {
  const random = new RandomStream("registered test"), suites = ["one", "two"];
  const correct = (chance: number) =>
    Array.from(
      { length: 80 },
      () => Array.from({ length: 8 }, () => random.uniform() < chance).filter(Boolean).length,
    );
  return {
    suites: suites.map((name) => ({
      name,
      problems: Array.from({ length: 80 }, (_, i) => `${i}`),
      samples: 8,
    })),
    runs: Object.entries(chances).flatMap(([method, chance]) =>
      (method === "base" ? [null] : Array.from({ length: seeds }, (_, i) => i + 1)).map((seed) => ({
        method,
        seed,
        suites: Object.fromEntries(
          suites.map((name) => [name, { correct: correct(chance), truncated: 0, unparsed: 0, tokens: 6400 }]),
        ),
      }))
    ),
    ...(registered ? { profile: { methods: ["grpo"], training: { steps: 4 }, registered } } : {}),
  };
}

const plan = planOf("one", [
  { method: "bupo", against: "grpo" },
  { method: "grpo", against: "base", planted: "better" },
  { method: "bupo", against: "base", planted: "tied" },
], 5);
const chances = { base: 0.3, grpo: 0.5, bupo: 0.5 };

Deno.test("registeredReport() reads the named suites and pairs, and says whether controls came out as planted", () => {
  const report = registeredReport(counts(chances, 3, plan));
  assertEquals(report?.results.map(({ evidence }) => evidence?.problems), [80, 80, 80]);
  assertEquals(report?.results.map(({ asPlanted }) => asPlanted), [null, true, false]);
  assertEquals(report?.results.slice(1).map(({ verdict }) => verdict), ["better", "better"]);
  assertEquals(report?.deviations, []);
  assertEquals(registeredReport(counts(chances, 3)), undefined);
});

Deno.test("a tie is one within the plan's smallest effect, not within the table's margin", () => {
  const of = (smallestEffect: number) =>
    registeredReport(counts(chances, 3, { ...plan, smallestEffect }))?.results[0]?.verdict;
  assertEquals(of(10), "tied within noise");
  assertMatch(of(0.1) ?? "", /^inconclusive/);
});

Deno.test("several questions share the level: a p-value that one question would pass, three may not", () => {
  const nearly = { base: 0.3, grpo: 0.5, bupo: 0.556, third: 0.5, fourth: 0.5 };
  const pair = { method: "bupo", against: "grpo" };
  const one = registeredReport(counts(nearly, 3, { ...plan, pairs: [pair] }))?.results[0];
  const others = ["third", "fourth"].map((method) => ({ method, against: "grpo" }));
  const three = registeredReport(counts(nearly, 3, { ...plan, pairs: [pair, ...others] }))?.results[0];
  const p = one?.evidence?.p ?? 1;
  assertEquals([p < 0.05, 3 * p > 0.05, one?.verdict], [true, true, "better"], `${p}`);
  assertMatch(three?.verdict ?? "", /^inconclusive/);
});

Deno.test("tables print the plan, what came out, and how the result deviates", () => {
  const whole = counts(chances, 3, plan);
  for (const text of [terminalTable(whole), markdownTable(whole)]) {
    assertStringIncludes(text, "Registered before the run: avg@8 over one, 3 seeds a method");
    assertStringIncludes(text, "The result is what the plan says.");
    assertStringIncludes(text, "better: as planted");
    assertStringIncludes(text, "tied: NOT as planted");
  }
  const less = counts(chances, 2, { ...plan, suites: ["one", "three"] });
  assertStringIncludes(
    terminalTable(less),
    "Deviates from its plan: three was not evaluated; bupo has 2 seeds in place of 3; grpo has 2 seeds in place of 3.",
  );
  assertEquals(registeredReport(less)?.results.map(({ verdict }) => verdict), [null, null, null]);
});

Deno.test("beside every tie and inconclusive verdict stands what would have been seen, beside no other", () => {
  const bare = counts(chances, 3), few = counts(chances, 2);
  const narrow = terminalTable(counts(chances, 3, plan), { width: 45 });
  assertEquals(Math.max(...narrow.split("\n").map((line) => line.length)) <= 45, true, narrow);
  for (const text of [terminalTable(bare), markdownTable(bare), narrow, terminalTable(few)]) {
    const pattern = /(tied within noise|inconclusive \(too few \w+\))(\s+\(detectable: \d+\.\d\))?/g;
    const open = [...text.matchAll(pattern)];
    assertEquals(open.filter(([, , detectable]) => detectable === undefined), []);
    assertEquals(open.length > 0, true);
    assertEquals(/(better|worse|identical) \(detectable/.test(text), false);
  }
});

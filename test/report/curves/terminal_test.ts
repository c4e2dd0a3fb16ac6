import { assert, assertEquals, assertMatch } from "@std/assert";
import { runLine, runLines } from "../../../src/report/mod.ts";

const steps = Array.from({ length: 200 }, (_, i) => ({
  step: i + 1,
  policy: "full",
  rewardMean: i / 200,
  ...(i % 10 === 9 ? { evaluation: { accuracy: 0.5 } } : {}),
  entropy: 1 / (i + 1),
  responseLength: 100 + i,
  clipFraction: 0,
  approxKl: -1e-5,
  gradientNorm: 123456,
}));
const names = ["reward", "accuracy", "entropy", "length", "clip", "KL", "gradient"];

Deno.test("runLines() fit whatever width, name every metric, and take fewer lines where there is room", () => {
  const counts = [20, 30, 60, 80, 100, 132, 240].map((columns) => {
    const lines = runLines(steps, { columns, color: false }, Infinity);
    for (const line of lines) assert([...line].length <= columns || columns < 30, `${columns}: ${line}`);
    assertEquals(names.filter((name) => !lines.some((line) => line.includes(name))), []);
    return lines.length;
  });
  assertEquals(counts, counts.toSorted((a, b) => b - a));
  assertEquals([counts.at(0), counts.at(-1)], [7, 1]);
});

Deno.test("runLines() leave out what has no place, and colour adds nothing but itself", () => {
  const plain = runLines(steps, { columns: 80, color: false }, 2);
  assertEquals(plain.length, 2);
  const coloured = runLines(steps, { columns: 80, color: true }, 2).map((line) =>
    line.replaceAll("\x1b", "␛")
  );
  assertMatch(coloured[0] ?? "", /␛\[36m▁[^␛]*█␛\[39m/);
  assertEquals(coloured.map((line) => line.replace(/␛\[\d+m/g, "")), plain);
  assertEquals(runLines([], { columns: 80, color: false }, 5), []);
});

Deno.test("runLine() has the first and the newest number of each metric and steers no terminal", () => {
  const line = runLine(steps);
  assertEquals(
    line,
    "200 steps, reward 0 → 0.995, accuracy 0.5 → 0.5, entropy 1 → 0.005, length 100 → 299, clip 0 → 0, KL −1e−5 → −1e−5, gradient 1e+5 → 1e+5",
  );
  assert(!/\p{Cc}/u.test(line));
});

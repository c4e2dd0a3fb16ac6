import { assertAlmostEquals, assertEquals } from "@std/assert";
import { meansOf, type QuantityName, Tally } from "../../src/policy/mod.ts";
import { RandomStream } from "../../src/random.ts";
import { clusteredMean, studentQuantile } from "../../src/stats/mod.ts";

Deno.test("meansOf() gives the clustered standard error of all tokens, from sums alone", () => {
  const random = new RandomStream("tally");
  for (let trial = 0; trial < 20; trial++) {
    const clusters = Array.from({ length: random.integer(2, 9) }, () => {
      const level = random.normal();
      return Array.from({ length: random.integer(1, 30) }, () => level + random.normal());
    });
    const { mean, clusteredCorrected } = clusteredMean(clusters);
    const sums = clusters.map((values) => values.reduce((a, b) => a + b, 0));
    const { token, problem } = meansOf(sums, clusters.map(({ length }) => length));
    const quantile = studentQuantile(0.975, clusters.length - 1);
    assertAlmostEquals(token.mean, mean, 1e-12);
    assertAlmostEquals((token.high ?? NaN) - token.mean, quantile * clusteredCorrected, 1e-10);
    assertAlmostEquals(token.mean - (token.low ?? NaN), quantile * clusteredCorrected, 1e-10);
    // Of clusters that count alike it is the plain standard error of their means.
    const means = clusters.map((values) => [values.reduce((a, b) => a + b, 0) / values.length]);
    const each = clusteredMean(means);
    assertAlmostEquals(problem.mean, each.mean, 1e-12);
    assertAlmostEquals((problem.high ?? NaN) - problem.mean, quantile * each.iid, 1e-10);
  }
});

Deno.test("with one problem there is a mean and no interval; problems without tokens do not count", () => {
  assertEquals(meansOf([6], [3]), {
    token: { mean: 2, low: null, high: null },
    problem: { mean: 2, low: null, high: null },
  });
  assertEquals(meansOf([6, 0], [3, 0]), meansOf([6], [3]));
});

Deno.test("Tally pools a problem's completions, and gives the curve of a quantity from layer 1 on", () => {
  const tally = new Tally([
    { problem: "a", tokens: 1 },
    { problem: "b", tokens: 2 },
    { problem: "a", tokens: 3 },
  ]);
  const name: QuantityName = "change.ffn.raw";
  const add = (sequence: number, layer: number, ...values: number[]): void =>
    tally.add(sequence, layer, new Map([[name, Float64Array.from(values)]]));
  for (const layer of [0, 1, 2]) {
    add(0, layer, 10 * layer);
    add(1, layer, 1, 3);
    add(2, layer, 2, 2, 2);
  }
  assertEquals([...tally.counts], [4, 2]);
  assertEquals([...tally.sums(1, name)], [16, 4]);
  assertEquals(tally.means(1, name).token.mean, 20 / 6);
  assertEquals(tally.means(1, name).problem.mean, 3);
  assertEquals(tally.curve(name), [20 / 6, 30 / 6]);
  assertEquals(tally.names(2), [name]);
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Boundary, chooseLayer, findBoundary, fitRanges, Tally } from "../../src/policy/mod.ts";
import { rankCorrelation, survivalOf } from "../../src/policy/mod.ts";

/** A tally whose problems have these ΔH_FFN, one list of layers a problem. */
function tallyOf(problems: readonly (readonly number[])[]): Tally {
  const tally = new Tally(problems.map((_, i) => ({ problem: `p${i}`, tokens: 1 })));
  problems.forEach((changes, i) => {
    tally.add(i, 0, new Map());
    changes.forEach((change, layer) => {
      tally.add(i, layer + 1, new Map([["change.ffn.raw", Float64Array.of(change)]]));
    });
  });
  return tally;
}

Deno.test("findBoundary() takes the last layer with ΔH_FFN > 0, and says how sure that is", () => {
  const certain = findBoundary(tallyOf([[1, 2, -1], [1.1, 2.1, -1], [0.9, 1.9, -1]]), "raw");
  assertEquals([certain.layer, certain.interval], [2, [2, 2]]);
  assertEquals(certain.candidates.map(({ layer, share }) => [layer, share]), [[2, 1], [1, 0]]);
  const [first] = certain.candidates;
  assert(first && first.change.mean === 2 && first.change.low !== null && first.change.low < 2);
  // Layer 3 is above 0 by one problem of six.
  const doubtful = findBoundary(tallyOf([[1, 2, 9], ...Array.from({ length: 5 }, () => [1, 2, -1])]), "raw");
  assertEquals([doubtful.layer, doubtful.interval], [3, [2, 3]]);
  assert(doubtful.candidates.every(({ share }) => share !== null && share < 1));
});

Deno.test("findBoundary() says that there is none, and knows no interval of one problem", () => {
  assertEquals(findBoundary(tallyOf([[-1, 0], [-2, 0]]), "raw"), {
    layer: null,
    interval: [0, 0],
    candidates: [],
  });
  const { layer, interval, candidates } = findBoundary(tallyOf([[1, -1]]), "raw");
  assertEquals([layer, interval, candidates[0]?.share], [1, null, null]);
});

Deno.test("fitRanges() finds the paper's three ranges, also where some are empty", () => {
  assertEquals(fitRanges([-1, -2, -1]), { exploration: null, integration: null, convergence: [1, 3] });
  assertEquals(fitRanges([1, 1, 2]), { exploration: [1, 3], integration: null, convergence: null });
  assertEquals(fitRanges([0, 0]), { exploration: null, integration: [1, 2], convergence: null });
  // Qwen3-4B as the paper's text has it: 1–6, 7–26, 27–36.
  const curve = Array.from({ length: 36 }, (_, i) => i < 6 ? 3 : i < 26 ? 0.1 * (-1) ** i : -4);
  assertEquals(fitRanges(curve), { exploration: [1, 6], integration: [7, 26], convergence: [27, 36] });
  // A rise at the end is no exploration.
  assertEquals(fitRanges([-1, -1, 2]).exploration, null);
});

Deno.test("chooseLayer() never offers the last layer, and says what it went by", () => {
  const none: Boundary = { layer: null, interval: null, candidates: [] };
  const at = (...layers: number[]): Boundary => ({
    layer: Math.max(...layers),
    interval: null,
    candidates: layers.map((layer) => ({ layer, change: { mean: 1, low: null, high: null }, share: null })),
  });
  const of = (raw: Boundary, matched: Boundary, changes = [0, 0, 0, 0]) => {
    const { layer, form, reason } = chooseLayer(4, { raw, matched }, changes);
    assertStringIncludes(reason, "ΔH_FFN");
    return [layer, form];
  };
  assertEquals(of(at(1, 3), at(2)), [3, "raw"]);
  assertEquals(of(at(2, 4), none), [2, "raw"]);
  assertEquals(of(at(4), at(1, 2, 4)), [2, "matched"]);
  assertEquals(of(none, none, [-3, -1, -2, 5]), [2, "matched"]);
  assertEquals(chooseLayer(1, { raw: none, matched: none }, [-1]).layer, 1);
});

Deno.test("survivalOf() correlates ranks and counts signs", () => {
  assertEquals(survivalOf([1, 2, 3, -4], [10, 20, -1, -30]), { correlation: 0.4, sameSign: 3, layers: 4 });
  assertEquals(rankCorrelation([1, 2, 2, 3], [3, 2, 2, 1]), -1);
  assertEquals(rankCorrelation([1], [2]), null);
});

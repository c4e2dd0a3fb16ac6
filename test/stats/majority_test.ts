import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import { countCorrect, majorityAtK, passAtK } from "../../src/stats/mod.ts";

/** maj@k by taking every subset of k samples. */
function bruteForce(classes: readonly (string | null)[], correct: readonly boolean[], k: number): number {
  let sum = 0, subsets = 0;
  for (let set = 0; set < 1 << classes.length; set++) {
    const members = classes.map((_, i) => i).filter((i) => set >> i & 1);
    if (members.length !== k) continue;
    subsets++;
    const votes = Map.groupBy(members.filter((i) => classes[i] !== null), (i) => classes[i]);
    const most = Math.max(0, ...[...votes.values()].map((list) => list.length));
    const winners = [...votes.keys()].filter((label) => votes.get(label)?.length === most);
    for (const label of winners) {
      const all = classes.map((_, i) => i).filter((i) => classes[i] === label);
      sum += all.filter((i) => correct[i]).length / all.length / winners.length;
    }
  }
  return sum / subsets;
}

Deno.test("majorityAtK() equals the mean over all subsets, with ties, silence and mixed grades", () => {
  const random = new RandomStream("majority");
  for (let trial = 0; trial < 30; trial++) {
    const classes = Array.from({ length: 9 }, () => random.pick(["a", "b", "c", "d", null]));
    const correct = classes.map((label) => label === "a" || (trial % 3 === 0 && random.uniform() < 0.3));
    for (let k = 1; k <= 9; k++) {
      assertAlmostEquals(majorityAtK(classes, correct, k), bruteForce(classes, correct, k), 1e-13);
    }
  }
});

Deno.test("majorityAtK() of one sample is pass@1, and a lone answer among silence wins", () => {
  const correct = [true, true, false, false, false], classes = ["x", "x", "y", "z", "z"];
  assertAlmostEquals(majorityAtK(classes, correct, 1), passAtK(5, 2, 1), 1e-15);
  assertEquals(majorityAtK([null, null, "x", null], [false, false, true, false]), 1);
  assertEquals(majorityAtK([null, null], [false, false]), 0);
  assertAlmostEquals(majorityAtK(Array(512).fill("x"), Array(512).fill(true), 256), 1, 1e-11);
});

Deno.test("majorityAtK() rejects lists that do not fit", () => {
  assertThrows(() => majorityAtK(["a"], []), RangeError, "1 answers and 0 grades");
  assertThrows(() => majorityAtK(["a"], [true], 2), RangeError, "maj@2");
  assertThrows(() => majorityAtK([], []), RangeError, "maj@0");
});

Deno.test("countCorrect() counts each problem's samples", () => {
  assertEquals(countCorrect([[true, true], [false, true], []]), [2, 1, 0]);
});

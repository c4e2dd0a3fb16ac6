import { assert } from "@std/assert";
import { RandomStream } from "../../src/random.ts";
import { bootstrapDifference } from "../../src/stats/mod.ts";

/** An evaluation: problems, samples of each, training seeds; how far seeds differ on a problem and as a whole. */
interface Design {
  readonly problems: number;
  readonly samples: number;
  readonly seeds: number;
  readonly shift: number;
  readonly level: number;
}

/** A gamma variable (Marsaglia and Tsang, ACM Transactions on Mathematical Software 26, 2000). */
function gamma(random: RandomStream, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal(), v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x * x / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Success probabilities of problems: many that are nearly always or never solved, as in real suites. */
function difficulties(random: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => {
    const x = gamma(random, 0.6);
    return x / (x + gamma(random, 0.8));
  });
}

/** One method's scores: each seed moves every problem by its own amount and all of them by a common one. */
function simulate(
  random: RandomStream,
  problems: readonly number[],
  design: Design,
  gain: number,
): number[][] {
  return Array.from({ length: design.seeds }, () => {
    const level = design.level * random.normal();
    return problems.map((p) => {
      const chance = p + gain + level + design.shift * random.normal();
      let correct = 0;
      for (let i = 0; i < design.samples; i++) if (random.uniform() < chance) correct++;
      return correct / design.samples;
    });
  });
}

/** The shares of pairs whose 95 % interval lies below and above 0. */
function called(design: Design, gain: number, pairs: number): { worse: number; better: number } {
  const random = new RandomStream("calibration", JSON.stringify(design), gain);
  let worse = 0, better = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const problems = difficulties(random, design.problems);
    const a = simulate(random, problems, design, gain), b = simulate(random, problems, design, 0);
    const { low, high } = bootstrapDifference([a], [b], { resamples: 400 });
    if (high < 0) worse++;
    if (low > 0) better++;
  }
  return { worse: worse / pairs, better: better / pairs };
}

// Rates over 3000 pairs, in this order: 3.0, 5.8, 3.7, 3.2, 6.7 and 5.7 %. Levels of about two points are the worst case
// of three seeds; nearer to 8 %, more pairs are drawn there to see the rate and not its noise.
const designs: readonly Design[] = [
  { problems: 200, samples: 8, seeds: 3, shift: 0.05, level: 0 },
  { problems: 200, samples: 8, seeds: 3, shift: 0.05, level: 0.01 },
  { problems: 30, samples: 32, seeds: 3, shift: 0.05, level: 0 },
  { problems: 120, samples: 8, seeds: 3, shift: 0.05, level: 0 },
  { problems: 120, samples: 8, seeds: 3, shift: 0.05, level: 0.02 },
  { problems: 500, samples: 16, seeds: 1, shift: 0.05, level: 0 },
];

for (const design of designs) {
  const name = `${design.problems} problems × ${design.samples} samples × ${design.seeds} seeds` +
    (design.level > 0 ? ` whose level varies by ${100 * design.level} points` : "");
  Deno.test(`2 to 8 % of equal pairs are called different: ${name}`, () => {
    const { worse, better } = called(design, 0, design.level > 0 ? 1000 : 400);
    const rate = worse + better;
    assert(rate >= 0.02 && rate <= 0.08, `${100 * rate} %`);
  });
}

Deno.test("a planted 5 points at 200 problems × 8 samples × 3 seeds are called, either way", () => {
  const [design] = designs;
  assert(design);
  const gained = called(design, 0.05, 60), lost = called(design, -0.05, 60);
  assert(gained.better >= 0.95 && gained.worse === 0, `${100 * gained.better} % called better`);
  assert(lost.worse >= 0.95 && lost.better === 0, `${100 * lost.worse} % called worse`);
});

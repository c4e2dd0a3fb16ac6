import { assert, assertEquals } from "@std/assert";
import { contests, type Design, designOf, levels, rates } from "./calibration.ts";

// Rates over 3000 pairs, in this order: 3.0, 5.8, 3.7, 3.2, 6.7 and 5.7 %. Levels of about two points are the worst case
// of three seeds; nearer to 8 %, more pairs are drawn there to see the rate and not its noise.
const designs: readonly Design[] = [
  { problems: 200, samples: 8, seeds: [3, 3], shift: 0.05, level: 0 },
  { problems: 200, samples: 8, seeds: [3, 3], shift: 0.05, level: 0.01 },
  { problems: 30, samples: 32, seeds: [3, 3], shift: 0.05, level: 0 },
  { problems: 120, samples: 8, seeds: [3, 3], shift: 0.05, level: 0 },
  { problems: 120, samples: 8, seeds: [3, 3], shift: 0.05, level: 0.02 },
  { problems: 500, samples: 16, seeds: [0, 0], shift: 0.05, level: 0 },
];

for (const design of designs) {
  const { problems, samples, seeds: [seeds], level } = design;
  const name =
    `${problems} problems × ${samples} samples × ${seeds === 0 ? "base models" : `${seeds} seeds`}` +
    (level > 0 ? ` whose level varies by ${100 * level} points` : "");
  Deno.test(`2 to 8 % of equal pairs have an interval that excludes 0: ${name}`, () => {
    const { excluded } = rates(design, 0, level > 0 ? 1000 : 400);
    assert(excluded >= 0.02 && excluded <= 0.08, `${100 * excluded} %`);
  });
}

for (const seeds of contests) {
  for (const level of levels) {
    const few = seeds.some((count) => count === 1 || count === 2);
    const name = `${seeds.join(" against ")} seeds whose level varies by ${100 * level} points`;
    if (few) {
      Deno.test(`no equal pair is called anything: ${name}`, () => {
        const { worse, better, tied } = rates(designOf(seeds, level), 0, 50);
        assertEquals([worse, better, tied], [0, 0, 0]);
      });
    } else {
      Deno.test(`at most 8 % of equal pairs are called different, and p is no smaller: ${name}`, () => {
        const { worse, better, significant } = rates(designOf(seeds, level), 0, 600);
        assert(worse + better <= 0.08, `${100 * (worse + better)} %`);
        assert(worse + better > 0.005, `${100 * (worse + better)} %: nothing is ever called`);
        assert(significant <= 0.08, `p ≤ 5 % in ${100 * significant} %`);
      });
    }
  }
}

Deno.test("ten points are found at five seeds against five, and at three against three where seeds vary by 1.5", () => {
  for (const [seeds, level, least] of [[5, 0.035, 0.88], [5, 0, 0.99], [3, 0.015, 0.9]] as const) {
    const { better, worse } = rates(designOf([seeds, seeds], level), 0.1, 300);
    assert(better >= least && worse === 0, `${seeds} seeds, level ${level}: ${100 * better} % found`);
  }
});

Deno.test("a planted 5 points at 200 problems × 8 samples × 3 seeds are called, either way", () => {
  const [design] = designs;
  assert(design);
  const gained = rates(design, 0.05, 60), lost = rates(design, -0.05, 60);
  assert(gained.better >= 0.95 && gained.worse === 0, `${100 * gained.better} % called better`);
  assert(lost.worse >= 0.95 && lost.better === 0, `${100 * lost.worse} % called worse`);
});

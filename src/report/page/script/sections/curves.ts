/**
 * The curves of a result: pass@k of every suite, and training.
 *
 * @module
 */

import type { Curve, LeaderboardResult, trainingMetrics } from "../../../leaderboard/mod.ts";
import { counted, familyOf, familyTitles, inFamilies, MOST_DRAWN, short } from "../../shared/mod.ts";
import { type LineChart, lineChart, type Series } from "../chart/mod.ts";
import { figures, seriesClass } from "../data.ts";
import { gallery, notCovered, section } from "./section.ts";

/** A share in percent, in three digits. */
export function sharePercent(value: number): string {
  return short(100 * value);
}

function seriesOf({ result, label, method, points }: Curve): Series {
  return { label, kind: seriesClass(method, result), family: familyTitles[familyOf(method)], points };
}

/** Curves by kind, as many as can be told apart, and what is said of the others. */
function drawn(curves: readonly Curve[]): { readonly shown: readonly Curve[]; readonly left: string } {
  const methods = inFamilies(curves.map(({ method }) => method)), kept = methods.slice(0, MOST_DRAWN);
  const shown = kept.flatMap((method) => curves.filter((curve) => curve.method === method));
  const left = methods.length === kept.length
    ? ""
    : ` ${kept.length} of ${methods.length} methods are drawn, those of grids last; the numbers of all are in the tables above.`;
  return { shown, left };
}

/** With fewer points a curve is drawn as it is. */
const FEWEST_SMOOTHED = 20;

/** The line of least squares through neighbours, at a place: at the ends it does not lean towards the middle. */
function localLine(near: readonly (readonly [x: number, y: number])[], at: number): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(near.map(([x]) => x)), y = mean(near.map(([, y]) => y));
  const spread = mean(near.map(([one]) => (one - x) ** 2));
  const slope = spread === 0 ? 0 : mean(near.map(([one, value]) => (one - x) * (value - y))) / spread;
  return y + slope * (at - x);
}

/** A curve smoothed over a sixth of its points; the points themselves stand behind it. */
function smoothed(curve: Curve): Series {
  const series = seriesOf(curve), { points } = series;
  if (points.length < FEWEST_SMOOTHED) return series;
  const reach = Math.ceil(points.length / 12);
  return {
    ...series,
    raw: points,
    points: points.map(({ x }, i) => {
      const near = points.slice(Math.max(0, i - reach), i + reach + 1);
      const at = (member: "value" | "low" | "high"): number =>
        localLine(near.map((point) => [point.x, point[member]]), x);
      return { x, value: at("value"), low: at("low"), high: at("high") };
    }),
  };
}

/** pass@k of every suite. */
export function passSection(result: LeaderboardResult): HTMLElement | null {
  const { shown: curves, left } = drawn(
    figures.passCurves.filter((curve) => curve.result === result.name && curve.points.length > 1),
  );
  const charts = [...Map.groupBy(curves, ({ of }) => of)].map(([suite, own]) =>
    lineChart({
      title: suite,
      note: `pass@k in %, ${result.suites.find(({ name }) => name === suite)?.problems} problems`,
      xLabel: "k, number of samples",
      series: own.map(seriesOf),
      xTicks: own[0]?.points.map(({ x }) => ({ x, text: String(x) })) ?? [],
      logX: true,
      format: sharePercent,
    })
  );
  return section(
    "pass",
    "pass@k",
    `Share of problems that at least one of k samples solves, without bias; the band is the interval over problems and seeds.${left}`,
    gallery(charts),
  );
}

/** How every metric of training is shown, in the order on the page. */
const metrics: Readonly<
  Record<(typeof trainingMetrics)[number], Pick<LineChart, "title" | "note" | "format">>
> = {
  rewardMean: { title: "Reward", note: "mean of the step’s rollouts, in %", format: sharePercent },
  entropy: { title: "Entropy", note: "of the policy, nats a token", format: short },
  responseLength: { title: "Response length", note: "tokens", format: short },
  gradientNorm: { title: "Gradient norm", note: "before clipping, logarithmic", format: short },
  layerEntropy: { title: "Entropy of the internal policy", note: "of layer k, nats a token", format: short },
};

/** The training curves of a result. */
export function trainingSection(result: LeaderboardResult): HTMLElement | null {
  const { shown: curves, left } = drawn(
    figures.trainingCurves.filter((curve) => curve.result === result.name),
  );
  const until = figures.internalSteps[result.name];
  const charts = Object.entries(metrics).flatMap(([metric, shown]) => {
    const own = curves.filter(({ of }) => of === metric);
    if (own.length === 0) return [];
    return [lineChart({
      ...shown,
      xLabel: "step",
      series: own.map(smoothed),
      logY: metric === "gradientNorm" && own.every(({ points }) => points.every(({ low }) => low > 0)),
      shaded: until === undefined ? undefined : { until, text: "internal" },
    })];
  });
  return section(
    "training",
    "Training",
    [
      `Mean over the seeds, smoothed where there are many steps, with the steps as they are behind it; the band reaches from the lowest to the highest seed.${
        until === undefined
          ? ""
          : ` Shaded: the first ${counted(until, "step")}, in which BuPO trains an internal policy.`
      }${left} `,
      notCovered(),
    ],
    gallery(charts),
  );
}

/**
 * Training as a figure: a chart a metric, a line a method, its seeds as a band.
 *
 * @module
 */

import { type Figure, legendPanel, lineChart, renderFigure, type Series, stepAxis } from "../draw/mod.ts";
import { type Curve, trainingCurves } from "../leaderboard/mod.ts";
import { type LoggedRun, shownMetrics } from "./shown.ts";

/** The methods, as series have them, by the order in which they come. */
function kindsOf(curves: readonly Curve[]): ReadonlyMap<string, string> {
  const methods = [...new Set(curves.map(({ method }) => method))];
  return new Map(methods.map((method, i) => [method, `s${(i + 1) % 8}`]));
}

/** What lines and bands are, in words. */
function words(runs: readonly LoggedRun[], labels: ReadonlyMap<string, string>): string {
  const seeds = [...Map.groupBy(runs, ({ method }) => method)].map(([method, own]) =>
    `${labels.get(method) ?? method} ${own.length} ${own.length === 1 ? "seed" : "seeds"}`
  );
  const several = runs.length > seeds.length;
  return `${seeds.join(", ")}; lines: means over seeds${
    several ? "; bands: from the lowest to the highest seed" : ""
  }. Numbers of training, none of a held-out problem; what each means: docs/training.md.`;
}

/**
 * The figure of some runs.
 *
 * @throws {RangeError} If no run has two steps: one is no curve.
 */
export function curveFigure(runs: readonly LoggedRun[]): Figure {
  const curves = trainingCurves("", runs, shownMetrics.map(({ key }) => key)), kinds = kindsOf(curves);
  const labels = new Map(curves.map(({ method, label }) => [method, label]));
  if (curves.length === 0) throw new RangeError("Cannot draw curves: expected a run of two steps at least");
  const legend = [...kinds].map(([method, kind]) => ({ kind, name: labels.get(method) ?? method }));
  const panels = shownMetrics.flatMap(({ key, title, unit, fromZero = false }) => {
    const series = curves.filter(({ of }) => of === key).map(({ method, label, points }): Series => ({
      kind: kinds.get(method) ?? "s1",
      name: label,
      points: points.map(({ x, value, low, high }) => ({ at: x, mean: value, low, high })),
    }));
    if (series.length === 0) return [];
    const bounds = fromZero ? { include: [0], least: 0 } : {};
    return [lineChart({ title, unit, series, legend: false, axis: stepAxis, ...bounds })];
  });
  return {
    name: "training_curves",
    title: "Training",
    caption: words(runs, labels),
    panels: [legendPanel("Methods", legend), ...panels],
  };
}

/** The figure as an SVG file. */
export function curvesSvg(runs: readonly LoggedRun[], about: string): string {
  return renderFigure(curveFigure(runs), about);
}

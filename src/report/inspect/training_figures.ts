/**
 * The figures of a training: models before and after it, and what was probed meanwhile over its steps (paper, Figures 4,
 * 5 and 7). Seeds are one curve with an interval.
 *
 * @module
 */

import type { Mean, ProbedLayer, ProbeRow, QuantityName } from "../../policy/mod.ts";
import type { Inspection } from "./document.ts";
import {
  barChart,
  type Chart,
  type Figure,
  heatMap,
  layerName,
  legendPanel,
  lineChart,
  type Panel,
  type Place,
  type Pointed,
  type Series,
  stepAxis,
} from "../draw/mod.ts";
import { curveOf, pointedLayer } from "./numbers.ts";
import { type BeforeAfter, beforeAfter, seedChange, seedCurve, seedMean } from "./seeds.ts";
import type { InspectedTraining, ProbedRun } from "./training_document.ts";
import { basisWords, many } from "./words.ts";

/** The colour and mark of a method: the base model has the first. */
function kindOf(index: number): string {
  return `s${(index + 1) % 8}`;
}

/** What bands and whiskers are, in words. */
function seedWords(counts: readonly (readonly [string, number])[]): string {
  const each = counts.map(([label, seeds]) => `${label} ${many(seeds, "seed")}`).join(", ");
  const several = counts.some(([, seeds]) => seeds > 1);
  return `${each}; ${
    several
      ? "bands and whiskers of trained models: 95 % intervals over seeds (Student)"
      : "one seed has no interval"
  }`;
}

function groupWords({ groups }: BeforeAfter): string {
  return seedWords(groups.map(({ label, models }) => [label, models.length]));
}

/** The last place of every panel's title that says how states were read. */
const quantities: readonly (readonly [string, QuantityName, string])[] = [
  ["H(πˡ), states as they are", "entropy.layer.raw", "nats"],
  ["H(πˡ), through the final norm", "entropy.layer.normed", "nats"],
  ["H(πˡ), rescaled to ‖Hᴸ‖", "entropy.layer.matched", "nats"],
  ["ΔH_FFN, states as they are", "change.ffn.raw", "nats"],
  ["ΔH_FFN, rescaled to ‖Hᴸ‖", "change.ffn.matched", "nats"],
  ["ΔH_ATTN, states as they are", "change.attn.raw", "nats"],
  ["KL(πˡ ‖ π_θ), states as they are", "kl_to_final.layer.raw", "nats"],
  ["cos(Hˡ, Hᴸ)", "cosine.final", "cos"],
];

/** Base and trained models in one chart a quantity. */
function besideEachOther(given: BeforeAfter, pointed: Pointed): Figure {
  const { base, groups } = given;
  const series = (name: QuantityName): Series[] => [
    { kind: "s0", name: "base", points: curveOf(base, name) },
    ...groups.map((group, i) => ({ kind: kindOf(i), name: group.label, points: seedCurve(group, name) })),
  ];
  return {
    name: "before_after",
    title: "Before and after training",
    caption:
      `All models read the base model's completions, so that only weights differ. The base model's bands are clustered by problem. ${
        groupWords(given)
      }; ${basisWords(base)}.`,
    panels: [
      legendPanel("Models", series("entropy.layer.raw")),
      ...quantities.map(([title, name, unit]) =>
        lineChart({
          title,
          unit,
          series: series(name),
          include: [0],
          legend: false,
          pointed,
          ...(/^(entropy|kl_)/.test(name) ? { least: 0 } : {}),
        })
      ),
    ],
  };
}

/** What training changed, in one chart a quantity. */
function whatChanged(given: BeforeAfter, pointed: Pointed): Figure {
  const { base, groups } = given;
  const panels = quantities.map(([title, name, unit]) =>
    barChart({
      title: `Change of ${title}`,
      unit,
      series: groups.map((group, i) => ({
        kind: kindOf(i),
        name: group.label,
        points: seedChange(base, group, name),
      })),
      pointed,
    })
  );
  return {
    name: "training_change",
    title: "What training changed",
    caption:
      `Trained model minus base model on the same tokens. A change that the rescaled panels do not show is one of how large states are. ${
        groupWords(given)
      }; ${basisWords(base)}.`,
    panels,
  };
}

/** The runs of a method, probed at the same steps. */
interface ProbedGroup {
  readonly label: string;
  readonly runs: readonly ProbedRun[];
  readonly steps: readonly number[];
}

function probedGroups({ probes }: InspectedTraining): ProbedGroup[] {
  return [...Map.groupBy(probes, ({ label }) => label)].map(([label, runs]) => ({
    label,
    runs,
    // Those that every run has.
    steps: (runs[0]?.rows ?? []).map(({ step }) => step).filter((step) =>
      runs.every(({ rows }) => rows.some((row) => row.step === step))
    ),
  }));
}

/** A number of every probe, mean over the seeds. */
function overSteps({ runs, steps }: ProbedGroup, of: (row: ProbeRow) => number | undefined): Place[] {
  return steps.map((step) => ({
    at: step,
    ...seedMean(runs.map(({ rows }) => {
      const row = rows.find((each) => each.step === step);
      return (row && of(row)) ?? NaN;
    })),
  }));
}

const layerOf = ({ layers }: ProbeRow, wanted: number): ProbedLayer | undefined =>
  layers.find(({ layer }) => layer === wanted);

/** The names of a layer's means. */
type LayerQuantity = { [Name in keyof ProbedLayer]: ProbedLayer[Name] extends Mean ? Name : never }[
  keyof ProbedLayer
];

/** Lines over steps: π_θ, and the policy of layer k. */
function stepLines(
  groups: readonly ProbedGroup[],
  k: number,
  { internalSteps }: InspectedTraining,
  basis: string,
): Figure {
  const series = (of: (row: ProbeRow) => number | undefined): Series[] =>
    groups.map((group, i) => ({ kind: kindOf(i), name: group.label, points: overSteps(group, of) }));
  const own = (name: LayerQuantity) => (row: ProbeRow): number | undefined => layerOf(row, k)?.[name].mean;
  const charts: readonly Pick<Chart, "title" | "unit" | "series" | "include">[] = [
    { title: "H(π_θ)", unit: "nats", series: series(({ entropy }) => entropy.mean) },
    { title: "Perplexity of π_θ", unit: "", series: series(({ logprob }) => Math.exp(-logprob.mean)) },
    { title: `H(π), layer ${k}, as it is`, unit: "nats", series: series(own("entropy")) },
    { title: `H(π), layer ${k}, rescaled to ‖Hᴸ‖`, unit: "nats", series: series(own("matchedEntropy")) },
    { title: `ΔH_Layer, layer ${k}`, unit: "nats", series: series(own("change")) },
    { title: `ΔH_FFN, layer ${k}`, unit: "nats", series: series(own("feedForwardChange")) },
    { title: `KL(π ‖ π_θ), layer ${k}`, unit: "nats", series: series(own("klToFinal")) },
    { title: `‖H‖, layer ${k}`, unit: "norm", series: series(own("norm")) },
  ];
  const steps = groups[0]?.steps ?? [];
  // Between two probes no place of the axis is pointed out.
  const pointed = steps.includes(internalSteps) && internalSteps > 0
    ? { pointed: { at: internalSteps, name: "s_inter" } }
    : {};
  return {
    name: "over_steps",
    title: "Over training steps",
    caption:
      `Means over the response tokens of a batch that stays the same: training prompts with the base model's responses; step 0 is the base model. BuPO trains layer ${k} for its first ${
        many(internalSteps, "step")
      }. Perplexity is exp of the mean of −log π_θ. ${basis}.`,
    panels: [
      legendPanel("Methods", series(({ entropy }) => entropy.mean)),
      ...charts.map((chart) =>
        lineChart({
          ...chart,
          ...pointed,
          legend: false,
          axis: stepAxis,
          // Entropies and divergences are never below 0, whatever few seeds say.
          ...(/^(H|KL)\(/.test(chart.title) ? { least: 0 } : {}),
        })
      ),
    ],
  };
}

/** A map of numbers over layers and steps for every method, with one scale. */
function stepMaps(
  figure: Pick<Figure, "name" | "title" | "caption">,
  groups: readonly ProbedGroup[],
  layers: readonly number[],
  maps: readonly {
    readonly title: string;
    readonly unit: string;
    readonly logarithmic: boolean;
    readonly of: (row: ProbeRow, layer: number) => number | undefined;
  }[],
): Figure {
  const panels = maps.flatMap(({ title, unit, logarithmic, of }): Panel[] => {
    const rows = groups.map((group) =>
      layers.toReversed().map((layer) => ({
        name: `layer ${layer}`,
        values: overSteps(group, (row) => of(row, layer)).map(({ mean }) =>
          Number.isFinite(mean) ? mean : null
        ),
      }))
    );
    const values = rows.flat().flatMap((row) => row.values).filter((value) => value !== null);
    const high = Math.max(...values, logarithmic ? 1e-3 : -Infinity), low = Math.min(...values);
    const scale = logarithmic
      ? { low: Math.max(high / 1000, Math.min(low, high / 2)), high, logarithmic, unit }
      : { low, high, logarithmic, unit };
    return groups.map(({ label, steps }, i) =>
      heatMap({
        title: `${title}, ${label}`,
        rows: rows[i] ?? [],
        columns: steps.map(String),
        axis: stepAxis.name,
        scale,
        say: (row, column) =>
          `${layerName(layers.toReversed()[row] ?? 0)}, ${stepAxis.say(steps[column] ?? 0)}`,
      })
    );
  });
  return { ...figure, panels };
}

function probeFigures(training: InspectedTraining): Figure[] {
  const groups = probedGroups(training), row = groups[0]?.runs[0]?.rows[0];
  if (!row) return [];
  const layers = row.layers.map(({ layer }) => layer), [first = 1] = layers;
  const k = layers.includes(training.internalLayer) ? training.internalLayer : first;
  const basis = `${seedWords(groups.map(({ label, runs }) => [label, runs.length]))}; n = ${
    many(row.tokens, "response token")
  } of ${many(row.problems, "problem")}`;
  const later = (layerOf(row, k)?.later ?? []).map(({ layer }) => layer);
  const toLater = (row: ProbeRow, wanted: number) =>
    layerOf(row, k)?.later.find(({ layer }) => layer === wanted);
  return [
    stepLines(groups, k, training, basis),
    stepMaps(
      {
        name: "steps_divergence",
        title: "Layers over training steps",
        caption:
          `Means over seeds, states as they are: how far each layer's policy is from the model's own, on a logarithmic scale, and its entropy. ${basis}.`,
      },
      groups,
      layers,
      [
        {
          title: "KL(πˡ ‖ π_θ)",
          unit: "nats",
          logarithmic: true,
          of: (row, layer) => layerOf(row, layer)?.klToFinal.mean,
        },
        {
          title: "H(πˡ)",
          unit: "nats",
          logarithmic: false,
          of: (row, layer) => layerOf(row, layer)?.entropy.mean,
        },
      ],
    ),
    ...later.length === 0 ? [] : [stepMaps(
      {
        name: "steps_later",
        title: `Layer ${k} and the layers after it`,
        caption:
          `How much the state of layer ${k} points where later ones do, and how far its policy is from theirs; states as they are, means over seeds. ${basis}.`,
      },
      groups,
      later,
      [
        {
          title: `cos(H, Hˡ), H of layer ${k}`,
          unit: "cos",
          logarithmic: false,
          of: (row, layer) => toLater(row, layer)?.cosine.mean,
        },
        {
          title: `KL(π ‖ πˡ), π of layer ${k}`,
          unit: "nats",
          logarithmic: true,
          of: (row, layer) => toLater(row, layer)?.kl.mean,
        },
      ],
    )],
  ];
}

/** The figures of a training; none where the models are not those of one. */
export function trainingFigures(inspection: Inspection): Figure[] {
  const { training, layer } = inspection, given = beforeAfter(inspection);
  const pointed = given && pointedLayer(layer ?? training?.internalLayer ?? given.base.choice.layer);
  return [
    ...given && pointed ? [besideEachOther(given, pointed), whatChanged(given, pointed)] : [],
    ...training ? probeFigures(training) : [],
  ];
}

/**
 * The figures of an inspection.
 *
 * @module
 */

import type { ChangeName, FormName, QuantityName } from "../../policy/mod.ts";
import type { InspectedDocumentModel, Inspection } from "./document.ts";
import {
  barChart,
  type Chart,
  type Figure,
  heatMap,
  type HeatScale,
  layerName,
  legendPanel,
  lineChart,
  type MapRow,
  type Panel,
  type Series,
  short,
  tokenMap,
} from "../draw/mod.ts";
import { curveOf, pointedLayer, pointedOut } from "./numbers.ts";
import { trainingFigures } from "./training_figures.ts";
import { basisWords } from "./words.ts";

/** How states are read, in words. */
const forms: Readonly<Record<FormName, string>> = {
  raw: "as they are",
  normed: "through the final norm",
  matched: "rescaled to ‖Hᴸ‖",
};

const formOrder = ["raw", "normed", "matched"] as const;

/** States, by kind and name. */
const states: Readonly<Record<ChangeName, { readonly kind: string; readonly name: string }>> = {
  layer: { kind: "s0", name: "layer H" },
  attn: { kind: "s1", name: "attention A" },
  ffn: { kind: "s2", name: "FFN F" },
};

const stateOrder = ["layer", "attn", "ffn"] as const;

/** The most tokens that are shown. */
const MOST_TOKENS = 220;

function intervals({ problems }: InspectedDocumentModel): string {
  return problems > 1
    ? "Bands and whiskers: 95 % intervals, clustered by problem."
    : "One problem: no intervals.";
}

function seriesOf(model: InspectedDocumentModel, quantity: (state: ChangeName) => QuantityName): Series[] {
  return stateOrder.map((state) => ({ ...states[state], points: curveOf(model, quantity(state)) }));
}

function flow(model: InspectedDocumentModel, layer: number): Figure {
  const panels = formOrder.map((form) =>
    lineChart({
      title: `States ${forms[form]}`,
      unit: "nats",
      series: seriesOf(model, (state) => `entropy.${state}.${form}`),
      pointed: pointedLayer(layer),
      include: [0],
      least: 0,
      // Rescaled states of a model whose last state is large are all nearly certain: their own scale shows more.
      ...(form === "matched" ? {} : { mark: { value: model.maximumEntropy, name: "ln V" } }),
    })
  );
  return {
    name: "entropy_flow",
    title: "Entropy flow",
    caption:
      `Mean entropy of the policies that the unembedding reads from Hˡ, Aˡ and Fˡ; layer 0 is the embedding. ` +
      `Through the final norm the last layer is π_θ; as it is, it is not. ${intervals(model)} ${
        basisWords(model)
      }.`,
    panels,
  };
}

function changes(model: InspectedDocumentModel, layer: number): Figure {
  const names: Readonly<Record<ChangeName, string>> = { attn: "ΔH_ATTN", ffn: "ΔH_FFN", layer: "ΔH_Layer" };
  const panels = (["raw", "matched"] as const).flatMap((form) =>
    (["attn", "ffn", "layer"] as const).map((state) =>
      barChart({
        title: `${names[state]}, states ${forms[form]}`,
        unit: "nats",
        series: [{
          kind: states[state].kind,
          name: names[state],
          points: curveOf(model, `change.${state}.${form}`),
        }],
        pointed: pointedLayer(layer),
      })
    )
  );
  return {
    name: "entropy_change",
    title: "Entropy change",
    caption:
      "ΔH_ATTN and ΔH_FFN: a module's output against its normed input; ΔH_Layer: against the layer before. " +
      `What is left in the lower row is not an effect of how large states are. ${intervals(model)} ${
        basisWords(model)
      }.`,
    panels,
  };
}

function directions(model: InspectedDocumentModel, layer: number): Figure {
  const cosines: Series[] = [
    { kind: "s1", name: "cos(A, H)", points: curveOf(model, "cosine.attn") },
    { kind: "s2", name: "cos(F, H + A)", points: curveOf(model, "cosine.ffn") },
    { kind: "s0", name: "cos(Hˡ, Hᴸ)", points: curveOf(model, "cosine.final") },
  ];
  return {
    name: "directions",
    title: "Directions and sizes",
    caption:
      "Left: does a module add along the residual stream (above 0), against it (below 0), or something new (about 0); " +
      `and how far the state points where the last one does. Right: norms. ${intervals(model)} ${
        basisWords(model)
      }.`,
    panels: [
      lineChart({
        title: "Cosines",
        unit: "cos",
        series: cosines,
        pointed: pointedLayer(layer),
        include: [-1, 1],
      }),
      lineChart({
        title: "Norms",
        unit: "norm",
        series: seriesOf(model, (state) => `norm.${state}`),
        pointed: pointedLayer(layer),
        include: [0],
      }),
    ],
  };
}

/** The logarithmic scale of divergences, over three powers of ten at most. */
function divergenceScale(values: readonly number[]): HeatScale {
  const high = Math.max(...values, 1e-3);
  return { low: high / 1000, high, logarithmic: true, unit: "nats" };
}

function divergences(models: readonly InspectedDocumentModel[]): Figure {
  const kinds: readonly (readonly [string, QuantityName])[] = [
    ["KL(πˡ ‖ π_θ)", "kl_to_final.layer.raw"],
    ["KL(π_θ ‖ πˡ)", "kl_from_final.layer.raw"],
    ["KL(πˡ ‖ π_θ), normed", "kl_to_final.layer.normed"],
    ["KL(π_θ ‖ πˡ), normed", "kl_from_final.layer.normed"],
    ["KL(π_ATTN ‖ π_θ)", "kl_to_final.attn.raw"],
    ["KL(π_FFN ‖ π_θ)", "kl_to_final.ffn.raw"],
  ];
  const layers = Math.max(...models.map(({ shape }) => shape.layers));
  const [first] = models;
  const rows = (models.length > 1 ? kinds.slice(0, 1) : kinds).flatMap(([kind, quantity]) =>
    models.map((model): MapRow => {
      const curve = curveOf(model, quantity);
      return {
        name: models.length > 1 ? model.name : kind,
        values: Array.from(
          { length: layers + 1 },
          (_, layer) => curve.find(({ at }) => at === layer)?.mean ?? null,
        ),
      };
    })
  );
  const scale = divergenceScale(rows.flatMap(({ values }) => values.filter((value) => value !== null)));
  const title = models.length > 1
    ? "KL(πˡ ‖ π_θ), states as they are"
    : "Divergence from the model's own policy";
  return {
    name: "divergence",
    title: "Divergence from π_θ",
    caption:
      `Mean KL in nats, on a logarithmic scale. Of the last layer through the final norm it is 0, as that is π_θ. ${
        models.map((model) => `${models.length > 1 ? `${model.name}: ` : ""}${basisWords(model)}`).join("; ")
      }.`,
    panels: first
      ? [heatMap({
        title,
        rows,
        columns: Array.from({ length: layers + 1 }, (_, layer) => layer === 0 ? "emb" : String(layer)),
        axis: "layer",
        scale,
        say: (row, column) => `${rows[row]?.name ?? ""}, ${layerName(column)}`,
      })]
      : [],
  };
}

function completion(model: InspectedDocumentModel): Figure {
  const { example, shown, maximumEntropy } = model, tokens = shown.tokens.slice(0, MOST_TOKENS);
  const of = (rows: readonly (readonly number[])[], layer: number, token: number): string =>
    short(rows[layer]?.[token] ?? NaN);
  const say = (layer: number, token: number): string => {
    const likeliest = (example.top[layer]?.[token] ?? []).map(({ token: id, logprob }) => {
      return `“${shown.texts[String(id)] ?? id}” ${Math.round(100 * Math.exp(logprob))} %`;
    });
    const words = [
      `“${tokens[token]?.text ?? ""}”, ${layerName(layer)}: entropy ${
        of(example.entropy, layer, token)
      } nats`,
      `through the final norm ${of(example.normedEntropy, layer, token)} nats, KL to π_θ ${
        of(example.divergence, layer, token)
      } nats, rank of the token ${of(example.rank, layer, token)}`,
    ];
    return [...words, ...likeliest.length > 0 ? [`likeliest: ${likeliest.join(", ")}`] : []].join("; ");
  };
  const scale: HeatScale = { low: 0, high: maximumEntropy, logarithmic: false, unit: "nats" };
  const maps: readonly (readonly [string, readonly (readonly number[])[]])[] = [
    ["Entropy of the layers’ policies, states as they are", example.entropy],
    ["Entropy of the layers’ policies, through the final norm", example.normedEntropy],
  ];
  const part = tokens.length < shown.tokens.length
    ? `; the first ${tokens.length} of ${shown.tokens.length} tokens`
    : "";
  return {
    name: "completion",
    title: "One completion, token by token",
    caption:
      `A column is a token and the state that predicts it, layers from the embedding up; yellow is uncertain, blue is sure. n = 1 completion${part}.`,
    panels: maps.map(([title, rows]) => tokenMap(title, tokens, rows, scale, say)),
  };
}

/** The figures of one model. Of a trained one that stands beside its base model, only those of entropies. */
export function modelFigures(model: InspectedDocumentModel, layer: number | null): Figure[] {
  const pointed = pointedOut(model, layer), entropies = [flow(model, pointed), changes(model, pointed)];
  if (model.run !== null) return entropies;
  return [
    ...entropies,
    directions(model, pointed),
    divergences([model]),
    completion(model),
  ];
}

/** The figures that show several models in one: none for a single one. Those of a training stand together as methods. */
export function sharedFigures(inspection: Inspection): Figure[] {
  const { models } = inspection, ofTraining = trainingFigures(inspection);
  if (models.length < 2 || ofTraining.length > 0) return ofTraining;
  const series = (name: QuantityName): Series[] =>
    models.map((model, i) => ({ kind: `s${i % 8}`, name: model.name, points: curveOf(model, name) }));
  const charts: readonly (readonly [(chart: Chart) => Panel, string, QuantityName])[] = [
    [lineChart, "H(πˡ), states as they are", "entropy.layer.raw"],
    [lineChart, "H(πˡ), through the final norm", "entropy.layer.normed"],
    [lineChart, "ΔH_FFN, states as they are", "change.ffn.raw"],
    [lineChart, "ΔH_FFN, rescaled to ‖Hᴸ‖", "change.ffn.matched"],
    [lineChart, "ΔH_ATTN, states as they are", "change.attn.raw"],
    [lineChart, "cos(Hˡ, Hᴸ)", "cosine.final"],
  ];
  const panels = charts.map(([draw, title, name]) =>
    draw({
      title,
      unit: name === "cosine.final" ? "cos" : "nats",
      series: series(name),
      include: [0],
      legend: false,
    })
  );
  const basis = models.map((model) => `${model.name}: ${basisWords(model)}`).join("; ");
  return [{
    name: "beside_each_other",
    title: "Beside each other",
    caption: `Bands: 95 % intervals, clustered by problem. ${basis}.`,
    panels: [legendPanel("Models", series("entropy.layer.raw")), ...panels],
  }, divergences(models)];
}

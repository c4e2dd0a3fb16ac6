/**
 * What training changed, in sentences that follow from the numbers.
 *
 * @module
 */

import type { Mean, QuantityName } from "../../policy/mod.ts";
import type { InspectedDocumentModel, Inspection } from "./document.ts";
import { type Place, ranged, short } from "../draw/mod.ts";
import { curveOf } from "./numbers.ts";
import { beforeAfter, isTold, seedChange, seedMean, type TrainedGroup } from "./seeds.ts";
import type { ProbedRun } from "./training_document.ts";
import { basisWords, many } from "./words.ts";

/** A signed number. */
function signed(value: number): string {
  return value > 0 ? `+${short(value)}` : short(value);
}

/** A change with its interval. */
function changed({ mean, low, high }: Mean): string {
  return low === null || high === null ? signed(mean) : `${signed(mean)} [${short(low)}, ${short(high)}]`;
}

function layersWith(places: readonly Place[]): string {
  if (places.length === 0) return "none";
  const layers = places.map(({ at, mean }) =>
    `${at === 0 ? "the embedding" : `layer ${at}`} (${signed(mean)})`
  );
  return layers.join(", ");
}

/** How many seeds there are, as a sentence begins. */
function seedsOf({ label, models }: Pick<TrainedGroup, "label" | "models">): string {
  return `${label} (${many(models.length, "seed")})`;
}

/** The change of one number of a model. */
function changeOf(
  base: InspectedDocumentModel,
  { models }: TrainedGroup,
  of: (model: InspectedDocumentModel) => number,
): Mean {
  return seedMean(models.map((model) => of(model) - of(base)));
}

const finalEntropy = (model: InspectedDocumentModel): number =>
  curveOf(model, "entropy.layer.normed").at(-1)?.mean ?? NaN;

/** Where a quantity changes, and whether the change is there too once sizes are taken away. */
function courseWords(
  base: InspectedDocumentModel,
  group: TrainedGroup,
  name: string,
  raw: QuantityName,
  controls: readonly (readonly [string, QuantityName])[],
): string {
  const told = seedChange(base, group, raw).filter(isTold);
  if (told.length === 0) return `${name}: at no layer is a change told from 0.`;
  // The last state rescaled to its own norm is itself, and controls nothing.
  const below = told.filter(({ at }) => at < base.shape.layers);
  const kept = controls.map(([how, quantity]) => {
    const control = seedChange(base, group, quantity);
    const same = below.filter(({ at, mean }) => {
      const other = control.find((place) => place.at === at);
      return other && isTold(other) && Math.sign(other.mean) === Math.sign(mean);
    });
    return `at ${same.length} ${how}`;
  });
  const also = below.length === 0
    ? ""
    : `; the same shows, of the ${below.length} below layer ${base.shape.layers}, ${kept.join(" and ")}`;
  return `${name}: changes by more than its interval at ${layersWith(told)}${also}.`;
}

/** What each method changed. */
function methodWords(base: InspectedDocumentModel, group: TrainedGroup): string[] {
  const entropy = changeOf(base, group, finalEntropy);
  const perplexity = changeOf(base, group, (model) => model.perplexity);
  const boundaries = [...new Set(group.models.map(({ boundary }) => String(boundary.raw.layer ?? "none")))];
  const courses = group.models.length < 2
    ? [`${group.label}: one seed tells no change of a layer from chance.`]
    : [
      courseWords(
        base,
        group,
        `${group.label}, entropy of the layers' policies in nats, states as they are`,
        "entropy.layer.raw",
        [["rescaled to ‖Hᴸ‖", "entropy.layer.matched"], ["through the final norm", "entropy.layer.normed"]],
      ),
      courseWords(base, group, `${group.label}, ΔH_FFN in nats, states as they are`, "change.ffn.raw", [
        ["rescaled to ‖Hᴸ‖", "change.ffn.matched"],
      ]),
    ];
  return [
    `${seedsOf(group)}: on the base model's responses the entropy of π_θ changes by ${
      changed(entropy)
    } nats (base ${short(finalEntropy(base))}), perplexity by ${changed(perplexity)} (base ${
      short(base.perplexity)
    }).`,
    ...courses,
    `${group.label}: the last layer with ΔH_FFN > 0 is ${boundaries.join(" or ")} after training, ${
      base.boundary.raw.layer ?? "none"
    } before.`,
  ];
}

/** Two methods, paired by seed. */
function pairWords(first: TrainedGroup, second: TrainedGroup): string[] {
  const pairs = second.models.flatMap((model) => {
    const other = first.models.find(({ run }) => run?.seed === model.run?.seed);
    return other ? [[other, model] as const] : [];
  });
  if (pairs.length === 0) return [];
  const apart = (name: QuantityName): Place[] =>
    curveOf(pairs[0]?.[0] ?? { layers: [] }, name).map(({ at }, i) => ({
      at,
      ...seedMean(
        pairs.map(([a, b]) => (curveOf(b, name)[i]?.mean ?? NaN) - (curveOf(a, name)[i]?.mean ?? NaN)),
      ),
    }));
  const full = seedMean(pairs.map(([a, b]) => finalEntropy(b) - finalEntropy(a)));
  const raw = apart("entropy.layer.raw").filter(isTold),
    matched = apart("entropy.layer.matched").filter(isTold);
  const begin = `${second.label} against ${first.label}, paired by seed (${
    many(pairs.length, "seed")
  }): entropy of π_θ ${changed(full)} nats`;
  if (pairs.length < 2) return [`${begin}.`];
  return [
    `${begin}; the layers' entropies differ beyond their interval at ${layersWith(raw)} as they are, at ${
      layersWith(matched)
    } rescaled.`,
  ];
}

/** The first and the last probe of a method. */
function probeWords(label: string, runs: readonly ProbedRun[], k: number): string {
  const ends = (of: (run: ProbedRun, at: 0 | -1) => number | undefined): string => {
    const [before, after] = ([0, -1] as const).map((at) => seedMean(runs.map((run) => of(run, at) ?? NaN)));
    return before && after ? `from ${short(before.mean)} to ${ranged(after)}` : "";
  };
  const own = (run: ProbedRun, at: 0 | -1) => run.rows.at(at)?.layers.find(({ layer }) => layer === k);
  const last = runs[0]?.rows.at(-1)?.step ?? 0;
  const layer = runs.every((run) => own(run, 0))
    ? `; of layer ${k}, the entropy goes ${ends((run, at) => own(run, at)?.entropy.mean)} nats, ΔH_Layer ${
      ends((run, at) => own(run, at)?.change.mean)
    } nats, KL to π_θ ${ends((run, at) => own(run, at)?.klToFinal.mean)} nats`
    : "";
  return `Probes of ${label}, step 0 to ${last}: the entropy of π_θ goes ${
    ends((run, at) => run.rows.at(at)?.entropy.mean)
  } nats${layer}.`;
}

/** What training changed and what of that the controls leave; nothing where the models are not those of a training. */
export function trainingWords(inspection: Inspection): string[] {
  const given = beforeAfter(inspection), { training } = inspection;
  const words: string[] = [];
  if (given) {
    const { base, groups } = given, [first, ...others] = groups;
    words.push(
      `All models read the same tokens, the base model's own completions (${
        basisWords(base)
      }): what differs are weights. Intervals are over seeds, at 95 % each: that several layers are looked at is not corrected for.`,
      ...groups.flatMap((group) => methodWords(base, group)),
      ...first ? others.flatMap((other) => pairWords(first, other)) : [],
    );
  }
  for (const [label, runs] of Map.groupBy(training?.probes ?? [], (run) => run.label)) {
    words.push(probeWords(label, runs, training?.internalLayer ?? 1));
  }
  return words;
}

/** One sentence about a training for those who read no report; nothing where the models are not those of one. */
export function trainingHeadline(inspection: Inspection): string | undefined {
  const given = beforeAfter(inspection);
  if (!given) return undefined;
  const { base, groups } = given;
  const parts = groups.map((group) => {
    const told = (name: QuantityName): number =>
      seedChange(base, group, name).filter((place) => place.at < base.shape.layers && isTold(place)).length;
    return `after ${seedsOf(group)} the entropy of π_θ changes by ${
      changed(changeOf(base, group, finalEntropy))
    } nats; of the ${base.shape.layers} policies below the last layer's, the entropy of ${
      told("entropy.layer.raw")
    } changes by more than its interval, of ${
      told("entropy.layer.matched")
    } once states are rescaled to one size`;
  });
  return `On the base model's own completions (${basisWords(base)}), ${parts.join("; ")}.`;
}

/**
 * What an inspection found, in sentences.
 *
 * @module
 */

import type { Boundary, LayerRange, Ranges, Survival } from "../../policy/mod.ts";
import { listed } from "../page/mod.ts";
import type { InspectedCompletions, InspectedDocumentModel } from "./document.ts";
import { layerName, ranged, short } from "../draw/mod.ts";
import { curveOf } from "./numbers.ts";

/** How much of a course over the layers another one has, in words. */
function strength({ correlation, layers }: Survival): string {
  if (correlation === null) return "nothing that could be compared (one of the courses is flat)";
  const size = Math.abs(correlation);
  const share = size >= 0.9 ? "almost all" : size >= 0.7 ? "most" : size >= 0.4 ? "a part" : "little";
  const turned = correlation < 0 && size >= 0.4 ? ", but upside down" : "";
  return `${share}${turned} (rank correlation ${short(correlation)} over ${layers} layers)`;
}

/** A share in percent. */
function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function boundarySentence({ layer, interval, candidates }: Boundary, how: string): string {
  if (layer === null) return `${how}, no layer has ΔH_FFN > 0.`;
  const chosen = candidates.find((candidate) => candidate.layer === layer);
  const sure = chosen?.share === null || chosen?.share === undefined || !interval
    ? "one problem alone gives no interval"
    : `chosen in ${percent(chosen.share)} of resamples of the problems, 95 % of choices between ${
      interval[0] === 0 ? "none" : interval[0]
    } and ${interval[1] === 0 ? "none" : interval[1]}`;
  return `${how}, the last layer with ΔH_FFN > 0 is ${layerName(layer)}: ${
    chosen ? `${ranged(chosen.change)} nats` : ""
  }; ${sure}.`;
}

function rangeText(name: string, range: LayerRange): string {
  if (!range) return `${name} none`;
  return `${name} ${range[0] === range[1] ? range[0] : `${range[0]}–${range[1]}`}`;
}

function rangesSentence({ exploration, integration, convergence }: Ranges, how: string): string {
  const parts = [
    rangeText("exploration (ΔH_FFN > 0)", exploration),
    rangeText("integration (about 0)", integration),
    rangeText("convergence (< 0)", convergence),
  ];
  return `Ranges of layers, ${how}: ${parts.join(", ")}.`;
}

function signs({ sameSign, layers }: Survival): string {
  return `${sameSign} of ${layers} layers keep their sign`;
}

/** Which layer the rule gives, and how sure that is. */
export function boundaryWords(model: InspectedDocumentModel): string[] {
  const { boundary, choice, ranges } = model;
  const words = [
    boundarySentence(boundary.raw, "On states as they are"),
    boundarySentence(boundary.matched, "With every state rescaled to the norm of Hᴸ"),
    `For training, ${layerName(choice.layer)} is offered: ${choice.reason}.`,
    rangesSentence(ranges.raw, "as they are"),
    rangesSentence(ranges.matched, "rescaled"),
  ];
  const own = boundary.raw.candidates.length > 0, ranking = boundary[own ? "raw" : "matched"].candidates;
  if (ranking.length > 1) {
    const listed = ranking.map(({ layer, change, share }) => {
      return `${layer} (${short(change.mean)} nats${share === null ? "" : `, ${percent(share)}`})`;
    });
    words.push(`Candidates${own ? "" : ", rescaled"}, most often chosen first: ${listed.join(", ")}.`);
  }
  return words;
}

/** How much of the pattern the controls leave. */
export function controlWords(model: InspectedDocumentModel): string[] {
  const { matched, norm, shuffled, random } = model.controls;
  const words = [
    `Size: over the layers, the entropy of Hˡ and its norm have the rank correlation ${
      norm.correlation === null ? "–" : short(norm.correlation)
    }${
      norm.correlation !== null && norm.correlation <= -0.7
        ? "; without the final norm, entropy here mostly says how large a state is"
        : ""
    }.`,
    `Norm-matched: of how the entropy runs over the layers it leaves ${
      strength(matched.entropy)
    }; of how ΔH_FFN runs, ${strength(matched.change)}, and ${signs(matched.change)}.`,
    `Shuffled unembedding: entropies stay what they are (a permutation moves no probability), the meaning goes: ` +
    `log π_θ of the sampled token falls from ${short(shuffled.logprob.mean)} to ${
      short(shuffled.shuffledLogprob.mean)
    }, its mean rank from ${short(shuffled.rank.mean)} to ${
      short(shuffled.shuffledRank.mean)
    } of ${model.shape.vocabularySize}. So nothing that is read from entropies alone shows that a layer knows the answer.`,
  ];
  words.push(
    random
      ? `Random weights of the same shape on the same tokens: of how the entropy runs over the layers they have ${
        strength(random.entropy)
      }; of how ΔH_FFN runs, ${strength(random.change)}, and ${
        signs(random.change)
      }. What they have needs no training.`
      : "Random weights: this control was left out.",
  );
  return words;
}

/** What the last layer is, raw and normed, so that nobody takes one for the other. */
export function lastLayerWords(model: InspectedDocumentModel): string {
  const { layers } = model.shape;
  const of = (name: "entropy.layer.raw" | "entropy.layer.normed" | "kl_to_final.layer.raw"): string => {
    const mean = curveOf(model, name).find(({ at }) => at === layers);
    return mean ? short(mean.mean) : "–";
  };
  return `The last layer has two policies: read raw, π^${layers} has an entropy of ${
    of("entropy.layer.raw")
  } nats and lies ${of("kl_to_final.layer.raw")} nats from π_θ; through the final norm it is π_θ, ${
    of("entropy.layer.normed")
  } nats.`;
}

/** So many of something. */
export function many(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}

/** On what the numbers rest, in a line for captions. */
export function basisWords({ tokens, completions, problems }: InspectedDocumentModel): string {
  return `n = ${many(tokens, "response token")} of ${many(completions, "completion")} of ${
    many(problems, "problem")
  }`;
}

/** Whose completions were read, in words. */
export function sourceWords({ from, suites }: InspectedCompletions): string {
  const own: Readonly<Record<InspectedCompletions["from"], string>> = {
    file: "from a file",
    sampled: `sampled on ${listed(suites)}`,
    base: `of the base model, sampled on ${listed(suites)}`,
  };
  return own[from];
}

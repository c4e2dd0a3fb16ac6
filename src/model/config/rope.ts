/**
 * Rotary positions (RoPE): their settings in a Hugging Face `config.json`, and their frequencies.
 *
 * @module
 */

import { z } from "zod";

import {
  checkFields,
  type ConfigDocument,
  count,
  fromOne,
  isObject,
  positive,
  readFields,
  show,
  unsupported,
} from "./fields.ts";
import type { ModelConfig, RopeScaling } from "./model_config.ts";

const llama3Fields = z.object({
  factor: fromOne,
  low_freq_factor: positive,
  high_freq_factor: positive,
  original_max_position_embeddings: count(2 ** 31 - 1),
});

/**
 * Reads rotary positions from `rope_theta` and `rope_scaling`, or from `rope_parameters`, which newer releases of
 * transformers write in place of both.
 */
export function readRope(document: ConfigDocument): { theta: unknown; scaling: RopeScaling | undefined } {
  const merged: Record<string, unknown> = Object.create(null);
  let path = "";
  for (const field of ["rope_scaling", "rope_parameters"]) {
    const settings = document[field];
    if (settings === undefined || settings === null) continue;
    if (!isObject(settings)) throw unsupported(field, settings, "an object or null");
    path = `${field}.`;
    for (const [key, value] of Object.entries(settings)) {
      if (value === undefined || value === null) continue;
      if (Object.hasOwn(merged, key) && merged[key] !== value) {
        throw unsupported(path + key, value, `${show(merged[key])} as in rope_scaling`);
      }
      merged[key] = value;
    }
  }
  const { rope_type, type, rope_theta, ...rest } = merged, theta = document.rope_theta ?? rope_theta;
  if (rope_theta !== undefined && rope_theta !== theta) {
    throw unsupported(`${path}rope_theta`, rope_theta, `${show(theta)} as in rope_theta`);
  }
  const kind = rope_type ?? type ?? "default";
  if (kind !== "default" && kind !== "llama3") {
    throw unsupported(
      `${path}${rope_type === undefined ? "type" : "rope_type"}`,
      kind,
      '"default" or "llama3"',
    );
  }
  const known = new Set(kind === "llama3" ? Object.keys(llama3Fields.shape) : []);
  const { partial_rotary_factor: part, ...own } = rest;
  if (part !== undefined) checkFields({ partial_rotary_factor: part }, known, path);
  for (const [key, value] of Object.entries(own)) {
    if (!known.has(key)) {
      throw unsupported(path + key, value, `it absent: rotary type "${kind}" has no such setting`);
    }
  }
  // Some exports repeat it outside; no model class reads it there.
  const outside = document.original_max_position_embeddings ?? undefined;
  const inside = own.original_max_position_embeddings;
  if (outside !== undefined && outside !== inside) {
    throw unsupported(
      "original_max_position_embeddings",
      outside,
      inside === undefined
        ? `it absent: rotary type "${kind}" has no such setting`
        : `${show(inside)} as in ${path}original_max_position_embeddings`,
    );
  }
  if (kind === "default") return { theta, scaling: undefined };
  const scaling = readFields(llama3Fields, own, path);
  if (scaling.high_freq_factor <= scaling.low_freq_factor) {
    throw unsupported(
      `${path}high_freq_factor`,
      scaling.high_freq_factor,
      `more than low_freq_factor, which is ${scaling.low_freq_factor}`,
    );
  }
  return {
    theta,
    scaling: {
      factor: scaling.factor,
      lowFrequencyFactor: scaling.low_freq_factor,
      highFrequencyFactor: scaling.high_freq_factor,
      originalContext: scaling.original_max_position_embeddings,
    },
  };
}

/**
 * The angular frequency of each rotary pair, `[headDimension / 2]`, in radians a position.
 *
 * Source: Su et al., RoFormer, eq. 15; Llama 3's scaling as in Hugging Face's `rope_type: "llama3"`.
 */
export function rotaryFrequencies({ headDimension, ropeTheta, ropeScaling }: ModelConfig): number[] {
  const plain = Array.from({ length: headDimension / 2 }, (_, i) => ropeTheta ** (-2 * i / headDimension));
  if (!ropeScaling) return plain;
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContext } = ropeScaling;
  return plain.map((frequency) => {
    const turns = originalContext * frequency / (2 * Math.PI);
    const kept = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    const share = Math.min(1, Math.max(0, kept));
    return share * frequency + (1 - share) * frequency / factor;
  });
}

/**
 * What is measured of every token at every layer, and what it is called in records and figures.
 *
 * @module
 */

/**
 * The states that policies are read from: the residual stream after a layer, what its modules add, and the modules'
 * normed inputs.
 */
export const stateNames = ["layer", "attn", "ffn", "attn_in", "ffn_in"] as const;

/** A state that a policy is read from. */
export type StateName = typeof stateNames[number];

/**
 * How a state is read: as it is (the paper's internal policies), through the final norm (the logit lens), or rescaled to
 * the norm of the last layer's state of the same token (a control: entropy without a norm follows the state's size).
 */
export const formNames = ["raw", "normed", "matched"] as const;

/** How a state is read. */
export type FormName = typeof formNames[number];

/** A policy: a state and how it is read. */
export type PolicyName = `${StateName}.${FormName}`;

/** What is measured of a policy at a token. */
export type MeasureName =
  | "entropy"
  | "kl_to_final"
  | "kl_from_final"
  | "logprob"
  | "rank"
  | "shuffled_logprob"
  | "shuffled_rank";

/** The policies that only their entropy is kept of: those of the modules' inputs, which ΔH compares with. */
export function isInput(state: StateName): boolean {
  return state === "attn_in" || state === "ffn_in";
}

/** What is known of an entropy change: of which state, and what it is compared with. */
export const changes = {
  layer: "layer of the layer before",
  attn: "attn_in",
  ffn: "ffn_in",
} as const;

/** A state with an entropy change. */
export type ChangeName = keyof typeof changes;

/** The name of a quantity in records. */
export type QuantityName =
  | `${MeasureName}.${PolicyName}`
  | `change.${ChangeName}.${FormName}`
  | `norm.${ChangeName}`
  | "cosine.attn"
  | "cosine.ffn"
  | "cosine.final";

/** One number a response token, by quantity. */
export type TokenValues = ReadonlyMap<QuantityName, Float64Array>;

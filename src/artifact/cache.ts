/**
 * KV caches: their names and shapes, attention of one new position over them, and writing positions into them.
 *
 * @module
 */

import type { ModelConfig, Precision } from "../model/mod.ts";
import {
  argMax,
  cast,
  composite,
  concat,
  constant,
  cumulativeSum,
  type Dim,
  equal,
  expand,
  gather,
  input,
  less,
  lessOrEqual,
  matmul,
  mul,
  range,
  reshape,
  scalar,
  softmax,
  sub,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
  where,
} from "../tensor/mod.ts";

/** What divides the head sizes that GroupQueryAttention takes. */
const KERNEL_HEAD_SIZE = 8;

/** The name of a layer's key cache. */
export function keyCacheName(layer: number): string {
  return `key_cache.${layer}`;
}

/** The name of a layer's value cache. */
export function valueCacheName(layer: number): string {
  return `value_cache.${layer}`;
}

/** The name of a layer's key cache of prompts. */
export function promptKeyCacheName(layer: number): string {
  return `prompt_${keyCacheName(layer)}`;
}

/** The name of a layer's value cache of prompts. */
export function promptValueCacheName(layer: number): string {
  return `prompt_${valueCacheName(layer)}`;
}

/** The KV cache of a layer, `[batch, keyValueHeads, capacity, headDimension]` each. */
export interface LayerCache {
  /** Keys. */
  readonly keys: Tensor;
  /** Values. */
  readonly values: Tensor;
}

/** Graph inputs for the caches of all layers, `[rows, keyValueHeads, slots, headDimension]` each. */
export function cacheInputs(
  { layers, keyValueHeads, headDimension }: ModelConfig,
  precision: Precision,
  [keyName, valueName]: readonly [typeof keyCacheName, typeof valueCacheName],
  rows: Dim,
  slots: Dim,
): LayerCache[] {
  const cache = (name: string): Tensor => input(name, precision, [rows, keyValueHeads, slots, headDimension]);
  return Array.from({ length: layers }, (_, i) => ({
    keys: cache(keyName(i + 1)),
    values: cache(valueName(i + 1)),
  }));
}

/** 0, 1, … as float32, for a size that may be a symbol. */
function count(size: Dim): Tensor {
  return sub(cumulativeSum(expand(constant("float32", [1], Float32Array.of(1)), [size])), 1);
}

/** Which of some places `[size, n]` an entry n is for. */
function places(size: Dim, entries: Tensor): Tensor {
  return cast(equal(unsqueeze(count(size), [1]), unsqueeze(cast(entries, "float32"), [0])), "float32");
}

/**
 * A cache `[rows, heads, slots, d]` with new keys or values in some slots of some rows. The kernel writes only these,
 * where the cache lies if the result is put there too.
 *
 * @param rows `[n]` int64: the rows that are written, each at most once.
 * @param slots `[m]` int64: the slots that are written in each of them, each at most once.
 * @param fresh `[n, heads, m, d]`: what is written.
 */
export function writeSlots(cache: Tensor, rows: Tensor, slots: Tensor, fresh: Tensor): Tensor {
  const [rowCount = 1, heads, slotCount = 1] = cache.shape as [Dim, number, Dim, number];
  const [n = 1] = rows.shape, [m = 1] = slots.shape;
  const define = (): Tensor[] => {
    const ofRow = places(rowCount, rows), ofSlot = places(slotCount, slots);
    const perRow = transpose(gather(fresh, argMax(ofRow)), [2, 0, 1, 3]);
    const spread = transpose(gather(perRow, argMax(ofSlot)), [1, 2, 0, 3]);
    const row = unsqueeze(sum(ofRow, [1]), [1, 2, 3]), slot = unsqueeze(sum(ofSlot, [1]), [0, 1, 3]);
    return [where(less(scalar("float32", 0), mul(row, slot)), spread, cache)];
  };
  const index = (x: Tensor, axis: 0 | 1 | 2): Tensor =>
    expand(unsqueeze(x, [0, 1, 2, 3].filter((other) => other !== axis)), [n, heads, m, 1]);
  const [written] = composite("WriteSlots", [cache, rows, slots, fresh], define, {
    fused: {
      domain: "",
      operator: "ScatterND",
      attributes: {},
      inputs: [cache, concat([index(rows, 0), index(range(heads), 1), index(slots, 2)], 3), fresh],
    },
  });
  return written as Tensor;
}

/**
 * Attention of one new position per row over its cache `[batch, keyValueHeads, capacity, d]`; returns the attended
 * values `[batch, 1, heads · d]` and the caches with the new key and value at the row's position. All are of the caches'
 * element type.
 *
 * @param positions `[batch]` int32: how many positions the row's cache already holds.
 * @param slots `[capacity]` int32: 0, 1, …
 */
export function cachedAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  cache: LayerCache,
  positions: Tensor,
  slots: Tensor,
  capacity: Tensor,
): Tensor[] {
  const [batch = 1, heads, , size] = query.shape as [number | string, number, number, number];
  const groups = key.shape[1] as number; // fixed by the architecture
  const flat = (x: Tensor, count: number): Tensor => reshape(x, [batch, 1, count * size]);
  const define = (): Tensor[] => {
    const at = reshape(positions, [batch, 1, 1, 1]);
    const slot = unsqueeze(slots, [0, 1, 3]);
    const write = (old: Tensor, fresh: Tensor): Tensor => where(equal(slot, at), fresh, old);
    const keys = write(cache.keys, key), values = write(cache.values, value);
    const rows = reshape(query, [batch, groups, heads / groups, size]);
    const scores = cast(matmul(mul(rows, 1 / Math.sqrt(size)), transpose(keys)), "float32");
    const seen = lessOrEqual(unsqueeze(slots, [0, 1, 2]), at);
    const shares = softmax(where(seen, scores, scalar("float32", -1e9)));
    const attended = matmul(cast(shares, values.dtype), values);
    return [reshape(attended, [batch, 1, heads * size]), keys, values];
  };
  const inputs = [query, key, value, cache.keys, cache.values, positions, slots];
  // The kernel refuses other head sizes: then the definition is computed.
  if (size % KERNEL_HEAD_SIZE !== 0) return composite("CachedAttention", inputs, define);
  return composite("CachedAttention", inputs, define, {
    fused: {
      domain: "com.microsoft",
      operator: "GroupQueryAttention",
      attributes: { num_heads: { int: heads }, kv_num_heads: { int: groups } },
      inputs: [
        flat(query, heads),
        flat(key, groups),
        flat(value, groups),
        cache.keys,
        cache.values,
        positions,
        capacity,
      ],
    },
  });
}

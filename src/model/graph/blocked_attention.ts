/**
 * Attention over whole sequences in memory that grows with their length, not with its square: queries are taken in blocks,
 * each block sees the keys up to its own end only, and the backward pass computes a block's probabilities again (after
 * Rabe and Staats, "Self-attention does not need O(n²) memory", 2021, and Dao et al., "FlashAttention", 2022).
 *
 * ONNX Runtime's own attention kernels give no sums of exponents that a backward pass could start from, and those that
 * mask causally hold all scores of a head: so each block is a few products and a softmax in the body of a loop.
 *
 * @module
 */

import {
  add,
  blockDims,
  blockLoop,
  cast,
  composite,
  concat,
  constant,
  type DataType,
  type Dim,
  equal,
  expand,
  join,
  lessOrEqual,
  matmul,
  mul,
  multiplyDims,
  neg,
  reshape,
  scalar,
  softmax,
  sub,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
  where,
  window,
} from "../../tensor/mod.ts";
import { attentionMask, MASKED } from "./layers.ts";

/** What tells which positions see each other, `[batch, sequence]` int64 each. */
export interface Visibility {
  /** Positions; those of a segment ascend along the sequence. */
  readonly positions: Tensor;
  /** Which sequence a token belongs to. */
  readonly segments: Tensor;
}

/** How many queries a block has. */
const BLOCK_SIZE = 64;

/** Rows up to this length are attended as a whole: their scores are few, and a loop around them costs more than it saves. */
const WHOLE = 192;

/**
 * How many queries a graph attends at a time where its longest row has so many positions; `undefined` is all of them. The
 * last token of a sequence predicts nothing and is no position.
 */
export function attentionBlock(longest: number): number | undefined {
  return longest > WHOLE ? BLOCK_SIZE : undefined;
}

/** Settings of blocked attention. */
export interface BlockedAttentionSettings {
  /** How many queries a block has. */
  readonly block: number;
  /** The element type of products; the softmax between them has that of the queries. */
  readonly precision?: DataType;
}

/** Queries, keys, values and what masks them. */
interface Operands extends Visibility {
  /** `[batch, heads, sequence, d]`, already divided by √d. */
  readonly query: Tensor;
  /** `[batch, groups, sequence, d]`. */
  readonly key: Tensor;
  /** `[batch, groups, sequence, d]`. */
  readonly value: Tensor;
  /** The element type of products. */
  readonly precision: DataType;
}

const { block: BLOCK, seen: SEEN, before: BEFORE, rest: REST, after: AFTER } = blockDims;
/** The segment of positions that every segment of a row sees. */
const SHARED = -1;
/** The axis of positions in queries, keys and values. */
const SEQUENCE = 2;

/** The names of the composites, by which graphs choose their kernels. */
export const blockedKernels: readonly string[] = ["BlockedAttention", "BlockedAttentionGradient"];

/** A product in a precision, its result in the type of the left factor. */
function product(a: Tensor, b: Tensor, precision: DataType): Tensor {
  return cast(matmul(cast(a, precision), cast(b, precision)), a.dtype);
}

/** The queries that share a key head as rows of one product. */
function grouped(x: Tensor, groups: number): Tensor {
  const [batch, heads, rows, width] = x.shape as [Dim, number, Dim, Dim];
  return reshape(x, [batch, groups, multiplyDims([heads / groups, rows]), width]);
}

/** P = softmax(Q Kᵀ + mask) as rows of groups. */
function probabilities(query: Tensor, key: Tensor, mask: Tensor, precision: DataType): Tensor {
  const [batch, heads, rows] = query.shape as [Dim, number, Dim];
  const [, groups, seen] = key.shape as [Dim, number, Dim];
  const scores = product(grouped(query, groups), transpose(key), precision);
  return grouped(softmax(add(reshape(scores, [batch, heads, rows, seen]), mask)), groups);
}

/** O = P V. */
function attended(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, precision: DataType): Tensor {
  return reshape(product(probabilities(query, key, mask, precision), value, precision), query.shape);
}

/** What the cotangents of a block are computed from; rows of the block, or all that it sees. */
interface BlockOperands {
  readonly query: Tensor;
  readonly key: Tensor;
  /** V, and where δ goes into the product a column of ones behind it. */
  readonly value: Tensor;
  readonly mask: Tensor;
  readonly precision: DataType;
  /** dO. */
  readonly g: Tensor;
  /** δ = Σ dO · O a row, or where it goes into the product dO with −δ behind it. */
  readonly delta: Tensor;
}

/**
 * dO and δ, V and 1 side by side, so that their product is dP − δ = dO Vᵀ − δ without a pass over it. Not in 16 bits, which
 * would round δ.
 */
function withDelta(operands: Operands, g: Tensor, delta: Tensor): { value: Tensor; delta: Tensor } {
  const { value, precision } = operands;
  if (precision !== value.dtype) return { value, delta };
  const ones = expand(scalar(value.dtype, 1), [...value.shape.slice(0, -1), 1]);
  return { value: concat([value, ones], -1), delta: concat([g, neg(delta)], -1) };
}

/**
 * The cotangents of query, key and value from that of O = P V: with dP = dO Vᵀ, dS = P (dP − δ), dQ = dS K, dK = dSᵀ Q,
 * dV = Pᵀ dO.
 */
function cotangents(
  { query, key, value, mask, precision, g, delta }: BlockOperands,
): [Tensor, Tensor, Tensor] {
  const groups = key.shape[1] as number; // the number of key heads is fixed
  const weights = probabilities(query, key, mask, precision), rows = grouped(g, groups);
  const shift = grouped(delta, groups), columns = transpose(value);
  const gScores = mul(
    weights,
    precision === g.dtype ? matmul(shift, columns) : sub(product(rows, columns, precision), shift),
  );
  return [
    reshape(product(gScores, key, precision), query.shape),
    product(transpose(gScores), grouped(query, groups), precision),
    product(transpose(weights), rows, precision),
  ];
}

/** No rows yet of what a loop joins. */
function nothing({ shape, dtype }: Tensor): Tensor {
  return expand(scalar(dtype, 0), shape.with(SEQUENCE, 0));
}

/** What a block reads: its own rows, and all keys that it may see. */
interface BlockReader {
  /** Tensors whose windows are read. */
  readonly reads: readonly Tensor[];
  /** Within a loop: a tensor's rows of the block. */
  readonly own: (x: Tensor, bounds: Bounds) => Tensor;
  /** Within a loop: a tensor's rows up to the block's end. */
  readonly seen: (x: Tensor, bounds: Bounds) => Tensor;
  /** Within a loop: the additive mask `[batch, 1, block, seen]`. */
  readonly mask: (bounds: Bounds) => Tensor;
}

type Bounds = readonly [start: Tensor, end: Tensor];

function blockReader({ query, positions, segments }: Operands): BlockReader {
  const first = constant("int64", [1], BigInt64Array.of(0n));
  const hidden = scalar(query.dtype, MASKED), shown = scalar(query.dtype, 0);
  // Devices cut no integers; a float32 is exact below 2²⁴, more than any row has positions.
  const narrow = [positions, segments].map((x) => unsqueeze(cast(x, query.dtype), [1]));
  const rows = narrow.map((x) => unsqueeze(x, [3]));
  // What a key adds to the scores of other segments: nothing where it is of the segment that all see.
  const foreign = where(equal(unsqueeze(segments, [1, 2]), SHARED), shown, hidden);
  const columns = [...narrow.map((x) => unsqueeze(x, [2])), foreign];
  const own = (x: Tensor, bounds: Bounds): Tensor => window(x, SEQUENCE, bounds, BLOCK);
  const seen = (x: Tensor, [, end]: Bounds): Tensor => window(x, SEQUENCE, [first, end], SEEN);
  const mask = (bounds: Bounds): Tensor => {
    const [position, segment] = rows.map((x) => own(x, bounds)) as [Tensor, Tensor];
    const [earlier, other, bias] = columns.map((x) => window(x, 3, [first, bounds[1]], SEEN)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    return where(lessOrEqual(earlier, position), where(equal(segment, other), shown, bias), hidden);
  };
  return { reads: [...rows, ...columns, first, hidden, shown], own, seen, mask };
}

/** The mask of all positions. */
function wholeMask({ query, positions, segments }: Operands): Tensor {
  return cast(attentionMask(positions, segments), query.dtype);
}

/** The derivative of blocked attention: one loop from the last block to the first. */
function gradient(operands: Operands, g: Tensor, rowSums: Tensor, block: number): Tensor[] {
  const { query, key, positions, segments, precision } = operands;
  const { value, delta } = withDelta(operands, g, rowSums);
  const define = (): Tensor[] =>
    cotangents({ query, key, value, mask: wholeMask(operands), precision, g, delta });
  const { reads, own, seen, mask } = blockReader(operands), length = query.shape[SEQUENCE] as Dim;
  const past = (x: Tensor): Tensor => expand(scalar(x.dtype, 0), x.shape);
  const at = (x: Tensor, dim: string) => x.shape.with(SEQUENCE, dim);
  const fused = blockLoop(
    { over: length, size: block, descending: true },
    [query, key, value, g, delta, ...reads],
    [
      // No block before this one sees keys from its end on: their sums are whole.
      ...[query, key, key].map((x) => ({ initial: nothing(x), shape: at(x, AFTER) })),
      // Sums over the blocks behind this one, for the keys that it sees.
      ...[key, key].map((x) => ({ initial: past(x), shape: at(x, SEEN) })),
    ],
    ({ bounds, states: [gQuery, gKey, gValue, keySum, valueSum] }) => {
      const [dQuery, dKey, dValue] = cotangents({
        query: own(query, bounds),
        key: seen(key, bounds),
        value: seen(value, bounds),
        mask: mask(bounds),
        precision,
        g: own(g, bounds),
        delta: own(delta, bounds),
      });
      const keys = add(keySum as Tensor, dKey), values = add(valueSum as Tensor, dValue); // five states
      const before = (x: Tensor): Tensor =>
        window(x, SEQUENCE, [constant("int64", [1], BigInt64Array.of(0n)), bounds[0]], BEFORE);
      const put = (x: Tensor, behind: Tensor | undefined): Tensor =>
        join([x, behind as Tensor], SEQUENCE, REST);
      return [
        put(dQuery, gQuery),
        put(own(keys, bounds), gKey),
        put(own(values, bounds), gValue),
        before(keys),
        before(values),
      ];
    },
  );
  return composite("BlockedAttentionGradient", [query, key, value, positions, segments, g, delta], define, {
    fused,
  });
}

/**
 * Grouped-query attention as `attention()` computes it with the mask of `attentionMask()`, in blocks of queries.
 *
 * @param query `[batch, heads, sequence, d]`.
 * @param key `[batch, fewer heads, sequence, d]`, as the values.
 */
export function blockedAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { positions, segments }: Visibility,
  { block, precision = query.dtype }: BlockedAttentionSettings,
): Tensor {
  const scaled = mul(query, 1 / Math.sqrt(query.shape.at(-1) as number)); // the head size is fixed
  const operands: Operands = { query: scaled, key, value, positions, segments, precision };
  const { reads, own, seen, mask } = blockReader(operands), length = scaled.shape[SEQUENCE] as Dim;
  const fused = blockLoop(
    { over: length, size: block, descending: true },
    [scaled, key, value, ...reads],
    [{ initial: nothing(scaled), shape: scaled.shape.with(SEQUENCE, AFTER) }],
    ({ bounds, states: [done] }) => {
      const rows = attended(
        own(scaled, bounds),
        seen(key, bounds),
        seen(value, bounds),
        mask(bounds),
        precision,
      );
      return [join([rows, done as Tensor], SEQUENCE, REST)]; // one state
    },
  );
  const define = (): Tensor[] => [
    attended(scaled, key, value, wholeMask(operands), precision),
  ];
  const [y] = composite("BlockedAttention", [scaled, key, value, positions, segments], define, {
    fused,
    vjp: ([g], [out]) => {
      if (!g || !out) return [];
      const found = gradient(operands, g, sum(mul(g, out), [-1], true), block);
      return found.map((cotangent) => () => cotangent);
    },
  });
  return y as Tensor;
}

/**
 * Log-probabilities and entropies of tokens without ever holding all logits: the vocabulary is walked in chunks with a
 * running log-sum-exp (Milakov and Gimelshein, 2018), and the derivative computes each chunk's logits again.
 *
 * @module
 */

import {
  add,
  and,
  cast,
  composite,
  concat,
  div,
  equal,
  exp,
  flatten,
  gatherLast,
  less,
  lessOrEqual,
  log,
  matmul,
  max,
  maximum,
  minimum,
  mul,
  range,
  reshape,
  scalar,
  slice,
  sub,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
  where,
} from "../../tensor/mod.ts";

/** Log-probabilities and entropies of a policy, each `[batch, sequence]`, in nats. */
export interface TokenPolicy {
  /** log π(target). */
  readonly logprobs: Tensor;
  /** −Σ π log π over the whole vocabulary. */
  readonly entropy: Tensor;
}

/** The most logits of one row that exist at a time. */
export const VOCABULARY_CHUNK = 8192;

/** A chunk of the vocabulary. */
interface Chunk {
  /** Which block of the embedding it lies in. */
  readonly block: number;
  /** Traces its rows. */
  readonly rows: () => Tensor;
  /** The first token. */
  readonly start: number;
  /** One past the last token. */
  readonly end: number;
}

/** Chunks that cover a vocabulary, at least two of them so that no tensor spans it. */
function chunks(embedding: readonly Tensor[]): Chunk[] {
  let first = 0; // token of the block
  return embedding.flatMap((table, block) => {
    const size = table.shape[0] as number, base = first; // a parameter's shape is fixed
    first += size;
    const width = Math.min(VOCABULARY_CHUNK, embedding.length > 1 ? size : Math.ceil(size / 2));
    return Array.from({ length: Math.ceil(size / width) }, (_, i) => {
      const start = i * width, end = Math.min(size, start + width);
      return { block, rows: () => slice(table, 0, start, end), start: base + start, end: base + end };
    });
  });
}

/**
 * The log-probability of targets and the entropy under softmax(h Eᵀ).
 *
 * Derivative, with p = softmax(z): d log p_target / dz = onehot − p, dH / dz = −p (log p + H).
 *
 * @param hidden `[batch, sequence, hiddenSize]`, already divided by the temperature.
 * @param embedding `[vocabulary, hiddenSize]`, as blocks of its rows.
 * @param targets `[batch, sequence]` int64.
 */
export function tokenPolicy(hidden: Tensor, embedding: readonly Tensor[], targets: Tensor): TokenPolicy {
  const ranges = chunks(embedding);
  const target = unsqueeze(targets, [targets.rank]);
  const define = (): Tensor[] => {
    let peak: Tensor | undefined,
      total: Tensor | undefined,
      weighted: Tensor | undefined,
      chosen: Tensor | undefined;
    for (const { rows, start, end } of ranges) {
      const logits = matmul(hidden, transpose(rows()));
      const local = sub(target, scalar("int64", start)),
        zero = scalar("int64", 0),
        last = scalar("int64", end - start - 1);
      const inside = and(lessOrEqual(zero, local), less(local, scalar("int64", end - start)));
      const picked = gatherLast(logits, minimum(maximum(local, zero), last));
      const height = max(logits, [-1], true);
      const newPeak: Tensor = peak ? maximum(peak, height) : height;
      // Moments are taken about the peak: H = log S − M / S then adds small numbers where the policy is nearly certain,
      // instead of cancelling large ones.
      const shifted = sub(logits, newPeak), weights = exp(shifted);
      const mass = sum(weights, [-1], true), moment = sum(mul(weights, shifted), [-1], true);
      if (peak && total && weighted) {
        const drop = sub(peak, newPeak), fade = exp(drop);
        weighted = add(mul(add(weighted, mul(total, drop)), fade), moment);
        total = add(mul(total, fade), mass);
      } else {
        weighted = moment;
        total = mass;
      }
      chosen = chosen ? where(inside, picked, chosen) : picked;
      peak = newPeak;
    }
    if (!peak || !total || !weighted || !chosen) throw new RangeError("internal: the vocabulary is empty");
    const spread = log(total), normalizer = add(peak, spread);
    const flat = (x: Tensor): Tensor => reshape(x, targets.shape);
    return [flat(sub(chosen, normalizer)), flat(sub(spread, div(weighted, total))), flat(normalizer)];
  };
  const [logprobs, entropy] = composite("TokenPolicy", [hidden, ...embedding, targets], define, {
    vjp: ([gLogprob, gEntropy], [, entropyOut, normalizer]) => {
      if (!entropyOut || !normalizer || (!gLogprob && !gEntropy)) return [];
      // Logits are computed as [chunk, tokens]: each product then needs no transposed copy, and the recomputation is no
      // common subexpression of the forward pass, which an optimizer would keep in memory instead.
      const row = (x: Tensor): Tensor => transpose(flatten(unsqueeze(x, [x.rank])));
      const tokens = flatten(hidden), wanted = row(targets);
      const parts = ranges.map(({ block, rows: trace, start, end }) => {
        const rows = trace();
        const logProbabilities = sub(matmul(rows, transpose(tokens)), row(normalizer));
        const probabilities = exp(logProbabilities);
        const index = unsqueeze(add(range(end - start), scalar("int64", start)), [1]);
        const terms: Tensor[] = [];
        if (gLogprob) {
          const hit = cast(equal(index, wanted), hidden.dtype);
          terms.push(mul(sub(hit, probabilities), row(gLogprob)));
        }
        if (gEntropy) {
          terms.push(mul(mul(probabilities, add(logProbabilities, row(entropyOut))), mul(row(gEntropy), -1)));
        }
        const cotangent = terms.reduce((a, b) => add(a, b));
        return { block, rows, cotangent };
      });
      return [
        () =>
          reshape(
            parts.map(({ rows, cotangent }) => matmul(transpose(cotangent), rows)).reduce((a, b) =>
              add(a, b)
            ),
            hidden.shape,
          ),
        ...embedding.map((_, i) => () => {
          return concat(
            parts.filter(({ block }) => block === i).map(({ cotangent }) => matmul(cotangent, tokens)),
            0,
          );
        }),
        undefined,
      ];
    },
  });
  return { logprobs: logprobs as Tensor, entropy: entropy as Tensor };
}

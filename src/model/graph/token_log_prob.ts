/**
 * Log-probabilities and entropies of tokens without ever holding all logits: the vocabulary is walked in chunks with a
 * running log-sum-exp (Milakov and Gimelshein, 2018), and the derivative computes each chunk's logits again.
 *
 * @module
 */

import {
  add,
  addRows,
  and,
  cast,
  composite,
  concat,
  type Dim,
  div,
  equal,
  exp,
  expand,
  flatten,
  gather,
  gatherLast,
  less,
  lessOrEqual,
  log,
  matmul,
  max,
  maximum,
  minimum,
  mul,
  neg,
  range,
  reshape,
  scalar,
  scanKernel,
  sub,
  sum,
  type Tensor,
  transpose,
  unsqueeze,
  where,
} from "../../tensor/mod.ts";
import { type Chunk, type VocabularyPiece, vocabularyPieces } from "./vocabulary.ts";

/** Log-probabilities and entropies of a policy, each `[batch, sequence]`, in nats. */
export interface TokenPolicy {
  /** log π(target). */
  readonly logprobs: Tensor;
  /** −Σ π log π over the whole vocabulary. */
  readonly entropy: Tensor;
}

/** The name of the composites that walk a vocabulary, by which graphs are told to use their kernels. */
export const VOCABULARY_WALK = "VocabularyWalk";

/** What is known of the logits so far, `[tokens, 1]` each. */
type Moments = readonly [peak: Tensor, total: Tensor, weighted: Tensor, chosen: Tensor];

/** Moments with those of one more chunk. */
function addMoments(
  known: Moments | undefined,
  { rows, start }: Chunk,
  tokens: Tensor,
  targets: Tensor,
): Moments {
  const count = rows.shape[0] as number; // a chunk's size is fixed
  const logits = matmul(tokens, transpose(rows));
  const local = sub(targets, start), zero = scalar("int64", 0);
  const inside = and(lessOrEqual(zero, local), less(local, scalar("int64", count)));
  const picked = gatherLast(logits, minimum(maximum(local, zero), scalar("int64", count - 1)));
  const height = max(logits, [-1], true);
  const peak = known ? maximum(known[0], height) : height;
  // Moments are taken about the peak: H = log S − M / S then adds small numbers where the policy is nearly certain,
  // instead of cancelling large ones.
  const shifted = sub(logits, peak), weights = exp(shifted);
  const mass = sum(weights, [-1], true), moment = sum(mul(weights, shifted), [-1], true);
  if (!known) return [peak, mass, moment, picked];
  const [before, total, weighted, chosen] = known, drop = sub(before, peak), fade = exp(drop);
  return [
    peak,
    add(mul(total, fade), mass),
    add(mul(add(weighted, mul(total, drop)), fade), moment),
    where(inside, picked, chosen),
  ];
}

/** A peak below every logit, for the walk to start from. */
const LOWEST = -1e30;

/** Moments over a whole vocabulary. */
function moments(pieces: readonly VocabularyPiece[], tokens: Tensor, targets: Tensor): Moments {
  let known: Moments | undefined;
  for (const { chunks, walk } of pieces) {
    const before = known;
    const define = (): Moments => {
      let all = before;
      for (const chunk of chunks) all = addMoments(all, chunk(), tokens, targets);
      if (!all) throw new RangeError("internal: the vocabulary is empty");
      return all;
    };
    if (!walk) {
      known = define();
      continue;
    }
    const column = (value: number): Tensor => expand(scalar(tokens.dtype, value), targets.shape);
    const first: Moments = before ?? [column(LOWEST), column(0), column(0), column(0)];
    const fused = scanKernel(
      { states: first, slices: [walk.rows, walk.starts], constants: [tokens, targets] },
      ({ states, slices: [rows, start], constants: [x, y] }) => ({
        states: addMoments(states as unknown as Moments, { rows, start } as Chunk, x as Tensor, y as Tensor),
        outputs: [],
      }),
    );
    known = composite(
      VOCABULARY_WALK,
      [...first, walk.rows, walk.starts, tokens, targets],
      define,
      { fused },
    ) as unknown as Moments;
  }
  if (!known) throw new RangeError("internal: the vocabulary is empty");
  return known;
}

/** What the derivative needs of each token, as rows `[1, tokens]`. */
interface TokenRows {
  /** Σ eᶻ as a logarithm. */
  readonly normalizer: Tensor;
  /** The targets, where their part is computed with the chunks. */
  readonly targets?: Tensor | undefined;
  /** The log-probability's cotangent; 1 if it is not there. */
  readonly logprob?: Tensor | undefined;
  /** The entropy's cotangent. */
  readonly entropyCotangent?: Tensor | undefined;
  /** The entropy. */
  readonly entropy?: Tensor | undefined;
}

/**
 * The cotangent of a chunk's logits: g (onehot − p) − h p (log p + H). Without targets it is g p + h p (log p + H), and p
 * alone if there are no cotangents.
 *
 * Logits are computed as [chunk, tokens]: each product then needs no transposed copy, and the recomputation is no common
 * subexpression of the forward pass, which an optimizer would keep in memory instead.
 */
function logitCotangent({ rows, start }: Chunk, tokens: Tensor, given: TokenRows): Tensor {
  const { normalizer, targets, logprob, entropyCotangent, entropy } = given;
  const logProbabilities = sub(matmul(rows, transpose(tokens)), normalizer);
  const probabilities = exp(logProbabilities), terms: Tensor[] = [];
  if (targets && logprob) {
    const index = unsqueeze(add(range(rows.shape[0] as number), start), [1]); // a chunk's size is fixed
    terms.push(mul(sub(cast(equal(index, targets), tokens.dtype), probabilities), logprob));
  } else if (logprob) terms.push(mul(probabilities, logprob));
  if (entropyCotangent && entropy) {
    const factor = targets ? neg(entropyCotangent) : entropyCotangent;
    terms.push(mul(mul(probabilities, add(logProbabilities, entropy)), factor));
  }
  return terms.length === 0 ? probabilities : terms.reduce((a, b) => add(a, b));
}

/** The chunks' part of the derivative: of the tokens' states, and of each piece's rows. */
function walkBack(
  pieces: readonly VocabularyPiece[],
  tokens: Tensor,
  weighted: Tensor,
  given: TokenRows,
): readonly [forTokens: Tensor, forRows: readonly Tensor[]] {
  const names = (Object.keys(given) as (keyof TokenRows)[]).filter((name) => given[name]);
  const constants = [tokens, weighted, ...names.map((name) => given[name] as Tensor)];
  let forTokens: Tensor | undefined;
  const forRows = pieces.map(({ chunks, walk }) => {
    const before = forTokens;
    const define = (): [Tensor, Tensor] => {
      let all = before;
      const parts = chunks.map((trace) => {
        const chunk = trace(), cotangent = logitCotangent(chunk, tokens, given);
        const part = matmul(transpose(cotangent), chunk.rows);
        all = all ? add(all, part) : part;
        return matmul(cotangent, weighted);
      });
      return [all as Tensor, concat(parts, 0)]; // a piece has chunks
    };
    if (!walk) {
      const [all, rows] = define();
      forTokens = all;
      return rows;
    }
    const first = before ?? expand(scalar(tokens.dtype, 0), tokens.shape);
    const fused = scanKernel(
      { states: [first], slices: [walk.rows, walk.starts], constants },
      ({ states: [all], slices: [rows, start], constants: [x, y, ...list] }) => {
        const inner = Object.fromEntries(names.map((name, i) => [name, list[i]])) as unknown as TokenRows;
        const cotangent = logitCotangent({ rows, start } as Chunk, x as Tensor, inner);
        return {
          states: [add(all as Tensor, matmul(transpose(cotangent), rows as Tensor))],
          outputs: [matmul(cotangent, y as Tensor)],
        };
      },
    );
    const [all, rows] = composite(VOCABULARY_WALK, [first, walk.rows, walk.starts, ...constants], () => {
      const [sum, parts] = define();
      return [sum, reshape(parts, walk.rows.shape)];
    }, { fused }) as [Tensor, Tensor];
    forTokens = all;
    return flatten(rows);
  });
  return [forTokens as Tensor, forRows]; // a vocabulary has pieces
}

/**
 * The log-probability of targets and the entropy under softmax(h Eᵀ).
 *
 * Derivative, with p = softmax(z): d log p_target / dz = onehot − p, dH / dz = −p (log p + H).
 *
 * @param hidden `[batch, sequence, hiddenSize]`, already divided by the temperature.
 * @param embedding `[vocabulary, hiddenSize]`, as blocks of its rows.
 * @param targets `[batch, sequence]` int64.
 * @param sparse Whether the derivative reads and adds to the targets' rows of the embedding alone, instead of computing
 * their part in all chunks. For embeddings in one block, where {@linkcode addRows} has a kernel.
 */
export function tokenPolicy(
  hidden: Tensor,
  embedding: readonly Tensor[],
  targets: Tensor,
  sparse = false,
): TokenPolicy {
  const pieces = vocabularyPieces(embedding), tokens = flatten(hidden);
  const column = (x: Tensor): Tensor => flatten(unsqueeze(x, [x.rank]));
  const define = (): Tensor[] => {
    const [peak, total, weighted, chosen] = moments(pieces, tokens, column(targets));
    const spread = log(total), normalizer = add(peak, spread);
    const all = (x: Tensor): Tensor => reshape(x, targets.shape);
    return [all(sub(chosen, normalizer)), all(sub(spread, div(weighted, total))), all(normalizer)];
  };
  const [logprobs, entropy] = composite("TokenPolicy", [hidden, ...embedding, targets], define, {
    vjp: ([gLogprob, gEntropy], [, entropyOut, normalizer]) => {
      if (!entropyOut || !normalizer || (!gLogprob && !gEntropy)) return [];
      const row = (x: Tensor): Tensor => transpose(column(x)), g = gLogprob && column(gLogprob);
      const [table] = embedding, apart = sparse && embedding.length === 1 && table;
      const spread = gEntropy && { entropyCotangent: row(gEntropy), entropy: row(entropyOut) };
      const common = { normalizer: row(normalizer), ...spread };
      let forTokens: Tensor, forRows: readonly Tensor[];
      if (!apart) {
        const given = { ...common, targets: row(targets), logprob: gLogprob && row(gLogprob) };
        [forTokens, forRows] = walkBack(pieces, tokens, tokens, given);
      } else if (!g) {
        [forTokens, forRows] = walkBack(pieces, tokens, neg(tokens), common);
        forTokens = neg(forTokens);
      } else {
        const chosen = mul(tokens, g), places = reshape(targets, [tokens.shape[0] as Dim]);
        // Without an entropy the cotangent g does not have to go through the chunks.
        [forTokens, forRows] = gEntropy
          ? walkBack(pieces, tokens, neg(tokens), { ...common, logprob: row(gLogprob as Tensor) })
          : walkBack(pieces, tokens, neg(chosen), common);
        const read = gather(apart, places);
        forTokens = gEntropy ? sub(mul(read, g), forTokens) : mul(sub(read, forTokens), g);
        forRows = [addRows(concat(forRows, 0), places, chosen, apart.shape)];
      }
      return [
        () => reshape(forTokens, hidden.shape),
        ...embedding.map((_, i) => () =>
          concat(forRows.filter((_, part) => forRows.length === 1 || pieces[part]?.block === i), 0)
        ),
        undefined,
      ];
    },
  });
  return { logprobs: logprobs as Tensor, entropy: entropy as Tensor };
}

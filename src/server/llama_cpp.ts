/**
 * llama.cpp's server. Its `/v1/completions` names tokens only beside their log-probs, and leaves out those that end within a
 * character of several tokens; `/completion` gives all ids. It cannot score what it did not draw. Source: llama.cpp's
 * `tools/server`.
 *
 * @module
 */

import { z } from "zod";
import { answerOf, checkCount, type Dialect, noLogprobs, tokenList } from "./dialect.ts";
import { ServerError } from "./error.ts";

const remedy = "use a version of llama.cpp's server that knows return_tokens and n_probs";

const answerSchema = z.object({
  content: z.string(),
  tokens: tokenList.optional(),
  stop_type: z.string(),
  tokens_predicted: z.int(),
  tokens_evaluated: z.int(),
  truncated: z.boolean().optional(),
  completion_probabilities: z.array(z.object({ id: z.int(), logprob: z.number() })).optional(),
});

/** Its reasons to stop as `/v1/completions` names them. */
const finishes: Readonly<Record<string, string>> = { eos: "stop", limit: "length" };

/** llama.cpp's dialect. */
export const llamaCpp: Dialect = {
  owner: "llamacpp",
  path: "/completion",
  body: ({ model, prompt, seed, temperature, maxTokens }) => ({
    model,
    prompt,
    seed,
    temperature,
    n_predict: maxTokens,
    samplers: ["temperature"],
    top_p: 1,
    top_k: 0,
    min_p: 0,
    typical_p: 1,
    top_n_sigma: -1,
    xtc_probability: 0,
    dynatemp_range: 0,
    mirostat: 0,
    repeat_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    dry_multiplier: 0,
    ignore_eos: false,
    stop: [],
    // What an earlier prompt left in the cache was computed in another batch.
    cache_prompt: false,
    n_probs: 1,
    post_sampling_probs: false,
    return_tokens: true,
    stream: false,
  }),
  read: (answer) => {
    const { content, tokens, stop_type, tokens_predicted, tokens_evaluated, truncated, ...rest } = answerOf(
      answerSchema,
      answer,
      "completion",
    );
    if (!tokens) throw new ServerError(`Cannot use the server: its answer has no token ids; ${remedy}`);
    checkCount("token ids", tokens.length, tokens_predicted);
    const rows = rest.completion_probabilities ?? [];
    if (rows.length === 0 && tokens.length > 0) throw noLogprobs(remedy);
    if (rows.length > tokens.length) checkCount("log-probs", rows.length, tokens.length);
    const whole = rows.length === tokens.length;
    if (whole && rows.some(({ id }, i) => id !== tokens[i])) {
      throw new ServerError("Cannot use the server: an answer's log-probs are of other tokens than its ids");
    }
    return {
      tokens,
      logprobs: whole ? rows.map(({ logprob }) => logprob) : undefined,
      finish: truncated ? "truncated" : finishes[stop_type] ?? stop_type,
      text: content,
      promptTokens: tokens_evaluated,
      fingerprint: undefined,
    };
  },
  factPaths: ["/props"],
  facts: (answer) => {
    const schema = z.object({ build_info: z.string(), total_slots: z.int().optional() });
    const { build_info, total_slots } = answerOf(schema, answer, "facts");
    return { version: build_info, slots: total_slots };
  },
};

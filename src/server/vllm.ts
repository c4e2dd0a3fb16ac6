/**
 * vLLM: `/v1/completions` with `return_token_ids` (from 0.10.2) and `prompt_logprobs`. Source: vLLM's
 * `entrypoints/openai/completion`.
 *
 * @module
 */

import { z } from "zod";
import { answerOf, checkCount, completionBody, type Dialect, noLogprobs, readCompletion } from "./dialect.ts";

const remedy = "use vLLM 0.10.2 or later, whose --max-logprobs is 1 or more";

const scoresSchema = z.object({
  choices: z.array(z.object({
    // By token id; the first token has none.
    prompt_logprobs: z.array(z.record(z.string(), z.object({ logprob: z.number() })).nullable()).nullish(),
  })).length(1),
});

/** vLLM's dialect. */
export const vllm: Dialect = {
  owner: "vllm",
  path: "/v1/completions",
  body: (request) => ({
    ...completionBody(request),
    stop: [],
    add_special_tokens: false,
    spaces_between_special_tokens: false,
  }),
  read: (answer) => readCompletion(answer, remedy),
  scoring: {
    body: (model, tokens) => ({
      model,
      prompt: tokens,
      n: 1,
      max_tokens: 1,
      temperature: 1,
      top_p: 1,
      top_k: -1,
      min_p: 0,
      prompt_logprobs: 1,
      echo: false,
      stream: false,
      add_special_tokens: false,
    }),
    read: (answer, tokens) => {
      const { choices: [choice] } = answerOf(scoresSchema, answer, "scores");
      const rows = choice?.prompt_logprobs;
      if (!rows) throw noLogprobs(remedy);
      checkCount("log-probs", rows.length, tokens.length);
      return tokens.slice(1).map((token, i) => {
        const logprob = rows[i + 1]?.[token]?.logprob;
        if (logprob === undefined) throw noLogprobs(remedy);
        return logprob;
      });
    },
  },
  factPaths: ["/version"],
  facts: (answer) => {
    const { version } = answerOf(z.object({ version: z.string() }), answer, "version");
    return { version };
  },
};

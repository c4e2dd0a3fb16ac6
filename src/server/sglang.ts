/**
 * SGLang: `/v1/completions` with `return_token_ids`; log-probs of a given text come with `echo`. Its seeds count only
 * under `--enable-deterministic-inference`. Source: SGLang's `srt/entrypoints/openai`.
 *
 * @module
 */

import { z } from "zod";
import {
  answerOf,
  checkCount,
  completionBody,
  completionSchema,
  type Dialect,
  noLogprobs,
  readCompletion,
} from "./dialect.ts";

const remedy = "use a version of SGLang whose /v1/completions knows return_token_ids";

const factsSchema = z.object({
  version: z.string(),
  dtype: z.string().nullish(),
  kv_cache_dtype: z.string().nullish(),
  enable_deterministic_inference: z.boolean().nullish(),
  max_running_requests: z.int().nullish(),
});

/** SGLang writes "auto" for what it chose; that says nothing. */
function told(value: string | null | undefined): string | undefined {
  return value === null || value === "auto" ? undefined : value;
}

/** SGLang's dialect. */
export const sglang: Dialect = {
  owner: "sglang",
  path: "/v1/completions",
  body: completionBody,
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
      logprobs: 1,
      echo: true,
      stream: false,
    }),
    read: (answer, tokens) => {
      // The prompt's tokens, the first without a log-prob, then the one that was drawn.
      const { choices: [choice] } = answerOf(completionSchema, answer, "scores");
      const rows = choice?.logprobs?.token_logprobs;
      if (!rows) throw noLogprobs(remedy);
      checkCount("log-probs", rows.length, tokens.length + 1);
      return rows.slice(1, tokens.length).map((logprob) => {
        if (logprob === null) throw noLogprobs(remedy);
        return logprob;
      });
    },
  },
  factPaths: ["/server_info", "/get_server_info"],
  facts: (answer) => {
    const { version, dtype, kv_cache_dtype, enable_deterministic_inference, max_running_requests } = answerOf(
      factsSchema,
      answer,
      "facts",
    );
    return {
      version,
      dtype: told(dtype),
      kvCacheDtype: told(kv_cache_dtype),
      deterministic: enable_deterministic_inference ?? undefined,
      slots: max_running_requests ?? undefined,
    };
  },
};

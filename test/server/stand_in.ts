/**
 * A stand-in for an inference server, on 127.0.0.1: it speaks an engine's dialect, really samples and scores with the weights
 * that it is given, and fails on demand.
 *
 * @module
 */

import type { Model, TensorSource } from "../../src/model/mod.ts";
import { artifactName, type Artifacts } from "../../src/artifact/mod.ts";
import { plainLayout } from "../../src/model/mod.ts";
import {
  type HeldPolicy,
  placeParameters,
  Sampler,
  samplerArtifacts,
  scoreResponses,
} from "../../src/rl/mod.ts";
import { type DeviceTensors, openRuntime, type Runtime } from "../../src/runtime/mod.ts";
import type { EngineName } from "../../src/server/mod.ts";

/** What can go wrong with one answer. */
export type Fault =
  | "cut"
  | "429"
  | "500"
  | "slow"
  | "garbage"
  | "html"
  | "miscounted"
  | "wrong log-probs"
  | "no log-probs"
  | "no ids"
  | "short"
  | "foreign end"
  | "refused";

/** What is served, and how. */
export interface StandInOptions {
  /** Whose dialect it speaks. */
  readonly engine: EngineName;
  readonly model: Model;
  /** The graphs. */
  readonly artifacts: Artifacts;
  /** Other weights than the model's. */
  readonly weights?: TensorSource;
  /** Weights by served name, where it serves several models. */
  readonly byName?: Readonly<Record<string, TensorSource>>;
  /** Another tokenizer: the text of ids. */
  readonly decode?: (tokens: readonly number[]) => string;
  /** Log-probs of what was sampled from instead of the model's. */
  readonly processed?: boolean;
  readonly maxPromptTokens: number;
  readonly maxResponseTokens: number;
  /** Served names. */
  readonly names?: readonly string[];
  readonly owner?: string;
  /** What opens it. */
  readonly key?: string;
  /** What is waited for before the n-th completion, from 0. */
  readonly before?: (completion: number) => Promise<void>;
  /** What goes wrong with the n-th completion, from 0. */
  readonly fault?: (completion: number) => Fault | undefined;
}

/** A request as it came. */
export interface Received {
  readonly path: string;
  readonly authorization: string | null;
  // deno-lint-ignore no-explicit-any -- what a client sends is looked at field by field
  readonly body: any;
}

/** A response that was sampled. */
interface Sampled {
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  readonly ended: boolean;
  readonly text: string;
}

const owners: Readonly<Record<EngineName, string>> = {
  vllm: "vllm",
  sglang: "sglang",
  "llama.cpp": "llamacpp",
};

/** What each engine tells of itself, by path. */
const facts: Readonly<Record<EngineName, Readonly<Record<string, unknown>>>> = {
  vllm: { "/version": { version: "0.18.0" } },
  sglang: {
    "/get_server_info": {
      version: "0.5.9",
      dtype: "bfloat16",
      kv_cache_dtype: "auto",
      enable_deterministic_inference: true,
      max_running_requests: 16,
    },
  },
  "llama.cpp": { "/props": { build_info: "b9000-abcdef", total_slots: 4 } },
};

/** An answer of `/v1/completions`. */
function openAiAnswer(prompt: readonly number[], { tokens, logprobs, ended, text }: Sampled): unknown {
  return {
    object: "text_completion",
    choices: [{
      index: 0,
      text,
      finish_reason: ended ? "stop" : "length",
      logprobs: { tokens: tokens.map(String), token_logprobs: logprobs },
      token_ids: tokens,
      prompt_token_ids: prompt,
    }],
    usage: { prompt_tokens: prompt.length, completion_tokens: tokens.length },
  };
}

const answers: Readonly<Record<EngineName, (prompt: readonly number[], sampled: Sampled) => unknown>> = {
  vllm: openAiAnswer,
  sglang: openAiAnswer,
  "llama.cpp": (prompt, { tokens, logprobs, ended, text }) => ({
    content: text,
    tokens,
    stop_type: ended ? "eos" : "limit",
    tokens_predicted: tokens.length,
    tokens_evaluated: prompt.length,
    truncated: false,
    completion_probabilities: tokens.map((id, i) => ({ id, token: String(id), logprob: logprobs[i] })),
  }),
};

/** Scores as vLLM and SGLang answer them. */
const scored: Readonly<
  Record<
    Exclude<EngineName, "llama.cpp">,
    (tokens: readonly number[], logprobs: readonly number[]) => unknown
  >
> = {
  vllm: (tokens, logprobs) => ({
    choices: [{
      prompt_logprobs: tokens.map((token, i) =>
        i === 0 ? null : { [token]: { logprob: logprobs[i - 1], rank: 1 } }
      ),
    }],
  }),
  sglang: (tokens, logprobs) => ({
    choices: [{
      text: "",
      finish_reason: "length",
      logprobs: { token_logprobs: [null, ...logprobs, -1] },
    }],
    usage: { prompt_tokens: tokens.length, completion_tokens: 1 },
  }),
};

/** A stand-in that runs. */
export class StandIn implements AsyncDisposable {
  /** Every completion and score that was asked for. */
  readonly received: Received[] = [];
  /** The most completions that were asked for at a time. */
  mostAtOnce = 0;
  /** What is served from now on: tests exchange it in the middle. */
  options: StandInOptions;
  readonly #runtime: Runtime = openRuntime({ provider: "cpu", threads: 1 });
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** By temperature, ready with the weights. */
  readonly #samplers = new Map<number, readonly [Sampler, HeldPolicy]>();
  #parameters: readonly [TensorSource, DeviceTensors] | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #atOnce = 0;
  #completions = 0;

  constructor(options: StandInOptions) {
    this.options = options;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      return this.#answer(request);
    });
  }

  /** Where it answers. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await this.#turn.catch(() => {});
    await this.#release();
  }

  async #release(): Promise<void> {
    for (const [sampler, held] of this.#samplers.values()) {
      await held.dispose();
      await sampler.dispose();
    }
    this.#samplers.clear();
    for (const tensor of Object.values(this.#parameters?.[1] ?? {})) tensor.dispose();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url),
      { engine, key, byName, names = Object.keys(byName ?? { served: 0 }) } = this.options;
    const authorization = request.headers.get("authorization");
    if (key !== undefined && authorization !== `Bearer ${key}`) {
      return Response.json({ error: { message: `Unauthorized: ${authorization}` } }, { status: 401 });
    }
    if (pathname === "/v1/models") {
      const owner = this.options.owner ?? owners[engine];
      return Response.json({ data: names.map((id) => ({ id, owned_by: owner })) });
    }
    const fact = facts[engine][pathname];
    if (fact !== undefined) return Response.json(fact);
    const path = engine === "llama.cpp" ? "/completion" : "/v1/completions";
    if (pathname !== path || request.method !== "POST") {
      return Response.json({ detail: "Not Found" }, { status: 404 });
    }
    const body = await request.json();
    this.received.push({ path: pathname, authorization, body });
    if (engine !== "llama.cpp" && (body.prompt_logprobs !== undefined || body.echo === true)) {
      return Response.json(scored[engine](body.prompt, await this.#score(body)));
    }
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    try {
      const completion = this.#completions++;
      await this.options.before?.(completion);
      return await this.#complete(body, this.options.fault?.(completion));
    } finally {
      this.#atOnce--;
    }
  }

  async #complete(body: Received["body"], fault: Fault | undefined): Promise<Response> {
    if (fault === "429") return new Response("busy", { status: 429, headers: { "retry-after": "0" } });
    if (fault === "500") return Response.json({ message: "out of memory" }, { status: 500 });
    if (fault === "refused") return Response.json({ error: { message: "no such field" } }, { status: 400 });
    if (fault === "garbage") return new Response('{"choices": [');
    if (fault === "html") return new Response("<html>Bad gateway</html>");
    if (fault === "slow") {
      await new Promise((resolve) => setTimeout(resolve, 6000));
      return Response.json({});
    }
    const sampled = await this.#sample(body), { engine } = this.options;
    // deno-lint-ignore no-explicit-any -- faults reach into whatever shape the engine has
    const answer = answers[engine](body.prompt, sampled) as any, [choice] = answer.choices ?? [];
    const rows: { logprob: number }[] = answer.completion_probabilities ?? [];
    if (fault === "cut") {
      const text = new TextEncoder().encode(JSON.stringify(answer));
      const stream = new ReadableStream({
        start: (controller) => {
          controller.enqueue(text.slice(0, text.length / 2));
          controller.close();
        },
      });
      return new Response(stream, { headers: { "content-length": String(text.length) } });
    }
    if (fault === "miscounted") {
      if (choice) answer.usage.completion_tokens++;
      else answer.tokens_predicted++;
    }
    if (fault === "wrong log-probs") {
      if (choice) choice.logprobs.token_logprobs = sampled.logprobs.map((value) => value - 0.3);
      for (const row of rows) row.logprob -= 0.3;
    }
    if (fault === "no log-probs") {
      if (choice) choice.logprobs = null;
      else delete answer.completion_probabilities;
    }
    if (fault === "no ids") {
      if (choice) delete choice.token_ids;
      else delete answer.tokens;
    }
    if (fault === "short" || fault === "foreign end") {
      const cut = answers[engine](body.prompt, {
        ...sampled,
        tokens: sampled.tokens.slice(0, 1),
        logprobs: sampled.logprobs.slice(0, 1),
        ended: fault === "foreign end",
      });
      return Response.json(cut);
    }
    return Response.json(answer);
  }

  /** One at a time: sampler and graphs belong to whoever runs them. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.catch(() => {}).then(work);
    this.#turn = turn;
    return await turn;
  }

  async #placed(name: string): Promise<DeviceTensors> {
    const { byName, weights: other, model } = this.options,
      weights = byName?.[name] ?? other ?? model.weights;
    if (this.#parameters?.[0] !== weights) {
      await this.#release();
      this.#parameters = [weights, await placeParameters(this.#runtime, weights, plainLayout)];
    }
    return this.#parameters[1];
  }

  #graph(model: string): Uint8Array {
    return this.options.artifacts[artifactName(model)] as Uint8Array;
  }

  async #score({ prompt: tokens, model }: Received["body"]): Promise<number[]> {
    const text = { prompt: tokens.slice(0, 1), response: tokens.slice(1) };
    const [logprobs = []] = await this.#inTurn(async () =>
      await scoreResponses(
        this.#runtime,
        this.#graph("eval_model"),
        await this.#placed(model),
        [text],
        512,
        1,
      )
    );
    return logprobs;
  }

  async #opened(temperature: number, parameters: DeviceTensors): Promise<readonly [Sampler, HeldPolicy]> {
    const known = this.#samplers.get(temperature);
    if (known) return known;
    const { model, maxPromptTokens, maxResponseTokens } = this.options,
      graphs = samplerArtifacts((name) => this.#graph(name));
    const settings = {
      temperature,
      maxPromptTokens,
      maxResponseTokens,
      endIds: model.tokenizer.endIds,
      batch: 1,
    };
    const sampler = await Sampler.open(this.#runtime, graphs, model.config, settings);
    const opened = [sampler, await sampler.hold(parameters)] as const;
    this.#samplers.set(temperature, opened);
    return opened;
  }

  async #sample(body: Received["body"]): Promise<Sampled> {
    const { model, processed } = this.options;
    const { prompt, seed, temperature } = body, limit: number = body.max_tokens ?? body.n_predict;
    return await this.#inTurn(async () => {
      const parameters = await this.#placed(body.model),
        [sampler, held] = await this.#opened(temperature, parameters);
      const [rollout] = await sampler.sample(held, [{ prompt, problem: seed, sample: 0 }], [1, 2]);
      const response = rollout?.response.slice(0, limit) ?? [];
      const ended = (rollout?.ended ?? false) && response.length === rollout?.response.length;
      const raw = async (): Promise<number[]> => {
        const texts = [{ prompt, response }], graph = this.#graph("eval_model");
        return (await scoreResponses(this.#runtime, graph, parameters, texts, 512, 1))[0] ?? [];
      };
      const logprobs = processed ? rollout?.logprobs.slice(0, limit) ?? [] : await raw();
      const decode = this.options.decode ??
        ((tokens: readonly number[]) => model.tokenizer.decode(tokens, { skipSpecialTokens: true }));
      return { tokens: response, logprobs, ended, text: decode(response) };
    });
  }
}

/** A model's weights but for one tensor, whose elements are multiplied: other weights of the same shape. */
export function otherWeights({ entries, read }: TensorSource, factor: number): TensorSource {
  return {
    entries,
    read: async (name) => {
      const tensor = await read(name);
      if (name !== "model.norm.weight") return tensor;
      return { ...tensor, data: (tensor.data as Float32Array).map((value) => value * factor) };
    },
  };
}

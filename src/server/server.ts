/**
 * An inference server: which engine it is and what it serves, completions of token ids, log-probs of given tokens.
 *
 * @module
 */

import { z } from "zod";
import { printable } from "../http/mod.ts";
import {
  answerOf,
  type Completion,
  type CompletionRequest,
  type Dialect,
  type EngineFacts,
} from "./dialect.ts";
import { dialects, type EngineName, engineNames, engineOfOwner } from "./engines.ts";
import { ServerError } from "./error.ts";
import { type RequestOptions, ServerRequests } from "./request.ts";

/** What is to be asked. */
export interface ServerOptions extends RequestOptions {
  /** The engine; absent: as it calls itself. */
  readonly engine?: EngineName | undefined;
  /** The name of the model; absent: the only one. */
  readonly model?: string | undefined;
}

/** Who answers. */
export interface ServerIdentity extends EngineFacts {
  /** The engine. */
  readonly engine: EngineName;
}

/** What a model must be able to say and how it ends. */
export interface Vocabulary {
  /** Tokens that it knows. */
  readonly size: number;
  /** Those that end a response. */
  readonly endIds: readonly number[];
}

/** A response that is sound. */
export interface ServedResponse {
  /** Its tokens, up to the first that ends a response. */
  readonly tokens: readonly number[];
  /** log π of each; absent where the engine left some out. */
  readonly logprobs: readonly number[] | undefined;
  /** Whether it ended by itself. */
  readonly ended: boolean;
  /** The server's own text of its tokens. */
  readonly text: string;
}

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), owned_by: z.string().optional() })).min(1),
});

/** How often the first question is asked again. */
const FIRST_RETRIES = 2;

/** Names in a message: not so many that nobody reads them. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${printable(name)}"`);
  return shown.join(", ") + (names.length > shown.length ? `, … (${names.length})` : "");
}

/** A server that was asked who it is. */
export class InferenceServer {
  readonly #requests: ServerRequests;
  readonly #dialect: Dialect;
  readonly #model: string;
  /** Who answered when it was opened. */
  readonly identity: ServerIdentity;
  /** The build that completions named, where they do. */
  #fingerprint: string | undefined;

  private constructor(requests: ServerRequests, identity: ServerIdentity, model: string) {
    this.#requests = requests;
    this.#dialect = dialects[identity.engine];
    this.#model = model;
    this.identity = identity;
  }

  /**
   * Asks a server who it is and what it serves.
   *
   * @throws {ServerError} If it does not answer, is an unknown engine, or does not serve the model.
   */
  static async open({ engine, model, ...options }: ServerOptions): Promise<InferenceServer> {
    const requests = new ServerRequests(options);
    // Where nobody answers at all, the address is wrong more often than the server busy.
    const first = new ServerRequests({ ...options, retries: Math.min(options.retries, FIRST_RETRIES) });
    const served = await servedModels(first);
    const names = served.map(({ id }) => id), chosen = model ?? (names.length === 1 ? names[0] : undefined);
    if (chosen === undefined) {
      throw new ServerError(`Cannot choose a model: the server serves ${listed(names)}; say --served-model`);
    }
    const entry = served.find(({ id }) => id === chosen);
    if (!entry) {
      throw new ServerError(`Cannot find "${printable(chosen)}": the server serves ${listed(names)}`);
    }
    const name = engine ?? engineOfOwner(entry.owned_by ?? "");
    if (!name) {
      throw new ServerError(
        `Cannot tell the engine: the server calls itself "${
          printable(entry.owned_by ?? "")
        }"; say evaluation.server.engine in the profile: ${engineNames.join(", ")}`,
      );
    }
    const facts = await factsOf(requests, dialects[name]);
    return new InferenceServer(requests, { engine: name, ...facts }, chosen);
  }

  /** The build that completions named; absent where the engine does not. */
  get fingerprint(): string | undefined {
    return this.#fingerprint;
  }

  /** Can it score what it did not draw? */
  get scores(): boolean {
    return this.#dialect.scoring !== undefined;
  }

  /** Who answers now. */
  async ask(): Promise<ServerIdentity> {
    const served = await servedModels(this.#requests);
    if (!served.some(({ id }) => id === this.#model)) {
      throw new ServerError("Cannot go on with the server: it no longer serves the model");
    }
    return { engine: this.identity.engine, ...await factsOf(this.#requests, this.#dialect) };
  }

  /**
   * Asks for a response.
   *
   * @param signal Ends the request.
   * @throws {ServerError} If it is not a response of this model: too long, of unknown tokens, to another prompt, or ended
   * where this model's do not.
   */
  async complete(
    request: Omit<CompletionRequest, "model" | "endIds">,
    vocabulary: Vocabulary,
    signal?: AbortSignal,
  ): Promise<ServedResponse> {
    const whole = { ...request, model: this.#model, endIds: vocabulary.endIds };
    const completion = this.#dialect.read(
      await this.#requests.ask(this.#dialect.path, this.#dialect.body(whole), signal),
    );
    this.#fingerprint ??= completion.fingerprint;
    if (completion.fingerprint !== undefined && completion.fingerprint !== this.#fingerprint) {
      throw new ServerError("Cannot go on with the server: it became another build in the middle");
    }
    return soundResponse(request, completion, vocabulary);
  }

  /**
   * log π of each token but the first, at temperature 1.
   *
   * @throws {ServerError} If it does not say them.
   */
  async score(tokens: readonly number[]): Promise<number[]> {
    const { path, scoring } = this.#dialect;
    if (!scoring) throw new TypeError(`internal: ${this.identity.engine} cannot score`);
    return scoring.read(await this.#requests.ask(path, scoring.body(this.#model, tokens)), tokens);
  }
}

async function servedModels(
  requests: ServerRequests,
): Promise<{ id: string; owned_by?: string | undefined }[]> {
  return answerOf(modelsSchema, await requests.ask("/v1/models"), "list of models").data;
}

/** Statuses of what a server does not have, or a site does not show. */
const hidden: ReadonlySet<number | undefined> = new Set([403, 404, 405, 501]);

/** What it tells of itself; where a site lets only completions through, nothing. */
async function factsOf(requests: ServerRequests, { factPaths, facts }: Dialect): Promise<EngineFacts> {
  for (const path of factPaths) {
    try {
      return facts(await requests.ask(path));
    } catch (error) {
      if (!(error instanceof ServerError && hidden.has(error.status))) throw error;
    }
  }
  return { version: "unknown" };
}

/** A response as this model's, or why it is none. */
function soundResponse(
  { prompt, maxTokens }: Pick<CompletionRequest, "prompt" | "maxTokens">,
  { tokens, logprobs, finish, text, promptTokens }: Completion,
  { size, endIds }: Vocabulary,
): ServedResponse {
  const refuse = (reason: string): never => {
    throw new ServerError(`Cannot use the server: ${reason}`);
  };
  if (promptTokens !== prompt.length) {
    refuse(
      `it read a prompt of ${prompt.length} tokens as ${promptTokens}; its context may be shorter, or it adds tokens of its own`,
    );
  }
  const foreign = tokens.find((token) => token >= size);
  if (foreign !== undefined) {
    refuse(`it answers with token ${foreign}, and this model has ${size}: it serves another tokenizer`);
  }
  if (tokens.length === 0) refuse("an answer has no tokens, not even one that ends it");
  if (tokens.length > maxTokens) refuse(`an answer has ${tokens.length} tokens, asked for were ${maxTokens}`);
  if (logprobs?.some((value) => !Number.isFinite(value) || value > 1e-3)) {
    refuse("its log-probs are no logarithms of probabilities");
  }
  const end = tokens.findIndex((token) => endIds.includes(token)), ended = end >= 0;
  if (!ended && finish === "stop") {
    refuse(`it ends a response at token ${tokens.at(-1)}, and this model's end at ${endIds.join(" or ")}`);
  }
  if (!ended && tokens.length < maxTokens) {
    refuse(
      `it cut a response at ${tokens.length} of ${maxTokens} tokens ("${
        printable(finish)
      }"); give it a longer context`,
    );
  }
  const kept = ended ? end + 1 : tokens.length;
  return { tokens: tokens.slice(0, kept), logprobs: logprobs?.slice(0, kept), ended, text };
}

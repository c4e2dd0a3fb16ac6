/**
 * Requests to an inference server: patient with one that is busy, and refusals in words.
 *
 * @module
 */

import { askedWait, BUSY_STATUSES, delay, MAX_WAIT, networkReason, printable } from "../http/mod.ts";
import { serverAddress } from "./address.ts";
import { PassingError, ServerError } from "./error.ts";

/** How a server is asked. */
export interface RequestOptions {
  /** Where it answers. */
  readonly url: string;
  /** What opens it. */
  readonly key?: string | undefined;
  /** Milliseconds until an answer is given up. */
  readonly timeout: number;
  /** How often a request is made again. */
  readonly retries: number;
  /** Milliseconds before the first repetition, doubled with each; default 500. */
  readonly backoff?: number | undefined;
  /** Told why nothing happens, and for how many milliseconds. */
  readonly onWait?: ((reason: string, milliseconds: number) => void) | undefined;
}

/** The longest answer that is read, in bytes: a long response's tokens with their alternatives. */
const MAX_ANSWER = 64 * 2 ** 20;

/** What a server says of its refusal: `message`, wherever the engines put it. */
function refusalOf(text: string): string {
  try {
    const { error, message, detail } = JSON.parse(text);
    const said = error?.message ?? (typeof error === "string" ? error : undefined) ?? message ?? detail;
    return typeof said === "string" ? said : "";
  } catch {
    return "";
  }
}

/** Sends requests to one server. */
export class ServerRequests {
  readonly #base: string;
  readonly #options: RequestOptions;

  /**
   * Opens nothing yet.
   *
   * @throws {ServerError} If the address cannot be used.
   */
  constructor(options: RequestOptions) {
    this.#base = serverAddress(options.url);
    this.#options = options;
  }

  /**
   * Asks, again and again while it fails for reasons that may pass.
   *
   * @param path From the base on: `/v1/models`.
   * @param body What is posted; none to get.
   * @param signal Ends the request.
   * @returns The answer's JSON value.
   * @throws {ServerError} If the server refuses, or too many tries failed.
   */
  async ask(path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
    const { retries, backoff = 500, onWait } = this.#options;
    for (let failures = 0;; failures++) {
      try {
        return await this.#once(path, body, signal);
      } catch (error) {
        if (!(error instanceof PassingError)) throw error;
        if (failures >= retries) {
          const tries = `tried ${failures + 1} time${failures === 0 ? "" : "s"}`;
          throw new ServerError(
            `Cannot go on with the server: ${error.message} (${tries}); what it answered is kept: the same command asks for the rest`,
            { cause: error },
          );
        }
        const wait = error.wait ?? Math.min(backoff * 2 ** failures, MAX_WAIT);
        onWait?.(error.message, wait);
        await delay(wait, signal);
      }
    }
  }

  async #once(path: string, body: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    const { key, timeout } = this.#options;
    const timer = AbortSignal.timeout(timeout);
    const ended = (error: unknown, what: string): unknown => {
      if (signal?.aborted) return signal.reason;
      if (timer.aborted) return new PassingError(`no answer within ${timeout / 1000} s`);
      if (error instanceof Deno.errors.NotCapable) return error;
      return new PassingError(`${what}: ${this.#hidden(networkReason(error))}`);
    };
    const request: RequestInit = {
      method: body === undefined ? "GET" : "POST",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual", // the key stays where it belongs
      signal: signal ? AbortSignal.any([signal, timer]) : timer,
    };
    const response = await fetch(`${this.#base}${path}`, request).catch((error) => {
      throw ended(error, "no connection to the server");
    });
    const text = await readText(response).catch((error) => {
      throw error instanceof ServerError ? error : ended(error, "the connection was cut");
    });
    const { status, headers } = response;
    if (!response.ok) {
      const said = this.#hidden(refusalOf(text)), refusal = `it answers ${status}${said && `, "${said}"`}`;
      if (BUSY_STATUSES.has(status)) throw new PassingError(refusal, askedWait(headers));
      throw new ServerError(`Cannot use the server: ${refusal}${this.#advice(status, path)}`, { status });
    }
    try {
      return JSON.parse(text);
    } catch {
      throw new PassingError("its answer is no JSON");
    }
  }

  /** A foreign text on one line, without the key and the address. */
  #hidden(text: string): string {
    const secrets = [this.#options.key, this.#base, new URL(this.#base).host, new URL(this.#base).hostname];
    return printable(
      secrets.reduce<string>((shown, secret) => secret ? shown.replaceAll(secret, "…") : shown, text),
    );
  }

  #advice(status: number, path: string): string {
    if (status === 401 || status === 403) {
      return this.#options.key === undefined
        ? "; set BUPO_SERVER_KEY to its key"
        : "; it does not accept the key in BUPO_SERVER_KEY";
    }
    if (status >= 300 && status < 400) {
      return "; redirects are not followed, name the address that they lead to";
    }
    if (status === 404) return ` to ${path}; check the address and the engine`;
    return "";
  }
}

/** The text of an answer, of bounded length. */
async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "", length = 0;
  for await (const chunk of response.body ?? []) {
    if ((length += chunk.length) > MAX_ANSWER) {
      throw new ServerError(`Cannot use the server: an answer is longer than ${MAX_ANSWER} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

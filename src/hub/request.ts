/**
 * Requests to the Hub: patience with busy servers, redirects followed by hand so that the token stays at home, and
 * refusals in words.
 *
 * @module
 */

import { askedWait, BUSY_STATUSES, delay, MAX_WAIT, networkReason, printable } from "../http/mod.ts";
import { HubError, MismatchError, TransientError } from "./error.ts";
import { checkEndpoint, type HubOptions } from "./options.ts";
import { climbs, type HubRepository, repositoryName, repositoryPage } from "./repository.ts";

/** What a request is made for. */
export interface RequestContext {
  /** What fails if it fails, after "Cannot": `download config.json of model x/y at main`. */
  readonly task: string;
  /** The repository it is about. */
  readonly repository: HubRepository;
  /** Ends the request. */
  readonly signal?: AbortSignal;
  /** Told why and for how many milliseconds nothing happens. */
  readonly onWait?: (reason: string, milliseconds: number) => void;
}

/** Redirects in a row. */
const MAX_REDIRECTS = 10;

/** The longest answer to a question, in bytes; files have no limit. */
const MAX_ANSWER = 16 * 2 ** 20;

/** Ends a request when nothing came for a while. */
export class Watchdog implements Disposable {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Aborts when nothing came, or when the other signal does. */
  readonly signal: AbortSignal;

  /** Begins to watch. */
  constructor(milliseconds: number, other?: AbortSignal) {
    this.#milliseconds = milliseconds;
    this.signal = other ? AbortSignal.any([other, this.#controller.signal]) : this.#controller.signal;
    this.touch();
  }

  /** Whether the time ran out. */
  get expired(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Something came: the time begins again. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), this.#milliseconds);
  }

  /** Stops watching. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Sends requests to one endpoint. */
export class HubRequests {
  /** The endpoint without a slash at the end. */
  readonly endpoint: string;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly stall: number;
  readonly #origin: string;
  readonly #token: string | undefined;
  readonly #retries: number;
  readonly #backoff: number;

  /** Opens nothing yet. */
  constructor(options: HubOptions) {
    this.endpoint = checkEndpoint(options.endpoint);
    this.stall = options.stall ?? 30_000;
    this.#origin = new URL(this.endpoint).origin;
    this.#token = options.token;
    this.#retries = options.retries ?? 5;
    this.#backoff = options.backoff ?? 500;
  }

  /**
   * Does the work again while it fails for reasons that may pass, with growing pauses; a try that gained something is
   * not counted.
   *
   * @throws {HubError} If too many tries in a row gained nothing.
   */
  async persist<T>(context: RequestContext, work: () => Promise<T>): Promise<T> {
    for (let failures = 0;; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        if (error.gained) failures = 0;
        if (failures >= this.#retries) {
          const tries = `tried ${failures + 1} time${failures === 0 ? "" : "s"}`;
          throw new HubError(
            `Cannot ${context.task}: ${error.message} (${tries}); check the network and HF_ENDPOINT (${this.endpoint}), then run it again, what has arrived is kept; --offline uses what is cached`,
            { cause: error },
          );
        }
        const wait = error.wait ?? Math.min(this.#backoff * 2 ** failures, MAX_WAIT);
        context.onWait?.(error.message, wait);
        await delay(wait, context.signal);
      }
    }
  }

  /**
   * One try of a request.
   *
   * @throws {TransientError} If it failed for a reason that may pass.
   * @throws {HubError} If the server refused it.
   */
  async send(url: string, init: RequestInit, context: RequestContext, watchdog: Watchdog): Promise<Response> {
    let target = new URL(url);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const headers = new Headers(init.headers);
      headers.delete("authorization");
      if (this.#token !== undefined && target.origin === this.#origin) {
        headers.set("authorization", `Bearer ${this.#token}`);
      }
      const response = await this.#fetch(target, { ...init, headers, redirect: "manual" }, watchdog);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) {
        return response.ok ? response : await this.#refuse(response, context);
      }
      await response.body?.cancel();
      target = this.#redirect(location, target, context);
    }
    throw new HubError(`Cannot ${context.task}: the server redirects more than ${MAX_REDIRECTS} times`);
  }

  /** A `fetch` for questions: patient, to the endpoint only, the answer read whole and of bounded length. */
  asker(context: RequestContext): typeof fetch {
    return (input, init = {}) =>
      this.persist(context, async () => {
        using watchdog = new Watchdog(this.stall, context.signal);
        const response = await this.send(this.#athome(String(input)), init, context, watchdog);
        const parts: Uint8Array<ArrayBuffer>[] = [];
        let length = 0;
        for await (const chunk of this.body(response, watchdog)) {
          parts.push(chunk);
          if ((length += chunk.length) > MAX_ANSWER) {
            throw new HubError(`Cannot ${context.task}: the answer is longer than ${MAX_ANSWER} bytes`);
          }
        }
        return new Response(new Blob(parts), { status: response.status, headers: response.headers });
      });
  }

  /** The bytes of an answer as they come. */
  async *body(response: Response, watchdog: Watchdog): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (!response.body) return;
    const reader = response.body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        watchdog.touch();
        if (done) return;
        yield value;
      }
    } catch (error) {
      throw this.#broken(error, watchdog, "the connection was cut");
    } finally {
      await reader.cancel().catch(() => {}); // it is broken already
    }
  }

  async #fetch(url: URL, init: RequestInit, watchdog: Watchdog): Promise<Response> {
    try {
      return await fetch(url, { ...init, signal: watchdog.signal });
    } catch (error) {
      throw this.#broken(error, watchdog, `no connection to ${url.host}`);
    } finally {
      watchdog.touch();
    }
  }

  /** What a failed read or connection means; what is no matter of the network stays what it is. */
  #broken(error: unknown, watchdog: Watchdog, what: string): unknown {
    if (watchdog.expired) return new TransientError(`nothing came for ${this.stall / 1000} s`);
    if (watchdog.signal.aborted || error instanceof Deno.errors.NotCapable) return error;
    return new TransientError(`${what}: ${networkReason(error)}`);
  }

  /** The address of a further page at the endpoint itself, for mirrors that repeat the Hub's own. */
  #athome(url: string): string {
    const { origin, pathname, search } = new URL(url);
    return origin === this.#origin ? url : `${this.endpoint}${pathname}${search}`;
  }

  /** Where a redirect leads, if it may be followed. */
  #redirect(location: string, from: URL, { task }: RequestContext): URL {
    const target = URL.parse(location, from);
    // The address as it was sent: in the target, ".." is resolved.
    const safe = target && /^https?:$/.test(target.protocol) && target.username + target.password === "" &&
      !(from.protocol === "https:" && target.protocol === "http:") &&
      !climbs(location.replace(/[?#].*$/s, ""));
    if (safe) return target;
    const shown = printable(location.replace(/[?#].*$/s, "")); // a query may hold a signature
    throw new HubError(`Cannot ${task}: the server redirects to "${shown}", which is refused`);
  }

  /** A refusal in words. */
  async #refuse(response: Response, { task, repository }: RequestContext): Promise<never> {
    await response.body?.cancel();
    const { status, headers } = response;
    const code = headers.get("x-error-code") ?? "";
    const said = printable(headers.get("x-error-message") ?? "");
    if (BUSY_STATUSES.has(status)) {
      throw new TransientError(`the server answers ${status}${said && `, "${said}"`}`, {
        wait: askedWait(headers),
      });
    }
    if (status === 416) throw new MismatchError("the server does not have the part that is missing");
    throw new HubError(`Cannot ${task}: ${this.#refusal(status, code, said, repository)}`);
  }

  #refusal(status: number, code: string, said: string, repository: HubRepository): string {
    const page = repositoryPage(this.endpoint, repository);
    const withToken = this.#token === undefined ? "set HF_TOKEN" : "use the HF_TOKEN of that account";
    if (code === "GatedRepo") return `it is gated; accept its licence at ${page} and ${withToken}`;
    if (code === "RevisionNotFound") return `there is no such revision; ${page} has a list of them`;
    if (code === "EntryNotFound") return `there is no such file; ${page} has a list of them`;
    if (code === "RepoNotFound" || (status === 404 && code === "")) {
      return `there is none at ${page}, or it is private; check the name, or ${withToken}`;
    }
    if (status === 401) {
      return this.#token === undefined
        ? `${this.endpoint} asks for a token; set HF_TOKEN`
        : `${this.endpoint} does not accept the token; check HF_TOKEN`;
    }
    if (status === 403) {
      return `access is denied${
        said && `, "${said}"`
      }; accept its licence at ${page}, if it has one, and ${withToken}`;
    }
    return `the server answers ${status}${said && `, "${said}"`}`;
  }
}

/** The task of downloading a file, in words. */
export function downloadTask(path: string, repository: HubRepository): string {
  return `download ${printable(path)} of ${repositoryName(repository)}`;
}

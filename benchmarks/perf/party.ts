/**
 * A process that works: ours, or a peer. It is asked and answers with a JSON object a line.
 *
 * @module
 */

import { TextLineStream } from "./line_stream.ts";
import type { Answers, Numbers, Request, Work } from "./work.ts";

/** How a process is started. */
export interface Launch {
  /** The program. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What kinds of work somebody can do. */
export type Trade = "training" | "decoding";

/** Somebody who can be measured. */
export interface Contender {
  /** What tables call it: `PyTorch 2.13.0`. */
  readonly name: string;
  readonly trade: Trade;
  /** The least share of greedy tokens that must agree with ours: less where numbers are rounded to 16 bits. */
  readonly agreement: number;
  /** How it is started with a number of threads. */
  launch(threads: number): Launch;
  /** Which works it does not do, and why. */
  refuses?(work: Work): string | undefined;
  /** The folder that it reads a model from, made if it is not there; default: the model's own. */
  model?(directory: string): Promise<string>;
}

/** A process that works. */
export class Party implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #errors: Promise<string>;
  #prepared = 0;

  /** Starts a process. */
  constructor({ command, args, env = {} }: Launch) {
    this.#child = new Deno.Command(command, {
      args: [...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
    this.#errors = new Response(this.#child.stderr).text();
  }

  /** Its versions, and which kernels compute. */
  about(): Promise<Answers["about"]> {
    return this.#ask({ do: "about" });
  }

  /** Lets it prepare a work; later it is known by the number. */
  async prepare(work: Work, directory: string): Promise<{ readonly id: number; readonly numbers: Numbers }> {
    const { numbers } = await this.#ask({ do: "prepare", work, directory });
    return { id: this.#prepared++, numbers };
  }

  /** Lets it do a prepared work once. */
  run(id: number): Promise<Answers["run"]> {
    return this.#ask({ do: "run", id });
  }

  /** The most memory that it had. */
  memory(): Promise<Answers["memory"]> {
    return this.#ask({ do: "memory" });
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#lines.cancel().catch(() => {});
    const late = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    await this.#child.status;
    clearTimeout(late);
  }

  /**
   * @throws {Error} If the process ends instead, with the last line that it said.
   * @throws {SyntaxError} If its answer is none.
   */
  async #ask<K extends Request["do"]>(request: Request & { readonly do: K }): Promise<Answers[K]> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`)).catch(() => {});
    for (;;) {
      const { value, done } = await this.#lines.read();
      if (done) {
        const last = (await this.#errors).trimEnd().split("\n").at(-1) ?? "";
        throw new Error(`Cannot measure: the process ended at "${request.do}": ${last.slice(0, 300)}`);
      }
      // Libraries print what they like; an answer is an object.
      if (!value.startsWith("{")) continue;
      try {
        return JSON.parse(value);
      } catch {
        throw new SyntaxError(`Cannot read the answer to "${request.do}": ${value.slice(0, 100)}`);
      }
    }
  }
}

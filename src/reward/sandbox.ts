/**
 * Calls modules of one's own, and says in a line what was wrong with one.
 *
 * @module
 */

import { type OwnModule, scriptOf } from "../module/mod.ts";
import type { CellJob, CellReport, Shape } from "./cell.ts";

/** A module did not do what it must. */
export class OwnModuleError extends Error {
  /** The class's name. */
  override readonly name = "OwnModuleError";

  /**
   * @param file The module.
   * @param at The call, from 0.
   * @param fault What was wrong.
   * @param where Where in a run that was, in words.
   */
  constructor(readonly file: string, readonly at: number, readonly fault: string, where = "") {
    super(`Cannot use ${file}: ${where === "" ? "" : `${where}: `}${fault}`);
  }
}

/** How long modules may take. */
export interface SandboxOptions {
  /** Milliseconds that a call may take. Default 2000. */
  readonly deadline?: number;
  /** Milliseconds that the worker may take to start. Default 60,000. */
  readonly start?: number;
}

/** Milliseconds between two looks at the worker. */
const TICK = 100;

/** How much longer than its deadline a call may hold the worker, which should have ended it by then; in milliseconds. */
const GRACE = 1000;

/**
 * A worker without permissions that calls modules, one job at a time. After a fault of a module it goes on; after one that
 * held it too long it is of no use.
 */
export class Sandbox implements Disposable {
  readonly #worker: Worker;
  readonly #deadline: number;
  readonly #start: number;
  #running: Promise<unknown> = Promise.resolve();

  /** Starts the worker. */
  constructor({ deadline = 2000, start = 60_000 }: SandboxOptions = {}) {
    this.#deadline = deadline;
    this.#start = start;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "modules of one's own",
      deno: { permissions: "none" },
    });
  }

  /**
   * Calls the default export of a module once for each input.
   *
   * @param shape What it must give.
   * @returns What it gave.
   * @throws {OwnModuleError} If a call throws, takes too long or too much memory, or gives anything else.
   */
  call<T>(module: OwnModule, shape: Shape, inputs: readonly unknown[]): Promise<T[]> {
    const result = this.#running.then(async () => {
      const report = await this.#run(module, shape, inputs.map((input) => JSON.stringify(input)));
      if ("fault" in report) throw new OwnModuleError(module.file, report.at, report.fault);
      return report.outputs.map((output): T => JSON.parse(output));
    });
    this.#running = result.catch(() => undefined);
    return result;
  }

  /** Ends the worker. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #run(module: OwnModule, shape: Shape, inputs: readonly string[]): Promise<CellReport> {
    const begun = new Int32Array(new SharedArrayBuffer(4)), deadline = this.#deadline;
    const { promise, resolve } = Promise.withResolvers<CellReport>();
    let seen = 0, ticks = 0;
    // Counted in looks, not by the clock: while a process is stopped it does not look either.
    const watch = setInterval(() => {
      const now = Atomics.load(begun, 0);
      ticks = now === seen ? ticks + 1 : 0;
      seen = now;
      if (ticks * TICK <= (now === 0 ? this.#start : 3 * deadline + GRACE)) return;
      const fault = now === 0
        ? "it could not be started"
        : "it ran out of memory, or into code that cannot be interrupted";
      resolve({ at: place(), fault });
    }, TICK);
    const place = (): number => Math.max(0, Atomics.load(begun, 0) - 1);
    this.#worker.onmessage = ({ data }: MessageEvent<CellReport | { fault: string }>) => {
      resolve({ at: place(), ...data });
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      resolve({ at: 0, fault: `it could not be started: ${event.message}` });
    };
    const job: CellJob = { script: scriptOf(module), shape, inputs, deadline, begun };
    this.#worker.postMessage(job);
    return promise.finally(() => clearInterval(watch));
  }
}

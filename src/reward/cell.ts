/**
 * Where modules of one's own run: a realm that has the language and nothing else, made anew for each call.
 *
 * @module
 */

import type * as vm from "node:vm";
import type { MessagePort } from "node:worker_threads";

/** What a result must be. */
export type Shape = "number" | "list" | "lists" | "scope";

/** Calls of one module. */
export interface CellJob {
  /** The script of the module. */
  readonly script: string;
  /** What its default export must give; `scope`: nothing is called, and the module says what it is. */
  readonly shape: Shape;
  /** The arguments of the calls, as JSON. */
  readonly inputs: readonly string[];
  /** Milliseconds that a call may take. */
  readonly deadline: number;
  /** Counts the calls that have begun. */
  readonly begun: Int32Array;
}

/** What came of calls: results as JSON, or what was wrong with the one at a place. */
export type CellReport =
  | { readonly outputs: readonly string[] }
  | { readonly at: number; readonly fault: string };

/**
 * Listens to a port for jobs. It is sent to a thread as text, so it names nothing from outside; what it has of Node is
 * given to it.
 */
export function cell(
  port: Pick<MessagePort, "on" | "postMessage">,
  { createContext, Script }: Pick<typeof vm, "createContext" | "Script">,
): void {
  // Runs in the realm first. What would make two runs differ is taken away: it throws where it is asked for.
  const guards = `{
    const missing = (what) => {
      throw new TypeError(what + " is not there: the same response must give the same number");
    };
    const takeAway = (owner, name, what) => {
      if (Object.getOwnPropertyDescriptor(owner, name)?.configurable === false) return;
      Object.defineProperty(owner, name, { get: () => missing(what), configurable: false });
    };
    const globals = ["Date", "Temporal", "Intl", "console", "WeakRef", "FinalizationRegistry", "Atomics",
      "SharedArrayBuffer", "WebAssembly"];
    for (const name of globals) takeAway(globalThis, name, name);
    takeAway(Math, "random", "Math.random()");
    const local = ["toLocaleString", "localeCompare", "toLocaleUpperCase", "toLocaleLowerCase"];
    for (const owner of [Number, BigInt, String, Array, Object].map((type) => type.prototype)) {
      for (const name of local) if (Object.hasOwn(owner, name)) takeAway(owner, name, name + "()");
    }
  }
  const $call = (() => {
    const { parse, stringify } = JSON, { isFinite } = Number, { isArray } = Array, text = String;
    const shown = (value) => {
      if (value === undefined || value === null || typeof value === "number") return text(value);
      if (typeof value === "string") return "the text " + stringify(value.length > 40 ? value.slice(0, 40) + "…" : value);
      if (isArray(value)) return "a list of " + value.length;
      if (typeof value === "object" && typeof value.then === "function") return "a promise";
      return { object: "an object", function: "a function" }[typeof value] ?? typeof value;
    };
    const number = (value) => {
      if (typeof value !== "number" || !isFinite(value)) {
        throw "it returned " + shown(value) + "; expected a finite number";
      }
      return value;
    };
    const list = (value, length, what, each) => {
      const values = ArrayBuffer.isView(value) ? [...value] : value;
      if (!isArray(values)) throw "it returned " + shown(value) + "; expected a list of " + length + " " + what;
      if (values.length !== length) {
        throw "it returned a list of " + values.length + "; expected " + length + " " + what;
      }
      return parse("[" + values.map((_, i) => stringify(each(values[i], i))).join() + "]");
    };
    const advantages = (value, { rewards }) => list(value, rewards.length, "advantages, one a response", number);
    const shapes = {
      number,
      list: advantages,
      lists: (value, groups) => list(value, groups.length, "lists, one a group", (each, i) => advantages(each, groups[i])),
    };
    return (own, shape, input) => {
      try {
        if (shape === "scope") {
          if (typeof own.default !== "function") {
            throw "its default export is " + shown(own.default) + "; expected a function";
          }
          return stringify(own.scope === undefined ? "group" : text(own.scope));
        }
        const before = parse(input);
        let value;
        try {
          value = (0, own.default)(parse(input));
        } catch (error) {
          throw "it threw " + (error instanceof Error ? error.name + ": " + error.message : shown(error));
        }
        return stringify(shapes[shape](value, before));
      } catch (fault) {
        return "!" + (typeof fault === "string" ? fault : "it returned what cannot be read");
      }
    };
  })();`;
  const message = (error: unknown): string => {
    const { code, name, message } = Object(error) as { code?: unknown; name?: unknown; message?: unknown };
    return code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? "" : `it threw ${name}: ${message}`;
  };
  // A promise that nobody waits for would end the thread.
  globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());
  port.on("message", ({ script, shape, inputs, deadline, begun }: CellJob) => {
    const timeout = { timeout: deadline }, outputs: string[] = [];
    const say = (report: CellReport): void => port.postMessage(report);
    const guard = new Script(guards), call = new Script("$call($own, $shape, $input)");
    let module: vm.Script;
    try {
      module = new Script(script);
    } catch (error) {
      return say({ at: 0, fault: message(error) });
    }
    for (const [at, input] of inputs.entries()) {
      Atomics.store(begun, 0, at + 1);
      const place = Object.assign(Object.create(null), { $shape: shape, $input: input });
      const realm = createContext(place, {
        codeGeneration: { strings: false, wasm: false },
        microtaskMode: "afterEvaluate",
      });
      try {
        guard.runInContext(realm, timeout);
        module.runInContext(realm, timeout);
        const output = call.runInContext(realm, timeout);
        if (typeof output !== "string") return say({ at, fault: "it returned what cannot be read" });
        if (output.startsWith("!")) return say({ at, fault: output.slice(1) });
        outputs.push(output);
      } catch (error) {
        return say({ at, fault: message(error) || `it ran longer than ${deadline / 1000} s` });
      }
    }
    say({ outputs });
  });
}

/**
 * A runtime that tells of every run, for tests.
 *
 * @module
 */

import type { DeviceTensors, Runtime, Session } from "../../src/runtime/mod.ts";

/** A runtime that tells of every run before it does it. */
export function watchedRuntime(
  runtime: Runtime,
  onRun: (feeds: DeviceTensors, targets: DeviceTensors | undefined) => void,
): Runtime {
  const load: Runtime["load"] = async (...args) => {
    const session = await runtime.load(...args);
    const run: Session["run"] = (feeds, targets, ...rest) => {
      onRun(feeds, targets);
      return session.run(feeds, targets, ...rest);
    };
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      outputShapes: session.outputShapes,
      run,
      dispose: () => session.dispose(),
    };
  };
  return {
    provider: runtime.provider,
    threads: runtime.threads,
    largestTensor: runtime.largestTensor,
    transfers: runtime.transfers,
    memory: runtime.memory,
    load,
    upload: (...args) => runtime.upload(...args),
    stage: (...args) => runtime.stage(...args),
  };
}

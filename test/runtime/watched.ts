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
  const watched = (session: Session): Session => {
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
  const prepare: Runtime["prepare"] = async (model) => {
    const program = await runtime.prepare(model);
    return {
      bind: async (constants) => watched(await program.bind(constants)),
      dispose: () => program.dispose(),
    };
  };
  return {
    provider: runtime.provider,
    threads: runtime.threads,
    largestTensor: runtime.largestTensor,
    transfers: runtime.transfers,
    memory: runtime.memory,
    load: async (...args) => watched(await runtime.load(...args)),
    prepare,
    upload: (...args) => runtime.upload(...args),
    stage: (...args) => runtime.stage(...args),
    giveBack: () => runtime.giveBack(),
  };
}

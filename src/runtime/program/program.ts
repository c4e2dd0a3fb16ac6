/**
 * The two ways to compute with weights that stay the same.
 *
 * @module
 */

import type { DeviceTensors, Program, Session } from "../runtime.ts";
import { type ConstantGraph, constantGraph } from "./constant_graph.ts";

/** A session to which some tensors are fed at each run. */
function withFeeds(session: Session, own: DeviceTensors): Session {
  return {
    inputNames: session.inputNames.filter((name) => !Object.hasOwn(own, name)),
    outputNames: session.outputNames,
    outputShapes: session.outputShapes,
    run: (feeds, targets, outputs) => session.run({ ...own, ...feeds }, targets, outputs),
    dispose: () => Promise.resolve(), // the program's
  };
}

/** One session for all weights, which it is fed. */
export function fedProgram(session: Session): Program {
  return {
    bind: (constants) => Promise.resolve(withFeeds(session, constants)),
    dispose: () => session.dispose(),
  };
}

/**
 * A session for each set of weights, which are constants there.
 *
 * @param load Makes a session.
 */
export function boundProgram(
  model: Uint8Array,
  load: (graph: ConstantGraph, constants: DeviceTensors) => Promise<Session>,
): Program {
  let known: { readonly key: string; readonly graph: ConstantGraph } | undefined;
  return {
    bind: (constants) => {
      // The graph is made once for all weights of the same names, types and shapes.
      const key = JSON.stringify(
        Object.entries(constants).map(([name, { dtype, shape }]) => [name, dtype, shape]),
      );
      if (known?.key !== key) known = { key, graph: constantGraph(model, constants) };
      return load(known.graph, constants);
    },
    dispose: () => Promise.resolve(),
  };
}

/**
 * What trains: the policy's learner, a critic and a reference, opened for a run of a method.
 *
 * @module
 */

import { criticWeights } from "../../artifact/mod.ts";
import type { TensorSource } from "../../model/mod.ts";
import { type Beside, dividedState, Learner, placeParameters } from "../../rl/mod.ts";
import { openRuntime, type Runtime } from "../../runtime/mod.ts";
import type { Experiment } from "../experiment.ts";
import { type RunGraphs, runGraphs } from "../method_graphs.ts";
import type { ProfileRow } from "../profile/mod.ts";
import { artifact, type StageContext } from "./context.ts";

/** What trains: the policy, and what its method needs besides. */
export interface Trainees {
  /** The policy. */
  readonly learner: Learner;
  /** What its method needs besides. */
  readonly beside: Beside;
}

/** Graphs by what they are for, from the files of a run. */
function graphsOf<K>({ artifacts }: Experiment, files: ReadonlyMap<K, string>): Map<K, Uint8Array> {
  return new Map([...files].map(([key, file]) => {
    const bytes = artifacts[file];
    if (!bytes) throw new ReferenceError(`Cannot find the artifact "${file}": it was not built`);
    return [key, bytes];
  }));
}

/** Where the optimizer's state lies; on the CPU device and host are one. */
function homeOf({ experiment: { profile: { threads, training } } }: StageContext, runtime: Runtime): Runtime {
  return training.offload && runtime.provider !== "cpu" ? openRuntime({ provider: "cpu", threads }) : runtime;
}

async function openCritic(
  context: StageContext,
  runtime: Runtime,
  files: NonNullable<RunGraphs["critic"]>,
  state: TensorSource | undefined,
): Promise<Learner> {
  const { experiment } = context, { model, layout } = experiment;
  const one = graphsOf(experiment, new Map(Object.entries(files)));
  const graph = (name: keyof typeof files): Uint8Array => one.get(name) as Uint8Array; // a graph for each file
  return await Learner.open(
    runtime,
    {
      training: new Map([["full", graph("training")]]),
      optimizer: new Map([["full", graph("optimizer")]]),
      evaluation: graph("evaluation"),
    },
    state ? dividedState(state).critic : criticWeights(model.config, model.weights),
    1,
    layout,
    homeOf(context, runtime),
  );
}

/** Opens what trains: with the base model's parameters, or a saved state. */
export async function openTrainees(
  context: StageContext,
  runtime: Runtime,
  row: ProfileRow,
  seed: number,
  state: TensorSource | undefined,
): Promise<Trainees> {
  const { experiment } = context, { profile, layout, model } = experiment;
  const files = runGraphs(profile, row, seed, model.config.layers);
  const learner = await Learner.open(
    runtime,
    {
      training: graphsOf(experiment, files.training),
      optimizer: graphsOf(experiment, files.optimizer),
      evaluation: artifact(experiment, "eval_model"),
      evaluations: graphsOf(experiment, files.evaluations),
    },
    state ? dividedState(state).policy : model.weights,
    profile.temperature,
    layout,
    homeOf(context, runtime),
  );
  return {
    learner,
    beside: {
      critic: files.critic && await openCritic(context, runtime, files.critic, state),
      reference: row.method.kl && await placeParameters(runtime, model.weights, layout),
    },
  };
}

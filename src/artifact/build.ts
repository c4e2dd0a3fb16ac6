/**
 * The artifact set of a model: one ONNX file per graph, with digests.
 *
 * @module
 */

import { sha256 } from "../canonical_json.ts";
import {
  blockShapes,
  type ModelConfig,
  type ParameterLayout,
  type ParameterShapes,
  plainLayout,
  type Precision,
} from "../model/mod.ts";
import { toOnnx } from "../tensor/mod.ts";
import {
  criticEvaluationGraph,
  type CriticObjective,
  criticParameters,
  type CriticSettings,
  criticTrainingGraph,
} from "./critic.ts";
import { evaluationGraph } from "./evaluation.ts";
import { type AdamWSettings, optimizerGraph } from "./optimizer.ts";
import { type PolicyChoice, policyParameters, policySuffix } from "./policy_graph.ts";
import { copyGraph, prefillGraph } from "./prefill.ts";
import { rolloutGraph } from "./rollout.ts";
import { type Objective, trainingGraph } from "./training.ts";

/** A training graph with a loss of its own. */
export interface TrainingVariant {
  /** What its file's name ends in. */
  readonly variant: string;
  /** The policy. */
  readonly policy: PolicyChoice;
  /** The loss. */
  readonly objective: Objective;
}

/** An optimizer graph that moves what a policy reads in a way of its own. */
export interface OptimizerVariant {
  /** What its file's name ends in. */
  readonly variant: string;
  /** The policy. */
  readonly policy: PolicyChoice;
  /** The optimizer's constants. */
  readonly optimizer: AdamWSettings;
  /** What a parameter's learning rate is multiplied by; a parameter with 0 is left out of the graph, and does not move. */
  readonly factor: (parameter: string) => number;
}

/** The graphs of a critic. */
export interface CriticVariant {
  /** What its files' names end in. */
  readonly variant: string;
  /** The loss. */
  readonly objective: CriticObjective;
  /** The optimizer's constants. */
  readonly optimizer: AdamWSettings;
}

/** What an artifact set is built for. */
export interface ArtifactSettings {
  /** The architecture. */
  readonly config: ModelConfig;
  /** The loss. */
  readonly objective: Objective;
  /** The optimizer's constants. */
  readonly optimizer: AdamWSettings;
  /** The layer whose internal policy can be trained and is scored, if any. */
  readonly internalLayer: number | undefined;
  /** Gradient checkpointing. Default false. */
  readonly checkpointing?: boolean;
  /** How graphs hold the parameters. Default float32, each in one piece. */
  readonly layout?: ParameterLayout;
  /** Further graphs, for methods that need them. */
  readonly variants?: ArtifactVariants;
  /** The element type of KV caches. Default what layers compute in. */
  readonly cachePrecision?: Precision;
  /** How many queries attention takes at a time in training and evaluation. Absent: all at once. */
  readonly attentionBlock?: number | undefined;
}

/** The graphs that methods need besides those of the set's own loss, optimizer and internal layer. */
export interface ArtifactVariants {
  /** Training graphs. */
  readonly training?: readonly TrainingVariant[];
  /** Optimizer graphs. */
  readonly optimizers?: readonly OptimizerVariant[];
  /** Internal policies that are scored. */
  readonly evaluations?: readonly PolicyChoice[];
  /** Critics. */
  readonly critics?: readonly CriticVariant[];
}

/** File contents by name. */
export type Artifacts = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** The file of a policy's graph: `training_model.onnx`, `training_model.layer_6.onnx`, `training_model.gspo.onnx`. */
export function artifactName(model: string, policy: PolicyChoice = "full", variant = ""): string {
  return [model, policySuffix(policy), variant, "onnx"].filter((part) => part !== "").join(".");
}

/** Builds the graphs of sampling alone: prompts in pieces, their copies to rows, the decoding step. */
export function buildSamplingArtifacts(
  config: ModelConfig,
  layout: ParameterLayout = plainLayout,
  cachePrecision: Precision = layout.precision,
): Artifacts {
  return {
    [artifactName("prefill_model")]: toOnnx(prefillGraph(config, layout, cachePrecision)),
    [artifactName("copy_model")]: toOnnx(copyGraph(config, layout, cachePrecision)),
    [artifactName("rollout_model")]: toOnnx(rolloutGraph(config, layout, cachePrecision)),
  };
}

/** The shapes of what an optimizer graph moves, and the factors of learning rates that are not 1. */
function movedShapes(
  shapes: ParameterShapes,
  factor: (parameter: string) => number,
): readonly [ParameterShapes, ReadonlyMap<string, number>] {
  const moved = new Map([...shapes].filter(([name]) => factor(name) !== 0));
  return [moved, new Map([...moved.keys()].map((name) => [name, factor(name)]))];
}

/** Builds all graphs of an artifact set. The same settings give the same bytes. */
export function buildArtifacts(
  {
    config,
    objective,
    optimizer,
    internalLayer,
    checkpointing = false,
    layout = plainLayout,
    cachePrecision = layout.precision,
    attentionBlock,
    variants = {},
  }: ArtifactSettings,
): Artifacts {
  const { training = [], optimizers = [], evaluations = [], critics = [] } = variants;
  const policies: PolicyChoice[] = internalLayer === undefined ? ["full"] : ["full", internalLayer];
  const own = policies.map((policy) => ({ variant: "", policy, objective, optimizer, factor: () => 1 }));
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  // Equal graphs have equal bytes, whatever their files are called.
  const graphName = (model: string, policy: PolicyChoice): string =>
    artifactName(model, policy).replace(/\.onnx$/, "");
  for (const { variant, policy, objective } of [...own, ...training]) {
    const file = artifactName("training_model", policy, variant);
    const graph = trainingGraph({ config, policy, objective, checkpointing, layout, attentionBlock });
    files[file] = toOnnx(graph);
  }
  for (const { variant, policy, optimizer, factor } of [...own, ...optimizers]) {
    const file = artifactName("optimizer_model", policy, variant);
    const [shapes, factors] = movedShapes(blockShapes(policyParameters(config, policy), layout), factor);
    files[file] = toOnnx(
      optimizerGraph(shapes, optimizer, graphName("optimizer_model", policy), layout, factors),
    );
  }
  files[artifactName("eval_model")] = toOnnx(evaluationGraph(config, internalLayer, layout, attentionBlock));
  for (const policy of evaluations) {
    files[artifactName("eval_model", policy)] = toOnnx({
      ...evaluationGraph(config, policy, layout, attentionBlock),
      name: graphName("eval_model", policy),
    });
  }
  const criticFiles = critics.map((critic) =>
    buildCritic(critic, { config, checkpointing, layout, attentionBlock })
  );
  return Object.assign(files, ...criticFiles, buildSamplingArtifacts(config, layout, cachePrecision));
}

/** Builds the graphs of a critic. */
function buildCritic(
  { variant, objective, optimizer }: CriticVariant,
  settings: Omit<CriticSettings, "objective">,
): Artifacts {
  const { config, layout = plainLayout, attentionBlock } = settings;
  const shapes = blockShapes(criticParameters(config), layout);
  return {
    [artifactName("critic_training", "full", variant)]: toOnnx(
      criticTrainingGraph({ ...settings, objective }),
    ),
    [artifactName("critic_optimizer", "full", variant)]: toOnnx(
      optimizerGraph(shapes, optimizer, "critic_optimizer", layout),
    ),
    [artifactName("critic_eval")]: toOnnx(criticEvaluationGraph(config, layout, attentionBlock)),
  };
}

/** The SHA-256 of every file. */
export async function artifactDigests(files: Artifacts): Promise<Record<string, string>> {
  const entries = Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(
    await Promise.all(entries.map(async ([name, bytes]) => [name, await sha256(bytes)])),
  );
}

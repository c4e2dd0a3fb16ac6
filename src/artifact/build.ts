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
  parameterShapes,
  plainLayout,
  type Precision,
} from "../model/mod.ts";
import { inputName, toOnnx } from "../tensor/mod.ts";
import { evaluationGraph } from "./evaluation.ts";
import { type AdamWSettings, optimizerGraph } from "./optimizer.ts";
import type { PolicyChoice } from "./policy_graph.ts";
import { copyGraph, prefillGraph } from "./prefill.ts";
import { rolloutGraph } from "./rollout.ts";
import { type Objective, trainingGraph } from "./training.ts";

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
  /** The element type of KV caches. Default what layers compute in. */
  readonly cachePrecision?: Precision;
  /** How many queries attention takes at a time in training and evaluation. Absent: all at once. */
  readonly attentionBlock?: number | undefined;
}

/** File contents by name. */
export type Artifacts = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** The file of a policy's graph: `training_model.onnx`, `training_model.layer_6.onnx`. */
export function artifactName(model: string, policy: PolicyChoice = "full"): string {
  return policy === "full" ? `${model}.onnx` : `${model}.layer_${policy}.onnx`;
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
  }: ArtifactSettings,
): Artifacts {
  const policies: PolicyChoice[] = internalLayer === undefined ? ["full"] : ["full", internalLayer];
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (const policy of policies) {
    const training = trainingGraph({ config, policy, objective, checkpointing, layout, attentionBlock });
    const names = new Set(training.inputs.map((tensor) => inputName(tensor)));
    const shapes = blockShapes(parameterShapes(config), layout);
    const trained = new Map([...shapes].filter(([name]) => names.has(name)));
    files[artifactName("training_model", policy)] = toOnnx(training);
    files[artifactName("optimizer_model", policy)] = toOnnx(
      optimizerGraph(
        trained,
        optimizer,
        artifactName("optimizer_model", policy).replace(/\.onnx$/, ""),
        layout,
      ),
    );
  }
  files[artifactName("eval_model")] = toOnnx(evaluationGraph(config, internalLayer, layout, attentionBlock));
  return { ...files, ...buildSamplingArtifacts(config, layout, cachePrecision) };
}

/** The SHA-256 of every file. */
export async function artifactDigests(files: Artifacts): Promise<Record<string, string>> {
  const entries = Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(
    await Promise.all(entries.map(async ([name, bytes]) => [name, await sha256(bytes)])),
  );
}

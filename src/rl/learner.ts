/**
 * The parameters under training and the sessions that move them: gradient accumulation, AdamW, scoring.
 *
 * @module
 */

import {
  firstMomentName,
  gradientName,
  outputName,
  type PolicyChoice,
  secondMomentName,
} from "../artifact/mod.ts";
import { noTensor, type StoredTensor, type TensorSource } from "../model/mod.ts";
import type { DeviceTensor, DeviceTensors, Runtime, Session, Transfers } from "../runtime/mod.ts";
import { cutMicroBatches, responseFeed, responseValues, type Sequence, tokenFeeds } from "./sequence.ts";

/** The graphs that a learner runs, as ONNX bytes. */
export interface LearnerArtifacts {
  /** Training graphs by policy. */
  readonly training: ReadonlyMap<PolicyChoice, Uint8Array>;
  /** Optimizer graphs by policy: each moves the parameters that the policy's gradient has. */
  readonly optimizer: ReadonlyMap<PolicyChoice, Uint8Array>;
  /** The evaluation graph. */
  readonly evaluation: Uint8Array;
}

/** What the loss needs of one sequence, a number a response token each. */
export interface TokenTargets {
  /** Log-probs before the update. */
  readonly oldLogprobs: readonly number[];
  /** Advantages. */
  readonly advantages: readonly number[];
  /** Mask and reduction. */
  readonly weights: readonly number[];
}

/** Scores of one sequence, a number a response token each, in nats. */
export interface Scores {
  /** log π(token). */
  readonly logprobs: readonly number[];
  /** The entropy of π at each token. */
  readonly entropy: readonly number[];
  /** log-probs of the internal policy, where the graph has one. */
  readonly layerLogprobs: readonly number[];
  /** Entropy of the internal policy, where the graph has one. */
  readonly layerEntropy: readonly number[];
}

/** The result of an optimizer step. */
export interface UpdateNorms {
  /** The global gradient norm before clipping. */
  readonly gradientNorm: number;
  /** The norm of the parameters' change. */
  readonly updateNorm: number;
}

interface Slot {
  readonly value: DeviceTensor<"float32">;
  readonly gradient: DeviceTensor<"float32">;
  readonly first: DeviceTensor<"float32">;
  readonly second: DeviceTensor<"float32">;
  steps: number;
}

/** Rows of a graph's inputs that belong to one policy. */
interface Phase {
  readonly training: Session;
  readonly optimizer: Session;
  readonly names: readonly string[];
}

async function scalarOf(outputs: DeviceTensors, name: string): Promise<number> {
  using tensor = outputs[name];
  if (!tensor) throw new ReferenceError(`Cannot read the output "${name}": the graph has none`);
  return Number((await tensor.download())[0]);
}

/** Frees what one run needed, not when the garbage collector comes by. */
function disposeAll(tensors: DeviceTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/** Holds parameters, gradients and moments on the device and updates them in place. */
export class Learner {
  readonly #runtime: Runtime;
  readonly #slots: Map<string, Slot>;
  readonly #phases: ReadonlyMap<PolicyChoice, Phase>;
  readonly #evaluation: Session;
  readonly #temperature: DeviceTensor;

  private constructor(
    runtime: Runtime,
    slots: Map<string, Slot>,
    phases: ReadonlyMap<PolicyChoice, Phase>,
    evaluation: Session,
    temperature: number,
  ) {
    this.#runtime = runtime;
    this.#slots = slots;
    this.#phases = phases;
    this.#evaluation = evaluation;
    this.#temperature = runtime.stage("float32", [], Float32Array.of(temperature));
  }

  /**
   * Loads the graphs and places the state, one tensor at a time.
   *
   * @param weights The parameters, or a state that {@linkcode Learner.state} returned.
   */
  static async open(
    runtime: Runtime,
    artifacts: LearnerArtifacts,
    weights: TensorSource,
    temperature: number,
  ): Promise<Learner> {
    const slots = new Map<string, Slot>();
    const stored = [...weights.entries.keys()];
    const stateNames = new Set(stored.flatMap((name) => {
      return [firstMomentName(name), secondMomentName(name), stepsName(name)];
    }));
    for (const name of stored.filter((each) => !stateNames.has(each))) {
      const value = await weights.read(name);
      const place = (tensor: StoredTensor | undefined): DeviceTensor<"float32"> => {
        const data = tensor ? tensor.data as Float32Array : new Float32Array(value.data.length);
        return runtime.upload("float32", value.shape, data);
      };
      const saved = async (key: string): Promise<StoredTensor | undefined> =>
        weights.entries.has(key) ? await weights.read(key) : undefined;
      slots.set(name, {
        value: place(value),
        gradient: place(undefined),
        first: place(await saved(firstMomentName(name))),
        second: place(await saved(secondMomentName(name))),
        steps: Number((await saved(stepsName(name)))?.data[0] ?? 0),
      });
    }
    const phases = new Map<PolicyChoice, Phase>();
    for (const [policy, bytes] of artifacts.training) {
      const optimizer = artifacts.optimizer.get(policy);
      if (!optimizer) {
        throw new ReferenceError(`Cannot train the policy ${policy}: there is no optimizer graph for it`);
      }
      const training = await runtime.load(bytes);
      const names = [...slots.keys()].filter((name) => training.inputNames.includes(name));
      phases.set(policy, { training, optimizer: await runtime.load(optimizer), names });
    }
    return new Learner(runtime, slots, phases, await runtime.load(artifacts.evaluation), temperature);
  }

  /** Bytes that crossed between this process's memory and the device so far. */
  get transfers(): Transfers {
    return this.#runtime.transfers;
  }

  /** The parameters on the device, by name; a rollout session reads them from here. */
  get parameters(): DeviceTensors {
    return Object.fromEntries([...this.#slots].map(([name, slot]) => [name, slot.value]));
  }

  /** Log-probs and entropies of responses. */
  async score(sequences: readonly Sequence[], microBatchTokens: number): Promise<Scores[]> {
    const names = ["logprobs", "entropy", "layer_logprobs", "layer_entropy"] as const;
    const lists = new Map<string, number[][]>(names.map((name) => [name, sequences.map(() => [])]));
    for (const batch of cutMicroBatches(sequences, microBatchTokens)) {
      const tokens = tokenFeeds(this.#runtime, sequences, batch);
      const feeds = {
        ...tokens,
        ...this.parameters,
        temperature: this.#temperature,
      };
      const outputs = await this.#evaluation.run(feeds);
      for (const [name, tensor] of Object.entries(outputs)) {
        const list = lists.get(name);
        if (list) responseValues(sequences, batch, await tensor.download() as Float32Array, list);
        tensor.dispose();
      }
      disposeAll(tokens);
    }
    const of = (name: string, i: number): number[] => lists.get(name)?.[i] ?? [];
    return sequences.map((_, i) => ({
      logprobs: of("logprobs", i),
      entropy: of("entropy", i),
      layerLogprobs: of("layer_logprobs", i),
      layerEntropy: of("layer_entropy", i),
    }));
  }

  /**
   * Puts the gradient of a batch into the accumulators and returns the loss and the objective's metrics.
   *
   * Metrics are sums weighted by 1 / `metricTokens`, the number of valid tokens of the whole batch.
   */
  async accumulate(
    policy: PolicyChoice,
    sequences: readonly Sequence[],
    targets: readonly TokenTargets[],
    metricTokens: number,
    microBatchTokens: number,
  ): Promise<Record<string, number>> {
    const { training, names } = this.#phase(policy);
    const rows = names.map((name) => [name, this.#slots.get(name) as Slot] as const); // names are keys of the slots
    const state = Object.fromEntries(
      rows.flatMap(([name, slot]) => [[name, slot.value], [gradientName(name), slot.gradient]]),
    );
    const inPlace = Object.fromEntries(
      rows.map(([name, slot]) => [outputName(gradientName(name)), slot.gradient]),
    );
    const wanted = training.outputNames.filter((name) => name !== "logprobs");
    const totals: Record<string, number> = {};
    let reset = 1;
    for (const batch of cutMicroBatches(sequences, microBatchTokens)) {
      const shape = [batch.rows.length, batch.length];
      const perToken = (value: (target: TokenTargets, token: number) => number | undefined): DeviceTensor => {
        const data = responseFeed(
          sequences,
          batch,
          (row, token) => value(targets[row] as TokenTargets, token) ?? 0,
        );
        return this.#runtime.stage("float32", shape, data);
      };
      const fresh = {
        ...tokenFeeds(this.#runtime, sequences, batch),
        old_logprobs: perToken((target, token) => target.oldLogprobs[token]),
        advantages: perToken((target, token) => target.advantages[token]),
        weights: perToken((target, token) => target.weights[token]),
        metric_weights: perToken(() => 1 / metricTokens),
        reset_gradient: this.#runtime.stage("bool", [], Uint8Array.of(reset)),
      };
      const feeds = { ...fresh, ...state, temperature: this.#temperature };
      const outputs = await training.run(feeds, inPlace, wanted);
      for (const name of wanted) {
        if (!(name in inPlace)) totals[name] = (totals[name] ?? 0) + await scalarOf(outputs, name);
      }
      disposeAll(fresh);
      reset = 0;
    }
    return totals;
  }

  /** The accumulated gradient of each parameter of a policy. */
  async gradients(policy: PolicyChoice): Promise<Map<string, Float32Array>> {
    const gradients = new Map<string, Float32Array>();
    for (const name of this.#phase(policy).names) {
      const slot = this.#slots.get(name) as Slot; // names are keys of the slots
      gradients.set(name, (await slot.gradient.download()).slice());
    }
    return gradients;
  }

  /** Clips by the global norm and takes one AdamW step; parameters without a gradient keep value, moments and counter. */
  async step(policy: PolicyChoice, learningRate: number): Promise<UpdateNorms> {
    const { optimizer, names } = this.#phase(policy);
    const rows = names.map((name) => [name, this.#slots.get(name) as Slot] as const); // names are keys of the slots
    for (const [, slot] of rows) slot.steps++;
    const counters = BigInt64Array.from(rows.map(([, slot]) => BigInt(slot.steps)));
    const state: Record<string, DeviceTensor> = {}, inPlace: Record<string, DeviceTensor> = {};
    for (const [name, slot] of rows) {
      state[gradientName(name)] = slot.gradient;
      for (
        const [key, tensor] of [
          [name, slot.value],
          [firstMomentName(name), slot.first],
          [secondMomentName(name), slot.second],
        ] as const
      ) {
        state[key] = tensor;
        inPlace[outputName(key)] = tensor;
      }
    }
    const outputs = await optimizer.run({
      learning_rate: this.#runtime.stage("float32", [], Float32Array.of(learningRate)),
      step: this.#runtime.stage("int64", [rows.length], counters),
      ...state,
    }, inPlace);
    return {
      gradientNorm: await scalarOf(outputs, "gradient_norm"),
      updateNorm: await scalarOf(outputs, "update_norm"),
    };
  }

  /** The parameters, each copied as it is read. */
  weights(): TensorSource {
    return this.#source((name, { value }) => [[name, value]]);
  }

  /** All that training continues from: parameters, moments and step counters, each copied as it is read. */
  state(): TensorSource {
    const steps = new Map([...this.#slots].map(([name, slot]) => [stepsName(name), slot]));
    const { entries, read } = this.#source((name, { value, first, second }) => [
      [name, value],
      [firstMomentName(name), first],
      [secondMomentName(name), second],
    ]);
    const counter = { dtype: "int64", shape: [1] } as const;
    return {
      entries: new Map([...entries, ...[...steps.keys()].map((name) => [name, counter] as const)]),
      read: async (name) => {
        const slot = steps.get(name);
        return slot ? { ...counter, data: BigInt64Array.of(BigInt(slot.steps)) } : await read(name);
      },
    };
  }

  #source(list: (name: string, slot: Slot) => [string, DeviceTensor<"float32">][]): TensorSource {
    const tensors = new Map([...this.#slots].flatMap(([name, slot]) => list(name, slot)));
    return {
      entries: tensors,
      read: async (name) => {
        const tensor = tensors.get(name) ?? noTensor(name);
        return { dtype: tensor.dtype, shape: tensor.shape, data: (await tensor.download()).slice() };
      },
    };
  }

  /** Frees sessions and tensors. */
  async dispose(): Promise<void> {
    for (const { value, gradient, first, second } of this.#slots.values()) {
      for (const tensor of [value, gradient, first, second]) tensor.dispose();
    }
    for (const { training, optimizer } of this.#phases.values()) {
      await training.dispose();
      await optimizer.dispose();
    }
    await this.#evaluation.dispose();
    this.#temperature.dispose();
  }

  #phase(policy: PolicyChoice): Phase {
    const phase = this.#phases.get(policy);
    if (!phase) throw new ReferenceError(`Cannot train the policy ${policy}: no graph was loaded for it`);
    return phase;
  }
}

/** The name under which a state holds a parameter's step counter. */
function stepsName(parameter: string): string {
  return `${parameter}_steps`;
}

/**
 * The parameters under training and the sessions that move them: gradient accumulation, AdamW, scoring.
 *
 * @module
 */

import {
  ACCUMULATED_NORM,
  copyName,
  firstMomentName,
  gradientName,
  outputName,
  OWN_LOGPROB,
  type PolicyChoice,
  secondMomentName,
} from "../../artifact/mod.ts";
import { type ParameterLayout, plainLayout, type TensorSource } from "../../model/mod.ts";
import type { DeviceTensor, DeviceTensors, Runtime, Session, Transfers } from "../../runtime/mod.ts";
import { Apart } from "./apart.ts";
import { checkMetrics, checkNorm, checkTensors } from "./finite.ts";
import { LossScale } from "./loss_scale.ts";
import {
  accumulatorOf,
  joinedTensors,
  LOSS_SCALE,
  openSlots,
  savedTensor,
  type Slot,
  type Slots,
  stepsName,
} from "./slots.ts";
import { packMicroBatches, responseFeed, responseValues, type Sequence, tokenFeeds } from "../sequence.ts";

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
  /** Log-probs before the update; absent: those of the same forward pass, so that every ratio is exactly 1. */
  readonly oldLogprobs?: readonly number[];
  /** Advantages. */
  readonly advantages: readonly number[];
  /** Mask and reduction. */
  readonly weights: readonly number[];
}

/** What a batch's forward and backward passes give besides its gradient. */
export interface Accumulated {
  /** The loss and the objective's metrics. */
  readonly metrics: Readonly<Record<string, number>>;
  /** log π(token) under the policy that is trained, one list a sequence. */
  readonly logprobs: readonly (readonly number[])[];
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
  /** Whether a float16 gradient overflowed: then nothing was changed. */
  readonly overflowed: boolean;
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
  /** Where parameters and moments lie and the optimizer runs. */
  readonly #home: Runtime;
  readonly #slots: Slots;
  readonly #phases: ReadonlyMap<PolicyChoice, Phase>;
  readonly #evaluation: Session;
  readonly #temperature: DeviceTensor;
  readonly #lossScale: LossScale | undefined;
  /** The norm of what {@linkcode Learner.accumulate} summed up last, in float16: not finite after an overflow. */
  #accumulatedNorm = 0;

  private constructor(
    [runtime, home]: readonly [Runtime, Runtime],
    slots: Slots,
    phases: ReadonlyMap<PolicyChoice, Phase>,
    evaluation: Session,
    temperature: number,
    lossScale: LossScale | undefined,
  ) {
    this.#lossScale = lossScale;
    this.#runtime = runtime;
    this.#home = home;
    this.#slots = slots;
    this.#phases = phases;
    this.#evaluation = evaluation;
    this.#temperature = runtime.stage("float32", [], Float32Array.of(temperature));
  }

  /**
   * Loads the graphs and places the state, one tensor at a time.
   *
   * @param weights The parameters, or a state that {@linkcode Learner.state} returned.
   * @param layout How the graphs hold the parameters.
   * @param home Where float32 parameters and moments lie and the optimizer runs: another runtime where the device is to be
   * spared them. Then it keeps only what its graphs compute with, and the gradient.
   */
  static async open(
    runtime: Runtime,
    artifacts: LearnerArtifacts,
    weights: TensorSource,
    temperature: number,
    layout: ParameterLayout = plainLayout,
    home: Runtime = runtime,
  ): Promise<Learner> {
    const slots = await openSlots(runtime, weights, layout, home);
    const phases = new Map<PolicyChoice, Phase>();
    for (const [policy, bytes] of artifacts.training) {
      const optimizer = artifacts.optimizer.get(policy);
      if (!optimizer) {
        throw new ReferenceError(`Cannot train the policy ${policy}: there is no optimizer graph for it`);
      }
      const training = await runtime.load(bytes);
      const names = [...slots.keys()].filter((name) => training.inputNames.includes(name));
      phases.set(policy, { training, optimizer: await home.load(optimizer), names });
    }
    const evaluation = await runtime.load(artifacts.evaluation);
    const lossScale = layout.precision === "float16"
      ? new LossScale(await savedTensor(weights, LOSS_SCALE))
      : undefined;
    return new Learner([runtime, home], slots, phases, evaluation, temperature, lossScale);
  }

  /** Bytes that crossed between this process's memory and the device so far. */
  get transfers(): Transfers {
    return this.#runtime.transfers;
  }

  /** What the loss is multiplied by, where layers compute in float16. */
  get lossScale(): number | undefined {
    return this.#lossScale?.value;
  }

  /** The parameters on the device as graphs read them, by name; a rollout session reads them from here. */
  get parameters(): DeviceTensors {
    return Object.fromEntries([...this.#slots].map(([name, { copy, value }]) => [name, copy ?? value]));
  }

  /** Log-probs and entropies of responses. */
  async score(sequences: readonly Sequence[], microBatchTokens: number): Promise<Scores[]> {
    const names = ["logprobs", "entropy", "layer_logprobs", "layer_entropy"] as const;
    const lists = new Map<string, number[][]>(names.map((name) => [name, sequences.map(() => [])]));
    for (const batch of packMicroBatches(sequences, microBatchTokens)) {
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
   * Puts the gradient of a batch into the accumulators.
   *
   * @param metricTokens What the metrics' sums over these sequences' response tokens are divided by; the number of these
   * tokens makes them means.
   * @throws {NonFiniteError} If the loss or a metric is not finite.
   */
  async accumulate(
    policy: PolicyChoice,
    sequences: readonly Sequence[],
    targets: readonly TokenTargets[],
    metricTokens: number,
    microBatchTokens: number,
  ): Promise<Accumulated> {
    const { training } = this.#phase(policy), rows = this.#rows(policy);
    const state = Object.fromEntries(
      rows.flatMap(([name, slot]) => [[name, slot.copy ?? slot.value], [
        gradientName(name),
        accumulatorOf(slot, this.#runtime),
      ]]),
    );
    const inPlace = Object.fromEntries(
      rows.map(([name, slot]) => [outputName(gradientName(name)), accumulatorOf(slot, this.#runtime)]),
    );
    const wanted = training.outputNames, logprobs: number[][] = sequences.map(() => []);
    const totals: Record<string, number> = {}, scale = this.#lossScale?.value ?? 1;
    let reset = 1;
    for (const batch of packMicroBatches(sequences, microBatchTokens)) {
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
        old_logprobs: perToken(({ oldLogprobs }, token) => oldLogprobs ? oldLogprobs[token] : OWN_LOGPROB),
        advantages: perToken((target, token) => target.advantages[token]),
        weights: perToken((target, token) => scale * (target.weights[token] ?? 0)),
        metric_weights: perToken(() => 1 / metricTokens),
        reset_gradient: this.#runtime.stage("bool", [], Uint8Array.of(reset)),
      };
      const feeds = { ...fresh, ...state, temperature: this.#temperature };
      const outputs = await training.run(feeds, inPlace, wanted);
      for (const name of wanted) {
        if (name in inPlace) continue;
        if (name === "logprobs") {
          using tensor = outputs[name] as DeviceTensor; // one of the outputs
          responseValues(sequences, batch, await tensor.download() as Float32Array, logprobs);
          continue;
        }
        const value = await scalarOf(outputs, name);
        if (name === ACCUMULATED_NORM) this.#accumulatedNorm = value;
        else totals[name] = (totals[name] ?? 0) + value;
      }
      disposeAll(fresh);
      reset = 0;
    }
    if (totals.loss !== undefined) totals.loss /= scale;
    checkMetrics(totals);
    return { metrics: totals, logprobs };
  }

  /** The accumulated gradient of each parameter of a policy. */
  async gradients(policy: PolicyChoice): Promise<Map<string, Float32Array>> {
    const scale = this.#lossScale?.value ?? 1;
    const { entries, read } = this.#gradientTensors(policy);
    const gradients = new Map<string, Float32Array>();
    for (const name of entries.keys()) {
      const numbers = (await read(name)).data as Float32Array;
      gradients.set(name, Float32Array.from(numbers, (value) => value / scale));
    }
    return gradients;
  }

  /**
   * Clips by the global norm and takes one AdamW step; parameters without a gradient keep value, moments and counter. If
   * a gradient overflowed, all of them do, and the loss's scale is halved.
   *
   * @throws {NonFiniteError} If the gradient's or the change's norm is not finite, or a gradient overflowed though the
   * loss's scale is 1; the parameters may have been changed by it.
   */
  async step(policy: PolicyChoice, learningRate: number): Promise<UpdateNorms> {
    const { optimizer } = this.#phase(policy), rows = this.#rows(policy), scale = this.#lossScale?.value;
    const gradients = (): TensorSource => this.#gradientTensors(policy);
    const overflowed = !Number.isFinite(this.#accumulatedNorm);
    // There is no scale below 1 that could help.
    if (scale === 1) await checkNorm("gradient norm", this.#accumulatedNorm, gradients);
    this.#lossScale?.note(overflowed);
    if (overflowed) return { gradientNorm: NaN, updateNorm: 0, overflowed: true };
    for (const [, slot] of rows) slot.steps++;
    const counters = BigInt64Array.from(rows.map(([, slot]) => BigInt(slot.steps)));
    const state: Record<string, DeviceTensor> = {}, inPlace: Record<string, DeviceTensor> = {};
    const apart = this.#home === this.#runtime ? undefined : new Apart(this.#home);
    for (const [name, slot] of rows) {
      const gradient = accumulatorOf(slot, this.#runtime);
      state[gradientName(name)] = apart ? await apart.gradient(gradient) : gradient;
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
      const { copy } = slot;
      if (copy && copy.dtype !== "float32") {
        inPlace[outputName(copyName(name, copy.dtype))] = apart ? apart.landing(copy) : copy;
      } else if (copy && apart) apart.follow(copy, slot.value);
    }
    if (scale !== undefined) {
      state.gradient_scale = this.#home.stage("float32", [], Float32Array.of(1 / scale));
    }
    const outputs = await optimizer.run({
      learning_rate: this.#home.stage("float32", [], Float32Array.of(learningRate)),
      step: this.#home.stage("int64", [rows.length], counters),
      ...state,
    }, inPlace);
    await apart?.publish();
    const gradientNorm = await scalarOf(outputs, "gradient_norm");
    const updateNorm = await scalarOf(outputs, "update_norm");
    await checkNorm("gradient norm", gradientNorm, gradients);
    await checkNorm(
      "update norm",
      updateNorm,
      () => joinedTensors(rows.map(([, slot]) => slot), ({ value }, name) => [[name, value]]),
    );
    return { gradientNorm, updateNorm, overflowed: false };
  }

  /** Frees the gradient until the next one is computed: rollouts and scoring have no use for it. */
  release(): void {
    for (const slot of this.#slots.values()) {
      slot.gradient?.discard();
      slot.gradient = undefined;
    }
  }

  /**
   * Reads all parameters once.
   *
   * @throws {NonFiniteError} If one holds a number that is not finite.
   */
  async checkParameters(): Promise<void> {
    await checkTensors("parameters", this.weights());
  }

  /** The parameters, each copied as it is read. */
  weights(): TensorSource {
    return joinedTensors(this.#slots.values(), ({ value }, name) => [[name, value]]);
  }

  /** All that training continues from: parameters, moments and step counters, each copied as it is read. */
  state(): TensorSource {
    const steps = new Map(
      [...this.#slots.values()].map((slot) => [stepsName(slot.block.parameter), slot]),
    );
    const { entries, read } = joinedTensors(this.#slots.values(), ({ value, first, second }, name) => [
      [name, value],
      [firstMomentName(name), first],
      [secondMomentName(name), second],
    ]);
    const counter = { dtype: "int64", shape: [1] } as const;
    const scale = this.#lossScale?.stored;
    return {
      entries: new Map([
        ...entries,
        ...[...steps.keys()].map((name) => [name, counter] as const),
        ...(scale ? [[LOSS_SCALE, scale] as const] : []),
      ]),
      read: async (name) => {
        const slot = steps.get(name);
        if (scale && name === LOSS_SCALE) return scale;
        return slot ? { ...counter, data: BigInt64Array.of(BigInt(slot.steps)) } : await read(name);
      },
    };
  }

  /** Frees sessions and tensors. */
  async dispose(): Promise<void> {
    for (const { value, copy, gradient, first, second } of this.#slots.values()) {
      for (const tensor of [value, copy, gradient, first, second]) tensor?.dispose();
    }
    for (const { training, optimizer } of this.#phases.values()) {
      await training.dispose();
      await optimizer.dispose();
    }
    await this.#evaluation.dispose();
    this.#temperature.dispose();
  }

  /** The slots that a policy's graphs read, by their names there. */
  #rows(policy: PolicyChoice): (readonly [string, Slot])[] {
    const { names } = this.#phase(policy);
    return names.map((name) => [name, this.#slots.get(name) as Slot]); // names are keys of the slots
  }

  /** The accumulated gradients, still times the loss's scale, each copied as it is read. */
  #gradientTensors(policy: PolicyChoice): TensorSource {
    const slots = this.#rows(policy).map(([, slot]) => slot);
    return joinedTensors(slots, (slot, name) => [[name, accumulatorOf(slot, this.#runtime)]]);
  }

  #phase(policy: PolicyChoice): Phase {
    const phase = this.#phases.get(policy);
    if (!phase) throw new ReferenceError(`Cannot train the policy ${policy}: no graph was loaded for it`);
    return phase;
  }
}

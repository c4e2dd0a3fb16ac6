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
import { disposeAll, evaluated, readBy, scalarOf } from "../passes.ts";
import {
  type Accumulated,
  type AnyTargets,
  type CriticTargets,
  type Scores,
  targetInputs,
  tokenOutputs,
  type TokenTargets,
  type UpdateNorms,
} from "../targets.ts";
import { Apart } from "./apart.ts";
import { checkMetrics, checkNorm } from "./finite.ts";
import { LossScale } from "./loss_scale.ts";
import {
  accumulatorOf,
  checkValues,
  discardAccumulators,
  joinedTensors,
  LOSS_SCALE,
  openSlots,
  resetMoments,
  savedTensor,
  type Slot,
  type Slots,
  stateTensors,
  Views,
  zeroAccumulators,
} from "./slots.ts";
import {
  cutMicroBatches,
  packMicroBatches,
  responseFeed,
  responseValues,
  type Sequence,
  tokenFeeds,
} from "../sequence.ts";

/** The graphs that a learner runs, as ONNX bytes. */
export interface LearnerArtifacts {
  /** Training graphs by policy. */
  readonly training: ReadonlyMap<PolicyChoice, Uint8Array>;
  /** Optimizer graphs: each moves parameters that the gradient of its policy has. */
  readonly optimizer: ReadonlyMap<OptimizerChoice, Uint8Array>;
  /** The evaluation graph; a critic's gives values. */
  readonly evaluation: Uint8Array;
  /** Evaluation graphs of further internal policies. */
  readonly evaluations?: ReadonlyMap<PolicyChoice, Uint8Array>;
}

/** An optimizer graph: that which moves all that a policy reads, or that of a phase that moves it in a way of its own. */
export type OptimizerChoice = PolicyChoice | `phase ${number}`;

/** A loaded graph, and which of its inputs are parameters. */
interface Loaded {
  readonly session: Session;
  readonly names: readonly string[];
}

/** Holds parameters, gradients and moments on the device and updates them in place. */
export class Learner {
  readonly #runtime: Runtime;
  /** Where parameters and moments lie and the optimizer runs. */
  readonly #home: Runtime;
  readonly #slots: Slots;
  readonly #training: ReadonlyMap<PolicyChoice, Loaded>;
  readonly #optimizers: ReadonlyMap<OptimizerChoice, Loaded>;
  readonly #evaluation: Session;
  readonly #evaluations: ReadonlyMap<PolicyChoice, Session>;
  readonly #temperature: DeviceTensor;
  readonly #lossScale: LossScale | undefined;
  /** The norm of what {@linkcode Learner.accumulate} summed up last, in float16: not finite after an overflow. */
  accumulatedNorm = 0;

  private constructor(
    [runtime, home]: readonly [Runtime, Runtime],
    slots: Slots,
    training: ReadonlyMap<PolicyChoice, Loaded>,
    optimizers: ReadonlyMap<OptimizerChoice, Loaded>,
    [evaluation, evaluations]: readonly [Session, ReadonlyMap<PolicyChoice, Session>],
    temperature: number,
    lossScale: LossScale | undefined,
  ) {
    this.#lossScale = lossScale;
    this.#runtime = runtime;
    this.#home = home;
    this.#slots = slots;
    this.#training = training;
    this.#optimizers = optimizers;
    this.#evaluation = evaluation;
    this.#evaluations = evaluations;
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
    const load = async (bytes: Uint8Array, on = runtime): Promise<Loaded> => {
      const session = await on.load(bytes);
      return { session, names: session.inputNames.filter((name) => slots.has(name)) };
    };
    const training = new Map<PolicyChoice, Loaded>(), optimizers = new Map<OptimizerChoice, Loaded>();
    for (const [policy, bytes] of artifacts.training) training.set(policy, await load(bytes));
    for (const [choice, bytes] of artifacts.optimizer) optimizers.set(choice, await load(bytes, home));
    const evaluation = await runtime.load(artifacts.evaluation),
      evaluations = new Map<PolicyChoice, Session>();
    for (const [policy, bytes] of artifacts.evaluations ?? []) {
      evaluations.set(policy, await runtime.load(bytes));
    }
    const lossScale = layout.precision === "float16"
      ? new LossScale(await savedTensor(weights, LOSS_SCALE))
      : undefined;
    const evaluating = [evaluation, evaluations] as const;
    return new Learner([runtime, home], slots, training, optimizers, evaluating, temperature, lossScale);
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

  /**
   * Log-probs and entropies of responses.
   *
   * @param policy Which policy is meant by the layer's; default that of the evaluation graph.
   * @param parameters Other parameters than those under training: a reference's.
   */
  async score(
    sequences: readonly Sequence[],
    microBatchTokens: number,
    policy?: PolicyChoice,
    parameters: DeviceTensors = this.parameters,
  ): Promise<Scores[]> {
    const session = this.#evaluations.get(policy ?? "full") ?? this.#evaluation;
    const fixed = { ...parameters, temperature: this.#temperature };
    const of = await evaluated(this.#runtime, session, sequences, microBatchTokens, fixed);
    return sequences.map((_, i) => ({
      logprobs: of("logprobs", i),
      entropy: of("entropy", i),
      layerLogprobs: of("layer_logprobs", i),
      layerEntropy: of("layer_entropy", i),
    }));
  }

  /** The values that a critic gives the states in which responses' tokens are chosen. */
  async values(sequences: readonly Sequence[], microBatchTokens: number): Promise<number[][]> {
    const fixed = this.parameters;
    const of = await evaluated(this.#runtime, this.#evaluation, sequences, microBatchTokens, fixed);
    return sequences.map((_, i) => of("values", i));
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
    targets: readonly (TokenTargets | CriticTargets)[],
    metricTokens: number,
    microBatchTokens: number,
  ): Promise<Accumulated> {
    const training = this.#trained(policy).session, rows = this.#rows(this.#trained(policy));
    await zeroAccumulators(rows.map(([, slot]) => slot));
    const state: Record<string, DeviceTensor> = {}, inPlace: Record<string, DeviceTensor> = {};
    for (const [name, slot] of rows) {
      const key = gradientName(name);
      state[name] = slot.copy ?? slot.value;
      state[key] = inPlace[outputName(key)] = accumulatorOf(slot, this.#runtime);
    }
    const wanted = training.outputNames, logprobs: number[][] = sequences.map(() => []);
    const totals: Record<string, number> = {}, scale = this.#lossScale?.value ?? 1;
    let reset = 1;
    // A ratio a sequence is a sum over a row, which no other sequence may share.
    const cut = training.inputNames.includes("sequence_weights") ? cutMicroBatches : packMicroBatches;
    for (const batch of cut(sequences, microBatchTokens)) {
      const shape = [batch.rows.length, batch.length];
      const perToken = (value: (target: AnyTargets, token: number) => number | undefined): DeviceTensor => {
        const data = responseFeed(sequences, batch, (row, token) => value(targets[row] ?? {}, token) ?? 0);
        return this.#runtime.stage("float32", shape, data);
      };
      const given = Object.entries(targetInputs).flatMap(([name, field]): [string, DeviceTensor][] => {
        if (!training.inputNames.includes(name)) return [];
        const absent = field === "oldLogprobs" ? OWN_LOGPROB : 0, factor = field === "weights" ? scale : 1;
        return [[name, perToken(({ [field]: list }, token) => list ? factor * (list[token] ?? 0) : absent)]];
      });
      const fresh = {
        ...tokenFeeds(this.#runtime, sequences, batch),
        ...Object.fromEntries(given),
        metric_weights: perToken(() => 1 / metricTokens),
        reset_gradient: this.#runtime.stage("bool", [], Uint8Array.of(reset)),
      };
      const feeds = readBy(training, { ...fresh, ...state, temperature: this.#temperature });
      const outputs = await training.run(feeds, inPlace, wanted);
      for (const name of wanted) {
        if (name in inPlace) continue;
        if (tokenOutputs.has(name)) {
          using tensor = outputs[name] as DeviceTensor; // one of the outputs
          responseValues(sequences, batch, await tensor.download() as Float32Array, logprobs);
          continue;
        }
        const value = await scalarOf(outputs, name);
        if (name === ACCUMULATED_NORM) this.accumulatedNorm = value;
        else totals[name] = (totals[name] ?? 0) + value;
      }
      disposeAll(fresh);
      reset = 0;
    }
    if (totals.loss !== undefined) totals.loss /= scale;
    checkMetrics(totals);
    return { metrics: totals, logprobs };
  }

  /** The accumulators of a policy's gradient, in the order of its graph. */
  accumulators(policy: PolicyChoice): DeviceTensor<"float32">[] {
    return this.#rows(this.#trained(policy)).map(([, slot]) => accumulatorOf(slot, this.#runtime));
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
   * @param choice The optimizer graph; default that of all that the policy reads.
   * @throws {NonFiniteError} If the gradient's or the change's norm is not finite, or a gradient overflowed though the
   * loss's scale is 1; the parameters may have been changed by it.
   */
  async step(
    policy: PolicyChoice,
    learningRate: number,
    choice: OptimizerChoice = policy,
  ): Promise<UpdateNorms> {
    const loaded = this.#optimizers.get(choice);
    if (!loaded) {
      throw new ReferenceError(`Cannot train the policy ${policy}: there is no optimizer graph "${choice}"`);
    }
    const optimizer = loaded.session, rows = this.#rows(loaded), scale = this.#lossScale?.value;
    const gradients = (): TensorSource => this.#gradientTensors(policy);
    const overflowed = !Number.isFinite(this.accumulatedNorm);
    // There is no scale below 1 that could help.
    if (scale === 1) await checkNorm("gradient norm", this.accumulatedNorm, gradients);
    this.#lossScale?.note(overflowed);
    if (overflowed) return { gradientNorm: NaN, updateNorm: 0, overflowed: true };
    const counters = BigInt64Array.from(rows, ([, slot]) => BigInt(++slot.steps));
    const state: Record<string, DeviceTensor> = {}, inPlace: Record<string, DeviceTensor> = {};
    const apart = this.#home === this.#runtime ? undefined : new Apart(this.#home);
    const views = new Views(this.#home, optimizer);
    for (const [name, slot] of rows) {
      const gradient = accumulatorOf(slot, this.#runtime);
      state[gradientName(name)] = await views.of(apart ? await apart.gradient(gradient) : gradient, name);
      const moved = {
        [name]: slot.value,
        [firstMomentName(name)]: slot.first,
        [secondMomentName(name)]: slot.second,
      };
      for (const [key, tensor] of Object.entries(moved)) {
        state[key] = inPlace[outputName(key)] = await views.of(tensor, key);
      }
      const { copy } = slot;
      if (copy && copy.dtype !== "float32") {
        const key = copyName(name, copy.dtype);
        inPlace[outputName(key)] = await views.of(apart ? apart.landing(copy) : copy, key);
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
    views.dispose();
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

  /** Frees the gradient, and what its runs took, until the next one is computed: rollouts have no use for them. */
  async release(): Promise<void> {
    discardAccumulators(this.#slots.values());
    await this.#home.giveBack();
  }

  /** Makes AdamW's moments and counters what they are at the start of training. */
  async resetMoments(): Promise<void> {
    await resetMoments(this.#slots);
  }

  /**
   * Reads all parameters once.
   *
   * @throws {NonFiniteError} If one holds a number that is not finite.
   */
  async checkParameters(): Promise<void> {
    await checkValues(this.#slots.values());
  }

  /** The parameters, each copied as it is read. */
  weights(): TensorSource {
    return joinedTensors(this.#slots.values(), ({ value }, name) => [[name, value]]);
  }

  /** All that training continues from: parameters, moments and step counters, each copied as it is read. */
  state(): TensorSource {
    return stateTensors(this.#slots, this.#lossScale?.stored);
  }

  /** Frees sessions and tensors. */
  async dispose(): Promise<void> {
    for (const { value, copy, gradient, first, second } of this.#slots.values()) {
      for (const tensor of [value, copy, gradient, first, second]) tensor?.dispose();
    }
    for (const { session } of [...this.#training.values(), ...this.#optimizers.values()]) {
      await session.dispose();
    }
    for (const session of [this.#evaluation, ...this.#evaluations.values()]) await session.dispose();
    this.#temperature.dispose();
  }

  /** The slots that a graph reads, in its order. */
  #rows({ names }: Loaded): (readonly [string, Slot])[] {
    return names.map((name) => [name, this.#slots.get(name) as Slot]); // names are keys of the slots
  }

  /** The accumulated gradients, still times the loss's scale, each copied as it is read. */
  #gradientTensors(policy: PolicyChoice): TensorSource {
    const slots = this.#rows(this.#trained(policy)).map(([, slot]) => slot);
    return joinedTensors(slots, (slot, name) => [[name, accumulatorOf(slot, this.#runtime)]]);
  }

  #trained(policy: PolicyChoice): Loaded {
    const loaded = this.#training.get(policy);
    if (!loaded) throw new ReferenceError(`Cannot train the policy ${policy}: no graph was loaded for it`);
    return loaded;
  }
}

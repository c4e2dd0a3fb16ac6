/**
 * A loaded graph: its inputs and outputs, checks of what a run is given, and runs. On the CPU a run writes its outputs
 * straight into the targets' arrays, on a device into the targets' memory there.
 *
 * @module
 */

import { type DataType, formatShape } from "../tensor/mod.ts";
import { SessionArena } from "./arena.ts";
import { type DeviceMemory, DeviceResidentTensor } from "./device_memory.ts";
import { copyElements, HostTensor, readShape } from "./host_tensor.ts";
import { address, cString, type OrtLibrary, text, toPointer } from "./ort_library.ts";
import type { DeviceTensor, DeviceTensors, Session } from "./runtime.ts";

/** What a session computes with. */
export interface SessionHome {
  /** The library. */
  readonly library: OrtLibrary;
  /** ONNX Runtime's description of this process's memory. */
  readonly host: Deno.PointerValue;
  /** The device's memory, where there is one. */
  readonly memory?: DeviceMemory | undefined;
}

/** An input or output of a graph. */
interface Metadata {
  readonly dtype: DataType;
  /** Sizes, and texts for symbols. */
  readonly shape: readonly (number | string)[];
  /** The name as a C string. */
  readonly text: Uint8Array<ArrayBuffer>;
}

/**
 * Checks tensors before the kernels do, which would drop an unknown name, broadcast a wrong 1, and speak of nodes.
 *
 * @param sizes The symbols' sizes known so far; those of these tensors are added.
 */
function checkTensors(
  kind: "input" | "output",
  tensors: DeviceTensors,
  expected: ReadonlyMap<string, Metadata>,
  sizes: Map<string, number>,
): void {
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const meta = expected.get(name);
    if (!meta) throw new ReferenceError(`Cannot run with "${name}": the graph has no such ${kind}`);
    const fits = shape.length === meta.shape.length && meta.shape.every((dim, i) => {
      const size = shape[i] as number; // the ranks are equal
      if (typeof dim === "number") return dim === size;
      const known = sizes.get(dim) ?? size;
      if (dim) sizes.set(dim, known);
      return known === size;
    });
    if (fits && dtype === meta.dtype) continue;
    const wanted = meta.shape.map((dim) => sizes.has(String(dim)) ? `${dim}=${sizes.get(String(dim))}` : dim);
    throw new TypeError(
      `Cannot run with "${name}" of ${dtype}${formatShape(shape)}: expected ${meta.dtype}${
        formatShape(wanted)
      }`,
    );
  }
}

/** A graph that ONNX Runtime has loaded. */
export class OrtSession implements Session {
  readonly #home: SessionHome;
  readonly #inputs: ReadonlyMap<string, Metadata>;
  readonly #outputs: ReadonlyMap<string, Metadata>;
  readonly #profiled: boolean;
  readonly #arena: SessionArena;
  #session: Deno.PointerValue;

  /** Takes a session over. */
  constructor(home: SessionHome, session: Deno.PointerValue, profiled = false) {
    this.#home = home;
    this.#profiled = profiled;
    this.#session = session;
    this.#arena = new SessionArena(home.library, session);
    this.#inputs = this.#metadata("Input");
    this.#outputs = this.#metadata("Output");
  }

  /** The graph's inputs. */
  get inputNames(): readonly string[] {
    return [...this.#inputs.keys()];
  }

  /** The graph's outputs. */
  get outputNames(): readonly string[] {
    return [...this.#outputs.keys()];
  }

  /** The output shapes, symbols as texts. */
  get outputShapes(): Readonly<Record<string, readonly (number | string)[]>> {
    return Object.fromEntries([...this.#outputs].map(([name, { shape }]) => [name, shape]));
  }

  /** Computes outputs from inputs. */
  run(
    feeds: DeviceTensors,
    targets: DeviceTensors = {},
    outputs: readonly string[] = this.outputNames,
  ): Promise<DeviceTensors> {
    return Promise.try(() => this.#run(feeds, targets, outputs));
  }

  #run(feeds: DeviceTensors, targets: DeviceTensors, outputs: readonly string[]): DeviceTensors {
    const missing = this.inputNames.find((name) => !Object.hasOwn(feeds, name));
    if (missing !== undefined) throw new ReferenceError(`Cannot run without the input "${missing}"`);
    const sizes = new Map<string, number>();
    checkTensors("input", feeds, this.#inputs, sizes);
    checkTensors("output", targets, this.#outputs, sizes);
    const unknown = outputs.find((name) => !this.#outputs.has(name));
    if (unknown !== undefined) {
      throw new ReferenceError(`Cannot compute "${unknown}": the graph has no such output`);
    }
    const { library, memory } = this.#home;
    const inputNames = BigUint64Array.from([...this.#inputs.values()], ({ text }) => address(text));
    const values = BigUint64Array.from(
      [...this.#inputs.keys()],
      (name) => this.#address(name, feeds[name] as DeviceTensor, "up"), // none is missing
    );
    const outputNames = BigUint64Array.from(outputs, (name) => {
      return address((this.#outputs.get(name) as Metadata).text); // none is unknown
    });
    const results = BigUint64Array.from(outputs, (name) => {
      const target = targets[name];
      return target ? this.#address(name, target, "down") : 0n;
    });
    // On this thread: a device's queue takes commands from one thread at a time.
    library.call(
      "Run",
      this.#session,
      this.#arena.runOptions(),
      inputNames,
      values,
      BigInt(values.length),
      outputNames,
      BigInt(results.length),
      results,
    );
    return Object.fromEntries(outputs.map((name, i) => {
      const target = targets[name];
      if (target) return [name, target];
      const value = toPointer(results[i] as bigint); // one for each output
      const { dtype, shape, data } = copyElements(library, value);
      library.release("ReleaseValue", value);
      memory?.count("down", data.byteLength);
      return [name, new HostTensor(library, this.#home.host, dtype, shape, data)];
    }));
  }

  /** Frees the session. */
  dispose(): Promise<void> {
    const { library } = this.#home;
    if (this.#session && this.#profiled) {
      const allocator = toPointer(library.get("GetAllocatorWithDefaultOptions"));
      library.call(
        "AllocatorFree",
        allocator,
        toPointer(library.get("SessionEndProfiling", this.#session, allocator)),
      );
    }
    if (this.#session) {
      this.#arena.dispose();
      library.release("ReleaseSession", this.#session);
    }
    this.#session = null;
    return Promise.resolve();
  }

  /** The address of a tensor's value; bytes of tensors that the run takes to or from the device are counted. */
  #address(name: string, tensor: DeviceTensor, direction: "up" | "down"): bigint {
    const { memory } = this.#home;
    if (tensor instanceof DeviceResidentTensor && tensor.home === memory) return tensor.address;
    if (!(tensor instanceof HostTensor)) {
      throw new TypeError(`Cannot run with "${name}": it belongs to another runtime`);
    }
    memory?.count(direction, tensor.data.byteLength);
    return tensor.address;
  }

  /** Names, types and shapes of the inputs or outputs. */
  #metadata(kind: "Input" | "Output"): Map<string, Metadata> {
    const { library } = this.#home, allocator = toPointer(library.get("GetAllocatorWithDefaultOptions"));
    const count = Number(library.get(`SessionGet${kind}Count`, this.#session));
    return new Map(Array.from({ length: count }, (_, i): [string, Metadata] => {
      const name = toPointer(library.get(`SessionGet${kind}Name`, this.#session, BigInt(i), allocator));
      const value = text(name);
      library.call("AllocatorFree", allocator, name);
      const type = toPointer(library.get(`SessionGet${kind}TypeInfo`, this.#session, BigInt(i)));
      const tensor = toPointer(library.get("CastTypeInfoToTensorInfo", type));
      const meta = { ...readShape(library, tensor), text: cString(value) };
      library.release("ReleaseTypeInfo", type);
      return [value, meta];
    }));
  }
}

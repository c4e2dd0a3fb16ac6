/**
 * Tensors in a device's memory, and the copies between it and this process's memory.
 *
 * Nothing here is freed by the garbage collector: a device's memory is small, and a kernel may still be writing to it.
 *
 * @module
 */

import type { ArrayTypes, DataType } from "../tensor/mod.ts";
import { elementSize, elementTypes, emptyElements, HostTensor } from "./host_tensor.ts";
import { type OrtLibrary, solid, toPointer } from "./ort_library.ts";
import { DeviceMemoryError, type DeviceMemoryUse, type DeviceTensor, type Transfers } from "./runtime.ts";

/** What an allocator hands out, and copies. */
interface Places {
  readonly library: OrtLibrary;
  readonly environment: Deno.PointerValue;
  /** ONNX Runtime's description of this process's memory. */
  readonly host: Deno.PointerValue;
  /** The device's allocator. */
  readonly allocator: Deno.PointerValue;
  /** The most bytes of tensors. */
  readonly limit: number;
  /** The most bytes of one tensor. */
  readonly largestBuffer: number;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}

/** A device's memory. */
export class DeviceMemory {
  readonly #places: Places;
  #up = 0;
  #down = 0;
  #tensors = 0;
  #bytes = 0;

  /** Takes an allocator over. */
  constructor(places: Places) {
    this.#places = places;
  }

  /** Bytes that crossed so far. */
  get transfers(): Transfers {
    return { up: this.#up, down: this.#down };
  }

  /** What lies there now. */
  get use(): DeviceMemoryUse {
    return { tensors: this.#tensors, bytes: this.#bytes };
  }

  /** The most bytes of one tensor. */
  get largestTensor(): number {
    return this.#places.largestBuffer;
  }

  /** Counts bytes that a run takes along. */
  count(direction: "up" | "down", bytes: number): void {
    if (direction === "up") this.#up += bytes;
    else this.#down += bytes;
  }

  /**
   * Takes room for a tensor.
   *
   * @throws {DeviceMemoryError} If there is none.
   */
  allocate(dtype: DataType, shape: readonly number[]): Deno.PointerObject {
    const { library, allocator, limit, largestBuffer } = this.#places;
    const bytes = shape.reduce((a, b) => a * b, elementSize(dtype));
    const refuse = (reason: string): never => {
      throw new DeviceMemoryError(
        `Cannot place a tensor ${dtype}[${shape.join(", ")}] of ${gibibytes(bytes)} on the device beside ${
          gibibytes(this.#bytes)
        }: ${reason}; a smaller micro-batch, rollout batch or model takes less ("deno task plan")`,
      );
    };
    if (bytes > largestBuffer) refuse(`the adapter's largest buffer has ${gibibytes(largestBuffer)}`);
    if (this.#bytes + bytes > limit) refuse(`the limit is ${gibibytes(limit)}`);
    const dims = BigInt64Array.from(shape, BigInt);
    try {
      const value = solid(toPointer(
        library.get("CreateTensorAsOrtValue", allocator, dims, BigInt(dims.length), elementTypes[dtype]),
      ));
      this.#tensors++;
      this.#bytes += bytes;
      return value;
    } catch (error) {
      return refuse((error as Error).message);
    }
  }

  /** Gives a tensor's room back. */
  free(value: Deno.PointerObject, dtype: DataType, shape: readonly number[]): void {
    this.#places.library.release("ReleaseValue", value);
    this.#tensors--;
    this.#bytes -= shape.reduce((a, b) => a * b, elementSize(dtype));
  }

  /** Copies elements to a tensor of the device. */
  put(dtype: DataType, shape: readonly number[], data: ArrayTypes[DataType], to: Deno.PointerObject): void {
    if (data.length === 0) return;
    using host = new HostTensor(this.#places.library, this.#places.host, dtype, shape, data);
    this.#copy(host.address, Deno.UnsafePointer.value(to));
    this.#up += data.byteLength;
  }

  /** Copies a tensor of the device to this process's memory. */
  read<T extends DataType>(dtype: T, shape: readonly number[], from: Deno.PointerObject): ArrayTypes[T] {
    const data = emptyElements(dtype, shape);
    if (data.length === 0) return data;
    using host = new HostTensor(this.#places.library, this.#places.host, dtype, shape, data);
    this.#copy(Deno.UnsafePointer.value(from), host.address);
    this.#down += data.byteLength;
    return data;
  }

  #copy(from: bigint, to: bigint): void {
    const { library, environment } = this.#places;
    library.call("CopyTensors", environment, BigUint64Array.of(from), BigUint64Array.of(to), null, 1n);
  }
}

/** A tensor in a device's memory. */
export class DeviceResidentTensor<T extends DataType = DataType> implements DeviceTensor<T> {
  #value: Deno.PointerObject | undefined;

  /** Places elements. */
  constructor(
    readonly home: DeviceMemory,
    readonly dtype: T,
    readonly shape: readonly number[],
    data: ArrayTypes[T],
  ) {
    const value = home.allocate(dtype, shape);
    try {
      home.put(dtype, shape, data, value);
    } catch (error) {
      home.free(value, dtype, shape);
      throw error;
    }
    this.#value = value;
  }

  /**
   * The address of ONNX Runtime's value.
   *
   * @throws {ReferenceError} If the tensor was disposed of.
   */
  get address(): bigint {
    return Deno.UnsafePointer.value(this.#alive());
  }

  /** Copies the elements from the device. */
  download(): Promise<ArrayTypes[T]> {
    return Promise.try(() => this.home.read(this.dtype, this.shape, this.#alive()));
  }

  /** Copies elements to the device. */
  write(data: ArrayTypes[T]): Promise<void> {
    return Promise.try(() => {
      const size = this.shape.reduce((a, b) => a * b, 1);
      if (data.length !== size) {
        throw new RangeError(`Cannot write ${data.length} elements to a tensor of ${size}`);
      }
      this.home.put(this.dtype, this.shape, data, this.#alive());
    });
  }

  /** Gives the memory back. */
  dispose(): void {
    if (this.#value) this.home.free(this.#value, this.dtype, this.shape);
    this.#value = undefined;
  }

  /** Gives the memory back. */
  discard(): void {
    this.dispose();
  }

  /** Gives the memory back. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(): Deno.PointerObject {
    if (!this.#value) throw new ReferenceError("Cannot use a tensor after it was disposed of");
    return this.#value;
  }
}

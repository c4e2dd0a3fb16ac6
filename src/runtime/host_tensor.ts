/**
 * Tensors in this process's memory: a typed array, and ONNX Runtime's value over the same memory.
 *
 * @module
 */

import type { ArrayTypes, DataType } from "../tensor/mod.ts";
import { type OrtLibrary, solid, toPointer } from "./ort_library.ts";
import type { DeviceTensor } from "./runtime.ts";

/** ONNX's numbers of the element types. */
export const elementTypes: Readonly<Record<DataType, number>> = {
  float32: 1,
  float16: 10,
  bfloat16: 16,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

const arrays: Readonly<
  Record<DataType, { readonly BYTES_PER_ELEMENT: number; new (buffer: ArrayBuffer): ArrayTypes[DataType] }>
> = {
  float32: Float32Array,
  float16: Float16Array,
  bfloat16: Uint16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float64: Float64Array,
};

/** The element type of one of ONNX's numbers. */
export function dataTypeOf(element: number): DataType {
  const found = (Object.keys(elementTypes) as DataType[]).find((name) => elementTypes[name] === element);
  if (found === undefined) throw new TypeError(`Cannot read a tensor of ONNX's element type ${element}`);
  return found;
}

/** Frees ONNX Runtime's values of tensors that nobody holds any more. */
const registries = new WeakMap<OrtLibrary, FinalizationRegistry<Deno.PointerObject>>();

function registryOf(library: OrtLibrary): FinalizationRegistry<Deno.PointerObject> {
  const known = registries.get(library);
  if (known) return known;
  const made = new FinalizationRegistry<Deno.PointerObject>((value) =>
    library.release("ReleaseValue", value)
  );
  registries.set(library, made);
  return made;
}

/** A tensor in this process's memory. */
export class HostTensor<T extends DataType = DataType> implements DeviceTensor<T> {
  /** ONNX Runtime's value over the elements; none once it was disposed of. */
  #value: Deno.PointerObject | undefined;

  /** Makes ONNX Runtime's value over the elements. */
  constructor(
    readonly library: OrtLibrary,
    memory: Deno.PointerValue,
    readonly dtype: T,
    readonly shape: readonly number[],
    readonly data: ArrayTypes[T],
  ) {
    // Asking for the buffer moves the elements of a small array out of the heap, where they could change their place.
    const { buffer, byteLength } = data;
    if (buffer.byteLength < byteLength) throw new RangeError("internal: a typed array outside its buffer");
    const dims = BigInt64Array.from(shape, BigInt);
    this.#value = solid(toPointer(library.get(
      "CreateTensorWithDataAsOrtValue",
      memory,
      Deno.UnsafePointer.of(data as BufferSource),
      BigInt(byteLength),
      dims,
      BigInt(dims.length),
      elementTypes[dtype],
    )));
    registryOf(library).register(this, this.#value, this);
  }

  /**
   * The value's address.
   *
   * @throws {ReferenceError} If the tensor was disposed of.
   */
  get address(): bigint {
    if (!this.#value) throw new ReferenceError("Cannot use a tensor after it was disposed of");
    return Deno.UnsafePointer.value(this.#value);
  }

  /** The elements themselves. */
  download(): Promise<ArrayTypes[T]> {
    return Promise.resolve(this.data);
  }

  /** Overwrites the elements. */
  write(data: ArrayTypes[T]): Promise<void> {
    if (data.length !== this.data.length) {
      const reason = `Cannot write ${data.length} elements to a tensor of ${this.data.length}`;
      return Promise.reject(new RangeError(reason));
    }
    (this.data as { set(data: ArrayTypes[T]): void }).set(data);
    return Promise.resolve();
  }

  /** Frees ONNX Runtime's value. */
  dispose(): void {
    if (!this.#value) return;
    registryOf(this.library).unregister(this);
    this.library.release("ReleaseValue", this.#value);
    this.#value = undefined;
  }

  /** Frees ONNX Runtime's value and the elements. */
  discard(): void {
    this.dispose();
    // The garbage collector would come by late: what is transferred is freed here, and nothing is kept of it.
    (this.data.buffer as ArrayBuffer).transfer(0);
  }

  /** Frees ONNX Runtime's value. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Bytes of one element. */
export function elementSize(dtype: DataType): number {
  return arrays[dtype].BYTES_PER_ELEMENT;
}

/** An array of elements that are all 0. */
export function emptyElements<T extends DataType>(dtype: T, shape: readonly number[]): ArrayTypes[T] {
  const bytes = shape.reduce((a, b) => a * b, elementSize(dtype));
  return new arrays[dtype](new ArrayBuffer(bytes)) as ArrayTypes[T];
}

/** Copies the elements of one of ONNX Runtime's values. */
export function copyElements(
  library: OrtLibrary,
  value: Deno.PointerValue,
): { dtype: DataType; shape: number[]; data: ArrayTypes[DataType] } {
  const info = toPointer(library.get("GetTensorTypeAndShape", value));
  const { dtype, shape } = readShape(library, info);
  library.release("ReleaseTensorTypeAndShapeInfo", info);
  const sizes = shape.map(Number), data = emptyElements(dtype, sizes);
  if (data.byteLength > 0) {
    const address = solid(toPointer(library.get("GetTensorMutableData", value)));
    new Deno.UnsafePointerView(address).copyInto(new Uint8Array(data.buffer as ArrayBuffer));
  }
  return { dtype, shape: sizes, data };
}

/** Element type and sizes of a tensor description; a symbol is a text, and an unnamed unknown size an empty one. */
export function readShape(
  library: OrtLibrary,
  info: Deno.PointerValue,
): { dtype: DataType; shape: (number | string)[] } {
  const element = new Int32Array(1);
  library.call("GetTensorElementType", info, element);
  const rank = library.get("GetDimensionsCount", info);
  const sizes = new BigInt64Array(Number(rank)), symbols = new BigUint64Array(Number(rank));
  library.call("GetDimensions", info, sizes, rank);
  library.call("GetSymbolicDimensions", info, symbols, rank);
  const shape = Array.from(sizes, (size, i) => {
    if (size >= 0n) return Number(size);
    const symbol = toPointer(symbols[i] ?? 0n);
    return symbol === null ? "" : new Deno.UnsafePointerView(symbol).getCString();
  });
  return { dtype: dataTypeOf(element[0] ?? 0), shape };
}

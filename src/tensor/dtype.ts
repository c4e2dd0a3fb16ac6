/**
 * Element types and the host arrays that hold them.
 *
 * @module
 */

/** Element types. float64 exists for exact tests; artifacts compute in float32, and in 16 bits where they are told to. */
export type DataType = "float32" | "float16" | "bfloat16" | "float64" | "int64" | "int32" | "bool";

/** Host arrays by element type. */
export interface ArrayTypes {
  /** 32-bit floats. */
  readonly float32: Float32Array;
  /** 16-bit floats. */
  readonly float16: Float16Array;
  /** The upper halves of 32-bit floats. */
  readonly bfloat16: Uint16Array;
  /** 64-bit floats. */
  readonly float64: Float64Array;
  /** 64-bit integers. */
  readonly int64: BigInt64Array;
  /** 32-bit integers. */
  readonly int32: Int32Array;
  /** One byte a truth value. */
  readonly bool: Uint8Array;
}

/** Is an element type one of floating-point numbers? */
export function isFloat(dtype: DataType): boolean {
  return dtype.includes("float");
}

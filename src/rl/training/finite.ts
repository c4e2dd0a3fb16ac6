/**
 * Stops a training whose numbers are not finite. Tensors are read only where a norm over them says that one is not, or
 * where they are asked for.
 *
 * @module
 */

import type { TensorSource } from "../../model/mod.ts";
import { jsonNumber, NonFiniteError, type Quantity } from "../non_finite.ts";

/**
 * Stops at a metric that is not finite.
 *
 * @throws {NonFiniteError} That names it.
 */
export function checkMetrics(metrics: Readonly<Record<string, number>>): void {
  for (const [tensor, value] of Object.entries(metrics)) {
    if (Number.isFinite(value)) continue;
    throw new NonFiniteError({ quantity: "metrics", tensor, value: jsonNumber(value) });
  }
}

/**
 * Stops at a number of a tensor that is not finite.
 *
 * @returns The sum of the squares.
 * @throws {NonFiniteError} That names the tensor and the number.
 */
export function checkElements(quantity: Quantity, tensor: string, data: Float32Array): number {
  let squares = 0;
  // Squares of float32 numbers are far from float64's end: the sum is finite where all of them are.
  for (let i = 0; i < data.length; i++) squares += (data[i] as number) ** 2; // i is within it
  if (Number.isFinite(squares)) return squares;
  const value = data.find((number) => !Number.isFinite(number)) ?? NaN;
  throw new NonFiniteError({ quantity, tensor, value: jsonNumber(value) });
}

/**
 * Stops at the first tensor that holds a number that is not finite. Each is read once.
 *
 * @returns The tensor with the largest sum of squares.
 * @throws {NonFiniteError} That names the tensor and the number.
 */
async function largestTensor(quantity: Quantity, { entries, read }: TensorSource): Promise<string> {
  let largest = "", most = -1;
  for (const tensor of entries.keys()) {
    // Parameters and gradients are float32.
    const squares = checkElements(quantity, tensor, (await read(tensor)).data as Float32Array);
    if (squares > most) [largest, most] = [tensor, squares];
  }
  return largest;
}

/**
 * Stops at a norm over tensors that is not finite.
 *
 * @param tensors What it is the norm of, or what that has changed; read only to say which of them it was.
 * @throws {NonFiniteError} That names the first tensor with a number that is not finite; or where none has one, because
 * only the sum of squares left float32's range, the tensor that adds the most to it.
 */
export async function checkNorm(
  quantity: "gradient norm" | "update norm",
  norm: number,
  tensors: () => TensorSource,
): Promise<void> {
  if (Number.isFinite(norm)) return;
  const tensor = await largestTensor(quantity, tensors());
  throw new NonFiniteError({ quantity, tensor, value: jsonNumber(norm) });
}

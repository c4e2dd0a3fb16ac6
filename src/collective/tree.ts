/**
 * Sums of arrays as a fixed binary tree: ((0 + 1) + (2 + 3)) + …, whoever computes which part.
 *
 * @module
 */

/** Adds the numbers of one array to another's, each sum rounded to float32. */
export function addTo(into: Float32Array, other: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (other[i] as number); // of one length
}

/**
 * Sums arrays of one length as a binary tree over neighbours.
 *
 * @param parts As many as a power of two; they are overwritten.
 * @returns The first of them, which holds the sum.
 */
export function treeSum(parts: readonly Float32Array[]): Float32Array {
  let level = parts;
  while (level.length > 1) {
    level = level.flatMap((left, i) => {
      const right = level[i + 1];
      if (i % 2 === 1 || !right) return [];
      addTo(left, right);
      return [left];
    });
  }
  return level[0] ?? new Float32Array();
}

/** Is a number a power of two? */
export function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && Number.isInteger(Math.log2(value));
}

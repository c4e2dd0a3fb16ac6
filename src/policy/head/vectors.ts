/**
 * Sizes, directions and norms of states, row by row, in float64.
 *
 * @module
 */

/** Rows of equal width, one behind another. */
export type Rows = Float32Array<ArrayBuffer>;

/** The Euclidean norm of every row. */
export function rowNorms(rows: Rows, width: number): Float64Array<ArrayBuffer> {
  const norms = new Float64Array(rows.length / width);
  for (let row = 0; row < norms.length; row++) {
    let squares = 0;
    for (let i = row * width; i < (row + 1) * width; i++) squares += (rows[i] as number) ** 2; // within the rows
    norms[row] = Math.sqrt(squares);
  }
  return norms;
}

/** The cosine of every row with the same row of others; 0 where one of them is zero and has no direction. */
export function rowCosines(rows: Rows, others: Rows, width: number): Float64Array<ArrayBuffer> {
  const cosines = new Float64Array(rows.length / width);
  for (let row = 0; row < cosines.length; row++) {
    let dot = 0, squares = 0, otherSquares = 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      const a = rows[i] as number, b = others[i] as number; // within the rows
      dot += a * b;
      squares += a * a;
      otherSquares += b * b;
    }
    cosines[row] = squares > 0 && otherSquares > 0 ? dot / Math.sqrt(squares) / Math.sqrt(otherSquares) : 0;
  }
  return cosines;
}

/** Root mean square normalisation of every row: x / √(mean x² + ε) · gain. */
export function normedRows(rows: Rows, gain: Float32Array, epsilon: number): Rows {
  const width = gain.length, normed = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += (rows[start + i] as number) ** 2; // within the rows
    const inverse = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) {
      normed[start + i] = (rows[start + i] as number) * inverse * (gain[i] as number);
    }
  }
  return normed;
}

/** Rows added to rows. */
export function addRows(rows: Rows, others: Rows): Rows {
  return rows.map((value, i) => value + (others[i] as number)); // of one length
}

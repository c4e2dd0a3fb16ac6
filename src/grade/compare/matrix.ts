/**
 * Matrices: sums, products and scalar multiples are carried out, then entries are compared one by one.
 *
 * @module
 */

import { contains, integerNode, mapChildren, negative, type Node } from "../expression/mod.ts";
import type { Comparison, Context } from "./scalar.ts";

type Matrix = Node & { kind: "matrix" };

/** The most entries of a matrix that is computed with. */
const MAX_ENTRIES = 100;

const isMatrix = (node: Node): node is Matrix => node.kind === "matrix";

/** The most matrices of a product that is carried out. */
const MAX_FACTORS = 5;

/** A formula of matrices as one matrix; whatever cannot be carried out stays as it is. */
export function withMatrices(node: Node): Node {
  if (node.kind === "matrix" || !contains(node, isMatrix)) return node;
  const power = powerOf(node);
  if (power) return power;
  const parts = "items" in node ? node.items.map(withMatrices) : [];
  const changed = "items" in node && parts.some((part, i) => part !== node.items[i]);
  const own = changed ? { ...node, items: parts } as Node : node;
  if (own.kind === "sum" && own.items.every(isMatrix)) return own.items.reduce<Node>(sum, NOTHING);
  if (own.kind !== "product") return own;
  // Entries double with every factor.
  if (own.items.filter(isMatrix).length > MAX_FACTORS) return own;
  let scalars: Node[] = [], matrix: Node | undefined;
  for (const item of own.items) {
    if (!isMatrix(item)) scalars = [...scalars, item];
    else if (!matrix) matrix = item;
    else {
      const next = isMatrix(matrix) ? product(matrix, item) : undefined;
      if (!next) return own;
      matrix = next;
    }
  }
  if (!matrix || !isMatrix(matrix)) return own;
  if (scalars.length === 0) return matrix;
  return { ...matrix, items: matrix.items.map((entry) => ({ kind: "product", items: [...scalars, entry] })) };
}

/** The largest power of a matrix that is carried out. */
const MAX_POWER = 8n;

/** A matrix to a natural power, its transpose, or its determinant. */
function powerOf(node: Node): Node | undefined {
  const items = "items" in node ? node.items.map(withMatrices) : [];
  const [base, exponent] = items;
  if (!base || !isMatrix(base)) {
    const [name, matrix] = items;
    const isDeterminant = node.kind === "product" && items.length === 2 && name?.kind === "symbol" &&
      name.name === "det";
    return isDeterminant && matrix && isMatrix(matrix) ? determinant(matrix) : undefined;
  }
  if (node.kind !== "power" || !exponent) return undefined;
  if (exponent.kind === "symbol" && (exponent.name === "T" || exponent.name === "top")) {
    return transposed(base);
  }
  const count = exponent.kind === "number" && exponent.value.denominator === 1n
    ? exponent.value.numerator
    : 0n;
  if (count < 1n || count > MAX_POWER) return undefined;
  let result: Node = base;
  for (let i = 1n; i < count; i++) {
    const next = isMatrix(result) ? product(result, base) : undefined;
    if (!next) return undefined;
    result = next;
  }
  return result;
}

function transposed(matrix: Matrix): Node {
  const rows = matrix.items.length / matrix.columns;
  const items = matrix.items.map((_, at) =>
    matrix.items[(at % rows) * matrix.columns + Math.floor(at / rows)] as Node
  );
  return { kind: "matrix", columns: rows, items };
}

/** The determinant of a matrix of at most four rows, by its first row. */
function determinant(matrix: Matrix): Node | undefined {
  const size = matrix.columns;
  if (size * size !== matrix.items.length || size > 4) return undefined;
  if (size === 1) return matrix.items[0];
  const terms = Array.from({ length: size }, (_, column): Node => {
    const rest = matrix.items.filter((_, at) => at >= size && at % size !== column);
    const minor = determinant({ kind: "matrix", columns: size - 1, items: rest });
    return {
      kind: "product",
      items: [integerNode(column % 2 === 0 ? 1 : -1), matrix.items[column] as Node, minor as Node],
    };
  });
  return { kind: "sum", items: terms };
}

/** The empty sum. */
const NOTHING: Node = { kind: "sum", items: [] };

function sum(a: Node, b: Node): Node {
  if (a === NOTHING) return b;
  if (!isMatrix(a) || !isMatrix(b) || a.columns !== b.columns || a.items.length !== b.items.length) {
    return { kind: "sum", items: [a, b] };
  }
  return { ...a, items: a.items.map((entry, i) => ({ kind: "sum", items: [entry, b.items[i] as Node] })) };
}

function product(a: Matrix, b: Matrix): Node | undefined {
  const rows = a.items.length / a.columns, inner = a.columns;
  if (b.items.length / b.columns !== inner || rows * b.columns * inner > MAX_ENTRIES) return undefined;
  const items = Array.from({ length: rows * b.columns }, (_, at): Node => {
    const row = Math.floor(at / b.columns), column = at % b.columns;
    const terms = Array.from({ length: inner }, (_, k): Node => ({
      kind: "product",
      items: [a.items[row * inner + k] as Node, b.items[k * b.columns + column] as Node],
    }));
    return { kind: "sum", items: terms };
  });
  return { kind: "matrix", columns: b.columns, items };
}

/** Compares a matrix with a matrix, or a vector with a tuple; `undefined` if neither side is a matrix. */
export function compareMatrices(first: Node, second: Node, context: Context): Comparison | undefined {
  const gold = isMatrix(second) ? fromLists(first) : first,
    answer = isMatrix(first) ? fromLists(second) : second;
  if (!isMatrix(gold) && !isMatrix(answer)) return undefined;
  const method = "entry by entry";
  const inOrder = (a: readonly Node[], b: readonly Node[]): boolean =>
    a.length === b.length && a.every((entry, i) => context.compare(entry, b[i] as Node).equal);
  if (isMatrix(gold) && isMatrix(answer)) {
    return { equal: gold.columns === answer.columns && inOrder(gold.items, answer.items), method };
  }
  const matrix = isMatrix(gold) ? gold : answer as Matrix, other = isMatrix(gold) ? answer : gold;
  if (other.kind === "relation") return undefined;
  if (matrix.items.length === 1) {
    return context.compare(
      isMatrix(gold) ? matrix.items[0] as Node : gold,
      isMatrix(gold) ? answer : matrix.items[0] as Node,
    );
  }
  const isTuple = (other.kind === "bracket" && (other.open === "(") === (other.close === ")")) ||
    (other.kind === "list" && other.joiner !== "or" && context.policy.bareTuples);
  if (!isVector(matrix) || !context.policy.vectorsAsTuples || !isTuple) return { equal: false, method };
  const [a, b] = isMatrix(gold) ? [matrix.items, other.items] : [other.items, matrix.items];
  return { equal: inOrder(a, b), method };
}

/** `[[0, 1], [1, 0]]` as a matrix. */
function fromLists(node: Node): Node {
  if (node.kind !== "bracket" || node.open !== "[") return node;
  const rows = node.items.map((row) => row.kind === "bracket" && row.open === "[" ? row.items : []);
  const columns = rows[0]?.length ?? 0;
  return columns > 0 && rows.every(({ length }) => length === columns)
    ? { kind: "matrix", columns, items: rows.flat() }
    : node;
}

const isVector = (matrix: Matrix): boolean => matrix.columns === 1 || matrix.columns === matrix.items.length;

const AXES = ["i", "j", "k"];

/** Which unit vector a node is: `\mathbf{i}`, `\hat{j}`, or the bare letter. */
function axisOf(node: Node): number {
  const name = node.kind === "symbol" ? node.name : node.kind === "constant" ? node.name : "";
  return AXES.indexOf(name.replace(/^hat /, ""));
}

/** Compares `2\mathbf{i} + 3\mathbf{j}` with a tuple or a column; `undefined` if it is none. */
export function compareVectors(gold: Node, answer: Node, context: Context): Comparison | undefined {
  const has = (node: Node, name: string): boolean =>
    contains(node, (part) => (part.kind === "symbol" || part.kind === "constant") && part.name === name);
  const isSum = (node: Node): boolean =>
    ["sum", "product", "symbol"].includes(node.kind) &&
    (AXES.some((axis) => has(node, `hat ${axis}`)) || (has(node, "i") && has(node, "j")));
  const isTuple = (node: Node): boolean => node.kind === "bracket" || (isMatrix(node) && isVector(node));
  const goldIsSum = isSum(gold);
  const [vector, tuple] = goldIsSum ? [gold, answer] : [answer, gold];
  if (!isSum(vector) || !isTuple(tuple) || !("items" in tuple) || !context.policy.vectorsAsTuples) {
    return undefined;
  }
  const at = (axis: number): Node => {
    const put = (node: Node): Node =>
      axisOf(node) >= 0 ? integerNode(axisOf(node) === axis ? 1 : 0) : mapChildren(node, put);
    return put(vector);
  };
  const origin = at(-1);
  const along = (axis: number): Node => ({ kind: "sum", items: [at(axis), negative(origin)] });
  const all: Node = { kind: "sum", items: AXES.map((_, axis) => along(axis)) };
  const together = mapOnes(vector);
  const needed = contains(vector, (part) => axisOf(part) === 2) ? 3 : 2;
  const equal = tuple.items.length >= needed && tuple.items.length <= 3 &&
    context.compare(origin, integerNode(0)).equal && context.compare(together, all).equal &&
    tuple.items.every((entry, axis) =>
      goldIsSum ? context.compare(along(axis), entry).equal : context.compare(entry, along(axis)).equal
    );
  return { equal, method: "entry by entry" };
}

/** The value of a formula where all unit vectors are 1: for a sum of multiples, the sum of its coefficients. */
function mapOnes(node: Node): Node {
  return axisOf(node) >= 0 ? integerNode(1) : mapChildren(node, mapOnes);
}

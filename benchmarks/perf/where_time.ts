/**
 * Where the time of a graph goes: ONNX Runtime's profile of its nodes, summed by the kind of work.
 *
 * @module
 */

/** An event of a profile, as far as it is read. Times are in microseconds. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** Kinds of work, and the operators that do it; all others are "arithmetic, element by element". */
const KINDS = {
  "matrix products": ["MatMul", "Gemm", "FusedMatMul", "FusedGemm", "MatMulNBits"],
  "attention, fused": ["GroupQueryAttention", "MultiHeadAttention", "Attention"],
  "softmax, norms, sums": [
    "Softmax",
    "ReduceSum",
    "ReduceMax",
    "ReduceMean",
    "ReduceSumSquare",
    "ReduceL2",
    "SimplifiedLayerNormalization",
    "SkipSimplifiedLayerNormalization",
    "RMSNormalization",
    "LogSoftmax",
    "ArgMax",
    "TopK",
  ],
  "moving and choosing": [
    "Transpose",
    "Reshape",
    "Concat",
    "Split",
    "Slice",
    "Gather",
    "GatherElements",
    "GatherND",
    "ScatterElements",
    "ScatterND",
    "Expand",
    "Where",
    "Cast",
    "Squeeze",
    "Unsqueeze",
    "Identity",
    "Shape",
    "Pad",
    "Tile",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The kind of what belongs to no other. */
const ARITHMETIC = "arithmetic, element by element";

/** A kind of work. */
export type Kind = keyof typeof KINDS | typeof ARITHMETIC;

const kindOf = new Map<string, Kind>(
  Object.entries(KINDS).flatMap(([kind, names]) => names.map((name) => [name, kind as Kind] as const)),
);

/** Operators that run other nodes, which have events of their own. */
const CONTAINERS: ReadonlySet<string> = new Set(["Loop", "Scan", "If"]);

/** Where the time of a run went; seconds. */
export interface TimeOf {
  /** Of a whole run. */
  readonly run: number;
  /** Of each kind of work, largest first; their sum is less than the run by what ONNX Runtime does between nodes. */
  readonly kinds: readonly { readonly kind: Kind; readonly seconds: number; readonly nodes: number }[];
  /** Multiplications and additions of all matrix products of a run. */
  readonly operations: number;
}

function shapes(
  given: readonly Readonly<Record<string, readonly number[]>>[] | undefined,
): readonly number[][] {
  return (given ?? []).map((entry) => [...Object.values(entry)[0] ?? []]);
}

/** Operations of a product: each element of what comes out takes as many multiplications as rows have columns. */
function productOperations({ args }: ProfileEvent): number {
  const [left = [], right = []] = shapes(args?.input_type_shape),
    [out = []] = shapes(args?.output_type_shape);
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  // Whichever is transposed: both matrices together hold (rows × inner) · (inner × columns) elements.
  const matrix = (shape: readonly number[]): number => size(shape.slice(-2));
  const product = matrix(out);
  return product === 0 ? 0 : 2 * size(out) * Math.round(Math.sqrt(matrix(left) * matrix(right) / product));
}

/**
 * Sums up a profile.
 *
 * @param events The events of one session.
 * @param skipped Runs at its beginning that do not count.
 * @returns Means over the runs that count.
 * @throws {RangeError} If no run is left.
 */
export function timeOf(events: readonly ProfileEvent[], skipped: number): TimeOf {
  const runs = events.filter(({ cat, name }) => cat === "Session" && name === "model_run")
    .toSorted((a, b) => a.ts - b.ts).slice(skipped);
  const [first] = runs;
  if (!first) throw new RangeError(`Cannot read the profile: it has no run after the first ${skipped}`);
  const kinds = new Map<Kind, { seconds: number; nodes: number }>();
  let operations = 0;
  for (const event of events) {
    const operator = event.args?.op_name ?? "";
    const node = event.cat === "Node" && event.name.endsWith("_kernel_time") && event.ts >= first.ts;
    if (!node || CONTAINERS.has(operator)) continue;
    const kind = kindOf.get(operator) ?? ARITHMETIC, sum = kinds.get(kind) ?? { seconds: 0, nodes: 0 };
    sum.seconds += event.dur / 1e6 / runs.length;
    sum.nodes += 1 / runs.length;
    kinds.set(kind, sum);
    if (kind === "matrix products") operations += productOperations(event) / runs.length;
  }
  return {
    run: runs.reduce((sum, { dur }) => sum + dur, 0) / 1e6 / runs.length,
    kinds: [...kinds].map(([kind, sum]) => ({ kind, ...sum })).sort((a, b) => b.seconds - a.seconds),
    operations,
  };
}

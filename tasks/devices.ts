/**
 * `deno task devices`: what this machine can compute on, and how to get what is missing.
 *
 * @module
 */

import {
  computesIn,
  LIBRARY_VARIABLE,
  listAdapters,
  onnxRuntimeVersion,
  openRuntime,
  type Provider,
  ProviderError,
  type Runtime,
} from "../src/runtime/mod.ts";
import { add, input, matmul, softmax, sum, toOnnx } from "../src/tensor/mod.ts";
import { type Command, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { cudaBuild, fetchBuild } from "./shared/fetch_cuda.ts";
import { onnxRuntimeFlagHelp, openNamedOnnxRuntime } from "./shared/onnx_runtime_flag.ts";
import { asCalled } from "./shared/root.ts";

/** What is said of one provider. */
interface Report {
  readonly provider: Provider;
  readonly ready: boolean;
  /** The adapter, where its name is known. */
  readonly adapter?: string;
  /** The largest error of the self-test against sums in float64, relative to the largest value. */
  readonly error?: number;
  /** The 16-bit types that it computes in. */
  readonly precisions?: readonly string[];
  /** Milliseconds of the self-test's second run. */
  readonly milliseconds?: number;
  /** What is missing, and the fix. */
  readonly missing?: string;
}

/** The self-test's largest relative error. */
const TOLERANCE = 1e-5;

/** Two products, a softmax and a state that is updated in place, against the same in float64. */
async function selfTest(runtime: Runtime): Promise<{ error: number; milliseconds: number }> {
  const size = 64;
  const a = input("a", "float32", [size, size]), state = input("state", "float32", [size]);
  const weights = softmax(matmul(a, a));
  const graph = {
    name: "self_test",
    inputs: [a, state],
    outputs: { "state.out": add(state, sum(weights, [0])) },
  };
  const session = await runtime.load(toOnnx(graph));
  const data = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * 0.37));
  using own = runtime.upload("float32", [size, size], data);
  using total = runtime.upload("float32", [size], new Float32Array(size));
  let started = 0;
  for (let run = 0; run < 2; run++) {
    started = performance.now();
    await session.run({ a: own, state: total }, { "state.out": total });
  }
  const actual = await total.download(), milliseconds = performance.now() - started;
  await session.dispose();
  const expected = new Float64Array(size);
  const at = (row: number, column: number): number => data[row * size + column] as number; // within the matrix
  for (let row = 0; row < size; row++) {
    const logits = Array.from({ length: size }, (_, column) => {
      let product = 0;
      for (let k = 0; k < size; k++) product += at(row, k) * at(k, column);
      return product;
    });
    const peak = Math.max(...logits), exps = logits.map((x) => Math.exp(x - peak));
    const mass = exps.reduce((x, y) => x + y, 0);
    exps.forEach((x, column) => expected[column] = (expected[column] as number) + 2 * x / mass);
  }
  const scale = Math.max(...expected);
  const errors = Array.from(expected, (value, i) => Math.abs(value - (actual[i] as number)) / scale);
  return { error: Math.max(...errors), milliseconds };
}

async function inspect(provider: Provider): Promise<Report> {
  try {
    const runtime = openRuntime({ provider, threads: 1 });
    const result = await selfTest(runtime);
    const adapter = runtime.adapter === undefined ? {} : { adapter: runtime.adapter };
    const precisions: string[] = [];
    for (const name of ["float16", "bfloat16"] as const) {
      if (await computesIn(runtime, name)) precisions.push(name);
    }
    return { provider, ready: result.error <= TOLERANCE, ...adapter, ...result, precisions };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    // The rest of the sentence says to use another one.
    const missing = error.message.replace(/^[^:]*: /, "").replace(/, or use --provider cpu.*$/, "");
    return { provider, ready: false, missing };
  }
}

const providers: readonly Provider[] = ["cpu", "webgpu", "cuda"];

/** Where builds of ONNX Runtime are kept. */
const BUILDS = ".store/onnxruntime";

/** Brings the build with CUDA and says how to use it. */
async function fetchCuda(): Promise<number> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new UsageError(
      `Cannot fetch CUDA's provider: it is built for Linux on x64, and this is ${os} on ${arch}`,
    );
  }
  const folder = await fetchBuild(cudaBuild, BUILDS, print);
  print(
    [
      `ONNX Runtime ${cudaBuild.name} lies in ${folder}; it needs ${cudaBuild.needs}.`,
      `Use it with --onnxruntime, or for all commands with`,
      `  export ${LIBRARY_VARIABLE}="${folder}"`,
    ].join("\n"),
  );
  return 0;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** Lists providers and adapters. */
export const command: Command = {
  help: `Usage: deno task devices [--provider NAME] [--onnxruntime DIR] [--json]
       deno task devices --fetch-cuda

Lists the execution providers with a self-test of each and the precisions they compute in, and the graphics
adapters with their memory and the largest buffer that a kernel can read. Exit code 2 if the provider that was named
is missing, 1 if its self-test fails.

  --provider NAME      cpu, webgpu or cuda (default: all of them)
${onnxRuntimeFlagHelp}
  --fetch-cuda         bring a build with the CUDA provider for Linux x64 from the npm registry (330 MB) to
                       ${BUILDS}; digests are checked
  --json               the result as one JSON document`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: ["json", "fetch-cuda"],
      string: ["provider", "onnxruntime"],
    });
    if (flags.on("fetch-cuda")) return await fetchCuda();
    const wanted = flags.text("provider"), named = providers.find((name) => name === wanted);
    if (wanted !== undefined && !named) {
      throw new UsageError(`Cannot look for "${wanted}": expected ${providers.join(", ")}`);
    }
    openNamedOnnxRuntime(flags);
    const reports: Report[] = [];
    for (const provider of named ? [named] : providers) reports.push(await inspect(provider));
    const adapters = listAdapters() ?? [], onnxruntime = onnxRuntimeVersion();
    const [first] = reports;
    if (named && first?.missing !== undefined) {
      throw new UsageError(`Cannot compute with "${named}": ${first.missing}`);
    }
    if (flags.on("json")) printJson({ onnxruntime, providers: reports, adapters });
    else {
      print(`ONNX Runtime ${onnxruntime}`);
      for (
        const { provider, ready, adapter, error = NaN, milliseconds = NaN, precisions = [], missing }
          of reports
      ) {
        const found = `${ready ? "ready" : "WRONG"}  self-test ${error.toExponential(1)}, ${
          milliseconds.toFixed(1)
        } ms, ${["float32", ...precisions].join(" ")}`;
        print(`  ${provider.padEnd(8)}${missing ?? found}${adapter === undefined ? "" : `  on ${adapter}`}`);
      }
      print(adapters.length === 0 ? "No graphics adapter that Vulkan knows" : "Graphics adapters");
      for (const { name, kind, memory, largestBuffer, storageBindings } of adapters) {
        print(
          `  ${name}  (${kind})  memory ${gibibytes(memory)}, largest buffer ${
            gibibytes(largestBuffer)
          }, ${storageBindings} buffers a kernel`,
        );
      }
      if (!reports.some(({ provider, ready }) => provider === "cuda" && ready)) {
        print(
          asCalled(
            "With an NVIDIA card on Linux x64, deno task devices --fetch-cuda brings the CUDA provider",
          ),
        );
      }
    }
    return reports.every(({ ready, missing }) => ready || missing !== undefined) ? 0 : 1;
  },
};

/**
 * The environment of a result that several machines made, from what each of its records says of its own.
 *
 * @module
 */

import type { RunMaker } from "./provenance.ts";
import type { Environment } from "./statement.ts";

/** The longest text of one fact: statements hold no longer ones. */
const LONGEST = 900;

/** The different values of a fact, in the order of their first appearance; what is too long for a statement is counted. */
function together(values: readonly (string | undefined)[]): string | undefined {
  const known = [...new Set(values.filter((value) => value !== undefined))];
  if (known.length === 0) return undefined;
  let count = known.length;
  while (count > 1 && known.slice(0, count).join("; ").length > LONGEST) count--;
  const rest = known.length - count;
  return `${known.slice(0, count).join("; ").slice(0, LONGEST)}${rest > 0 ? `; and ${rest} more` : ""}`;
}

/**
 * The environment that computed a result: each fact once for every value that it had where a record was made. The machine
 * that only collects and signs is not among them.
 *
 * @param makers What made the records.
 * @param threads Intra-op threads.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { executedEnvironment } from "./executed.ts";
 *
 * const maker = {
 *   ...{ sources: "0".repeat(64), commit: null, dirty: false, records: ["train grpo-1"] },
 *   ...{ provider: "cpu", kernels: "avx avx2", onnxruntime: "1.30.0", deno: "2.9.6" },
 *   ...{ os: "linux 6", arch: "x86_64", cpu: "A" },
 * };
 * const { cpu, instructions, threads } = executedEnvironment([maker, { ...maker, cpu: "B" }], 1);
 * assertEquals([cpu, instructions, threads], ["A; B", "avx avx2", 1]);
 * ```
 */
export function executedEnvironment(makers: readonly RunMaker[], threads: number): Environment {
  const all = (fact: (maker: RunMaker) => string | undefined): string =>
    together(makers.map(fact)) ?? "unknown";
  // Where nobody tells the instructions, the architecture stands in a record's key for them.
  const instructions = together(
    makers.map(({ provider, kernels, arch }) => provider === "cpu" && kernels !== arch ? kernels : undefined),
  );
  const driver = together(makers.map((maker) => maker.driver));
  return {
    provider: all(({ provider, kernels }) => provider === "cpu" ? provider : `${provider} (${kernels})`),
    threads,
    onnxruntime: all(({ onnxruntime }) => onnxruntime),
    deno: all(({ deno }) => deno),
    os: all(({ os }) => os),
    arch: all(({ arch }) => arch),
    cpu: all(({ cpu }) => cpu),
    ...(instructions === undefined ? {} : { instructions }),
    ...(driver === undefined ? {} : { driver }),
  };
}

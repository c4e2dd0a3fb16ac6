/**
 * Where the time of rows of the performance table goes on the CPU, by kind of work: `deno task perf:where`.
 *
 * @module
 */

import { join } from "node:path";
import {
  onnxRuntimeVersion,
  openMatrixProduct,
  openRuntime,
  type Runtime,
  type Session,
} from "../../src/runtime/mod.ts";
import { print, readFlags, UsageError } from "../../tasks/shared/command.ts";
import { worker } from "./peers/works.ts";
import { runProgram } from "./program.ts";
import { rows } from "./rows.ts";
import { shapeDirectory } from "./shapes.ts";
import { type ProfileEvent, type TimeOf, timeOf } from "./where_time.ts";
import type { DecodingWork, TrainingWork } from "./work.ts";

const HELP = `Usage: deno task perf:where [--rows NAME]… [--rounds N]

Runs rows of the performance table under ONNX Runtime's profiler, and prints how much of the time goes into matrix
products, sums, arithmetic and copies, and how fast the products are against the same product that "deno task perf"
takes for the processor's speed, measured before and after. Profiling itself costs some per cent; times of Loop and
Scan are those of the nodes within them.

  --rows NAME     a row of training or decoding (default: train-64, train-512, train-2048, decode-64)
  --rounds N      runs that count (default: 5)`;

/** Runs before those that count. */
const WARM = 2;

/** A runtime whose sessions write profiles into a folder when they are closed. */
function profiled(
  inner: Runtime,
  folder: string,
): { readonly runtime: Runtime; readonly close: () => Promise<void> } {
  const sessions: Session[] = [];
  const kept = (session: Session): Session => {
    sessions.push(session);
    return session;
  };
  const profile = (): { profile: string } => ({ profile: join(folder, `session-${sessions.length}`) });
  const runtime: Runtime = {
    provider: inner.provider,
    threads: inner.threads,
    largestTensor: inner.largestTensor,
    transfers: inner.transfers,
    memory: inner.memory,
    load: async (bytes) => kept(await inner.load(bytes, profile())),
    prepare: async (bytes) => {
      const program = await inner.prepare(bytes, profile());
      return {
        bind: async (constants) => kept(await program.bind(constants)),
        dispose: () => program.dispose(),
      };
    },
    upload: (...args) => inner.upload(...args),
    stage: (...args) => inner.stage(...args),
    giveBack: () => inner.giveBack(),
  };
  return {
    runtime,
    close: async () => {
      for (const session of sessions) await session.dispose();
    },
  };
}

/** Multiplications and additions a second of the product that the table compares with. */
async function productSpeed(runtime: Runtime): Promise<number> {
  const { run, operations } = await openMatrixProduct(runtime), times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    await run();
    times.push((performance.now() - start) / 1000);
  }
  return operations / (times.sort((a, b) => a - b)[times.length >> 1] ?? NaN);
}

/** Profiles a work: that of its sessions which took the most time. */
async function profileOf(
  work: TrainingWork | DecodingWork,
  threads: number,
  rounds: number,
): Promise<TimeOf> {
  await Deno.mkdir(".store/perf", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: ".store/perf" });
  try {
    const { runtime, close } = profiled(openRuntime({ provider: "cpu", threads }), folder);
    const { run } = await worker(runtime)(work, await shapeDirectory(work.shape));
    for (let i = 0; i < WARM + rounds; i++) await run();
    await close();
    const profiles: TimeOf[] = [];
    for await (const { name } of Deno.readDir(folder)) {
      const events: ProfileEvent[] = JSON.parse(await Deno.readTextFile(join(folder, name)));
      const runs = events.filter(({ cat, name }) => cat === "Session" && name === "model_run").length;
      // A decoding session runs once a token; the first third is what was prepared and warmed.
      if (runs > WARM) profiles.push(timeOf(events, Math.max(WARM, Math.floor(runs / 3))));
    }
    const [longest] = profiles.sort((a, b) => total(b) - total(a));
    if (!longest) throw new Error("Cannot profile: no session has run");
    return longest;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const total = ({ operations, run }: TimeOf): number => operations * run;

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`.padStart(5);
}

async function main(args: readonly string[]): Promise<number> {
  const flags = readFlags(args, { boolean: [], string: ["rounds"], list: ["rows"] });
  const asked = flags.list("rows"), rounds = flags.integer("rounds") ?? 5;
  const names = asked.length > 0 ? asked : ["train-64", "train-512", "train-2048", "decode-64"];
  const chosen = names.map((name) => {
    const row = rows.find((row) => row.name === name);
    if (row && "work" in row && (row.work.kind === "decode" || "rows" in row.work)) {
      return { row, work: row.work as TrainingWork | DecodingWork };
    }
    throw new UsageError(
      `Cannot profile the row "${name}": it is none of training or decoding (see "deno task perf --help")`,
    );
  });
  print(`ONNX Runtime ${onnxRuntimeVersion()}`);
  for (const { row, work } of chosen) {
    const plain = openRuntime({ provider: "cpu", threads: row.threads });
    const before = await productSpeed(plain),
      { run, kinds, operations } = await profileOf(work, row.threads, rounds);
    const speed = (before + await productSpeed(plain)) / 2;
    print(`\n${row.title}: ${(1000 * run).toFixed(1)} ms a run of the graph`);
    for (const { kind, seconds, nodes } of kinds) {
      const products = kind === "matrix products"
        ? `; ${percent(operations / seconds / speed).trim()} of the product's speed`
        : "";
      print(`  ${percent(seconds / run)}  ${kind} (${Math.round(nodes)} nodes${products})`);
    }
    const inside = kinds.reduce((sum, { seconds }) => sum + seconds, 0);
    print(`  ${percent(1 - inside / run)}  between nodes`);
  }
  return 0;
}

if (import.meta.main) await runProgram(HELP, main);

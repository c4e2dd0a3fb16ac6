/**
 * Reads parquet files, one after another, and prints for each how many MiB the process had at most beyond what it had
 * before. Linux counts them; needs `--v8-flags=--expose-gc`.
 */

import { readParquet } from "../../../src/suite/parquet/parquet.ts";

/** The largest resident size since the last call, in MiB; counts anew from the present one. */
function largest(): number {
  const [, size] = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
  Reflect.get(globalThis, "gc")();
  Deno.writeTextFileSync("/proc/self/clear_refs", "5");
  return Number(size) / 1024;
}

for (const path of Deno.args) {
  largest();
  const before = Deno.memoryUsage().rss / 2 ** 20;
  let outcome = "read";
  try {
    for await (const row of readParquet(path, (column) => "abcd".includes(column))) void row;
  } catch (error) {
    outcome = error instanceof SyntaxError ? error.message : `${error}`;
  }
  const line = JSON.stringify({ outcome, peak: Math.round(largest() - before) });
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

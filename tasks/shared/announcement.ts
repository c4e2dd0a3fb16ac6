/**
 * What a run says before it begins: what it will do, for how long, and where the result will lie.
 *
 * @module
 */

import { methodNameOf, type Plan, type Profile } from "../../src/pipeline/mod.ts";
import { methodLabel } from "../../src/rl/mod.ts";
import { formatLong } from "./plan_text.ts";

/** A number of things. */
function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** How long a plan takes, at the speed that it rests on; a suite of unknown size is not in it. */
function duration({ seconds, machine: { speed = 0 }, settings, suites }: Plan, threads: number): string {
  if (!seconds) return "for how long the first steps tell";
  const bound = suites.some(({ problems }) => problems === undefined) ? "more than" : "about";
  const cores = counted(settings.workers * threads, "core");
  return `${bound} ${formatLong(seconds.training + seconds.evaluation)} on ${cores} of ${
    (speed / 1e9).toFixed(0)
  } GFLOP/s`;
}

/**
 * A run in one line.
 *
 * @param resumed Whether there may be records of it, which take no time.
 */
export function announcement(
  { name, methods: trained, seeds, evaluation, threads }: Profile,
  plan: Plan,
  { directory, resumed }: { readonly directory: string; readonly resumed: boolean },
): string {
  const labels = trained.map((method) => methodLabel(methodNameOf(method))).join(" and ");
  const left = resumed ? ", less what is recorded already" : "";
  return `${name}: trains ${labels} with ${counted(seeds.length, "seed")}, evaluates on ${
    counted(evaluation.suites.length, "suite")
  }; ${duration(plan, threads)}${left}; result in ${directory}`;
}

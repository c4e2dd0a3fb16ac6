/**
 * What processes that train together must agree on: what they train, where they go on from, what came of it, when to stop.
 *
 * @module
 */

import { type Collective, fromFirst } from "./collective.ts";

/** Milliseconds in which signals are heard between two steps of a process that computes on its main thread. */
const TURN = 0;

/**
 * Was any of the processes asked to stop? Each asks once a step, so that all of them stop after the same one.
 *
 * @param stopped Was this one?
 */
export async function stoppedAnywhere(
  collective: Collective,
  stopped: (() => boolean) | undefined,
): Promise<boolean> {
  // Signals are heard by the event loop, which steps that only compute keep waiting.
  if (collective.size > 1) await new Promise((resolve) => setTimeout(resolve, TURN));
  return collective.gather(stopped?.() ?? false).includes(true);
}

/**
 * Refuses processes that would not train the same: another checkout, profile, model, or kernels that round otherwise.
 *
 * @throws {TypeError} If their keys differ.
 */
export function checkSameKey(collective: Collective, key: unknown): void {
  checkSame(
    collective,
    "the key (sources, profile, model, kernels)",
    JSON.stringify(key),
    "start the same command from the same checkout on machines of one kind",
  );
}

/**
 * Where a run goes on from, as the first process finds it; the others read the same state.
 *
 * @param latest Finds the latest sound one.
 * @param at Reads that of a step.
 * @throws {TypeError} If another process does not see it.
 */
export async function commonState<
  S extends { readonly step: number; readonly value: { readonly checkpoint: string } },
>(
  collective: Collective,
  latest: () => Promise<S | undefined>,
  at: (step: number) => Promise<S | undefined>,
): Promise<S | undefined> {
  const own = collective.rank === 0 ? await latest() : undefined;
  const step = await fromFirst(collective, () => own?.step);
  const state = own ?? (step === undefined ? undefined : await at(step));
  checkSame(
    collective,
    "the saved state",
    state?.value.checkpoint ?? "none",
    "all of them need the same store: name one on a shared disk with --store",
  );
  return state;
}

/**
 * Refuses to save what is not the same in all processes: one of them computes otherwise, and the next steps would too.
 *
 * @throws {TypeError} If checkpoints differ.
 */
export function checkSameCheckpoint(collective: Collective, step: number, checkpoint: string): void {
  checkSame(
    collective,
    `the checkpoint after step ${step}`,
    checkpoint,
    "a machine rounds otherwise or is broken; that step was not saved, the one before it is",
  );
}

/** Do all processes have the same? */
function checkSame(collective: Collective, what: string, value: string, remedy: string): void {
  const all = collective.gather(value), other = all.findIndex((each) => each !== all[0]);
  if (other < 0) return;
  throw new TypeError(
    `Cannot train with ${all.length} processes: ${what} of process ${other} differs from that of process 0; ${remedy}`,
  );
}

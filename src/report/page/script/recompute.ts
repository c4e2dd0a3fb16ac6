/**
 * Computes again what the page shows of a result, from its signed files alone: by the functions that published it, in a
 * worker, so that the page stays usable meanwhile.
 *
 * @module
 */

import { contentId } from "../../../canonical_json.ts";
import type { ComparisonSettings } from "../../compare/mod.ts";
import {
  buildResult,
  type BuiltResult,
  type Curve,
  type LeaderboardResult,
  passCurves,
  signedFacts,
} from "../../leaderboard/mod.ts";
import type { Provenance, ResultRecord } from "../../../result/mod.ts";

/** What is computed from. */
export interface Task
  extends Pick<LeaderboardResult, "name" | "owner" | "trusted" | "place" | "judged" | "key"> {
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  /** SHA-256 of the provenance. */
  readonly provenance: string;
  /** SHA-256 of the record. */
  readonly digest: string;
  /** The signed record. */
  readonly record: ResultRecord;
  /** What the signed provenance says. */
  readonly made: Provenance;
  /** How numbers are made. */
  readonly settings: ComparisonSettings;
}

/** What follows from the signed files. */
export interface Computed extends BuiltResult {
  /** The pass@k curves. */
  readonly curves: readonly Curve[];
}

/** Computes a result. */
export async function compute({ record, made, settings, digest, ...shown }: Task): Promise<Computed> {
  const facts = signedFacts(record, await contentId(record.profile), made);
  const built = buildResult({ ...shown, ...facts, record: digest, recordContent: record }, settings);
  return { ...built, curves: passCurves(shown.name, record, settings) };
}

/** What a worker answers: the number of the task, and what came out or why nothing did. */
type Answer = { readonly id: number } & ({ readonly computed: Computed } | { readonly problem: string });

/** Runs in the worker: answers tasks. */
export function serve(): void {
  addEventListener("message", ({ data: { id, task } }: MessageEvent<{ id: number; task: Task }>) => {
    compute(task).then(
      (computed): Answer => ({ id, computed }),
      (error): Answer => ({ id, problem: String(error) }),
    ).then((answer) => postMessage(answer));
  });
}

/** The most workers: a page of many results is checked in bearable time, and the reader's machine stays usable. */
const MOST_WORKERS = 4;

let workers: readonly Worker[] | undefined;
let tasks = 0;

/** The workers: the page's own script once more each. None where the browser starts none. */
function theWorkers(): readonly Worker[] {
  if (workers) return workers;
  try {
    const script = document.querySelector('script[type="module"]')?.textContent ?? "";
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const count = Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1);
    workers = Array.from({ length: count }, () => new Worker(url, { type: "module" }));
  } catch {
    workers = [];
  }
  return workers;
}

/** Computes a result in a worker, or here where there is none. */
export function recompute(task: Task): Promise<Computed> {
  const running = theWorkers(), id = tasks++, worker = running[id % running.length];
  if (!worker) return compute(task);
  return new Promise((resolve, reject) => {
    const listener = ({ data }: MessageEvent<Answer>): void => {
      if (data.id !== id) return;
      worker.removeEventListener("message", listener);
      if ("computed" in data) resolve(data.computed);
      else reject(new Error(`it cannot be computed again: ${data.problem}`));
    };
    worker.addEventListener("message", listener);
    worker.addEventListener("error", () => {
      workers = [];
      compute(task).then(resolve, reject);
    }, { once: true });
    worker.postMessage({ id, task });
  });
}

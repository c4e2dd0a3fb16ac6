/**
 * Changes of a result that keep its parts in step with each other: what forgeries and mutations are made of.
 *
 * @module
 */

import type { Line, Loose, Parts } from "./honest.ts";

/** The runs of a line. */
export function isOf(line: Line, { method, seed }: { method: string; seed: number | null }): boolean {
  return line.method === method && (line.seed ?? null) === seed;
}

/** Keeps some problems of a suite, everywhere. */
export function keepProblems(
  parts: Parts,
  suite: string,
  kept: (id: string, place: number) => boolean,
): void {
  const { record, overlap } = parts, used = record.suites.find((one: Loose) => one.name === suite);
  const places = used.problems.map((id: string, place: number) => kept(id, place));
  used.problems = used.problems.filter((_: string, place: number) => places[place]);
  for (const run of record.runs) {
    run.suites[suite].correct = run.suites[suite].correct.filter((_: number, place: number) => places[place]);
  }
  parts.lines = parts.lines.filter((line) => line.suite !== suite || used.problems.includes(line.problem));
  for (const entry of [...overlap.training, ...overlap.pretraining ?? []]) {
    if (entry.suite === suite) entry.problems = used.problems.length;
  }
}

/** Calls a suite otherwise, everywhere but in the profile. */
export function renameSuite(parts: Parts, from: string, to: string): void {
  const { record, overlap } = parts;
  for (const suite of record.suites) if (suite.name === from) suite.name = to;
  for (const run of record.runs) {
    run.suites = Object.fromEntries(
      Object.entries(run.suites).map(([name, one]) => [name === from ? to : name, one]),
    );
  }
  for (const line of parts.lines) if (line.suite === from) line.suite = to;
  for (const entry of [...overlap.training, ...overlap.pretraining ?? []]) {
    if (entry.suite === from) entry.suite = to;
  }
}

/** Copies a run, its completions and its log to another method and seed; replaces that one if it is there. */
export function copyRun(
  parts: Parts,
  from: { method: string; seed: number | null },
  to: { method: string; seed: number | null },
  checkpoint: (original: string | null) => string | null = (original) => original,
): void {
  const { record } = parts, original = record.runs.find((run: Loose) => isOf(run as Line, from));
  const copy = { ...structuredClone(original), ...to, checkpoint: checkpoint(original.checkpoint) };
  const place = record.runs.findIndex((run: Loose) => run.method === to.method && run.seed === to.seed);
  if (place < 0) record.runs.push(copy);
  else record.runs[place] = copy;
  const lines = structuredClone(parts.lines.filter((line) => isOf(line, from)));
  for (const line of lines) {
    line.method = to.method;
    if (to.seed === null) delete line.seed;
    else line.seed = to.seed;
  }
  const others = parts.lines.filter((line) => !isOf(line, to));
  const all = [...others, ...lines];
  parts.lines = record.runs.flatMap((run: Loose) => all.filter((line) => isOf(line, run)));
  const log = parts.logs[`${from.method}-${from.seed}`];
  if (log && to.seed !== null) {
    parts.logs[`${to.method}-${to.seed}`] = structuredClone(log).map((step) => ({
      ...step,
      rewardMean: 0.123,
    }));
    parts.probes[`${to.method}-${to.seed}`] = structuredClone(
      parts.probes[`${from.method}-${from.seed}`] ?? [],
    );
  }
}

/** Drops a run, everywhere. */
export function dropRun(parts: Parts, run: { method: string; seed: number | null }): void {
  parts.record.runs = parts.record.runs.filter((one: Loose) => !isOf(one as Line, run));
  parts.lines = parts.lines.filter((line) => !isOf(line, run));
  delete parts.logs[`${run.method}-${run.seed}`];
  delete parts.probes[`${run.method}-${run.seed}`];
}

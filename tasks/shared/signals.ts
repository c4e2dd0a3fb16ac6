/**
 * Signals. A command that can stop between steps is asked to, saves and says how to go on; a second signal leaves at
 * once. Other commands leave at the first.
 *
 * @module
 */

import { leaveNow, parentGone } from "./parent.ts";

/** The signals that ask to end, and the exit code of each: 128 plus its number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A signal that asks to end. */
type EndSignal = keyof typeof exitCodes;

/** A signal sooner after the first than this is the same one: a terminal sends it to all of its processes, and a task runner passes its own on. */
const SAME_SIGNAL = 500;

/** How often it is asked whether the process that the user started is still there, in milliseconds. */
const PARENT_INTERVAL = 1000;

/** What can be asked to stop. */
interface Stoppable {
  /** Asks it. */
  raise(): void;
}

/** What the first signal asks to stop; without it a signal ends the process. */
let running: { readonly flag: Stoppable; readonly tell: (text: string) => void } | undefined;
let asked: { readonly signal: EndSignal; readonly at: number } | undefined;

/** Writes to standard error, which a closed terminal no longer has. */
function tellQuietly(tell: (text: string) => void, text: string): void {
  try {
    tell(text);
  } catch {
    // Who would read it has gone.
  }
}

function end(signal: EndSignal, why: string): void {
  const now = performance.now();
  if (!running || (asked && now - asked.at > SAME_SIGNAL)) leaveNow(exitCodes[asked?.signal ?? signal]);
  if (asked) return;
  asked = { signal, at: now };
  running.flag.raise();
  tellQuietly(running.tell, `${why}: finishing the step and saving; once more leaves at once`);
}

/** Hears signals, and whether the process that the user started has gone; for the process's whole life. */
export function hearSignals(): void {
  const signals = Object.keys(exitCodes) as EndSignal[];
  const known = Deno.build.os === "windows" ? signals.filter((signal) => signal === "SIGINT") : signals;
  for (const signal of known) Deno.addSignalListener(signal, () => end(signal, `Stopping (${signal})`));
}

/**
 * Lets the first signal ask a command to stop between steps, until it is disposed of.
 *
 * @param flag What is asked.
 * @param tell Where to say so.
 */
export function stopOnSignal(flag: Stoppable, tell: (text: string) => void): Disposable {
  const gone = parentGone();
  running = { flag, tell };
  const timer = setInterval(() => {
    if (!asked && gone()) end("SIGTERM", "Stopping (the process that was started has gone)");
  }, PARENT_INTERVAL);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      gone[Symbol.dispose]();
      running = undefined;
    },
  };
}

/** The exit code of a command that was asked to stop: that of the signal. */
export function stoppedExitCode(): number {
  return exitCodes[asked?.signal ?? "SIGINT"];
}

/**
 * Kills a run at random moments, again and again until it ends, and says what was lost: nothing may be but time.
 *
 * By hand, with 100 kills: `deno run -A test/pipeline/kills.ts 100`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { finish, Lab, tiny } from "./lab.ts";

/** What was seen of the kills. */
export interface Kills {
  /** How often a process was killed while it ran. */
  kills: number;
  /** How many runs came to their end. */
  runs: number;
  /** Kills after which a state of training lay in the store. */
  statesSeen: number;
  /** Starts that went on from a state of training, and said so. */
  statesUsed: number;
  /** Starts that went on with the responses of an evaluation, and said so. */
  evaluationsUsed: number;
  /** How long a whole run took, in seconds: the longest time until a kill. */
  longest: number;
}

/** Is a process there? */
function isThere(id: number): boolean {
  try {
    Deno.kill(id, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

const pause = (seconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, 1000 * seconds));

/** Kills a process at a random moment: after its start, or after it has saved a state of training. */
async function killLater(
  child: Deno.ChildProcess,
  { lab, store, longest, afterState }: { lab: Lab; store: string; longest: number; afterState: boolean },
): Promise<void> {
  let over = false;
  const ended = child.status.then(() => over = true);
  if (afterState) {
    const before = (await lab.records(store, "training")).join();
    while (!over && (await lab.records(store, "training")).join() === before) await pause(0.01);
  }
  // Half a second is a step or two, a state that is being written included.
  await Promise.race([ended, pause(Math.random() * (afterState ? 0.5 : longest))]);
  if (!over) child.kill("SIGKILL");
}

/**
 * Kills runs of the tiny profile until there were so many kills, every second one after a state was saved, and compares
 * what each run gave in the end.
 */
export async function killRuns(wanted: number, tell: (text: string) => void = () => {}): Promise<Kills> {
  await using lab = await Lab.open();
  const profile = await lab.profile({ ...tiny, evaluation: { ...tiny.evaluation, problems: 24 } });
  const started = performance.now(), whole = await finish(await lab.reproduce(profile, "whole", "whole"));
  const longest = (performance.now() - started) / 1000;
  assertEquals(whole.code, 0, whole.stderr);
  const expected = await lab.digests("whole");
  const seen: Kills = { kills: 0, runs: 0, statesSeen: 0, statesUsed: 0, evaluationsUsed: 0, longest };
  while (seen.kills < wanted) {
    const store = `store${seen.runs}`, out = `out${seen.runs}`;
    for (let ended = false; !ended;) {
      const child = await lab.reproduce(profile, store, out, "--workers", "1"), output = finish(child);
      if (seen.kills < wanted) {
        await killLater(child, { lab, store, longest, afterState: seen.kills % 2 === 0 });
      }
      const { code, signal, stderr } = await output;
      assert(!isThere(child.pid), "the process lives on");
      assert(!stderr.includes("warning"), stderr);
      if (/^train .* goes on from step/m.test(stderr)) seen.statesUsed++;
      if (/^evaluate .* goes on from \d+ of \d+ responses/m.test(stderr)) seen.evaluationsUsed++;
      if (signal === "SIGKILL") {
        seen.kills++;
        if ((await lab.records(store, "training")).length > 0) seen.statesSeen++;
      } else {
        assertEquals(code, 0, stderr);
        ended = true;
      }
      tell(`${seen.kills} kills, ${seen.runs} runs ended`);
    }
    assertEquals(await lab.digests(out), expected);
    seen.runs++;
    await Deno.remove(lab.path(store), { recursive: true });
  }
  return seen;
}

if (import.meta.main) {
  // deno-lint-ignore no-console
  console.log(await killRuns(Number(Deno.args[0] ?? 100), (text) => console.error(text)));
}

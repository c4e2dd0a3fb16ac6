import { assert } from "@std/assert";
import { killRuns } from "./kills.ts";

Deno.test("a run that is killed at random moments ends with the same bytes, and goes on from what was saved", async () => {
  const { kills, statesSeen, statesUsed } = await killRuns(3);
  // Every second kill waits for a state.
  assert(kills >= 3 && statesSeen > 0 && statesUsed > 0, JSON.stringify({ kills, statesSeen, statesUsed }));
});

import { assert, assertEquals } from "@std/assert";
import { runScores } from "../../../src/report/export/exported.ts";
import { simulatedRecord } from "../comparison_fixture.ts";

Deno.test("a run that solves all, or nothing, is exported with a standard error and the name of its interval", () => {
  for (const [gain, value] of [[1, 1], [-1, 0]] as const) {
    const record = simulatedRecord("x", [{ name: "grpo", gain, seeds: 1 }], { problems: 30 });
    const settings = { confidence: 0.95, margin: 0.03, power: 0.8, resamples: 200, draws: 99 };
    const [run] = record.runs;
    assert(run);
    for (const score of runScores({ record, settings }, run)) {
      assertEquals([score.value, score.method], [value, "wilson"]);
      assert(score.standardError > 0 && score.high > score.low);
    }
  }
});

import { assertEquals, assertMatch } from "@std/assert";
import { parse } from "yaml";
import { mlflowFiles } from "../../../src/report/mod.ts";
import { STARTED, steps } from "./steps.ts";

Deno.test("mlflowFiles() are the files of MLflow's file store: an experiment, its runs, a line a step", async () => {
  const run = { method: "grpo", seed: 1, steps, started: STARTED };
  const files = await mlflowFiles("smoke", [{ ...run, finished: true }, {
    ...run,
    seed: 2,
    finished: false,
  }]);
  const paths = Object.keys(files), [experiment = ""] = (paths[0] ?? "").split("/");
  assertMatch(experiment, /^[1-9]\d{17}$/);
  assertEquals(paths[0], `${experiment}/meta.yaml`);
  assertEquals(parse(files[`${experiment}/meta.yaml`] ?? ""), {
    artifact_location: "",
    creation_time: 1000 * STARTED,
    experiment_id: experiment,
    last_update_time: 1000 * STARTED,
    lifecycle_stage: "active",
    name: "smoke",
  });
  const runs = paths.flatMap((path) => /^\d+\/([0-9a-f]{32})\/meta\.yaml$/.exec(path)?.[1] ?? []);
  assertEquals(runs.length, 2);
  const metas = runs.map((id) => parse(files[`${experiment}/${id}/meta.yaml`] ?? ""));
  assertEquals(metas.map(({ run_id, run_uuid }) => [run_id, run_uuid]), runs.map((id) => [id, id]));
  assertEquals(metas.map((meta) => [meta.run_name, meta.status, meta.end_time, meta.experiment_id]), [
    ["grpo-1", 3, 1000 * STARTED, experiment],
    ["grpo-2", 1, null, experiment],
  ]);
  const metric = (name: string): unknown => files[`${experiment}/${runs[0]}/metrics/${name}`];
  const time = 1000 * STARTED;
  assertEquals(metric("rewardMean"), `${time} 0.25 1\n${time} 0.5 2\n${time} 0.75 300\n`);
  assertEquals(metric("evaluation.accuracy"), `${time} 0.375 2\n`);
  assertEquals(files[`${experiment}/${runs[1]}/params/seed`], "2");
  // The same again: another look at a run that goes on writes over the same files.
  assertEquals(Object.keys(await mlflowFiles("smoke", [{ ...run, finished: true }]))[1], paths[1]);
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { RecordedRun } from "../../src/pipeline/mod.ts";
import {
  ClusterError,
  planArrays,
  readSubmissions,
  type RunProgress,
  writeSubmission,
} from "../../src/scale/mod.ts";
import { arrayIndices, taskStates } from "../../src/scale/task_state.ts";

Deno.test("taskStates() reads what Slurm 22.05 and 23.11 say of arrays", () => {
  const plain = { job_id: 5, array_job_id: 3, array_task_id: 1, array_task_string: "", state_reason: "None" };
  const set = (number: number) => ({ set: true, infinite: false, number }), unset = { ...set(0), set: false };
  const jobs = [
    { ...plain, job_state: "RUNNING" },
    // Those that wait stand together.
    {
      ...plain,
      array_task_id: null,
      array_task_string: "2-3,7%2",
      job_state: "PENDING",
      state_reason: "Priority",
    },
    { ...plain, array_job_id: set(9), array_task_id: unset, job_state: ["PENDING"] }, // none told yet
    { job_id: 9, array_job_id: 0, array_task_id: null, job_state: "RUNNING" }, // no array
    {
      ...plain,
      array_job_id: set(8),
      array_task_id: set(0),
      job_state: ["FAILED"],
      state_reason: "NonZeroExitCode",
    },
    {
      ...plain,
      array_job_id: set(8),
      array_task_id: unset,
      array_task_string: "4-8:2",
      job_state: ["PENDING"],
    },
    { ...plain, array_job_id: set(8), array_task_id: set(1), job_state: ["PENDING", "REQUEUED"] },
  ];
  assertEquals(Object.fromEntries(taskStates(JSON.stringify({ jobs }))), {
    "3_1": { state: "RUNNING" },
    "3_2": { state: "PENDING", reason: "Priority" },
    "3_3": { state: "PENDING", reason: "Priority" },
    "3_7": { state: "PENDING", reason: "Priority" },
    "8_0": { state: "FAILED", reason: "NonZeroExitCode" },
    "8_1": { state: "REQUEUED" },
    "8_4": { state: "PENDING" },
    "8_6": { state: "PENDING" },
    "8_8": { state: "PENDING" },
  });
  assertEquals(arrayIndices("12"), [12]);
  assertThrows(() => taskStates("slurm_load_jobs error"), ClusterError, "it is no JSON");
  assertThrows(() => taskStates('{"jobs": 1}'), ClusterError, "expected a list of jobs");
});

const recorded = (changes: Partial<RecordedRun>): RecordedRun => {
  return { steps: 2, saved: 0, trained: false, evaluated: 0, suites: 1, ...changes };
};

function progress(
  method: string,
  record: Partial<RecordedRun>,
  sent: Readonly<Record<string, string | undefined>> = {},
): RunProgress {
  const task = (state: string | undefined) => {
    return { task: "1_0", output: "", state: state === undefined ? undefined : { state } };
  };
  return {
    ...recorded(record),
    run: { method, seed: 1 },
    makes: { train: `t-${method}`, evaluate: `e-${method}` },
    sent: Object.fromEntries(Object.entries(sent).map(([kind, state]) => [kind, task(state)])),
  };
}

Deno.test("planArrays() sends what has no record and is not on its way", () => {
  const trained = { trained: true, saved: 2 }, whole = { ...trained, evaluated: 1 };
  const planned = planArrays([
    { ...recorded({ steps: 0, trained: true }), makes: { train: "t", evaluate: "e-base" }, sent: {} },
    progress("new", {}),
    progress("half", { saved: 1 }),
    progress("waits", {}, { train: "PENDING", evaluate: "PENDING" }),
    progress("killed", { saved: 1 }, { train: "FAILED", evaluate: "CANCELLED" }),
    progress("timed", {}, { train: "TIMEOUT" }),
    progress("forgotten", {}, { train: undefined, evaluate: undefined }),
    progress("requeued", {}, { train: "REQUEUED", evaluate: "PENDING" }),
    progress("trained", trained),
    progress("evaluates", trained, { train: "COMPLETED", evaluate: "RUNNING" }),
    progress("failed", trained, { train: "COMPLETED", evaluate: "NODE_FAIL" }),
    progress("done", whole, { train: "FAILED" }),
  ]);
  const names = (list: readonly { readonly makes: string }[]): string[] => list.map(({ makes }) => makes);
  assertEquals(names(planned.train.map(({ train }) => train)), [
    "t-new",
    "t-half",
    "t-killed",
    "t-timed",
    "t-forgotten",
  ]);
  assertEquals(
    names(planned.train.map(({ evaluate }) => evaluate)),
    ["e-new", "e-half", "e-killed", "e-timed", "e-forgotten"],
  );
  assertEquals(names(planned.evaluate), ["e-base", "e-trained", "e-failed"]);
  assertEquals(planned.evaluate[0]?.run, null);
});

Deno.test("what was sent is read again in its order, and what is none is passed over", async () => {
  const store = await Deno.makeTempDir();
  assertEquals(await readSubmissions(store), []);
  const array = { kind: "train", name: "n", tasks: [{ run: null, makes: "x" }] } as const;
  await writeSubmission(store, { ...array, job: "10", sent: "2026-01-01T00:00:00.000Z" });
  await writeSubmission(store, { ...array, job: "9", sent: "2026-01-01T00:00:00.000Z" });
  await writeSubmission(store, { ...array, job: "11", sent: "2025-01-01T00:00:00.000Z" });
  await Deno.writeTextFile(`${store}/slurm/12.json`, "{");
  await Deno.writeTextFile(`${store}/slurm/13.json`, '{"job": "13"}');
  await Deno.mkdir(`${store}/slurm/logs`);
  const found = await readSubmissions(store);
  assertEquals(found.map(({ job }) => job), ["11", "9", "10"]);
  assert(found.every(({ tasks }) => tasks[0]?.makes === "x"));
  await Deno.remove(store, { recursive: true });
});

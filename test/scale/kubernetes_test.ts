/**
 * The manifests, held to golden files: no API server is at hand. To write them anew: `UPDATE=1 deno test -A
 * test/scale/kubernetes_test.ts`.
 */
import { assert, assertEquals } from "@std/assert";
import { parseAllDocuments } from "yaml";
import { kubernetesManifests, type KubernetesSettings, type PlannedArrays } from "../../src/scale/mod.ts";

const settings: KubernetesSettings = {
  ...{
    profile: "Qwen3_0.6b",
    image: "registry.example/bupo:1",
    claim: "store",
    mount: "/store",
    directory: "/app",
  },
  ...{ threads: 2, memory: 14336, gpus: 0, namespace: undefined, parallelism: undefined },
  words: {
    ...{ deno: "deno", config: "/app/deno.json", main: "/app/main.ts" },
    all: ["--profile=qwen3-0.6b", "--store=/store", "--json"],
    of: { train: ["--force-disk"], evaluate: ["--limit=2"] },
  },
};

const pair = (method: string, seed: number) => {
  const task = { run: { method, seed }, makes: "x" };
  return { train: task, evaluate: task };
};
const planned: PlannedArrays = {
  train: [pair("grpo", 1), pair("bupo", 1)],
  evaluate: [{ run: null, makes: "x" }, { run: { method: "grpo", seed: 2 }, makes: "x" }],
};

async function golden(name: string, text: string): Promise<void> {
  const file = new URL(`../golden/kubernetes/${name}.yaml`, import.meta.url);
  if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(file, text);
  assertEquals(text, await Deno.readTextFile(file));
}

Deno.test("manifests train and then evaluate in one pod an index", async () => {
  const text = kubernetesManifests(planned, settings);
  await golden("cpu", text);
  const jobs = parseAllDocuments(text).map((document) => document.toJS());
  assertEquals(jobs.map(({ spec }) => spec.completions), [2, 2]);
  const [train] = jobs, pod = train.spec.template.spec;
  assertEquals([pod.initContainers.length, pod.containers.length], [1, 1]);
  // What a shell is given is what the containers run.
  const run = async (script: string): Promise<string> => {
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", script.replace("exec deno", "exec echo")],
      env: { JOB_COMPLETION_INDEX: "1" },
    }).output();
    return new TextDecoder().decode(stdout);
  };
  const [before] = pod.initContainers, [after] = pod.containers;
  assertEquals(
    await run(before.command[2]),
    "run -q --config=/app/deno.json -P=train --no-prompt /app/main.ts train --profile=qwen3-0.6b --store=/store --json --force-disk --method=bupo --seed=1\n",
  );
  assert((await run(after.command[2])).includes("main.ts evaluate --profile=qwen3-0.6b"));
});

Deno.test("manifests for GPUs, a namespace and a bound on tasks at a time", async () => {
  const more = { ...settings, memory: undefined, gpus: 1, namespace: "lab", parallelism: 1 };
  await golden("gpu", kubernetesManifests({ ...planned, evaluate: [] }, more));
  assertEquals(kubernetesManifests({ train: [], evaluate: [] }, settings), "");
});

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suiteDefinitions } from "../../src/suite/mod.ts";
import { type HubMirror, startHubMirror } from "../hub_mirror/hub_mirror.ts";
import type { MirrorRepository } from "../hub_mirror/repository.ts";
import { copies, hubFiles, present, rowsOf } from "../suite/hub_files.ts";
import { type Outcome, runTask } from "../tasks/run_task.ts";
import { makeTinyQwen3 } from "./tiny_qwen3.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const smoke = JSON.parse(await Deno.readTextFile(join(root, "benchmarks/profiles/smoke.json")));

/** Problems whose answers are single digits, as a user's own file. */
const own = Array.from(
  { length: 12 },
  (_, i) => ({ problem: `Find ${i} + 1 mod 10`, answer: `${(i + 1) % 10}` }),
);

/** Serves the tiny model, and data sets, from a folder that lives as long as the mirror. */
async function startHub(
  directory: string,
  datasets: Readonly<Record<string, MirrorRepository>>,
): Promise<HubMirror> {
  const model = join(directory, "model");
  await Deno.mkdir(model);
  const names = await makeTinyQwen3(model);
  const files = Object.fromEntries(names.map((name) => [name, `file:${join(model, name)}`]));
  // What a repository has besides must not be downloaded.
  const more = { "README.md": "# tiny", "pytorch_model.bin": new Uint8Array(100), ".gitattributes": "" };
  return await startHubMirror({ models: { "test/tiny-qwen3": { files: { ...files, ...more } } }, datasets });
}

/** Runs a command of the project, but with store, results, cache and key of the test. */
async function run(directory: string, hub: HubMirror, args: readonly string[]): Promise<Outcome> {
  const env = {
    HF_ENDPOINT: hub.url,
    HF_HOME: join(directory, "hf"),
    BUPO_KEY: join(directory, "key.pem"),
  };
  return await runTask(args, { cwd: root, folder: directory, env });
}

async function writeProfile(directory: string, suites: readonly string[], changes: unknown): Promise<string> {
  const path = join(directory, "tiny-qwen3.json"), training = join(directory, "own.jsonl");
  await Deno.writeTextFile(training, own.map((row) => `${JSON.stringify(row)}\n`).join(""));
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      ...smoke,
      $schema: undefined,
      name: "tiny-qwen3",
      model: { repository: "test/tiny-qwen3", revision: "main" },
      template: "qwen3",
      seeds: [1],
      maxPromptTokens: 256,
      maxResponseTokens: 8,
      // Every row of a batch computes 151,936 logits, also where nobody waits for them.
      rolloutBatch: 4,
      training: {
        ...smoke.training,
        suites: [training],
        problems: undefined,
        steps: 2,
        // One group whose rewards differ now and then is enough for an update.
        promptsPerStep: 1,
        groupSize: 8,
        internalLayer: 1,
        internalSteps: 1,
        microBatchTokens: 1024,
      },
      evaluation: { ...smoke.evaluation, suites, ...(changes as object) },
    }),
  );
  return path;
}

async function withHub(
  datasets: Readonly<Record<string, MirrorRepository>>,
  test: (directory: string, hub: HubMirror) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await using hub = await startHub(directory, datasets);
    const generated = await run(directory, hub, ["keys", "generate", "--key", join(directory, "key.pem")]);
    assertEquals(generated.code, 0, generated.stderr);
    await test(directory, hub);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Bytes of file contents that were sent. */
const sent = (hub: HubMirror): number => hub.requests.reduce((sum, request) => sum + request.sent, 0);

/** The mirror's copies of the data sets of suites; none where this machine has no copies. */
async function datasetsOf(names: readonly string[]): Promise<Record<string, MirrorRepository>> {
  const definitions = await suiteDefinitions(root), datasets: Record<string, MirrorRepository> = {};
  for (const name of present ? names : []) {
    const definition = definitions.get(name), content = hubFiles[name]?.(await rowsOf(copies[name] ?? ""));
    assert(definition && content !== undefined);
    const { id, revision, files: [path = ""] } = definition.hub;
    datasets[id] = { commit: revision, files: { [path]: content } };
  }
  return datasets;
}

const names = ["aime-2024", "aime-2025", "amc-2023", "math-500"];

Deno.test("reproduce uses a model and data sets of the Hub", async (t) => {
  await withHub(await datasetsOf(names), async (directory, hub) => {
    const out = join(directory, "results"), store = join(directory, "store");
    const flags = ["--out", out, "--store", store, "--workers", "1"];

    await t.step("it downloads a model, trains, evaluates on a user's own suite and signs", async () => {
      const profile = await writeProfile(directory, [join(directory, "own.jsonl")], {
        problems: 4,
        samples: 2,
      });
      const args = ["reproduce", "--profile", profile, ...flags];
      const { code, stdout, stderr } = await run(directory, hub, args);
      assertEquals(code, 0, stderr);
      for (const text of ["Base", "GRPO", "BuPO", "own", "Signed manifest: "]) {
        assertStringIncludes(stdout, text);
      }
      assertMatch(stdout, /In training too: 4 of 4 questions of own/);
      assert(!hub.requests.some(({ line }) => line.includes("pytorch_model.bin")));
      for (const method of ["grpo", "bupo"]) {
        const lines = (await Deno.readTextFile(join(out, `metrics/${method}-1.jsonl`))).trim().split("\n");
        const steps: { updateNorm: number; policy: unknown }[] = lines.map((line) => JSON.parse(line));
        assert(steps.some(({ updateNorm }) => updateNorm > 0), `${method} changed nothing: ${lines}`);
        assertEquals(steps[0]?.policy, method === "bupo" ? 1 : "full");
      }
      const verified = await run(directory, hub, ["verify", out]);
      assertEquals(verified.code, 0, verified.stdout + verified.stderr);

      // A second run needs neither body nor training; offline it needs no request at all.
      const before = sent(hub);
      assert(before > 1e7);
      const again = await run(directory, hub, args);
      assertEquals([again.code, sent(hub)], [0, before], again.stderr);
      const asked = hub.requests.length;
      const offline = await run(directory, hub, [...args, "--offline", "--json"]);
      assertEquals([offline.code, hub.requests.length], [0, asked], offline.stderr);

      const exported = join(directory, "exported");
      const policy = ["--profile", profile, "--store", store, "--method", "bupo", "--seed", "1"];
      const written = await run(directory, hub, ["export", ...policy, "--out", exported, "--offline"]);
      assertEquals(written.code, 0, written.stderr);
      assertEquals(
        JSON.parse(await Deno.readTextFile(join(exported, "config.json"))).torch_dtype,
        "bfloat16",
      );
    });

    await t.step({
      name: `it evaluates what it trained on AIME 2024, AIME 2025, AMC 2023 and MATH-500${
        present ? "" : " (ignored: no copies of the data sets)"
      }`,
      ignore: !present,
      fn: async () => {
        const profile = await writeProfile(directory, names, { problems: 3, samples: 1 });
        const { code, stderr } = await run(directory, hub, [
          "reproduce",
          "--profile",
          profile,
          ...flags,
          "--replace",
        ]);
        assertEquals(code, 0, stderr);
        assertStringIncludes(stderr, "already trained");
        const { suites, runs } = JSON.parse(await Deno.readTextFile(join(out, "results.json")));
        assertEquals(suites.map((suite: { name: string }) => suite.name), names);
        assertEquals(runs.map((each: { method: string }) => each.method), ["base", "grpo", "bupo"]);
        const rechecked = await run(directory, hub, ["recheck", out]);
        assertEquals(rechecked.code, 0, rechecked.stdout + rechecked.stderr);
        // The profile's own numbers of samples are the definitions'.
        const download = await run(directory, hub, ["download", "--profile", profile, "--offline", "--json"]);
        assertEquals([download.code, JSON.parse(download.stdout).length], [0, 5], download.stderr);
      },
    });
  });
});

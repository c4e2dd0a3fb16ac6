import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { artifactName, buildSamplingArtifacts, evaluationGraph } from "../../src/artifact/mod.ts";
import { loadModel } from "../../src/model/mod.ts";
import { toOnnx } from "../../src/tensor/mod.ts";
import { StandIn } from "../server/stand_in.ts";
import { finish, Lab } from "./lab.ts";

const model = await loadModel("benchmarks/model");
const artifacts = {
  ...buildSamplingArtifacts(model.config),
  [artifactName("eval_model")]: toOnnx(evaluationGraph(model.config)),
};
const served = { engine: "vllm", model, artifacts, maxPromptTokens: 28, maxResponseTokens: 24 } as const;
const evaluation = { suites: ["mini-math"], problems: 8, samples: 2 };

/** Every text of a folder, files of files included. */
async function texts(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    found.push(...isDirectory ? await texts(path) : [await Deno.readTextFile(path)]);
  }
  return found;
}

Deno.test("a profile with a server is trained here and answered there: marked, signed, told apart from ours", async (t) => {
  await using lab = await Lab.open();
  const changes = { methods: ["grpo"], evaluation };
  const ours = await lab.profile(changes, "ours");
  const theirs = await lab.profile({
    ...changes,
    evaluation: { ...evaluation, server: { concurrency: 2, checkPrompts: 4 } },
  }, "theirs");
  const store = ["--store", lab.path("store")], exported = lab.path("exported");
  const run = async (code: number, ...args: string[]): Promise<{ stdout: string; stderr: string }> => {
    const outcome = await lab.run(...args);
    assertEquals(outcome.code, code, outcome.stderr);
    return outcome;
  };
  await run(0, "reproduce", "--profile", ours, ...store, "--out", lab.path("results", "ours"), "--quiet");
  await run(
    0,
    "export",
    "--profile",
    ours,
    ...store,
    "--method",
    "grpo",
    "--seed",
    "1",
    "--dtype",
    "float32",
    "--out",
    exported,
  );
  const byName = { base: model.weights, "grpo-1": (await loadModel(exported)).weights };
  await using server = new StandIn({ ...served, byName });
  const where = ["--server", server.url, "--served-model", "{run}"], out = lab.path("results", "theirs");
  const common = ["reproduce", "--profile", theirs, ...store, "--out", out];

  await t.step(
    "without an address, or for a profile that says nothing of a server, it is refused",
    async () => {
      const lost = await run(2, ...common);
      assertStringIncludes(lost.stderr, "it says that a server answers and not where; say --server URL");
      const own = await run(2, "reproduce", "--profile", ours, ...store, ...where);
      assertStringIncludes(own.stderr, "our own engine evaluates it");
      const secret = await run(2, ...common, "--server", "http://me:pw@127.0.0.1:1");
      assertStringIncludes(secret.stderr, "BUPO_SERVER_KEY");
      assert(!secret.stderr.includes("pw@"));
      assertEquals(server.received, []);
    },
  );

  await t.step("every row is marked, and the record says who answered and never where", async () => {
    const { stdout, stderr } = await run(0, ...common, ...where);
    assertStringIncludes(stderr, "evaluate GRPO seed 1 is answered by vllm 0.18.0: log-probs of");
    assertStringIncludes(stdout, "GRPO (served)");
    assertStringIncludes(stdout, "Base (served)");
    assertStringIncludes(stdout, "a statistical claim, which no run repeats to the byte");
    const record = JSON.parse(await Deno.readTextFile(`${out}/results.json`));
    assertEquals(record.profile.evaluation.server, { checkPrompts: 4, concurrency: 2 });
    for (const { checkpoint, suites } of record.runs) {
      const { served } = suites["mini-math"];
      assertEquals([served.claim, served.model], ["statistical", checkpoint ?? record.base.digest]);
    }
    for (const text of [...await texts(out), ...await texts(lab.path("store")), stdout]) {
      assert(!text.includes("127.0.0.1") && !text.includes(new URL(server.url).port), "the address was kept");
    }
    await run(0, "verify", out);
    await run(0, "recheck", out, "--quiet");
  });

  await t.step("ours stays ours, theirs is found without the server", async () => {
    const asked = server.received.length;
    const again = await run(
      0,
      "reproduce",
      "--profile",
      ours,
      ...store,
      "--out",
      lab.path("results", "ours"),
    );
    assert(!again.stdout.includes("served"), again.stdout);
    await run(0, ...common, "--server", "http://127.0.0.1:1");
    assertEquals(server.received.length, asked);
    const compared = await run(0, "compare", lab.path("results", "ours"), out, "--allow-unverified");
    assertStringIncludes(compared.stdout, "(served)");
    assertStringIncludes(compared.stdout, "sampled by vllm 0.18.0 and by our own engine");
  });

  await t.step("one policy's weights under another's name are refused", async () => {
    const swapped = { base: byName["grpo-1"], "grpo-1": byName.base };
    server.options = { ...server.options, byName: swapped };
    const tight = await lab.profile({
      ...changes,
      evaluation: { ...evaluation, samples: 3, server: { maxLogprobGap: 1e-3 } },
    }, "tight");
    const { stderr } = await run(
      1,
      "reproduce",
      "--profile",
      tight,
      ...store,
      "--out",
      lab.path("results", "tight"),
      ...where,
    );
    assertStringIncludes(stderr, "it serves other weights");
  });
});

Deno.test("an evaluation that was killed asks a server for the missing responses only", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile({ evaluation });
  const released = Promise.withResolvers<void>(), asked = Promise.withResolvers<void>();
  // 8 fixed prompts are drawn, 4 of 16 responses are answered, and the others wait.
  let waiting = 0;
  const before = async (completion: number): Promise<void> => {
    if (completion < 8 + 4) return;
    if (++waiting === 8) asked.resolve();
    await released.promise;
  };
  await using server = new StandIn({ ...served, engine: "sglang", before });
  const command = [
    "evaluate",
    "--profile",
    profile,
    "--store",
    lab.path("store"),
    "--server",
    server.url,
  ];
  const child = await lab.start(command);
  await asked.promise;
  child.kill("SIGKILL");
  await finish(child);
  released.resolve();
  const first = server.received.length;
  const { code, stdout, stderr } = await lab.run(...command);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "served by sglang 0.5.9");
  assertStringIncludes(stderr, "goes on from 4 of 16 responses");
  // Fixed prompts before and after: 8 drawn and 8 scored each time.
  assertEquals(server.received.length - first, 12 + 32);
});

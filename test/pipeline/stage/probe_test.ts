import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { probeRowSchema } from "../../../src/report/mod.ts";
import { Lab, tiny } from "../lab.ts";

/** The rows that a run wrote. */
async function rowsOf(lab: Lab, out: string, run: string) {
  const text = await Deno.readTextFile(lab.path("results", out, "probe", `${run}.jsonl`));
  return text.trimEnd().split("\n").map((line) => probeRowSchema.parse(JSON.parse(line)));
}

Deno.test("a probe is written and signed, changes no byte of training, and is the same after more steps", async (t) => {
  await using lab = await Lab.open();
  const probe = { everySteps: 2, problems: 5, layers: [4, 2] };
  const run = async (name: string, store: string, changes: object): Promise<Record<string, string>> => {
    const evaluation = { suites: ["mini-math"], problems: 2, samples: 1 };
    const profile = await lab.profile(
      { ...tiny, evaluation, training: { ...tiny.training, ...changes } },
      name,
    );
    const folders = ["--store", lab.path(store), "--out", lab.path("results", name)];
    const { code, stderr } = await lab.run("reproduce", "--profile", profile, ...folders, "--quiet");
    assertEquals(code, 0, stderr);
    return await lab.digests(name);
  };
  const plain = await run("plain", "plain", { steps: 4, probe: undefined });
  const probed = await run("probed", "probed", { steps: 4, probe });

  await t.step("what is trained is the same bytes as without", async () => {
    const trained = Object.keys(plain).filter((name) => /^(metrics\/|samples|artifacts)/.test(name));
    assertEquals(trained.length, 4);
    for (const name of trained) assertEquals(probed[name], plain[name], name);
    const checkpoints = async (out: string): Promise<unknown> =>
      JSON.parse(await Deno.readTextFile(lab.path("results", out, "results.json"))).runs.map(
        ({ checkpoint }: { checkpoint: string }) => checkpoint,
      );
    assertEquals(await checkpoints("probed"), await checkpoints("plain"));
    assertEquals(Object.keys(plain).filter((name) => name.startsWith("probe/")), []);
  });

  await t.step(
    "rows are of the steps and layers that the profile names, from the base model on",
    async () => {
      const [grpo, bupo] = [await rowsOf(lab, "probed", "grpo-1"), await rowsOf(lab, "probed", "bupo-1")];
      for (const rows of [grpo, bupo]) {
        assertEquals(rows.map(({ step }) => step), [0, 2, 4]);
        for (const { layers, problems, completions } of rows) {
          assertEquals([problems, completions], [5, 5]);
          assertEquals(layers.map(({ layer }) => layer), [2, 4]);
          assertEquals(layers.map(({ later }) => later.map(({ layer }) => layer)), [[3, 4, 5], [5]]);
        }
      }
      assertEquals(bupo[0], grpo[0]);
      assertNotEquals(bupo[1], grpo[1]);
      assertNotEquals(grpo[1]?.layers[0], grpo[0]?.layers[0]);
    },
  );

  await t.step("a run that goes on from a shorter one has the same rows", async () => {
    await run("short", "extended", { steps: 3, probe });
    assertEquals((await rowsOf(lab, "short", "grpo-1")).map(({ step }) => step), [0, 2]);
    const extended = await run("extended", "extended", { steps: 4, probe });
    for (const name of ["probe/grpo-1.jsonl", "probe/bupo-1.jsonl"]) {
      assertEquals(extended[name], probed[name], name);
    }
  });

  await t.step("rows are part of the signed statements, and one that is changed is found", async () => {
    const { subject } = await lab.statement("probed", "manifest") as unknown as {
      subject: { name: string; digest: { sha256: string } }[];
    };
    const signed = subject.find(({ name }) => name === "probe/bupo-1.jsonl");
    assertEquals(signed?.digest.sha256, probed["probe/bupo-1.jsonl"]);
    const folder = lab.path("results", "probed");
    assertEquals((await lab.run("verify", folder)).code, 0);
    const file = `${folder}/probe/bupo-1.jsonl`, text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace('"step":2', '"step":3'));
    const { code, stdout } = await lab.run("verify", folder);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "probe/bupo-1.jsonl");
  });
});

Deno.test("a probe that no run could make is refused before anything is trained", async () => {
  await using lab = await Lab.open();
  const cases = [
    [
      { everySteps: 1, problems: 4, layers: [2, 6] },
      "training.probe.layers has 6, expected layers of the model",
    ],
    [
      { everySteps: 1, problems: 121, layers: "all" },
      "training.probe.problems is 121, expected at most the 120",
    ],
    [{ everySteps: 1, problems: 4, layers: [2, 2] }, "training.probe.layers"],
    [{ everySteps: 0, problems: 4, layers: "all" }, "training.probe.everySteps"],
  ] as const;
  for (const [index, [probe, message]] of cases.entries()) {
    const profile = await lab.profile({ ...tiny, training: { ...tiny.training, probe } }, `refused${index}`);
    const outcome = await lab.run("train", "--profile", profile, "--store", lab.path("store"), "--quiet");
    assertStringIncludes(outcome.stderr, message);
    assert(/^error: [^\n]+\n$/.test(outcome.stderr) && outcome.code !== 0, outcome.stderr);
  }
});

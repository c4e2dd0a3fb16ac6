import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseInspection } from "../../src/report/mod.ts";
import { listFiles } from "../../src/result/statement/subjects.ts";
import { runTask } from "./run_task.ts";

/** The content of every file of a folder but the signatures, which hold times. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const { files } = await listFiles(folder);
  const own = files.filter((name) => !/\.(intoto|sigstore)\.json$/.test(name));
  return Object.fromEntries(
    await Promise.all(own.map(async (name) => [name, (await Deno.readFile(`${folder}/${name}`)).toBase64()])),
  );
}

Deno.test('a profile with "internalLayer": "auto" gives the same bytes from two empty stores, and its report is signed', async (t) => {
  const folder = await Deno.makeTempDir();
  const run = async (...args: readonly string[]) =>
    await runTask(args, { folder, env: { XDG_CONFIG_HOME: `${folder}/config` } });
  const profile = ["--profile", "smoke", "--variant", "auto"], store = ["--store", `${folder}/one`];
  const out = `${folder}/results/inspection`, result = ["--result", `${folder}/results/one`];
  const trained = [
    "inspect",
    ...profile,
    "--trained",
    ...store,
    "--problems",
    "3",
    "--samples",
    "1",
    ...result,
  ];
  const report = [...trained, "--out", out, "--sign", "--quiet"];
  try {
    await t.step("before anything is trained, it says what to run", async () => {
      const { code, stderr } = await run(...report);
      assertEquals(code, 2);
      assertMatch(
        stderr,
        /^error: Cannot use GRPO seed 1 after step 2: nothing of it is saved; to train it, run "deno task train --profile smoke --variant auto --store \S+ .+\n$/,
      );
    });
    for (const name of ["one", "two"]) {
      const folders = ["--store", `${folder}/${name}`, "--out", `${folder}/results/${name}`];
      const { code, stderr } = await run("reproduce", ...profile, ...folders, "--quiet");
      assertEquals(code, 0, stderr);
    }
    const first = await contentOf(`${folder}/results/one`);
    assertEquals(await contentOf(`${folder}/results/two`), first);
    const { training } = JSON.parse(await Deno.readTextFile(`${folder}/results/one/results.json`)).profile;
    assert(Number.isInteger(training.internalLayer) && /ΔH_FFN/.test(training.internalLayerChoice.reason));

    await t.step(
      "the report has base and trained policies on the same tokens, and what was probed",
      async () => {
        const { code, stdout, stderr } = await run(...report);
        assertEquals([code, stderr], [0, ""]);
        assertStringIncludes(stdout, "Before and after training:");
        const { models, training: made } = parseInspection(
          JSON.parse(await Deno.readTextFile(`${out}/inspect.json`)),
        );
        assertEquals(models.map(({ name, run }) => [name, run?.step]), [
          ["smoke-auto", undefined],
          ["GRPO seed 1", 2],
          ["BuPO seed 1", 2],
        ]);
        assertEquals(models.map(({ source }) => source.from), ["sampled", "base", "base"]);
        assertEquals(new Set(models.map(({ source }) => source.digest)).size, 1);
        assertEquals(made?.internalLayer, training.internalLayer);
        const written = await Promise.all(["grpo-1", "bupo-1"].map(async (name) => {
          const text = await Deno.readTextFile(`${folder}/results/one/probe/${name}.jsonl`);
          return text.trimEnd().split("\n").map((line) => JSON.parse(line));
        }));
        assertEquals(made?.probes.map(({ rows }) => rows), written);
      },
    );

    await t.step("verify knows the result, and finds what is changed", async () => {
      await Deno.rename(`${folder}/results/one`, `${folder}/results/smoke-auto`);
      const good = await run("verify", out);
      assertEquals(good.code, 0, good.stdout + good.stderr);
      assertMatch(good.stdout, /^smoke-auto, GRPO seed 1, BuPO seed 1; made at \S+ by: deno task inspect /m);
      assertMatch(good.stdout, /^the checkpoints are those of .+smoke-auto$/m);
      assertMatch(good.stdout, /: verified, \d+ files; page and figures are what inspect\.json gives$/m);
      await Deno.rename(`${folder}/results/smoke-auto`, `${folder}/results/one`);
      const page = await Deno.readTextFile(`${out}/inspect.html`);
      await Deno.writeTextFile(`${out}/inspect.html`, page.replace("training", "drilling"));
      const bad = await run("verify", out);
      assertEquals(bad.code, 1);
      assertMatch(bad.stdout, /^FAIL {2}inspect\.html: its SHA-256 is /m);
      assertMatch(bad.stdout, /: NOT verified, 2 problems$/m);
    });

    await t.step("--redraw makes page and figures anew from the numbers, and signs them", async () => {
      const before = await Deno.readTextFile(`${out}/inspect.json`);
      const redrawn = await run("inspect", "--redraw", out, "--sign", "--quiet");
      assertEquals(redrawn.code, 0, redrawn.stderr);
      assertEquals(await Deno.readTextFile(`${out}/inspect.json`), before);
      assertEquals((await run("verify", out)).code, 0);
      const nothing = await run("inspect", "--redraw", `${folder}/none`);
      assertEquals([nothing.code, nothing.stdout], [2, ""]);
      assertMatch(nothing.stderr, /^error: Cannot redraw .+none: there is no .+inspect\.json\n$/);
    });

    await t.step("flags that do not go together are one line", async () => {
      for (
        const [args, said] of [
          [
            ["--trained", "--target", "qwen3-4b"],
            "Cannot use --trained with ",
          ],
          [["--sign"], "Cannot sign: say --out, where the report goes"],
        ] as const
      ) {
        const { code, stderr } = await run("inspect", ...args);
        assertEquals(code, 2);
        assertMatch(stderr, /^error: [^\n]+\n$/);
        assertStringIncludes(stderr, said);
      }
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

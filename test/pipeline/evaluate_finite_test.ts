import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { FINAL_NORM, formatSafetensors, parseSafetensors, WEIGHTS_FILE } from "../../src/model/mod.ts";
import { readRecord, type RecordFile } from "../../src/store.ts";
import { copyDirectory } from "../tasks/copy_directory.ts";
import { runTask } from "../tasks/run_task.ts";

/** The embedded model, whose final norm multiplies by so much that logits leave float32's range; each weight is finite. */
async function loudModel(directory: string, gain: number): Promise<void> {
  await copyDirectory("benchmarks/model", directory);
  const path = join(directory, WEIGHTS_FILE), tensors = await parseSafetensors(await Deno.readFile(path));
  const norm = tensors.get(FINAL_NORM);
  assert(norm);
  tensors.set(FINAL_NORM, { ...norm, data: new Float32Array(norm.data.length).fill(gain) });
  await Deno.writeFile(path, await formatSafetensors(tensors));
}

Deno.test("logits that are not finite end an evaluation: run and suite are named, the batch is kept, no score is", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const evaluate = async (gain: number): ReturnType<typeof runTask> => {
      const model = join(folder, `gain-${gain}`), store = join(folder, "store");
      await loudModel(model, gain);
      const asked = ["--profile", "smoke", "--limit", "2", "--samples", "1", "--quiet", "--workers", "1"];
      return await runTask(["evaluate", "--model", model, "--store", store, ...asked], { folder });
    };
    const { code, stdout, stderr } = await evaluate(3e38);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /^error: Cannot evaluate Base on mini-math: the sampler's log-prob .+ is NaN, expected a finite number; .+\n$/,
    );
    const [, path = ""] = /the batch is in (\S+)\n$/.exec(stderr) ?? [];
    const { value } = await readRecord(path) as RecordFile;
    assertEquals((value as { suite: string }).suite, "mini-math");
    const kinds = (await Array.fromAsync(Deno.readDir(join(folder, "store")))).map(({ name }) => name);
    assert(!kinds.includes("evaluation"), kinds.join());
    // A large gain that leaves the numbers finite is only a bad model.
    const bad = await evaluate(100);
    assertEquals(bad.code, 0, bad.stderr);
    assertMatch(bad.stdout, /^mini-math +avg@1 /);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

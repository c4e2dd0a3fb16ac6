import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { parseRecord, type ResultRecord, writeRecord } from "../../src/result/mod.ts";
import { agreement, readOriginal } from "../../tasks/shared/reproduce_from.ts";

const record = parseRecord(await Deno.readFile("results/embedded/results.json"));

/** The record with the counts of a method moved. */
function moved(method: string, by: (count: number, problem: number) => number): ResultRecord {
  const runs = record.runs.map((run) =>
    run.method !== method ? run : {
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map(([name, outcome]) => [name, {
          ...outcome,
          correct: outcome.correct.map((count, problem) => Math.max(0, Math.min(8, by(count, problem)))),
        }]),
      ),
    }
  );
  return { ...record, runs };
}

async function compare(again: ResultRecord, exact = false): Promise<Awaited<ReturnType<typeof agreement>>> {
  const folder = await Deno.makeTempDir(), before = join(folder, "before"), after = join(folder, "after");
  await writeRecord(before, record);
  await writeRecord(after, again);
  const found = await agreement({ directory: before, record, files: ["results.json"] }, after, again, exact);
  await Deno.remove(folder, { recursive: true });
  return found;
}

Deno.test("agreement() tells the same bytes, noise and a difference apart", async () => {
  assertEquals(await compare(record), { verdict: "byte-equal", files: [], differences: [] });
  const noisy = await compare(moved("grpo", (count, problem) => count + (problem % 24 === 0 ? 1 : 0)));
  assertEquals([noisy.verdict, noisy.files, noisy.differences], [
    "statistically equal",
    ["results.json"],
    [],
  ]);
  // On the same kernels the same bytes are promised.
  assertEquals(
    (await compare(moved("grpo", (count, problem) => count + (problem === 0 ? 1 : 0)), true)).verdict,
    "different",
  );
  const worse = await compare(moved("bupo", (count) => count - 3));
  assertEquals(worse.verdict, "different");
  assert(
    worse.differences.some((line) => /^bupo on mini-math: worse by -/.test(line)),
    `${worse.differences}`,
  );
  assert(!worse.differences.some((line) => line.startsWith("grpo")), `${worse.differences}`);
});

Deno.test("agreement() says what another result was made from", async () => {
  const other = { ...record, graderVersion: "0.0.1", base: { ...record.base, digest: "0".repeat(64) } };
  const { verdict, differences } = await compare(other);
  assertEquals(verdict, "different");
  assertEquals(differences.slice(0, 2).map((line) => line.split(" is ")[0]), [
    "the base model",
    "the grader",
  ]);
});

Deno.test("readOriginal() takes the manifest or its folder, and nothing that is not there", async () => {
  const [file, folder] = [
    await readOriginal("results/embedded/manifest.sigstore.json"),
    await readOriginal("results/embedded"),
  ];
  assertEquals(file.profile, folder.profile);
  assertEquals([file.profile.name, file.files.includes("results.json")], ["embedded", true]);
  assert(!file.files.some((name) => name.startsWith("manifest")));
  await assertRejects(() => readOriginal("results/none"), Error, "there is no such manifest");
});

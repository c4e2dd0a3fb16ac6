/** Hostile directories are left out by name, each with its reason, and never stand in the way of the others. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { attest, type ResultRecord, type SigningKey } from "../../src/result/mod.ts";
import { writeDocument } from "../../src/result/record/schema.ts";
import { facts, forgeRecord, newKey } from "../result/fixture.ts";
import { runTask } from "../tasks/run_task.ts";
import { copyEmbedded, embeddedRecord } from "./published_fixture.ts";

/** A record in which every suite has so many samples, and half of them right. */
function withSamples(record: ResultRecord, samples: number): ResultRecord {
  return {
    ...record,
    suites: record.suites.map((suite) => ({ ...suite, samples })),
    runs: record.runs.map((run) => ({
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map(([name, outcome]) => [
          name,
          { ...outcome, correct: outcome.correct.map(() => samples / 2) },
        ]),
      ),
    })),
  };
}

const manySettings = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`s${i}`, i]));

/** A line of samples that is sound, but is about nothing. */
const shortLine = '{"method":"m","problem":"p","responses":[],"suite":"s"}\n';

/** What makes a copy of the committed result hostile, and the reason that is given. */
const hostile: Readonly<
  Record<string, readonly [(directory: string, key: SigningKey) => Promise<unknown>, RegExp]>
> = {
  samples: [async (directory, key) => {
    await forgeRecord(directory, key, writeDocument(withSamples(await embeddedRecord(), 1e12)));
  }, /suites\[0\]\.samples/],
  settings: [async (directory, key) => {
    const record = await embeddedRecord();
    const profile = { ...record.profile, ...manySettings };
    await forgeRecord(directory, key, writeDocument({ ...record, profile }));
  }, /expected at most 2000 settings/],
  emoji: [async (directory, key) => {
    const record = await embeddedRecord();
    const profile = { ...record.profile, name: "😀".repeat(100) };
    await forgeRecord(directory, key, writeDocument({ ...record, profile }));
  }, /profile\.name: expected a name of at most 100 bytes/],
  metrics: [async (directory, key) => {
    await Deno.truncate(join(directory, "metrics/grpo-1.jsonl"), 2 ** 26 + 1); // sparse
    await attest(directory, { ...facts, key });
  }, /metrics/],
  lines: [async (directory, key) => {
    const some = new Blob([shortLine.repeat(20_001)]);
    const stream = new Blob(Array.from({ length: 100 }, () => some)).stream();
    await Deno.writeFile(
      join(directory, "samples.jsonl.gz"),
      stream.pipeThrough(new CompressionStream("gzip")),
    );
    await attest(directory, { ...facts, key });
  }, /samples\.jsonl\.gz/],
  record: [(directory) => Deno.truncate(join(directory, "results.json"), 2 ** 26 + 1), /results\.json/],
  files: [async (directory) => {
    await Deno.mkdir(join(directory, "more"));
    for (let i = 0; i < 10_001; i++) Deno.writeTextFileSync(join(directory, "more", `${i}`), "");
  }, /more than 10000 files/],
  depth: [(directory) => {
    return Deno.mkdir(join(directory, ...Array.from({ length: 20 }, () => "d")), { recursive: true });
  }, /deeper than 16 levels/],
};

Deno.test("publish and results leave out hostile directories by name, and show the others", async () => {
  const root = await Deno.makeTempDir(), folder = join(root, "results"), key = await newKey();
  try {
    await copyEmbedded(folder, "good", { key });
    for (const [name, [change]] of Object.entries(hostile)) {
      await copyEmbedded(folder, name, { key });
      await change(join(folder, name), key);
    }
    const names = Object.keys(hostile);
    const directories = ["good", ...names].map((name) => join(folder, name));
    const args = ["--out", join(root, "out"), "--keys", join(folder, "keys"), "--json"];
    const exports = ["--export", join(root, "exports")];
    const published = await runTask(["publish", ...directories, ...args, ...exports], { folder: root });
    assertEquals(published.code, 1, published.stderr);
    const { results, excluded } = JSON.parse(published.stdout);
    assertEquals(results, ["good"]);
    const reasons = new Map<string, string>(
      excluded.map(({ name, reason }: { name: string; reason: string }) => [name, reason]),
    );
    assertEquals([...reasons.keys()].sort(), names.toSorted());
    const listed = JSON.parse((await runTask(["results", folder, "--json"])).stdout).results;
    assertEquals(listed.length, names.length + 1);
    for (const [name, [, reason]] of Object.entries(hostile)) {
      assertMatch(reasons.get(name) ?? "", reason, name);
      assert((reasons.get(name) ?? "").length < 1200, name);
      assert(listed.some(({ result }: { result: string }) => result === join(folder, name)), name);
    }
    const good = listed.find(({ result }: { result: string }) => result === join(folder, "good"));
    assertMatch(good.signature, /^verified by/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { readTranscripts, ResultSourceError } from "../../../src/result/mod.ts";
import { folderFiles } from "../../../src/result/judge/result_files.ts";
import { sampleRecord } from "../fixture.ts";
import { HOSTILE, writeSamples } from "../history_fixture.ts";

/** Runs a test on a folder with the samples of a small record. */
async function withSamples(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "a folder " });
  try {
    await writeSamples(directory, sampleRecord(), HOSTILE);
    await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

Deno.test("readTranscripts() gives the completions of every policy on a problem, as they are", async () => {
  await withSamples(async (directory) => {
    const found = await readTranscripts(await folderFiles(directory), "m2");
    assertEquals(found.map(({ method, seed, suite }) => [method, seed, suite]), [
      ["base", undefined, "mini-math"],
      ["grpo", 1, "mini-math"],
      ["grpo", 2, "mini-math"],
    ]);
    assertEquals(found[0]?.responses, [`${HOSTILE} base 1`, `${HOSTILE} base 2`]);
    assertEquals(await readTranscripts(await folderFiles(directory), "m3"), []);
  });
});

Deno.test("readTranscripts() says what is wrong with a samples file", async () => {
  await withSamples(async (directory) => {
    const path = join(directory, "samples.jsonl.gz"), whole = await Deno.readFile(path);
    const cases: readonly (readonly [Uint8Array<ArrayBuffer>, string])[] = [
      [whole.slice(0, whole.length - 12), "Cannot read samples.jsonl.gz: "],
      [new TextEncoder().encode("no gzip"), "Cannot read samples.jsonl.gz: "],
      [await gzip('{"problem":"m2"}\n'), "near line 1: method: "],
      [await gzip('{}\n"m2"\n'), "near line 1: method: "],
      [await gzip('{"m2" "m2"\n'), "Cannot read samples.jsonl.gz: "],
    ];
    for (const [bytes, said] of cases) {
      await Deno.writeFile(path, bytes);
      const files = await folderFiles(directory);
      await assertRejects(() => readTranscripts(files, "m2"), ResultSourceError, said);
    }
    await Deno.remove(path);
    const files = await folderFiles(directory);
    await assertRejects(() => readTranscripts(files, "m2"), ResultSourceError, "it is missing");
  });
});

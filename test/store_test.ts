import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { type ByteSource, bytesSource, streamOf } from "../src/byte_source.ts";
import { isTemporary, Store, writeFileAtomic } from "../src/store.ts";

/** Runs a test with a store in a fresh directory and collects what it reports as corrupt. */
async function withStore(run: (store: Store, reports: string[], directory: string) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  const reports: string[] = [];
  try {
    await run(
      new Store(directory, { onCorrupt: (_path, reason) => reports.push(reason) }),
      reports,
      directory,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const key = { seed: 1, model: "abc" };
const value = { text: "π ≠ 3\n", numbers: [1, 2.5, null] };
const stream = (bytes: Uint8Array) => streamOf(bytesSource(bytes, "bytes"));
const contents = { weights: new Uint8Array([10, 13, 0, 255]), empty: new Uint8Array() };
const attachments = { weights: stream(contents.weights), empty: stream(contents.empty) };
const bytesOf = (source: ByteSource | undefined): Promise<Uint8Array> =>
  source ? source.read(0, source.size) : Promise.resolve(new Uint8Array());

Deno.test("Store.get() returns what put() stored, whatever the order of the key's members", async () => {
  await withStore(async (store, reports) => {
    assertEquals(await store.get("step", key), undefined);
    await store.put("step", key, value, attachments);
    const record = await store.get("step", { model: "abc", seed: 1 });
    assertEquals(record?.value, value);
    assertEquals([...record?.attachments.keys() ?? []], ["empty", "weights"].toReversed());
    assertEquals(await bytesOf(record?.attachments.get("weights")), contents.weights);
    assertEquals(await bytesOf(record?.attachments.get("empty")), contents.empty);
    assertEquals(await store.get("step", { ...key, seed: 2 }), undefined);
    assertEquals(await store.get("other", key), undefined);
    assertEquals(reports, []);
  });
});

Deno.test("Store.put() replaces a record and leaves no other file behind", async () => {
  await withStore(async (store, _reports, directory) => {
    await store.put("step", key, 1);
    await store.put("step", key, 2);
    assertEquals((await store.get("step", key))?.value, 2);
    assertEquals((await Array.fromAsync(Deno.readDir(`${directory}/step`))).length, 1);
  });
});

Deno.test("Store.get() reports a truncated record as absent, wherever it was cut", async () => {
  await withStore(async (store, reports) => {
    await store.put("step", key, value, attachments);
    const path = await store.path("step", key);
    const bytes = await Deno.readFile(path);
    for (let length = 0; length < bytes.length; length++) {
      await Deno.writeFile(path, bytes.subarray(0, length));
      assertEquals(await store.get("step", key), undefined);
    }
    assertEquals(reports.length, bytes.length);
    await store.put("step", key, value, attachments);
    assertEquals((await store.get("step", key))?.value, value);
  });
});

Deno.test("Store.get() reports a record with any byte changed as absent", async () => {
  await withStore(async (store, reports) => {
    await store.put("step", key, value, attachments);
    const path = await store.path("step", key);
    const bytes = await Deno.readFile(path);
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      await Deno.writeFile(path, changed);
      assertEquals(await store.get("step", key), undefined);
    }
    assertEquals(reports.length, bytes.length);
  });
});

Deno.test("Store.get() does not trust a sound record under another key's name", async () => {
  await withStore(async (store, reports) => {
    await store.put("step", key, value);
    await Deno.copyFile(await store.path("step", key), await store.path("step", { seed: 2 }));
    assertEquals(await store.get("step", { seed: 2 }), undefined);
    assertEquals(reports, ["it is the record of another key"]);
  });
});

Deno.test("Store.put() by many writers at once leaves one whole record", async () => {
  await withStore(async (store, reports, directory) => {
    const large = new Uint8Array(200_000);
    let reading = true;
    const reader = (async () => {
      while (reading) await store.get("step", key);
    })();
    await Promise.all(Array.from({ length: 20 }, (_, writer) => {
      return store.put("step", key, writer, { large: stream(large.slice().fill(writer)) });
    }));
    reading = false;
    await reader;
    const record = await store.get<number>("step", key);
    const bytes = await bytesOf(record?.attachments.get("large"));
    assertEquals(bytes.length, large.length);
    assert(bytes.every((byte) => byte === record?.value));
    assertEquals(reports, []);
    assertEquals((await Array.fromAsync(Deno.readDir(`${directory}/step`))).length, 1);
  });
});

Deno.test("Store.path() rejects a kind that is not a plain name", async () => {
  await withStore(async (store) => {
    await assertRejects(() => store.get("../up", key), RangeError, '"../up"');
  });
});

Deno.test("writeFileAtomic() keeps the old content and cleans up when it fails", async () => {
  const directory = await Deno.makeTempDir();
  await Deno.mkdir(`${directory}/taken/inside`, { recursive: true });
  await assertRejects(() => writeFileAtomic(`${directory}/taken`, "text")); // a folder cannot be replaced
  assertEquals((await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name), ["taken"]);
  await writeFileAtomic(`${directory}/new/file`, stream(new Uint8Array([1, 2, 3])));
  assertEquals(await Deno.readFile(`${directory}/new/file`), new Uint8Array([1, 2, 3]));
  await Deno.remove(directory, { recursive: true });
});

Deno.test("isTemporary() knows unfinished files from others", () => {
  assert(isTemporary(".results.json.0123456789abcdef.tmp"));
  for (const name of ["results.json", "notes.tmp", ".results.json.tmp", "a.0123456789abcdef.tmp"]) {
    assertNotEquals(isTemporary(name), true);
  }
});

Deno.test("Store.put() refuses a stream that is not as long as it says, and keeps the record that was there", async () => {
  await withStore(async (store, reports) => {
    await store.put("step", key, 1, attachments);
    const long = { size: 3, pieces: attachments.weights.pieces };
    await assertRejects(
      () => store.put("step", key, 2, { long }),
      RangeError,
      'Cannot store "long": it has 4 bytes',
    );
    assertEquals((await store.get("step", key))?.value, 1);
    assertEquals(reports, []);
  });
});

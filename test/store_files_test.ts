import { assert, assertEquals } from "@std/assert";
import { FileLock } from "../src/lock.ts";
import { Store } from "../src/store.ts";
import { storeFiles, storeRecords, sweepStore } from "../src/store_files.ts";

const kinds = async (directory: string): Promise<string[]> =>
  (await Array.fromAsync(storeFiles(directory))).map(({ kind }) => kind).sort();

Deno.test("sweepStore() removes what killed runs left, by age, and nothing that is in use", async () => {
  const directory = await Deno.makeTempDir(), store = new Store(directory);
  await store.put("training", { step: 1 }, 1);
  (await store.tryLock("training", { step: 2 }))?.[Symbol.dispose]();
  using held = await store.tryLock("training", { step: 3 });
  assert(held);
  (await store.journal("evaluation", {}))[Symbol.dispose]();
  await Deno.writeTextFile(`${directory}/training/.x.0123456789abcdef.tmp`, "unfinished");
  await Deno.mkdir(`${directory}/artifacts`);
  await Deno.writeTextFile(`${directory}/artifacts/model.onnx`, "not the store's");
  assertEquals(await kinds(directory), ["journal", "lock", "lock", "training", "unfinished"]);
  assertEquals(await sweepStore(directory, 3600_000), []);
  assertEquals((await sweepStore(directory, -1000)).length, 2);
  // A journal is what an interrupted evaluation goes on from.
  assertEquals(await kinds(directory), ["journal", "lock", "training"]);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("storeRecords() finds damaged records only where it is asked to", async () => {
  const directory = await Deno.makeTempDir(), store = new Store(directory);
  await store.put("training", { step: 1 }, { made: 1 });
  const path = await store.path("training", { step: 1 }), text = await Deno.readTextFile(path);
  const faults = async (checked: boolean): Promise<string[]> =>
    (await Array.fromAsync(storeRecords(directory, checked))).map(({ record }) =>
      typeof record === "string" ? record : ""
    );
  assertEquals(await faults(true), [""]);
  await Deno.writeTextFile(path, text.replace('"made":1', '"made":2'));
  assertEquals(await faults(true), ["its content does not match its SHA-256"]);
  assertEquals(await faults(false), [""]);
  await Deno.writeTextFile(path, "short");
  assertEquals(await faults(false), ["its content does not match its SHA-256"]);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("FileLock lets one in, and the next when the first has gone, also where its file was swept away", async () => {
  const path = `${await Deno.makeTempDir()}/locks/one`;
  const first = await FileLock.tryTake(path);
  assert(first);
  assertEquals(await FileLock.tryTake(path), undefined);
  first[Symbol.dispose]();
  using second = await FileLock.tryTake(path);
  assert(second);
  await Deno.remove(path);
  using third = await FileLock.tryTake(path);
  assert(third, "a new file is a new lock");
});

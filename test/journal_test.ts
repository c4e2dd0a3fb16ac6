import { assertEquals } from "@std/assert";
import { Journal } from "../src/journal.ts";

async function read(path: string): Promise<readonly unknown[]> {
  using journal = await Journal.open(path);
  return journal.entries;
}

Deno.test("Journal.open() gives the entries before the first damage, and goes on after them", async () => {
  const path = await Deno.makeTempFile(),
    entries = [{ index: 1, response: [1, 2] }, { index: 2 }, { index: 3 }];
  {
    using journal = await Journal.open(path);
    for (const entry of entries) await journal.add(entry);
  }
  assertEquals(await read(path), entries);
  const bytes = await Deno.readFile(path), ends = [...bytes].flatMap((byte, i) => byte === 10 ? [i + 1] : []);
  for (let at = 0; at < bytes.length; at++) {
    const whole = [...ends].filter((end) => end <= at).length;
    await Deno.writeFile(path, bytes.subarray(0, at));
    assertEquals(await read(path), entries.slice(0, whole), `cut after ${at} bytes`);
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await Deno.writeFile(path, damaged);
    assertEquals(await read(path), entries.slice(0, whole), `byte ${at} changed`);
  }
  await Deno.writeFile(path, bytes.subarray(0, bytes.length - 3));
  {
    using journal = await Journal.open(path);
    await journal.add({ index: 4 });
  }
  assertEquals(await read(path), [entries[0], entries[1], { index: 4 }]);
  await Deno.remove(path);
});

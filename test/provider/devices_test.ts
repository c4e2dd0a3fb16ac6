import { assert, assertEquals, assertMatch } from "@std/assert";
import { providers } from "./providers.ts";

/** Runs `devices` in a process of its own. */
async function devices(...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = ["run", "--quiet", "--no-prompt", "-A", "test/provider/main.ts", "devices", ...flags];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } })
    .output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("devices lists every provider, tests those that are there, and says how to get the others", async () => {
  const { code, stdout, stderr } = await devices("--json");
  assertEquals([code, stderr], [0, ""]);
  const { providers: listed, adapters, onnxruntime } = JSON.parse(stdout);
  assertMatch(onnxruntime, /^\d+\.\d+\.\d+/);
  assertEquals(listed.length, 3);
  for (const { provider, ready, error, missing } of listed) {
    const there = providers.find(({ name }) => name === provider)?.runtime !== undefined;
    assertEquals([ready, missing === undefined], [there, there], provider);
    if (there) assert(error < 1e-5);
  }
  assertEquals(listed[0].precisions, ["float16"]); // the CPU, besides float32
  // WebGPU promises any program 128 MiB and eight buffers.
  for (const { name, largestBuffer, storageBindings } of adapters) {
    assert(largestBuffer >= 2 ** 27 && storageBindings >= 8, name);
  }
});

Deno.test("devices ends with 2 and one line where the named provider is missing", async () => {
  for (const { name, runtime } of providers) {
    const { code, stderr } = await devices("--provider", name);
    assertEquals(code, runtime ? 0 : 2, name);
    if (!runtime) assertMatch(stderr, new RegExp(`^error: Cannot compute with "${name}": [^\n]+\n$`));
  }
  assertEquals((await devices("--provider", "tpu")).code, 2);
});

Deno.test("a run on WebGPU refuses to have several jobs at a time", async () => {
  const there = providers.find(({ name }) => name === "webgpu")?.runtime !== undefined;
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "-A", "test/provider/main.ts", "train", "--profile", "smoke"],
      ...["--provider", "webgpu", "--workers", "2"],
    ],
  });
  const { code, stderr } = await command.output();
  assertEquals(code, 2);
  assertMatch(
    new TextDecoder().decode(stderr),
    there
      ? /^error: Cannot run 2 jobs at a time on "webgpu": [^\n]+\n$/
      : /^error: Cannot compute with "webgpu"/,
  );
});

import { assertEquals } from "@std/assert";
import { cpuInstructions } from "../../src/runtime/mod.ts";

/** What the kernel says of this processor. Deno lets only a program with all permissions read it: another one does. */
async function kernelFlags(): Promise<Set<string> | undefined> {
  try {
    const args = ["-c", "print(open('/proc/cpuinfo').read())"];
    const { stdout } = await new Deno.Command("python3", { args }).output();
    const [, flags] = /^flags\s*:(.*)$/m.exec(new TextDecoder().decode(stdout)) ?? [];
    return flags === undefined ? undefined : new Set(flags.trim().split(" "));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const found = cpuInstructions(), flags = found === undefined ? undefined : await kernelFlags();

Deno.test({
  name: `cpuInstructions() says what the kernel says${flags ? "" : " (ignored: nobody tells here)"}`,
  ignore: !flags,
  fn: () => {
    const names = ["avx", "fma", "avx2", "avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_vnni"];
    assertEquals(found?.split(" "), [...names, "amx_tile"].filter((name) => flags?.has(name)));
  },
});

/** What GPUs and their drivers are called, from the libraries that know. */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { nvidiaCard } from "../../src/runtime/nvidia.ts";
import { driverText } from "../../src/runtime/webgpu/vulkan.ts";

/** Two libraries as NVIDIA's driver has them, of a card that is not there: what is asked of them is C. */
const source = `#include <string.h>
int cuInit(unsigned flags) { return flags; }
int cuDeviceGet(int *device, int ordinal) { *device = 7 + ordinal; return 0; }
int cuDeviceGetName(char *name, int length, int device) {
  if (device != 7 || length < 32) return 1;
  strcpy(name, "NVIDIA H200");
  return 0;
}
int nvmlInit_v2(void) { return 0; }
int nvmlSystemGetDriverVersion(char *version, unsigned length) {
  if (length < 80) return 7;
  strcpy(version, "580.65.06");
  return FAILS;
}
`;

async function compiler(): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  return await new Deno.Command("cc", { args: ["--version"], stdout: "null", stderr: "null" }).output()
    .then(({ success }) => success, () => false);
}

const compiles = await compiler();

Deno.test({
  name: `nvidiaCard() reads the card's name and the driver's version${
    compiles ? "" : " (ignored: no C compiler)"
  }`,
  ignore: !compiles,
  fn: async () => {
    const directory = await Deno.makeTempDir();
    const build = async (fails: number): Promise<string> => {
      const file = join(directory, `driver${fails}.c`), library = join(directory, `driver${fails}.so`);
      await Deno.writeTextFile(file, source.replace("FAILS", `${fails}`));
      const args = ["-shared", "-fPIC", "-o", library, file];
      assertEquals((await new Deno.Command("cc", { args }).output()).code, 0);
      return library;
    };
    const [sound, silent] = [await build(0), await build(3)];
    assertEquals(nvidiaCard([sound, sound]), { name: "NVIDIA H200", driver: "580.65.06" });
    assertEquals(nvidiaCard([sound, silent]), { name: "NVIDIA H200" });
    assertEquals(nvidiaCard([sound, join(directory, "none.so")]), { name: "NVIDIA H200" });
    assertEquals(nvidiaCard([join(directory, "none.so"), sound]), undefined);
    await Deno.remove(directory, { recursive: true });
  },
});

Deno.test("driverText() cuts a driver's version as its maker writes it", () => {
  assertEquals(driverText(580 * 2 ** 22 + (65 << 14) + (6 << 6), 0x10de), "580.65.6");
  assertEquals(driverText((24 << 22) + (2 << 12) + 8, 0x1002), "24.2.8");
});

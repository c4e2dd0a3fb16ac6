/**
 * The processor, and which of its instructions select ONNX Runtime's kernels on the CPU: with others, results differ in the last
 * bits. Processors of one name can differ in them, and virtual machines hide some.
 *
 * @module
 */

import { cpus } from "node:os";

/** A bit of `cpuid`'s answer: glibc's number of the leaf, the register from eax on, the bit. */
type Bit = readonly [leaf: number, register: number, bit: number];

/**
 * Instructions of x86.
 *
 * Source: Intel, "Architectures Software Developer's Manual", volume 2, CPUID; leaves numbered as in glibc's
 * sys/platform/x86.h (0: leaf 1, 1: leaf 7).
 */
const x86: Readonly<Record<string, Bit>> = {
  avx: [0, 2, 28],
  fma: [0, 2, 12],
  avx2: [1, 1, 5],
  avx512f: [1, 1, 16],
  avx512dq: [1, 1, 17],
  avx512bw: [1, 1, 30],
  avx512vl: [1, 1, 31],
  avx512_vnni: [1, 2, 11],
  amx_tile: [1, 3, 24],
};

/** In glibc's answer, where the registers lie that say what may be used, not only what is there. */
const ACTIVE = 16;

/** Names of the instructions that are there and may be used, such as `avx fma avx2`; `undefined` where nobody tells. */
export function cpuInstructions(): string | undefined {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
  try {
    const library = Deno.dlopen("libc.so.6", {
      __x86_get_cpuid_feature_leaf: { parameters: ["u32"], result: "pointer" },
    });
    const found = Object.entries(x86).filter(([, [leaf, register, bit]]) => {
      const answer = library.symbols.__x86_get_cpuid_feature_leaf(leaf);
      if (answer === null) return false;
      return new Deno.UnsafePointerView(answer).getUint32(ACTIVE + 4 * register) >>> bit & 1;
    });
    library.close();
    return found.map(([name]) => name).join(" ");
  } catch (error) {
    // Without permission, or with another C library, nobody tells.
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
}

/** This machine: operating system and its release, architecture, processor. Needs `--allow-sys=cpus,osRelease`. */
export function describeMachine(): { readonly os: string; readonly arch: string; readonly cpu: string } {
  return {
    os: `${Deno.build.os} ${Deno.osRelease()}`,
    arch: Deno.build.arch,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
  };
}

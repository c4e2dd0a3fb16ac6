/**
 * A Vulkan driver for machines without a graphics card.
 *
 * @module
 */

import { vulkanAdapters } from "../../src/runtime/webgpu/vulkan.ts";

/** Where Debian's chromium keeps a Vulkan driver that computes on the CPU, and its loader. */
const swiftShader = {
  driver: "/usr/lib/chromium/vk_swiftshader_icd.json",
  loader: "/usr/lib/chromium/libvulkan.so.1",
};

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Lets a machine without a graphics card find SwiftShader: a loader that is loaded already answers to its name. */
export function findDriver(): void {
  if (Deno.build.os !== "linux" || vulkanAdapters()?.length || !exists(swiftShader.driver)) return;
  Deno.env.set("VK_DRIVER_FILES", swiftShader.driver);
  if (!Deno.env.has("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
  if (exists(swiftShader.loader)) Deno.dlopen(swiftShader.loader, {});
}

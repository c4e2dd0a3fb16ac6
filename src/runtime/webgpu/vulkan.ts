/**
 * Which Vulkan devices there are, asked of the Vulkan loader itself: ONNX Runtime takes an adapter without telling which.
 *
 * @module
 */

/** What kind of hardware an adapter is. */
export type AdapterKind = "other" | "integrated" | "discrete" | "virtual" | "software";

/** A graphics adapter. */
export interface Adapter {
  /** Its name, as the driver gives it. */
  readonly name: string;
  /** The driver's version. */
  readonly driver: string;
  /** What it is; `software` computes on the CPU. */
  readonly kind: AdapterKind;
  /** Bytes of its largest memory of its own. */
  readonly memory: number;
  /** Bytes of the largest buffer that a kernel can read or write. */
  readonly largestBuffer: number;
  /** How many such buffers one kernel can have. */
  readonly storageBindings: number;
}

const kinds: readonly AdapterKind[] = ["other", "integrated", "discrete", "virtual", "software"];

/** The loader's file names by operating system; Apple's systems have Metal instead. */
const loaders: Readonly<Record<string, string>> = { linux: "libvulkan.so.1", windows: "vulkan-1.dll" };

const functions = {
  vkCreateInstance: { parameters: ["buffer", "pointer", "buffer"], result: "i32" },
  vkDestroyInstance: { parameters: ["pointer", "pointer"], result: "void" },
  vkEnumeratePhysicalDevices: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
  vkGetPhysicalDeviceProperties: { parameters: ["pointer", "buffer"], result: "void" },
  vkGetPhysicalDeviceMemoryProperties: { parameters: ["pointer", "buffer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Sizes of C structures, rounded up, and where their fields lie. */
const PROPERTIES = {
  size: 1024,
  driverVersion: 4,
  vendor: 8,
  kind: 16,
  name: 20,
  nameLength: 256,
  maxStorageBufferRange: 296 + 28,
  maxPerStageDescriptorStorageBuffers: 296 + 76,
};
const MEMORY = { size: 1024, heapCount: 260, heaps: 264, heapSize: 16 };
/** NVIDIA's number among the makers of PCI devices: its drivers cut their version otherwise. */
const NVIDIA = 0x10de;
/** `VK_MEMORY_HEAP_DEVICE_LOCAL_BIT`. */
const DEVICE_LOCAL = 1;

/** A driver's version as its maker writes it; most cut the 32 bits as Vulkan does its own: 10, 10, 12. */
export function driverText(version: number, vendor: number): string {
  const parts = vendor === NVIDIA
    ? [version >>> 22, version >>> 14 & 0xff, version >>> 6 & 0xff]
    : [version >>> 22, version >>> 12 & 0x3ff, version & 0xfff];
  return parts.join(".");
}

function readAdapter(
  { vkGetPhysicalDeviceProperties, vkGetPhysicalDeviceMemoryProperties }: Deno.StaticForeignLibraryInterface<
    typeof functions
  >,
  device: Deno.PointerValue,
): Adapter {
  const properties = new Uint8Array(PROPERTIES.size), memory = new Uint8Array(MEMORY.size);
  vkGetPhysicalDeviceProperties(device, properties);
  vkGetPhysicalDeviceMemoryProperties(device, memory);
  const fields = new DataView(properties.buffer), heaps = new DataView(memory.buffer);
  const name = properties.subarray(PROPERTIES.name, PROPERTIES.name + PROPERTIES.nameLength);
  const sizes = Array.from({ length: heaps.getUint32(MEMORY.heapCount, true) }, (_, i) => {
    const at = MEMORY.heaps + i * MEMORY.heapSize;
    return heaps.getUint32(at + 8, true) & DEVICE_LOCAL ? Number(heaps.getBigUint64(at, true)) : 0;
  });
  return {
    name: new TextDecoder().decode(name.subarray(0, name.indexOf(0))),
    driver: driverText(
      fields.getUint32(PROPERTIES.driverVersion, true),
      fields.getUint32(PROPERTIES.vendor, true),
    ),
    kind: kinds[fields.getUint32(PROPERTIES.kind, true)] ?? "other",
    memory: Math.max(0, ...sizes),
    largestBuffer: fields.getUint32(PROPERTIES.maxStorageBufferRange, true),
    storageBindings: fields.getUint32(PROPERTIES.maxPerStageDescriptorStorageBuffers, true),
  };
}

/**
 * The Vulkan devices of this machine, the fastest kind first; `undefined` where there is no Vulkan loader.
 *
 * Source: the Vulkan specification, chapters "Initialization" and "Devices and Queues".
 */
export function vulkanAdapters(): readonly Adapter[] | undefined {
  const file = loaders[Deno.build.os];
  if (file === undefined) return undefined;
  let library: Deno.DynamicLibrary<typeof functions>;
  try {
    library = Deno.dlopen(file, functions);
  } catch (error) {
    // What is no permission is a missing file.
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  }
  const { symbols } = library;
  // VkInstanceCreateInfo: its type, 1, and nothing that is optional.
  const request = new BigUint64Array(8), out = new BigUint64Array(1), count = new Uint32Array(1);
  request[0] = 1n;
  if (symbols.vkCreateInstance(request, null, out) !== 0) return [];
  const instance = Deno.UnsafePointer.create(out[0] as bigint); // the array has one element
  symbols.vkEnumeratePhysicalDevices(instance, count, null);
  const devices = new BigUint64Array(count[0] as number); // likewise
  if (devices.length > 0) symbols.vkEnumeratePhysicalDevices(instance, count, devices);
  const adapters = Array.from(devices, (device) => readAdapter(symbols, Deno.UnsafePointer.create(device)));
  symbols.vkDestroyInstance(instance, null);
  const order: readonly AdapterKind[] = ["discrete", "integrated", "virtual", "other", "software"];
  return adapters.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

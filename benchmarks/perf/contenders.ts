/**
 * Us and the peers: how each is started, given its best.
 *
 * @module
 */

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuInstructions } from "../../src/runtime/mod.ts";
import { type Contender, Party } from "./party.ts";
import { ggufFile, type GgufType } from "./peers/gguf.ts";
import { transformersFolder } from "./peers/transformers_folder.ts";

const peer = (name: string): string => fileURLToPath(new URL(`./peers/${name}`, import.meta.url));

/** Us. */
export const ours: Omit<Contender, "trade" | "agreement"> = {
  name: "ours",
  launch: (threads) => ({
    command: Deno.execPath(),
    args: ["run", "-q", "-A", "--no-prompt", peer("ours.ts"), `${threads}`],
  }),
};

/** PyTorch of a Python. */
export function torchOf(python: string): Contender {
  const wide = cpuInstructions()?.includes("avx512f") ?? false;
  return {
    name: `PyTorch of ${python}`,
    trade: "training",
    agreement: 1,
    launch: (threads) => ({
      command: python,
      args: [peer("torch_peer.py"), `${threads}`],
      env: {
        OMP_NUM_THREADS: `${threads}`,
        // Threads that spin between two products take the processor from others, us among them.
        OMP_WAIT_POLICY: "passive",
        // OpenBLAS 0.3.21 knows no newer processor and would use half of its width.
        ...(wide ? { OPENBLAS_CORETYPE: "SkylakeX" } : {}),
      },
    }),
  };
}

/** llama.cpp of a folder with node-llama-cpp, with weights of one type. */
export function llamaOf(folder: string, type: GgufType): Contender {
  return {
    name: `llama.cpp ${type}`,
    trade: "decoding",
    // In 16 bits a near tie may fall the other way, and all that follows is another text.
    agreement: type === "F32" ? 0.9 : 0.5,
    launch: (threads) => ({
      command: "node",
      args: [peer("llama_peer.mjs"), `${threads}`, resolve(folder), type],
    }),
    model: (directory) => ggufFile(directory, type),
  };
}

/** transformers.js. */
export const transformers: Contender = {
  name: "transformers.js",
  trade: "decoding",
  agreement: 0.9,
  refuses: (work) =>
    work.kind === "decode" && work.shape === "0.6b"
      ? "its file of 2.4 GB exceeds what ONNX holds in one"
      : undefined,
  launch: (threads) => ({
    command: Deno.execPath(),
    args: ["run", "-q", "-A", "--no-prompt", peer("transformers_peer.ts"), `${threads}`],
  }),
  model: transformersFolder,
};

/** A peer that was looked for: there with its version and kernel, or missing and why. */
export interface Found {
  readonly contender: Contender;
  readonly version?: string;
  readonly kernel?: string;
  readonly missing?: string;
}

/** Looks whether a peer is there, by asking it who it is: `PyTorch of python3` is `PyTorch 2.13.0` then. */
export async function find(contender: Contender): Promise<Found> {
  try {
    await using party = new Party(contender.launch(1));
    const { version, kernel } = await party.about();
    const name = `${contender.name.replace(/ of .*/, "")} ${version}`;
    return { contender: { ...contender, name }, version, kernel };
  } catch (error) {
    return {
      contender,
      missing: error instanceof Error ? error.message.split("\n")[0] ?? "" : String(error),
    };
  }
}

/** Which peers to look for. */
export interface PeerChoice {
  /** Pythons that may have PyTorch. */
  readonly pythons: readonly string[];
  /** The folder that `npm install node-llama-cpp` was run in, or the package's own. */
  readonly llama: string | undefined;
  /** `torch`, `llama`, `transformers`; empty: none. */
  readonly kinds: ReadonlySet<string>;
}

/** The kinds of peers. */
export const peerKinds = ["torch", "llama", "transformers"] as const;

/** Where node-llama-cpp may lie below a folder. */
async function llamaFolder(folder: string): Promise<string> {
  const inside = `${folder}/node_modules/node-llama-cpp`;
  return await Deno.stat(inside).then(() => inside, () => folder);
}

/** Looks for the peers; those that are missing say why. */
export async function findPeers({ pythons, llama, kinds }: PeerChoice): Promise<Found[]> {
  const wanted: Contender[] = kinds.has("torch") ? pythons.map(torchOf) : [];
  const lost: Found[] = [];
  if (kinds.has("llama")) {
    const types: GgufType[] = ["F32", "F16"];
    for (const type of types) {
      if (llama === undefined) {
        lost.push({ contender: llamaOf(".", type), missing: "give --llama FOLDER, where node-llama-cpp is" });
      } else wanted.push(llamaOf(await llamaFolder(llama), type));
    }
  }
  if (kinds.has("transformers")) wanted.push(transformers);
  const found: Found[] = [];
  for (const contender of wanted) found.push(await find(contender));
  return [...found, ...lost];
}

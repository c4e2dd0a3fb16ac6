/**
 * `deno task export`: a trained checkpoint as a model directory.
 *
 * @module
 */

import { dirname } from "node:path";
import {
  checkExportTarget,
  type CheckpointType,
  type TensorSource,
  writeGguf,
  writeModelDirectory,
} from "../src/model/mod.ts";
import { methodLabel } from "../src/rl/mod.ts";
import { checkWritable } from "../src/store.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";
import { profileWords } from "./shared/own_run.ts";
import { runFlags, runFlagsHelp, runOptions } from "./shared/run_flags.ts";
import { chosenPolicy } from "./shared/trained.ts";
import { readMethod } from "./train.ts";

/** What is exported where. */
interface Exported {
  readonly directory: string;
  readonly weights: TensorSource;
  readonly out: string;
  readonly name: string;
  readonly replace: boolean;
}

/** What was written: files, and what the reader should know. */
interface Written {
  readonly files: readonly string[];
  readonly note?: string;
}

const types: readonly CheckpointType[] = ["bfloat16", "float16", "float32"];

/** The formats. */
const formats: Readonly<Record<string, (exported: Exported, dtype: CheckpointType) => Promise<Written>>> = {
  safetensors: async ({ directory, weights, out, replace }, dtype) => {
    return { files: await writeModelDirectory(directory, weights, out, { dtype, replace }) };
  },
  gguf: async ({ directory, weights, out, name }, dtype) => {
    const { sameTokens } = await writeGguf(directory, weights, out, { dtype, name });
    const note = "llama.cpp cuts texts otherwise than this tokenizer: give it token ids";
    return { files: [out], ...(sameTokens ? {} : { note }) };
  },
};

/**
 * Asks where it is written before the model is loaded, and whether it may be.
 *
 * @throws {RangeError} If something lies there that no export wrote, and it is not to be replaced.
 */
async function checkTarget(out: string, format: string, base: string, replace: boolean): Promise<void> {
  if (format === "gguf") {
    const there = await Deno.stat(out).then(() => true, () => false);
    if (there && !replace) {
      throw new RangeError(
        `Cannot export to ${out}: there is such a file; write somewhere else, or give it up with --replace`,
      );
    }
    await checkWritable(dirname(out));
    return;
  }
  if (!replace) await checkExportTarget(out, base);
  await checkWritable(out);
}

/** Writes a trained checkpoint as a Hugging Face model directory or as a GGUF file. */
export const command: Command = {
  help: `Usage: deno task export --method NAME --seed N --out PATH [--format NAME] [--dtype TYPE] [flags]

Writes config.json, the generation config and tokenizer files of the base model, and the weights as safetensors in
shards of at most 5 GB; or one GGUF file with weights, tokenizer and chat template, for llama.cpp, Ollama, LM Studio.

  --method NAME        a trained method (grpo, bupo)
  --seed N             its seed
  --step N             after this step, of those that are saved (default: as evaluation.checkpoint says)
  --out PATH           where to write: a directory, or the .gguf file
  --replace            write over a model that no export wrote, and remove its weights, or over a .gguf file
  --format NAME        safetensors or gguf (default: safetensors)
  --dtype TYPE         bfloat16, float16 or float32 (default: bfloat16)
${runFlagsHelp}

Example:
  deno task export --profile qwen3-0.6b --method bupo --seed 1 --out models/qwen3-0.6b-bupo`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: [...runFlags.boolean, "replace"],
      string: [...runFlags.string, "method", "seed", "step", "out", "format", "dtype"],
      list: runFlags.list,
    });
    const named = flags.text("method"), seed = flags.integer("seed", 0), out = flags.text("out");
    if (named === undefined || seed === undefined || out === undefined) {
      throw new UsageError("Cannot export: say --method, --seed and --out");
    }
    const asked = flags.integer("step");
    const wanted = flags.text("format") ?? "safetensors";
    const write = Object.hasOwn(formats, wanted) ? formats[wanted] : undefined;
    if (!write) {
      throw new UsageError(`Cannot export as "${wanted}": expected ${Object.keys(formats).join(" or ")}`);
    }
    const type = flags.text("dtype") ?? "bfloat16", dtype = types.find((known) => known === type);
    if (!dtype) throw new UsageError(`Cannot export as "${type}": expected ${types.join(", ")}`);
    if ((wanted === "gguf") !== out.endsWith(".gguf")) {
      throw new UsageError(
        `Cannot export to ${out}: ${wanted} wants --out ${wanted === "gguf" ? "FILE.gguf" : "a directory"}`,
      );
    }
    const { context, json } = await runOptions(flags),
      method = readMethod(context.profile, named) ?? named,
      replace = flags.on("replace");
    // Before the model is loaded, and again when the first file is written.
    await checkTarget(out, wanted, context.files.model, replace);
    const { weights, directory, step } = await chosenPolicy(
      context,
      method,
      seed,
      asked,
      profileWords(flags),
    );
    const after = step === undefined ? "" : ` after step ${step}`, label = methodLabel(method);
    const name = `${context.profile.name} ${label} seed ${seed}${after}`;
    const { files, note } = await write({ directory, weights, out, name, replace }, dtype);
    if (json) {
      const at = step === undefined ? {} : { step };
      print(
        JSON.stringify({ method, seed, ...at, format: wanted, dtype, out, files, ...(note ? { note } : {}) }),
      );
    } else {
      print(
        `${label} seed ${seed}${after} as ${dtype} in ${out}${
          files[0] === out ? "" : `: ${files.join(", ")}`
        }`,
      );
      if (note) print(note);
    }
    return 0;
  },
};

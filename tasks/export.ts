/**
 * `deno task export`: a trained checkpoint as a model directory.
 *
 * @module
 */

import { checkExportTarget, type CheckpointType, writeModelDirectory } from "../src/model/mod.ts";
import { methods } from "../src/rl/mod.ts";
import { checkWritable } from "../src/store.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";
import { runFlags, runFlagsHelp, runOptions } from "./shared/run_flags.ts";
import { chosenPolicy } from "./shared/trained.ts";
import { readMethod } from "./train.ts";

const types: readonly CheckpointType[] = ["bfloat16", "float32"];

/** Writes a trained checkpoint as a Hugging Face model directory. */
export const command: Command = {
  help: `Usage: deno task export --method NAME --seed N --out DIR [--dtype TYPE] [flags]

Writes config.json, the generation config and tokenizer files of the base model, and the weights as safetensors in
shards of at most 5 GB.

  --method NAME        a trained method (grpo, bupo)
  --seed N             its seed
  --step N             after this step, of those that are saved (default: the last)
  --out DIR            where to write
  --replace            write over a model that no export wrote, and remove its weights
  --dtype TYPE         bfloat16 or float32 (default: bfloat16)
${runFlagsHelp}

Example:
  deno task export --profile qwen3-0.6b --method bupo --seed 1 --out models/qwen3-0.6b-bupo`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: [...runFlags.boolean, "replace"],
      string: [...runFlags.string, "method", "seed", "step", "out", "dtype"],
    });
    const method = readMethod(flags.text("method")), seed = flags.integer("seed", 0), out = flags.text("out");
    if (method === undefined || seed === undefined || out === undefined) {
      throw new UsageError("Cannot export: say --method, --seed and --out");
    }
    const step = flags.integer("step");
    const wanted = flags.text("dtype") ?? "bfloat16", dtype = types.find((name) => name === wanted);
    if (!dtype) throw new UsageError(`Cannot export as "${wanted}": expected ${types.join(" or ")}`);
    const { context, json } = await runOptions(flags), replace = flags.on("replace");
    // Before the model is loaded, and again when the first file is written.
    if (!replace) await checkExportTarget(out, context.files.model);
    await checkWritable(out);
    const { weights, directory } = await chosenPolicy(context, method, seed, step);
    const names = await writeModelDirectory(directory, weights, out, { dtype, replace });
    if (json) {
      print(
        JSON.stringify({
          method,
          seed,
          ...(step === undefined ? {} : { step }),
          dtype,
          directory: out,
          files: names,
        }),
      );
    } else {
      const after = step === undefined ? "" : ` after step ${step}`;
      print(`${methods[method].label} seed ${seed}${after} as ${dtype} in ${out}: ${names.join(", ")}`);
    }
    return 0;
  },
};

/**
 * `deno task pretrain`: makes the embedded base model.
 *
 * @module
 */

import { makeBaseModel, parsePretrainingSettings } from "../src/pipeline/mod.ts";
import { Progress } from "../src/progress.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";

/** Rebuilds the base model from its settings. */
export const command: Command = {
  help: `Usage: deno task pretrain [--settings FILE] [--out DIR] [--steps N] [--quiet]

Writes a model directory in the Hugging Face layout, and pretraining_record.json with the digests. On the CPU the same
settings give the same bytes.

  --settings FILE   settings (default: benchmarks/model/pretraining.json)
  --out DIR         where to write (default: benchmarks/model)
  --steps N         other number of steps than the settings say
  --replace         write over another model
  --quiet           no progress`,
  async run(args): Promise<number> {
    const flags = readFlags(args, { boolean: ["quiet", "replace"], string: ["settings", "out", "steps"] });
    const source = flags.text("settings") ?? "benchmarks/model/pretraining.json";
    const text = await Deno.readTextFile(source).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new UsageError(`Cannot pretrain: there is no file "${source}"`);
    });
    const read = parsePretrainingSettings(text, source);
    const settings = { ...read, steps: flags.integer("steps") ?? read.steps };
    const directory = flags.text("out") ?? "benchmarks/model";
    const there = async (name: string): Promise<boolean> =>
      await Deno.stat(`${directory}/${name}`).then(() => true, () => false);
    if (!flags.on("replace") && await there("config.json") && !await there("pretraining_record.json")) {
      throw new UsageError(
        `Cannot pretrain into ${directory}: another model lies there; write somewhere else, or give it up with --replace`,
      );
    }
    const progress = new Progress({ quiet: flags.on("quiet") });
    const record = await makeBaseModel(settings, directory, ({ step, loss }) => {
      progress.update("pretrain", step, settings.steps, `loss ${loss.toFixed(3)}`);
    });
    print(
      `${directory}/model.safetensors: loss ${record.finalLoss.toFixed(4)}, SHA-256 ${
        record.files["model.safetensors"]
      }`,
    );
    return 0;
  },
};

/**
 * `deno task plan`: what a profile needs, before anything is downloaded or allocated.
 *
 * @module
 */

import { HubError } from "../src/hub/mod.ts";
import { isModelFile, parseConfig } from "../src/model/mod.ts";
import {
  checkFits,
  type Machine,
  planModel,
  type PlannedModel,
  planProfile,
  type Profile,
  suiteSizes,
  thisMachine,
  withDevice,
} from "../src/pipeline/mod.ts";
import { Progress } from "../src/progress.ts";
import { listAdapters, openRuntime, type Provider, ProviderError, type Runtime } from "../src/runtime/mod.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { openHub } from "./shared/hub_flags.ts";
import { inspectionPlanText, planInspection } from "./shared/inspection_plan.ts";
import { adapterMemory } from "./shared/memory_check.ts";
import { planText } from "./shared/plan_text.ts";
import { readProfile } from "./shared/profile_flag.ts";

const providers: readonly Provider[] = ["cpu", "webgpu", "cuda"];

/** A flag as a number above 0. */
function positive(flags: Flags, name: string): number | undefined {
  const text = flags.text(name), value = Number(text);
  if (text === undefined) return undefined;
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`Cannot read "--${name} ${text}": expected a number above 0`);
}

/** The folder of a model in the Hub's cache. */
async function cachedModel(
  { repository: id, revision }: Exclude<Profile["model"], string>,
): Promise<string | undefined> {
  try {
    const hub = openHub(new Progress({ quiet: true }), { offline: true });
    return await hub.snapshot({ type: "model", id, revision }, isModelFile);
  } catch (error) {
    if (error instanceof HubError) return undefined;
    throw error;
  }
}

async function readModel(profile: Profile, path: string | undefined): Promise<PlannedModel> {
  if (path === undefined) return await planModel(profile, ".", cachedModel);
  try {
    return { config: parseConfig(await Deno.readTextFile(path)), path, downloaded: true };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`Cannot read --config ${path}: no such file`);
    }
    throw error;
  }
}

/** The memory of the device that a provider computes on; `undefined` on the CPU. */
function deviceMemory(provider: Provider): number | undefined {
  if (provider === "cpu") return undefined;
  const memory = adapterMemory(provider, listAdapters());
  if (memory !== undefined) return memory;
  throw new UsageError(`Cannot plan for ${provider}: its memory cannot be read here; say --memory GIB`);
}

async function readMachine(flags: Flags, threads: number): Promise<Machine> {
  const tflops = positive(flags, "tflops"), gibibytes = positive(flags, "memory");
  const wanted = flags.text("provider") ?? "cpu", provider = providers.find((name) => name === wanted);
  if (!provider) throw new UsageError(`Cannot plan for "${wanted}": expected ${providers.join(", ")}`);
  const memory = gibibytes === undefined ? deviceMemory(provider) : gibibytes * 2 ** 30;
  const machine = await thisMachine(tflops === undefined ? openPlanned(provider, threads) : undefined);
  const host = memory === undefined ? machine : { ...machine, memory, available: memory };
  return {
    ...(provider === "cpu" ? host : withDevice(machine, memory)),
    ...(tflops === undefined ? {} : { speed: tflops * 1e12, named: true }),
  };
}

/** The runtime whose speed is measured. */
function openPlanned(provider: Provider, threads: number): Runtime {
  try {
    return openRuntime({ provider, threads });
  } catch (error) {
    if (error instanceof ProviderError) {
      throw new UsageError(`${error.message}, or say --tflops and --memory`);
    }
    throw error;
  }
}

/** Plans a profile. */
export const command: Command = {
  help: `Usage: deno task plan [--profile NAME] [--variant NAME] [flags]

Nothing is downloaded and no weights are loaded. Exit code 1 if the profile does not fit.

  --profile NAME       a profile of benchmarks/profiles, or a path to one (default: embedded)
  --variant NAME       a variant of the profile, such as paper
  --config PATH        a config.json instead of the model's own
  --workers N          jobs at a time (default: the number of cores)
  --rollout-batch N    rows decoded together (default: the profile's)
  --provider NAME      cpu, webgpu or cuda: whose memory and speed count (default: cpu)
  --memory GIB         plan for a machine with that much memory
  --tflops N           plan for a machine that reaches N TFLOP/s; else this one's speed is measured, for a second
  --inspect N          what "deno task inspect" takes instead, for N completions as long as the profile allows
  --json               the plan as one JSON document`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: ["json"],
      string: [
        "profile",
        "variant",
        "config",
        "workers",
        "rollout-batch",
        "provider",
        "memory",
        "tflops",
        "inspect",
      ],
    });
    const profile = await readProfile(flags.text("profile") ?? "embedded", flags.text("variant"));
    const model = await readModel(profile, flags.text("config"));
    const machine = await readMachine(flags, profile.threads);
    const completions = flags.integer("inspect");
    if (completions !== undefined) {
      const planned = planInspection(profile, model.config, machine, completions);
      print(flags.on("json") ? JSON.stringify(planned) : inspectionPlanText(profile, planned));
      return planned.fits === false ? 1 : 0;
    }
    const plan = planProfile(profile, model.config, machine, {
      workers: flags.integer("workers") ?? machine.cores,
      rolloutBatch: flags.integer("rollout-batch"),
      suites: await suiteSizes(profile, "."),
    });
    print(flags.on("json") ? JSON.stringify({ ...plan, model: model.path }) : planText(plan, model));
    return checkFits(plan) === undefined ? 0 : 1;
  },
};

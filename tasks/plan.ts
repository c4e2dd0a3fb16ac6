/**
 * `deno task plan`: what a profile needs, before anything is downloaded or allocated.
 *
 * @module
 */

import { HubError } from "../src/hub/mod.ts";
import { isModelFile, parseConfig } from "../src/model/mod.ts";
import {
  cardBytes,
  CARDS,
  checkFits,
  checkProfile,
  examineSuites,
  findFiles,
  type Machine,
  planModel,
  type PlannedModel,
  planProfile,
  type Profile,
  proposedFields,
  suiteSizes,
  thisMachine,
  withDevice,
  withProposal,
} from "../src/pipeline/mod.ts";
import { Progress } from "../src/progress.ts";
import { listAdapters, openRuntime, type Provider, ProviderError, type Runtime } from "../src/runtime/mod.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { openHub } from "./shared/hub_flags.ts";
import { inspectionPlanText, planInspection } from "./shared/inspection_plan.ts";
import { adapterMemory, sixteenBits } from "./shared/memory_check.ts";
import { cardPlanText, planText } from "./shared/plan_text.ts";
import { type ModelFacts, modelFacts } from "./shared/named_model.ts";
import { chosenProfile, ownFlags, ownFlagsHelp } from "./shared/own_run.ts";
import { ROOT } from "./shared/root.ts";
import { findingFault, findingLines } from "./shared/suite_check.ts";

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

/** What a model says of itself, where it lies here; of others that are known, what is published. */
async function plannedFacts(model: Profile["model"]): Promise<ModelFacts> {
  try {
    return await modelFacts(model, openHub(new Progress({ quiet: true }), { offline: true }));
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const { config: { layers, contextLength } } = await planModel({ model }, ROOT, cachedModel);
    return { layers, contextLength, template: "boxed" };
  }
}

async function readModel(profile: Profile, path: string | undefined): Promise<PlannedModel> {
  if (path === undefined) return await planModel(profile, ROOT, cachedModel);
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
  const card = readCard(flags);
  if (card !== undefined) {
    if (gibibytes !== undefined || flags.text("provider") !== undefined) {
      throw new UsageError(
        "Cannot plan for --card and --memory or --provider: a card is both; say one of them",
      );
    }
    // Its speed is not known, and the host beside it is another one.
    const speed = tflops === undefined ? {} : { speed: tflops * 1e12, named: true };
    return cardMachine(await thisMachine(), card, speed);
  }
  const memory = gibibytes === undefined ? deviceMemory(provider) : gibibytes * 2 ** 30;
  const machine = await thisMachine(tflops === undefined ? openPlanned(provider, threads) : undefined);
  const host = memory === undefined ? machine : { ...machine, memory, available: memory };
  // A device whose memory is named is one of another machine.
  const beside = gibibytes === undefined ? machine : { ...machine, memory: undefined };
  return {
    ...(provider === "cpu" ? host : withDevice(beside, memory, sixteenBits[provider])),
    ...(tflops === undefined ? {} : { speed: tflops * 1e12, named: true }),
  };
}

/** The card that is planned for. */
function readCard(flags: Flags): (typeof CARDS)[number] | undefined {
  const text = flags.text("card");
  if (text === undefined) return undefined;
  const card = CARDS.find((size) => String(size) === text);
  if (card !== undefined) return card;
  throw new UsageError(`Cannot plan for "--card ${text}": expected ${CARDS.join(", ")}, the memory in GB`);
}

/** A machine with a card. */
function cardMachine(machine: Machine, card: number, speed: Partial<Machine>): Machine {
  const device = withDevice({ ...machine, memory: undefined, speed: undefined }, cardBytes(card), "bfloat16");
  return { ...device, ...speed };
}

/** Writes a profile with the settings of a card. */
async function writeProfile(path: string, { $schema: _, ...profile }: Profile): Promise<void> {
  const name = path.replace(/^.*[\\/]/, "").replace(/\.json$/, "");
  const written = checkProfile({ ...profile, name }, path);
  try {
    await Deno.writeTextFile(path, `${JSON.stringify(written, undefined, 2)}\n`, { createNew: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new UsageError(`Cannot write ${path}: it exists; name a new file, or remove it`);
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw new UsageError(`Cannot write ${path}: plan writes in this folder only; name a file in it`);
    }
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`Cannot write ${path}: its folder does not exist; make it first`);
    }
    throw error;
  }
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

/** What is found in the suites, where model and data sets are on this machine; else why they were not read. */
async function suiteLines(
  profile: Profile,
  model: PlannedModel,
): Promise<{ lines: string[]; refused: boolean }> {
  const hub = openHub(new Progress({ quiet: true }), { offline: true });
  try {
    if (!model.downloaded) throw new HubError("the model is not downloaded");
    const files = await findFiles(profile, ROOT, hub), { maxPromptTokens } = profile;
    const findings = await examineSuites({ profile, root: ROOT, files });
    const fault = findingFault(findings, maxPromptTokens, 0);
    const lines = findingLines(findings, maxPromptTokens);
    return { lines: fault === undefined ? lines : [...lines, fault], refused: fault !== undefined };
  } catch (error) {
    if (!(error instanceof HubError || error instanceof Deno.errors.NotFound)) throw error;
    return { lines: [`Prompts and reference answers not checked: ${error.message}`], refused: false };
  }
}

/** Plans a profile. */
export const command: Command = {
  help: `Usage: deno task plan [--profile NAME] [--variant NAME] [flags]
       deno task plan --model MODEL [--train SUITE] [--suite SUITE] [flags]

Nothing is downloaded and no weights are loaded. Exit code 1 if the profile does not fit, or if a reference answer of a
suite that is on this machine cannot be read or a prompt loses its question.

${ownFlagsHelp}
  --config PATH        a config.json instead of the model's own
  --workers N          jobs at a time (default: the number of cores)
  --rollout-batch N    rows decoded together (default: the profile's)
  --provider NAME      cpu, webgpu or cuda: whose memory and speed count (default: cpu)
  --memory GIB         plan for a machine with that much memory
  --card GB            plan for a card of 12, 24, 48, 80 or 141 GB: the fields to set so that the profile runs on it
  --write FILE         write the profile with these fields set to a new file, for --profile FILE
  --tflops N           plan for a machine that reaches N TFLOP/s; else this one's speed is measured, for a second
  --inspect N          what "deno task inspect" takes instead, for N completions as long as the profile allows
  --json               the plan as one JSON document`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: ["json"],
      string: [
        ...ownFlags.string,
        "config",
        "workers",
        "rollout-batch",
        "provider",
        "memory",
        "tflops",
        "card",
        "write",
        "inspect",
      ],
      list: ownFlags.list,
    });
    const profile = await chosenProfile(flags, plannedFacts);
    const model = await readModel(profile, flags.text("config"));
    const machine = await readMachine(flags, profile.threads);
    const completions = flags.integer("inspect");
    if (completions !== undefined) {
      const planned = planInspection(profile, model.config, machine, completions);
      print(flags.on("json") ? JSON.stringify(planned) : inspectionPlanText(profile, planned));
      return planned.fits === false ? 1 : 0;
    }
    const suites = await suiteSizes(profile, ROOT), out = flags.text("write");
    if (out !== undefined && flags.text("card") === undefined) {
      throw new UsageError(
        "Cannot write a profile without a card: say --card GB, whose settings are to be set",
      );
    }
    const card = readCard(flags), rolloutBatch = flags.integer("rollout-batch");
    const plan = planProfile(profile, model.config, machine, {
      workers: flags.integer("workers") ?? machine.cores,
      rolloutBatch,
      suites,
      adopt: card !== undefined,
    });
    const fits = checkFits(plan) === undefined, { own, settings } = plan;
    if (out !== undefined && fits) await writeProfile(out, withProposal(profile, own, settings));
    const set = proposedFields(own, settings),
      { lines: findings, refused } = await suiteLines(profile, model);
    if (flags.on("json")) {
      const proposed = card === undefined ? {} : { card, set };
      print(JSON.stringify({ ...plan, model: model.path, findings, ...proposed }));
    } else {
      const first = card === undefined ? [] : [cardPlanText(plan, card, set, out)];
      print([...first, planText(plan, model), ...findings].join("\n"));
    }
    return fits && !refused ? 0 : 1;
  },
};

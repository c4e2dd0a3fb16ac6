/**
 * `deno task inspect`: internal policies of models.
 *
 * @module
 */

import { loadModel, type Model } from "../src/model/mod.ts";
import { findFiles, type Profile } from "../src/pipeline/mod.ts";
import { Progress } from "../src/progress.ts";
import {
  type Inspection,
  INSPECTION_FILE,
  inspectionFiles,
  inspectionText,
  parseInspection,
  trainingHeadline,
} from "../src/report/mod.ts";
import { inspectionStatementFiles } from "../src/result/mod.ts";
import { openRuntime, type Provider, ProviderError, type Runtime } from "../src/runtime/mod.ts";
import { writeFileAtomic } from "../src/store.ts";
import { type PromptName, promptTemplates } from "../src/suite/mod.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { openHub } from "./shared/hub_flags.ts";
import { type InspectionPlan, inspectModels } from "./shared/inspection.ts";
import { onnxRuntimeFlagHelp, openNamedOnnxRuntime } from "./shared/onnx_runtime_flag.ts";
import { modelFacts, namedModel } from "./shared/named_model.ts";
import { chosenProfile, profileWords } from "./shared/own_run.ts";
import { readProfile } from "./shared/profile_flag.ts";
import { fromHome, placedSuite } from "./shared/profile_paths.ts";
import { CALL, ROOT } from "./shared/root.ts";
import { evaluationFlags, runOptions } from "./shared/run_flags.ts";
import { reportSigner, signReport } from "./shared/sign_inspection.ts";
import { trainedModels } from "./shared/trained_models.ts";
import { findTarget, readZoo } from "./shared/zoo.ts";

/** What is inspected where no flag says it. */
const PROBLEMS = 8, SAMPLES = 2, TOKENS = 512;

/** Completions that are sampled together. */
const BATCH = 16;

const HELP =
  `Usage: deno task inspect [--profile NAME | --model MODEL | --target NAME] [--checkpoint DIR …] [flags]

What every layer would say if the output embedding read it: entropy of the layers' and modules' policies, how attention
and feed-forward networks change it, KL to the model's own policy, and which layer BuPO should train. Weights are read
layer by layer: memory is one layer, the output embedding and the states. docs/inspect.md says what each number is.

  --profile NAME       the base model, suites, wording and sampling of a profile (default: embedded)
  --variant NAME       a variant of the profile
  --model MODEL        a model instead: a folder (config.json, tokenizer, safetensors), or ORG/NAME[@REVISION] on the
                       Hub; with --trained, what --model, --train and --suite of "deno task train" trained
  --train SUITE        with --model and --trained: what was trained on; may be given more than once
  --target NAME        a model of the paper instead, such as qwen3-4b or qwen3-4b:thinking, from the Hub and asked as
                       benchmarks/zoo.json says: every flag below takes precedence
  --checkpoint DIR     another model beside it, such as one that "deno task export" wrote; may be given more than once
  --trained            beside the base model everything that the profile trained, each method and seed, from the store:
                       all read the base model's completions, so that only weights differ; with what was probed
                       during training, over its steps
  --store DIR          where the records of training are (default: .store)
  --result DIR         the result that may name these checkpoints (default: results/<profile>)
  --accept-records REVISION
                       take over records that the sources of another commit made
  --suite SUITE        whose problems are asked: a name, a file, or ORG/NAME[:CONFIG][:SPLIT] (default: the profile's,
                       mini-math for --model); may be given more than once
  --problems N         problems of each suite (default: ${PROBLEMS})
  --samples N          completions a problem, sampled by each model with all its weights in memory (default: ${SAMPLES})
  --completions FILE   completions from JSON Lines instead, the same for each model: {"prompt" or "question",
                       "completion", "problem"}; then no model is ever in memory as a whole
  --template NAME      the wording around a question (default: the profile's; bare for --model)
  --max-tokens N       response tokens of a completion at most (default: the profile's; ${TOKENS} for --model)
  --seed N             seed of the samples (default: 1)
  --layer K            the layer, from 1, that figures point out (default: the one that is offered for training)
  --example N          the completion that is shown token by token (default: 1)
  --top N              also its N likeliest tokens at every layer (default: 0)
  --skip-random        without the control of random weights, which takes as long again
  --provider NAME      auto, cpu, webgpu or cuda (default: cpu)
${onnxRuntimeFlagHelp}
  --threads N          threads within an operation (default: the profile's; the number of cores for --model)
  --out DIR            writes inspect.json, inspect.html and figures as SVG there
  --sign               signs what is in --out: "deno task verify DIR" then checks signature, files, and that page and
                       figures are what inspect.json gives
  --redraw DIR         draws page and figures of a report anew from its inspect.json, and computes nothing
  --offline            never the network
  --quiet              no progress
  --json               the result as one JSON document

Examples:
  deno task inspect --out inspection
  deno task inspect --profile embedded --trained --out results/inspection --sign
  deno task inspect --model models/base --checkpoint models/grpo --checkpoint models/bupo --out inspection
  deno task inspect --model models/qwen3-8b --completions completions.jsonl --out inspection`;

const providers: readonly (Provider | "auto")[] = ["auto", "cpu", "webgpu", "cuda"];

function readTemplate(flags: Flags, standard: PromptName): PromptName {
  const wanted = flags.text("template") ?? standard, known = Object.keys(promptTemplates) as PromptName[];
  const name = known.find((each) => each === wanted);
  if (name) return name;
  throw new UsageError(`Cannot word questions as "${wanted}": expected ${known.join(", ")}`);
}

function open(flags: Flags, threads: number): Runtime {
  const wanted = flags.text("provider") ?? "cpu", provider = providers.find((name) => name === wanted);
  if (!provider) throw new UsageError(`Cannot compute with "${wanted}": expected ${providers.join(", ")}`);
  try {
    return openRuntime({ provider, threads });
  } catch (error) {
    if (error instanceof ProviderError) throw new UsageError(error.message);
    throw error;
  }
}

/** A model of a directory that a user named. */
async function named(directory: string): Promise<{ name: string; model: Model }> {
  const folder = fromHome(directory);
  try {
    return {
      name: folder.replace(/\/+$/, "").split("/").slice(-2).join("/"),
      model: await loadModel(folder),
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(
      `Cannot inspect ${directory}: it is no model directory (${error.message.split("\n", 1)[0]})`,
    );
  }
}

/** A profile of which only what is evaluated is wanted: what it trains on is not brought here. */
function evaluated(profile: Profile, suites: readonly string[]): Profile {
  const { evaluation, training } = profile;
  return {
    ...profile,
    training: { ...training, suites: [] },
    evaluation: { ...evaluation, suites: suites.length > 0 ? suites : evaluation.suites },
  };
}

/** The same without any suites: completions come from a file. */
function withoutSuites(profile: Profile): Profile {
  return { ...profile, evaluation: { ...profile.evaluation, suites: [] } };
}

/** The flags without those that would ask for another evaluation of the profile: here they say what is read. */
function withoutEvaluation(flags: Flags): Flags {
  const apart: ReadonlySet<string> = new Set(evaluationFlags.string);
  return {
    ...flags,
    list: (name) => name === "suite" ? [] : flags.list(name),
    integer: (name, least) => apart.has(name) ? undefined : flags.integer(name, least),
  };
}

/** What the flags ask for. */
async function readPlan(flags: Flags, progress: Progress): Promise<InspectionPlan> {
  const target = flags.text("target"), asked = flags.list("suite").map((suite) => placedSuite(suite, "."));
  const trains = flags.on("trained"), alone = trains ? undefined : flags.text("model");
  // What was trained may be a profile's with another model; else one of them says what is inspected.
  const given = (trains ? ["target", "profile"] : ["model", "target", "profile"]).filter((name) =>
    flags.text(name) !== undefined
  );
  if (given.length > 1) {
    throw new UsageError(`Cannot inspect both --${given[0]} and --${given[1]}: choose one`);
  }
  const completions = flags.text("completions");
  if (completions !== undefined && (asked.length > 0 || flags.text("samples") !== undefined)) {
    throw new UsageError("Cannot use --suite or --samples with --completions: the file has the completions");
  }
  const shared = {
    root: ROOT,
    problems: flags.integer("problems") ?? PROBLEMS,
    samples: flags.integer("samples") ?? SAMPLES,
    seed: flags.integer("seed", 0) ?? 1,
    completions,
    layer: flags.integer("layer"),
    example: (flags.integer("example") ?? 1) - 1,
    top: flags.integer("top", 0) ?? 0,
    randomSeed: flags.on("skip-random") ? null : 1,
  };
  const others = await Promise.all(flags.list("checkpoint").map(named));
  if (trains && (target !== undefined || others.length > 0)) {
    throw new UsageError(
      "Cannot use --trained with --target or --checkpoint: it takes what was trained from one base model",
    );
  }
  if (!trains && flags.list("train").length > 0) {
    throw new UsageError("Cannot use --train without --trained: only what was trained has training problems");
  }
  const hub = openHub(progress, { offline: flags.on("offline") });
  const threads = flags.integer("threads");
  if (alone !== undefined) {
    const profile = {
      ...evaluated(await readProfile("embedded"), asked.length > 0 ? asked : ["mini-math"]),
      model: namedModel(alone),
    };
    const files = await findFiles(completions === undefined ? profile : withoutSuites(profile), ROOT, hub);
    const first = await named(files.model);
    return {
      ...shared,
      models: [first, ...others],
      runtime: open(flags, threads ?? navigator.hardwareConcurrency),
      template: readTemplate(flags, "bare"),
      suites: profile.evaluation.suites,
      suiteSeed: 1,
      files,
      maxPromptTokens: first.model.config.contextLength ?? 4096,
      maxResponseTokens: flags.integer("max-tokens") ?? TOKENS,
      temperature: 1,
      batch: BATCH,
    };
  }
  if (target !== undefined) {
    const zoo = await readZoo(ROOT), { name, repository, template } = findTarget(zoo, target);
    const suites = asked.length > 0 ? asked : zoo.suites;
    const profile = {
      ...evaluated(await readProfile("embedded"), suites),
      model: { repository, revision: "main" },
    };
    const files = await findFiles(profile, ROOT, hub);
    return {
      ...shared,
      problems: flags.integer("problems") ?? zoo.problems,
      samples: flags.integer("samples") ?? zoo.samples,
      models: [{ name, model: await loadModel(files.model) }, ...others],
      runtime: open(flags, threads ?? navigator.hardwareConcurrency),
      template: readTemplate(flags, template),
      suites,
      suiteSeed: 1,
      files,
      maxPromptTokens: zoo.maxPromptTokens,
      maxResponseTokens: flags.integer("max-tokens") ?? zoo.maxResponseTokens,
      temperature: zoo.temperature,
      batch: BATCH,
    };
  }
  const whole = await chosenProfile(withoutEvaluation(flags), (model) => modelFacts(model, hub));
  const profile = evaluated(whole, asked), files = await findFiles(profile, ROOT, hub);
  const base = await loadModel(files.model), runtime = open(flags, threads ?? profile.threads);
  const trained = trains
    ? await trainedModels(
      (await runOptions(withoutEvaluation(flags))).context,
      base,
      flags.text("result") ?? `results/${whole.name}`,
      profileWords(withoutEvaluation(flags)),
    )
    : undefined;
  return {
    ...shared,
    models: [{ name: profile.name, model: base }, ...trained?.models ?? others],
    ...(trained ? { training: trained.training } : {}),
    runtime,
    template: readTemplate(flags, profile.template),
    // Another template is another wording.
    ...(flags.text("template") === undefined ? { wording: profile.wording } : {}),
    suites: profile.evaluation.suites,
    suiteSeed: profile.evaluation.suiteSeed,
    files,
    maxPromptTokens: profile.maxPromptTokens,
    maxResponseTokens: flags.integer("max-tokens") ?? profile.maxResponseTokens,
    temperature: profile.temperature,
    batch: profile.rolloutBatch,
  };
}

/** The report in a folder. */
async function readReport(directory: string): Promise<Inspection> {
  const path = `${directory}/${INSPECTION_FILE}`;
  try {
    return parseInspection(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`Cannot redraw ${directory}: there is no ${path}`);
    }
    throw error;
  }
}

/** Writes a report. Figures of models that it no longer has, and a signature of what was there before, are removed. */
async function writeReport(directory: string, inspection: Inspection): Promise<void> {
  for (const old of ["figures", ...Object.values(inspectionStatementFiles)]) {
    await Deno.remove(`${directory}/${old}`, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
  for (const [path, text] of Object.entries(await inspectionFiles(inspection))) {
    await writeFileAtomic(`${directory}/${path}`, text);
  }
}

/** Inspects models. */
export const command: Command = {
  help: HELP,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: ["skip-random", "offline", "quiet", "json", "trained", "sign"],
      string: [
        "profile",
        "variant",
        "model",
        "target",
        "problems",
        "samples",
        "completions",
        "template",
        "max-tokens",
        "seed",
        "layer",
        "example",
        "top",
        "provider",
        "onnxruntime",
        "threads",
        "out",
        "store",
        "result",
        "accept-records",
        "redraw",
      ],
      list: ["checkpoint", "suite", "train"],
    });
    openNamedOnnxRuntime(flags);
    const progress = new Progress({ quiet: flags.on("quiet") }), redraw = flags.text("redraw");
    const out = redraw ?? flags.text("out");
    if (flags.on("sign") && out === undefined) {
      throw new UsageError("Cannot sign: say --out, where the report goes");
    }
    const signer = flags.on("sign") ? await reportSigner(ROOT) : undefined;
    const inspection = redraw === undefined
      ? await inspectModels(await readPlan(flags, progress), progress)
      : await readReport(redraw);
    if (out !== undefined) await writeReport(out, inspection);
    if (out !== undefined && signer) {
      const file = await signReport(signer, out, inspection, ["deno", "task", "inspect", ...args]);
      progress.line(`Signed with the key ${file}`);
    }
    print(flags.on("json") ? JSON.stringify(inspection) : inspectionText(inspection));
    if (out !== undefined && !flags.on("json")) {
      const headline = trainingHeadline(inspection);
      if (headline !== undefined) print(`\n${headline}`);
      print(`\nWritten to ${out}: inspect.html, inspect.json, figures`);
      if (signer) print(`Check it: ${CALL} verify ${out}`);
    }
    return 0;
  },
};

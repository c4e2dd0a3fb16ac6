/**
 * Ways to drop, duplicate, relabel and resize a part of an honest result, everywhere where it stands.
 *
 * What nobody can know without running again is none of them: another digest of a checkpoint, other counts of tokens,
 * completions and counts changed together, two runs of one method under each other's seed.
 *
 * @module
 */

import type { RandomStream } from "../../../src/random.ts";
import type { Forging } from "./forger.ts";
import { copyRun, dropRun, isOf, keepProblems, renameSuite } from "./edits.ts";
import { digestOf, type Line, type Loose, type Parts } from "./honest.ts";

/** Changes the parts; what it returns is how they are signed. */
export type Mutation = (parts: Parts, random: RandomStream) => Forging | void;

function pick<T>(items: readonly T[], random: RandomStream): T {
  const item = items[random.integer(0, items.length - 1)];
  if (item === undefined) throw new RangeError("Cannot pick one of none");
  return item;
}

const suiteOf = ({ record }: Parts, random: RandomStream): Loose => pick<Loose>(record.suites, random);
const runOf = ({ record }: Parts, random: RandomStream): Loose => pick<Loose>(record.runs, random);
const trainedOf = ({ record }: Parts, random: RandomStream): Loose =>
  pick<Loose>(record.runs.filter(({ seed }: Loose) => seed !== null), random);
const logOf = ({ logs }: Parts, random: RandomStream): string => pick(Object.keys(logs), random);

/** Says of every completion of a run that it is another one's, so that it is not the same as that. */
function retold(parts: Parts, run: { method: string; seed: number | null }, random: RandomStream): void {
  const mark = random.integer(0, 1_000_000);
  for (const line of parts.lines) {
    if (isOf(line, run)) line.responses = line.responses.map((text) => `${mark} ${text}`);
  }
}

/** The mutations, by what they do. */
export const mutations: Readonly<Record<string, Mutation>> = {
  "drop problems": (parts, random) => {
    const { name, problems } = suiteOf(parts, random), gone = random.integer(0, problems.length - 1);
    keepProblems(parts, name, (_, place) => place !== gone && (place + gone) % 3 !== 0);
  },
  "drop problems and ask for as many": (parts, random) => {
    const gone = random.integer(0, 9);
    for (const { name } of parts.record.suites) keepProblems(parts, name, (_, place) => place !== gone);
    parts.record.profile.evaluation.problems--;
  },
  "drop a run": (parts, random) => dropRun(parts, runOf(parts, random)),
  "drop all runs of a method": (parts, random) => {
    const { method } = runOf(parts, random);
    for (const run of [...parts.record.runs]) if (run.method === method) dropRun(parts, run);
  },
  "drop a suite": (parts, random) => {
    const { name } = suiteOf(parts, random), { record, overlap } = parts;
    record.suites = record.suites.filter((suite: Loose) => suite.name !== name);
    for (const run of record.runs) delete run.suites[name];
    parts.lines = parts.lines.filter(({ suite }) => suite !== name);
    overlap.training = overlap.training.filter(({ suite }: Loose) => suite !== name);
  },
  "drop a setting that says what a whole run is": (parts, random) => {
    const { profile } = parts.record, { evaluation, training } = profile;
    const [place, name] = pick([
      [profile, "methods"],
      [profile, "seeds"],
      [profile, "template"],
      [profile, "temperature"],
      [profile, "evaluation"],
      [evaluation, "suites"],
      [evaluation, "problems"],
      [evaluation, "suiteSeed"],
      [evaluation, "seed"],
      [profile, "training"],
      [training, "steps"],
    ], random);
    delete place[name];
  },
  "drop lines of completions": ({ lines }, random) => {
    lines.splice(random.integer(0, lines.length - 1), random.integer(1, 20));
  },
  "drop a completion": ({ lines }, random) => {
    pick(lines, random).responses.pop();
  },
  "drop a checkpoint": (parts, random) => {
    trainedOf(parts, random).checkpoint = null;
  },
  "drop a training log": (parts, random) => {
    delete parts.logs[logOf(parts, random)];
  },
  "drop probes of a run": ({ probes }, random) => {
    delete probes[pick(Object.keys(probes), random)];
  },
  "drop a probe": ({ probes }, random) => {
    probes[pick(Object.keys(probes), random)]?.splice(random.integer(0, 2), 1);
  },
  "drop steps of a training log": (parts, random) => {
    parts.logs[logOf(parts, random)]?.splice(random.integer(0, 1), 1);
  },
  "drop a file": (parts, random) => {
    const name = pick(["artifacts", "overlap", "lines"] as const, random);
    if (name === "lines") Object.assign(parts, { lines: undefined });
    else parts[name] = undefined;
  },
  "drop a part of a list": ({ artifacts, overlap }, random) => {
    pick([
      () => delete artifacts["training_model.onnx"],
      () => overlap.training.splice(random.integer(0, 1), 1),
      () => delete overlap.training[random.integer(0, 1)].exact,
      () => delete overlap.training,
    ], random)();
  },
  "duplicate a run under a seed of its own": (parts, random) => {
    const run = trainedOf(parts, random), to = { method: run.method, seed: random.integer(4, 1_000_000) };
    copyRun(parts, run, to, () => digestOf(`${to.seed}`));
    retold(parts, to, random);
  },
  "duplicate a run under a method of its own": (parts, random) => {
    const run = runOf(parts, random),
      to = { method: pick(["dapo", "gspo", "Base", "BuPO"], random), seed: 1 };
    copyRun(parts, run, to, () => digestOf(to.method));
    retold(parts, to, random);
  },
  "duplicate a run in place of another": (parts, random) => {
    const from = runOf(parts, random), to = trainedOf(parts, random);
    if (from === to) return dropRun(parts, to);
    copyRun(parts, from, to, () => digestOf(`${to.method}${to.seed}`));
    const policy = to.method === "bupo" ? 2 : "full";
    Object.assign(parts.logs[`${to.method}-${to.seed}`]?.[0] ?? {}, { policy });
  },
  "duplicate a checkpoint": (parts, random) => {
    const from = trainedOf(parts, random), to = trainedOf(parts, random);
    if (from === to) to.checkpoint = null;
    else to.checkpoint = from.checkpoint;
  },
  "duplicate a suite under another name": (parts, random) => {
    const original = suiteOf(parts, random),
      name = pick(["math-500", "aime-2024", "mini-aime-2", "easy"], random);
    parts.record.suites.push({ ...original, name });
    for (const run of parts.record.runs) run.suites[name] = structuredClone(run.suites[original.name]);
    parts.lines = parts.record.runs.flatMap((run: Loose) => {
      const own = parts.lines.filter((line) => isOf(line, run));
      const copies = own.filter(({ suite }) => suite === original.name).map((line) => ({
        ...line,
        suite: name,
      }));
      return [...own, ...copies];
    });
    const entry = parts.overlap.training.find(({ suite }: Loose) => suite === original.name);
    parts.overlap.training.push({ ...entry, suite: name });
  },
  "duplicate a problem": (parts, random) => {
    const { name, problems } = suiteOf(parts, random);
    problems.push(problems[random.integer(0, problems.length - 1)]);
    for (const run of parts.record.runs) run.suites[name].correct.push(0);
  },
  "duplicate a line of completions": ({ lines }, random) => {
    const place = random.integer(0, lines.length - 1);
    lines.splice(place, 0, structuredClone(lines[place] as Line));
  },
  "duplicate a training log": (parts, random) => {
    const from = logOf(parts, random), to = logOf(parts, random);
    if (from === to) parts.logs[`${from}0`] = structuredClone(parts.logs[from] ?? []);
    else parts.logs[to] = structuredClone(parts.logs[from] ?? []);
  },
  "relabel a problem": (parts, random) => {
    const { name, problems } = suiteOf(parts, random), place = random.integer(0, problems.length - 1);
    const id = random.integer(0, 0xfffffff).toString(16).padStart(16, "0");
    for (const line of parts.lines) {
      if (line.suite === name && line.problem === problems[place]) line.problem = id;
    }
    problems[place] = id;
  },
  "relabel a suite": (parts, random) => {
    const { name } = suiteOf(parts, random);
    const other = pick(["math-500", "aime-2025", "gsm8k", "mini", name.toUpperCase(), `${name} `], random);
    renameSuite(parts, name, other);
  },
  "relabel a suite as a file": (parts, random) => {
    const { name } = suiteOf(parts, random), { evaluation } = parts.record.profile;
    const file = pick(["math-500.jsonl", "x/MINI-AIME.json", "y/easy.parquet", "../../secret.jsonl"], random);
    evaluation.suites = evaluation.suites.map((one: string) => one === name ? file : one);
    renameSuite(parts, name, file.replace(/^.*\//, "").replace(/\.[^.]*$/, ""));
  },
  "relabel a run": (parts, random) => {
    const run = trainedOf(parts, random), to = { method: run.method, seed: random.integer(4, 99) };
    copyRun(parts, run, to);
    dropRun(parts, run);
  },
  "relabel a method": (parts, random) => {
    const { method } = trainedOf(parts, random), other = pick(["dapo", "ours", method.toUpperCase()], random);
    for (const run of parts.record.runs) if (run.method === method) run.method = other;
    for (const line of parts.lines) if (line.method === method) line.method = other;
    for (const seed of [1, 2, 3]) {
      parts.logs[`${other}-${seed}`] = parts.logs[`${method}-${seed}`] ?? [];
      delete parts.logs[`${method}-${seed}`];
      parts.probes[`${other}-${seed}`] = parts.probes[`${method}-${seed}`] ?? [];
      delete parts.probes[`${method}-${seed}`];
    }
  },
  "relabel the methods as each other": (parts) => {
    const other: Readonly<Record<string, string>> = { grpo: "bupo", bupo: "grpo", base: "base" };
    for (const run of parts.record.runs) run.method = other[run.method];
    for (const line of parts.lines) line.method = other[line.method] ?? line.method;
    for (const kind of ["logs", "probes"] as const) {
      parts[kind] = Object.fromEntries(
        Object.entries(parts[kind]).map((
          [name, rows],
        ) => [`${other[name.slice(0, 4)]}${name.slice(4)}`, rows]),
      );
    }
  },
  "relabel the base model as trained": ({ record }, random) => {
    record.runs[0].checkpoint = digestOf(`${random.integer(0, 1000)}`);
  },
  "relabel the grader": ({ record }, random) => {
    record.graderVersion = pick(["1.0.0", "9.9.9", "", "latest", "2"].filter(Boolean), random);
  },
  "relabel the time": (_, random) => {
    const finishedOn = pick([
      `20${random.integer(28, 99)}-01-01T00:00:00Z`,
      `2026-0${random.integer(2, 2)}-3${random.integer(0, 1)}T00:00:00Z`,
      `2026-01-01T${random.integer(24, 99)}:00:00Z`,
    ], random);
    return { facts: { metadata: { startedOn: "2026-01-01T00:00:00Z", finishedOn } } };
  },
  "relabel a graph": ({ artifacts }, random) => {
    artifacts["training_model.onnx"].sha256 = digestOf(`${random.integer(0, 1000)}`);
  },
  "resize the samples of a problem": (parts, random) => {
    const suite = suiteOf(parts, random);
    suite.samples = random.integer(1, 3);
    for (const line of parts.lines) {
      if (line.suite === suite.name) line.responses = line.responses.slice(0, suite.samples);
    }
    for (const run of parts.record.runs) {
      const own = run.suites[suite.name];
      own.correct = own.correct.map((count: number) => Math.min(count, suite.samples));
    }
  },
  "resize what the profile asks for": ({ record }, random) => {
    const { evaluation, training } = record.profile;
    pick([
      () => evaluation.problems = random.integer(13, 500),
      () => evaluation.samples = random.integer(5, 64),
      () => evaluation.limit = random.integer(1, 100),
      () => record.profile.seeds = [1, 2, 3, random.integer(4, 99)],
      () => record.profile.seeds = "1, 2, 3",
      () => record.profile.methods = ["grpo"],
      () => record.profile.methods = ["grpo", "bupo", "dapo"],
      () => training.steps = random.integer(3, 300),
      () => training.internalSteps = random.integer(2, 2) * 2,
      () => training.learningRate = 0.1,
      () => evaluation.suiteSeed = random.integer(2, 99),
      () => evaluation.seed = random.integer(2, 99),
      () => record.profile.temperature = 0.5,
      () => record.profile.maxResponseTokens = 1000,
      () => record.profile.template = "boxed",
    ], random)();
  },
  "resize a count": (parts, random) => {
    const run = runOf(parts, random),
      { name, samples } = suiteOf(parts, random),
      { correct } = run.suites[name];
    const place = random.integer(0, correct.length - 1);
    correct[place] = correct[place] === samples ? correct[place] - 1 : correct[place] + 1;
  },
  "resize all counts of a run": (parts, random) => {
    const run = runOf(parts, random), { name, samples } = suiteOf(parts, random);
    run.suites[name].correct.fill(random.integer(0, 1) * samples);
  },
  "resize the rest of an outcome": (parts, random) => {
    const outcome = runOf(parts, random).suites[suiteOf(parts, random).name];
    pick([
      () => outcome.tokens = 0,
      () => outcome.truncated = 1000,
      () => outcome.unparsed = random.integer(1, 3),
      () => outcome.unparsed = 48,
    ], random)();
  },
  "resize a completion": ({ lines, answers }, random) => {
    const line = pick(lines, random), place = random.integer(0, line.responses.length - 1);
    const right = line.responses[place]?.endsWith(`{${answers[line.problem]}}`);
    line.responses[place] = right ? "I cannot say. \\boxed{-12345}" : `Now \\boxed{${answers[line.problem]}}`;
  },
  "resize a training log": (parts, random) => {
    const log = parts.logs[logOf(parts, random)] ?? [], last = log.at(-1);
    pick([
      () => log.push({ ...last, step: last.step + 1 }),
      () => log.push({ ...last }),
      () => last.learningRate *= 2,
      () => log.reverse(),
      () => Object.assign(last, { policy: random.integer(3, 9) }),
      () => log.splice(0, 1, "x"),
    ], random)();
  },
  "resize an overlap": ({ overlap }, random) => {
    const entry = pick<Loose>(overlap.training, random);
    pick([
      () => entry.problems = random.integer(13, 500),
      () => entry.ngram = random.integer(0, 9),
      () => entry.exact.push({ problem: "none", training: "x", share: 1 }),
      () => entry.suite = "gsm8k",
      () => overlap.pretraining = [],
    ], random)();
  },
  "swap lines of completions": ({ lines }, random) => {
    const a = random.integer(0, lines.length - 2), b = random.integer(a + 1, lines.length - 1);
    [lines[a], lines[b]] = [lines[b] as Line, lines[a] as Line];
  },
  "change a statement": (_, random) => {
    const change = pick<(statements: { result: Loose; provenance: Loose }) => void>([
      ({ result }) => result.predicate.results.pop(),
      ({ result }) => result.predicate.suites[0].problems++,
      ({ result }) => result.predicate.base.parameters = 4_000_000_000,
      ({ result }) => result.predicate.environment.cpu = "another",
      ({ result }) => result.predicate.profile.digest = "0".repeat(64),
      ({ provenance }) => provenance.predicate.buildDefinition.externalParameters.profile.seeds = [1],
      ({ provenance }) => provenance.predicate.buildDefinition.resolvedDependencies.pop(),
      ({ provenance }) => provenance.predicate.runDetails.byproducts.pop(),
      ({ result, provenance }) => {
        result.subject.pop();
        provenance.subject.pop();
      },
      ({ provenance }) => provenance.subject.pop(),
    ], random);
    return { statements: change };
  },
};

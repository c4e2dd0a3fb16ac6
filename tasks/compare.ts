/**
 * `deno task compare`: compares results of commits, of folders, and of the paper.
 *
 * @module
 */

import { nearest } from "../src/nearest.ts";
import {
  type CompareOptions,
  type Comparison,
  type ComparisonFormat,
  comparisonFormats,
  type ComparisonInput,
  flipTables,
  gate,
  outputStyle,
  renderComparison,
  renderTables,
  type TextStyle,
  transcriptTables,
} from "../src/report/mod.ts";
import {
  findResults,
  type FoundResult,
  loadTrustedKeys,
  readTranscripts,
  ResultSourceError,
  type TrustedKey,
} from "../src/result/mod.ts";
import { writeFileAtomic } from "../src/store.ts";
import { besidePaper, compare, type Named } from "./shared/beside_paper.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import {
  comparisonInput,
  complain,
  refusal,
  type Requirement,
  requirements,
  withResults,
} from "./shared/found_result.ts";

/** The most results of one comparison. */
const MOST_RESULTS = 32;

/** Columns for transcripts where there is no terminal to ask. */
const PIPE_WIDTH = 120;

const HELP = `Usage: deno task compare A [B …] [--profile NAME] [--baseline NAME] [--format NAME] [--out FILE]
                         [--fail-on regress [--threshold POINTS] [--inconclusive fail|pass]]
                         [--flips | --flip PROBLEM]

Compares results; the others with the first. One alone: its methods with each other. A, B … are
  a revision     a commit, branch or tag, HEAD~3: what it holds in results/<profile>; nothing is checked out
  a range        A..B: its two ends (deno task results --history A..B lists what lies between)
  a path         a result folder, its results.json, or such a file under another name
  A:METHOD       one method of any of these: A:grpo B:bupo compares two methods of two results, or of one
  paper          beside one result: what the paper publishes of its model; no test, for lack of its counts

  --profile NAME       which result of a commit (default: embedded, or the only one)
  --baseline NAME      what the others are compared with (default: the first)
  --format NAME        ${comparisonFormats.join(", ")} (default: terminal)
  --json               the same as --format json
  --out FILE           write there, not to standard output
  --fail-on regress    exit code 1 if a method became worse, or it cannot be told; 3 if anything was not compared
  --threshold POINTS   a drop of fewer points does not count (default: 0)
  --inconclusive fail|pass   what --fail-on does where a drop is neither shown nor excluded (default: fail)
  --flips              only the problems whose majority changed, all of them
  --flip PROBLEM       the completions of both sides on a problem, beside each other
  --margin POINTS      differences up to this count as none (default: 3)
  --confidence SHARE   of the intervals (default: 0.95)
  --unequal-problems refuse|intersect   suites with different problems (default: refuse)
  --unequal-settings refuse|note        other base model or sampling settings (default: refuse)
  --keys DIR           public keys (default: results/keys of the same commit, <path>/../keys)
  --require verified|trusted   refuse other signatures, exit code 3 (with --fail-on: verified)
  --trusted-keys FILE  the keys you trust, as for verify; goes with --require trusted
  --allow-unverified   also results whose signature is INVALID, REMOVED or lacking

What the table says: docs/compare.md. Exit code 0 compared, 1 regression or inconclusive with --fail-on regress
(standard error says which), 2 usage, 3 not comparable.

Examples:
  deno task compare results/embedded
  deno task compare main HEAD --fail-on regress --threshold 1
  deno task compare results/embedded:grpo main:bupo
  deno task compare v0.1..HEAD --format markdown --out comparison.md`;

/** A flag that takes a number in a range. */
function numberFlag(flags: Flags, name: string, low: number, high: number): number | undefined {
  const text = flags.text(name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== "" && number >= low && number <= high) return number;
  throw new UsageError(`Cannot read "--${name} ${text}": expected a number from ${low} to ${high}`);
}

/** A flag that takes one of several words. */
function wordFlag<Word extends string>(flags: Flags, name: string, words: readonly Word[]): Word | undefined {
  const text = flags.text(name), word = words.find((word) => word === text);
  if (text === undefined || word !== undefined) return word;
  const near = nearest(text, words);
  throw new UsageError(
    `Cannot read "--${name} ${text}": expected ${words.join(", ")}${
      near === undefined ? "" : `; did you mean "${near}"?`
    }`,
  );
}

/** How is compared. */
function compareOptions(flags: Flags): CompareOptions {
  const margin = numberFlag(flags, "margin", 0.01, 99), baseline = flags.text("baseline");
  const confidence = numberFlag(flags, "confidence", 0.5, 0.999);
  const unequalProblems = wordFlag(flags, "unequal-problems", ["refuse", "intersect"]);
  const unequalSettings = wordFlag(flags, "unequal-settings", ["refuse", "note"]);
  return {
    ...(baseline === undefined ? {} : { baseline }),
    ...(margin === undefined ? {} : { margin: margin / 100 }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(unequalProblems === undefined ? {} : { unequalProblems }),
    ...(unequalSettings === undefined ? {} : { unequalSettings }),
  };
}

/** The format that was asked for. */
function formatOf(flags: Flags): ComparisonFormat {
  const format = wordFlag(flags, "format", comparisonFormats);
  if (flags.on("json") && format !== undefined && format !== "json") {
    throw new UsageError(`Cannot write both "--format ${format}" and "--json": choose one`);
  }
  return flags.on("json") ? "json" : format ?? "terminal";
}

/**
 * What an argument names: results, or after the last colon a method of them. A path that has a colon is a path; neither
 * a commit nor a branch can have one.
 */
async function namedBy(argument: string, flags: Flags): Promise<Named[]> {
  const options = { profile: flags.text("profile"), keys: flags.text("keys") };
  const [, rest, method] = /^(.+):([^:/\\]+)$/.exec(argument) ?? [];
  const isPath = await Deno.stat(argument).then(() => true, () => false);
  if (rest === undefined || method === undefined || isPath) {
    return (await findResults(argument, options)).map((found) => ({ found }));
  }
  return (await findResults(rest, options)).map((found) => {
    return { found: { ...found, name: `${found.name}:${method}` }, method };
  });
}

/** What signatures must be, and whose. */
interface Demand {
  readonly requirement: Requirement | undefined;
  readonly trusted: ReadonlyMap<string, TrustedKey>;
}

/** What the flags demand of signatures; `undefined` where nothing is. */
async function demandOf(flags: Flags, strict: boolean): Promise<Demand | undefined> {
  const asked = wordFlag(flags, "require", requirements), list = flags.text("trusted-keys");
  if (flags.on("allow-unverified")) {
    if (asked === undefined && list === undefined) return undefined;
    throw new UsageError('Cannot use "--allow-unverified" with "--require" or "--trusted-keys": choose one');
  }
  const requirement = asked ?? (list !== undefined ? "trusted" : strict ? "verified" : undefined);
  if ((requirement === "trusted") !== (list !== undefined)) {
    throw new UsageError(
      '"--require trusted" and "--trusted-keys FILE" go together: name the keys you trust',
    );
  }
  if (list === undefined) return { requirement, trusted: new Map() };
  try {
    return { requirement, trusted: await loadTrustedKeys(list) };
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(error.message);
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot compare: there is no list of keys at "${list}"`);
  }
}

/** Refuses results whose signature is not what is demanded: one that is taken away passes no more than a false one. */
function checkSignatures(found: readonly FoundResult[], { requirement, trusted }: Demand): void {
  for (const { name, signature } of found) {
    const reason = refusal(signature, requirement, trusted);
    if (reason === undefined) continue;
    throw new ResultSourceError(
      "unusable",
      `Cannot trust the result "${name}": ${reason}; --allow-unverified compares it all the same`,
    );
  }
}

/** Completions on one problem, beside each other. */
async function transcripts(
  problem: string,
  comparison: Comparison,
  found: readonly FoundResult[],
  inputs: readonly ComparisonInput[],
  format: ComparisonFormat,
  style: TextStyle,
): Promise<string> {
  const ids = inputs.flatMap(({ record }) => record.suites.flatMap(({ problems }) => problems));
  if (!ids.includes(problem)) {
    const near = nearest(problem, ids);
    throw new UsageError(
      `Cannot find the problem "${problem}" in what is compared${
        near === undefined ? ": --flips lists those that changed" : `; did you mean "${near}"?`
      }`,
    );
  }
  const samples = new Map();
  for (const { name, files } of found) {
    try {
      samples.set(name, await readTranscripts(files, problem));
    } catch (error) {
      if (!(error instanceof ResultSourceError)) throw error;
      throw new ResultSourceError(
        error.kind,
        `Cannot show the completions of "${name}": ${error.message.replace(/^Cannot read /, "")}`,
      );
    }
  }
  const width = format === "terminal" ? style.width ?? PIPE_WIDTH : undefined;
  const tables = transcriptTables(comparison, inputs, problem, samples, width);
  if (tables.sections.length === 0) {
    throw new ResultSourceError("unusable", `Cannot show the problem "${problem}": no two policies have it`);
  }
  return renderTables(tables, format, style);
}

/** The command. */
export const command: Command = {
  help: HELP,
  run: (args) =>
    withResults(async () => {
      const flags = readFlags(args, {
        boolean: ["json", "flips", "allow-unverified"],
        string: [
          "profile",
          "baseline",
          "format",
          "out",
          "fail-on",
          "threshold",
          "inconclusive",
          "flip",
          "margin",
          "unequal-problems",
          "unequal-settings",
          "confidence",
          "keys",
          "require",
          "trusted-keys",
        ],
        positional: MOST_RESULTS,
      });
      const format = formatOf(flags), options = compareOptions(flags);
      const strict = wordFlag(flags, "fail-on", ["regress"]) !== undefined;
      const threshold = numberFlag(flags, "threshold", 0, 100), problem = flags.text("flip");
      if (threshold !== undefined && !strict) {
        throw new UsageError('Cannot use "--threshold" alone: it goes with --fail-on regress');
      }
      const open = wordFlag(flags, "inconclusive", ["fail", "pass"]);
      if (open !== undefined && !strict) {
        throw new UsageError('Cannot use "--inconclusive" alone: it goes with --fail-on regress');
      }
      if (problem !== undefined && flags.on("flips")) {
        throw new UsageError('Cannot show both "--flips" and "--flip": choose one');
      }
      if (flags.positional.length === 0) {
        throw new UsageError(
          "Cannot compare: name results, such as main HEAD, or one, such as results/embedded",
        );
      }
      const results = flags.positional.filter((argument) => argument !== "paper");
      const paper = results.length < flags.positional.length;
      if (paper && (strict || flags.on("flips") || problem !== undefined)) {
        throw new UsageError(
          "Cannot test or list problems against the paper: it publishes no counts of them",
        );
      }
      const demand = await demandOf(flags, strict);
      const named: Named[] = [];
      for (const argument of results) named.push(...await namedBy(argument, flags));
      const found = named.map(({ found }) => found);
      if (strict && found.length === 1) {
        throw new UsageError('Cannot use "--fail-on regress" on one result: name a baseline and a candidate');
      }
      if (demand) checkSignatures(found, demand);
      const inputs = named.map(({ found, method }): ComparisonInput => ({
        ...comparisonInput(found),
        ...(method === undefined ? {} : { method }),
      }));
      const out = flags.text("out"), style = out === undefined ? outputStyle() : {};
      const write = async (text: string): Promise<void> => {
        if (out === undefined) print(text.replace(/\n$/, ""));
        else await writeFileAtomic(out, text);
      };
      if (paper) {
        await write(await besidePaper(named, inputs, options, format, style));
        return 0;
      }
      const comparison = compare(inputs, options);
      const text = problem !== undefined
        ? await transcripts(problem, comparison, found, inputs, format, style)
        : flags.on("flips")
        ? renderTables(flipTables(comparison, inputs), format, style)
        : renderComparison(comparison, format, style);
      await write(text);
      const { regressions, inconclusive, incomparable } = gate(comparison, {
        strict,
        threshold: (threshold ?? 0) / 100,
      });
      for (const line of incomparable) complain(`not comparable: ${line}`);
      if (!strict) return incomparable.length > 0 ? 3 : 0;
      for (const line of regressions) complain(`regression: ${line}`);
      for (const line of inconclusive) {
        complain(`inconclusive${open === "pass" ? ", let pass" : ""}: ${line}`);
      }
      const failed = regressions.length > 0 || inconclusive.length > 0 && open !== "pass";
      return failed ? 1 : incomparable.length > 0 ? 3 : 0;
    }),
};

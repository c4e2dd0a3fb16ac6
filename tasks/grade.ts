/**
 * `grade`: the verifier alone, on JSON Lines.
 *
 * @module
 */

import { gradedLine, graderVersion, verify, type VerifyOptions } from "../src/grade/mod.ts";
import { pathFault } from "../src/file_error.ts";
import { Progress } from "../src/progress.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { explain } from "./shared/grade_explain.ts";
import { gradeStream } from "./shared/grade_stream.ts";

const HELP = `Usage: deno task grade --input FILE [--output FILE] [--mode strict|lenient] [flags]
       deno task grade --explain --gold ANSWER --completion TEXT [--mode strict|lenient] [--form any|final] [--json]

Grades answers. Each input line is {"gold": …, "completion": …} or {"gold": …, "pred": …}; each is answered, in the
same order, by a line {verdict, extracted, span, source, rank, gold_type, type, method, reason, ms}, which begins with
the "id" of the input line if that has one. Further fields are ignored, and so are empty lines. Memory does not grow
with the input, and verdicts are written while it is read.

  --input FILE        JSON Lines; "-" reads standard input
  --output FILE       where the verdicts go (default: standard output)
  --mode MODE         strict: only the last complete \\boxed{} of a completion counts (default)
                      lenient: also "the answer is …", formulas, the last number
                      a "pred" is an answer itself and is always graded leniently
  --form FORM         any: an answer of the right value is correct (default)
                      final: one with work left is unevaluated, as in training and evaluation
  --id FIELD          the field, a string or a number, that is copied to "id" (default: id)
  --workers N         pairs at a time; changes no verdict (default: the number of cores)
  --deadline MS       end a pair after so many milliseconds: verdict timeout, method deadline (default: 2000)
  --quiet             no progress and no summary

  --explain           grade one pair and say in sentences how
  --gold ANSWER       the gold answer; write --gold=-5 for one that begins with a dash
  --completion TEXT   the completion
  --json              the record that would be a line of output, instead of sentences

verdict    correct, wrong, unevaluated (the right value, with work left), unparsed (no answer was found, or it cannot
           be read), timeout
extracted  the text of the answer; span: where it stands in the completion, in UTF-16 units
source     how it was found; rank: the place of that in the order of trust, 1 for a complete \\boxed{}
gold_type  what the gold answer is; type: what the answer is
method     what decided; reason: the verdict in words; ms: the milliseconds that it took

A line that is not JSON, not UTF-8, longer than 16 MiB or without the fields is reported on standard error with its
number and has no line of output; the others are graded, and the exit code is 1. Grader version ${graderVersion}.

Examples:
  deno task grade --input pairs.jsonl --output verdicts.jsonl
  zcat pairs.jsonl.gz | deno task grade --input - --mode lenient > verdicts.jsonl
  deno task grade --explain --gold '\\frac34' --completion 'So it is \\boxed{0.75}.'`;

/** The arguments with `--input -` written as `--input=-`, since a lone dash would be taken for a flag. */
function withStandardInput(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    if (argument === "-" && args[index - 1] === "--input") return [];
    return argument === "--input" && args[index + 1] === "-" ? ["--input=-"] : [argument];
  });
}

/** The mode that a flag names. */
function modeOf(text: string | undefined): "strict" | "lenient" {
  if (text === undefined || text === "strict" || text === "lenient") return text ?? "strict";
  throw new UsageError(`Cannot read "--mode ${text}": expected strict or lenient`);
}

/** The form of answers that a flag names. */
function formOf(text: string | undefined): "any" | "final" {
  if (text === undefined || text === "any" || text === "final") return text ?? "any";
  throw new UsageError(`Cannot read "--form ${text}": expected any or final`);
}

/** Refuses flags that mean nothing together. */
function checkCombination(flags: Flags): void {
  const explaining = flags.on("explain");
  const useless = explaining ? ["input", "output", "id", "workers", "deadline"] : ["gold", "completion"];
  const found = useless.find((name) => flags.text(name) !== undefined) ??
    (!explaining && flags.on("json") ? "json" : undefined);
  if (found === undefined) return;
  throw new UsageError(`Cannot use "--${found}" ${explaining ? "with" : "without"} --explain`);
}

/** No machine has more cores, and each worker takes memory. */
const MOST_WORKERS = 1024;

/** Opens a file, or says why it cannot be opened. */
async function openFile(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path, options);
    if (!(await file.stat()).isDirectory) return file;
    file.close();
  } catch (error) {
    throw new UsageError(`Cannot open "${path}": ${pathFault(error)}`);
  }
  throw new UsageError(`Cannot open "${path}": it is a directory`);
}

/** Grades one pair and says how. */
function explainPair(flags: Flags, options: VerifyOptions): void {
  const gold = flags.text("gold"), completion = flags.text("completion");
  if (gold === undefined || completion === undefined) {
    throw new UsageError("Cannot explain a verdict: give --gold and --completion");
  }
  const started = performance.now();
  const found = verify(gold, completion, options);
  const ms = performance.now() - started;
  print(flags.on("json") ? JSON.stringify(gradedLine(found, ms)) : explain(gold, completion, options, found));
}

/** Do two paths lead to the same file? */
async function isSameFile(a: string, b: string): Promise<boolean> {
  try {
    return await Deno.realPath(a) === await Deno.realPath(b);
  } catch {
    return false;
  }
}

/** The command. */
export const command: Command = {
  help: HELP,
  async run(args) {
    const flags = readFlags(withStandardInput(args), {
      boolean: ["explain", "json", "quiet"],
      string: ["input", "output", "mode", "form", "gold", "completion", "id", "workers", "deadline"],
    });
    checkCombination(flags);
    const mode = modeOf(flags.text("mode")), answerForm = formOf(flags.text("form"));
    if (flags.on("explain")) {
      explainPair(flags, { mode, answerForm });
      return 0;
    }
    const path = flags.text("input"), target = flags.text("output");
    if (path === undefined) {
      throw new UsageError('Cannot grade: give --input FILE, or "-" for standard input');
    }
    const workers = flags.integer("workers");
    if (workers !== undefined && workers > MOST_WORKERS) {
      throw new UsageError(`Cannot read "--workers ${workers}": expected at most ${MOST_WORKERS}`);
    }
    const deadline = flags.integer("deadline");
    using input = path === "-" ? undefined : await openFile(path, { read: true });
    if (target !== undefined && await isSameFile(path, target)) {
      throw new UsageError(`Cannot write to "${target}": it is the input`);
    }
    using output = target === undefined
      ? undefined
      : await openFile(target, { write: true, create: true, truncate: true });
    const stat = await input?.stat();
    const quiet = flags.on("quiet"), progress = new Progress({ quiet });
    const warnings = quiet ? new Progress({ terminal: false }) : progress;
    const faults = await gradeStream({
      mode,
      answerForm,
      ...(workers === undefined ? {} : { workers }),
      ...(deadline === undefined ? {} : { deadline }),
      input: input?.readable ?? Deno.stdin.readable,
      size: stat?.isFile ? stat.size : undefined,
      output: output ?? Deno.stdout,
      idField: flags.text("id") ?? "id",
      progress,
      warn: (text) => warnings.line(text),
    });
    return faults > 0 ? 1 : 0;
  },
};

/**
 * `grade`: the verifier alone, on JSON Lines.
 *
 * @module
 */

import { graderVersion, type Verdict, verify, type VerifyOptions } from "../src/grade/mod.ts";
import { type Command, print, readFlags, UsageError } from "./command.ts";

const HELP = `Usage: deno task grade --input FILE [--output FILE] [--mode strict|lenient]
       deno task grade --explain --gold ANSWER --completion TEXT [--mode strict|lenient]

Grades answers. Each input line is {"gold": …, "completion": …} or {"gold": …, "pred": …}; each output line is
{verdict, extracted, span, gold_type, type, method, reason, ms}. Further fields of the input are ignored.

  --input FILE        JSON Lines; "-" reads standard input
  --output FILE       where the verdicts go (default: standard output)
  --mode MODE         strict: only the last complete \\boxed{} of a completion counts (default)
                      lenient: also "the answer is …", formulas, the last number
                      a "pred" is an answer itself and is always graded leniently
  --explain           grade one pair and say in words how
  --gold ANSWER       the gold answer, with --explain; write --gold=-5 for one that begins with a dash
  --completion TEXT   the completion, with --explain

Exit code 1 if a line could not be read; the others are graded. Grader version ${graderVersion}.

Examples:
  deno task grade --input pairs.jsonl --output verdicts.jsonl
  deno task grade --explain --gold '\\frac34' --completion 'So it is \\boxed{0.75}.'`;

/** A verdict as it is written to a line. */
export interface GradedLine {
  /** `correct`, `wrong`, `unparsed` or `timeout`. */
  readonly verdict: Verdict["verdict"];
  /** The text of the answer, or null. */
  readonly extracted: string | null;
  /** Where it stands in the completion, or null. */
  readonly span: readonly [number, number] | null;
  /** What the gold answer is, or null. */
  readonly gold_type: string | null;
  /** What the answer is, or null. */
  readonly type: string | null;
  /** The method that decided. */
  readonly method: string;
  /** The verdict in words. */
  readonly reason: string;
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/**
 * Grades one line of input.
 *
 * @throws {SyntaxError} If the line is not JSON.
 * @throws {TypeError} If a field is missing or no string.
 */
export function gradeLine(line: string, options: VerifyOptions): GradedLine {
  const row: unknown = JSON.parse(line);
  if (typeof row !== "object" || row === null) throw new TypeError("expected an object");
  const field = (name: string): string | undefined => {
    const value: unknown = Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined;
    if (value !== undefined && typeof value !== "string") throw new TypeError(`"${name}" must be a string`);
    return value;
  };
  const gold = field("gold"), completion = field("completion"), pred = field("pred");
  if (gold === undefined) throw new TypeError('the field "gold" is missing');
  const text = completion ?? pred;
  if (text === undefined) throw new TypeError('the field "completion" or "pred" is missing');
  const started = performance.now();
  const found = verify(gold, text, completion === undefined ? { ...options, mode: "lenient" } : options);
  return {
    verdict: found.verdict,
    extracted: found.extracted ?? null,
    span: found.span ?? null,
    gold_type: found.goldType ?? null,
    type: found.type ?? null,
    method: found.method,
    reason: found.reason,
    ms: Math.round(1000 * (performance.now() - started)) / 1000,
  };
}

/** A verdict in words, for a person. */
export function explain(gold: string, completion: string, options: VerifyOptions): string {
  const found = verify(gold, completion, options);
  const place = found.span ? ` (characters ${found.span[0]} to ${found.span[1]})` : "";
  return [
    `gold:     ${gold}${found.goldType === undefined ? "" : `, read as ${article(found.goldType)}`}`,
    found.extracted === undefined
      ? "answer:   none was found"
      : `answer:   ${found.extracted}${place}, read as ${article(found.type ?? "text")}`,
    `verdict:  ${found.verdict}: ${found.reason}`,
  ].join("\n");
}

/** A noun with its article. */
function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

/** The lines of a stream with their numbers, in constant memory. */
async function* numberedLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<[number, string]> {
  const decoder = new TextDecoder();
  let rest = "", number = 0;
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield [++number, line];
  }
  rest += decoder.decode();
  if (rest !== "") yield [++number, rest];
}

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

/** Opens a file, or says which one is not there. */
async function openFile(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, options);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "it does not exist" : "access is refused";
    throw new UsageError(`Cannot open "${path}": ${why}`);
  }
}

/** Grades a stream of lines and returns how many could not be read. */
async function gradeStream(
  input: ReadableStream<Uint8Array>,
  write: (line: string) => Promise<void>,
  options: VerifyOptions,
): Promise<number> {
  const warning = new TextEncoder();
  let malformed = 0;
  for await (const [number, line] of numberedLines(input)) {
    if (line.trim() === "") continue;
    try {
      await write(JSON.stringify(gradeLine(line, options)));
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      malformed++;
      Deno.stderr.writeSync(warning.encode(`Cannot read line ${number}: ${error.message}\n`));
    }
  }
  return malformed;
}

/** The command. */
export const command: Command = {
  summary: "Grade answers: JSON Lines in, verdicts out",
  help: HELP,
  async run(args) {
    const flags = readFlags(withStandardInput(args), {
      boolean: ["explain"],
      string: ["input", "output", "mode", "gold", "completion"],
    });
    const options: VerifyOptions = { mode: modeOf(flags.text("mode")) };
    if (flags.on("explain")) {
      const gold = flags.text("gold"), completion = flags.text("completion");
      if (gold === undefined || completion === undefined) {
        throw new UsageError("Cannot explain a verdict: give --gold and --completion");
      }
      print(explain(gold, completion, options));
      return 0;
    }
    const path = flags.text("input");
    if (path === undefined) {
      throw new UsageError('Cannot grade: give --input FILE, or "-" for standard input');
    }
    const input = path === "-" ? Deno.stdin.readable : (await openFile(path, { read: true })).readable;
    const target = flags.text("output");
    if (target === undefined) {
      return await gradeStream(input, (line) => Promise.resolve(print(line)), options) > 0 ? 1 : 0;
    }
    const writer = (await openFile(target, { write: true, create: true, truncate: true })).writable
      .getWriter();
    const encoder = new TextEncoder();
    const malformed = await gradeStream(input, (line) => writer.write(encoder.encode(line + "\n")), options);
    await writer.close();
    return malformed > 0 ? 1 : 0;
  },
};

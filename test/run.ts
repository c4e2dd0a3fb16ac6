/**
 * `deno task test [--coverage] [name ...]`: runs the tests, or those of the groups, folders and files that are named, in
 * the processes that they need. Ends with one line that counts them; exit code 1 if one failed.
 *
 * @module
 */

import { delimiter, dirname } from "node:path";
import { thisMachine } from "../src/pipeline/plan/machine.ts";
import { formatDuration } from "../src/progress.ts";
import { print } from "../tasks/shared/command.ts";
import { select, type Selection } from "./runner/groups.ts";
import {
  count,
  failureText,
  type GroupOutcome,
  readReport,
  skippedLines,
  slowest,
  summaryLine,
} from "./runner/report.ts";
import { runBeside } from "./runner/schedule.ts";

/** Where reports and outputs go. */
const REPORTS = ".store/test";
/** Where the traces of coverage go. */
const COVERAGE = "coverage";
/** How many of the slowest tests are named. */
const SLOWEST = 10;

/** The processes that were started and have not ended. */
const children = new Set<Deno.ChildProcess>();

/** Tests that each process under way has ended, by group. */
const ended = new Map<string, number>();

/** Shows on a terminal how far the processes are. */
function showProgress(): void {
  if (!Deno.stderr.isTerminal()) return;
  const text = [...ended].map(([name, tests]) => `${name} ${tests}`).join(", ");
  Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[2K${text}`));
}

/** Prints lines of the result, in place of the progress. */
function tell(text: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode("\r\x1b[2K"));
  print(text);
}

/** Collects what a process says. */
async function collect(stream: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<string> {
  let all = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    all += text;
    onText(text);
  }
  return all;
}

/** Runs `deno` and returns its exit code and all that it says. */
async function runDeno(
  args: readonly string[],
  env: Record<string, string> = {},
  onText: (text: string) => void = () => {},
): Promise<{ code: number; text: string }> {
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(Deno.execPath(), { args: [...args], env, ...streams }).spawn();
  children.add(child);
  const [out, errors, { code }] = await Promise.all([
    collect(child.stdout, onText),
    collect(child.stderr, () => {}),
    child.status,
  ]);
  children.delete(child);
  return { code, text: out + errors };
}

/** What lies in a folder, folders with a slash at the end; nothing if there is no such folder. */
function list(folder: string): string[] | undefined {
  try {
    return [...Deno.readDirSync(folder)].map(({ name, isDirectory }) => isDirectory ? `${name}/` : name);
  } catch {
    return undefined;
  }
}

async function runGroup(
  { group: { name, parallel }, paths }: Selection,
  cores: number,
  coverage: boolean,
): Promise<GroupOutcome> {
  const report = `${REPORTS}/${name}.xml`, started = performance.now();
  const flags = ["-P", "--no-prompt", "--quiet", "--doc", "--permit-no-files", `--junit-path=${report}`];
  if (parallel) flags.push("--parallel");
  if (coverage) flags.push(`--coverage=${COVERAGE}`);
  const env = {
    DENO_JOBS: String(cores),
    // What tests start by the name of "deno" is this Deno, and not a program that starts another.
    PATH: [dirname(Deno.execPath()), Deno.env.get("PATH") ?? ""].join(delimiter),
  };
  const { code, text } = await runDeno(["test", ...flags, ...paths], env, (piece) => {
    ended.set(name, (ended.get(name) ?? 0) + [...piece.matchAll(/ \.\.\. .*(ok|FAILED|ignored)/g)].length);
    showProgress();
  });
  ended.delete(name);
  await Deno.writeTextFile(`${REPORTS}/${name}.txt`, text);
  const xml = await Deno.readTextFile(report).catch(() => "");
  const outcome = { name, success: code === 0, tests: readReport(xml) };
  const seconds = (performance.now() - started) / 1000;
  tell(`${name}: ${summaryLine([outcome])} in ${formatDuration(seconds)}`);
  if (count([outcome]).failed > 0) tell(`\n${failureText(text)}\n`);
  return outcome;
}

/** Runs what is named and returns the exit code. */
async function runTests(args: readonly string[]): Promise<number> {
  const coverage = args.includes("--coverage");
  const unknown = args.find((arg) => arg.startsWith("-") && arg !== "--coverage");
  if (unknown !== undefined) {
    throw new RangeError(`Cannot read the flag "${unknown}": expected --coverage or names`);
  }
  const selections = select(args.filter((arg) => !arg.startsWith("-")), list);
  // What an earlier run left must not be taken for this one's.
  for (const folder of coverage ? [REPORTS, COVERAGE] : [REPORTS]) {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
  await Deno.mkdir(REPORTS, { recursive: true });
  const { cores, available, memory } = await thisMachine();
  const capacity = { cores, memory: (available ?? memory ?? 0) / 1e9 };
  const names = selections.map(({ group }) => group.name).join(", ");
  tell(`Testing ${names}: at most ${cores} at a time, in ${capacity.memory.toFixed(0)} GB of memory`);
  const outcomes = await runBeside(
    selections,
    capacity,
    ({ group }) => group.memory,
    (selection) => runGroup(selection, cores, coverage),
  );
  if (coverage) {
    tell((await runDeno(["coverage", "--quiet", COVERAGE])).text.trimEnd().split("\n").slice(-3).join("\n"));
  }
  const tests = outcomes.flatMap((outcome) => outcome.tests);
  for (const line of skippedLines(tests)) print(line);
  print("\nThe slowest tests:");
  for (const { seconds, name, file } of slowest(tests, SLOWEST)) {
    print(`${seconds.toFixed(1).padStart(7)} s  ${name} (${file})`);
  }
  print(`\n${summaryLine(outcomes)}`);
  return count(outcomes).failed > 0 ? 1 : 0;
}

/** Ends the processes that were started when this one is asked to end. */
function passOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    if (Deno.build.os === "windows" && signal !== "SIGINT") continue;
    Deno.addSignalListener(signal, () => {
      for (const child of children) child.kill(signal);
      Deno.exit(signal === "SIGINT" ? 130 : 143);
    });
  }
}

if (import.meta.main) {
  passOnSignals();
  try {
    Deno.exit(await runTests(Deno.args));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    print(`error: ${error.message}`);
    Deno.exit(2);
  }
}

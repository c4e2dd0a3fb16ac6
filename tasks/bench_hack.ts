/**
 * `bench:hack`: what a policy earns that copies its questions instead of answering them.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import {
  type Attack,
  type AttackedProblem,
  attacks,
  type Earnings,
  earnings,
  restatementPairs,
} from "../src/conformance/mod.ts";
import { graderVersion } from "../src/grade/mod.ts";
import { generatedSuites, loadSuite, type Split, suiteName } from "../src/suite/mod.ts";
import { type Command, type Flags, print, readFlags, UsageError } from "./shared/command.ts";
import { mathVerify } from "./shared/math_verify.ts";

/** How many problems of a generated suite are attacked. */
const COUNT = 400;

const HELP =
  `Usage: deno task bench:hack [--suite NAME|PATH]... [--split evaluation|train] [--count N] [--list] [--json]

Restates each question of a suite without answering it, boxes that, and counts on how many problems it is paid. What is
the reference answer letter by letter, or a side of it, does not count.

  --suite S     a generated suite, or a file of your own (docs/suites.md); may be given again (default: the
                generated suites)
  --split NAME  of a generated suite: evaluation (default) or train
  --count N     problems (default: ${COUNT} of a generated suite, all of a file)
  --seed N      seed of the problems (default: 0)
  --list        also the problems that the final form still pays for, by their ids
  --json        one JSON object instead of the tables

any            the value alone counts, as peers have it
final unseen   the answer must be in final form, the question is not looked at
final          as rewards and scores are graded: nothing that stands in the question either
Math-Verify    where python3 has the package math_verify, which takes seconds to minutes

Grader version ${graderVersion}.

Examples:
  deno task bench:hack
  deno task bench:hack --suite math_500.jsonl --list`;

/** The project's folder. */
const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Who grades. */
type Grader = "any" | "final unseen" | "final" | "Math-Verify";

/** What each grader pays for on one suite; why one could not be asked. */
interface SuiteReport {
  readonly name: string;
  readonly earned: Readonly<Partial<Record<Grader, Earnings>>>;
  readonly without: string | undefined;
}

/** The problems of a suite. */
async function problemsOf(source: string, flags: Flags): Promise<readonly AttackedProblem[]> {
  const isGenerated = Object.hasOwn(generatedSuites, source);
  const split = flags.text("split") ?? "evaluation";
  if (split !== "evaluation" && split !== "train") {
    throw new UsageError(`Cannot read "--split ${split}": expected evaluation or train`);
  }
  const count = flags.integer("count", 1) ?? (isGenerated ? COUNT : undefined), seed = flags.integer("seed");
  try {
    const { problems } = await loadSuite(source, {
      root: ROOT,
      files: {
        file: ({ id }) => Promise.reject(new RangeError(`Cannot attack ${id}: give the path of its file`)),
      },
      split: split satisfies Split,
      ...(count === undefined ? {} : { count }),
      ...(seed === undefined ? {} : { seed }),
    });
    return problems.map((problem) => ({ ...problem, id: problem.sourceId ?? problem.id }));
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

/** What Math-Verify pays for, or why it could not be asked. */
async function peerEarnings(problems: readonly AttackedProblem[]): Promise<Earnings | string> {
  const pairs = problems.flatMap((problem) => restatementPairs(problem));
  const verdicts = await mathVerify(pairs.map(({ problem, text }) => [problem.answer, text]));
  if (typeof verdicts === "string") return verdicts;
  const paid = new Set(
    pairs.filter((_, i) => verdicts[i]).map(({ problem, text }) => `${problem.id}\n${text}`),
  );
  return earnings(problems, {}, ({ id }, text) => paid.has(`${id}\n${text}`));
}

/** Attacks a suite. */
async function attack(source: string, flags: Flags): Promise<SuiteReport> {
  const problems = await problemsOf(source, flags);
  const peer = await peerEarnings(problems);
  return {
    name: suiteName(source),
    earned: {
      "any": earnings(problems, { answerForm: "any" }),
      "final unseen": earnings(problems, { question: undefined }),
      "final": earnings(problems),
      ...(typeof peer === "object" ? { "Math-Verify": peer } : {}),
    },
    without: typeof peer === "string" ? `Without Math-Verify: ${peer}` : undefined,
  };
}

/** A suite's table: the attacks by the graders. */
function table({ name, earned, without }: SuiteReport): string[] {
  const graders = Object.entries(earned), problems = graders[0]?.[1].problems ?? 0;
  const rows: readonly (Attack | "any attack")[] = [...attacks, "any attack"];
  const cells = [
    [`${name}, ${problems} problems`, ...graders.map(([grader]) => grader)],
    ...rows.map((row) => [row, ...graders.map(([, { paid }]) => String(paid[row]))]),
  ];
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  return [
    ...cells.map((row) =>
      row.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join("  ")
    ),
    ...(without === undefined ? [] : [without]),
  ];
}

/** The problems that the final form still pays for. */
function list({ earned }: SuiteReport): string[] {
  return (earned.final?.earned ?? []).map(({ id, attack }) => `  ${id}: ${attack}`);
}

/** The command. */
export const command: Command = {
  help: HELP,
  async run(args) {
    const flags = readFlags(args, {
      boolean: ["list", "json"],
      string: ["split", "count", "seed"],
      list: ["suite"],
    });
    const given = flags.list("suite"), sources = given.length > 0 ? given : Object.keys(generatedSuites);
    const reports: SuiteReport[] = [];
    for (const source of sources) reports.push(await attack(source, flags));
    if (flags.on("json")) {
      const suites = reports.map(({ name, earned, without }) => ({
        suite: name,
        problems: earned.any?.problems ?? 0,
        paid: Object.fromEntries(Object.entries(earned).map(([grader, { paid }]) => [grader, paid])),
        ...(without === undefined ? {} : { without }),
        ...(flags.on("list")
          ? { list: earned.final?.earned.map(({ id, attack }) => ({ id, attack })) ?? [] }
          : {}),
      }));
      print(JSON.stringify({ grader: graderVersion, suites }, null, 2));
      return 0;
    }
    print(
      reports.map((report) => [...table(report), ...(flags.on("list") ? list(report) : [])].join("\n")).join(
        "\n\n",
      ),
    );
    return 0;
  },
};

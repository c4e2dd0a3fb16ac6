/**
 * Rows of a user's own file: which column is what, recognised or said.
 *
 * @module
 */

import { type AnswerRule, readAnswer } from "../answer.ts";
import { topColumn, valueAt } from "../column.ts";
import { isAbsent, LONGEST, readLevel, readName, readSolution, type RowContent } from "../content.ts";
import type { OwnColumns } from "../definition.ts";
import { readChoices } from "./choices.ts";
import { findAnswer, lastBox } from "./layout.ts";

/** What is known of a file of one's own. */
export interface OwnRules {
  /** The columns that are named. */
  readonly columns?: OwnColumns | undefined;
  /** How the answer is read; absent: as it looks. */
  readonly answer?: AnswerRule | undefined;
}

/** Names that columns may have, in any case; the first that a row has and that is not empty counts. */
const known = {
  question: ["problem", "question", "query", "prompt", "messages", "conversations", "input"],
  answer: [
    "answer",
    "final_answer",
    "reward_model.ground_truth",
    "ground_truth",
    "expected_answer",
    "correct_answer",
    "answerKey",
    "gold",
    "target",
    "label",
  ],
  options: ["options", "choices"],
  id: ["id", "unique_id", "uuid"],
  solution: ["solution"],
  subject: ["subject", "type"],
  level: ["level", "difficulty"],
} as const satisfies Readonly<Record<keyof OwnColumns, readonly string[]>>;

/** A column of a name in any case, as the file writes it. */
function columnOf(row: Readonly<Record<string, unknown>>, path: string): string | undefined {
  const top = topColumn(path), rest = path.slice(top.length);
  if (Object.hasOwn(row, top)) return path;
  const found = Object.keys(row).find((name) => name.toLowerCase() === top.toLowerCase());
  return found === undefined ? undefined : found + rest;
}

/** Which top-level columns of a file may be needed. */
export function ownWanted({ columns = {} }: OwnRules): (column: string) => boolean {
  const named = new Set(
    Object.values(columns).flatMap((path) => path === undefined ? [] : [topColumn(path)]),
  );
  const names = new Set(Object.values(known).flat().map((path) => topColumn(path).toLowerCase()));
  return (column) =>
    named.has(column) || names.has(column.toLowerCase()) || /^(option_)?[a-e]$/i.test(column);
}

/** A path and the value that stands there. */
interface Found {
  readonly path: string;
  readonly value: unknown;
}

/** The value of a part of a problem: in the column that is named, or in the first of the known ones that has one. */
function find(
  row: Readonly<Record<string, unknown>>,
  part: keyof OwnColumns,
  columns: OwnColumns,
): Found | undefined {
  const named = columns[part];
  if (named !== undefined) return { path: named, value: valueAt(row, named) };
  const there = known[part].flatMap((name) => columnOf(row, name) ?? [])
    .map((path) => ({ path, value: valueAt(row, path) }));
  return there.find(({ value }) => !isAbsent(value)) ?? there.find(({ value }) => value !== undefined);
}

/** A message of a chat. */
interface Said {
  readonly by: string;
  readonly text: string;
}

/** The messages of a chat, under OpenAI's names or ShareGPT's; `undefined` if it is none. */
function readChat(value: unknown): Said[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const roles: Readonly<Record<string, string>> = { human: "user", gpt: "assistant" };
  const said = value.map((message): Said | undefined => {
    const by = valueAt(message, "role") ?? valueAt(message, "from");
    const text = valueAt(message, "content") ?? valueAt(message, "value");
    return typeof by === "string" && typeof text === "string" ? { by: roles[by] ?? by, text } : undefined;
  });
  return said.every((message) => message !== undefined) ? said : undefined;
}

/** A question, and, where it is a chat, what the assistant answers there. */
interface Asked {
  readonly question: string;
  readonly reply?: string | undefined;
  readonly layouts: readonly string[];
}

function readAsked({ path, value }: Found): Asked {
  if (typeof value === "string") return { question: value, layouts: [] };
  const chat = readChat(value), last = chat?.findLastIndex(({ by }) => by === "user") ?? -1;
  const asked = chat?.[last];
  if (!chat || !asked) throw new SyntaxError(`${path} is ${isAbsent(value) ? "missing" : "no text"}`);
  if (chat.slice(0, last).some(({ by }) => by === "user" || by === "assistant")) {
    throw new SyntaxError(`${path} is a conversation of several questions`);
  }
  const own = chat.some(({ by }) => by === "system") ? ", without its system message" : "";
  return {
    question: asked.text,
    reply: chat.slice(last + 1).find(({ by }) => by === "assistant")?.text,
    layouts: [`questions: the user's message in ${path}${own}`],
  };
}

/** A part that nobody asked for by name: left out where it is not what it should be. */
function optional<T>(read: () => T | undefined, named: boolean): T | undefined {
  try {
    return read();
  } catch (error) {
    if (named || !(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function missing(part: "question" | "answer", row: Readonly<Record<string, unknown>>): SyntaxError {
  const names = Object.keys(row).slice(0, 12).join(", ") || "no columns";
  return new SyntaxError(
    `no ${part} (${known[part].join(", ")}) among ${names}; name its column: "PATH?${part}=COLUMN"`,
  );
}

/** The answer of a row: in a column of its own, in the assistant's message, or in the solution's box. */
function answerOf(
  row: Readonly<Record<string, unknown>>,
  { columns = {}, answer: rule }: OwnRules,
  reply: string | undefined,
): Found {
  const found = find(row, "answer", columns);
  if (found && (columns.answer !== undefined || !isAbsent(found.value))) return found;
  if (reply !== undefined) return { path: "the assistant's message", value: reply };
  const solution = find(row, "solution", columns);
  const boxed = typeof solution?.value === "string" &&
    (lastBox(solution.value) !== undefined || /####\s*\S/.test(solution.value));
  if (solution && boxed && rule === undefined) return solution;
  if (found) throw new SyntaxError(`${found.path} is missing`);
  throw missing("answer", row);
}

/**
 * What a row of one's own asks and answers.
 *
 * Columns are recognised by their names: `problem`, `question` or a chat (`prompt` of verl's rows, `messages`) for the
 * question; `answer`, `reward_model.ground_truth` and others for the answer, or a solution that ends in a box. A column
 * that nobody named and that is not what its name says is left out, except question and answer.
 *
 * @throws {SyntaxError} If there is no question or answer, or it cannot be one.
 */
export function readOwnRow(row: Readonly<Record<string, unknown>>, rules: OwnRules): RowContent {
  const { columns = {}, answer: rule } = rules, asked = find(row, "question", columns);
  if (!asked) throw missing("question", row);
  const { question, reply, layouts } = readAsked(asked);
  const { path, value } = answerOf(row, rules, reply);
  const part = <T>(name: keyof OwnColumns, read: (value: unknown) => T | undefined): T | undefined =>
    optional(() => read(find(row, name, columns)?.value), columns[name] !== undefined);
  const short = (name: "id" | "subject" | "solution", text: string | undefined): string | undefined =>
    text !== undefined && (columns[name] !== undefined || text.length <= LONGEST[name]) ? text : undefined;
  const rest = {
    id: short("id", part("id", (value) => readName("id", value))),
    subject: short("subject", part("subject", (value) => readName("subject", value))),
    solution: short("solution", part("solution", readSolution)),
    level: part("level", readLevel),
  };
  try {
    const choices = rule === undefined
      ? readChoices(question, value, row, find(row, "options", columns)?.value)
      : undefined;
    if (choices) return { ...choices, ...rest, layouts: [...layouts, "answers: letters of options"] };
    if (rule !== undefined) return { question, answer: readAnswer(rule, value), ...rest, layouts };
    const { answer, layout } = findAnswer(value);
    const found = layout === undefined ? [] : [`answers: ${layout} of ${path}`];
    // The whole text of such an answer is its solution.
    const solution = rest.solution ?? (typeof value === "string" && layout !== undefined ? value : undefined);
    return {
      question,
      answer,
      ...rest,
      solution: short("solution", solution),
      layouts: [...layouts, ...found],
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`${path} ${error.message}`);
  }
}

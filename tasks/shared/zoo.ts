/**
 * The models of the paper as targets of `inspect`: `benchmarks/zoo.json`.
 *
 * @module
 */

import { z } from "zod";
import { parseChecked } from "../../src/checked_json.ts";
import { nearest } from "../../src/nearest.ts";
import { type PromptName, promptTemplates } from "../../src/suite/mod.ts";
import { UsageError } from "./command.ts";

/** How a model of the paper is read. */
export interface Target {
  /** What it is called. */
  readonly name: string;
  /** The repository on the Hub. */
  readonly repository: string;
  /** The wording around a question. */
  readonly template: PromptName;
}

/** What all targets share. */
export interface Zoo {
  /** Whose problems are asked. */
  readonly suites: readonly string[];
  /** Problems of each suite. */
  readonly problems: number;
  /** Completions a problem. */
  readonly samples: number;
  /** The sampling temperature. */
  readonly temperature: number;
  /** The most prompt tokens. */
  readonly maxPromptTokens: number;
  /** The most response tokens. */
  readonly maxResponseTokens: number;
  /** The models: repository, layers as the paper counts them, templates by the names of their prompts. */
  readonly targets: Readonly<
    Record<
      string,
      {
        readonly repository: string;
        readonly layers: number;
        readonly prompts: Readonly<Record<string, PromptName>>;
      }
    >
  >;
}

const FILE = "benchmarks/zoo.json";

const count = z.int().positive();
const schema: z.ZodType<Zoo> = z.object({
  description: z.string(),
  suites: z.array(z.string()).min(1),
  problems: count,
  samples: count,
  temperature: z.number().positive(),
  maxPromptTokens: count,
  maxResponseTokens: count,
  targets: z.record(
    z.string(),
    z.strictObject({
      repository: z.string(),
      layers: count,
      prompts: z.record(z.string(), z.enum(Object.keys(promptTemplates) as [PromptName])),
    }),
  ),
});

/** Reads the targets. */
export async function readZoo(root: string): Promise<Zoo> {
  return parseChecked(schema, await Deno.readTextFile(`${root}/${FILE}`), FILE);
}

/** One of several by its name. */
function pick<T>(what: string, name: string, all: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(all), near = nearest(name, names);
  throw new UsageError(
    `Cannot find the ${what} "${name}": ${near ? `did you mean "${near}"?` : `expected ${names.join(", ")}`}`,
  );
}

/**
 * A target by its name, and with a colon the name of its prompt; without one the first: `qwen3-4b:thinking`.
 *
 * @throws {UsageError} If there is none.
 */
export function findTarget({ targets }: Zoo, text: string): Target {
  const [name = "", prompt] = text.split(":");
  const { repository, prompts } = pick("model", name, targets);
  const chosen = prompt ?? Object.keys(prompts)[0] ?? "";
  return { name: text, repository, template: pick(`prompt of ${name}`, chosen, prompts) };
}

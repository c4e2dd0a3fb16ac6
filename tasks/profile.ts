/**
 * `deno task profile`: the profiles, one of them whole, or what each field means.
 *
 * @module
 */

import { profileFields } from "../src/pipeline/mod.ts";
import { type Command, print, readFlags, UsageError } from "./shared/command.ts";
import { profileNames, readProfile } from "./shared/profile_flag.ts";

const HELP = `Usage: deno task profile [--json]
       deno task profile --resolve NAME|PATH [--variant NAME]
       deno task profile --fields

Without flags: the profiles of benchmarks/profiles.

  --resolve NAME|PATH  the whole profile as a run uses it: what it extends written out, a variant's changes applied
  --variant NAME       a variant of it, such as paper
  --fields             every field, what it means and what it may be, as docs/profile.md lists them
  --json               the list as JSON

A profile of your own need only say what differs from another one, and its name:

  { "extends": "embedded", "name": "my-experiment", "training": { "steps": 80 }, "seeds": [1, 2, 3, 4, 5] }

Examples:
  deno task profile --resolve qwen3-4b --variant paper
  deno task profile --resolve my-experiment.json`;

/** The columns of a field's row. */
const columns = ["field", "what it is", "what it may be"] as const;

/** The fields as a table in Markdown. */
export function fieldTable(): string {
  const rows = profileFields().map(({ path, meaning, values }) => {
    const cells = [`\`${path}\``, meaning, values].map((cell) => cell.replaceAll("|", "\\|"));
    return `| ${cells.join(" | ")} |`;
  });
  return [`| ${columns.join(" | ")} |`, `|${columns.map(() => " --- |").join("")}`, ...rows].join("\n");
}

async function list(json: boolean): Promise<void> {
  const profiles = await Promise.all((await profileNames()).map((name) => readProfile(name)));
  if (json) {
    print(JSON.stringify(profiles.map(({ name, description }) => ({ name, description }))));
    return;
  }
  const width = Math.max(...profiles.map(({ name }) => name.length)) + 2;
  for (const { name, description } of profiles) print(`${name.padEnd(width)}${description}`);
}

/** Shows profiles. */
export const command: Command = {
  help: HELP,
  async run(args): Promise<number> {
    const flags = readFlags(args, { boolean: ["fields", "json"], string: ["resolve", "variant"] });
    const name = flags.text("resolve"), variant = flags.text("variant");
    if (name === undefined && variant !== undefined) {
      throw new UsageError("Cannot show a variant: say of which profile with --resolve NAME");
    }
    if (name !== undefined) print(JSON.stringify(await readProfile(name, variant), null, 2));
    else if (flags.on("fields")) print(fieldTable());
    else await list(flags.on("json"));
    return 0;
  },
};

/**
 * `deno task download`: brings models and data sets from the Hugging Face Hub into its cache.
 *
 * @module
 */

import { basename } from "node:path";
import { type HubFile, type HubRepository } from "../src/hub/mod.ts";
import { isModelFile, modelFilesFault } from "../src/model/mod.ts";
import { wantedRepositories, type WantedRepository } from "../src/pipeline/mod.ts";
import { Progress } from "../src/progress.ts";
import { type Command, type Flags, oneLine, print, readFlags, UsageError } from "./shared/command.ts";
import { formatBytes, openHub } from "./shared/hub_flags.ts";
import { readProfile } from "./shared/profile_flag.ts";
import { ROOT } from "./shared/root.ts";

/** A download that is done. */
interface Outcome {
  readonly repository: HubRepository;
  readonly commit: string;
  readonly folder: string;
  readonly files: readonly (HubFile & { readonly state: string })[];
}

const types: readonly HubRepository["type"][] = ["model", "dataset"];

/**
 * A pattern as a predicate of whole paths: `*` any characters, slashes too, `?` one, as in Hugging Face's own tools.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { globMatcher } from "./download.ts";
 *
 * const paths = ["data/test.parquet", "data/train.parquet", "README.md"];
 * assertEquals(paths.filter(globMatcher("*test*.parquet")), ["data/test.parquet"]);
 * ```
 */
export function globMatcher(glob: string): (path: string) => boolean {
  const source = glob.replace(/[\\^$.|+()[\]{}]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, ".");
  const pattern = new RegExp(`^${source}$`, "s");
  return (path) => pattern.test(path);
}

/**
 * What the flags ask for.
 *
 * @throws {UsageError} If they name no repository, or a type there is none of.
 */
export async function downloads(flags: Flags): Promise<readonly WantedRepository[]> {
  const id = flags.text("repository"), profile = flags.text("profile");
  if ((id === undefined) === (profile === undefined)) {
    throw new UsageError(
      "Cannot download: name a profile or a repository, such as --profile qwen3-4b or --repository Qwen/Qwen3-4B",
    );
  }
  if (profile !== undefined) {
    return await wantedRepositories(await readProfile(profile, flags.text("variant")), ROOT);
  }
  if (id === undefined) return [];
  const wanted = flags.text("type") ?? "model";
  const type = types.find((name) => name === wanted);
  if (!type) throw new UsageError(`Cannot download a "${wanted}": expected ${types.join(" or ")}`);
  const globs = flags.list("include").map(globMatcher);
  const usual = type === "model" ? isModelFile : () => true;
  return [{
    repository: { type, id, revision: flags.text("revision") ?? "main" },
    ...(type === "model" && globs.length === 0 ? { fault: modelFilesFault } : {}),
    select: globs.length === 0 ? usual : (path) => globs.some((matches) => matches(path)),
  }];
}

/** The files as a table, with the folder below. */
function report({ repository, commit, folder, files }: Outcome): string {
  const rows = files.map(({ path, size, state }) => [oneLine(path), formatBytes(size), state] as const);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const width = Math.max(4, ...rows.map(([path]) => path.length));
  const line = (path: string, size: string, state: string): string =>
    `${path.padEnd(width)}  ${size.padStart(9)}  ${state}`.trimEnd();
  return [
    `${repository.type} ${repository.id} at ${repository.revision}${
      repository.revision === commit ? "" : ` (commit ${commit})`
    }`,
    line("file", "size", "state"),
    "─".repeat(width + 23),
    ...rows.map((row) => line(...row)),
    `${files.length} file${files.length === 1 ? "" : "s"}, ${formatBytes(total)}, in ${folder}`,
  ].join("\n");
}

/** The command. */
export const command: Command = {
  help: `Usage: deno task download --profile NAME [--variant NAME] [--offline]
       deno task download --repository ID [--type dataset] [--revision REV] [--include GLOB]... [--offline]

Downloads the files that are not in the cache yet, goes on where an interrupted download stopped, and checks the digest
of every file, also of those that other tools put there. The cache is that of Hugging Face's tools.

  --profile NAME    everything that a profile needs: its model, and the data sets of its suites
  --repository ID   one repository: organisation/name
  --type TYPE       model or dataset (default: model)
  --revision REV    branch, tag or commit; only a commit always means the same files (default: main)
  --include GLOB    files to download, may be given more than once; * also matches slashes
                    (default: a model's configuration, tokenizer and safetensors; all files of a data set)
  --offline         use what is cached, never the network
  --recheck         read cached files again, even those that were checked before
  --quiet           no progress
  --json            the outcome as one JSON document

Environment: HF_ENDPOINT (default https://huggingface.co), HF_TOKEN or HF_TOKEN_PATH for gated and private repositories,
HF_HOME or HF_HUB_CACHE for the cache (default ~/.cache/huggingface/hub), HF_HUB_OFFLINE.

Examples:
  deno task download --profile qwen3-4b
  deno task download --repository Qwen/Qwen3-0.6B
  deno task download --repository HuggingFaceH4/aime_2024 --type dataset --include "*.parquet"`,

  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: ["offline", "recheck", "quiet", "json"],
      string: ["profile", "variant", "repository", "type", "revision"],
      list: ["include"],
    });
    const wanted = await downloads(flags);
    const progress = new Progress({ quiet: flags.on("quiet") });
    if (wanted.length === 0) {
      print(flags.on("json") ? "[]" : "Nothing to download: all that the profile needs is in this project");
      return 0;
    }
    const states = new Map<string, string>();
    const hub = openHub(progress, {
      offline: flags.on("offline"),
      recheck: flags.on("recheck"),
      onProgress: ({ path, state }) => states.set(path, state),
    });
    const outcomes: Outcome[] = [];
    for (const { repository, select, fault } of wanted) {
      const folder = await hub.snapshot(repository, select, fault);
      const listed = await hub.list(repository), paths = listed.map(({ path }) => path);
      const files = listed.filter(({ path }) => select(path, paths));
      outcomes.push({
        repository,
        commit: basename(folder),
        folder,
        files: files.map((file) => ({ ...file, state: states.get(file.path) ?? "cached" })),
      });
      states.clear();
    }
    print(flags.on("json") ? JSON.stringify(outcomes, null, 2) : outcomes.map(report).join("\n\n"));
    return 0;
  },
};

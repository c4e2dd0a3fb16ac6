/**
 * What a repository holds: its commit and its files, asked with the Hub's own library.
 *
 * @module
 */

import { z } from "zod";
import { networkReason } from "../http/mod.ts";
import { HubError } from "./error.ts";
import { checkPath, type HubFile, type HubRepository, isCommit, repositoryName } from "./repository.ts";
import type { HubRequests, RequestContext } from "./request.ts";

/** Files of a repository. */
const MAX_FILES = 100_000;

/** Pages of a list of files. */
const MAX_PAGES = 1_000;

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** A file in a list of files. */
const entry = z.object({
  path: z.string(),
  size: z.int().min(0),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: digest, size: z.int().min(0) }).optional(),
});

const stored = z.array(z.object({
  path: z.string(),
  size: z.int().min(0),
  sha256: digest.optional(),
  blobId: z.string().regex(/^[0-9a-f]{40}$/),
}));

/** Something the library or its answers cannot do, in one line. */
function failure(error: unknown, task: string): unknown {
  if (error instanceof HubError || !(error instanceof TypeError || error instanceof SyntaxError)) {
    return error;
  }
  return new HubError(`Cannot ${task}: the server's answer is not the Hub's (${networkReason(error)})`, {
    cause: error,
  });
}

/** The commit that a branch or tag points to. */
export async function askCommit(
  requests: HubRequests,
  repository: HubRepository,
  context: Omit<RequestContext, "task">,
): Promise<string> {
  const task = `find ${repositoryName(repository)}`;
  const { datasetInfo, modelInfo } = await import("@huggingface/hub");
  const parameters = {
    name: repository.id,
    revision: repository.revision,
    hubUrl: requests.endpoint,
    fetch: requests.asker({ ...context, task }),
  };
  try {
    const info: { sha?: unknown } = repository.type === "model"
      ? await modelInfo({ ...parameters, additionalFields: ["sha"] })
      : await datasetInfo({ ...parameters, additionalFields: ["sha"] });
    if (typeof info.sha === "string" && isCommit(info.sha)) return info.sha;
  } catch (error) {
    throw failure(error, task);
  }
  throw new HubError(`Cannot ${task}: the server names no commit of 40 hexadecimal digits`);
}

/** The files of a commit, by path. */
export async function askFiles(
  requests: HubRequests,
  repository: HubRepository,
  commit: string,
  context: Omit<RequestContext, "task">,
): Promise<HubFile[]> {
  const task = `list the files of ${repositoryName(repository)}`;
  const { listFiles } = await import("@huggingface/hub");
  const ask = requests.asker({ ...context, task });
  let pages = 0;
  const entries = listFiles({
    repo: { type: repository.type, name: repository.id },
    revision: commit,
    recursive: true,
    hubUrl: requests.endpoint,
    fetch: (input, init) => {
      if (++pages > MAX_PAGES) throw new HubError(`Cannot ${task}: there are more than ${MAX_PAGES} pages`);
      return ask(input, init);
    },
  });
  const files = new Map<string, HubFile>();
  try {
    for await (const item of entries) {
      if (item.type !== "file") continue;
      const read = entry.safeParse(item);
      if (!read.success) {
        const [issue] = read.error.issues;
        throw new SyntaxError(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
      }
      const { path, size, oid, lfs } = read.data;
      checkPath(path, task);
      files.set(path, { path, size: lfs?.size ?? size, sha256: lfs?.oid, blobId: oid });
      if (files.size > MAX_FILES) throw new HubError(`Cannot ${task}: there are more than ${MAX_FILES}`);
    }
  } catch (error) {
    throw failure(error, task);
  }
  return [...files.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}

/** A list of files that was stored, or `undefined` if the text is none. */
export function parseListing(text: string): HubFile[] | undefined {
  try {
    const files = stored.parse(JSON.parse(text)).map((file) => ({ ...file, sha256: file.sha256 }));
    for (const { path } of files) checkPath(path, "read a list of files");
    return files;
  } catch {
    return undefined; // it is asked for again
  }
}

/**
 * What stands in the history of a git repository: read through git, without a checkout and without a change.
 *
 * @module
 */

import { nearest } from "../../nearest.ts";

/** A result that was named cannot be used. */
export class ResultSourceError extends Error {
  /** The name of the class. */
  override readonly name = "ResultSourceError";
  /** `missing`: there is no such thing, the name is wrong; `unusable`: it is there, and no one can work with it. */
  readonly kind: "missing" | "unusable";

  /** One line of what was being done and found. */
  constructor(kind: "missing" | "unusable", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A file in a commit. */
export interface GitFile {
  /** Its path from the top of the repository. */
  readonly path: string;
  /** The object that holds its content. */
  readonly object: string;
  /** Bytes of the content; null for what is no plain file (a link, a submodule). */
  readonly size: number | null;
}

/** A commit in a history. */
export interface GitChange {
  /** Its hash. */
  readonly commit: string;
  /** When it was committed: RFC 3339. */
  readonly date: string;
  /** The first line of its message. */
  readonly subject: string;
}

/** The most that git may say, in bytes; only a file's content may be longer. */
const LONGEST_ANSWER = 16 * 2 ** 20;

/**
 * A path at which no file can be. The file that git has for grafts gives commits other parents than they name, and nothing
 * shows it; git reads this one instead, and finds none.
 */
const NOWHERE = Deno.build.os === "windows" ? "NUL\\grafts" : "/dev/null/grafts";

/**
 * No pager, no prompt, no lock, no fetching of what a partial clone lacks, no grafts, no replaced objects, English messages.
 * Nor what tells the system to
 * load other libraries, which is how CUDA is often set up: with it, Deno starts no other program.
 */
export const GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  LD_LIBRARY_PATH: "",
  LD_PRELOAD: "",
  DYLD_LIBRARY_PATH: "",
  DYLD_INSERT_LIBRARIES: "",
  LC_ALL: "C",
  GIT_GRAFT_FILE: NOWHERE,
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
};

/** What is asked of every git, whatever a repository's configuration says. */
const SETTINGS = ["--no-replace-objects", "-c", "protocol.allow=never", "-c", "core.warnAmbiguousRefs=true"];

/** Starts git. */
function spawn(directory: string, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command("git", {
      args: ["-C", directory, ...SETTINGS, ...args],
      env: GIT_ENVIRONMENT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable)) throw error;
    const reason = error instanceof Deno.errors.NotFound ? "there is no git" : "--allow-run=git is not given";
    throw new ResultSourceError("missing", `Cannot read the history: ${reason}`);
  }
}

/** Ends a child whose answer nobody wants any more. */
function kill(child: Deno.ChildProcess): void {
  try {
    child.kill();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended by itself
  }
}

/**
 * What git answers, as a text of bearable length, and the first line of what it says to standard error.
 *
 * @throws {ResultSourceError} If there is no git, or it says too much.
 */
export async function askGit(
  directory: string,
  args: readonly string[],
): Promise<{ success: boolean; text: string; error: string }> {
  const child = spawn(directory, args);
  const errors = new Response(child.stderr).text();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of child.stdout) {
    length += part.length;
    if (length > LONGEST_ANSWER) {
      kill(child);
      await Promise.all([errors, child.status]);
      throw new ResultSourceError(
        "unusable",
        `Cannot read the history: git says more than ${LONGEST_ANSWER} bytes`,
      );
    }
    parts.push(part);
  }
  const [error, { success }] = await Promise.all([errors, child.status]);
  return { success, text: await new Blob(parts).text(), error: error.split("\n")[0] ?? "" };
}

/** A git repository. */
export class GitRepository {
  /** Path of the folder it was opened in from its top, with a slash at the end; empty at the top. */
  readonly prefix: string;
  /** Does the history end where a shallow clone was cut off? */
  readonly shallow: boolean;
  readonly #directory: string;

  private constructor(directory: string, prefix: string, shallow: boolean) {
    this.#directory = directory;
    this.prefix = prefix;
    this.shallow = shallow;
  }

  /**
   * Opens the repository of a folder.
   *
   * @throws {ResultSourceError} If the folder is in none, or there is no git.
   */
  static async open(directory: string): Promise<GitRepository> {
    const { success, text, error } = await askGit(directory, [
      "rev-parse",
      "--show-prefix",
      "--is-shallow-repository",
    ]);
    if (!success) {
      throw new ResultSourceError("missing", `Cannot read the history: ${error.replace(/^fatal: /, "")}`);
    }
    const [prefix = "", shallow = "false"] = text.split("\n");
    return new GitRepository(directory, prefix, shallow === "true");
  }

  /**
   * The hash of the commit that a revision names, or `undefined`.
   *
   * @throws {ResultSourceError} If it may name two: a branch and a tag, or either of them and the beginning of a hash.
   */
  async find(revision: string): Promise<string | undefined> {
    if (revision === "" || /[\p{Cc}]/u.test(revision)) return undefined;
    // Not --quiet: then git would not say that it had a choice.
    const { success, text, error } = await askGit(this.#directory, [
      "rev-parse",
      "--verify",
      "--end-of-options",
      `${revision}^{commit}`,
    ]);
    if (success && error.includes("is ambiguous")) {
      throw new ResultSourceError(
        "missing",
        `Cannot tell what "${revision}" is: more than one branch, tag or commit is called so; write refs/heads/…, refs/tags/… or all of the commit's hash`,
      );
    }
    return success ? text.trim() : undefined;
  }

  /**
   * The hash of the commit that a revision names.
   *
   * @throws {ResultSourceError} If it names none: with the nearest branch or tag.
   */
  async resolve(revision: string): Promise<string> {
    const commit = await this.find(revision);
    if (commit !== undefined) return commit;
    const near = nearest(revision, await this.#names());
    const hint = near !== undefined
      ? `; did you mean "${near}"?`
      : this.shallow
      ? " in this shallow clone; git fetch --unshallow brings the rest of the history"
      : "";
    throw new ResultSourceError(
      "missing",
      `Cannot find "${revision}": there is no such path or revision${hint}`,
    );
  }

  /** Names of branches and tags. */
  async #names(): Promise<string[]> {
    const refs = ["refs/heads", "refs/tags", "refs/remotes"];
    const { text } = await askGit(this.#directory, ["for-each-ref", "--format=%(refname:short)", ...refs]);
    return text.split("\n").filter((name) => name !== "");
  }

  /**
   * The files of a commit below a folder, at any depth.
   *
   * @param folder Relative to where the repository was opened; default that folder itself.
   */
  async files(commit: string, folder?: string): Promise<GitFile[]> {
    const path = folder === undefined ? this.prefix || "." : `${this.prefix}${folder}/`;
    const { success, text, error } = await askGit(
      this.#directory,
      ["ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", path],
    );
    if (!success) throw new ResultSourceError("unusable", `Cannot list ${path} of ${commit}: ${error}`);
    return text.split("\0").flatMap((line): GitFile[] => {
      const [, mode = "", object = "", size = "", path = ""] =
        /^(\d+) \S+ ([0-9a-f]+) +(\d+|-|BAD)\t(.*)$/s.exec(line) ?? [];
      if (path === "") return [];
      // Of an object that is lost git knows no size; reading it fails with git's own words.
      const bytes = size === "BAD" ? 0 : Number(size);
      return [{ path, object, size: mode.startsWith("100") ? bytes : null }];
    });
  }

  /** The content of a file, piece by piece; fails if it is not as long as it should be. */
  async *content({ path, object, size }: GitFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const child = spawn(this.#directory, ["cat-file", "blob", object]);
    const errors = new Response(child.stderr).text();
    let length = 0, ended = false;
    try {
      for await (const part of child.stdout) {
        length += part.length;
        yield part;
      }
      ended = true;
    } finally {
      if (!ended) {
        kill(child);
        await Promise.all([errors, child.status]);
      }
    }
    const [error, { success }] = await Promise.all([errors, child.status]);
    if (success && length === size) return;
    const reason = error.split("\n")[0] || `it has ${length} bytes, expected ${size}`;
    throw new ResultSourceError("unusable", `Cannot read ${path} from the history: ${reason}`);
  }

  /**
   * The newest commit, of a revision and those before it, that added or changed one of some files; `undefined` if none did,
   * or there is no such revision.
   *
   * @param paths From the top of the repository.
   */
  async lastWith(paths: readonly string[], revision: string): Promise<string | undefined> {
    const { success, text } = await askGit(this.#directory, [
      "log",
      "--full-history",
      "-m",
      "-1",
      "--no-show-signature",
      "--no-renames",
      "--no-ext-diff",
      "--diff-filter=AM",
      "--format=%H",
      "--end-of-options",
      revision,
      "--",
      ...paths.map((path) => `:(top,literal)${path}`),
    ]);
    return success ? text.split("\n")[0] || undefined : undefined;
  }

  /** The commits that changed a path, the newest first; a merge only where it says something of its own. */
  async changes(path: string, revision = "HEAD"): Promise<GitChange[]> {
    const format = "--format=%H%x00%cI%x00%s";
    const { success, text, error } = await askGit(
      this.#directory,
      ["--literal-pathspecs", "log", "--no-show-signature", format, "--end-of-options", revision, "--", path],
    );
    if (!success) throw new ResultSourceError("missing", `Cannot read the history: ${error}`);
    return text.split("\n").filter((line) => line !== "").map((line) => {
      const [commit = "", date = "", subject = ""] = line.split("\0");
      return { commit, date, subject };
    });
  }
}

/**
 * Files of the Hugging Face Hub: models and data sets by id and pinned revision, in the cache that Hugging Face's own
 * tools use.
 *
 * @module
 */

import { HubCache } from "./cache.ts";
import { printable } from "../http/mod.ts";
import { fileFailure, HubError } from "./error.ts";
import { askCommit, askFiles } from "./listing.ts";
import type { HubOptions, HubProgress } from "./options.ts";
import {
  checkPath,
  checkRepository,
  type HubFile,
  type HubRepository,
  isCommit,
  repositoryName,
  repositoryPage,
} from "./repository.ts";
import { downloadTask, HubRequests } from "./request.ts";
import { transfer } from "./transfer.ts";

/** Milliseconds between two reports of one file. */
const REPORT_INTERVAL = 100;

/** A repository with its cache, at a commit. */
interface Pinned {
  readonly repository: HubRepository;
  readonly cache: HubCache;
  readonly commit: string;
}

/**
 * The Hub and its cache. A branch is resolved to its commit once in the life of an instance; a commit that is cached
 * needs no network.
 *
 * @example What is not cached cannot be used offline
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { Hub, HubError } from "./mod.ts";
 *
 * const hub = new Hub({ cache: "/nowhere", offline: true });
 * const model = { type: "model", id: "Qwen/Qwen3-0.6B", revision: "main" } as const;
 * await assertRejects(() => hub.snapshot(model, (path) => path.endsWith(".json")), HubError, "offline");
 * ```
 */
export class Hub {
  readonly #requests: HubRequests;
  readonly #options: HubOptions;
  readonly #root: string;
  readonly #commits = new Map<string, Promise<string>>();

  /**
   * Opens nothing yet.
   *
   * @throws {HubError} If the endpoint is no address or no cache is named.
   */
  constructor(options: HubOptions) {
    if (!options.cache) throw new HubError("Cannot use the Hub without a cache: set HF_HOME to a folder");
    this.#options = options;
    this.#root = options.cache;
    this.#requests = new HubRequests(options);
  }

  /**
   * Sizes and digests of a revision's files, sorted by path. Offline, and if the revision was only ever fetched by other
   * tools: of those files that they fetched.
   *
   * @throws {HubError} If the list cannot be had.
   */
  async list(repository: HubRepository): Promise<readonly HubFile[]> {
    return await this.#guard(repository, async () => await this.#files(await this.#pin(repository)));
  }

  /**
   * The local path of a file, downloaded and checked on first use.
   *
   * @throws {HubError} If the revision has no such file, or it cannot be had.
   */
  async file(repository: HubRepository, path: string): Promise<string> {
    return await this.#guard(repository, async () => {
      const task = downloadTask(path, repository);
      checkPath(path, task);
      const pinned = await this.#pin(repository);
      const found = (await this.#files(pinned)).find((file) => file.path === path);
      if (found) return await this.#ensure(pinned, found);
      const hint = this.#options.offline
        ? "it is not cached, and --offline (or HF_HUB_OFFLINE) forbids the network"
        : `there is no such file; ${repositoryPage(this.#requests.endpoint, repository)} has a list of them`;
      throw new HubError(`Cannot ${task}: ${hint}`);
    });
  }

  /**
   * The local folder that holds all selected files of a revision, each downloaded and checked on first use. If one
   * cannot be had the others stop; what has arrived is kept.
   *
   * @param select Is a file wanted? Told the paths of all files too.
   * @param fault Why a repository with these paths is of no use; nothing is downloaded then.
   * @throws {HubError} If no file is selected, or one cannot be had, or the repository is of no use.
   */
  async snapshot(
    repository: HubRepository,
    select: (path: string, paths: readonly string[]) => boolean,
    fault: (paths: readonly string[]) => string | undefined = () => undefined,
  ): Promise<string> {
    return await this.#guard(repository, async () => {
      const pinned = await this.#pin(repository);
      const files = await this.#files(pinned);
      const paths = files.map(({ path }) => path), reason = fault(paths);
      if (reason !== undefined) throw new HubError(`Cannot use ${repositoryName(repository)}: ${reason}`);
      const left = files.filter(({ path }) => select(path, paths));
      if (left.length === 0) {
        throw new HubError(
          `Cannot download ${repositoryName(repository)}: none of its ${files.length} files is wanted`,
        );
      }
      const stop = new AbortController();
      const workers = Array.from({ length: this.#options.concurrency ?? 4 }, async () => {
        try {
          for (let file = left.shift(); file && !stop.signal.aborted; file = left.shift()) {
            await this.#ensure(pinned, file, stop.signal);
          }
        } catch (error) {
          stop.abort(error); // the first one is the one to tell
        }
      });
      await Promise.all(workers);
      stop.signal.throwIfAborted();
      return pinned.cache.snapshot(pinned.commit);
    });
  }

  /** Does the work on a repository whose names are checked, and says in words what the disk refused. */
  async #guard<T>(repository: HubRepository, work: () => Promise<T>): Promise<T> {
    checkRepository(repository);
    try {
      return await work();
    } catch (error) {
      throw fileFailure(error, `download ${repositoryName(repository)}`, this.#root);
    }
  }

  async #pin(repository: HubRepository): Promise<Pinned> {
    const cache = new HubCache(this.#root, repository);
    if (isCommit(repository.revision)) return { repository, cache, commit: repository.revision };
    const key = JSON.stringify([repository.type, repository.id, repository.revision]);
    const commit = this.#commits.get(key) ?? this.#commit(repository, cache);
    this.#commits.set(key, commit);
    try {
      return { repository, cache, commit: await commit };
    } catch (error) {
      this.#commits.delete(key); // the next caller tries again
      throw error;
    }
  }

  async #commit(repository: HubRepository, cache: HubCache): Promise<string> {
    if (this.#options.offline) {
      return await cache.reference(repository.revision) ?? this.#absent(repository);
    }
    const commit = await askCommit(this.#requests, repository, this.#asking(repository));
    await cache.refer(repository.revision, commit);
    return commit;
  }

  async #files({ repository, cache, commit }: Pinned): Promise<readonly HubFile[]> {
    const kept = await cache.listing(commit);
    if (kept) return kept;
    if (this.#options.offline) {
      const linked = await cache.linkedFiles(commit);
      return linked.length > 0 ? linked : this.#absent(repository);
    }
    const files = await askFiles(this.#requests, repository, commit, this.#asking(repository));
    await cache.keepListing(commit, files);
    return files;
  }

  #asking(
    repository: HubRepository,
  ): { repository: HubRepository; onWait: (reason: string, wait: number) => void } {
    return {
      repository,
      onWait: (reason, wait) =>
        this.#options.onProgress?.({
          repository,
          path: "",
          state: "waiting",
          done: 0,
          total: 0,
          bytesPerSecond: 0,
          note: waiting(reason, wait),
        }),
    };
  }

  #absent(repository: HubRepository): never {
    throw new HubError(
      `Cannot use ${
        repositoryName(repository)
      } offline: it is not cached in ${this.#root}; run it once without --offline (or HF_HUB_OFFLINE)`,
    );
  }

  /** Makes sure that a file is there and right, and returns its path. */
  async #ensure({ repository, cache, commit }: Pinned, file: HubFile, signal?: AbortSignal): Promise<string> {
    const task = downloadTask(file.path, repository);
    const tell = this.#reporter(repository, file);
    const has = (): Promise<boolean> =>
      cache.has(file, commit, this.#options.recheck ?? false, (done) => tell("checking", done));
    const cached = async (): Promise<string> => {
      const path = await cache.link(file, commit);
      tell("cached", file.size);
      return path;
    };
    if (await has()) return await cached();
    if (this.#options.offline) {
      throw new HubError(
        `Cannot ${task}: it is not cached or damaged, and --offline (or HF_HUB_OFFLINE) forbids the network`,
      );
    }
    using _lock = await cache.lock(file, () => tell("waiting", 0, 0, "another process downloads it"), signal);
    signal?.throwIfAborted();
    if (await has()) return await cached();
    await cache.discard(file);
    const started = performance.now();
    let done = 0;
    await transfer(this.#requests, cache, file, {
      task,
      repository,
      url: this.#url(repository, commit, file.path),
      ...(signal ? { signal } : {}),
      onWait: (reason, wait) => tell("waiting", done, 0, waiting(reason, wait)),
      onProgress: (there, brought) => {
        done = there;
        tell("downloading", there, brought / Math.max(0.001, (performance.now() - started) / 1000));
      },
    });
    const path = await cache.link(file, commit);
    tell("downloaded", file.size);
    return path;
  }

  #url({ type, id }: HubRepository, commit: string, path: string): string {
    const file = path.split("/").map(encodeURIComponent).join("/");
    return `${this.#requests.endpoint}/${type === "model" ? "" : "datasets/"}${id}/resolve/${commit}/${file}`;
  }

  /** Reports the states of a file: every change of state, and now and then within one. */
  #reporter(
    repository: HubRepository,
    { path, size }: HubFile,
  ): (state: HubProgress["state"], done: number, bytesPerSecond?: number, note?: string) => void {
    let last: readonly [HubProgress["state"], string] | undefined, told = 0;
    return (state, done, bytesPerSecond = 0, note = "") => {
      const now = performance.now();
      const same = last?.[0] === state && last[1] === note;
      if (same && (note !== "" || now - told < REPORT_INTERVAL)) return;
      last = [state, note];
      told = now;
      this.#options.onProgress?.({ repository, path, state, done, total: size, bytesPerSecond, note });
    };
  }
}

/** Why nothing moves, and for how long. */
function waiting(reason: string, milliseconds: number): string {
  return printable(`${reason}; again in ${(milliseconds / 1000).toFixed(1)} s`);
}

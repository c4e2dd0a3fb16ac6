/**
 * The cache of Hub files on disk, in Hugging Face's layout, shared with its other tools: `blobs/<digest>` hold the
 * content, `snapshots/<commit>/<path>` link to them, `refs/<branch>` name a commit. A folder of our own beside them,
 * `.bupo-bench`, keeps the list of files of each commit and which blobs were checked.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { basename, dirname, join, relative } from "node:path";
import { writeFileAtomic } from "../store.ts";
import { parseListing } from "./listing.ts";
import { cacheFolder, type HubFile, type HubRepository, isCommit } from "./repository.ts";
import { delay } from "../http/mod.ts";

/** Bytes that are read at a time. */
const CHUNK = 2 ** 20;

/** Milliseconds between two looks at a lock. */
const LOCK_INTERVAL = 250;

/** The name of a file's content: its SHA-256, or Git's SHA-1 for what is not in large file storage. */
export function blobName({ sha256, blobId }: HubFile): string {
  return sha256 ?? blobId;
}

/** The digest of a file, to be fed with its content and compared with {@linkcode blobName}. */
export function contentHash({ sha256, size }: HubFile): Hash {
  return sha256 === undefined ? createHash("sha1").update(`blob ${size}\0`) : createHash("sha256");
}

/** Reads a file in chunks; each is valid until the next one is asked for. */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(CHUNK);
  for (let length = await file.read(buffer); length !== null; length = await file.read(buffer)) {
    yield buffer.subarray(0, length);
  }
}

/** What a look-up returns, or `undefined` for what is not there. */
export async function ifFound<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Notes something down for the next time, if the cache is ours to write in. */
async function unlessReadOnly(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (error instanceof Deno.errors.NotCapable || ["EACCES", "EPERM", "EROFS"].includes(String(code))) {
      return;
    }
    throw error;
  }
}

/** A lock that is held. */
class Lock implements Disposable {
  readonly #file: Deno.FsFile;
  constructor(file: Deno.FsFile) {
    this.#file = file;
  }
  [Symbol.dispose](): void {
    this.#file.close(); // which unlocks it
  }
}

/** The cache of one repository. */
export class HubCache {
  /** The repository's folder. */
  readonly folder: string;
  readonly #locks: string;

  /** Names a cache; nothing is made yet. */
  constructor(root: string, repository: HubRepository) {
    this.folder = join(root, cacheFolder(repository));
    this.#locks = join(root, ".locks", cacheFolder(repository));
  }

  /** The content of a file. */
  blob(file: HubFile): string {
    return join(this.folder, "blobs", blobName(file));
  }

  /** What has arrived of a file. */
  incomplete(file: HubFile): string {
    return `${this.blob(file)}.incomplete`;
  }

  /** The folder that shows a commit's files. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  /** The commit that a branch was last seen at. */
  async reference(revision: string): Promise<string | undefined> {
    const text = await ifFound(Deno.readTextFile(join(this.folder, "refs", ...revision.split("/"))));
    return text !== undefined && isCommit(text.trim()) ? text.trim() : undefined;
  }

  /** Remembers the commit of a branch. */
  async refer(revision: string, commit: string): Promise<void> {
    await unlessReadOnly(async () => {
      // Hugging Face's tools take a reference without a snapshot for damage.
      await Deno.mkdir(this.snapshot(commit), { recursive: true });
      await writeFileAtomic(join(this.folder, "refs", ...revision.split("/")), commit);
    });
  }

  /** The files of a commit, if they were listed before. */
  async listing(commit: string): Promise<HubFile[] | undefined> {
    const text = await ifFound(Deno.readTextFile(this.#own(`${commit}.json`)));
    return text === undefined ? undefined : parseListing(text);
  }

  /** Keeps the files of a commit. */
  async keepListing(commit: string, files: readonly HubFile[]): Promise<void> {
    await unlessReadOnly(() => writeFileAtomic(this.#own(`${commit}.json`), JSON.stringify(files) + "\n"));
  }

  /** The files of a commit that another tool brought: a link's target is named by its digest. */
  async linkedFiles(commit: string, folder = ""): Promise<HubFile[]> {
    const files: HubFile[] = [];
    const here = join(this.snapshot(commit), folder);
    const entries = await ifFound(Array.fromAsync(Deno.readDir(here))) ?? [];
    for (const { name, isDirectory, isSymlink } of entries) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (isDirectory) files.push(...await this.linkedFiles(commit, path));
      if (!isSymlink) continue;
      const digest = basename(await Deno.readLink(join(here, name)));
      const info = await ifFound(Deno.stat(join(this.folder, "blobs", digest)));
      if (!info?.isFile || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(digest)) continue;
      files.push({ path, size: info.size, sha256: isCommit(digest) ? undefined : digest, blobId: digest });
    }
    return files.sort((a, b) => a.path < b.path ? -1 : 1);
  }

  /**
   * Locks a file against other processes, Hugging Face's Python client among them; a process that dies lets go.
   *
   * @param onWait Called while another one holds the lock.
   */
  async lock(file: HubFile, onWait: () => void, signal?: AbortSignal): Promise<Disposable> {
    await Deno.mkdir(this.#locks, { recursive: true });
    const path = join(this.#locks, `${blobName(file)}.lock`);
    const opened = await Deno.open(path, { create: true, write: true });
    try {
      // Asked again and again, since a call that blocks could not be ended.
      while (!await opened.tryLock(true)) {
        onWait();
        await delay(LOCK_INTERVAL, signal);
      }
    } catch (error) {
      opened.close();
      throw error;
    }
    return new Lock(opened);
  }

  /**
   * Is a file's content there, and right? It is read once; then its size and time of change are trusted.
   *
   * @param onRead Told how many bytes were read, if it is read.
   */
  async has(
    file: HubFile,
    commit: string,
    recheck: boolean,
    onRead: (done: number) => void,
  ): Promise<boolean> {
    const info = await ifFound(Deno.stat(this.blob(file)));
    if (!info) return await this.#adopt(file, commit, onRead);
    if (!recheck && await ifFound(Deno.readTextFile(this.#mark(file))) === stamp(info)) return true;
    if (info.size !== file.size || !await isRight(this.blob(file), file, onRead)) return false;
    await unlessReadOnly(() => writeFileAtomic(this.#mark(file), stamp(info)));
    return true;
  }

  /** Removes content that is wrong. */
  async discard(file: HubFile): Promise<void> {
    await ifFound(Deno.remove(this.blob(file)));
  }

  /** Gives content that has arrived and was checked its name. */
  async accept(file: HubFile): Promise<void> {
    await Deno.rename(this.incomplete(file), this.blob(file));
    await writeFileAtomic(this.#mark(file), stamp(await Deno.stat(this.blob(file))));
  }

  /** Shows a file in the snapshot of a commit, and returns where. */
  async link(file: HubFile, commit: string): Promise<string> {
    const path = join(this.snapshot(commit), ...file.path.split("/"));
    const blob = this.blob(file);
    const [there, content] = await Promise.all([ifFound(Deno.stat(path)), Deno.stat(blob)]);
    if (there?.isFile && there.size === content.size) {
      const same = there.ino !== null && there.ino === content.ino && there.dev === content.dev;
      if (same || await isRight(path, file, () => {})) return path;
    }
    await Deno.mkdir(dirname(path), { recursive: true });
    const temporary = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
    try {
      await makeLink(blob, temporary);
      await Deno.rename(temporary, path);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {}); // the first error is the one to tell
      throw error;
    }
    // Renaming one hard link over another of the same file does nothing and leaves both.
    await ifFound(Deno.remove(temporary));
    return path;
  }

  /** Takes a file that another tool put into the snapshot without a blob, if it is right. */
  async #adopt(file: HubFile, commit: string, onRead: (done: number) => void): Promise<boolean> {
    const path = join(this.snapshot(commit), ...file.path.split("/"));
    const info = await ifFound(Deno.lstat(path));
    if (!info?.isFile || info.size !== file.size || !await isRight(path, file, onRead)) return false;
    await Deno.mkdir(dirname(this.blob(file)), { recursive: true });
    try {
      await Deno.link(path, this.blob(file));
    } catch {
      return false; // no hard links, or another process was first: then it is there at the next look
    }
    await writeFileAtomic(this.#mark(file), stamp(info));
    return true;
  }

  #mark(file: HubFile): string {
    return this.#own(`${blobName(file)}.checked`);
  }

  #own(name: string): string {
    return join(this.folder, ".bupo-bench", name);
  }
}

/** What of a file changes when its content does. */
function stamp({ size, mtime }: Deno.FileInfo): string {
  return `${size} bytes, changed ${mtime?.toISOString() ?? "at an unknown time"}\n`;
}

/** Has a file the digest that it should have? */
async function isRight(path: string, file: HubFile, onRead: (done: number) => void): Promise<boolean> {
  const hash = contentHash(file);
  let done = 0;
  for await (const chunk of readChunks(path)) {
    hash.update(chunk);
    onRead(done += chunk.length);
  }
  return hash.digest("hex") === blobName(file);
}

/** A symbolic link, as Hugging Face's tools make; where there are none or none are permitted, a hard link, else a copy. */
async function makeLink(target: string, path: string): Promise<void> {
  try {
    await Deno.symlink(relative(dirname(path), target), path, { type: "file" });
  } catch {
    await Deno.link(target, path).catch(() => Deno.copyFile(target, path));
  }
}

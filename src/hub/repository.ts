/**
 * Names on the Hub: repositories, revisions and paths that stay inside their cache folder.
 *
 * @module
 */

import { printable } from "../http/mod.ts";
import { HubError } from "./error.ts";

/** A repository of the Hub at a revision. */
export interface HubRepository {
  /** What it holds. */
  readonly type: "model" | "dataset";
  /** `organisation/name`, or `name` for the oldest ones. */
  readonly id: string;
  /** A branch, a tag, or a commit of 40 hexadecimal digits; only a commit always means the same files. */
  readonly revision: string;
}

/** A file of a repository at a commit. */
export interface HubFile {
  /** Its path in the repository, with slashes. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content, for files in large file storage. */
  readonly sha256: string | undefined;
  /** Git's SHA-1 of the file, or of its pointer if it is in large file storage. */
  readonly blobId: string;
}

/** Is a revision a commit? */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** A repository in words, for messages. */
export function repositoryName({ type, id, revision }: HubRepository): string {
  return `${type} ${printable(id)} at ${printable(revision)}`;
}

/** The page of a repository, where a licence is accepted. */
export function repositoryPage(endpoint: string, { type, id }: HubRepository): string {
  return `${endpoint}/${type === "model" ? "" : "datasets/"}${id}`;
}

/** The folder of a repository in the cache: `models--organisation--name`. */
export function cacheFolder({ type, id }: HubRepository): string {
  return [`${type}s`, ...id.split("/")].join("--");
}

/** Longest path in UTF-16 units. */
const LONGEST_PATH = 1024;

/** Longest address of a redirect without its query. */
const LONGEST_ADDRESS = 4096;

/** What is wrong with a path that shall stay below a folder on any operating system. */
function pathFault(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (path.length > LONGEST_PATH) return `it is longer than ${LONGEST_PATH} characters`;
  if (/[\p{Cc}\\]/u.test(path)) return "it holds a backslash or a control character";
  if (path.startsWith("/") || path.split("/").some((part) => /^[A-Za-z]:/.test(part))) {
    return "it is absolute";
  }
  if (path.split("/").some((part) => part === ".." || part === "." || part === "")) {
    return "it leaves the repository";
  }
  return undefined;
}

/** A text and what decoding its percent signs makes of it, again and again; only ASCII can lead anywhere. */
function decodings(text: string): string[] {
  const decoded = text.replace(/%([0-7][0-9a-f])/gi, (_, code) => String.fromCharCode(parseInt(code, 16)));
  return decoded === text ? [text] : [text, ...decodings(decoded)];
}

/**
 * Checks that a path stays inside its repository, also for whoever decodes its percent signs.
 *
 * @throws {HubError} If it does not.
 */
export function checkPath(path: string, task: string): void {
  // A long one is not decoded: "%25252525…" would take its time.
  const texts = path.length > LONGEST_PATH ? [path] : decodings(path);
  const [fault] = texts.flatMap((text) => pathFault(text) ?? []);
  if (fault) throw new HubError(`Cannot ${task}: the path "${printable(path)}" is refused, ${fault}`);
}

/** Does an address lead upwards, as it is written or decoded? */
export function climbs(address: string): boolean {
  if (address.length > LONGEST_ADDRESS) return true;
  return decodings(address).some((text) => /[\p{Cc}\\]|(^|\/)\.\.(\/|$)/u.test(text));
}

/**
 * Checks the names in a repository.
 *
 * @throws {HubError} If the id or the revision is none the Hub can have.
 */
export function checkRepository({ type, id, revision }: HubRepository): void {
  const task = `use the ${type} "${printable(id)}"`;
  if (!/^(?:\w(?:[\w.-]*\w)?\/)?\w(?:[\w.-]*\w)?$/.test(id) || /\.\.|--/.test(id) || id.length > 193) {
    throw new HubError(
      `Cannot ${task}: expected "organisation/name" of letters, digits and single "-", "_", "."`,
    );
  }
  if (!/^[\w./+-]+$/.test(revision) || /\.lock(\/|$)/.test(revision) || revision.length > 255) {
    throw new HubError(`Cannot ${task}: "${printable(revision)}" is no branch, tag or commit`);
  }
  checkPath(revision, task);
}

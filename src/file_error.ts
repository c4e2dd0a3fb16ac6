/**
 * Errors of the file system that say which file, how large and what to do, instead of "No space left on device".
 *
 * @module
 */

/** What to do about an error, by words of the operating system's message. */
const advice: readonly (readonly [RegExp, string])[] = [
  [
    /no space left|disk quota/i,
    "free some space and run the same command again: nothing that was recorded is lost",
  ],
  [/read-only file system|permission denied|os error 13/i, "choose a folder that can be written"],
  [/is a directory|not a directory|os error 2[01]/i, "remove what lies there, or choose another folder"],
  [/too many open files/i, "raise the limit of open files"],
];

/** Why a path cannot be opened, by the class of the error. */
const reasons: Readonly<Record<string, string>> = {
  NotFound: "it does not exist",
  PermissionDenied: "access is refused",
  NotCapable: "access is refused",
  IsADirectory: "it is a directory",
  NotADirectory: "what should be a folder above it is a file",
  FilesystemLoop: "links lead in a circle",
};

/** Why a path cannot be opened, in a few words. */
export function pathFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = Object.hasOwn(reasons, error.name) ? reasons[error.name] : undefined;
  return known ?? error.message.split(/: \w+ '/)[0] ?? "";
}

/**
 * An error of the file system with the file's path and size in its message. Its class stays; what is no such error is
 * returned as it is.
 *
 * @param action What was tried, such as `write`.
 * @param bytes How many bytes were to be written, where that is known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fileError } from "./file_error.ts";
 *
 * const told = fileError("write", "a/b", new Error("No space left on device (os error 28)"), 3);
 * const start = "Cannot write a/b (3 bytes): No space left on device (os error 28); free some space";
 * assertEquals(told.message.slice(0, start.length), start);
 * ```
 */
export function fileError(action: string, path: string, error: unknown, bytes?: number): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const system = Object.values(Deno.errors).some((known) => error instanceof known);
  if (!system && !/\(os error \d+\)/.test(error.message)) return error;
  // Deno adds the system call and its path, which may be a temporary name.
  const [reason = ""] = error.message.split(/: (?:open|mkdir|rename|stat|lstat|readdir|remove|readfile) /);
  const size = bytes ? ` (${bytes} bytes)` : "";
  const todo = advice.find(([words]) => words.test(error.message))?.[1];
  const message = `Cannot ${action} ${path}${size}: ${reason}${todo === undefined ? "" : `; ${todo}`}`;
  const Kind = error.constructor as new (message: string, options: ErrorOptions) => Error;
  return new Kind(message, { cause: error });
}

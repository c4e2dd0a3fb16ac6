/**
 * Whether the process that the user started is still there. `deno` from npm is a Node program that starts the real one,
 * and `deno task` another; a signal that ends one of those reaches no further, and what they started would compute on
 * for nobody.
 *
 * @module
 */

/** A process: its number, and when it started, as numbers are given again. */
interface Process {
  readonly id: number;
  readonly parent: number;
  readonly started: string;
  /** The words of its command line. */
  readonly words: readonly string[];
}

/** The longest file that is read of a process. */
const LONGEST = 1 << 16;

/**
 * Reads a file of /proc. Deno opens none of them without every permission, but a command that computes may call C.
 */
function procReader(): ((path: string) => string | undefined) & Disposable {
  const library = Deno.dlopen("libc.so.6", {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const read = (path: string): string | undefined => {
    const file = library.symbols.open(new TextEncoder().encode(`${path}\0`), 0);
    if (file < 0) return undefined;
    const bytes = new Uint8Array(LONGEST),
      length = Number(library.symbols.read(file, bytes, BigInt(LONGEST)));
    library.symbols.close(file);
    return new TextDecoder().decode(bytes.subarray(0, Math.max(0, length)));
  };
  return Object.assign(read, { [Symbol.dispose]: () => library.close() });
}

/** A running process; `undefined` where it is gone. */
function processOf(read: (path: string) => string | undefined, id: number): Process | undefined {
  const stat = read(`/proc/${id}/stat`), words = read(`/proc/${id}/cmdline`)?.split("\0") ?? [];
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", parent = "0"] = fields, started = fields[19] ?? "";
  return state === "Z" || state === "X" ? undefined : { id, parent: Number(parent), started, words };
}

/**
 * Is this the command line of a program that only starts Deno: Deno itself, npm's program for it, npx, or the shell that
 * npx runs it in? A shell or a scheduler that somebody works with is none.
 */
export function startsDeno(words: readonly string[]): boolean {
  const [program = "", ...rest] = words, name = program.split("/").at(-1) ?? "";
  const deno = (word: string): boolean => /(^|\/)deno(@[\w.]+)?(\/bin\.cjs)?$/.test(word);
  if (deno(name)) return true;
  if (name === "node") return rest.some((word) => deno(word) || /(^|\/)npx(-cli\.js)?$/.test(word));
  if (name.startsWith("npm") || name.startsWith("npx")) return true; // npm names its process so: "npm exec deno@2.9.6 task"
  return name === "sh" && rest[0] === "-c" && deno(rest[1]?.split(" ")[0]?.replace(/["']/g, "") ?? "");
}

/** The processes above this one, as long as they only start Deno. */
function starters(read: (path: string) => string | undefined): Process[] {
  const found: Process[] = [];
  for (let id = Deno.ppid; id > 1;) {
    const process = processOf(read, id);
    if (!process || !startsDeno(process.words)) break;
    found.push(process);
    id = process.parent;
  }
  return found;
}

/**
 * Watches the processes that started this one.
 *
 * @returns Asks whether one of them has gone. Always false where nobody tells: on other systems than Linux with glibc, and
 * without permission to call C.
 */
export function parentGone(): (() => boolean) & Disposable {
  try {
    const read = procReader(), watched = starters(read);
    const gone = (): boolean => watched.some(({ id, started }) => processOf(read, id)?.started !== started);
    return Object.assign(gone, { [Symbol.dispose]: () => read[Symbol.dispose]() });
  } catch {
    return Object.assign(() => false, { [Symbol.dispose]: () => {} });
  }
}

/**
 * Ends this process without running what libraries do at its end: while threads compute, they would lose the memory that
 * they compute in, and the process would end by a segmentation fault instead of with its exit code.
 */
export function leaveNow(code: number): never {
  try {
    const library = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
      _exit: { parameters: ["i32"], result: "void" },
    });
    library.symbols._exit(code);
  } catch {
    // Without permission to call C nothing computes that could be lost.
  }
  Deno.exit(code);
}

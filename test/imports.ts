/**
 * The source files, and which of them imports which: what the tests of the floors and of the architecture look at.
 *
 * @module
 */

/** The repository's folder. */
export const root = new URL("../", import.meta.url);

/** One import of a project file by another. */
export interface Import {
  readonly from: string;
  readonly to: string;
  /** What is imported by name; none where all is. */
  readonly names: readonly string[];
}

function sourceFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) return sourceFiles(`${path}/`);
    return /\.(ts|js|css)$/.test(path) ? [path] : [];
  }).sort();
}

/** The command line, its commands and all of `src`, by paths from the repository's folder. */
export const files: readonly string[] = ["main.ts", ...sourceFiles("tasks/"), ...sourceFiles("src/")];

/** The text of every file. */
export const texts: ReadonlyMap<string, string> = new Map(
  files.map((file) => [file, Deno.readTextFileSync(new URL(file, root))]),
);

const statement =
  /\b(?:import|export)\s+(?:type\s)?([^;"'()]*?)\bfrom\s*"([^"]+)"|(?:\bconst\s*(\{[^}]*\})\s*=\s*await\s+)?\bimport\s*\(?\s*"([^"]+)"/g;

/** The braced names of a clause, as the imported file has them. */
function namesOf(clause: string): string[] {
  const names = /\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(",") ?? [];
  return names.map((name) => name.trim().replace(/^type /, "").replace(/ as .*$/, "")).filter(Boolean);
}

/** The imports of project files in a text; data does not count, nor do examples in comments. */
export function importsOf(from: string, text: string): Import[] {
  return [...text.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(statement)].flatMap((match) => {
    const specifier = match[2] ?? match[4] ?? "";
    if (!specifier.startsWith(".") || specifier.endsWith(".json")) return [];
    const to = new URL(specifier, new URL(from, root)).href.slice(root.href.length);
    return [{ from, to, names: namesOf(match[1] ?? match[3] ?? "") }];
  });
}

/** All imports of project files by each other. */
export const imports: readonly Import[] = files.flatMap((file) => importsOf(file, texts.get(file) ?? ""));

/** The room of a file: a folder of `src`, `tasks`, or `main.ts`; files of `src` itself are leaf modules. */
export function roomOf(file: string): string {
  const [top = "", room = ""] = file.split("/");
  if (top !== "src") return top;
  return room.endsWith(".ts") ? "leaf modules" : room;
}

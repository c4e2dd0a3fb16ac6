/**
 * `deno task doc-lint`: is every public symbol documented, of `main.ts`, the files of `src` itself, and every room's face?
 *
 * @module
 */

import { print } from "../tasks/shared/command.ts";

/** Types of libraries that faces name; they are documented where they are made. */
const LIBRARY_TYPES = new Set(["ZodType", "BigNumber", "Complex", "Plugin"]);

/** The faces of all rooms in a folder, however deep, and the files of `src` itself. */
function facesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return facesIn(path);
    return name === "mod.ts" || (folder === "src" && name.endsWith(".ts")) ? [path] : [];
  });
}

/** Looks at all of them and returns the exit code. */
async function lint(): Promise<number> {
  const args = ["doc", "--lint", "main.ts", ...facesIn("src").toSorted()];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
  const text = new TextDecoder().decode(stderr);
  const errors = text.split(/^(?=error)/m).filter((part) => /^error\[/.test(part));
  const own = errors.filter((error) =>
    !LIBRARY_TYPES.has(/^.* references private type '(\w+)'/.exec(error)?.[1] ?? "")
  );
  // What is no list of errors is a failure of another kind.
  const failed = own.length > 0 || (code !== 0 && errors.length === 0);
  if (failed) print(own.length > 0 ? `${own.join("").trim()}\n\n${own.length} errors` : text);
  return failed ? 1 : 0;
}

if (import.meta.main) Deno.exit(await lint());

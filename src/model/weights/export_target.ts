/**
 * Where a model directory may be written: nowhere that weights lie which nobody exported.
 *
 * @module
 */

/** The file that tells an exported directory from another one. */
export const EXPORT_MARK = "bupo_export.json";

/** What a model directory has. */
const MODEL_FILE = /^(config\.json|tokenizer\.json|.*\.(safetensors|bin|gguf|pt|pth))$/;

async function realPath(path: string): Promise<string | undefined> {
  return await Deno.realPath(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
}

/** The names of a folder's entries; none if there is no such folder. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * Refuses to write a model over the one it was made from, or over one that was not exported.
 *
 * @param base The directory of the model that was trained, where it is known.
 * @throws {RangeError} If such a model lies there: one line that says what to do.
 */
export async function checkExportTarget(directory: string, base: string | undefined): Promise<void> {
  const advice = "write somewhere else, or give it up with --replace";
  const place = await realPath(directory);
  if (place === undefined) return;
  if (base !== undefined && await realPath(base) === place) {
    throw new RangeError(`Cannot export to ${directory}: it is the folder of the base model; ${advice}`);
  }
  if (!(await Deno.stat(place)).isDirectory) {
    throw new RangeError(`Cannot export to ${directory}: a file lies there; name a folder`);
  }
  const names = await namesIn(directory), model = names.find((name) => MODEL_FILE.test(name));
  if (model === undefined || names.includes(EXPORT_MARK)) return;
  throw new RangeError(
    `Cannot export to ${directory}: ${model} of another model lies there, which no export wrote; ${advice}`,
  );
}

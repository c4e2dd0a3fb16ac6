/**
 * Files of one's own that a profile names, read into it: modules of rewards and estimators, and rows of methods. A resolved
 * profile holds their content, so that it runs anywhere and its result says what ran.
 *
 * @module
 */

import { basename, dirname, extname, resolve } from "node:path";
import { z } from "zod";
import { checked } from "../../checked_json.ts";
import { isModuleFile, type OwnModule, readModule } from "../../module/mod.ts";
import { checkModule, Sandbox } from "../../reward/mod.ts";
import { methodFields } from "../../rl/mod.ts";
import type { ProfileText } from "./chain.ts";
import { rowName } from "./methods.ts";
import { isObject, type Json } from "./merge.ts";

const isRowFile = (path: string): boolean => path.endsWith(".json");

/** A row in a file. */
const rowFile = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  row: rowName.optional(),
  ...methodFields,
}).refine(({ row, estimator }) => row !== undefined || estimator !== undefined, {
  path: ["row"],
  message: "expected the row that it starts from, or an estimator",
});

/** Reads modules, each once, and checks that they export what they must. */
class Reader implements Disposable {
  readonly #modules = new Map<string, Promise<OwnModule>>();
  #sandbox: Sandbox | undefined;

  module(file: string, folder: string): Promise<OwnModule> {
    const path = resolve(folder, file), known = this.#modules.get(path);
    const read = known ?? this.#read(file, folder);
    this.#modules.set(path, read);
    return read;
  }

  [Symbol.dispose](): void {
    this.#sandbox?.[Symbol.dispose]();
  }

  async #read(file: string, folder: string): Promise<OwnModule> {
    const module = await readModule(file, folder);
    await checkModule(this.#sandbox ??= new Sandbox(), module);
    return module;
  }
}

/** A reward whose modules were read. */
async function readReward(reward: unknown, folder: string, reader: Reader): Promise<unknown> {
  if (Array.isArray(reward)) {
    return await Promise.all(reward.map((each) => readReward(each, folder, reader)));
  }
  if (typeof reward === "string" && isModuleFile(reward)) {
    return { module: await reader.module(reward, folder) };
  }
  if (!isObject(reward) || typeof reward.module !== "string") return reward;
  return { ...reward, module: await reader.module(reward.module, folder) };
}

/** A method's fields whose modules were read. */
async function readFields(fields: Json, folder: string, reader: Reader): Promise<Json> {
  const { estimator, reward } = fields;
  const own = isObject(estimator) && typeof estimator.module === "string"
    ? { estimator: { kind: "own", ...estimator, module: await reader.module(estimator.module, folder) } }
    : {};
  const earned = reward === undefined ? {} : { reward: await readReward(reward, folder, reader) };
  return { ...fields, ...own, ...earned };
}

/** A name of a method from that of its file. */
function nameOf(file: string): string {
  return basename(file, extname(file)).toLowerCase().replace(/[^a-z0-9_.-]/g, "-");
}

/** What a row's file says: a row as JSON, or a module with an estimator. */
async function readRow(file: string, folder: string, reader: Reader): Promise<Json> {
  if (isModuleFile(file)) {
    return { name: nameOf(file), estimator: { kind: "own", module: await reader.module(file, folder) } };
  }
  const path = resolve(folder, file);
  let document: unknown;
  try {
    document = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    throw new SyntaxError(`Cannot read the method ${file}: ${reason}`);
  }
  const fields = isObject(document) ? await readFields(document, dirname(path), reader) : document;
  const { $schema: _, description: __, ...row } = checked(rowFile, fields, file);
  return { ...row, name: row.name ?? nameOf(file) };
}

async function readMethod(method: unknown, folder: string, reader: Reader): Promise<unknown> {
  const isFile = (text: unknown): text is string =>
    typeof text === "string" && (isRowFile(text) || isModuleFile(text));
  if (isFile(method)) return await readRow(method, folder, reader);
  if (!isObject(method)) return method;
  const fields = await readFields(method, folder, reader);
  if (!isFile(fields.row)) return fields;
  const { row, ...own } = fields;
  return { ...await readRow(row, folder, reader), ...own };
}

/** The fields of a profile, or of a variant's changes, with the files that they name. */
async function readProfileFields(fields: Json, folder: string, reader: Reader): Promise<Json> {
  const { reward, methods } = fields;
  return {
    ...fields,
    ...(reward === undefined ? {} : { reward: await readReward(reward, folder, reader) }),
    ...(Array.isArray(methods)
      ? { methods: await Promise.all(methods.map((each) => readMethod(each, folder, reader))) }
      : {}),
  };
}

/**
 * A profile's file with the content of the files that it names, which are relative to it.
 *
 * @throws {SyntaxError} If one of them cannot be read, or is no row.
 * @throws {OwnModuleError} If a module cannot be loaded, or its default export is no function.
 */
export async function withOwnFiles({ text, source }: ProfileText): Promise<ProfileText> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { text, source }; // whoever reads the profile says what is wrong with it
  }
  if (!isObject(document)) return { text, source };
  using reader = new Reader();
  const folder = dirname(source), fields = await readProfileFields(document, folder, reader);
  const { variants } = fields;
  const read = isObject(variants)
    ? {
      variants: Object.fromEntries(
        await Promise.all(
          Object.entries(variants).map(async ([name, variant]) => {
            if (!isObject(variant) || !isObject(variant.changes)) return [name, variant];
            return [name, { ...variant, changes: await readProfileFields(variant.changes, folder, reader) }];
          }),
        ),
      ),
    }
    : {};
  return { text: JSON.stringify({ ...fields, ...read }), source };
}

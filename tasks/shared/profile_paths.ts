/**
 * Paths in profiles: relative ones are relative to the profile that says them, wherever a command is called.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { ownSuite, withSuitePath } from "../../src/suite_name.ts";

/** A JSON object. */
type Json = Readonly<Record<string, unknown>>;

/** What becomes of a value that holds paths. */
type Place = (value: unknown, folder: string) => unknown;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path with the user's own folder in place of `~`. */
export function fromHome(path: string): string {
  if (path !== "~" && !/^~[\\/]/.test(path)) return path;
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  return home === undefined ? path : join(home, path.slice(1));
}

/** A path that a file in a folder says. */
export function placed(path: string, folder: string): string {
  const own = fromHome(path);
  return isAbsolute(own) ? own : join(folder, own);
}

/**
 * A model's folder as an absolute path. What does not lie beside a profile keeps its name, and is looked for in this
 * program: the embedded model is `benchmarks/model` in every profile.
 */
function placedModel(path: string, folder: string): string {
  const beside = placed(path, folder);
  return isAbsolute(fromHome(path)) || existsSync(beside) ? resolve(beside) : path;
}

/** A suite of one's own; others are names. */
export function placedSuite(text: string, folder: string): string {
  const own = ownSuite(text);
  return own ? withSuitePath(text, placed(own.path, folder)) : text;
}

/**
 * A Jinja template: the text of a file, or the text itself.
 *
 * @throws {RangeError} If there is no such file.
 */
function readTemplate(path: string, folder: string): string {
  if (!/^[^\n{}]+\.(jinja2?|j2)$/.test(path)) return path;
  try {
    return readFileSync(placed(path, folder), "utf8");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new RangeError(
      `Cannot read the template ${
        placed(path, folder)
      }: there is no such file; it is looked for beside the profile`,
    );
  }
}

const text = (place: (path: string, folder: string) => string): Place => (value, folder) =>
  typeof value === "string" ? place(value, folder) : value;

const list = (place: Place): Place => (value, folder) =>
  Array.isArray(value) ? value.map((each) => place(each, folder)) : value;

/** The fields that hold paths; a new one is an entry here. */
const PATHS: Readonly<Record<string, Place>> = {
  model: text(placedModel),
  "training.suites": list(text(placedSuite)),
  "evaluation.suites": list(text(placedSuite)),
  "wording.template": text(readTemplate),
};

function placedFields(document: Json, folder: string, before = ""): Json {
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => {
      const path = `${before}${key}`, place = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
      if (place) return [key, place(value, folder)];
      return [key, isObject(value) ? placedFields(value, folder, `${path}.`) : value];
    }),
  );
}

/** A profile's document whose paths mean the same wherever it is read, those of its variants too. */
export function placedPaths(document: unknown, folder: string): unknown {
  if (!isObject(document)) return document;
  const { variants, ...fields } = placedFields(document, folder);
  if (!isObject(variants)) return variants === undefined ? fields : { ...fields, variants };
  const placedVariants = Object.entries(variants).map(([name, variant]) => {
    const changes = isObject(variant) && isObject(variant.changes)
      ? { changes: placedFields(variant.changes, folder) }
      : {};
    return [name, isObject(variant) ? { ...variant, ...changes } : variant];
  });
  return { ...fields, variants: Object.fromEntries(placedVariants) };
}

/**
 * The files of a tokenizer in the Hugging Face layout, read leniently: what some releases leave out or write another way
 * is put into the form that the tokenizer library expects.
 *
 * @module
 */

import { type ConfigDocument, isObject } from "../config/mod.ts";

/** The text of a file; `undefined` if there is none. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Reads a JSON object of a model directory; `undefined` if there is no such file. */
async function readObject(directory: string, name: string): Promise<ConfigDocument | undefined> {
  const text = await readText(`${directory}/${name}`);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const what = text.startsWith("version https://git-lfs.")
      ? "it is a Git LFS pointer, not the file that it stands for; fetch that with `git lfs pull`, or download it"
      : "it is not JSON";
    throw new SyntaxError(`Cannot read ${directory}/${name}: ${what}`, { cause: error });
  }
  if (!isObject(value)) throw new TypeError(`Cannot read ${directory}/${name}: expected a JSON object`);
  return value;
}

/** The files of a tokenizer. */
export interface TokenizerSources {
  /** `tokenizer.json`. */
  readonly tokenizer: ConfigDocument;
  /** `tokenizer_config.json`, with the special tokens as texts. */
  readonly config: ConfigDocument;
  /** The chat template, if there is one. */
  readonly template: string | undefined;
  /** The end tokens of `generation_config.json`, then those of `config.json`. */
  readonly endIds: readonly number[];
}

/** Reads the files of a tokenizer; errors as `loadTokenizer` documents them. */
export async function readTokenizerFiles(directory: string): Promise<TokenizerSources> {
  const [tokenizer, config, special, generation, model, template] = await Promise.all([
    readObject(directory, "tokenizer.json"),
    readObject(directory, "tokenizer_config.json"),
    readObject(directory, "special_tokens_map.json"),
    readObject(directory, "generation_config.json"),
    readObject(directory, "config.json"),
    readText(`${directory}/chat_template.jinja`),
  ]);
  if (!tokenizer || !config) {
    const missing = tokenizer ? "tokenizer_config.json" : "tokenizer.json";
    throw new Deno.errors.NotFound(`Cannot load the tokenizer of ${directory}: it has no ${missing}`);
  }
  return {
    // What some files leave out, and the library insists on.
    tokenizer: {
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
      added_tokens: [],
      ...tokenizer,
    },
    config: { ...config, ...specialTokens(config, special ?? {}), clean_up_tokenization_spaces: false },
    template: chatTemplate(directory, template ?? config.chat_template),
    endIds: [
      ...configuredEndIds(`${directory}/generation_config.json`, generation ?? {}),
      ...configuredEndIds(`${directory}/config.json`, model ?? {}),
    ],
  };
}

/** The roles of special tokens; templates know them by these names. */
export const SPECIAL_TOKENS = [
  "bos_token",
  "eos_token",
  "pad_token",
  "unk_token",
  "sep_token",
  "cls_token",
  "mask_token",
] as const;

/** The special tokens by role, which files give as texts or as objects, in one file or the other. */
function specialTokens(config: ConfigDocument, special: ConfigDocument): Record<string, string> {
  const named: Record<string, string> = {};
  for (const role of SPECIAL_TOKENS) {
    const value = config[role] ?? special[role];
    const content = isObject(value) ? value.content : value;
    if (typeof content === "string") named[role] = content;
  }
  return named;
}

/**
 * The chat template: of `chat_template.jinja`, which goes before `tokenizer_config.json` as in transformers, or of the
 * latter, where it is a text or a list of named ones.
 */
function chatTemplate(directory: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const named = Array.isArray(value)
    ? value.filter(isObject).find(({ name }) => name === "default")?.template
    : value;
  if (typeof named !== "string") {
    throw new TypeError(
      `Cannot load the tokenizer of ${directory}: chat_template is neither a text nor a list with a "default"`,
    );
  }
  // Undefined, as in the template engines that do not know today's date; the line break is swallowed by the block.
  return named.includes("strftime_now") ? `{% set strftime_now = no_date_here %}\n${named}` : named;
}

/** The ids in `eos_token_id` of a file, which may be one number, a list, or absent. */
function configuredEndIds(path: string, { eos_token_id: ids }: ConfigDocument): number[] {
  return [ids ?? []].flat().map((id) => {
    if (typeof id === "number" && Number.isSafeInteger(id) && id >= 0) return id;
    throw new TypeError(
      `Cannot use ${path}: eos_token_id is ${JSON.stringify(id)}, expected token ids`,
    );
  });
}

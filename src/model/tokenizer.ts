/**
 * Tokenizers and chat templates of model directories in the Hugging Face layout.
 *
 * @module
 */

/** A message of a conversation. */
export interface Message {
  /** Who speaks. */
  readonly role: "system" | "user" | "assistant";
  /** What is said. */
  readonly content: string;
}

/** How ids are turned into text. */
export interface DecodeOptions {
  /** Leave special tokens out; default false. */
  readonly skipSpecialTokens?: boolean;
}

/** Turns text into token ids and back. */
export interface Tokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** The id that fills the unused places of a batch. */
  readonly padId: number;
  /** The ids that end a completion. */
  readonly endIds: readonly number[];
  /** The ids of a text, without any added start or end token; special tokens in the text are recognised. */
  encode(text: string): number[];
  /** The text of ids. */
  decode(ids: readonly number[], options?: DecodeOptions): string;
  /** The ids of a conversation in the model's chat template, up to where the assistant's answer begins. */
  prompt(messages: readonly Message[]): number[];
}

/** Reads a JSON object of a model directory; `undefined` if there is no such file. */
async function readObject(directory: string, name: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(`${directory}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${directory}/${name}: it is not JSON`, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`Cannot read ${directory}/${name}: expected a JSON object`);
  }
  return value as Record<string, unknown>;
}

/** The ids in `eos_token_id` of a `generation_config.json`, which may be one number, a list, or absent. */
function generationEndIds(config: Readonly<Record<string, unknown>> | undefined): number[] {
  return [config?.eos_token_id].flat().filter((id) => typeof id === "number");
}

/**
 * Loads `tokenizer.json`, `tokenizer_config.json` and the end tokens of `generation_config.json`, if there is one,
 * from a model directory. Reads nothing else and never the network.
 *
 * @throws {Deno.errors.NotFound} If one of the two tokenizer files is missing.
 * @throws {SyntaxError} If a file is not JSON.
 * @throws {TypeError} If a file is no JSON object, or no end token is named.
 *
 * @example The embedded model's tokenizer keeps digits apart
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { loadTokenizer } from "./tokenizer.ts";
 *
 * const tokenizer = await loadTokenizer("benchmarks/model");
 * assertEquals(tokenizer.encode("147 mod 8").map((id) => tokenizer.decode([id])), ["1", "4", "7", " mod ", "8"]);
 * ```
 */
export async function loadTokenizer(directory: string): Promise<Tokenizer> {
  const [files, config, generation] = await Promise.all([
    readObject(directory, "tokenizer.json"),
    readObject(directory, "tokenizer_config.json"),
    readObject(directory, "generation_config.json"),
  ]);
  if (!files || !config) {
    const missing = files ? "tokenizer_config.json" : "tokenizer.json";
    throw new Deno.errors.NotFound(`Cannot load the tokenizer of ${directory}: it has no ${missing}`);
  }
  // Loaded late: the library brings native modules, which commands without a model need not load.
  const { PreTrainedTokenizer } = await import("@huggingface/transformers");
  const tokenizer = new PreTrainedTokenizer(files, { ...config, clean_up_tokenization_spaces: false });
  const named: unknown = tokenizer.eos_token_id;
  const endIds = [
    ...new Set([...(typeof named === "number" ? [named] : []), ...generationEndIds(generation)]),
  ];
  const [firstEnd] = endIds;
  if (firstEnd === undefined) {
    throw new TypeError(
      `Cannot load the tokenizer of ${directory}: tokenizer_config.json names no eos_token`,
    );
  }
  const pad: unknown = tokenizer.pad_token_id;
  return {
    vocabularySize: 1 + [...tokenizer.get_vocab().values()].reduce((a, b) => Math.max(a, b), -1),
    padId: typeof pad === "number" ? pad : firstEnd,
    endIds,
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }),
    decode: (ids, { skipSpecialTokens = false } = {}) =>
      ids.length === 0 ? "" : tokenizer.decode([...ids], { skip_special_tokens: skipSpecialTokens }),
    prompt: (messages) =>
      tokenizer.apply_chat_template([...messages], {
        add_generation_prompt: true,
        return_tensor: false,
        return_dict: false,
      }),
  };
}

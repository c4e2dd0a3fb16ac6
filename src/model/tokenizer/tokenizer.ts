/**
 * Tokenizers and chat templates of model directories in the Hugging Face layout.
 *
 * @module
 */

import { readTokenizerFiles, SPECIAL_TOKENS } from "./tokenizer_files.ts";
import { compileTemplate } from "./template.ts";

/** A message of a conversation. */
export interface Message {
  /** Who speaks. */
  readonly role: "system" | "user" | "assistant";
  /** What is said. */
  readonly content: string;
}

/** Variables of a chat template, such as Qwen3's `enable_thinking`; a template that does not know one refuses it. */
export type ChatOptions = Readonly<Record<string, boolean | number | string>>;

/** A template in place of the model's own. */
export interface OwnTemplate {
  /** Its text. */
  readonly text: string;
  /** What it is given besides what every chat template is. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** How ids are turned into text. */
export interface DecodeOptions {
  /** Leave special tokens out; default false. */
  readonly skipSpecialTokens?: boolean;
}

/** Turns text into token ids and back. */
export interface Tokenizer {
  /** One more than the largest id. A model may have more: embeddings are padded to round sizes. */
  readonly vocabularySize: number;
  /** The id that fills the unused places of a batch. */
  readonly padId: number;
  /** The ids that end a completion: the tokenizer's end token, then those of `generation_config.json` and `config.json`. */
  readonly endIds: readonly number[];
  /** The ids of a text, without any added start or end token; special tokens in the text are recognised. */
  encode(text: string): number[];
  /** The text of ids. An id that stands for no text, as a model samples when it has more than the tokenizer, has none. */
  decode(ids: readonly number[], options?: DecodeOptions): string;
  /**
   * The ids of a conversation in the model's chat template, up to where the assistant's answer begins. A start token is
   * there if the template writes one. Templates that ask for the date get none: a prompt is the same every day.
   *
   * @param own A template in place of the model's.
   * @throws {TypeError} If the model has no chat template.
   * @throws {RangeError} If the template does not know one of the options.
   * @throws {SyntaxError} If the template is malformed or refuses the conversation.
   */
  prompt(messages: readonly Message[], options?: ChatOptions, own?: OwnTemplate): number[];
  /** The ids of a prompt without chat markup, with the start token that the tokenizer puts before a text, if any. */
  promptText(text: string): number[];
}

/** Token ids, and whether some were cut off. */
export interface TruncatedTokens {
  /** The ids that are left. */
  readonly tokens: number[];
  /** Whether there were more. */
  readonly truncated: boolean;
}

/**
 * Keeps the last ids, as the reference code does with prompts that are too long (`truncation=left`).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { truncateLeft } from "./tokenizer.ts";
 *
 * assertEquals(truncateLeft([1, 2, 3], 2), { tokens: [2, 3], truncated: true });
 * ```
 */
export function truncateLeft(ids: readonly number[], limit: number): TruncatedTokens {
  return { tokens: ids.slice(Math.max(0, ids.length - limit)), truncated: ids.length > limit };
}

/** The first line of what went wrong in the library. */
function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split(/[\r\n\u2028\u2029]/, 1)[0] ?? "";
}

/**
 * Loads a tokenizer from a model directory: `tokenizer.json`, `tokenizer_config.json` and, where there are such files,
 * `special_tokens_map.json`, the end tokens of `generation_config.json` and `config.json`, and `chat_template.jinja`. Reads nothing else
 * and never the network.
 *
 * @throws {Deno.errors.NotFound} If one of the first two files is missing.
 * @throws {SyntaxError} If a file is not JSON, or `tokenizer.json` describes no tokenizer that the library knows.
 * @throws {TypeError} If a file is no JSON object, a field has another type, or no end token is named.
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
  const { tokenizer: files, config, template, endIds: generationEndIds } = await readTokenizerFiles(
    directory,
  );
  // Loaded late: the library brings native modules, which commands without a model need not load.
  const { PreTrainedTokenizer } = await import("@huggingface/transformers");
  const tokenizer = ((): InstanceType<typeof PreTrainedTokenizer> => {
    try {
      return new PreTrainedTokenizer(files, { ...config, chat_template: template });
    } catch (error) {
      throw new SyntaxError(`Cannot use ${directory}/tokenizer.json: ${reason(error)}`, { cause: error });
    }
  })();
  const end: unknown = tokenizer.eos_token_id;
  const endIds = [
    ...new Set([...(typeof end === "number" ? [end] : []), ...generationEndIds]),
  ];
  const [firstEnd] = endIds;
  if (firstEnd === undefined) {
    throw new TypeError(
      `Cannot load the tokenizer of ${directory}: tokenizer_config.json names no eos_token`,
    );
  }
  // Some classes add the start token by this flag, whatever tokenizer.json says.
  const start: unknown = config.add_bos_token === true ? tokenizer.bos_token_id : undefined;
  const pad: unknown = tokenizer.pad_token_id;
  const named = Object.fromEntries(
    SPECIAL_TOKENS.flatMap((role) => typeof config[role] === "string" ? [[role, config[role]]] : []),
  );
  const compiled = new Map<string, ReturnType<typeof compileTemplate>>();
  let vocabularySize = 0;
  for (const id of tokenizer.get_vocab().values()) vocabularySize = Math.max(vocabularySize, id + 1);
  return {
    vocabularySize,
    padId: typeof pad === "number" ? pad : firstEnd,
    endIds,
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }),
    decode: (ids, { skipSpecialTokens = false } = {}) =>
      ids.length === 0 ? "" : tokenizer.decode([...ids], { skip_special_tokens: skipSpecialTokens }),
    prompt: (messages, options = {}, own) => {
      const source = own?.text ?? template;
      if (source === undefined) {
        throw new TypeError(
          `Cannot make a prompt: the model in ${directory} has no chat template; choose a prompt of plain text`,
        );
      }
      const place = own ? "template of the profile's wording" : `chat template in ${directory}`;
      for (const name of Object.keys(options)) {
        if (!source.includes(name)) {
          throw new RangeError(
            `Cannot make a prompt: the ${place} does not know ${name}; choose another prompt`,
          );
        }
      }
      try {
        const render = compiled.get(source) ?? compileTemplate(source);
        compiled.set(source, render);
        const text = render({
          tools: null,
          documents: null,
          ...named,
          ...own?.variables,
          ...options,
          messages,
          add_generation_prompt: true,
        });
        return tokenizer.encode(text, { add_special_tokens: false });
      } catch (error) {
        throw new SyntaxError(
          `Cannot make a prompt with the ${place}: ${reason(error)}`,
          { cause: error },
        );
      }
    },
    promptText: (text) => {
      const ids = tokenizer.encode(text, { add_special_tokens: true });
      return typeof start !== "number" || ids[0] === start ? ids : [start, ...ids];
    },
  };
}

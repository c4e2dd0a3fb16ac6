/**
 * A byte-level byte-pair encoding (Sennrich et al., 2016, arXiv:1508.07909) trained on a corpus and written in the
 * Hugging Face layout. Deterministic to the byte: ties between pairs go to the smaller ids.
 *
 * @module
 */

/** The two files of a tokenizer. */
export interface TokenizerFiles {
  /** The content of `tokenizer.json`. */
  readonly tokenizer: Readonly<Record<string, unknown>>;
  /** The content of `tokenizer_config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** How a tokenizer is made. */
export interface TokenizerOptions {
  /** The most tokens it may have: 256 bytes, merges, special tokens. Fewer if the corpus has no more pairs. */
  readonly vocabularySize: number;
}

/**
 * What is tokenized as one piece: a LaTeX command with its brace, a run of words, a single digit, a run of other
 * characters with the space after it. Merges never cross pieces, so numbers stay sequences of digits.
 */
const pattern =
  "\\s?\\\\\\p{L}+\\{?|\\s?\\p{L}+(?: \\p{L}+)*\\s?|\\p{N}|(?:[^\\s\\p{L}\\p{N}\\\\]|\\\\(?!\\p{L}))+\\s?|\\s+";

const [padToken, startToken, endToken] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

// ChatML without the line break between messages: one token less in every prompt.
const chatTemplate =
  `{% for message in messages %}{{ '${startToken}' + message['role'] + '\\n' + message['content'] ` +
  `+ '${endToken}' }}{% endfor %}{% if add_generation_prompt %}{{ '${startToken}assistant\\n' }}{% endif %}`;

/** The printable character that stands for a byte in `tokenizer.json`: itself, or the next free one from U+0100. */
function byteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte !== 0xAD);
    return String.fromCodePoint(printable ? byte : next++);
  });
}

/** The most frequent adjacent pair of ids, or nothing if no pair occurs twice. */
function mostFrequentPair(
  pieces: ReadonlyMap<string, { ids: number[]; count: number }>,
): number[] | undefined {
  const counts = new Map<number, number>();
  for (const { ids, count } of pieces.values()) {
    for (let i = 0; i + 1 < ids.length; i++) {
      const key = (ids[i] as number) * 0x10000 + (ids[i + 1] as number);
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  let best = -1, most = 1;
  for (const [key, count] of counts) {
    if (count > most || (count === most && key < best)) [best, most] = [key, count];
  }
  return best < 0 ? undefined : [Math.floor(best / 0x10000), best % 0x10000];
}

/** Replaces every occurrence of a pair by the id of its merge, from left to right. */
function mergePair(ids: readonly number[], pair: readonly number[], merged: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const match = ids[i] === pair[0] && ids[i + 1] === pair[1];
    result.push(match ? merged : ids[i] as number);
    if (match) i++;
  }
  return result;
}

/**
 * Makes a tokenizer for mathematical text from a corpus: byte-level BPE with single digits and a compact ChatML
 * template, as `PreTrainedTokenizerFast` loads it.
 *
 * @throws {RangeError} If the vocabulary has no room for the bytes and the special tokens, or needs ids over 65535.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { makeTokenizer } from "./byte_pair.ts";
 *
 * const { tokenizer } = makeTokenizer(["3 mod 2", "5 mod 4"], { vocabularySize: 263 });
 * const { merges } = tokenizer.model as { merges: string[][] };
 * assertEquals(merges.map((pair) => pair.join("")), ["Ġm", "dĠ", "odĠ", "ĠmodĠ"]);
 * ```
 */
export function makeTokenizer(corpus: Iterable<string>, options: TokenizerOptions): TokenizerFiles {
  const specialTokens = [padToken, startToken, endToken], { vocabularySize } = options;
  if (vocabularySize < 256 + specialTokens.length || vocabularySize > 0x10000) {
    throw new RangeError(
      `Cannot make a tokenizer of ${vocabularySize} tokens: expected ${256 + specialTokens.length} to 65536`,
    );
  }
  const pieces = new Map<string, { ids: number[]; count: number }>();
  const splitter = new RegExp(pattern, "gu"), encoder = new TextEncoder();
  for (const text of corpus) {
    for (const [piece] of text.matchAll(splitter)) {
      const known = pieces.get(piece);
      if (known) known.count++;
      else pieces.set(piece, { ids: Array.from(encoder.encode(piece)), count: 1 });
    }
  }
  const tokens = byteCharacters(), merges: string[][] = [];
  while (tokens.length + specialTokens.length < vocabularySize) {
    const pair = mostFrequentPair(pieces);
    if (!pair) break;
    for (const entry of pieces.values()) entry.ids = mergePair(entry.ids, pair, tokens.length);
    const parts = pair.map((id) => tokens[id] as string);
    merges.push(parts);
    tokens.push(parts.join(""));
  }
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };
  return {
    tokenizer: {
      version: "1.0",
      added_tokens: specialTokens.map((content, i) => ({ id: tokens.length + i, content, ...flags })),
      normalizer: null,
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
          byteLevel,
        ],
      },
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: "BPE",
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges,
      },
    },
    config: {
      tokenizer_class: "PreTrainedTokenizerFast",
      add_prefix_space: false,
      clean_up_tokenization_spaces: false,
      eos_token: endToken,
      pad_token: padToken,
      model_max_length: 512,
      chat_template: chatTemplate,
    },
  };
}

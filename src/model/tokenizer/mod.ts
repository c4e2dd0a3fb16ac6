/**
 * Tokenizers and chat templates of published models, and the byte-pair vocabulary of the embedded one. Text in, tokens
 * out, and back.
 *
 * @module
 */

export { makeTokenizer, type TokenizerFiles, type TokenizerOptions } from "./byte_pair.ts";
export {
  type ChatOptions,
  type DecodeOptions,
  loadTokenizer,
  type Message,
  type OwnTemplate,
  type Tokenizer,
  type TruncatedTokens,
  truncateLeft,
} from "./tokenizer.ts";
export { templateVariables } from "./template_variables.ts";
export { readTokenizerFiles, SPECIAL_TOKENS, type TokenizerSources } from "./tokenizer_files.ts";

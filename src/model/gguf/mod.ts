/**
 * GGUF files, which llama.cpp and what is built on it load: a model's weights, its tokenizer and its chat template in one
 * file.
 *
 * @module
 */

export { type GgufFile, writeGguf } from "./file.ts";

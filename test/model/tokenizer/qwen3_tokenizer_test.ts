import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { promptTemplates, promptTokens } from "../../../src/suite/mod.ts";
import { load, qwen3Files } from "../tokenizer_directory.ts";

const { tokenizer: tokenizerFile, config } = await qwen3Files();
const files = {
  "tokenizer.json": tokenizerFile,
  "tokenizer_config.json": config,
  "generation_config.json": { bos_token_id: 151643, eos_token_id: [151645, 151643], pad_token_id: 151643 },
};
const tokenizer = await load(files);

const system =
  "<|im_start|>system\nPlease reason step by step, and put your final answer within \\boxed{}.<|im_end|>\n";
const opening = `${system}<|im_start|>user\nFind 2+3.<|im_end|>\n<|im_start|>assistant\n`;
const prompt = (name: "qwen3" | "qwen3-thinking" | "chat-boxed", limit = 1024) => {
  return promptTokens({ question: "Find 2+3." }, promptTemplates[name], tokenizer, limit);
};

Deno.test("the Qwen3 tokenizer gives the ids that the model was trained with", () => {
  assertEquals(tokenizer.encode("Hello, world!"), [9707, 11, 1879, 0]);
  assertEquals(tokenizer.encode("<|im_start|>user\n"), [151644, 872, 198]);
  assertEquals(tokenizer.encode("<think>\n\n</think>\n\n"), [151667, 271, 151668, 271]);
  // Digits stay apart.
  assertEquals(tokenizer.encode("2024").length, 4);
});

Deno.test("the Qwen3 tokenizer round-trips mathematics, LaTeX, Chinese, emoji and anything else", () => {
  const texts = [
    "Let $f(x)=\\frac{x^2-1}{x+1}$ for $x\\neq -1$; find $\\lim_{x\\to -1} f(x)$.",
    "\\begin{align*}\n  a &= \\sqrt[3]{2} \\\\\n  b &= \\boxed{\\tfrac{1}{2}}\n\\end{align*}\r\n\t",
    "求所有满足 x² + y² = z² 的正整数，其中 z ≤ 50。",
    "∑_{k=1}^{∞} 1/k² = π²/6 ≈ 1.6449, ∀ε>0 ∃δ>0 … ℝ ⊂ ℂ",
    "👩🏽‍🚀 🇨🇭 😀 𝔸𝕏 𝒪(n)",
    "I'm sure it's 3 , isn't it ? Don't say no !  two  spaces\n\n\n",
    "",
  ];
  for (const text of texts) assertEquals(tokenizer.decode(tokenizer.encode(text)), text.normalize("NFC"));
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const ids = tokenizer.encode(text);
      assert(ids.every((id) => id >= 0 && id < tokenizer.vocabularySize));
      assertEquals(tokenizer.decode(ids), text.normalize("NFC"));
    }),
    { numRuns: 500, seed: 1 },
  );
});

Deno.test("the Qwen3 chat template closes thinking, or leaves it open", () => {
  assertEquals(tokenizer.decode(prompt("qwen3").tokens), `${opening}<think>\n\n</think>\n\n`);
  assertEquals(tokenizer.decode(prompt("qwen3-thinking").tokens), opening);
  assertEquals(tokenizer.decode(prompt("chat-boxed").tokens), opening);
  assertEquals(prompt("qwen3").tokens.slice(-4), [151667, 271, 151668, 271]);
});

Deno.test("promptTokens() keeps the last tokens when the prompt is too long", () => {
  const { tokens } = prompt("qwen3");
  assertEquals(prompt("qwen3", tokens.length), { tokens, truncated: false });
  assertEquals(prompt("qwen3", tokens.length - 1), { tokens: tokens.slice(1), truncated: true });
  assertEquals(prompt("qwen3", 6), { tokens: tokens.slice(-6), truncated: true });
});

Deno.test("the Qwen3 tokenizer ends at <|im_end|> and <|endoftext|>", async () => {
  assertEquals(tokenizer.endIds, [151645, 151643]);
  assertEquals(tokenizer.padId, 151643);
  const { "generation_config.json": _, ...rest } = files;
  assertEquals((await load(rest)).endIds, [151645]);
});

Deno.test("decode() leaves out special tokens alone when told to, and ids that only the model has", () => {
  const ids = tokenizer.encode("<think>\nso\n</think>\n\n\\boxed{5}<|im_end|><|endoftext|>");
  const skip = { skipSpecialTokens: true };
  assertEquals(tokenizer.decode(ids, skip), "<think>\nso\n</think>\n\n\\boxed{5}");
  assertEquals(tokenizer.vocabularySize, 151669);
  // config.json has a vocab_size of 151936: these can be sampled.
  const surplus = Array.from({ length: 151936 - 151669 }, (_, i) => 151669 + i);
  assertEquals(tokenizer.decode(surplus), "");
  const [a = 0, b = 0] = tokenizer.encode("x=");
  for (const options of [{}, skip]) assertEquals(tokenizer.decode([a, 151700, b, 151935], options), "x=");
  // A cut emoji: bytes that are no character become U+FFFD.
  const emoji = tokenizer.encode("𓀀");
  assert(emoji.length > 1 && tokenizer.decode(emoji.slice(0, 1)).includes("\uFFFD"));
});

Deno.test("tokenizers that are loaded beside each other are the same and independent", async () => {
  const [one, two] = await Promise.all([load(files), load(files)]);
  const text = opening.repeat(3);
  assertEquals(one.encode(text), tokenizer.encode(text));
  assertEquals(two.encode(text), tokenizer.encode(text));
  assertEquals([one.vocabularySize, one.endIds, one.padId], [
    tokenizer.vocabularySize,
    tokenizer.endIds,
    tokenizer.padId,
  ]);
  assertEquals(two.decode(one.encode(text)), text);
});

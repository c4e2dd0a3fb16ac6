import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadTokenizer } from "../../src/model/mod.ts";
import {
  pretrainingExample,
  promptMessages,
  type PromptName,
  promptTemplates,
  promptTokens,
  tokenizerCorpus,
  trainingText,
} from "../../src/suite/mod.ts";

Deno.test("promptMessages() asks the bare question by default", () => {
  assertEquals(promptMessages({ question: "Find 1+1" }), [{ role: "user", content: "Find 1+1" }]);
});

Deno.test("promptMessages() puts the question into the template as it is", () => {
  const messages = promptMessages({ question: "Cost $& or $1?" }, {
    system: "Be brief",
    user: "Q: {question}",
  });
  assertEquals(messages, [{ role: "system", content: "Be brief" }, {
    role: "user",
    content: "Q: Cost $& or $1?",
  }]);
  assertEquals(
    promptMessages({ question: "Q" }, promptTemplates.boxed)[0]?.content.startsWith("Q\n\n"),
    true,
  );
});

Deno.test("tokenizerCorpus() is the pretraining stream with chat roles", () => {
  const example = pretrainingExample(2, 0);
  assertEquals([...tokenizerCorpus(2, 1)], [
    "user\n",
    example.question,
    "assistant\n",
    trainingText(example),
  ]);
});

const SYSTEM = "Please reason step by step, and put your final answer within \\boxed{}.";

Deno.test("promptTemplates are worded exactly as published", () => {
  const chat = { system: SYSTEM, user: "{question}" };
  assertEquals(promptTemplates["chat-boxed"], chat);
  assertEquals(promptTemplates.qwen3, { ...chat, chatOptions: { enable_thinking: false } });
  assertEquals(promptTemplates["qwen3-thinking"], { ...chat, chatOptions: { enable_thinking: true } });
  // The template enters the digest of every suite: committed results name that of `bare`.
  assertEquals(JSON.stringify(promptTemplates.bare), '{"user":"{question}"}');
});

const tokenizer = await loadTokenizer("benchmarks/model");

/** The text of the prompt for a question. */
function promptText(name: PromptName, question: string): string {
  return tokenizer.decode(promptTokens({ question }, promptTemplates[name], tokenizer, 1000).tokens);
}

Deno.test("promptTokens() puts a question into plain text without chat markup when the template is OctoThinker's", () => {
  assertEquals(
    promptText("octothinker", "Find $& + 1."),
    "A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The assistant " +
      "first thinks about the reasoning process in the mind and then provides the user with the answer. User: You " +
      "must put your answer inside \\boxed{} and Your final answer will be extracted automatically by the \\boxed{} " +
      "tag.\nFind $& + 1.\nAssistant:",
  );
});

Deno.test("promptTokens() puts system and question into the chat template when the template is of a chat", () => {
  assertEquals(
    promptText("chat-boxed", "Find 1+1"),
    `<|im_start|>system\n${SYSTEM}<|im_end|><|im_start|>user\nFind 1+1<|im_end|><|im_start|>assistant\n`,
  );
  const bare = promptTokens({ question: "Find 1+1" }, promptTemplates.bare, tokenizer, 28);
  assertEquals(bare, {
    tokens: tokenizer.prompt(promptMessages({ question: "Find 1+1" })),
    truncated: false,
  });
});

Deno.test("promptTokens() refuses thinking options when the chat template has none", () => {
  for (const name of ["qwen3", "qwen3-thinking"] as const) {
    assertThrows(() => promptText(name, "Find 1+1"), RangeError, "does not know enable_thinking");
  }
});

Deno.test("promptTokens() keeps the end of the prompt when it is too long, whatever the format", () => {
  for (const name of ["chat-boxed", "octothinker"] as const) {
    const whole = promptTokens({ question: "Find 1+1" }, promptTemplates[name], tokenizer, 1000).tokens;
    for (const limit of [1, 7, whole.length - 1, whole.length, whole.length + 1]) {
      const { tokens, truncated } = promptTokens(
        { question: "Find 1+1" },
        promptTemplates[name],
        tokenizer,
        limit,
      );
      assertEquals(tokens, whole.slice(-limit));
      assertEquals(truncated, limit < whole.length);
      assert(tokens.length <= limit);
    }
  }
});

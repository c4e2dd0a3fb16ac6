import { assertEquals } from "@std/assert";
import {
  pretrainingExample,
  promptMessages,
  promptTemplates,
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

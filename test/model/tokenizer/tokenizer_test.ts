import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { makeTokenizer } from "../../../src/model/tokenizer/byte_pair.ts";
import { loadTokenizer, type Message } from "../../../src/model/tokenizer/tokenizer.ts";
import { generateSuite, promptMessages, tokenizerCorpus, trainingText } from "../../../src/suite/mod.ts";

const directory = "benchmarks/model";
const tokenizer = await loadTokenizer(directory);
const pieces = (ids: readonly number[]): string[] => ids.map((id) => tokenizer.decode([id]));

Deno.test("makeTokenizer() rebuilds the committed files byte for byte", async () => {
  const made = makeTokenizer(tokenizerCorpus(0, 20_000), { vocabularySize: 480 });
  for (const [name, value] of [["tokenizer", made.tokenizer], ["tokenizer_config", made.config]] as const) {
    assertEquals(`${JSON.stringify(value, null, 2)}\n`, await Deno.readTextFile(`${directory}/${name}.json`));
  }
});

Deno.test("makeTokenizer() merges the most frequent pair first and breaks ties by the smaller ids", () => {
  const { tokenizer } = makeTokenizer(["cd;ab;ab;cd;ab"], { vocabularySize: 261 });
  const { merges } = tokenizer.model as { merges: string[][] };
  assertEquals(merges, [["a", "b"], ["c", "d"]]);
});

Deno.test("makeTokenizer() refuses a vocabulary without room for the bytes", () => {
  assertThrows(() => makeTokenizer([], { vocabularySize: 258 }), RangeError, "expected 259 to 65536");
});

Deno.test("loadTokenizer() round-trips arbitrary text exactly", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(fc.constantFrom("\\boxed{", " ", "\n", "1", "<|im_end|>", "é", "\uFEFF", "}", " .", "x"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (text) => assertEquals(tokenizer.decode(tokenizer.encode(text)), text)),
    { numRuns: 300, seed: 1 },
  );
});

Deno.test("loadTokenizer() keeps digits apart and frequent LaTeX together", () => {
  assertEquals(pieces(tokenizer.encode("147 mod 8=3 \\boxed{\\frac{3}{47}}")), [
    ..."147",
    " mod ",
    ..."8=3",
    " \\boxed{",
    "\\frac{",
    "3",
    "}{",
    ..."47",
    "}}",
  ]);
});

Deno.test("Tokenizer.prompt() wraps a question in five tokens of ChatML", () => {
  const messages: Message[] = [{ role: "user", content: "Find 2+3" }];
  const ids = tokenizer.prompt(messages);
  assertEquals(pieces(ids), [
    "<|im_start|>",
    "user\n",
    "Find ",
    ..."2+3",
    "<|im_end|>",
    "<|im_start|>",
    "assistant\n",
  ]);
  const withSystem = tokenizer.prompt([{ role: "system", content: "Be brief" }, ...messages]);
  assertEquals(tokenizer.decode(withSystem).startsWith("<|im_start|>system\nBe brief<|im_end|>"), true);
  assertEquals(withSystem.slice(-ids.length), ids);
});

Deno.test("Tokenizer names its special tokens and its size", () => {
  assertEquals(tokenizer.decode(tokenizer.endIds), "<|im_end|>");
  assertEquals(tokenizer.decode([tokenizer.padId]), "<|endoftext|>");
  assertEquals(
    tokenizer.decode([...tokenizer.encode("ab"), ...tokenizer.endIds], { skipSpecialTokens: true }),
    "ab",
  );
  assertEquals(tokenizer.decode([]), "");
  assertEquals(tokenizer.vocabularySize, 480);
});

Deno.test("the embedded suites stay short under the embedded tokenizer", async () => {
  for (const name of ["mini-aime", "mini-math"] as const) {
    const problems = await generateSuite(name, "evaluation", 300, 9);
    const lengths = problems.map((problem) => tokenizer.encode(trainingText(problem)).length);
    assert(lengths.reduce((sum, n) => sum + n, 0) / lengths.length < 24);
    assert(Math.max(...lengths) <= 38);
    for (const problem of problems) {
      assert(tokenizer.prompt(promptMessages(problem)).length <= 26, problem.question);
    }
  }
});

Deno.test("loadTokenizer() adds the end tokens of generation_config.json and explains bad directories", async () => {
  const copy = await Deno.makeTempDir();
  try {
    await assertRejects(() => loadTokenizer(copy), Deno.errors.NotFound, "has no tokenizer.json");
    for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
      await Deno.copyFile(`${directory}/${name}`, `${copy}/${name}`);
    }
    await Deno.writeTextFile(
      `${copy}/generation_config.json`,
      JSON.stringify({ eos_token_id: [3, tokenizer.padId] }),
    );
    assertEquals((await loadTokenizer(copy)).endIds, [...tokenizer.endIds, 3, tokenizer.padId]);
    await Deno.writeTextFile(`${copy}/tokenizer_config.json`, "{}");
    await Deno.remove(`${copy}/generation_config.json`);
    await assertRejects(() => loadTokenizer(copy), TypeError, "names no eos_token");
    await Deno.writeTextFile(`${copy}/tokenizer_config.json`, "{");
    await assertRejects(() => loadTokenizer(copy), SyntaxError, "is not JSON");
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
});

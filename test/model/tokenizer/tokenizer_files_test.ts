import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Message, Tokenizer } from "../../../src/model/mod.ts";
import { type DirectoryFiles, llamaFiles, load } from "../tokenizer_directory.ts";

const { tokenizer: tokenizerFile, config } = llamaFiles();
const START = 256, END = 257, TURN_END = 258;
const question: Message[] = [{ role: "user", content: "hi" }];

/** Loads the Llama-like tokenizer with changes to its configuration; undefined takes a field away. */
function loadWith(
  changes: Readonly<Record<string, unknown>> = {},
  files: DirectoryFiles = {},
): Promise<Tokenizer> {
  const changed = { ...config, ...changes };
  return load({ "tokenizer.json": tokenizerFile, "tokenizer_config.json": changed, ...files });
}

/** The text that a conversation becomes. */
function render(tokenizer: Tokenizer, ...args: Parameters<Tokenizer["prompt"]>): string {
  return tokenizer.decode(tokenizer.prompt(...args));
}

Deno.test("templates of files with CR and LF, and with loop controls, make the prompts that Python makes", async () => {
  const talk: Message[] = [{ role: "system", content: "Be exact." }, { role: "user", content: "hi" }];
  const file = (text: string): DirectoryFiles => ({ "chat_template.jinja": text });
  const lines = "{%- for m in messages %}\r\n{{- m.role }}\r\n{{ m.content }}\r\n{% endfor %}\r\n";
  assertEquals(render(await loadWith({}, file(lines)), talk), "system\nBe exact.\nuser\nhi\n");
  const controls =
    "{% for m in messages %}{% if m.role == 'system' %}S:{{ m.content }};{% continue %}{% endif %}" +
    "U:{{ m.content }};{% endfor %}";
  assertEquals(render(await loadWith({}, file(controls)), talk), "S:Be exact.;U:hi;");
});

Deno.test("end tokens are those of config.json too", async () => {
  const tokens = await loadWith({}, { "config.json": { eos_token_id: [END, 5] } });
  assertEquals(tokens.endIds, [TURN_END, END, 5]);
  await assertRejects(
    () => loadWith({}, { "config.json": { eos_token_id: "</s>" } }),
    TypeError,
    'config.json: eos_token_id is "</s>", expected token ids',
  );
});

Deno.test("promptText() begins with the start token that the tokenizer adds, encode() never, prompt() as the template", async () => {
  const tokenizer = await loadWith();
  const bytes = tokenizer.encode("hi .");
  assertEquals(bytes.length, 4);
  assertEquals(tokenizer.promptText("hi ."), [START, ...bytes]);
  // The template writes the start token; the tokenizer does not add a second one.
  assertEquals(render(tokenizer, question), "<|begin_of_text|>user: hi<|eot_id|>assistant: ");
  assertEquals(tokenizer.prompt(question).filter((id) => id === START).length, 1);
  // No clean-up of spaces, whatever the file says.
  assertEquals(tokenizer.decode(bytes), "hi .");
  assertEquals(tokenizer.promptText(""), [START]);
});

Deno.test("promptText() obeys add_bos_token where tokenizer.json has no post-processor", async () => {
  const { post_processor: _, ...plain } = tokenizerFile;
  const files = { "tokenizer.json": plain };
  const hi = (await loadWith()).encode("hi");
  assertEquals((await loadWith({}, files)).promptText("hi"), hi);
  assertEquals((await loadWith({ add_bos_token: true }, files)).promptText("hi"), [START, ...hi]);
  assertEquals((await loadWith({ add_bos_token: true })).promptText("hi"), [START, ...hi]);
});

Deno.test("loadTokenizer() takes end tokens from both files, once each", async () => {
  const generation = (eos_token_id: unknown): DirectoryFiles => ({
    "generation_config.json": { eos_token_id },
  });
  const cases: readonly (readonly [unknown, number[]])[] = [
    [undefined, [TURN_END]],
    [null, [TURN_END]],
    [END, [TURN_END, END]],
    [[END, TURN_END, END], [TURN_END, END]],
  ];
  for (const [ids, expected] of cases) {
    assertEquals((await loadWith({}, generation(ids))).endIds, expected);
  }
  for (const ids of ["<|eot_id|>", [1.5], [-1], [[1]]]) {
    await assertRejects(() => loadWith({}, generation(ids)), TypeError, "expected token ids");
  }
  const nameless = await loadWith({ eos_token: undefined }, generation(END));
  assertEquals([nameless.endIds, nameless.padId], [[END], END]);
  await assertRejects(() => loadWith({ eos_token: null }), TypeError, "names no eos_token");
});

Deno.test("loadTokenizer() reads special tokens as texts or objects, in either file", async () => {
  const object = {
    content: "<|end_of_text|>",
    lstrip: false,
    normalized: false,
    rstrip: false,
    single_word: false,
  };
  assertEquals((await loadWith({ eos_token: object })).endIds, [END]);
  assertEquals((await loadWith({ eos_token: { __type: "AddedToken", ...object } })).endIds, [END]);
  for (const eos_token of ["<|end_of_text|>", object]) {
    const files = { "special_tokens_map.json": { eos_token, pad_token: "<|begin_of_text|>" } };
    const tokenizer = await loadWith({ eos_token: undefined }, files);
    assertEquals([tokenizer.endIds, tokenizer.padId], [[END], START]);
  }
});

Deno.test("loadTokenizer() finds the chat template in its file, as a text, or in a list", async () => {
  const named = (name: string, template: string) => ({ name, template });
  const file = { "chat_template.jinja": "file:{{ messages[0].content }}" };
  assertEquals(render(await loadWith({ chat_template: undefined }, file), question), "file:hi");
  assertEquals(render(await loadWith({}, file), question), "file:hi");
  const list = [named("tool_use", "tools"), named("default", "list:{{ messages[0]['content'] }}")];
  assertEquals(render(await loadWith({ chat_template: list }), question), "list:hi");
  for (const chat_template of [[named("tool_use", "tools")], 7, {}]) {
    await assertRejects(
      () => loadWith({ chat_template }),
      TypeError,
      'neither a text nor a list with a "default"',
    );
  }
});

Deno.test("prompt() explains what it cannot do in one line", async () => {
  const refuse = async (
    chat_template: string | undefined,
    type: new (message: string) => Error,
    message: string,
  ): Promise<void> => {
    const tokenizer = await loadWith({ chat_template });
    const error = assertThrows(() => tokenizer.prompt(question, { enable_thinking: false }), type, message);
    assert(/^Cannot make a prompt[^\n]*$/.test(error.message), error.message);
  };
  await refuse(undefined, TypeError, "has no chat template; choose a prompt of plain text");
  await refuse("{{ messages[0].content }}", RangeError, "does not know enable_thinking");
  await refuse("{% if enable_thinking %}{{", SyntaxError, "with the chat template in ");
  await refuse("{{ enable_thinking }}{{ raise_exception('only\nassistants') }}", SyntaxError, ": only");
});

Deno.test("prompt() is the same every day when the template asks for the date", async () => {
  const guarded = "{%- if strftime_now is defined %}{%- set date = strftime_now('%d %b %Y') %}" +
    "{%- else %}{%- set date = '26 Jul 2024' %}{%- endif %}{{- date }}";
  assertEquals(render(await loadWith({ chat_template: guarded }), question), "26 Jul 2024");
  assertEquals(
    render(await loadWith({ chat_template: `\n${guarded.replaceAll("%-", "%")}` }), question),
    "\n26 Jul 2024",
  );
  const unguarded = await loadWith({ chat_template: "{{ strftime_now('%Y') }}" });
  assertThrows(() => unguarded.prompt(question), SyntaxError, "Cannot make a prompt with the chat template");
});

Deno.test("loadTokenizer() explains a tokenizer.json that it cannot use", async () => {
  for (const file of [{}, { model: { type: "Magic" } }, { ...tokenizerFile, decoder: { type: "Magic" } }]) {
    const error = await assertRejects(
      () => loadWith({}, { "tokenizer.json": file }),
      SyntaxError,
      "Cannot use ",
    );
    assert(/\/tokenizer\.json: [^\n]+$/.test(error.message), error.message);
  }
});

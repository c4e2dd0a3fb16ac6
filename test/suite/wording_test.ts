import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { loadTokenizer } from "../../src/model/mod.ts";
import { parseProfile } from "../../src/pipeline/mod.ts";
import {
  checkWording,
  promptTemplateOf,
  promptTemplates,
  promptTokens,
  suiteDigest,
  type Wording,
} from "../../src/suite/mod.ts";

const tokenizer = await loadTokenizer("benchmarks/model");
const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));

const profileWith = (wording: Wording): ReturnType<typeof parseProfile> =>
  parseProfile(JSON.stringify({ ...smoke, wording }), "p.json");

/** The prompt of a question, as text. */
function prompt(wording: Wording, question = "Find 2+3"): string {
  const template = promptTemplateOf({ template: "bare", wording });
  return tokenizer.decode(promptTokens({ question }, template, tokenizer, 1000).tokens);
}

Deno.test("a wording changes what it says of the named one, in the chat template and as plain text", () => {
  assertEquals(promptTemplateOf({ template: "qwen3" }), promptTemplates.qwen3);
  assertEquals(promptTemplateOf({ template: "qwen3", wording: { system: "" } }).system, undefined);
  const start = "<|im_start|>", end = "<|im_end|>", assistant = `${start}assistant\n`;
  const examples = [{ question: "Find 1+1", answer: "2" }];
  assertEquals(
    prompt({ instruction: "Say $&.", examples }),
    `${start}user\nFind 1+1\n\nSay $&.${end}${assistant}2${end}${start}user\nFind 2+3\n\nSay $&.${end}${assistant}`,
  );
  assertEquals(
    prompt({ user: "Q: {question} ({instruction})", instruction: "box it" }).includes("Q: Find 2+3 (box it)"),
    true,
  );
  assertEquals(
    prompt({ format: "text", user: "Q: {question}\nA:", examples }),
    "Q: Find 1+1\nA: 2\n\nQ: Find 2+3\nA:",
  );
});

Deno.test("a Jinja template takes the place of the model's own, and is given messages, question and examples", () => {
  const template =
    "{{ system }}|{% for e in examples %}{{ e.question }}={{ e.answer }};{% endfor %}{{ question }}" +
    "|{{ messages | length }}|{{ eos_token }}{% if brief %}!{% endif %}";
  const examples = [{ question: "1+1", answer: "2" }];
  assertEquals(
    prompt({ system: "S", template, examples, options: { brief: true } }),
    "S|1+1=2;Find 2+3|4|<|im_end|>!",
  );
  assertEquals(prompt({ template: "{{ question }}\r\nA:" }), "Find 2+3\nA:");
});

Deno.test("the digest of a wording is in the profile, in the suites' digests, and follows every change", async () => {
  const digest = (wording: Wording): string => profileWith(wording).wording?.digest ?? "";
  const one = digest({ system: "S" });
  assert(/^[0-9a-f]{64}$/.test(one));
  assertEquals(digest({ system: "S", digest: one }), one);
  const all = [
    one,
    digest({ system: "T" }),
    digest({ instruction: "S" }),
    digest({ template: "{{ question }}" }),
  ];
  assertEquals(new Set(all).size, all.length);
  assertThrows(
    () => profileWith({ system: "T", digest: one }),
    SyntaxError,
    `Cannot use p.json: wording.digest: expected ${
      all[1]
    }, found ${one}: the wording was changed; leave the digest out`,
  );
  const suite = (wording: Wording): Promise<string> =>
    suiteDigest("s", [{ id: "1", answer: "2" }], promptTemplateOf(profileWith(wording)), {});
  assertNotEquals(await suite({ system: "S" }), await suite({ system: "T" }));
  assertEquals(await suite({}), await suiteDigest("s", [{ id: "1", answer: "2" }], promptTemplates.bare, {}));
});

Deno.test("a wording that loses the question, or reads what nothing gives, is refused with its field", () => {
  const refused: readonly (readonly [Wording, string])[] = [
    [
      { user: "Answer in \\boxed{}." },
      "wording.user: expected {question} in it, or every prompt would be the same",
    ],
    [
      { user: "{problem}" },
      "wording.user: expected no other names in braces than {question} and {instruction}, found {problem}",
    ],
    [
      { user: "{question} {subject}" },
      "wording.user: expected no other names in braces than {question} and {instruction}, found {subject}",
    ],
    [{ template: "{{ quetsion }}" }, "wording.template: expected known variables (messages, "],
    [{ template: "Hello" }, "wording.template: it reads neither messages nor question"],
    [{ template: "{% for m in messages %}" }, "wording.template: it is no Jinja template: "],
    [{ template: "{{ question }}", format: "text" }, "wording.template: expected none beside format text"],
    [{ system: 1 } as unknown as Wording, "wording.system: "],
    [{ sytem: "S" } as unknown as Wording, "wording: "],
  ];
  for (const [wording, message] of refused) {
    assertThrows(() => profileWith(wording), SyntaxError, `Cannot use p.json: ${message}`);
  }
  assertThrows(() => profileWith({ template: "{{ quetsion }}" }), SyntaxError, "found quetsion");
  // Braces of LaTeX are none.
  profileWith({ user: "{question} Write \\boxed{answer}, \\frac{abc}{def} or x^{abc}_{def}." });
  profileWith({
    template: "{{ question }}{{ mood }}{% if tone is defined %}{{ tone }}{% endif %}",
    options: { mood: "x" },
  });
});

Deno.test("prompts are made before anything runs: one without its question is refused", () => {
  const check = (wording: Wording): void =>
    checkWording(promptTemplateOf({ template: "bare", wording }), tokenizer);
  check({});
  check({ format: "text", user: "Q: {question}" });
  check({ template: "{% for m in messages %}{{ m.content }}{% endfor %}" });
  for (
    const template of [
      "{{ messages[0].role }}",
      "{{ question[:9] }}",
      "{% if question == 'x' %}{{ question }}{% endif %}",
    ]
  ) {
    assertThrows(() => check({ template }), RangeError, "does not hold it");
  }
  assertThrows(
    () => check({ template: "{{ raise_exception(question) }}" }),
    SyntaxError,
    "the template of the profile's wording",
  );
  assertThrows(() => check({ options: { loud: true } }), RangeError, "does not know loud");
});

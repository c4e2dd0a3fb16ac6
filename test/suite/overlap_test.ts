import { assertEquals } from "@std/assert";
import { formulaKey } from "../../src/grade/mod.ts";
import {
  findOverlap,
  type GeneratedSuite,
  generatedSuites,
  generateSuite,
  type OverlapOptions,
} from "../../src/suite/mod.ts";
import { rewritings } from "./generated/twins.ts";

const sentence = "one two three four five six seven eight nine ten eleven twelve thirteen";

Deno.test("findOverlap() finds planted repeats and nothing else", () => {
  const training = [
    { id: "t1", question: `Before. ${sentence.toUpperCase()}!\nAfter.` },
    { id: "t2", question: "What is $2+3$?" },
    { id: "t3", question: `${sentence} fourteen` },
  ];
  const held = [{
    name: "a",
    problems: [
      { id: "same", question: "what is  $2 + 3$?" },
      { id: "sign", question: "What is $2-3$?" },
      { id: "gram", question: `${sentence} fourteen and more of it` },
      { id: "twelve", question: `${sentence.slice(4)} and some other words that nobody trains on` },
    ],
  }, { name: "b", problems: [{ id: "other", question: sentence.split(" ").toReversed().join(" ") }] }];
  assertEquals(findOverlap(training, held), [
    {
      suite: "a",
      problems: 4,
      short: 2,
      exact: [{ problem: "same", training: "t2", share: 1 }],
      meaning: [{ problem: "same", training: "t2", share: 1 }],
      ngram: [{ problem: "gram", training: "t3", share: 2 / 6 }],
    },
    { suite: "b", problems: 1, short: 0, exact: [], meaning: [], ngram: [] },
  ]);
});

Deno.test("findOverlap() counts a question that is trained on in full", () => {
  const question = `${sentence} and so on`;
  const [overlap] = findOverlap([{ id: "t", question }], [{ name: "a", problems: [{ id: "p", question }] }]);
  const match = { problem: "p", training: "t", share: 1 };
  assertEquals([overlap?.exact, overlap?.meaning, overlap?.ngram], [[match], [match], [match]]);
});

Deno.test("findOverlap() takes the training problems one after the other", () => {
  let given = 0;
  const training = {
    *[Symbol.iterator]() {
      for (; given < 1000; given++) yield { id: `${given}`, question: `Find ${given}` };
    },
  };
  const [overlap] = findOverlap(training, [{ name: "a", problems: [{ id: "p", question: "Find 777" }] }]);
  assertEquals([given, overlap?.exact], [1000, [{ problem: "p", training: "777", share: 1 }]]);
});

/** Is a held-out question found under `meaning` when another one is trained on? */
function sameMeaning(held: string, trained: string, options?: OverlapOptions): boolean {
  const problems = [{ id: "h", question: held }];
  const [overlap] = findOverlap([{ id: "t", question: trained }], [{ name: "a", problems }], options);
  assertEquals(overlap?.exact, []);
  return overlap?.meaning.length === 1;
}

Deno.test("findOverlap() compares short questions as a whole, whatever their punctuation", () => {
  const same: [string, string][] = [
    ["Find $2+3$.", "find: 2 + 3"],
    ["What is \\(2+3\\)?", "What is $2+3$"],
    ["Evaluate, please, 3.5*2", "Evaluate please $$3.5 * 2$$."],
  ];
  assertEquals(same.filter(([a, b]) => !sameMeaning(a, b)), []);
  const different: [string, string][] = [
    ["Find 2+3", "Find 2-3"],
    ["Find 2+3", "Find 23"],
    ["Find 3.5", "Find 3 5"],
    ["Find 3!", "Find 3"],
    ["Find 2+3", "Find 2+3 now"],
    ["Find 2*(3+4)", "Find 2*3+4"],
    [sentence, `${sentence.replaceAll(" ", "; ")}.`], // long enough for n-grams
  ];
  assertEquals(different.filter(([a, b]) => sameMeaning(a, b)), []);
});

Deno.test("findOverlap() reads the formulas of short questions where it is given a reader", () => {
  const same: [string, string][] = [
    ["Simplify $\\sqrt{24}\\cdot\\sqrt5$.", "simplify $\\sqrt{5} \\sqrt{24}$"],
    ["What is \\(3x+\\frac12\\) at $x=2$?", "What is $\\dfrac{1}{2} + 3x$ at $x=2$?"],
  ];
  assertEquals(same.filter(([a, b]) => !sameMeaning(a, b, { formulaKey })), []);
  assertEquals(same.filter(([a, b]) => sameMeaning(a, b)), []);
  const different: [string, string][] = [
    ["Find $3-2$", "Find $2-3$"],
    ["Find $a+b$ of $c$", "Find $c$ of $a+b$"],
    ["Factor $x^2-1$", "Expand $x^2-1$"],
    ["Factor $x^2-1$", "Factor $(x-1)(x+1)$"],
    ["Cost $5 or", "Cost $6 or"],
  ];
  assertEquals(different.filter(([a, b]) => sameMeaning(a, b, { formulaKey })), []);
});

Deno.test("findOverlap() finds the other writings of generated questions", async () => {
  for (const name of Object.keys(generatedSuites) as GeneratedSuite[]) {
    const problems = await generateSuite(name, "evaluation", 120, 1);
    const train = await generateSuite(name, "train", 300, 1);
    assertEquals(findOverlap(train, [{ name, problems }])[0]?.meaning, []);
    const planted = problems.flatMap(({ id, question, meaning }) =>
      [...rewritings(question)].slice(0, 1).map((other) => ({ id: `t${id}`, question: other, meaning }))
    );
    const [overlap] = findOverlap([...train, ...planted], [{ name, problems }]);
    assertEquals(overlap?.meaning.map(({ training }) => training), planted.map(({ id }) => id));
    assertEquals(overlap?.exact, []);
  }
});

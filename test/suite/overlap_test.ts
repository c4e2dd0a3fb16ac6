import { assertEquals } from "@std/assert";
import { findOverlap } from "../../src/suite/mod.ts";

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
      ngram: [{ problem: "gram", training: "t3", share: 2 / 6 }],
    },
    { suite: "b", problems: 1, short: 0, exact: [], ngram: [] },
  ]);
});

Deno.test("findOverlap() counts a question that is trained on in full", () => {
  const question = `${sentence} and so on`;
  const [overlap] = findOverlap([{ id: "t", question }], [{ name: "a", problems: [{ id: "p", question }] }]);
  const match = { problem: "p", training: "t", share: 1 };
  assertEquals([overlap?.exact, overlap?.ngram], [[match], [match]]);
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

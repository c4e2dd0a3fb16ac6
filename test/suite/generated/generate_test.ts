import { assert, assertEquals, assertRejects } from "@std/assert";
import { contentId } from "../../../src/canonical_json.ts";
import {
  type GeneratedSuite,
  generatedSuites,
  generateSuite,
  pretrainingExample,
  splitOf,
} from "../../../src/suite/mod.ts";

const names = Object.keys(generatedSuites) as GeneratedSuite[];

Deno.test("generateSuite() gives the same problems for the same seed, and others for another", async () => {
  for (const name of names) {
    const problems = await generateSuite(name, "evaluation", 60, 3);
    assertEquals(await generateSuite(name, "evaluation", 60, 3), problems);
    assertEquals(await generateSuite(name, "evaluation", 20, 3), problems.slice(0, 20));
    const others = new Set((await generateSuite(name, "evaluation", 60, 4)).map(({ id }) => id));
    assert(problems.some(({ id }) => !others.has(id)));
  }
});

Deno.test("generateSuite() keeps training and evaluation apart for all seeds", async () => {
  for (const name of names) {
    const questions = { train: new Set<string>(), evaluation: new Set<string>() };
    for (let seed = 0; seed < 4; seed++) {
      for (const split of ["train", "evaluation"] as const) {
        for (const { question } of await generateSuite(name, split, 300, seed)) {
          questions[split].add(question);
        }
      }
    }
    assertEquals([...questions.train].filter((question) => questions.evaluation.has(question)), []);
    assert(questions.train.size > 1000 && questions.evaluation.size > 500);
  }
});

Deno.test("generateSuite() repeats no question and gives families and levels equal shares", async () => {
  for (const name of names) {
    const families = generatedSuites[name].families.length, cells = families * generatedSuites[name].levels;
    const problems = await generateSuite(name, "evaluation", cells * 16, 5);
    assertEquals(new Set(problems.map(({ question }) => question)).size, problems.length);
    assertEquals(new Set(problems.map(({ id }) => id)).size, problems.length);
    const shares = Map.groupBy(problems, ({ family, level }) => `${family} ${level}`);
    assertEquals(shares.size, cells);
    for (const [key, share] of shares) assertEquals(share.length, 16, key);
  }
});

Deno.test("generateSuite() derives ids from suite and question", async () => {
  for (const { id, suite, question } of await generateSuite("mini-math", "train", 5, 1)) {
    assertEquals(id, (await contentId({ suite, question })).slice(0, 16));
  }
});

Deno.test("generateSuite() says which family has no questions left", async () => {
  const error = await assertRejects(() => generateSuite("mini-math", "evaluation", 5000, 1), RangeError);
  assert(error.message.includes("no new level"), error.message);
});

Deno.test("pretrainingExample() alternates suites and never shows an evaluation question", () => {
  for (const suites of [undefined, ["graded-arithmetic", "graded-transfer"], names] as const) {
    const all = suites ?? ["mini-aime", "mini-math"];
    for (let index = 0; index < 1000; index++) {
      const { suite, meaning } = pretrainingExample(7, index, { suites });
      assertEquals(suite, all[index % all.length]);
      assertEquals(splitOf(meaning), "train");
    }
  }
});

Deno.test("splitOf() holds out one question in eight", () => {
  const held =
    Array.from({ length: 8000 }, (_, i) => splitOf(`Find ${i}`)).filter((s) => s === "evaluation").length;
  assert(Math.abs(held - 1000) < 120, `${held} of 8000 are held out`); // four standard deviations
});

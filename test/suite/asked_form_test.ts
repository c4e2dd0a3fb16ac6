import { assert, assertEquals } from "@std/assert";
import { askedForm, generatedSuites, generateSuite, suiteDigest } from "../../src/suite/mod.ts";
import type { GeneratedSuite } from "../../src/suite/mod.ts";

Deno.test("askedForm() reads the form that the words of a question ask for", () => {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Write $\\frac18$ as a decimal.", "decimal"],
    ["What percent of 40 is 10?", "decimal"],
    ["Expand $(x+1)(x+2)$.", "expanded"],
    ["Let $x>0$. Factor $x^2-1$ completely.", "factored"],
    ["Express your answer as a common fraction.", "lowest terms"],
    ["Simplify $\\sqrt{242}$.", "lowest terms"],
    ["Find the largest prime factor of 91.", undefined],
    ["A simplified model expands to 3. Find $x$.", undefined],
  ];
  for (const [question, wanted] of rows) assertEquals(askedForm(question)?.wanted, wanted, question);
});

Deno.test("every problem of a generated suite states the form of its answer, and the digest holds it", async () => {
  for (const suite of Object.keys(generatedSuites) as GeneratedSuite[]) {
    const problems = await generateSuite(suite, "evaluation", 60, 0);
    assert(problems.every(({ form }) => form.wanted !== undefined));
    const template = { system: "", user: "", thinking: false } as unknown as Parameters<
      typeof suiteDigest
    >[2];
    const bare = problems.map(({ id, answer }) => ({ id, answer }));
    const [own, other] = await Promise.all(
      [problems, bare].map((list) => suiteDigest(suite, list, template, { seed: 0 })),
    );
    assert(own !== other);
  }
});

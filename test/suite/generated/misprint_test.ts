import { assert, assertEquals } from "@std/assert";
import { pretrainingExample } from "../../../src/suite/mod.ts";

Deno.test("pretrainingExample() misprints digits of solutions at the stated rate and nothing else", () => {
  let digits = 0, changed = 0;
  for (let index = 0; index < 2000; index++) {
    const clean = pretrainingExample(3, index),
      printed = pretrainingExample(3, index, { misprintRate: 0.04 });
    assertEquals(printed.question, clean.question);
    assertEquals(printed.answer, clean.answer);
    assertEquals(printed.solution.replace(/\d/g, "0"), clean.solution.replace(/\d/g, "0"));
    [...clean.solution].forEach((character, i) => {
      if (!/\d/.test(character)) return;
      digits++;
      if (printed.solution[i] !== character) changed++;
    });
  }
  // Four standard deviations around 4 %.
  const deviation = Math.sqrt(0.04 * 0.96 / digits);
  assert(Math.abs(changed / digits - 0.04) < 4 * deviation, `${changed} of ${digits} digits were misprinted`);
});

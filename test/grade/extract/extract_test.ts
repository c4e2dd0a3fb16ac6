import { assertEquals } from "@std/assert";
import { Budget } from "../../../src/grade/expression/budget.ts";
import { extractCandidates, type ExtractOptions } from "../../../src/grade/extract/extract.ts";

/** The first candidate of a text. */
function first(text: string, options: Partial<ExtractOptions> = {}): string | undefined {
  return extractCandidates(text, { mode: "strict", several: false, ...options }, new Budget(1e6))[0]?.text;
}

Deno.test("extractCandidates() takes the last complete box", () => {
  assertEquals(first("\\boxed{1} and later \\boxed{2}."), "2");
  assertEquals(first("\\boxed{\\frac{1}{2}}"), "\\frac{1}{2}");
  assertEquals(first("\\fbox {7}"), "7");
  assertEquals(first("\\boxed\n{7}"), "7");
  assertEquals(first("\\boxed{a\\}b}"), "a\\}b");
  assertEquals(first("\\boxed{\\boxed{3}}"), "\\boxed{3}");
  assertEquals(first("\\boxed5"), undefined);
});

Deno.test("extractCandidates() skips what was thought", () => {
  assertEquals(first("<think>\\boxed{1}</think> \\boxed{2}"), "2");
  assertEquals(first("<think>\\boxed{1}</think> none"), undefined);
});

Deno.test("extractCandidates() takes no answer from a thought, nor from before one that never ends", () => {
  for (const tag of ["think", "thinking", "reasoning", "scratchpad"]) {
    assertEquals(first(`<${tag}>\\boxed{1}</${tag}> none`), undefined, tag);
    assertEquals(first(`<${tag}>\\boxed{1}`), undefined, tag);
    assertEquals(first(`\\boxed{1} <${tag}> hm`), undefined, tag);
    assertEquals(first(`\\boxed{1} <${tag}> hm </${tag}> \\boxed{2}`), "2", tag);
    // The prompt may have opened it.
    assertEquals(first(`hm \\boxed{1}</${tag}> \\boxed{2}`), "2", tag);
  }
  assertEquals(first("[THINK]\\boxed{1}[/THINK] \\boxed{2}"), "2");
  assertEquals(first("[THINK]\\boxed{1}"), undefined);
  assertEquals(first("<|begin_of_thought|>\\boxed{1}<|end_of_thought|> \\boxed{2}"), "2");
  assertEquals(first("<THINK> \\boxed{1}"), undefined);
  assertEquals(first("<think>a<reasoning>b</reasoning> \\boxed{1}"), undefined);
  // Other tags, and comparisons, are no thoughts.
  assertEquals(first("for a<think \\boxed{1}"), "1");
  assertEquals(first("<b>\\boxed{1}"), "1");
  assertEquals(first("<plan>\\boxed{1}"), "1");
  assertEquals(first("<plan>\\boxed{1}", { thinkingTags: ["plan"] }), undefined);
  assertEquals(first("<think>\\boxed{1}", { thinkingTags: [] }), "1");
});

Deno.test("extractCandidates() falls back to no box before one that is empty, unclosed or cut", () => {
  const ends = ["\\boxed{}", "\\boxed{ }", "\\fbox{}", "\\boxed{2", "\\boxed", "\\boxed 2", "\\boxe", "\\bo"];
  for (const end of ends) assertEquals(first(`\\boxed{1}. Rather ${end}`), undefined, end);
  assertEquals(first("\\boxed{} \\boxed{1}"), "1");
  assertEquals(first("\\boxed{2 \\boxed{1}"), "1");
  assertEquals(first("\\boxed{1}, \\boxed notation"), "1");
});

Deno.test("extractCandidates() joins boxes that only a separator parts", () => {
  const text =
    "\\boxed{9} was wrong; the roots are \\boxed{2} and \\boxed{3}, \\quad \\text{and} \\boxed{5}.";
  assertEquals(first(text, { several: true }), "2, 3, 5");
  // One answer does not pass by standing last among several either.
  assertEquals(first(text), "2, 3, 5");
  const labelled = "$y_1 = \\boxed{2}$ and $y_2 = \\boxed{3}$";
  assertEquals(first(labelled, { several: true }), "2, 3");
  assertEquals(first(labelled), "3");
  assertEquals(first("\\boxed{2}. Later: \\boxed{3}", { several: true }), "3");
  assertEquals(first("\\boxed{2}. \\boxed{3}", { several: true }), "3");
  assertEquals(first("\\boxed{1,2,3} \\boxed{1,2}", { several: true }), "1,2");
  assertEquals(first("\\boxed{1,000} \\boxed{2}", { several: true }), "1,000, 2");
});

Deno.test("extractCandidates() finds unboxed answers in lenient mode", () => {
  const lenient = (text: string): string | undefined => first(text, { mode: "lenient" })?.trim();
  assertEquals(lenient("so \\boxed{7"), "7");
  assertEquals(lenient("steps\n#### 7\n"), "7");
  assertEquals(lenient("<answer> 7 </answer> bye"), "7");
  assertEquals(lenient("The final answer is $\\frac12$. I hope so."), "$\\frac12$");
  assertEquals(lenient("**Answer:** 7\nmore"), "7");
});

Deno.test("extractCandidates() reports the span of what it found", () => {
  const text = "thus \\boxed{ 12 } done";
  const [found] = extractCandidates(text, { mode: "strict", several: false }, new Budget(1000));
  assertEquals(text.slice(...(found?.span ?? [0, 0])), " 12 ");
});

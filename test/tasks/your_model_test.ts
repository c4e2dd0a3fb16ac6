import { assertEquals } from "@std/assert";
import { blocksOf, comparable, difference, play } from "./page_player.ts";

const page = await Deno.readTextFile("docs/your_model.md");

Deno.test("difference() finds lines that a page does not show, and what a page shows that is not printed", () => {
  const shown = (...output: string[]) => ({ command: "", output });
  assertEquals(difference(shown("a 1.5 better", "…", "d"), ["a  22.5 worse", "b", "c", "d"]), undefined);
  assertEquals(difference(shown("a", "c"), ["a", "b", "c"]), 'the page shows "c", printed is "b"');
  assertEquals(difference(shown("a"), ["a", "b"]), 'printed is "b", the page shows no more');
  assertEquals(difference(shown("a", "b"), ["a"]), 'the page shows "b", printed is "nothing more"');
  assertEquals(comparable("took 5m31s, 0.88 GiB, 69.1 k tokens"), comparable("took 12s, 1 GiB, 70 tokens"));
});

Deno.test("a researcher's way: docs/your_model.md from a model's folder to a signed table, every command as printed", async () => {
  const commands = blocksOf(page).flatMap((block) => block.kind === "console" ? block.shown : []);
  const called = new Set(commands.map(({ command }) => command.split(" ")[1]));
  for (const name of ["init", "plan", "reproduce", "verify", "compare", "export"]) {
    assertEquals(called.has(name), true, name);
  }
  const faults: string[] = [];
  await play(page, (played) => {
    const { command, code, stderr, printed } = played, fault = difference(played, printed);
    if (code !== 0) faults.push(`${command} ends with ${code}: ${stderr}`);
    else if (fault !== undefined) faults.push(`${command}: ${fault}`);
  });
  assertEquals(faults, []);
});

Deno.test("the page's modules are those of benchmarks/examples, which are type-checked", async () => {
  for (const block of blocksOf(page)) {
    if (block.kind !== "file" || !block.name.endsWith(".ts")) continue;
    const example = await Deno.readTextFile(`benchmarks/examples/${block.name}`);
    assertEquals(block.text, example.replace('"../../src/', '"../bupo-bench/src/'), block.name);
  }
});

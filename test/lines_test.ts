import { assertEquals, assertThrows } from "@std/assert";
import { LineWriter, readBlocks, readLines } from "../src/lines.ts";

/** The lines of a text that comes in chunks of some bytes, in short: text or fault. */
async function linesOf(
  input: string | Uint8Array<ArrayBuffer>,
  chunk: number,
  longest?: number,
): Promise<string[]> {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const chunks = function* (): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.slice(at, at + chunk);
  };
  const lines = (await Array.fromAsync(readLines(ReadableStream.from(chunks()), longest))).flat();
  assertEquals(lines.map(({ number }) => number), lines.map((_, i) => i + 1));
  assertEquals(lines.at(-1)?.end ?? 0, bytes.length);
  return lines.map((line) => "fault" in line ? `fault: ${line.fault}` : line.text);
}

Deno.test("readLines() gives the same lines however the bytes are cut", async () => {
  const text = "\ufeffeins\r\n\nzwölf \u{1f600}\n\ufeffdrei";
  for (const chunk of [1, 2, 3, 7, 1000]) {
    assertEquals(await linesOf(text, chunk), ["eins\r", "", "zwölf \u{1f600}", "drei"]);
    assertEquals(await linesOf(text + "\n", chunk), ["eins\r", "", "zwölf \u{1f600}", "drei"]);
  }
  assertEquals(await linesOf("", 1), []);
  assertEquals(await linesOf("\n", 1), [""]);
});

Deno.test("readLines() reports lines that are too long or not UTF-8, and reads on", async () => {
  const text = `short\n${"x".repeat(11)}\n${"y".repeat(10)}\n${"z".repeat(30)}`;
  const fault = "fault: it is longer than 10 bytes";
  for (const chunk of [1, 4, 1000]) {
    assertEquals(await linesOf(text, chunk, 10), ["short", fault, "y".repeat(10), fault]);
    assertEquals(await linesOf(new Uint8Array([0x61, 10, 0xff, 10, 0x62]), chunk), [
      "a",
      "fault: it is not UTF-8",
      "b",
    ]);
  }
});

/** A sink that takes a few bytes at a time and counts the calls. */
function sink(
  bite: number,
): { text: () => string; calls: () => number; writeSync(bytes: Uint8Array): number } {
  const decoder = new TextDecoder();
  let text = "", calls = 0;
  return {
    text: () => text,
    calls: () => calls,
    writeSync(bytes) {
      calls++;
      text += decoder.decode(bytes.subarray(0, bite), { stream: true });
      return Math.min(bite, bytes.length);
    },
  };
}

Deno.test("LineWriter writes many lines with one call, and all bytes of each", () => {
  const whole = sink(Infinity), bitten = sink(3);
  for (const output of [whole, bitten]) {
    using writer = new LineWriter(output);
    for (const line of ["one", "zwölf", ""]) writer.write(line);
    assertEquals(output.text(), "");
    writer.flush();
    assertEquals(output.text(), "one\nzwölf\n\n");
    writer.flush();
  }
  assertEquals(whole.calls(), 1);
  using writer = new LineWriter(whole);
  for (let i = 0; i < 3; i++) writer.write("x".repeat(65_536));
  assertEquals(whole.calls(), 4);
});

Deno.test("LineWriter does not keep a line for long, and says later what went wrong then", async () => {
  const output = sink(Infinity);
  using writer = new LineWriter(output);
  writer.write("one");
  while (output.text() === "") await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(output.text(), "one\n");
  let failed = false;
  const full = {
    writeSync(): number {
      failed = true;
      throw new Deno.errors.BrokenPipe("nobody reads");
    },
  };
  using broken = new LineWriter(full);
  broken.write("one");
  while (!failed) await new Promise((resolve) => setTimeout(resolve, 5));
  assertThrows(() => broken.write("two"), Deno.errors.BrokenPipe);
  assertThrows(() => broken.flush(), Deno.errors.BrokenPipe);
});

Deno.test("readBlocks() gives whole lines as they come, no more of them than asked for", async () => {
  const encoder = new TextEncoder();
  const chunks = ["a\nb", "c\n\nd\ne\n", "f".repeat(9), "\ng\nh"].map((text) => encoder.encode(text));
  const found: string[] = [];
  for await (const block of readBlocks(ReadableStream.from(chunks), { longest: 5, lines: 2 })) {
    if ("fault" in block) found.push(`${block.number} ${block.end} ${block.fault}`);
    else found.push(`${block.number} ${block.end} ${new TextDecoder().decode(block.bytes)} ${block.ends}`);
  }
  assertEquals(found, [
    "1 2 a\n 1",
    "2 6 bc\n\n 2,3",
    "4 10 d\ne\n 1,3",
    "6 20 it is longer than 5 bytes",
    "7 22 g\n 1",
    "8 23 h 1",
  ]);
});

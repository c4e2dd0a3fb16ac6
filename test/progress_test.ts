import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatDuration, Progress } from "../src/progress.ts";

/** A reporter whose output is kept. */
function recorder(
  options: { terminal?: boolean; quiet?: boolean; columns?: () => number; rows?: () => number },
): { progress: Progress; text: () => string } {
  let written = "";
  const progress = new Progress({ terminal: false, ...options, write: (text) => written += text });
  return { progress, text: () => written };
}

/** What a terminal shows after it was sent a text: cursor up, erase below, line feeds. */
function screen(text: string): string[] {
  const lines: string[] = [""];
  let row = 0;
  for (const [part, up] of text.replaceAll("\x1b", "␛").matchAll(/␛\[(\d+)A|␛\[0J|\n|[^␛\n]+/g)) {
    if (up !== undefined) row -= Number(up);
    else if (part === "␛[0J") lines.splice(row, Infinity, "");
    else if (part === "\n") lines[++row] ??= "";
    else lines[row] += part;
    assert(row >= 0, "the cursor left the screen");
  }
  return lines.slice(0, -1);
}

/** Runs a function while the clock stands still but for the given seconds. */
function withClock(run: (advance: (seconds: number) => void) => void): void {
  const real = performance.now;
  let now = 1000;
  performance.now = () => now;
  try {
    run((seconds) => now += 1000 * seconds);
  } finally {
    performance.now = real;
  }
}

Deno.test("formatDuration() takes the unit that fits", () => {
  const cases = [[0, "0s"], [-3, "0s"], [59.4, "59s"], [59.6, "1m00s"], [185, "3m05s"], [3600, "1h00m"], [
    7830,
    "2h10m",
  ]];
  for (const [seconds, text] of cases) assertEquals(formatDuration(Number(seconds)), text);
});

Deno.test("Progress says plain lines in a pipe: now and then, and at the end", () => {
  withClock((advance) => {
    const { progress, text } = recorder({});
    progress.line("start");
    for (let i = 1; i <= 50; i++) {
      advance(1);
      progress.update("train", i, 50, `reward ${i}`);
    }
    // The first step's own duration is not known: the clock starts with it.
    assertEquals(text().split("\n"), [
      "start",
      "train 21/50  29s left  reward 21",
      "train 41/50  9s left  reward 41",
      "train 50/50  49s  reward 50",
      "",
    ]);
  });
});

Deno.test("Progress redraws bars in place on a terminal, and takes away those that are done", () => {
  withClock((advance) => {
    const { progress, text } = recorder({ terminal: true });
    progress.update("a", 0, 4);
    assertEquals(screen(text()), ["╌".repeat(20) + " a 0/4"]);
    progress.update("b", 1, 2, "note");
    advance(10);
    progress.update("a", 1, 4);
    const bars = ["━".repeat(5) + "╌".repeat(15) + " a 1/4  30s left", "━".repeat(10) + "╌".repeat(10)];
    const shown = screen(text());
    assertEquals([shown.length, shown[0]], [2, bars[0]]);
    assertMatch(shown[1] ?? "", /^━{10}╌{10} b 1\/2 .*note$/);
    progress.line("a line above the bars");
    assertEquals(screen(text()).map((line) => line.slice(0, 6)), ["a line", "━━━━━╌", "━━━━━━"]);
    progress.update("a", 4, 4);
    progress.update("b", 2, 2);
    progress.update("empty", 0, 0);
    assertEquals(screen(text()), ["a line above the bars"]);
  });
});

Deno.test("Progress tells the time left by what was done since it began, not by what was done before", () => {
  withClock((advance) => {
    const { progress, text } = recorder({ terminal: true });
    progress.update("resumed", 30, 40);
    advance(6);
    progress.update("resumed", 32, 40);
    assertEquals(screen(text()), ["━".repeat(16) + "╌".repeat(4) + " resumed 32/40  24s left"]);
  });
});

Deno.test("Progress says nothing when quiet", () => {
  for (const terminal of [true, false]) {
    const { progress, text } = recorder({ terminal, quiet: true });
    progress.line("start");
    progress.update("train", 1, 2);
    progress.update("train", 2, 2);
    assertEquals(text(), "");
  }
});

Deno.test("Progress cuts a bar at the terminal's width", () => {
  let written = "";
  const progress = new Progress({ terminal: true, columns: () => 30, write: (text) => written += text });
  progress.update("a task with a long name", 1, 2, "and a long note");
  assertEquals(written, `${"━".repeat(10)}${"╌".repeat(10)} a task wi\n`);
});

Deno.test("Progress shows lines below a bar, as many as the screen has room for, until the bar ends", () => {
  const { progress, text } = recorder({ terminal: true, columns: () => 40, rows: () => 9 });
  const lines = (name: string) => (columns: number, most: number): string[] =>
    Array.from({ length: 5 }, (_, i) => `${name} ${i} of ${columns}`).slice(0, most);
  progress.below("one", lines("a"));
  assertEquals(screen(text()), []);
  progress.update("one", 1, 3);
  assertEquals(screen(text()).length, 6);
  progress.below("two", lines("b"));
  progress.update("two", 1, 2);
  // Nine rows: two bars, the cursor's, and three for each.
  assertEquals(screen(text()).map((line) => line.slice(0, 3)), [
    "━━━",
    "a 0",
    "a 1",
    "a 2",
    "━━━",
    "b 0",
    "b 1",
    "b 2",
  ]);
  progress.line("said");
  progress.update("one", 3, 3);
  assertEquals(screen(text()).map((line) => line.slice(0, 3)), [
    "sai",
    "━━━",
    "b 0",
    "b 1",
    "b 2",
    "b 3",
    "b 4",
  ]);
  progress.update("two", 2, 2);
  assertEquals(screen(text()), ["said"]);
  // A task of the same name that begins later has none.
  progress.update("two", 1, 2);
  assertEquals(screen(text()).length, 2);
});

Deno.test("Progress shows no lines below bars in a pipe", () => {
  const { progress, text } = recorder({});
  progress.below("one", () => ["below"]);
  progress.update("one", 1, 1);
  assertEquals(text(), "one 1/1  0s\n");
});

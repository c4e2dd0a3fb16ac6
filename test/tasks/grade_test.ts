import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { type GradedLine, readPair, verify } from "../../src/grade/mod.ts";
import { Progress } from "../../src/progress.ts";
import { type GradeOptions, gradeStream } from "../../tasks/shared/grade_stream.ts";
import { explain } from "../../tasks/shared/grade_explain.ts";
import { taskPermissions } from "./task_permissions.ts";

/** What came of grading a text. */
interface Graded {
  readonly lines: readonly GradedLine[];
  readonly faults: number;
  /** What went to standard error. */
  readonly said: readonly string[];
  readonly writes: number;
}

/** Grades a text as the command does. */
async function grade(
  input: string | ReadableStream<Uint8Array>,
  options: Partial<GradeOptions> = {},
): Promise<Graded> {
  const decoder = new TextDecoder();
  let text = "", writes = 0, said = "";
  const progress = new Progress({ terminal: false, write: (text) => said += text });
  const faults = await gradeStream({
    input: typeof input === "string" ? new Blob([input]).stream() : input,
    output: {
      writeSync(bytes) {
        writes++;
        text += decoder.decode(bytes, { stream: true });
        return bytes.length;
      },
    },
    idField: "id",
    progress,
    warn: (text) => progress.line(text),
    workers: 1,
    ...options,
  });
  const lines = text.split("\n").slice(0, -1).map((line): GradedLine => JSON.parse(line));
  return { lines, faults, said: said.split("\n").slice(0, -1), writes };
}

Deno.test("a completion is graded strictly and a bare answer leniently", async () => {
  const { lines, faults } = await grade(
    '{"gold": "5", "completion": "The answer is 5."}\n{"gold": "\\\\frac12", "pred": "0.5"}\n',
    { mode: "strict" },
  );
  assertEquals(faults, 0);
  assert(lines.every(({ ms }) => ms >= 0));
  assertEquals(lines.map(({ ms: _, ...line }) => line), [
    {
      verdict: "unparsed",
      extracted: null,
      span: null,
      source: null,
      rank: null,
      gold_type: "integer",
      type: null,
      method: "extraction",
      reason: "no answer was found in the completion",
    },
    {
      verdict: "correct",
      extracted: "0.5",
      span: [0, 3],
      source: "whole text",
      rank: verify("1", "1", { mode: "lenient" }).rank ?? null,
      gold_type: "fraction",
      type: "decimal",
      method: "exact",
      reason: "equal (exact)",
    },
  ]);
});

Deno.test("a byte order mark, CRLF, empty lines and a missing last line feed do no harm", async () => {
  const input =
    '\ufeff{"gold": "1", "pred": "1"}\r\n\r\n  \n{"gold": "2", "pred": "3"}\r\n{"gold": "3", "pred": "3"}';
  const { lines, faults } = await grade(input);
  assertEquals([lines.map(({ verdict }) => verdict), faults], [["correct", "wrong", "correct"], 0]);
});

Deno.test("what cannot be read is reported with its line, and the rest is graded", async () => {
  const good = '{"gold": "5", "pred": "5"}';
  const input = [
    good,
    "{",
    "",
    "5",
    '{"pred": "5"}',
    '{"gold": 5, "pred": "5"}',
    '{"gold": "5"}',
    "\x1b[2J",
    good,
  ];
  const { lines, faults, said } = await grade(input.join("\n"));
  assertEquals([lines.map(({ verdict }) => verdict), faults], [["correct", "correct"], 6]);
  const [two = "", ...others] = said;
  assertMatch(two, /^Cannot read line 2: .*JSON/);
  assertEquals(others.slice(0, 4), [
    "Cannot read line 4: expected an object",
    'Cannot read line 5: the field "gold" is missing',
    'Cannot read line 6: "gold" must be a string',
    'Cannot read line 7: the field "completion" or "pred" is missing',
  ]);
  assertMatch(others[4] ?? "", /^Cannot read line 8: /);
  assert(!said.join("").includes("\x1b"));
  assertMatch(
    said.at(-1) ?? "",
    /^2 pairs in .*: 2 correct, 0 wrong, 0 unevaluated, 0 unparsed, 0 timeout; 6 lines could not/,
  );
});

Deno.test("a line beyond 16 MiB is passed over", async () => {
  const chunk = new Uint8Array(2 ** 20).fill(0x78);
  const stream = ReadableStream.from((function* (): Generator<Uint8Array> {
    for (let i = 0; i < 17; i++) yield chunk;
    yield new TextEncoder().encode('\n{"gold": "5", "pred": "5"}\n');
  })());
  const { lines, said } = await grade(stream);
  assertEquals(lines.length, 1);
  assertEquals(said[0], "Cannot read line 1: it is longer than 16777216 bytes");
});

Deno.test("an identifier is copied digit by digit", async () => {
  const ids = ['"a\\u0007"', "7", "-0.5", "12345678901234567890", "1e400"];
  const rows = ids.map((id) =>
    `{"id": ${id}, "gold": "1", "pred": "1", "more": {"id": 12345678901234567891}}`
  );
  const others = ["null", "true", "[1]", '{"id": 1e400}'].map((id) =>
    `{"gold": "1", "pred": "1", "id": ${id}}`
  );
  const output: string[] = [];
  const decoder = new TextDecoder();
  await grade([...rows, ...others].join("\n"), {
    output: {
      writeSync(bytes) {
        output.push(decoder.decode(bytes));
        return bytes.length;
      },
    },
  });
  const begins = output.join("").split("\n").slice(0, -1).map((line) => line.replace(/,?"verdict".*/, ""));
  assertEquals(begins, [...ids.map((id) => `{"id":${id}`), ...others.map(() => "{")]);
  assertEquals(readPair('{"gold": "1", "pred": "1", "name": "x", "id": 3}', "name").id, "x");
});

Deno.test("readPair() names what is wrong with a line", () => {
  assertThrows(() => readPair("{"), SyntaxError);
  assertThrows(() => readPair("null"), TypeError, "expected an object");
  assertThrows(
    () => readPair('{"gold": "5", "completion": 5, "pred": "5"}'),
    TypeError,
    '"completion" must be',
  );
});

Deno.test("20,000 lines come back in order, with few writes, and a summary", async () => {
  const rows = Array.from({ length: 20_000 }, (_, id) => {
    const answer = id % 4 === 0 ? id + 1 : id;
    return id % 2 === 0 ? { id, gold: `${id}`, pred: `${answer}` } : {
      id,
      gold: `\\frac{${id}}{3}`,
      completion: `We add, and get \\boxed{\\frac{${2 * answer}}{6}}.`,
    };
  });
  const { lines, said, writes } = await grade(rows.map((row) => JSON.stringify(row)).join("\n"), {
    workers: 2,
  });
  assertEquals(lines.map(({ id }) => id), rows.map(({ id }) => id));
  assert(lines.every(({ verdict }, id) => verdict === (id % 4 === 0 ? "wrong" : "correct")));
  assertMatch(
    said.at(-1) ?? "",
    /^20000 pairs in [\d.]+ s, \d+ pairs\/s: 15000 correct, 5000 wrong, 0 unevaluated, 0 unp/,
  );
  assert(writes < 2000, `${writes} writes`);
});

Deno.test("progress is told by bytes where the size is known, and not at all when quiet", async () => {
  const row = '{"gold": "0", "completion": "\\\\boxed{\\\\sum_{m=1}^{100}\\\\sum_{n=1}^{2000} mn}"}\n';
  const input = row.repeat(8);
  let said = "";
  const slow = { maxSteps: 1e9, deadline: 60_000, batch: 1 };
  const progress = new Progress({ terminal: true, columns: () => 200, write: (text) => said += text });
  await grade(input, { ...slow, size: input.length, progress });
  assertMatch(said, /╌+ kB graded 0\/1 .* \d+ pairs\/s\n/);
  // In the end the bar is gone.
  assertMatch(said.split("\x1b[0J").at(-1) ?? "", /^8 pairs in [^\n]+\n$/);
  said = "";
  await grade(row, { progress: new Progress({ quiet: true, write: (text) => said += text }) });
  assertEquals(said, "");
});

Deno.test("explain() says how the answer was found and read, what decided, and the verdict", () => {
  const words = (gold: string, completion: string, mode: "strict" | "lenient"): string[] =>
    explain(gold, completion, { mode }, verify(gold, completion, { mode })).split("\n");
  assertEquals(words("0.75", "so \\boxed{\\frac34}", "strict"), [
    "The gold answer 0.75 was read as a decimal.",
    "The completion's answer \\frac34 was read as a fraction.",
    `It was found in a complete \\boxed{}, characters 10 to 17; of ${
      words("1", "1", "lenient").join().match(/of (\d+) ways/)?.[1]
    } ways to find an answer this is number 1 in the order of trust:`,
    "    so \\boxed{→\\frac34←}",
    "The verdict is correct: equal (exact). The method that decided: exact.",
  ]);
  assertEquals(words("5", "The answer is 5.", "strict"), [
    "The gold answer 5 was read as an integer.",
    "The completion has no answer: without a complete \\boxed{} there is none in strict mode.",
    "The verdict is unparsed: no answer was found in the completion. The method that decided: extraction.",
    'With --mode lenient it would be 5, found after a phrase like "the answer is": correct.',
  ]);
  assertEquals(
    words("5", "", "strict").at(-1),
    "With --mode lenient there would be no answer that can be read either.",
  );
  const long = words(
    "\x1b[2J5\n",
    `${"x ".repeat(500)}\\boxed{${"9".repeat(300)}}${" y".repeat(500)}`,
    "strict",
  );
  assert(long.every((line) => line.length < 400 && !line.includes("\x1b")));
  assertStringIncludes(long[3] ?? "", "…");
});

const permissions = taskPermissions("grade");

function start(args: readonly string[], stdin: "null" | "piped" = "null"): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, "main.ts", "grade", ...args],
    env: { BUPO_TRACE: "0", NO_COLOR: "1" },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await start(args).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("the command reads a file, writes one, and its exit code says whether all could be read", async () => {
  const directory = await Deno.makeTempDir({ dir: "." });
  try {
    const input = `${directory}/pairs.jsonl`, output = `${directory}/verdicts.jsonl`;
    await Deno.writeTextFile(input, '{"gold": "5", "pred": "5"}\n');
    const good = await run(["--input", input, "--output", output, "--workers", "1"]);
    assertEquals([good.code, good.stdout], [0, ""], good.stderr);
    assertMatch(good.stderr, /^1 pairs in [^\n]+ 1 correct, [^\n]+\n$/);
    assertEquals(JSON.parse(await Deno.readTextFile(output)).verdict, "correct");
    await Deno.writeTextFile(input, '{"gold": "5", "pred": "5"}\n{"gold"\n');
    const bad = await run(["--input", input, "--quiet"]);
    assertEquals([bad.code, JSON.parse(bad.stdout).verdict], [1, "correct"]);
    assertMatch(bad.stderr, /^Cannot read line 2: [^\n]+\n$/);
    const same = await run(["--input", input, "--output", `${directory}/../${input}`]);
    assertEquals(same.code, 2);
    assertMatch(same.stderr, /^error: Cannot write to [^\n]+: it is the input\n$/);
    assertEquals((await Deno.readTextFile(input)).length > 0, true);
    assertMatch(
      (await run(["--input", directory])).stderr,
      /^error: Cannot open [^\n]+: it is a directory\n$/,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("the command refuses flags that mean nothing together", async () => {
  for (
    const [args, message] of [
      [
        ["--explain", "--gold", "1", "--completion", "1", "--input", "x"],
        'Cannot use "--input" with --explain',
      ],
      [["--input", "x", "--gold", "1"], 'Cannot use "--gold" without --explain'],
      [["--input", "x", "--json"], 'Cannot use "--json" without --explain'],
      [["--input", "x", "--deadline", "0"], 'Cannot read "--deadline 0": expected an integer of at least 1'],
    ] as const
  ) {
    const { code, stderr } = await run(args);
    assertEquals([code, stderr], [2, `error: ${message}\n`]);
  }
});

Deno.test("the command explains one pair as a record too", async () => {
  const { code, stdout, stderr } = await run([
    "--explain",
    "--json",
    "--gold=-5",
    "--completion",
    "\\boxed{-5}",
  ]);
  assertEquals([code, stderr], [0, ""]);
  const { ms, ...record } = JSON.parse(stdout);
  assert(ms >= 0);
  assertEquals([record.verdict, record.source, record.rank, record.span], ["correct", "box", 1, [7, 9]]);
});

Deno.test("the command answers while it is read, and an interrupt ends it with code 130", async () => {
  const child = start(["--input", "-", "--workers", "2"], "piped");
  const writer = child.stdin.getWriter(), reader = child.stdout.getReader();
  for (const answer of ["5", "6"]) {
    await writer.write(new TextEncoder().encode(`{"gold": "5", "pred": "${answer}"}\n`));
    const { value } = await reader.read();
    const { verdict } = JSON.parse(new TextDecoder().decode(value));
    assertEquals(verdict, answer === "5" ? "correct" : "wrong");
  }
  child.kill("SIGINT");
  assertEquals((await child.status).code, 130);
  await Promise.allSettled([writer.close(), reader.cancel(), child.stderr.cancel()]);
});

Deno.test("--form final tells a right value from a final answer", async () => {
  const pair = ["--explain", "--gold", "13", "--completion", "\\boxed{10+3}"];
  const any = await run(pair), final = await run([...pair, "--form", "final"]);
  assertStringIncludes(any.stdout, "The verdict is correct");
  assertStringIncludes(final.stdout, "The verdict is unevaluated: equal (exact), but work is left");
  const wrong = await run([...pair, "--form", "finished"]);
  assertEquals([wrong.code, wrong.stderr], [
    2,
    'error: Cannot read "--form finished": expected any or final\n',
  ]);
});

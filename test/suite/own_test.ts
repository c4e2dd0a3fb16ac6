import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { type LoadedSuite, loadSuite, type SuiteFiles } from "../../src/suite/mod.ts";
import { lastBox } from "../../src/suite/own/layout.ts";
import { parquetBytes, withFolder, writeIn } from "./parquet/parquet_files.ts";

const noFiles: SuiteFiles = { file: () => Promise.reject(new Error("no file is wanted")) };
const jsonl = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Loads a file of this name and content, with what stands behind its path. */
async function load(name: string, content: string | Uint8Array, settings = ""): Promise<LoadedSuite> {
  return await withFolder(async (folder) => {
    const path = await writeIn(folder, name, content);
    return await loadSuite(path + settings, { root: ".", files: noFiles, split: "evaluation" });
  });
}

const asked = ({ problems }: LoadedSuite) => problems.map(({ question, answer }) => [question, answer]);

Deno.test("a file of one's own keeps the digits of its numbers", async () => {
  const digits = [
    "9007199254740993",
    "12345678901234567890",
    "0.30000000000000004",
    "3.14159265358979323846",
    "2.5",
  ];
  const rows = digits.map((text, i) => `{"problem": "Say number ${i}", "answer": ${text}}\n`).join("");
  assertEquals(asked(await load("numbers.jsonl", rows)).map(([, answer]) => answer), digits);
  const list = `[${rows.trim().split("\n").join(",")}]`;
  assertEquals(asked(await load("numbers.json", list)).map(([, answer]) => answer), digits);
  const powers =
    '{"problem": "a", "answer": 1e-7}\n{"problem": "b", "answer": 1E21}\n{"problem": "c", "answer": -0}\n';
  assertEquals(asked(await load("powers.jsonl", powers)), [
    ["a", "0.0000001"],
    ["b", "1000000000000000000000"],
    ["c", "0"],
  ]);
  const single = parquetBytes([
    { name: "problem", data: ["a", "b"], type: "STRING" },
    { name: "answer", data: [0.1, 1e-7], type: "FLOAT" },
  ]);
  assertEquals(asked(await load("single.parquet", single)), [["a", "0.1"], ["b", "0.0000001"]]);
});

Deno.test("a file of one's own keeps any JSON number that its writer wrote", async () => {
  const number = fc.tuple(
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
    fc.stringMatching(/^\d{0,25}[1-9]$/),
  );
  await withFolder(async (folder) => {
    await fc.assert(
      fc.asyncProperty(number, async ([whole, decimals]) => {
        const text = `${whole}.${decimals}`;
        const path = await writeIn(folder, "any.jsonl", `{"problem": "Say it", "answer": ${text}}`);
        const suite = await loadSuite(path, { root: ".", files: noFiles, split: "train" });
        assertEquals(suite.problems[0]?.answer, text);
      }),
      { numRuns: 50 },
    );
  });
});

Deno.test("tables and JSON Lines are read by any of their endings, in capitals or not", async () => {
  const rows = jsonl([{ problem: "Find 2,000+1", answer: "2001" }]);
  const csv = '\uFEFFproblem,answer,note\r\n"Find 2,000+1",2001,"two\r\nlines"\r\n\r\n';
  const tsv = "problem\tanswer\nFind 2,000+1\t2001\n";
  for (
    const [name, content] of [
      ["a.ndjson", rows],
      ["a.JSONL", rows],
      ["a.csv", csv],
      ["a.CSV", csv],
      ["a.tsv", tsv],
    ] as const
  ) {
    const suite = await load(name, content);
    assertEquals(asked(suite), [["Find 2,000+1", "2001"]], name);
    assertEquals(suite.name, "a");
  }
  const two = await load("b.csv", 'problem,answer\n"Find\n2+3",5\nFind 2*3,6\n');
  assertEquals([...two.places.values()], ["line 3", "line 4"]);
});

Deno.test("a malformed table is refused in one line that names the line", async () => {
  const cases = [
    ['problem,answer\nFind 2+3,5\n"Find,6\n', "Quote"],
    ["problem,answer\nFind 2+3,5,6\n", "line 2"],
    ["problem,problem\nFind 2+3,5\n", 'the column "problem" is there twice'],
    ["problem,answer\nFind 2+3,\n", "line 2: answer is missing"],
  ] as const;
  for (const [text, message] of cases) {
    const error = await assertRejects(() => load("x.csv", text), SyntaxError);
    assertStringIncludes(error.message, message);
    assert(/^Cannot [^\n]+$/.test(error.message), error.message);
  }
});

Deno.test("known layouts of rows are recognised and named", async () => {
  const cases: readonly (readonly [string, unknown, string, string, string | undefined])[] = [
    [
      "gsm8k",
      { question: "Find 1+1,079", answer: "It is <<1+1079=1080>>.\n#### 1,080" },
      "Find 1+1,079",
      "1080",
      "####",
    ],
    [
      "math",
      { problem: "Find 1/2", level: "Level 5", type: "Algebra", solution: "So \\boxed{\\frac{1}{2}}." },
      "Find 1/2",
      "\\frac{1}{2}",
      "\\boxed{}",
    ],
    ["boxed answer", { problem: "Find 2", answer: "$\\boxed{2}$" }, "Find 2", "2", "\\boxed{}"],
    [
      "verl",
      {
        data_source: "x",
        prompt: [{ role: "system", content: "Think." }, { role: "user", content: "Find 1+1" }],
        reward_model: { style: "rule", ground_truth: "2" },
        extra_info: { index: 0 },
      },
      "Find 1+1",
      "2",
      "without its system message",
    ],
    [
      "openai",
      { messages: [{ role: "user", content: "Find 3" }, { role: "assistant", content: "It is \\boxed{3}" }] },
      "Find 3",
      "3",
      "message in messages",
    ],
    [
      "sharegpt",
      { conversations: [{ from: "human", value: "Find 3" }, { from: "gpt", value: "3" }] },
      "Find 3",
      "3",
      "conversations",
    ],
    ["capitals", { Problem: "Find 4", Answer: 4 }, "Find 4", "4", undefined],
    ["truth", { question: "Is 2 even?", answer: true }, "Is 2 even?", "True", undefined],
    ["list", { question: "Find 5", answer: ["5"] }, "Find 5", "5", "a list's entries"],
    [
      "options",
      { question: "Which is even?", options: ["3", "4"], answer: "B" },
      "Which is even?\n\nA. 3\nB. 4",
      "B",
      "letters of options",
    ],
    [
      "option's text",
      { question: "Which is even?", choices: ["three", "four"], answer: "four" },
      "Which is even?\n\nA. three\nB. four",
      "B",
      "letters",
    ],
    [
      "option's place",
      { question: "Which is even?", choices: ["three", "four"], answer: 1 },
      "Which is even?\n\nA. three\nB. four",
      "B",
      "letters",
    ],
    [
      "labels",
      { question: "Which?", choices: { text: ["x", "y"], label: ["1", "2"] }, answerKey: "2" },
      "Which?\n\nA. x\nB. y",
      "B",
      "letters",
    ],
    [
      "map",
      { question: "Which?", options: { A: "x", B: "y" }, answer: "(a)" },
      "Which?\n\nA. x\nB. y",
      "A",
      "letters",
    ],
    [
      "columns",
      { question: "Which?", A: "x", B: "y", C: "z", answer: "C" },
      "Which?\n\nA. x\nB. y\nC. z",
      "C",
      "letters",
    ],
    ["no options", { question: "Find 7", A: "x", B: "y", answer: "7" }, "Find 7", "7", undefined],
  ];
  for (const [name, row, question, answer, layout] of cases) {
    const suite = await load("rows.jsonl", jsonl([row]));
    assertEquals(asked(suite), [[question, answer]], name);
    const named = [...suite.layouts].map(([text, count]) => `${text}: ${count}`).join();
    assert(layout === undefined ? named === "" : named.includes(layout), `${name}: ${named}`);
  }
  const level = await load("level.jsonl", jsonl([cases[1]?.[1]]));
  assertEquals([level.problems[0]?.level, level.problems[0]?.family], [5, "Algebra"]);
});

Deno.test("what may mean two things is refused and not guessed", async () => {
  const cases = [
    [
      { question: "Which?", options: ["1", "2", "3"], answer: 2 },
      "may be the place of an option or its text",
    ],
    [{ question: "Which?", options: ["1", "2"], answer: "five" }, "is none of the options"],
    [{ question: "Which?", options: ["x", "y"], answer: 2 }, "is none of the 2 options"],
    [
      {
        messages: [1, 2].flatMap((
          n,
        ) => [{ role: "user", content: `${n}` }, { role: "assistant", content: "x" }]),
      },
      "is a conversation of several questions",
    ],
    [{ problem: "Prove it", solution: "Clear." }, "no answer ("],
    [{ problem: "Find 2", answer: null }, "answer is missing"],
  ] as const;
  for (const [row, message] of cases) {
    await assertRejects(() => load("x.jsonl", jsonl([row])), SyntaxError, message);
  }
});

Deno.test("columns that nobody asked for never refuse a file; those that are named do", async () => {
  const row = {
    problem: "Find 7",
    answer: 7,
    level: "hard",
    id: {},
    subject: ["a"],
    solution: { x: 1 },
    type: "y".repeat(300),
  };
  const { problems } = await load("x.jsonl", jsonl([row]));
  assertEquals(
    problems.map(({ level, sourceId, family, solution }) => ({ level, sourceId, family, solution })),
    [
      { level: undefined, sourceId: undefined, family: "x", solution: undefined },
    ],
  );
  await assertRejects(
    () => load("x.jsonl", jsonl([row]), "?level=level"),
    SyntaxError,
    "the level is no number",
  );
});

Deno.test("repeated questions with other answers are reported, those with the same are not", async () => {
  const rows = [["a", "1"], ["a ", "2"], ["b", "3"], ["b", "3"]].map(([problem, answer]) => ({
    problem,
    answer,
  }));
  const { problems, repeats, contradictions } = await load("x.jsonl", jsonl(rows));
  assertEquals([problems.length, repeats], [2, 2]);
  assertEquals(contradictions, [{ first: "line 1", second: "line 2", answers: ["1", "2"] }]);
});

Deno.test("columns are named behind the path, or in a description that lies anywhere", async () => {
  const csv = "frage,antwort,split\nFind 2+3,= 5 #### 5,test\nFind 2*3,#### 6,train\n";
  const named = await load("x.csv", csv, "?question=frage&answer=antwort&rule=text");
  assertEquals(asked(named)[0], ["Find 2+3", "= 5 #### 5"]);
  await assertRejects(() => load("x.csv", csv), SyntaxError, 'name its column: "PATH?question=COLUMN"');
  await assertRejects(() => load("x.csv", csv, "?frage=question"), SyntaxError, "frage");
  await assertRejects(
    () => load("x.csv", csv, "?question=frage&answer=antwort&rule=best"),
    SyntaxError,
    "answer",
  );
  await withFolder(async (folder) => {
    await writeIn(folder, "data/rows.txt", csv);
    const path = await writeIn(
      folder,
      "described/exam.suite.json",
      JSON.stringify({
        file: "../data/rows.txt",
        format: "csv",
        columns: { question: "frage", answer: "antwort" },
        answer: "gsm8k",
        filter: [{ column: "split", equals: "test" }],
        wrapper: { before: "Find ", after: "" },
      }),
    );
    const options = { root: ".", files: noFiles, split: "evaluation" } as const;
    const suite = await loadSuite(path, options);
    assertEquals([suite.name, ...asked(suite)], ["exam", ["2+3", "5"]]);
    await Deno.writeTextFile(path, '{"file": "../data/rows.txt"}');
    await assertRejects(() => loadSuite(path, options), RangeError, 'say the "format"');
    await Deno.writeTextFile(path, '{"file": "none.csv"}');
    await assertRejects(() => loadSuite(path, options), RangeError, "there is no such file");
  });
});

Deno.test("two files of the same name are told apart by the name in front of the path", async () => {
  await withFolder(async (folder) => {
    const options = { root: ".", files: noFiles, split: "evaluation" } as const;
    const one = await writeIn(folder, "a/test.jsonl", jsonl([{ problem: "Find 1", answer: 1 }]));
    const suite = await loadSuite(`first=${one}`, options), same = await loadSuite(one, options);
    assertEquals([suite.name, same.name], ["first", "test"]);
    assert(suite.problems[0]?.id !== same.problems[0]?.id);
    assertEquals(suite.source, one);
  });
});

Deno.test("lastBox() finds what was put into the last box", () => {
  const formula = fc.array(fc.constantFrom("x", "{a}", "\\frac{1}{2}", "\\{", "\\}", " "), { minLength: 1 })
    .map((parts) => `f${parts.join("")}f`);
  fc.assert(fc.property(formula, fc.constantFrom("", "\\boxed{0} ", "\\boxed{"), (content, before) => {
    assertEquals(lastBox(`${before}So $\\boxed{${content}}$.`), content);
  }));
});

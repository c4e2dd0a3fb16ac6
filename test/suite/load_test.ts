import { assert, assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { contentId } from "../../src/canonical_json.ts";
import { checkSuiteName, type LoadOptions, loadSuite, type SuiteFiles } from "../../src/suite/mod.ts";
import { problemsDigest } from "../../src/suite/collect.ts";
import { messagesSchema, parquetBytes, withFolder, writeIn } from "./parquet/parquet_files.ts";

/** Files under a folder, as the Hub would give them; remembers what was asked for. */
function filesIn(folder: string, asked: string[] = []): SuiteFiles {
  return {
    file: ({ type, id, revision }, path) => {
      asked.push(`${type} ${id}@${revision} ${path}`);
      return Promise.resolve(`${folder}/${path}`);
    },
  };
}

const noFiles: SuiteFiles = { file: () => Promise.reject(new Error("no file is wanted")) };

/** A definition with one file, which tests change. */
const definition = {
  name: "tiny",
  description: "Three problems",
  split: "evaluation",
  hub: { id: "someone/tiny", revision: "main", files: ["test.jsonl"] },
  format: "jsonl",
  licence: "MIT",
  columns: { question: "q", answer: "a" },
  answer: "text",
  rows: 3,
  evaluation: { samples: 4, temperature: 1, topP: 1 },
};

const lines = [{ q: "Find 2+3", a: "5" }, { q: "Find 2*3", a: "6" }, { q: "Find 2-3", a: "-1" }];
const jsonl = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Loads the suite of a definition that lies, with its files, in a folder. */
function loadTiny(
  changes: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, Uint8Array | string>>,
  options: Partial<LoadOptions> = {},
  asked: string[] = [],
) {
  return withFolder(async (root) => {
    await writeIn(root, "benchmarks/suites/tiny.json", JSON.stringify({ ...definition, ...changes }));
    for (const [name, content] of Object.entries(files)) await writeIn(root, `files/${name}`, content);
    return await loadSuite("tiny", {
      root,
      files: filesIn(`${root}/files`, asked),
      split: "evaluation",
      ...options,
    });
  });
}

Deno.test("loadSuite() loads a data set and says what was checked", async () => {
  const asked: string[] = [];
  const suite = await loadTiny({}, { "test.jsonl": jsonl(lines) }, {}, asked);
  assertEquals(asked, ["dataset someone/tiny@main test.jsonl"]);
  assertEquals(suite.problems, [
    {
      id: (await contentId({ suite: "tiny", question: "Find 2+3" })).slice(0, 16),
      suite: "tiny",
      family: "tiny",
      question: "Find 2+3",
      answer: "5",
    },
    ...suite.problems.slice(1),
  ]);
  const { name, split, source, checked, rows, repeats, draws, digest } = suite;
  assertEquals({ name, split, source, checked, rows, repeats, draws }, {
    name: "tiny",
    split: "evaluation",
    source: "someone/tiny@main",
    checked: "count",
    rows: 3,
    repeats: 0,
    draws: [],
  });
  const known = { digest, digestFrom: "this test" };
  const again = await loadTiny(known, { "test.jsonl": jsonl(lines.toReversed()) });
  assertEquals([again.checked, again.digest], ["digest", digest]);
});

Deno.test("loadSuite() refuses a data set that is not what its definition expects, in one line", async () => {
  const { digest } = await loadTiny({}, { "test.jsonl": jsonl(lines) });
  const known = { digest, digestFrom: "this test" };
  const other = jsonl([{ q: "Find 2+3", a: "6" }, ...lines.slice(1)]);
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, string, string])[] = [
    [{}, jsonl(lines.slice(1)), "Cannot use the suite tiny: found 2 rows, expected 3; "],
    [
      known,
      other,
      `, expected ${digest} (from this test); the data set someone/tiny may have changed: give the`,
    ],
    [{}, jsonl([...lines, lines[0]]), "line 4: it asks the same as line 1"],
    [{}, jsonl([{ q: "Find 2+3" }]), "test.jsonl, line 1: a is missing"],
    [{}, jsonl([{ a: "5" }]), "test.jsonl, line 1: q is missing"],
    [{}, jsonl([{ q: " ", a: "5" }]), "test.jsonl, line 1: the question is empty"],
    [{}, jsonl([{ q: 5, a: "5" }]), "test.jsonl, line 1: q is no text"],
    [{}, jsonl([{ q: "x".repeat(70_000), a: "5" }]), "the question has 70000 characters, more than 65536"],
    [{}, "\n\n{,}\n", "test.jsonl, line 3: "],
    [{}, "[1]\n", "test.jsonl, line 1: expected an object"],
    [{ answer: "number" }, jsonl([{ q: "Find", a: "five" }]), "test.jsonl, line 1: a is no number"],
    [{ format: "parquet" }, jsonl(lines), "test.jsonl: it does not end in PAR1"],
    [{ format: "json" }, "{}", "test.jsonl: expected a list of rows"],
    [{ format: "json" }, "[1]", "test.jsonl, row 1: expected an object"],
  ];
  for (const [changes, text, message] of cases) {
    const error = await assertRejects(() => loadTiny(changes, { "test.jsonl": text }));
    assert(error instanceof SyntaxError || error instanceof RangeError, `${error}`);
    assert(error.message.startsWith("Cannot ") && error.message.includes(message), error.message);
    assert(!error.message.includes("\n"), error.message);
  }
});

Deno.test("loadSuite() filters rows, leaves out repeats and takes off the wrapper", async () => {
  const rows = [
    { q: "Solve.\n\nFind 2+3\n\nAnswer:", a: "5", language: "English", image: null, n: 1 },
    { q: "Find 2+3 ", a: "5", language: "English", n: 1 },
    { q: "求 2+3", a: "5", language: "Chinese", n: 1 },
    { q: "See the picture", a: "6", language: "English", image: "bytes", n: 1 },
    { q: "Prove it", a: "", language: "English", n: 1 },
    { q: "Find 7", a: "7", language: "English", n: 2 },
  ];
  const suite = await loadTiny({
    filter: [{ column: "language", equals: "English" }, { column: "image", equals: null }, {
      column: "a",
      present: true,
    }, { column: "n", equals: 1 }],
    wrapper: { before: "Solve.\n\n", after: "\n\nAnswer:" },
    dedupe: true,
    rows: 2,
  }, { "test.jsonl": jsonl(rows) });
  assertEquals(suite.problems.map(({ question }) => question), ["Find 2+3"]);
  assertEquals([suite.rows, suite.repeats], [2, 1]);
});

Deno.test("loadSuite() reads nested columns of several parquet files", async () => {
  const part = (from: number): Uint8Array =>
    parquetBytes([
      {
        name: "prompt",
        data: [0, 1].map((i) => [{ role: "user", content: `Find ${from + i}+1` }]),
      },
      { name: "solution", data: [0, 1].map((i) => `${from + i + 1}`) },
    ], { schema: messagesSchema("prompt", "solution") });
  const suite = await loadTiny({
    hub: { ...definition.hub, files: ["data/a.parquet", "data/b.parquet"] },
    format: "parquet",
    columns: { question: "prompt[0].content", answer: "solution" },
    rows: 4,
  }, { "data/a.parquet": part(0), "data/b.parquet": part(10) });
  assertEquals(suite.problems.map(({ question, answer }) => `${question}=${answer}`), [
    "Find 0+1=1",
    "Find 1+1=2",
    "Find 10+1=11",
    "Find 11+1=12",
  ]);
});

const many = Array.from({ length: 200 }, (_, i) => ({ q: `Find ${i}+1`, a: `${i + 1}` }));

Deno.test("loadSuite() draws the same problems whatever their order, and others for another seed", async () => {
  const files = { "test.jsonl": jsonl(many) }, shuffled = { "test.jsonl": jsonl(many.toReversed()) };
  const changes = { rows: 200, selection: { count: 50, seed: 1 } };
  const suite = await loadTiny(changes, files), same = await loadTiny(changes, shuffled);
  assertEquals(suite.problems.length, 50);
  assertEquals(same.problems, suite.problems);
  assertEquals([same.digest, suite.draws], [suite.digest, [{ count: 50, seed: 1 }]]);
  const other = await loadTiny({ rows: 200, selection: { count: 50, seed: 2 } }, files);
  assertNotEquals(other.problems, suite.problems);
  const fewer = await loadTiny(changes, files, { count: 20, seed: 5 });
  const ids = new Set(suite.problems.map(({ id }) => id));
  assert(fewer.problems.length === 20 && fewer.problems.every(({ id }) => ids.has(id)));
  const fewest = await loadTiny(changes, files, { count: 7, seed: 5 });
  assertEquals(fewest.problems, fewer.problems.slice(0, 7));
  // Fixed once and for all: a change would silently train on other problems.
  assertEquals(suite.problems.slice(0, 3).map(({ question }) => question), [
    "Find 197+1",
    "Find 92+1",
    "Find 161+1",
  ]);
  await assertRejects(() => loadTiny(changes, files, { count: 51 }), RangeError, "it has 50");
});

Deno.test("loadSuite() keeps the splits apart", async () => {
  const files = { "test.jsonl": jsonl(lines) };
  await assertRejects(
    () => loadTiny({}, files, { split: "train" }),
    RangeError,
    "Cannot train on tiny: it is held out",
  );
  await assertRejects(
    () => loadTiny({ split: "train", evaluation: undefined }, files),
    RangeError,
    "Cannot evaluate on tiny: it is trained on",
  );
});

Deno.test("loadSuite() generates the generated suites", async () => {
  const options = { root: ".", files: noFiles, split: "evaluation" } as const;
  const suite = await loadSuite("mini-math", { ...options, count: 12, seed: 3 });
  assertEquals([suite.problems.length, suite.source, suite.checked], [12, "generated", "nothing"]);
  assertEquals(suite.digest, problemsDigest(suite.problems));
  await assertRejects(() => loadSuite("mini-math", options), RangeError, "say how many problems");
});

Deno.test("loadSuite() reads a user's own files in each format", async () => {
  await withFolder(async (folder) => {
    const rows = [
      { id: 7, problem: "Find 2+3", answer: 5, subject: "Sums", level: 2, solution: "2+3=5" },
      { id: 8, problem: "Find 2*3", answer: 6, subject: "Products", level: 3, solution: "2*3=6" },
    ];
    const column = (name: "problem" | "subject" | "solution") => rows.map((row) => row[name]);
    const paths = [
      await writeIn(folder, "own.jsonl", jsonl(rows)),
      await writeIn(folder, "own.json", JSON.stringify({ data: rows })),
      await writeIn(
        folder,
        "own.parquet",
        parquetBytes([
          { name: "id", data: [7n, 8n], type: "INT64" },
          { name: "problem", data: column("problem"), type: "STRING" },
          { name: "answer", data: [5, 6], type: "DOUBLE" },
          { name: "subject", data: column("subject"), type: "STRING" },
          { name: "level", data: [2n, 3n], type: "INT64" },
          { name: "solution", data: column("solution"), type: "STRING" },
        ]),
      ),
    ];
    for (const path of paths) {
      const suite = await loadSuite(path, { root: ".", files: noFiles, split: "train" });
      assertEquals(suite.problems[0], {
        id: (await contentId({ suite: "own", question: "Find 2+3" })).slice(0, 16),
        suite: "own",
        family: "Sums",
        level: 2,
        question: "Find 2+3",
        answer: "5",
        solution: "2+3=5",
        sourceId: "7",
      }, path);
      assertEquals([suite.name, suite.problems.length, suite.checked], ["own", 2, "nothing"]);
    }
  });
});

Deno.test("loadSuite() says what is wrong with a name or a user's own file", async () => {
  await withFolder(async (folder) => {
    const options = { root: ".", files: noFiles, split: "evaluation" } as const;
    await Deno.mkdir(`${folder}/x.json`);
    const cases: readonly (readonly [string, string])[] = [
      ["aime-2042", 'Cannot find the suite "aime-2042": did you mean "aime-2024"? known suites: mini-aime, '],
      ["constructor", 'Cannot find the suite "constructor": known suites: '],
      [`${folder}/none.jsonl`, "there is no such file"],
      [`${folder}/x.json`, "it is no file"],
      [await writeIn(folder, "empty.jsonl", ""), "it has no rows"],
      [
        await writeIn(folder, "columns.jsonl", '{"text": 1, "answer": 2}\n'),
        "line 1: no question (problem, question, query, prompt, messages, conversations, input) among text, answer",
      ],
      [await writeIn(folder, "deep.json", "[".repeat(100_000)), "Cannot read "],
      [await writeIn(folder, "bytes.json", new Uint8Array([0x5B, 0xFF, 0x5D])), "it is not UTF-8"],
      [await writeIn(folder, "bytes.jsonl", new Uint8Array([0x5B, 0xFF, 0x5D])), "line 1: it is not UTF-8"],
    ];
    for (const [name, message] of cases) {
      const error = await assertRejects(() => loadSuite(name, options));
      assert(error instanceof SyntaxError || error instanceof RangeError, `${error}`);
      assert(error.message.includes(message) && !error.message.includes("\n"), error.message);
    }
  });
});

Deno.test("loadSuite() loads or refuses any text in one line", async () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.array(fc.string()));
  const row = fc.dictionary(
    fc.constantFrom(
      "problem",
      "question",
      "prompt",
      "answer",
      "options",
      "A",
      "B",
      "id",
      "level",
      "solution",
      "x",
    ),
    value,
  );
  const text = fc.oneof(
    fc.array(row).map(jsonl),
    fc.array(row).map((rows) => JSON.stringify(rows)),
    fc.json(),
    fc.string({ unit: "binary" }),
  );
  await withFolder(async (folder) => {
    const ending = fc.constantFrom("jsonl", "json", "parquet", "csv", "tsv", "suite.json");
    await fc.assert(
      fc.asyncProperty(text, ending, async (content, ending) => {
        const path = await writeIn(folder, `any.${ending}`, content);
        try {
          await loadSuite(path, { root: ".", files: noFiles, split: "train" });
        } catch (error) {
          assert(error instanceof SyntaxError || error instanceof RangeError, `${error}`);
          assert(!error.message.includes("\n"), error.message);
        }
      }),
      { numRuns: 300 },
    );
  });
});

Deno.test("a file of one's own that would be mistaken for a known suite gives no results, but can be read", async () => {
  const folder = await Deno.makeTempDir();
  const options = { root: ".", files: noFiles, split: "evaluation" } as const;
  try {
    const row = '{"problem": "What is 7?", "answer": 7}\n';
    for (const name of ["math-500.jsonl", "MATH_500.jsonl", "Mini AIME.jsonl", "gsm8k.jsonl"]) {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, row);
      const error = await assertRejects(() => checkSuiteName(path, "."), RangeError);
      assertStringIncludes(error.message, "give the file another name");
      assertEquals(error.message.includes("\n"), false);
      assertEquals((await loadSuite(path, options)).problems.length, 1);
    }
    for (const name of [`${folder}/my-math-500.jsonl`, "math-500", "mini-aime"]) {
      await checkSuiteName(name, ".");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

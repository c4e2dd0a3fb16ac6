import { assert, assertEquals, assertRejects } from "@std/assert";
import { sha256 } from "../../src/canonical_json.ts";
import { formulaKey } from "../../src/grade/mod.ts";
import { findOverlap, type LoadedSuite, loadSuite, suiteDefinitions } from "../../src/suite/mod.ts";
import { copies, hubFiles, present, rowsOf, shared } from "./hub_files.ts";
import { withFolder, writeIn } from "./parquet/parquet_files.ts";

/** Loads a suite from its copy in the Hub's shape, with a definition that may be changed. */
async function loadCopy(name: string, changes: Readonly<Record<string, unknown>> = {}): Promise<LoadedSuite> {
  const rows = await rowsOf(copies[name] ?? ""), definition = (await suiteDefinitions(".")).get(name);
  const content = hubFiles[name]?.(rows);
  assert(definition && content !== undefined);
  return await withFolder(async (root) => {
    await writeIn(root, `benchmarks/suites/${name}.json`, JSON.stringify({ ...definition, ...changes }));
    const path = await writeIn(root, "file", content);
    const files = { file: () => Promise.resolve(path) };
    return await loadSuite(name, { root, files, split: definition.split });
  });
}

const name = (what: string): string => present ? what : `${what} (ignored: no copies of the data sets)`;

for (const suite of ["aime-2024", "aime-2025", "amc-2023", "math-500", "gsm8k", "minerva"]) {
  Deno.test({
    name: name(`${suite}: rows in the Hub's shape have the count and digest of the definition`),
    ignore: !present,
    fn: async () => {
      const { checked, problems, rows, repeats } = await loadCopy(suite);
      assertEquals([checked, repeats, problems.length], ["digest", 0, rows]);
    },
  });
}

Deno.test({
  name: name("math-500: the copy is the Hub's file, byte for byte"),
  ignore: !present,
  fn: async () => {
    // JSON of Python's kind: spaces behind colons and commas.
    const rows = await rowsOf("math_500");
    const lines = rows.map(({ problem, solution, answer, subject, level, id }) => {
      const fields = Object.entries({ problem, solution, answer, subject, level, unique_id: id })
        .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
      return `{${fields.join(", ")}}\n`;
    });
    const digest = await sha256(lines.join(""));
    assert((await suiteDefinitions(".")).get("math-500")?.digestFrom?.includes(digest), digest);
  },
});

Deno.test({
  name: name("math-500: levels, subjects and names come along; gsm8k: thousands have no commas"),
  ignore: !present,
  fn: async () => {
    const { problems } = await loadCopy("math-500");
    assertEquals(new Set(problems.map(({ level }) => level)), new Set([1, 2, 3, 4, 5]));
    assertEquals(new Set(problems.map(({ family }) => family)).size, 7);
    assert(problems.every(({ sourceId, solution }) => sourceId?.startsWith("test/") && solution));
    const gsm8k = await loadCopy("gsm8k");
    assert(gsm8k.problems.every(({ answer }) => /^-?\d+$/.test(answer)));
  },
});

Deno.test({
  name: name("olympiadbench: the filter keeps the 675 rows of the copy, one more than the Hub has"),
  ignore: !present,
  fn: async () => {
    await assertRejects(() => loadCopy("olympiadbench"), RangeError, "found 675 rows, expected 674; ");
    const { checked, problems, digest } = await loadCopy("olympiadbench", { rows: 675 });
    assertEquals([checked, problems.length], ["count", 675]);
    assertEquals(digest, "ae6f10659ccb27b1d024a00d7132d9850065fda75f30ce17966226f43f8ef1b1");
  },
});

Deno.test({
  name: name("deepmath-5k: one of the authors' problems is there twice; draws from them are seeded"),
  ignore: !present,
  fn: async () => {
    const hub = { id: "someone/some", revision: "main", files: ["train.parquet"] };
    const changes = { hub, rows: 5000, selection: { count: 1000, seed: 1 } };
    const suite = await loadCopy("deepmath-5k", changes), again = await loadCopy("deepmath-5k", changes);
    assertEquals([suite.problems.length, suite.rows, suite.repeats, suite.checked], [1000, 5000, 1, "count"]);
    assertEquals(again.problems, suite.problems);
    assertEquals(suite.digest, "3b0230d41beb076d2295afb013d53cdfb52cebc32a299e2e325fa572555f18f1");
  },
});

Deno.test({
  name: name("the authors' training problems repeat no held-out question; shared words are stock phrases"),
  ignore: !present,
  fn: async () => {
    const files = { file: () => Promise.reject(new Error("no file is wanted")) };
    const load = (copy: string, split: "train" | "evaluation") =>
      loadSuite(new URL(`${copy}.jsonl`, shared).pathname, { root: ".", files, split });
    const training = await load("deepmath_5k", "train");
    const held = await Promise.all(
      Object.values(copies).filter((copy) => copy !== "deepmath_5k").map((copy) => load(copy, "evaluation")),
    );
    const found = findOverlap(training.problems, held, { formulaKey });
    assertEquals(
      found.map(({ suite, exact, meaning, ngram }) => [suite, exact.length, meaning.length, ngram.length]),
      [
        ["aime_2024", 0, 0, 6],
        ["aime_2025", 0, 0, 8],
        ["amc_2023", 0, 0, 8],
        ["gsm8k_test", 0, 0, 0],
        ["minerva_math", 0, 0, 0],
        ["math_500", 0, 0, 6],
        ["olympiadbench_oe_to_maths_en", 0, 0, 3],
      ],
    );
    assert(found.every(({ ngram }) => ngram.every(({ share }) => share < 0.5)));
  },
});

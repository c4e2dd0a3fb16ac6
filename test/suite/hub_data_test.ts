import { assertEquals } from "@std/assert";
import { dataFiles } from "../../src/suite/own/mod.ts";
import { hubSuite } from "../../src/suite_name.ts";

/** The files that a suite means. */
function files(
  all: readonly string[],
  text: string,
  purpose: "train" | "evaluation" = "evaluation",
): readonly string[] | string {
  const suite = hubSuite(text);
  if (!suite) return "no data set";
  const { paths, fault } = dataFiles(all, suite, purpose);
  return fault ?? paths;
}

const gsm8k = [
  ".gitattributes",
  "README.md",
  "dataset_infos.json",
  "main/test-00000-of-00001.parquet",
  "main/train-00000-of-00001.parquet",
  "socratic/test-00000-of-00001.parquet",
];

Deno.test("a configuration is a folder, a split a word in the path", () => {
  const test = ["main/test-00000-of-00001.parquet"];
  for (const text of ["a/b:main", "a/b:main:test"]) assertEquals(files(gsm8k, text), test, text);
  assertEquals(files(gsm8k, "a/b:main", "train"), ["main/train-00000-of-00001.parquet"]);
  assertEquals(files(gsm8k, "a/b:main:train"), ["main/train-00000-of-00001.parquet"]);
  assertEquals(
    files(gsm8k, "a/b"),
    "it has several configurations, main, socratic: name one, as in ORG/NAME:CONFIG:SPLIT",
  );
  assertEquals(files(gsm8k, "a/b:other:test"), 'it has no configuration "other", but main, socratic');
  assertEquals(
    files(gsm8k, "a/b:socratic:train"),
    'it has no split "train", but test: name one, as in ORG/NAME:SPLIT',
  );
});

Deno.test("shards follow each other, the split's other names count, and one is never guessed", () => {
  const shards = [
    "data/train-00001-of-00002.parquet",
    "data/train-00000-of-00002.parquet",
    "data/x_test.json",
  ];
  assertEquals(files(shards, "a/b", "train"), shards.slice(0, 2).toSorted());
  assertEquals(files(shards, "a/b:train"), shards.slice(0, 2).toSorted());
  assertEquals(files(shards, "a/b"), 'it has no split "test", but train: name one, as in ORG/NAME:SPLIT');
  assertEquals(files(["dev.jsonl", "test.jsonl"], "a/b:validation"), ["dev.jsonl"]);
  assertEquals(files(["dev.jsonl", "test.jsonl"], "a/b::dev"), ["dev.jsonl"]);
  assertEquals(files(["2024.jsonl", "2025.jsonl"], "a/b"), ["2024.jsonl", "2025.jsonl"]);
  assertEquals(files(["2024.jsonl", "2025.jsonl"], "a/b:2025"), ["2025.jsonl"]);
  assertEquals(
    files(["README.md", "train.zip"], "a/b"),
    "it has no files of rows (parquet, jsonl, ndjson, csv, tsv, json)",
  );
});

Deno.test("hubSuite() reads repository, revision, parts, name and settings", () => {
  const read = (text: string): unknown => {
    const suite = hubSuite(text);
    return suite && [suite.name, suite.id, suite.revision, suite.parts, suite.settings];
  };
  assertEquals(read("a/B-c"), ["B-c", "a/B-c", "main", [], {}]);
  assertEquals(read("x=a/b@v1.0:c:d?question=q"), ["x", "a/b", "v1.0", ["c", "d"], { question: "q" }]);
  assertEquals(read("a/b::test"), ["b-test", "a/b", "main", ["", "test"], {}]);
  for (const text of ["mini-math", "a/b.csv", "./a/b", "a/b/c", "a/b:c:d:e", "/a/b"]) {
    assertEquals(read(text), undefined, text);
  }
});

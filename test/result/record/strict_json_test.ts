import { assertThrows } from "@std/assert";
import { readDocument } from "../../../src/result/record/schema.ts";
import { checkJsonText } from "../../../src/result/record/strict_json.ts";

Deno.test("checkJsonText() tells names from values and objects from each other", () => {
  const good = [
    "{}",
    "[]",
    '"a"',
    '{"a":"a","b":{"a":1},"c":[{"a":1},{"a":"b\\"a"}]}',
    '["a","a",{"x":"x"}]',
    "1",
  ];
  for (const text of good) checkJsonText(text);
  const bad = [
    '{"a":1,"a":1}',
    '[{"a":{},"b":[],"a":0}]',
    '{"":1,"":2}',
    '{"\\"":1,"\\u0022":2}',
    '{"é":1,"\\u00e9":2}',
  ];
  for (const text of bad) assertThrows(() => checkJsonText(text), SyntaxError, "stands twice");
  checkJsonText("[".repeat(64) + "]".repeat(64));
  assertThrows(() => checkJsonText("[".repeat(65)), SyntaxError, "deeper than 64 levels at character 64");
});

Deno.test("readDocument() says that a text is no JSON rather than what its parts are", () => {
  for (const text of ['{"a', '{"a":"\\', "{a:1}", "", "\u0000", '{"\\ud8']) {
    assertThrows(
      () => readDocument(new TextEncoder().encode(text), "Cannot read x"),
      SyntaxError,
      "Cannot read x: ",
    );
  }
});

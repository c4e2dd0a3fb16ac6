import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { join } from "node:path";
import { attest, type CheckName, type SigningKey, statementFiles, verify } from "../../../src/result/mod.ts";
import { MANIFEST_FILES } from "../../../src/result/statement/manifest_files.ts";
import { readDocument, writeDocument } from "../../../src/result/record/schema.ts";
import { checkJsonText } from "../../../src/result/record/strict_json.ts";
import { facts, forge, forgeRecord, type Json, keysOf, newKey, readPayload, withSigned } from "../fixture.ts";

const { envelope: ENVELOPE } = statementFiles.result;

/** An attack on a signed directory by someone who may even hold a trusted key. */
interface Attack {
  readonly name: string;
  /** The check that must find it, and a part of what it says. */
  readonly check: CheckName;
  readonly says: string;
  readonly work: (directory: string, key: SigningKey) => Promise<void>;
}

const digest = { sha256: "0".repeat(64) };

/** A signed statement with a change. */
async function forgeChanged(
  directory: string,
  key: SigningKey,
  change: (statement: Json) => void,
): Promise<void> {
  const statement = await readPayload(directory);
  change(statement);
  await forge(directory, key, writeDocument(statement));
}

/** A signed statement whose text was changed. */
async function forgeText(
  directory: string,
  key: SigningKey,
  change: (text: string) => string,
): Promise<void> {
  await forge(directory, key, change(writeDocument(await readPayload(directory))));
}

/** The envelope's file with a change that needs no key. */
async function changeEnvelope(directory: string, change: (envelope: Json) => void): Promise<void> {
  const path = join(directory, ENVELOPE);
  const envelope = JSON.parse(await Deno.readTextFile(path));
  change(envelope);
  await Deno.writeTextFile(path, writeDocument(envelope));
}

/** `results.json` with its text changed, signed again. */
async function forgeRecordText(directory: string, key: SigningKey, from: string, to: string): Promise<void> {
  const text = await Deno.readTextFile(join(directory, "results.json"));
  assertStringIncludes(text, from);
  await forgeRecord(directory, key, text.replace(from, to));
}

const names = [
  "../../etc/passwd",
  "/etc/passwd",
  "a/../../b",
  "..\\..\\b",
  "C:\\b",
  "\u001b[31mred",
  "a\nok",
  "\u202egnp.exe",
  "",
];

const records: readonly (readonly [string, string, string, string])[] = [
  ["NaN for a count", '"correct":[0,1', '"correct":[NaN,1', "Cannot read results.json: "],
  ["a negative count", '"correct":[0,1', '"correct":[-1,1', "found -1"],
  ["a fraction of a count", '"correct":[0,1', '"correct":[0.5,1', "found 0.5"],
  ["a count that is infinite", '"correct":[0,1', '"correct":[1e999,1', "canonical"],
  ["a count beyond float64", '"correct":[0,1', '"correct":[9007199254740993,1', "canonical"],
  ["a count above the samples", '"correct":[0,1', '"correct":[1e+300,1', "expected"],
  ["a name that stands twice", '"graderVersion":', '"graderVersion":"0","graderVersion":', "stands twice"],
  ["another spelling", '"graderVersion":', ' "graderVersion":', "canonical"],
  [
    "nesting without end",
    '"learningRate":0.000001',
    `"x":${"[".repeat(1e5)}${"]".repeat(1e5)}`,
    "deeper than 64",
  ],
];

const attacks: readonly Attack[] = [
  ...names.map((name): Attack => ({
    name: `a subject named ${JSON.stringify(name)}`,
    check: "statement",
    says: "subject[0].name: expected a relative path without . or ..",
    work: (directory, key) =>
      forgeChanged(directory, key, (statement) => statement.subject = [{ name, digest }]),
  })),
  ...records.map(([name, from, to, says]): Attack => ({
    name: `${name} in results.json`,
    check: "record",
    says,
    work: (directory, key) => forgeRecordText(directory, key, from, to),
  })),
  {
    name: "a subject that stands twice",
    check: "statement",
    says: "expected names in ascending order",
    work: (directory, key) =>
      forgeChanged(directory, key, ({ subject }) => subject.splice(0, 2, subject[0], subject[0])),
  },
  {
    name: "a link to a file outside",
    check: "files",
    says: "it is no plain file",
    work: async (directory) => {
      await Deno.remove(join(directory, "metrics", "grpo-1.jsonl"));
      await Deno.symlink("/etc/hostname", join(directory, "metrics", "grpo-1.jsonl"));
    },
  },
  {
    name: "a link to a folder outside",
    check: "files",
    says: "it is no plain file",
    work: async (directory) => {
      await Deno.remove(join(directory, "metrics"), { recursive: true });
      await Deno.symlink("/etc", join(directory, "metrics"));
    },
  },
  {
    name: "a manifest that is a link",
    check: "signature",
    says: "it is missing",
    work: async (directory) => {
      await Deno.rename(join(directory, ENVELOPE), join(directory, "..", "outside"));
      await Deno.symlink("../outside", join(directory, ENVELOPE));
    },
  },
  {
    name: "a file whose name steers the terminal",
    check: "files",
    says: "it is no plain file with a plain name",
    work: (directory) => Deno.writeTextFile(join(directory, "\u001b]0;owned\u0007"), ""),
  },
  {
    name: "folders without end",
    check: "files",
    says: "deeper than 16 levels",
    work: (directory) => Deno.mkdir(join(directory, "a/".repeat(20)), { recursive: true }),
  },
  {
    name: "a name that stands twice in the statement",
    check: "statement",
    says: 'the name "_type" stands twice',
    work: (directory, key) => forgeText(directory, key, (text) => text.replace("{", '{"_type":"x",')),
  },
  {
    name: "a name that stands twice, once in escapes",
    check: "statement",
    says: 'the name "base" stands twice',
    work: (directory, key) =>
      forgeText(directory, key, (text) => text.replace('"base":', '"b\\u0061se":{},"base":')),
  },
  {
    name: "a statement nested without end",
    check: "statement",
    says: "nested deeper than 64 levels",
    work: (directory, key) => forge(directory, key, "[".repeat(1e6)),
  },
  {
    name: "a predicate nested without end",
    check: "statement",
    says: "nested deeper than 64 levels",
    work: (directory, key) =>
      forgeText(
        directory,
        key,
        (text) => text.replace('"cpu":"CPU"', `"cpu":${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}`),
      ),
  },
  {
    name: "a number that is infinite in the statement",
    check: "statement",
    says: "canonical",
    work: (directory, key) =>
      forgeText(directory, key, (text) => text.replace('"tokens":340', '"tokens":1e999')),
  },
  {
    name: "a member of the prototype",
    check: "statement",
    says: "__proto__",
    work: (directory, key) =>
      forgeText(directory, key, (text) => text.replace("{", '{"__proto__":{"polluted":true},')),
  },
  {
    name: "bytes that are no UTF-8",
    check: "signature",
    says: "UTF-8",
    work: (directory) => Deno.writeFile(join(directory, ENVELOPE), new Uint8Array([0x22, 0xff, 0x22])),
  },
  {
    name: "100 MB of manifest",
    check: "signature",
    says: "it has 100000000 bytes, expected at most 8388608",
    work: (directory) => Deno.truncate(join(directory, ENVELOPE), 100e6),
  },
  {
    name: "100 MB of bundle",
    check: "bundle",
    says: "it has 100000000 bytes",
    work: (directory) => Deno.truncate(join(directory, statementFiles.provenance.bundle), 100e6),
  },
  {
    name: "100 MB of results.json",
    check: "record",
    says: "it has 100000000 bytes",
    work: async (directory, key) => {
      await forgeRecord(directory, key, " ".repeat(100e6));
    },
  },
  {
    name: "an unknown predicate",
    check: "statement",
    says: 'predicateType: expected "https://jsr.io/@bupo/bench/predicate/benchmark-result/v1"',
    work: (directory, key) =>
      forgeChanged(directory, key, (statement) => statement.predicateType = "https://example.org/v1"),
  },
  {
    name: "another type of payload",
    check: "signature",
    says: 'payloadType: expected "application/vnd.in-toto+json"',
    work: (directory) => changeEnvelope(directory, (envelope) => envelope.payloadType = "text/html"),
  },
  {
    name: "two signatures",
    check: "signature",
    says: "signatures: ",
    work: (directory) => changeEnvelope(directory, ({ signatures }) => signatures.push(signatures[0])),
  },
  {
    name: "no signature",
    check: "signature",
    says: "signatures: ",
    work: (directory) => changeEnvelope(directory, (envelope) => envelope.signatures = []),
  },
  {
    name: "an empty signature",
    check: "signature",
    says: "does not hold",
    work: (directory) => changeEnvelope(directory, ({ signatures }) => signatures[0].sig = ""),
  },
  ...["", "SHA256:", "\u001b[2J", "x".repeat(1e5)].map((keyid): Attack => ({
    name: `the keyid ${JSON.stringify(keyid.slice(0, 10))}`,
    check: "signature",
    says: "which is none of 1 known public keys",
    work: (directory) => changeEnvelope(directory, ({ signatures }) => signatures[0].keyid = keyid),
  })),
  ...([
    ["with a line feed", (text: string) => `${text.slice(0, 8)}\n${text.slice(8)}`],
    ["without padding", (text: string) => text.replace(/=+$/, "")],
    [
      "with bits to spare",
      (text: string) => text.replace(/(.)==$/, (_, last) => `${last === "A" ? "B" : "h"}==`),
    ],
    ["in another alphabet", (text: string) => text.replaceAll("+", "-").replaceAll("/", "_")],
  ] as const).map(([how, spell]): Attack => ({
    name: `base64 ${how}`,
    check: "signature",
    says: "signatures[0].sig: expected base64",
    work: async (directory, key) => {
      // A signature of 64 bytes ends in "==": look for one that has the other alphabet's characters too.
      for (let i = 0;; i++) {
        await forgeChanged(directory, key, ({ predicate }) => predicate.environment.cpu = `${i}`);
        const text = JSON.parse(await Deno.readTextFile(join(directory, ENVELOPE))).signatures[0].sig;
        if (/[+/]/.test(text)) break;
      }
      await changeEnvelope(directory, ({ signatures }) => signatures[0].sig = spell(signatures[0].sig));
    },
  })),
];

for (const { name, check, says, work } of attacks) {
  Deno.test(`verify() refuses ${name}`, async () => {
    await withSigned(async (directory, key) => {
      await work(directory, key);
      const { ok, problems, outcomes } = await verify(directory, keysOf(key));
      assertEquals([ok, outcomes[check]], [false, "failed"], JSON.stringify(problems));
      const found = problems.filter((problem) => problem.check === check);
      assert(found.some(({ problem }) => problem.includes(says)), JSON.stringify(found).slice(0, 1000));
      assert(found.every(({ problem }) => problem.length < 1100 && !problem.includes("\n")));
      assertEquals(Reflect.get({}, "polluted"), undefined);
    });
  });
}

Deno.test("verify() refuses a signature under the keyid of another trusted key", async () => {
  await withSigned(async (directory, key) => {
    const other = await newKey();
    await changeEnvelope(directory, ({ signatures }) => signatures[0].keyid = other.publicKey.keyid);
    const { problems } = await verify(directory, keysOf(key, other));
    assertStringIncludes(problems[0]?.problem ?? "", "does not hold");
  });
});

Deno.test("a record with very many runs is refused in bearable time", async () => {
  await withSigned(async (directory, key) => {
    const record = JSON.parse(await Deno.readTextFile(join(directory, "results.json")));
    const [base] = record.runs;
    // Each compared with each would be two thousand million comparisons.
    record.runs = Array.from({ length: 60_000 }, (_, i) => ({ ...base, seed: Math.min(i, 59_998) }));
    await forgeRecord(directory, key, writeDocument(record));
    const { problems } = await verify(directory, keysOf(key));
    assertStringIncludes(
      problems[0]?.problem ?? "",
      "runs[59999].method: expected each method and seed once",
    );
  });
});

Deno.test("verify() throws on no bytes whatever, signed or not", async () => {
  await withSigned(async (directory, key) => {
    const original = await Promise.all(MANIFEST_FILES.map((name) => Deno.readFile(join(directory, name))));
    const statement = writeDocument(await readPayload(directory));
    const pieces = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc.string({ unit: "binary" }),
      fc.constantFrom("{", "[", '"', "\\"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(MANIFEST_FILES.length),
        fc.nat(statement.length),
        pieces,
        async (file, at, piece) => {
          const name = MANIFEST_FILES[file];
          if (name === undefined) {
            // A forger with the key: the statement with a piece put into it.
            await forge(directory, key, statement.slice(0, at) + piece + statement.slice(at + piece.length));
          } else await Deno.writeTextFile(join(directory, name), piece);
          const { ok, problems } = await verify(directory, keysOf(key));
          if (name !== undefined || piece !== statement.slice(at, at + piece.length)) {
            assertEquals([ok, problems.length > 0], [false, true]);
          }
          for (const [i, bytes] of original.entries()) {
            await Deno.writeFile(join(directory, MANIFEST_FILES[i] ?? ""), bytes);
          }
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });
});

Deno.test("markup in a file's name is only a name", async () => {
  await withSigned(async (directory, key) => {
    await Deno.writeTextFile(join(directory, "<img src=x onerror=alert(1)>"), "");
    await attest(directory, { ...facts, key });
    assertEquals((await verify(directory, keysOf(key))).problems, []);
  });
});

/** Runs a command of the command line without any permission but reading. */
async function run(...args: string[]): Promise<{ code: number; out: string }> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env=BUPO_TRACE", "main.ts", ...args],
  }).output();
  return { code, out: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("what verify prints cannot steer a terminal, as text or as JSON", async () => {
  await withSigned(async (directory) => {
    await Deno.writeTextFile(join(directory, "\u001b]0;owned\u0007\u202e"), "");
    await changeEnvelope(directory, ({ signatures }) => signatures[0].keyid = "\u001b[2J\u009b31m\u202e");
    for (const flags of [[], ["--json"]]) {
      const { code, out } = await run("verify", directory, ...flags);
      assertEquals(code, 1);
      assertMatch(out, /owned/);
      assertEquals(/(?!\n)[\p{Cc}\p{Cf}]/u.test(out), false, JSON.stringify(out));
      if (flags.length > 0) assertEquals(JSON.parse(out).ok, false);
    }
  });
});

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

/**
 * What someone may do to a signed directory, with a trusted key or without, and the check that must find it.
 *
 * @module
 */

import { assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { ClaimName } from "../../../src/judge/mod.ts";
import { type SigningKey, statementFiles } from "../../../src/result/mod.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { forge, forgeRecord, type Json, readPayload } from "../fixture.ts";

const { envelope: ENVELOPE } = statementFiles.result;

/** An attack on a signed directory by someone who may even hold a trusted key. */
export interface Attack {
  readonly name: string;
  /** The check that must find it, and a part of what it says. */
  readonly check: ClaimName;
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
export async function changeEnvelope(directory: string, change: (envelope: Json) => void): Promise<void> {
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

/** The attacks. */
export const attacks: readonly Attack[] = [
  ...names.map((name): Attack => ({
    name: `a subject named ${JSON.stringify(name)}`,
    check: "schema",
    says: "subject[0].name: expected a relative path without . or ..",
    work: (directory, key) =>
      forgeChanged(directory, key, (statement) => statement.subject = [{ name, digest }]),
  })),
  ...records.map(([name, from, to, says]): Attack => ({
    name: `${name} in results.json`,
    check: "schema",
    says,
    work: (directory, key) => forgeRecordText(directory, key, from, to),
  })),
  {
    name: "a subject that stands twice",
    check: "schema",
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
    check: "schema",
    says: 'the name "_type" stands twice',
    work: (directory, key) => forgeText(directory, key, (text) => text.replace("{", '{"_type":"x",')),
  },
  {
    name: "a name that stands twice, once in escapes",
    check: "schema",
    says: 'the name "base" stands twice',
    work: (directory, key) =>
      forgeText(directory, key, (text) => text.replace('"base":', '"b\\u0061se":{},"base":')),
  },
  {
    name: "a statement nested without end",
    check: "schema",
    says: "nested deeper than 64 levels",
    work: (directory, key) => forge(directory, key, "[".repeat(1e6)),
  },
  {
    name: "a predicate nested without end",
    check: "schema",
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
    check: "schema",
    says: "canonical",
    work: (directory, key) =>
      forgeText(directory, key, (text) => text.replace('"tokens":340', '"tokens":1e999')),
  },
  {
    name: "a member of the prototype",
    check: "schema",
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
    check: "signature",
    says: "it has 100000000 bytes",
    work: (directory) => Deno.truncate(join(directory, statementFiles.provenance.bundle), 100e6),
  },
  {
    name: "100 MB of results.json",
    check: "schema",
    says: "it has 100000000 bytes",
    work: async (directory, key) => {
      await forgeRecord(directory, key, " ".repeat(100e6));
    },
  },
  {
    name: "an unknown predicate",
    check: "schema",
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

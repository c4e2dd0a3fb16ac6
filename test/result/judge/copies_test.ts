import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  exportResults,
  publication,
  readResult,
  type VerifiedResult,
  withoutCopies,
  withPlaces,
} from "../../../src/publish/mod.ts";
import { verify } from "../../../src/result/mod.ts";
import { signatureFromDer, signatureToDer } from "../../../src/result/keys/ecdsa.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { keysOf, newKey } from "../fixture.ts";
import { NOW, writeForgery } from "./forger.ts";
import { copyOf, honestParts, type Parts } from "./honest.ts";
import { QUICK } from "../../publish/published_fixture.ts";

const honest = await honestParts();
const options = { now: NOW, regrade: { workers: 1 } };

/** Writes and reads results of a folder; all of them may enter. */
async function readAll(
  root: string,
  parts: Readonly<Record<string, Parts>>,
  key?: Awaited<ReturnType<typeof newKey>>,
): Promise<VerifiedResult[]> {
  const results: VerifiedResult[] = [];
  for (const [name, one] of Object.entries(parts)) {
    const used = await writeForgery(join(root, name), one, key ? { key } : {});
    const result = await readResult(join(root, name), keysOf(used), options);
    assert(!("reason" in result), "reason" in result ? result.reason : "");
    results.push(result);
  }
  return results;
}

async function withFolder(work: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await work(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("F13: a result in three directories counts once, also where it was signed again", async () => {
  await withFolder(async (root) => {
    const other = await newKey();
    const results = [
      ...await readAll(root, { "qwen3-4b": copyOf(honest), embedded: copyOf(honest) }),
      ...await readAll(root, { third: copyOf(honest) }, other),
    ];
    const { results: single, copies } = withoutCopies(results);
    assertEquals(single.map(({ input }) => input.name), ["embedded"]);
    assertEquals(copies.map(({ name }) => name), ["qwen3-4b", "third"]);
    assertStringIncludes(copies[0]?.reason ?? "", "the same result as embedded");
    // The one by a trusted key counts, whatever it is called.
    const trusted = results.map((result) =>
      result.input.name === "third" ? { ...result, input: { ...result.input, trusted: true } } : result
    );
    assertEquals(withoutCopies(trusted).results.map(({ input }) => input.name), ["third"]);
  });
});

Deno.test("F4: other settings under a known name stand beside it, and the date that a signer wrote decides nothing", async () => {
  await withFolder(async (root) => {
    const other = copyOf(honest);
    other.record.profile.training.learningRate = 0.5;
    for (const log of Object.values(other.logs)) for (const step of log) step.learningRate = 0.5;
    const [first, second] = await readAll(root, { first: copyOf(honest), zzz: other });
    assert(first && second);
    const late = { ...second, input: { ...second.input, date: "2026-12-30T00:00:00Z" } };
    const { leaderboard } = await publication([first, late], [], QUICK);
    assertEquals(leaderboard.results.map(({ name, first }) => [name, first]), [["first", true], [
      "zzz",
      true,
    ]]);
    // Of equal settings the trusted one is first, then the one whose commit is newer.
    const again = { ...first, input: { ...first.input, name: "again", date: "2026-12-30T00:00:00Z" } };
    const order = async (results: VerifiedResult[]): Promise<string[]> =>
      (await publication(results, [], QUICK)).leaderboard.results.filter(({ first }) => first).map((
        { name },
      ) => name);
    const placed = (newest: string): VerifiedResult[] =>
      withPlaces([first, again], { places: new Map([["first", 7], ["again", 7], [newest, 0]]) });
    assertEquals(await order(placed("first")), ["first"]);
    assertEquals(await order(placed("again")), ["again"]);
    const trust = placed("again").map((one) =>
      one.input.name === "first" ? { ...one, input: { ...one.input, trusted: true } } : one
    );
    assertEquals(await order(trust), ["first"]);
  });
});

Deno.test("F14: what was judged is what is published: a file that changes afterwards ends in an error", async () => {
  await withFolder(async (root) => {
    const [result] = await readAll(root, { x: copyOf(honest) });
    assert(result);
    const lies = copyOf(honest);
    for (const line of lies.lines) line.responses = line.responses.map(() => "\\boxed{invented}");
    await writeForgery(join(root, "lies"), lies);
    const board = (await publication([result], [], QUICK)).leaderboard;
    await Deno.copyFile(join(root, "lies", "samples.jsonl.gz"), join(root, "x", "samples.jsonl.gz"));
    await assertRejects(
      () => exportResults(join(root, "out"), ".", [result], board),
      Error,
      "changed while it was read",
    );
  });
});

Deno.test("F15: of the two signatures of P-256 that hold together only the one with the lower s does here", async () => {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  await withFolder(async (root) => {
    const key = await newKey("p256"), directory = join(root, "x");
    const bytes = new TextEncoder().encode("what is signed");
    for (let i = 0; i < 20; i++) {
      const plain = signatureFromDer(await key.sign(bytes));
      assert(plain && 2n * BigInt(`0x${plain.slice(32).toHex()}`) < order);
    }
    await writeForgery(directory, copyOf(honest), { key });
    assertEquals((await verify(directory, keysOf(key), { now: NOW })).ok, true);
    for (const kind of ["manifest", "provenance"]) {
      const path = join(directory, `${kind}.intoto.json`),
        envelope = JSON.parse(await Deno.readTextFile(path));
      const plain = signatureFromDer(Uint8Array.fromBase64(envelope.signatures[0].sig));
      assert(plain);
      const s = order - BigInt(`0x${plain.slice(32).toHex()}`);
      plain.set(Uint8Array.fromHex(s.toString(16).padStart(64, "0")), 32);
      envelope.signatures[0].sig = signatureToDer(plain).toBase64();
      const bundle = JSON.parse(await Deno.readTextFile(join(directory, `${kind}.sigstore.json`)));
      bundle.dsseEnvelope = envelope;
      await Deno.writeTextFile(path, writeDocument(envelope));
      await Deno.writeTextFile(join(directory, `${kind}.sigstore.json`), writeDocument(bundle));
    }
    const { ok, problems } = await verify(directory, keysOf(key), { now: NOW });
    assertEquals(ok, false);
    assertStringIncludes(problems[0]?.problem ?? "", "does not hold");
  });
});

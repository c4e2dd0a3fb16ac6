import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { findResults, type FoundResult, publishKey, type SigningKey } from "../../../src/result/mod.ts";
import { signEnvelope, sigstoreBundle } from "../../../src/result/sign/dsse.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { fileDigest, listFiles } from "../../../src/result/statement/subjects.ts";
import { facts, newKey, withSigned } from "../fixture.ts";
import { withThreeResults } from "../history_fixture.ts";

type State = FoundResult["signature"];

async function stateOf(path: string, keys?: string): Promise<State> {
  const [found] = await findResults(path, { keys });
  return found?.signature ?? { state: "unsigned" };
}

/** Why a signature does not hold. */
async function reasonOf(path: string, keys?: string): Promise<string> {
  const state = await stateOf(path, keys);
  assertEquals(state.state, "invalid");
  return "reason" in state ? state.reason : "";
}

/** Signs a folder with one statement that says everything, as results of the first layout were. */
async function signOnce(directory: string, key: SigningKey, more = {}): Promise<void> {
  const { files } = await listFiles(directory);
  const kept = files.filter((name) => !/^(manifest|provenance)\./.test(name));
  for (const name of files) if (!kept.includes(name)) await Deno.remove(join(directory, name));
  const subject = [];
  for (const name of kept) {
    subject.push({ name, digest: { sha256: await fileDigest(join(directory, name)) } });
  }
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject,
    predicateType: "https://jsr.io/@bupo/bench/predicate/benchmark-result/v1",
    predicate: {
      environment: facts.environment,
      resolvedDependencies: [
        { name: "source", digest: { gitCommit: "1".repeat(40) }, annotations: { dirty: true } },
        { name: "deno.lock", digest: { sha256: "2".repeat(64) } },
      ],
      metadata: facts.metadata,
      run: {},
    },
    ...more,
  };
  const envelope = await signEnvelope(new TextEncoder().encode(writeDocument(statement)), key);
  await Deno.writeTextFile(join(directory, "manifest.intoto.json"), writeDocument(envelope));
  const bundle = await sigstoreBundle(envelope, key.publicKey);
  await Deno.writeTextFile(join(directory, "manifest.sigstore.json"), writeDocument(bundle));
}

Deno.test("a signature that holds says by whom, and what the statements say of the making", async () => {
  await withSigned(async (directory, key) => {
    const state = await stateOf(directory);
    assertEquals(state, {
      state: "verified",
      keyid: key.publicKey.keyid,
      facts: {
        commit: "0".repeat(40),
        dirty: "unknown",
        changed: null,
        lock: null,
        environment: { ...facts.environment },
        finishedOn: facts.metadata.finishedOn,
        signedOn: null,
        afterEdit: null,
      },
      unchecked: state.state === "verified" ? state.unchecked : null,
    });
    assertStringIncludes("unchecked" in state ? state.unchecked ?? "" : "", "the profile names no suites");
  });
});

Deno.test("one statement, as results of the first layout have, is not enough for a result that is none of them", async () => {
  await withSigned(async (directory, key) => {
    await signOnce(directory, key);
    assertStringIncludes(await reasonOf(directory), "provenance.intoto.json: it is missing");
  });
});

const FIRST = "22fb3bd3eeb7eb9b767e4a35976c9a87fcd968d6";
const history = await new Deno.Command("git", { args: ["cat-file", "-e", `${FIRST}^{commit}`] }).output();

Deno.test({
  name: `the results of the first layout are read where they stand, and what was not checked is said${
    history.success ? "" : " (ignored: the clone lacks that commit)"
  }`,
  ignore: !history.success,
  fn: async () => {
    const [found] = await findResults(FIRST);
    const signature = found?.signature;
    assertEquals(signature?.state, "verified");
    if (signature?.state !== "verified") return;
    assertStringIncludes(signature.unchecked ?? "", "first layout");
    assertEquals(signature.facts.finishedOn?.slice(0, 4), "2026");
  },
});

Deno.test("a result without signature files is unsigned, one that lost some of them is not", async () => {
  await withSigned(async (directory) => {
    await Deno.remove(join(directory, "manifest.sigstore.json"));
    assertStringIncludes(await reasonOf(directory), "manifest.sigstore.json: it is missing");
    for await (const { name } of Deno.readDir(directory)) {
      if (/^(manifest|provenance)\./.test(name)) await Deno.remove(join(directory, name));
    }
    assertEquals(await stateOf(directory), { state: "unsigned" });
  });
});

Deno.test("every change of a signed folder is found and named", async () => {
  const changes: readonly (readonly [string, (directory: string) => Promise<unknown>])[] = [
    ["results.json: its SHA-256", async (directory) => {
      const path = join(directory, "results.json"), text = await Deno.readTextFile(path);
      assertStringIncludes(text, '"tokens":340');
      await Deno.writeTextFile(path, text.replace('"tokens":340', '"tokens":341'));
    }],
    ["extra: no statement names it", (directory) => Deno.writeTextFile(join(directory, "extra"), "")],
    ["no plain file", (directory) => Deno.symlink("/etc/passwd", join(directory, "link"))],
    ["it is missing", async (directory) => {
      for (const name of ["metrics", "metrics.jsonl"]) {
        await Deno.remove(join(directory, name), { recursive: true }).catch(() => {});
      }
    }],
    ["manifest.intoto.json", async (directory) => {
      const path = join(directory, "manifest.intoto.json"), text = await Deno.readTextFile(path);
      const { payload } = JSON.parse(text), other = payload[9] === "A" ? "B" : "A";
      await Deno.writeTextFile(path, text.replace(payload, payload.slice(0, 9) + other + payload.slice(10)));
    }],
    [
      "manifest.sigstore.json",
      (directory) => Deno.writeTextFile(join(directory, "manifest.sigstore.json"), '{"dsseEnvelope":{}}\n'),
    ],
    [
      "manifest.intoto.json: it has 9000000 bytes",
      (directory) => Deno.truncate(join(directory, "manifest.intoto.json"), 9_000_000),
    ],
  ];
  for (const [said, change] of changes) {
    await withSigned(async (directory) => {
      await change(directory);
      assertStringIncludes(await reasonOf(directory), said);
    });
  }
});

Deno.test("a checkpoint may lie elsewhere, but not be another one", async () => {
  await withSigned(async (directory) => {
    const path = join(directory, "checkpoints", "grpo-1.safetensors");
    await Deno.remove(path);
    assertEquals((await stateOf(directory)).state, "verified");
    await Deno.mkdir(join(directory, "checkpoints"), { recursive: true });
    await Deno.writeTextFile(path, "another");
    assertStringIncludes(await reasonOf(directory), "checkpoints/grpo-1.safetensors: its SHA-256 is");
  });
});

Deno.test("only published keys count, and those of another folder if it is given", async () => {
  await withSigned(async (directory, key) => {
    const other = await newKey(), keys = join(directory, "..", "others", "keys");
    await publishKey(join(directory, "..", "others", "run"), other.publicKey);
    assertStringIncludes(await reasonOf(directory, keys), "none of");
    await Deno.writeTextFile(join(keys, "no_key.pem"), "no key");
    await publishKey(join(directory, "..", "others", "run"), key.publicKey);
    assertEquals((await stateOf(directory, keys)).state, "verified");
    await Deno.remove(join(directory, "..", "keys"), { recursive: true });
    assertStringIncludes(await reasonOf(directory), "none of");
  });
});

Deno.test("a signature is checked in a commit as on disk, with the keys of that commit", async () => {
  await withThreeResults(async (repository) => {
    const state = async (revision: string): Promise<State> => {
      const [found] = await findResults(revision, { directory: repository.root });
      return found?.signature ?? { state: "unsigned" };
    };
    const path = join(repository.folder(), "metrics.jsonl");
    await Deno.writeTextFile(path, "{}");
    await repository.commit("more");
    const more = await state("HEAD");
    assertStringIncludes("reason" in more ? more.reason : "", "metrics.jsonl: no statement names it");
    await Deno.remove(path);
    await Deno.symlink("/etc/passwd", path);
    await repository.commit("link");
    const link = await state("HEAD");
    assertStringIncludes("reason" in link ? link.reason : "", "metrics.jsonl: it is no plain file");
    await Deno.remove(path);
    await Deno.remove(join(repository.root, "results", "keys"), { recursive: true });
    await repository.commit("no key");
    const none = await state("HEAD");
    assertStringIncludes("reason" in none ? none.reason : "", "none of 0");
    assertEquals((await state("worse")).state, "verified");
  });
});

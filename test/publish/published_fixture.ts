import { join } from "node:path";
import { judgedResult, publication, readResult, type VerifiedResult } from "../../src/publish/mod.ts";
import { claimNames, proved } from "../../src/judge/mod.ts";
import {
  type Excluded,
  type LeaderboardInput,
  type PageInput,
  renderPage,
  signedFacts,
} from "../../src/report/mod.ts";
import {
  attest,
  BUILD_TYPE,
  BUILDER_ID,
  folderFiles,
  judgeFiles,
  type JudgeOptions,
  type KeyAlgorithm,
  parseRecord,
  publishKey,
  type Recheck,
  type ResultRecord,
  type RunFacts,
  type RunMaker,
  type SigningKey,
  writeRecord,
} from "../../src/result/mod.ts";
import { facts, keysOf, newKey } from "../result/fixture.ts";

const EMBEDDED = new URL("../../results/embedded/", import.meta.url);

/** The committed record. */
export async function embeddedRecord(): Promise<ResultRecord> {
  return parseRecord(await Deno.readFile(new URL("results.json", EMBEDDED)));
}

/** What a judge says of a result of which everything was compared. */
export const judgedWell: LeaderboardInput["judged"] = {
  claims: Object.fromEntries(
    claimNames.map((name) => [name, proved]),
  ) as LeaderboardInput["judged"]["claims"],
  suites: [],
  headline: true,
  whole: true,
  partial: null,
};

/** A made-up manifest around a record. */
export function inputOf(
  name: string,
  recordContent: ResultRecord,
  more: Partial<LeaderboardInput> = {},
): LeaderboardInput {
  return {
    name,
    recordContent,
    ...signedFacts(recordContent, "1".repeat(64), {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { profile: recordContent.profile },
        internalParameters: { environment: facts.environment },
        resolvedDependencies: [{
          name: "source",
          digest: { gitCommit: "4".repeat(40) },
          annotations: { dirty: false },
        }],
      },
      runDetails: { builder: { id: BUILDER_ID }, metadata: facts.metadata, byproducts: [] },
    }),
    manifest: "2".repeat(64),
    provenance: "5".repeat(64),
    record: "3".repeat(64),
    key: `SHA256:${"k".repeat(43)}`,
    owner: null,
    trusted: false,
    place: null,
    judged: judgedWell,
    ...more,
  };
}

/** How a copy of the committed result differs from it. */
export interface Variation {
  /** Changes the record. */
  readonly change?: (record: ResultRecord) => ResultRecord;
  /** Replaces the samples' lines. */
  readonly line?: (text: string) => string;
  /** The commit's first digits. */
  readonly commit?: string;
  /** When the run ended. */
  readonly date?: string;
  /** What executed the records; default nobody knows. */
  readonly makers?: readonly RunMaker[];
  /** The key; default a fresh one. */
  readonly key?: SigningKey;
}

/** Bytes through a stream. */
export async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: GenericTransformStream,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** Copies the committed result into `<root>/<name>`, changed and signed with a test's key. */
export async function copyEmbedded(
  root: string,
  name: string,
  variation: Variation = {},
): Promise<SigningKey> {
  const { change = (record) => record, line, commit = "0", date = "2026-01-01T00:10:00Z" } = variation;
  const directory = join(root, name), key = variation.key ?? await newKey();
  await Deno.mkdir(join(directory, "metrics"), { recursive: true });
  for await (const { name: file } of Deno.readDir(new URL("metrics", EMBEDDED))) {
    await Deno.copyFile(new URL(`metrics/${file}`, EMBEDDED), join(directory, "metrics", file));
  }
  const samples = join(directory, "samples.jsonl.gz");
  await Deno.copyFile(new URL("samples.jsonl.gz", EMBEDDED), samples);
  if (line) {
    const text = new TextDecoder().decode(
      await through(await Deno.readFile(samples), new DecompressionStream("gzip")),
    );
    const changed = new TextEncoder().encode(
      text.split("\n").map((one) => one === "" ? "" : line(one)).join("\n"),
    );
    await Deno.writeFile(samples, await through(changed, new CompressionStream("gzip")));
  }
  await writeRecord(directory, change(await embeddedRecord()));
  const signed: RunFacts = {
    ...facts,
    sources: [{
      name: "source",
      digest: { gitCommit: commit.padEnd(40, "0") },
      annotations: { dirty: false },
    }],
    metadata: { startedOn: date, finishedOn: date },
    ...(variation.makers ? { makers: variation.makers } : {}),
  };
  await attest(directory, { ...signed, key });
  await publishKey(directory, key.publicKey);
  return key;
}

const graded = new Map<string, Promise<Recheck>>();

/** Completions that several tests have are graded once. */
const remembered: NonNullable<JudgeOptions["remembered"]> = (key, make) => {
  const known = graded.get(key) ?? make();
  graded.set(key, known);
  return known;
};

/** Reads a directory that a test signed, whatever the judge says of it: what a page does with it is another question. */
export async function readWhatever(directory: string, key: SigningKey): Promise<VerifiedResult> {
  const keys = keysOf(key);
  return await judgedResult(directory, await judgeFiles(await folderFiles(directory), { keys }), keys);
}

/** Reads directories that a test signed. */
export async function readAll(
  root: string,
  names: readonly string[],
  key: SigningKey,
): Promise<{ results: VerifiedResult[]; excluded: Excluded[] }> {
  const options = { regrade: { workers: 1 }, remembered };
  const all = await Promise.all(names.map((name) => readResult(join(root, name), keysOf(key), options)));
  return {
    results: all.flatMap((one) => "reason" in one ? [] : [one]),
    excluded: all.flatMap((one) => "reason" in one ? [one] : []),
  };
}

/** Few resamples: what tests look at is not how wide the intervals are. */
export const QUICK = { resamples: 200, draws: 199 };

/** A result as one that may stand for its profile. */
export function leading(result: VerifiedResult): VerifiedResult {
  return { ...result, input: { ...result.input, judged: { ...result.input.judged, headline: true } } };
}

/** The page's content for some copies of the committed result. */
export async function pageOf(
  variations: Readonly<Record<string, Variation>>,
  algorithm: KeyAlgorithm = "ed25519",
): Promise<PageInput> {
  const root = await Deno.makeTempDir();
  try {
    const key = await newKey(algorithm);
    for (const [name, variation] of Object.entries(variations)) {
      await copyEmbedded(root, name, { ...variation, key });
    }
    const results = await Promise.all(
      Object.keys(variations).map((name) => readWhatever(join(root, name), key)),
    );
    return (await publication(results.map(leading), [], QUICK)).page;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** The page itself. */
export async function htmlOf(...variations: Parameters<typeof pageOf>): Promise<string> {
  return await renderPage(await pageOf(...variations));
}

import { assert } from "@std/assert";
import { join } from "node:path";
import {
  attest,
  findProblems,
  type JsonValue,
  parseRecord,
  publishKey,
  type ResultRecord,
  type SigningKey,
  writeRecord,
} from "../../src/result/mod.ts";
import { runName } from "../../src/judge/mod.ts";
import { facts, newKey } from "./fixture.ts";

/** The record of this repository's own embedded result. */
export async function embeddedRecord(): Promise<ResultRecord> {
  return parseRecord(await Deno.readFile(new URL("../../results/embedded/results.json", import.meta.url)));
}

/** The same with so many problems of each suite as tests need, as a run of a profile that asks for so many. */
export async function smallRecord(problems = 40): Promise<ResultRecord> {
  const record = await embeddedRecord(), { evaluation } = record.profile;
  const profile = { ...record.profile, evaluation: { ...evaluation as Record<string, JsonValue>, problems } };
  const found = await findProblems({ ...record, profile });
  return {
    ...record,
    profile,
    suites: record.suites.map((suite) => {
      const one = found.get(suite.name);
      assert(one && "value" in one, `${suite.name} is generated`);
      return { ...suite, digest: one.value.digest, problems: one.value.ids };
    }),
    runs: record.runs.map((run) => ({
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map(([name, outcome]) => [name, {
          ...outcome,
          correct: outcome.correct.slice(0, problems),
          unparsed: 0,
        }]),
      ),
    })),
  };
}

/** A record in which a method solves so many samples more of every problem, as far as there are that many. */
export function shifted(record: ResultRecord, method: string, more: number): ResultRecord {
  const samples = new Map(record.suites.map((suite) => [suite.name, suite.samples]));
  return {
    ...record,
    runs: record.runs.map((run) =>
      run.method !== method ? run : {
        ...run,
        suites: Object.fromEntries(
          Object.entries(run.suites).map(([name, outcome]) => [name, {
            ...outcome,
            correct: outcome.correct.map((count) =>
              Math.max(0, Math.min(samples.get(name) ?? 0, count + more))
            ),
          }]),
        ),
      }
    ),
  };
}

/** A completion with everything that could steer a terminal or a page. */
export const HOSTILE =
  'one\x1b[31mred\x1b]0;title\x07\nsecond <script>alert("x")</script> | [a](http://x) \u202etxet \\input{x} & 1%';

/**
 * Writes a samples file: the same responses of a run on every problem, prefixed with what is given; where the answers are
 * given, as many of them end in one as the record counts.
 */
export async function writeSamples(
  directory: string,
  record: ResultRecord,
  text: string,
  answers: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const end = (problem: string, right: boolean): string => {
    const answer = answers.get(problem);
    return answer === undefined ? "" : ` \\boxed{${right ? answer : "-98765"}}`;
  };
  const lines = record.runs.flatMap(({ method, seed, suites }) =>
    record.suites.flatMap(({ name, problems, samples }) =>
      problems.map((problem, place) => {
        const correct = suites[name]?.correct[place] ?? 0;
        const responses = Array.from({ length: samples }, (_, i) => {
          return `${text} ${runName({ method, seed })} ${i + 1}${end(problem, i < correct)}`;
        });
        const line = { method, problem, responses, ...(seed === null ? {} : { seed }), suite: name };
        return JSON.stringify(line) + "\n";
      })
    )
  );
  const packed = new Blob(lines).stream().pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(join(directory, "samples.jsonl.gz"), packed);
}

/** The answers of a record's problems, by id. */
async function answersOf(record: ResultRecord): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (const one of (await findProblems(record)).values()) {
    assert("value" in one, "the suites are generated");
    for (const [id, { answer }] of one.value.golds) answers.set(id, answer);
  }
  return answers;
}

/** A git repository in a fresh folder. */
export class Repository {
  readonly root: string;
  #key: SigningKey | undefined;

  constructor(root: string) {
    this.root = root;
  }

  /** Runs git and returns what it says. */
  async git(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: ["-C", this.root, ...args],
      env: {
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_AUTHOR_NAME: "A",
        GIT_AUTHOR_EMAIL: "a@example.org",
        GIT_COMMITTER_NAME: "A",
        GIT_COMMITTER_EMAIL: "a@example.org",
      },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  }

  /** The folder of a profile's result. */
  folder(profile = "embedded"): string {
    return join(this.root, "results", profile);
  }

  /** Writes a result and signs it, unless told not to; `change` of the facts is what the statement says. */
  async write(
    record: ResultRecord,
    { profile = "embedded", signed = true, samples = "text", graded = false, change = facts }: {
      profile?: string;
      signed?: boolean;
      samples?: string;
      /** Do the completions give the record's counts? */
      graded?: boolean;
      change?: typeof facts;
    } = {},
  ): Promise<void> {
    const folder = this.folder(profile);
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder, { recursive: true });
    await writeRecord(folder, record);
    await writeSamples(folder, record, samples, graded ? await answersOf(record) : undefined);
    if (!signed) return;
    this.#key ??= await newKey();
    await attest(folder, { ...change, key: this.#key });
    await publishKey(folder, this.#key.publicKey);
  }

  /** The id of the key that signs. */
  get keyid(): string {
    return this.#key?.publicKey.keyid ?? "";
  }

  /** Commits everything and returns the hash. */
  async commit(message: string): Promise<string> {
    await this.git("add", "-A");
    await this.git("commit", "-q", "--allow-empty", "-m", message);
    return await this.git("rev-parse", "HEAD");
  }
}

/** Runs a test in a fresh git repository; the folder's name has a space. */
export async function withRepository(run: (repository: Repository) => Promise<void>): Promise<void> {
  const parent = await Deno.makeTempDir();
  const root = join(parent, "a repository");
  try {
    await Deno.mkdir(root);
    const repository = new Repository(root);
    await repository.git("init", "-q", "-b", "main");
    await run(repository);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/**
 * A repository with three results of the embedded profile: tagged `first`, `same` (another machine, the same counts)
 * and `worse` (BuPO solves two samples less of every problem).
 */
export async function withThreeResults(run: (repository: Repository) => Promise<void>): Promise<void> {
  await withRepository(async (repository) => {
    const record = await smallRecord();
    await repository.commit("nothing yet");
    await repository.git("tag", "empty");
    await repository.write(record, { samples: HOSTILE });
    await repository.commit("first");
    await repository.git("tag", "first");
    const environment = { ...facts.environment, cpu: "another CPU" };
    await repository.write(record, { change: { ...facts, environment } });
    await repository.commit("same");
    await repository.git("tag", "same");
    await repository.write(shifted(record, "bupo", -2), { samples: `${HOSTILE} now` });
    await repository.commit("worse");
    await repository.git("tag", "worse");
    await run(repository);
  });
}

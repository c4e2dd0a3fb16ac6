import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFlags, UsageError } from "../../tasks/shared/command.ts";
import { type ModelFacts, modelFacts, namedModel } from "../../tasks/shared/named_model.ts";
import { chosenProfile, nameOf, ownFlags, profileWords } from "../../tasks/shared/own_run.ts";
import { evaluationFlags, runFlags, runOptions } from "../../tasks/shared/run_flags.ts";
import { fromHome } from "../../tasks/shared/profile_paths.ts";
import { profileNames, readProfile } from "../../tasks/shared/profile_flag.ts";
import { startHubMirror } from "../hub_mirror/hub_mirror.ts";
import { copyDirectory } from "./copy_directory.ts";
import { runTask } from "./run_task.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const facts: ModelFacts = { layers: 36, contextLength: 40_960, template: "qwen3" };

/** The embedded model as a repository of a mirror. */
const embedded = Object.fromEntries(
  ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"].map((name) => {
    return [name, `file:${join(root, "benchmarks/model", name)}`];
  }),
);

/** The profile that a command line chooses. */
function chosen(line: string, told = facts): ReturnType<typeof chosenProfile> {
  const string = [...ownFlags.string, "samples", "limit", "store"];
  return chosenProfile(
    readFlags(line.split(" "), { string, list: ownFlags.list }),
    () => Promise.resolve(told),
  );
}

Deno.test("a model without a profile gets the one that fits it, under a name of its own", async () => {
  const { name, model, template, maxPromptTokens, maxResponseTokens, training, evaluation } = await chosen(
    "--model Qwen/Qwen3-4B@abc --train a/train.jsonl --suite Exam=b/test.csv --samples 2",
  );
  assertEquals([name, model], ["qwen3-4b-train-exam", { repository: "Qwen/Qwen3-4B", revision: "abc" }]);
  assertEquals([template, maxPromptTokens, maxResponseTokens], ["qwen3", 512, 1024]);
  assertEquals([training.suites, training.problems, training.internalLayer], [
    ["a/train.jsonl"],
    undefined,
    6,
  ]);
  assertEquals([evaluation.suites, evaluation.problems, evaluation.samples], [
    ["Exam=b/test.csv"],
    undefined,
    2,
  ]);
  const small = await chosen("--model Qwen/Qwen3-4B", {
    layers: 2,
    contextLength: 40,
    template: "plain-boxed",
  });
  assertEquals([small.maxPromptTokens, small.maxResponseTokens, small.training.internalLayer], [10, 30, 1]);
  assertEquals(small.template, "plain-boxed");
});

Deno.test("a profile that is named changes only in what the flags say", async () => {
  const smoke = await readProfile("smoke"), changed = await chosen("--profile smoke --model org/Tiny");
  assertEquals({ ...changed, name: smoke.name, description: smoke.description, model: smoke.model }, smoke);
  assertEquals(changed.name, "tiny");
  assertEquals((await chosen("--profile smoke")).name, "smoke");
  assertEquals((await chosen("--profile smoke --limit 3")).name, "smoke-partial");
  assertEquals((await chosen("--profile smoke --train x.csv --limit 3")).name, "smoke-x-partial");
});

Deno.test("no run of one's own is called as a shipped profile is", async () => {
  const shipped = await profileNames();
  assert(shipped.includes("own") && shipped.includes("qwen3-4b"));
  assertEquals((await chosen("--model Qwen/Qwen3-4B")).name, "qwen3-4b-own");
  for (const model of ["a/embedded", "a/own", "a/smoke"]) {
    assert(!shipped.includes((await chosen(`--model ${model}`)).name), model);
  }
  assertEquals(["Größe 7B!", "--", "A_b.C"].map(nameOf), ["gro-e-7b", "", "a-b.c"]);
});

Deno.test("--model is a folder where there is one, else a repository; a mistyped folder is said", async () => {
  assertEquals(namedModel("benchmarks/model"), join(root, "benchmarks/model"));
  assertEquals(fromHome("~/models"), join(Deno.env.get("HOME") ?? "~", "models"));
  assertEquals([fromHome("~user/x"), fromHome("a/~")], ["~user/x", "a/~"]);
  assertEquals(namedModel("Qwen/Qwen3-4B"), { repository: "Qwen/Qwen3-4B", revision: "main" });
  for (const text of ["benchmarks/modle", "./none", "/none/x", "none"]) {
    await assertRejects(
      () => Promise.resolve().then(() => namedModel(text)),
      UsageError,
      `Cannot use the model "${text}": there is no such folder; a model of the Hub is written ORG/NAME`,
    );
  }
  assertEquals(namedModel("benchmarks/modle@main"), { repository: "benchmarks/modle", revision: "main" });
});

Deno.test("the wording follows from the chat template, of a folder and of a repository alike", async () => {
  await using mirror = await startHubMirror({ models: { "org/tiny": { files: embedded } } });
  const cache = await Deno.makeTempDir();
  const { Hub } = await import("../../src/hub/mod.ts");
  const hub = new Hub({ endpoint: mirror.url, cache });
  const told = await modelFacts({ repository: "org/tiny", revision: "main" }, hub);
  assertEquals(told, await modelFacts("benchmarks/model", hub));
  assertEquals(told, { layers: 5, contextLength: 512, template: "boxed" });
  // Weights are not what is asked for.
  assert(!mirror.requests.some(({ line }) => line.includes("safetensors")));
  await Deno.remove(cache, { recursive: true });
});

Deno.test("the words of a hint choose the same profile again", () => {
  const words = [
    "--profile",
    "my profile.json",
    "--variant",
    "auto",
    "--train",
    "a.csv?question=q",
    "--store",
    "s",
  ];
  const flags = readFlags(words, { string: [...ownFlags.string, "store"], list: ownFlags.list });
  assertEquals(
    profileWords(flags),
    "--profile 'my profile.json' --variant auto --store s --train 'a.csv?question=q'",
  );
});

Deno.test("a copied model and files of one's own run from a foreign folder; the file that is kept says the same", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await copyDirectory(join(root, "benchmarks/model"), join(folder, "models/tiny"));
    const rows = Array.from({ length: 4 }, (_, i) => `Find ${i}+2,${i + 2}\n`).join("");
    await Deno.writeTextFile(join(folder, "exam.csv"), `question,answer\n${rows}`);
    const run = (...args: string[]): ReturnType<typeof runTask> => runTask(args, { folder, cwd: folder });
    const asked = ["--suite", "exam.csv", "--samples", "1", "--profile", "smoke"];
    const first = await run("evaluate", "--model", "models/tiny", ...asked, "--json");
    assertEquals(first.code, 0, first.stderr);
    assertMatch(
      first.stderr,
      /The profile of this run is kept: bupo-bench … --profile \.store\/profiles\/tiny-exam\.json/,
    );
    const kept = JSON.parse(await Deno.readTextFile(join(folder, ".store/profiles/tiny-exam.json")));
    assertEquals([kept.model, kept.evaluation.suites], ["../../models/tiny", ["../../exam.csv"]]);
    // The same records are found by the file, from elsewhere, and by an absolute path.
    for (
      const [cwd, ...words] of [
        ["models", "--profile", "../.store/profiles/tiny-exam.json", "--store", "../.store"],
        [".", "--model", join(folder, "models/tiny"), ...asked],
      ] as const
    ) {
      const again = await runTask(["evaluate", ...words, "--json"], {
        folder,
        cwd: join(folder, cwd),
      });
      assertEquals([again.code, again.stdout], [0, first.stdout], again.stderr);
      assertMatch(again.stderr, /already evaluated/);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("model and data come from the Hub by their names, with the split that is meant", async () => {
  const rows = (from: number): string =>
    Array.from(
      { length: 3 },
      (_, i) => JSON.stringify({ problem: `Find ${from + i}+1`, answer: from + i + 1 }),
    )
      .join("\n");
  const files = { "main/train.jsonl": rows(10), "main/test.jsonl": rows(0), "other/test.jsonl": rows(20) };
  await using mirror = await startHubMirror({
    models: { "org/tiny": { files: embedded } },
    datasets: { "org/sums": { files } },
  });
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    const env = { HF_ENDPOINT: mirror.url, HF_HOME: join(folder, "hf") };
    const run = (line: string): ReturnType<typeof runTask> =>
      runTask(line.split(" "), { folder, cwd: folder, env });
    const made = await run(
      "evaluate --model org/tiny --profile smoke --suite org/sums:main --samples 1 --json",
    );
    assertEquals(made.code, 0, made.stderr);
    const [{ suite, samples }] = JSON.parse(made.stdout).suites;
    assertEquals([suite, samples], ["sums-main", 1]);
    assertEquals(
      mirror.requests.map(({ line }) => /resolve\/\w+\/(\S+\.jsonl)/.exec(line)?.[1]).filter(Boolean),
      ["main/test.jsonl"],
    );
    const wrong = await run("evaluate --model org/tiny --profile smoke --suite org/sums --quiet");
    assertMatch(
      wrong.stderr,
      /^error: Cannot use [^\n]+ it has several configurations, main, other: name one/,
    );
    const read = await run("suites org/sums:other:test --json");
    assertEquals(JSON.parse(read.stdout || "{}").problems, 3, read.stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what a manifest says is not changed by flags", async () => {
  const flags = readFlags(["--suite", "a.csv", "--limit", "3", "--quiet"], {
    boolean: runFlags.boolean,
    string: [...runFlags.string, ...evaluationFlags.string],
    list: runFlags.list,
  });
  await assertRejects(
    async () => void await runOptions(flags, await readProfile("smoke")),
    UsageError,
    "Cannot use --limit or --suite with --from: the manifest says what was run; --model may say where its model lies",
  );
});

Deno.test("a mistake with a model, a suite or the store is one line that says what to do", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "a.txt"), "");
    await Deno.mkdir(join(folder, "empty"));
    const cases: readonly (readonly [string, RegExp])[] = [
      [
        "evaluate --model empty",
        /^error: Cannot use the model "[^"]+\/empty": there is no config\.json in it\n$/,
      ],
      [
        "evaluate --profile smoke --suite none.csv --quiet",
        /Cannot read the suite "none\.csv": there is no such file/,
      ],
      [
        "train --profile smoke --store a.txt",
        /Cannot keep records in a\.txt: a file lies there, or above it; name a folder/,
      ],
      ["evaluate --profile smoke --store a.txt/b", /Cannot keep records in a\.txt\/b: a file lies there/],
      ["plan --profile none.jsonc", /Cannot find the profile "none\.jsonc"/],
    ];
    for (const [line, said] of cases) {
      const { code, stdout, stderr } = await runTask(line.split(" "), { folder, cwd: folder });
      assert(code === 1 || code === 2, line);
      assertEquals(stdout, "", line);
      assertMatch(stderr, /^error: [^\n]+\n$/, line);
      assertMatch(stderr, said, line);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

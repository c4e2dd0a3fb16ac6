import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exists, finish, Lab, type Outcome, tiny } from "./lab.ts";

/** One method, quick to evaluate. */
const small = { ...tiny, methods: ["grpo"], evaluation: { ...tiny.evaluation, suites: ["mini-math"] } };

function trained({ stdout }: Outcome): string[] {
  return JSON.parse(stdout).map(({ checkpoint }: { checkpoint: string }) => checkpoint);
}

Deno.test("a longer run goes on from a shorter one and ends with the bytes of one that was long from the start", async (t) => {
  await using lab = await Lab.open();
  const steps = (count: number): Promise<string> =>
    lab.profile(
      { ...small, methods: ["grpo", "bupo"], training: { ...tiny.training, steps: count } },
      `steps${count}`,
    );
  const [short, long] = [await steps(2), await steps(4)];
  const train = async (profile: string, store: string, ...flags: string[]): Promise<Outcome> => {
    const outcome = await lab.run(
      "train",
      "--profile",
      profile,
      "--store",
      lab.path(store),
      "--json",
      ...flags,
    );
    assertEquals(outcome.code, 0, outcome.stderr);
    return outcome;
  };
  const two = trained(await train(short, "extended")), extended = await train(long, "extended");
  assertStringIncludes(extended.stderr, "train GRPO seed 1 goes on from step 2 of 4");
  assertStringIncludes(extended.stderr, "train BuPO seed 1 goes on from step 2 of 4");
  assertEquals(trained(extended), trained(await train(long, "at once")));
  assert(trained(extended)[0] !== two[0]);
  assertStringIncludes((await train(short, "extended")).stderr, "already trained");

  await t.step("--step evaluates and exports what is saved, and names the steps that are", async () => {
    const common = ["--profile", long, "--store", lab.path("extended"), "--method", "grpo", "--seed", "1"];
    const evaluated = await lab.run("evaluate", ...common, "--step", "2", "--json");
    assertEquals(JSON.parse(evaluated.stdout).policy, {
      method: "grpo",
      seed: 1,
      checkpoint: two[0],
      step: 2,
    });
    const last = await lab.run("evaluate", ...common, "--json");
    assertEquals(JSON.parse(last.stdout).policy.checkpoint, trained(extended)[0]);
    const out = lab.path("exported");
    const exported = await lab.run("export", ...common, "--step", "2", "--dtype", "float32", "--out", out);
    assertEquals(exported.code, 0, exported.stderr);
    assertStringIncludes(exported.stdout, "GRPO seed 1 after step 2 as float32");
    const file = `${out}.gguf`, gguf = ["--format", "gguf", "--dtype", "float16"];
    const single = await lab.run("export", ...common, "--step", "2", ...gguf, "--out", file);
    assertEquals(single.code, 0, single.stderr);
    assertStringIncludes(single.stdout, `GRPO seed 1 after step 2 as float16 in ${file}\n`);
    assertStringIncludes(single.stdout, "give it token ids");
    assertEquals(new TextDecoder().decode((await Deno.readFile(file)).subarray(0, 4)), "GGUF");
    const misplaced = await lab.run("export", ...common, "--step", "2", ...gguf, "--out", out);
    assertEquals(misplaced.code, 2);
    assertStringIncludes(misplaced.stderr, "gguf wants --out FILE.gguf");
    const missing = await lab.run("evaluate", ...common, "--step", "1");
    assertEquals(missing.code, 2);
    assertStringIncludes(
      missing.stderr,
      "Cannot use GRPO seed 1 after step 1: saved are the steps 2, 3, 4 (--step N)",
    );
  });

  await t.step("gradient checkpointing changes no byte, and so needs no record of its own", async () => {
    const training = { ...tiny.training, steps: 2, checkpointing: true };
    const checkpointed = await lab.profile({ ...small, methods: ["grpo", "bupo"], training }, "checkpointed");
    assertEquals(trained(await train(checkpointed, "checkpointed")), two);
    assertStringIncludes((await train(checkpointed, "extended")).stderr, "already trained");
  });
});

Deno.test("two runs in one store share the work, and give the same", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile(tiny);
  const runs = await Promise.all(["one", "two"].map(async (out) => {
    const outcome = await finish(await lab.reproduce(profile, "store", out, "--json"));
    assertEquals(outcome.code, 0, outcome.stderr);
    return outcome;
  }));
  assertEquals(await lab.digests("one"), await lab.digests("two"));
  // Durations are of whoever computed: equal only where both took the same record.
  const [one, two] = runs.map(({ stdout }) => JSON.parse(stdout).seconds);
  assertEquals(one, two);
  assert(runs.some(({ stderr }) => /is being made by another run|already (trained|evaluated)/.test(stderr)));
  assertEquals(await Array.fromAsync(Deno.readDir(lab.path("store", "journals"))), []);
});

Deno.test("with every record there, a store that cannot be written serves", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile(small);
  const first = await finish(await lab.reproduce(profile, "store", "first"));
  assertEquals(first.code, 0, first.stderr);
  const words = await lab.arguments([
    "reproduce",
    "--profile",
    profile,
    "--store",
    lab.path("store"),
    "--out",
    lab.path("results/second"),
  ]);
  // Permission to write the results and the key, and nothing else: root, as whom tests may run, can write what is read-only.
  const narrow = words.map((word) =>
    word.startsWith("--allow-write") ? `--allow-write=${lab.path("results")},${lab.path("config")}` : word
  );
  const { code, stderr } = await finish(
    new Deno.Command(Deno.execPath(), { ...lab.options, args: narrow }).spawn(),
  );
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "already trained");
  assertEquals(await lab.digests("second"), await lab.digests("first"));
});

Deno.test("what cannot be signed or written is refused before the first step", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile(small),
    words = ["reproduce", "--profile", profile, "--store", lab.path("store")];
  const start = async (out: string, env: Record<string, string> = {}): Promise<Outcome> => {
    const args = await lab.arguments([...words, "--out", out]), options = { ...lab.options, args };
    return await finish(
      new Deno.Command(Deno.execPath(), { ...options, env: { ...options.env, ...env } }).spawn(),
    );
  };
  const keyless = await start(lab.path("results/out"), { BUPO_KEY: lab.path("none.pem") });
  assertEquals(keyless.code, 1, keyless.stderr);
  assertStringIncludes(keyless.stderr, "none.pem");
  await Deno.writeTextFile(lab.path("taken"), "a file where the folder should be");
  const blocked = await start(lab.path("taken/out"));
  assertEquals(blocked.code, 1);
  assertMatch(blocked.stderr, /Cannot write \S*taken\/out\S*: Not a directory/);
  assert(!await exists(lab.path("store", "training")) && !await exists(lab.path("store", "evaluation")));
});

Deno.test("a folder in a record's place is named, and what to do about it", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile(small);
  assertEquals((await finish(await lab.reproduce(profile, "store", "first"))).code, 0);
  const [path = ""] = await lab.records("store", "evaluation");
  await Deno.remove(path);
  await Deno.mkdir(path);
  const { code, stderr } = await finish(await lab.reproduce(profile, "store", "first"));
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, `Cannot read the record ${path}`);
  assertStringIncludes(stderr, "remove what lies there");
});

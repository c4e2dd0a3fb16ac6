import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Outcome, runDeno } from "./run_task.ts";
import { readTaskConfig } from "./task_permissions.ts";

/**
 * The command line in a process of its own that may read and compute, but write nothing. It is quiet, since
 * a first run would otherwise mix what Deno downloads into the errors read here.
 */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const permissions = ["--no-prompt", "--allow-read", "--allow-env", "--allow-ffi", "--allow-sys"];
  return await runDeno(["run", "--quiet", ...permissions, "main.ts", ...args], { env });
}

/** Maps with at most a few at a time: every process wants a core of its own. */
async function mapFew<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(Array.from({ length: 3 }, async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  }));
}

Deno.test("a mistake on the command line is one line that says what is meant, with exit code 2", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["reproduec", 'Cannot run "reproduec": no such command; did you mean "reproduce"?'],
    ["constructor", 'Cannot run "constructor": no such command'],
    ["reproduce --profle smoke", 'Cannot read the flag "--profle": did you mean "--profile"?'],
    ["verify --jsn results", 'Cannot read the flag "--jsn": did you mean "--json"?'],
    ["reproduce --profile smok", 'Cannot find the profile "smok": did you mean "smoke"?'],
    ["train --profile zzzzzz", 'Cannot find the profile "zzzzzz": known profiles: embedded, '],
    ["reproduce --provider gpu", 'Cannot compute with "gpu": expected auto, cpu, webgpu, cuda'],
    ["reproduce --provider cuda", 'Cannot compute with "cuda": '],
    ["train --provider webgpu", 'Cannot compute with "webgpu": '],
    ["evaluate --provider cuda", 'Cannot compute with "cuda": '],
    ["reproduce --workers 0", 'Cannot read "--workers 0": expected an integer of at least 1'],
    [
      "reproduce --rollout-batch many",
      'Cannot read "--rollout-batch many": expected an integer of at least 1',
    ],
    ["reproduce --out", 'Cannot read "--out": it needs a value'],
    ["reproduce smoke", 'Cannot use the argument "smoke": this command takes 0'],
    ["train --method ppo", 'Cannot use the method "ppo": the profile has grpo and bupo'],
    ["evaluate --method grpo", "Cannot choose the policy: --method and --seed go together"],
    [
      "evaluate --profile smoke --store none --method grpo --seed 1",
      "Cannot use GRPO seed 1 after step 2: nothing of it is saved",
    ],
    ["golden --dir none", "Cannot check none: it has no models, rl or stats folder"],
    ["plan --provider gpu", 'Cannot plan for "gpu": expected cpu, webgpu, cuda'],
    ["download", "Cannot download: name a profile or a repository"],
    ["download --repository a/b --type space", 'Cannot download a "space": expected model or dataset'],
    ["download --repository a/b --include=", 'Cannot read "--include": it needs a value'],
    ["verify none", 'Cannot verify "none": there is no such directory'],
    [
      "verify results/embedded --trusted-keys none",
      'Cannot verify "results/embedded": there is no list of keys',
    ],
    ["recheck none", 'Cannot recheck "none": there is no such directory'],
    ["attest", "Cannot sign: name a directory"],
    ["attest results/embedded --checkpoint x", "Cannot sign: name a directory"],
    ["keys", 'Cannot do "" with keys: expected generate, show, export'],
    ["keys constructor", 'Cannot do "constructor" with keys'],
    ["keys generate --algorithm rsa", 'Cannot use the algorithm "rsa": expected ed25519 or p256'],
    [
      "keys generate --key results/key.pem",
      "Cannot make a key at results/key.pem: it is inside the repository",
    ],
    ["keys show --key none", "Cannot find a key at none"],
  ];
  await mapFew(cases, async ([args, message]) => {
    const { code, stdout, stderr } = await run(args.split(" "));
    assertEquals([code, stdout], [2, ""], `${args}: ${stderr}`);
    assert(stderr.startsWith(`error: ${message}`), stderr);
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
  });
});

Deno.test("a missing provider names the one that is there", async () => {
  const { stderr } = await run(["reproduce", "--provider", "cuda"]);
  assertMatch(stderr, /^error: Cannot compute with "cuda": [^\n]+ use --provider cpu\n$/);
});

Deno.test("a profile that does not fit is one line that names the field, with exit code 1", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));
  await Deno.writeTextFile(path, JSON.stringify({ ...smoke, seeds: [] }));
  const { code, stdout, stderr } = await run(["reproduce", "--profile", path]);
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /^error: Cannot use .+\.json: seeds: [^\n]+\n$/);
  await Deno.writeTextFile(path, JSON.stringify({ ...smoke, model: "no/model" }));
  const missing = await run(["evaluate", "--profile", path, "--quiet"]);
  assertEquals(missing.code, 1);
  assertMatch(missing.stderr, /^error: [^\n]*no\/model[^\n]*\n$/);
  await Deno.remove(path);
});

Deno.test("every command explains itself with --help", async () => {
  const overview = await run(["--help"]);
  assertEquals([overview.code, overview.stderr], [0, ""]);
  const names = [...overview.stdout.matchAll(/^ {2}([\w:-]+) {2,}\S/gm)].map((match) => match[1] ?? "");
  const { tasks } = readTaskConfig();
  const started = Object.values(tasks).flatMap(({ command }) => / main\.ts (\S+)$/.exec(command)?.[1] ?? []);
  assertEquals(names.toSorted(), started.toSorted());
  const bare = await run([]);
  assertEquals([bare.code, bare.stdout], [2, overview.stdout]);
  await mapFew(names, async (name) => {
    const { code, stdout, stderr } = await runDeno(["task", name, "--profle", "--help"]);
    // All that Deno says before is the task's line.
    assertEquals([code, stderr], [0, `Task ${name} ${tasks[name]?.command} '--profle' '--help'\n`]);
    assertStringIncludes(stdout, `Usage: deno task ${name}`);
    assert(stdout.split("\n").every((line) => line.length <= 120), name);
  });
});

Deno.test("the stack of an error is shown on request alone", async () => {
  const { stderr } = await run(["reproduec"], { BUPO_TRACE: "1" });
  assertMatch(stderr, /^error: Cannot run "reproduec".*\nUsageError: .*\n +at /);
});

Deno.test("the list of commands loads none of them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stdout } = await runDeno([
      "run",
      "--quiet",
      `--coverage=${folder}`,
      "-A",
      "main.ts",
      "--help",
    ]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "  reproduce     Train GRPO and BuPO");
    // Coverage names every module that was loaded.
    const loaded: string[] = [];
    for (const { name } of Deno.readDirSync(folder)) {
      loaded.push(JSON.parse(await Deno.readTextFile(`${folder}/${name}`)).url);
    }
    assert(loaded.some((url) => url.endsWith("/main.ts")), "no coverage was written");
    assertEquals(loaded.filter((url) => /\/tasks\/\w+\.ts$/.test(url)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runDeno, runTask } from "./run_task.ts";
import { readTaskConfig, taskPermissions } from "./task_permissions.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const probe = join(root, "test/tasks/permission_probe.ts");
const { tasks, permissions } = readTaskConfig();

/** The tasks that run our code, and the set of permissions of each. */
const sets = Object.entries(tasks).flatMap(([task, { command }]): (readonly [string, string])[] => {
  const set = /^deno run .*-P=(\S+)/.exec(command)?.[1];
  return set === undefined ? [] : [[task, set]];
});

/** The longest that a task's line may be, with the set's name, but without where keys lie. */
const LONGEST_COMMAND = 80;

Deno.test("every task of deno.json is described, and its line is short", () => {
  for (const [task, { command, description }] of Object.entries(tasks)) {
    assert(description, `the task "${task}" has no description`);
    // A set cannot name a user's own folder.
    const short = command.replace(/ --allow-write=\S*\$HOME\S*/, "");
    if (/^deno run /.test(command)) {
      assertMatch(short, /^deno run -q -P=\S+ --no-prompt \S+\.ts( \S+)?$/, task);
      assert(short.length <= LONGEST_COMMAND, `the task "${task}" has ${short.length} characters`);
    } else assert(!/deno (run|test)\b|--allow-(?!dirty\b)|(^|\s)-\w*A/.test(command), `${task}: ${command}`);
  }
});

Deno.test("every set of permissions is a task's, and every task has one that is there", () => {
  assertEquals(new Set(sets.map(([, set]) => set)), new Set(Object.keys(permissions)));
});

/** Everything beyond reading that could do harm, by what a permission is called below. */
const powers: Readonly<Record<string, Deno.PermissionDescriptor>> = {
  net: { name: "net" },
  "net:localhost": { name: "net", host: "localhost:8080" },
  write: { name: "write" },
  "write:.": { name: "write", path: root },
  "write:results": { name: "write", path: join(root, "results") },
  "write:model": { name: "write", path: join(root, "benchmarks/model") },
  "write:.store": { name: "write", path: join(root, ".store") },
  "write:keys": { name: "write", path: join(Deno.env.get("HOME") ?? "/", ".config/bupo-bench") },
  "write:tmp": { name: "write", path: "/tmp" },
  run: { name: "run" },
  "run:git": { name: "run", command: "git" },
  "run:python3": { name: "run", command: "python3" },
  "run:npm": { name: "run", command: "npm" },
  "run:sbatch": { name: "run", command: "sbatch" },
  "run:deno": { name: "run", command: Deno.execPath() },
  ffi: { name: "ffi" },
  env: { name: "env" },
  "env:PATH": { name: "env", variable: "PATH" },
  "env:HF_TOKEN": { name: "env", variable: "HF_TOKEN" },
  "env:BUPO_SERVER_KEY": { name: "env", variable: "BUPO_SERVER_KEY" },
  "env:BUPO_KEY": { name: "env", variable: "BUPO_KEY" },
  "env:BUPO_KEY_PASSPHRASE": { name: "env", variable: "BUPO_KEY_PASSPHRASE" },
  sys: { name: "sys" },
  "sys:hostname": { name: "sys", kind: "hostname" },
  "sys:cpus": { name: "sys", kind: "cpus" },
};

const anywhere = ["net", "net:localhost", "write", "write:.", "write:results", "write:model", "write:.store"]
  .concat("write:keys", "write:tmp");
const here = ["write:.", "write:results", "write:model", "write:.store"];
const keys = ["env:BUPO_KEY", "env:BUPO_KEY_PASSPHRASE"], machine = ["sys:hostname", "sys:cpus"];

/** All that the commands may do, of `powers`: what a task gains here it gains for every user. */
const expected: Readonly<Record<string, readonly string[]>> = {
  reproduce: [...anywhere, "run:git", "ffi", "env:HF_TOKEN", "env:BUPO_SERVER_KEY", ...keys, ...machine],
  train: [...anywhere, "run:git", "ffi", "env:HF_TOKEN", "env:BUPO_SERVER_KEY", ...machine],
  evaluate: [...anywhere, "run:git", "ffi", "env:HF_TOKEN", "env:BUPO_SERVER_KEY", ...machine],
  submit: [...anywhere, "run:git", "run:sbatch", "ffi", "env:HF_TOKEN", ...machine],
  jobs: [...anywhere, "run:git", "run:sbatch", "ffi", "env:HF_TOKEN", ...machine],
  export: [...anywhere, "run:git", "ffi", "env:HF_TOKEN", "env:BUPO_SERVER_KEY", ...machine],
  init: [...anywhere, "run:git", "ffi", "env:HF_TOKEN", "env:BUPO_SERVER_KEY", ...machine],
  devices: ["write:.store", "run:npm", "ffi", ...machine],
  golden: ["ffi", ...machine],
  plan: [...here, "ffi", "env:HF_TOKEN", ...machine],
  inspect: [...anywhere, "run:git", "ffi", "env:HF_TOKEN", ...keys, ...machine],
  pretrain: ["write:model", "write:.store", "ffi", ...machine],
  download: [...anywhere, "env:HF_TOKEN"],
  suites: [...anywhere, "env:HF_TOKEN"],
  store: [...anywhere.slice(2), "run:git"],
  metrics: anywhere.slice(2),
  attest: ["write:results", "write:.store", "write:keys", "run:git", ...keys, "sys:cpus"],
  keys: [...here, "write:keys", ...keys],
  verify: [],
  profile: [],
  "bench:grade": [],
  "bench:hack": ["run:python3"],
  recheck: ["env:HF_TOKEN"],
  "submit-check": ["env:HF_TOKEN"],
  compare: [...here, "run:git"],
  results: ["run:git"],
  publish: [...here, "run:git", "env:HF_TOKEN"],
  grade: here,
  perf: [...here, "run", "run:git", "run:npm", "run:sbatch", "run:python3", "run:deno", "ffi", ...machine],
  "perf:scale": [
    ...anywhere.slice(2),
    "run",
    "run:git",
    "run:npm",
    "run:sbatch",
    "run:python3",
    "run:deno",
    "ffi",
    ...machine,
  ],
  "perf:where": ["write:.store", "ffi", ...machine],
  "perf:device": ["ffi", ...machine],
  test: ["write:.store", "run", "run:git", "run:npm", "run:sbatch", "run:python3", "run:deno", "env:PATH"],
  "doc-lint": [
    "write:.store",
    "run",
    "run:git",
    "run:npm",
    "run:sbatch",
    "run:python3",
    "run:deno",
    "env:PATH",
  ],
  coverage: [
    "write:.store",
    "run",
    "run:git",
    "run:npm",
    "run:sbatch",
    "run:python3",
    "run:deno",
    "env:PATH",
  ],
};

Deno.test("every task may do what it needs, and nothing else", async () => {
  assertEquals(Object.keys(expected).toSorted(), sets.map(([task]) => task).toSorted());
  const names = new Map(Object.entries(powers).map(([name, power]) => [JSON.stringify(power), name]));
  for (const [task] of sets) {
    const { stdout, stderr } = await runDeno(["run", ...taskPermissions(task), probe, ...names.keys()]);
    assertEquals(stderr, "");
    const given: string[] = JSON.parse(stdout);
    assertEquals(given.map((power) => names.get(power)).toSorted(), expected[task]?.toSorted(), task);
  }
});

Deno.test("verify can neither write, nor reach the network, nor start a program, nor see a secret", async () => {
  const tries = [
    `Deno.writeTextFileSync("results/x", "")`,
    `Deno.connect({ port: 1 })`,
    `new Deno.Command("git").outputSync()`,
    `Deno.env.get("HF_TOKEN")`,
    `Deno.dlopen("libc.so.6", {})`,
  ];
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  const wrapped = tries.map((code) =>
    `await (async () => { await ${code}; })().then(() => "done", ({ name }) => name)`
  );
  await Deno.writeTextFile(script, `console.log(JSON.stringify([${wrapped.join()}]));`);
  const flags = ["--config", join(root, "deno.json"), ...taskPermissions("verify")];
  const { stdout, stderr } = await runDeno(["run", ...flags, script], { cwd: root });
  assertEquals([stderr, JSON.parse(stdout || "null")], ["", tries.map(() => "NotCapable")]);
  await Deno.remove(script);
});

const history = existsSync(join(root, ".git")) ? "--accept-records HEAD" : "";

/** A cheap call of each command, where it may write, and what it says. Others are run by the tests of the pipeline. */
const calls: Readonly<Record<string, readonly (readonly [string, RegExp])[]>> = {
  evaluate: [
    [`--profile smoke --limit 1 --samples 1 --store FOLDER/store --quiet ${history}`, /^mini-math /],
  ],
  submit: [[
    "--engine kubernetes --dry-run --profile smoke --image i --claim c --store FOLDER/store",
    /^kind: Job$/m,
  ]],
  jobs: [["--profile smoke --store FOLDER/store", /^GRPO seed 1 +train +not sent$/m]],
  store: [["list --store FOLDER/store", /^evaluation +base /m], ["check --store FOLDER/store", / 0 damaged/]],
  metrics: [["results/embedded --svg FOLDER/curves.svg", /^Wrote .+curves\.svg$/m]],
  devices: [["", /^ +cpu +ready/m]],
  golden: [["--dir FOLDER/golden", / 0 beyond tolerance/]],
  plan: [["--profile smoke --memory 4", /^smoke +fits/]],
  inspect: [[
    "--suite mini-math --problems 1 --samples 1 --max-tokens 8 --skip-random --out FOLDER/inspection --quiet",
    /^Written to .+: inspect\.html/m,
  ]],
  pretrain: [["--steps 1 --out FOLDER/model --quiet", /model\.safetensors: loss /]],
  suites: [["", /^mini-aime /m]],
  profile: [["--resolve smoke", /"name": "smoke"/]],
  keys: [["generate --key FOLDER/key.pem", /ed25519 SHA256:/], [
    "show --key FOLDER/key.pem",
    /^ed25519 SHA256:/,
  ]],
  attest: [["FOLDER/result --key FOLDER/key.pem", /SHA256:/]],
  verify: [["results/embedded", /: verified, /]],
  recheck: [["results/embedded --quiet", / counts agree/]],
  "submit-check": [["results/embedded --quiet", /^results\/embedded: may enter$/m]],
  compare: [["results/embedded --out FOLDER/compared.md --format markdown", /^$/]],
  results: [["results/embedded", /^result +results\/embedded$/m]],
  publish: [["results/embedded --out FOLDER", /Wrote .+leaderboard\.html/]],
  grade: [["--explain --gold 1 --completion \\boxed{1}", /was read as an integer/]],
  "bench:grade": [["--cases FOLDER/cases", /^own +1 +1 /m]],
  "bench:hack": [["--count 10", /^mini-math, 10 problems/m]],
};

Deno.test("commands work with the permissions of their tasks", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "golden/models"), { recursive: true });
    await Deno.symlink(join(root, "test/golden/models/qwen3"), join(folder, "golden/models/qwen3"));
    await Deno.mkdir(join(folder, "result"));
    await Deno.copyFile(join(root, "results/embedded/results.json"), join(folder, "result/results.json"));
    await Deno.mkdir(join(folder, "cases"));
    const line = JSON.stringify({ id: "own/0", gold: "1", pred: "1", expected: true, kind: "pair" });
    await Deno.writeTextFile(join(folder, "cases/own.jsonl"), line);
    for (const [task, ofTask] of Object.entries(calls)) {
      for (const [args, said] of ofTask) {
        const words = args.replaceAll("FOLDER", folder).split(" ").filter(Boolean);
        const { code, stdout, stderr } = await runTask([task, ...words], { folder, cwd: root });
        assertEquals(code, 0, `${task}: ${stderr}`);
        assertMatch(stdout, said, task);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFlags, UsageError } from "../../tasks/shared/command.ts";
import { taskPermissions } from "./task_permissions.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const smoke = JSON.parse(await Deno.readTextFile(join(root, "benchmarks/profiles/smoke.json")));

/** Runs a command with records and results in a folder of its own, which is looked into afterwards. */
async function run(
  args: (directory: string) => readonly string[],
  changes: Readonly<Record<string, unknown>> = {},
): Promise<{ code: number; stdout: string; stderr: string; files: readonly string[] }> {
  const directory = await Deno.makeTempDir();
  try {
    const profile = join(directory, "p.json"), given = args(directory);
    await Deno.writeTextFile(profile, JSON.stringify({ ...smoke, name: "p", ...changes }));
    for (const folder of ["a", "b"]) {
      await Deno.mkdir(join(directory, folder));
      await Deno.writeTextFile(join(directory, folder, "x.jsonl"), '{"problem":"1+2","answer":"3"}\n');
    }
    const before = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        ...await taskPermissions(given[0] ?? "", directory),
        "main.ts",
        ...given,
        ...["--profile", profile, "--store", join(directory, "store"), "--quiet"],
      ],
      cwd: root,
      env: { BUPO_KEY: join(directory, "key.pem"), NO_COLOR: "1" },
      stdin: "null",
    });
    const { code, stdout, stderr } = await command.output();
    const after = (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name);
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return {
      code,
      stdout: out ?? "",
      stderr: err ?? "",
      files: after.filter((name) => !before.includes(name)),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a profile or flags that cannot give a result are refused in one line, before anything is written", async () => {
  const out = (directory: string): string[] => ["--out", join(directory, "results", "p")];
  const training = (changes: object) => ({ training: { ...smoke.training, ...changes } });
  const cases: readonly (readonly [
    (directory: string) => readonly string[],
    Readonly<Record<string, unknown>>,
    number,
    RegExp,
  ])[] = [
    [
      (at) => ["reproduce", ...out(at)],
      { seeds: [5, 5] },
      1,
      /p\.json: seeds: expected each seed once, found 5/,
    ],
    [
      () => ["train"],
      { methods: ["bupo", "bupo"] },
      1,
      /methods: expected each method once, found "bupo" twice/,
    ],
    [() => ["train"], training({ promptsPerStep: 3, updatesPerStep: 2 }), 1, /promptsPerStep: .+, found 3/],
    [() => ["train"], training({ internalLayer: 6 }), 1, /training\.internalLayer is 6, expected .+ 1 to 5/],
    [
      (at) => ["evaluate", ...["a", "b"].flatMap((folder) => ["--suite", join(at, folder, "x.jsonl")])],
      {},
      2,
      /what the flags say: evaluation\.suites: .+ found "x" twice: .+a.x\.jsonl, .+b.x\.jsonl/,
    ],
    [() => ["evaluate", "--suite", "mini-aime", "--suite", "mini-aime"], {}, 2, /found "mini-aime" twice/],
    [
      () => ["train", "--seed", "1", "--seed", "2"],
      {},
      2,
      /Cannot read "--seed": it was given more than once/,
    ],
    [
      () => ["train", "--method", "grpo", "--method", "grpo"],
      {},
      2,
      /"--method": it was given more than once/,
    ],
  ];
  for (const [args, changes, expected, message] of cases) {
    const { code, stdout, stderr, files } = await run(args, changes);
    assertEquals([code, stdout, files], [expected, "", []], stderr);
    assertMatch(stderr, message);
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
  }
});

Deno.test("readFlags() refuses a flag with one value that is given twice, and takes lists", () => {
  const flags = readFlags(["--seed", "3", "--suite", "a", "--suite", "b"], {
    string: ["seed", "out"],
    list: ["suite"],
  });
  assertEquals([flags.integer("seed"), flags.text("out"), flags.list("suite")], [3, undefined, ["a", "b"]]);
  const twice = readFlags(["--seed=3", "--seed", "3"], { string: ["seed"] });
  assertThrows(() => twice.text("seed"), UsageError, 'Cannot read "--seed": it was given more than once');
});

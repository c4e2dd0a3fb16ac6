import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "node:path";
import { OwnModuleError, rewardKey } from "../../../src/reward/mod.ts";
import {
  methodRow,
  parseProfile,
  type Profile,
  resolveExtends,
  withOwnFiles,
} from "../../../src/pipeline/mod.ts";
import { methods } from "../../../src/rl/mod.ts";

const smoke = await Deno.readTextFile("benchmarks/profiles/smoke.json");

const files = {
  "sub/short.ts": "export default ({ tokens }: { tokens: number[] }) => -tokens.length;\n",
  "sub/median.ts":
    "export default ({ rewards }: { rewards: number[] }) => rewards.map((r) => r - [...rewards].sort((a, b) => a - b)[rewards.length >> 1]!);\n",
  "Higher.json":
    '{ "row": "bupo", "loss": { "objective": { "kind": "clip", "clipLow": 0.2, "clipHigh": 0.28 }, "reduction": "token-mean" } }',
  "rows/mine.json":
    '{ "name": "ours", "description": "what it is", "estimator": { "module": "../sub/median.ts" }, "rewards": { "shuffled": true } }',
  "three.ts": "export default 3;\n",
  "scope.ts": 'export const scope = "all"; export default () => [];\n',
  "typo.json": '{ "row": "grpo", "estimater": { "kind": "rloo" } }',
  "empty.json": '{ "rewards": {} }',
  "broken.json": "{",
};

/** A profile that extends the smoke profile, read in a folder with files. */
async function read(changes: Readonly<Record<string, unknown>>, variant?: string): Promise<Profile> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    const text = JSON.stringify({ extends: "smoke", name: "mine", ...changes });
    const own = await withOwnFiles({ text, source: join(folder, "mine.json") });
    const whole = await resolveExtends(own, () => Promise.resolve({ text: smoke, source: "smoke.json" }));
    return parseProfile(JSON.stringify(whole), "mine.json", variant);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a profile holds what its files say: rewards, estimators, rows of methods", async () => {
  const profile = await read({
    reward: ["correct", { module: "./sub/short.ts", weight: 0.01 }],
    methods: [
      "grpo",
      "./Higher.json",
      "./rows/mine.json",
      "./sub/median.ts",
      { name: "renamed", row: "./rows/mine.json", rewards: {}, seeds: [5], reward: "./sub/short.ts" },
      { name: "spelled", row: "bupo", estimator: { kind: "own", module: "./sub/median.ts" } },
    ],
  });
  const row = (name: string): ReturnType<typeof methodRow> => methodRow(profile, name);
  assertEquals(profile.methods.map((item) => typeof item === "string" ? item : item.name), [
    "grpo",
    "higher",
    "ours",
    "median",
    "renamed",
    "spelled",
  ]);
  const higher = row("higher").method;
  assertEquals(higher.phases, methods.bupo.phases);
  assertEquals(higher.loss?.objective, { kind: "clip", clipLow: 0.2, clipHigh: 0.28 });
  const { module } = row("median").method.estimator;
  assert(module);
  for (const name of ["ours", "renamed", "spelled"]) {
    const { estimator } = row(name).method;
    assertEquals([estimator.kind, estimator.module?.sha256], ["own", module.sha256], name);
  }
  assertEquals(row("median").method.phases, methods.grpo.phases);
  assertEquals(row("spelled").method.phases, methods.bupo.phases);
  assertEquals([row("ours").method.rewards, row("renamed").method.rewards], [{ shuffled: true }, {}]);
  assertEquals(row("renamed").seeds, [5]);
  // The rewards of a method take the place of the profile's.
  const [correct, short] = rewardKey(profile.reward ?? "correct") as Record<string, unknown>[];
  assertEquals(correct, { part: "correct", name: "correct", weight: 1 });
  assertEquals([short?.name, short?.weight], ["short", 0.01]);
  assertEquals(rewardKey(row("renamed").reward ?? "correct"), [{ ...short, weight: 1 }]);
  assertEquals(row("grpo").reward, profile.reward);
  // What was read is read again without the files, and is the same.
  assertEquals(parseProfile(JSON.stringify(profile), "again"), profile);
});

Deno.test("a variant may name files too", async () => {
  const variants = { short: { description: "short ones", changes: { reward: "./sub/short.ts" } } };
  assertEquals((await read({ variants })).reward, undefined);
  const { reward } = await read({ variants }, "short");
  assertStringIncludes(JSON.stringify(reward), '"file":"./sub/short.ts"');
});

Deno.test("files that cannot be used are named in one line before anything runs", async () => {
  const faults: readonly [Readonly<Record<string, unknown>>, string][] = [
    [{ reward: "./none.ts" }, 'Cannot read ./none.ts: there is no file "none.ts"'],
    [{ reward: "./three.ts" }, "Cannot use ./three.ts: its default export is 3; expected a function"],
    [
      { methods: ["./scope.ts"] },
      'Cannot use ./scope.ts: it exports the scope "all"; expected "batch", or none',
    ],
    [{ methods: ["./none.json"] }, "Cannot read the method ./none.json: there is no such file"],
    [{ methods: ["./broken.json"] }, "Cannot read the method ./broken.json: "],
    [{ methods: ["./typo.json"] }, 'Cannot use ./typo.json: the document: Unrecognized key: "estimater"'],
    [
      { methods: ["./empty.json"] },
      "Cannot use ./empty.json: row: expected the row that it starts from, or an estimator",
    ],
    [
      { methods: [{ name: "mine" }] },
      "methods.0.row: expected the row that it starts from, or an estimator",
    ],
    [
      { reward: "corect" },
      "reward: expected a reward: one of correct, format, length, overlong, the path of a module",
    ],
    [
      { reward: "length", methods: [{ name: "noisy", row: "grpo", rewards: { right: 0.5 } }] },
      "noisy: expected no errors in rewards of one's own",
    ],
    [
      { reward: ["correct", "overlong"], methods: ["sft_on_correct"] },
      "expected no overlong penalty where only what is rewarded counts",
    ],
  ];
  for (const [changes, message] of faults) {
    const error = await assertRejects(() => read(changes), Error);
    assert(error instanceof SyntaxError || error instanceof OwnModuleError, error.name);
    assertStringIncludes(error.message, message);
    assert(!error.message.includes("\n"));
  }
});

Deno.test("a module whose text is not that of its digest is refused", async () => {
  const profile = await read({ reward: "./sub/short.ts" });
  const forged = JSON.parse(JSON.stringify(profile));
  assertNotEquals(forged.reward.module.source.length, 0);
  forged.reward.module.source.push("// more");
  assertThrows(
    () => parseProfile(JSON.stringify(forged), "forged"),
    SyntaxError,
    "expected the digest of its source",
  );
});

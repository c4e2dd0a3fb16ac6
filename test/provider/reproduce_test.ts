import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { providers } from "./providers.ts";

/** BuPO alone: its second phase is GRPO. As few completions as show that the policies agree. */
const profile = {
  extends: "smoke",
  name: "small",
  description: "One method of the smoke profile",
  methods: ["bupo"],
  evaluation: { problems: 3, samples: 2 },
};

/** Runs the profile on a provider in a process of its own and returns its record and its steps' metrics. */
async function reproduce(directory: string, provider: string) {
  const file = join(directory, "small.json");
  await Deno.writeTextFile(file, JSON.stringify(profile));
  const out = join(directory, provider, "results"), store = join(directory, provider, "store");
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "-A", "test/provider/main.ts", "reproduce", "--profile", file],
      ...["--provider", provider, "--workers", "1", "--store", store, "--out", out],
    ],
    env: { BUPO_KEY: join(directory, "key.pem"), NO_COLOR: "1" },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const { profile: settings, ...record } = JSON.parse(await Deno.readTextFile(join(out, "results.json")));
  const lines = async (name: string): Promise<Record<string, number>[]> =>
    (await Deno.readTextFile(join(out, "metrics", name))).trim().split("\n").map((line) => JSON.parse(line));
  const [seed] = settings.seeds;
  return {
    table: new TextDecoder().decode(stdout).replace(/^Training time(.|\n)*/m, ""),
    record,
    provenance: atob(JSON.parse(await Deno.readTextFile(join(out, "provenance.intoto.json"))).payload),
    steps: await lines(`bupo-${seed}.jsonl`),
  };
}

for (const { name, runtime, reason } of providers.filter(({ name }) => name !== "cpu")) {
  Deno.test({
    name: `${name}: reproduce trains both phases of BuPO and evaluates it as on the CPU${reason}`,
    ignore: !runtime,
    fn: async () => {
      const directory = await Deno.makeTempDir();
      const key = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "-A", "main.ts", "keys", "generate", "--key", join(directory, "key.pem")],
      }).output();
      assertEquals(key.code, 0, new TextDecoder().decode(key.stderr));
      const expected = await reproduce(directory, "cpu"), actual = await reproduce(directory, name);
      // Every step changes the policy, in the first phase its lower layers.
      assert(expected.steps.every(({ updateNorm }) => (updateNorm ?? 0) > 0));
      assertEquals(expected.steps.map(({ policy }) => String(policy)), ["2", "full"]);
      // The tolerance that docs/gpu.md states: 1 % of each metric, and one response in twenty. AdamW's first steps are
      // ± the learning rate, also where a gradient is next to 0 and rounding decides its sign.
      expected.steps.forEach((step, i) => {
        for (const [metric, value] of Object.entries(step)) {
          const other = actual.steps[i]?.[metric];
          if (typeof value !== "number" || metric === "logprobGap") continue;
          assertLess(
            Math.abs((other ?? NaN) - value),
            1e-5 + 1e-2 * Math.abs(value),
            `${metric} of step ${i + 1}`,
          );
        }
      });
      const counts = ({ runs }: { runs: { suites: Record<string, { correct: number[] }> }[] }): number[] =>
        runs.flatMap(({ suites }) => Object.values(suites).flatMap(({ correct }) => correct));
      const wanted = counts(expected.record), found = counts(actual.record);
      assertEquals(found.length, wanted.length);
      const moved = wanted.reduce((sum, count, i) => sum + Math.abs(count - (found[i] ?? NaN)), 0);
      assertLess(moved, 1 + 0.05 * 2 * wanted.length); // two responses each
      if (moved === 0) assertEquals(actual.table, expected.table);
      if (runtime?.adapter) assertStringIncludes(actual.provenance, runtime.adapter);
      await Deno.remove(directory, { recursive: true });
    },
  });
}

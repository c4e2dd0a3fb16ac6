import { assert, assertEquals } from "@std/assert";
import { checkGolden } from "../../src/conformance/golden.ts";
import { openRuntime } from "../../src/runtime/mod.ts";

const runtime = openRuntime({ provider: "cpu", threads: 1 });

Deno.test("checkGolden() finds all committed reference data and agrees with it", async () => {
  const results = await Array.fromAsync(checkGolden("test/golden", runtime));
  assertEquals(results.map(({ source }) => source), [
    "models/llama3",
    "models/qwen2",
    "models/qwen3",
    "models/qwen3_untied",
    "rl/adamw.json",
    "rl/advantages.json",
    "rl/aggregation.json",
    "rl/gae.json",
    "rl/gspo_loss.json",
    "rl/kl.json",
    "rl/overlong.json",
    "rl/policy_loss.json",
    "rl/value_loss.json",
    "stats/avg_at_k.json",
    "stats/clustered_se.json",
    "stats/mcnemar.json",
    "stats/pass_at_k.json",
    "stats/wilson.json",
  ]);
  for (const { source, groups } of results) {
    assert(groups.length > 0, source);
    for (const { name, worst, tolerance, count } of groups) {
      assert(count > 0 && worst <= tolerance, `${source}, ${name}: ${worst}`);
    }
  }
});

Deno.test("checkGolden() checks the parts that a folder has, and nothing where there are none", async () => {
  const directory = await Deno.makeTempDir();
  assertEquals(await Array.fromAsync(checkGolden(directory, runtime)), []);
  await Deno.mkdir(`${directory}/stats`);
  await Deno.copyFile("test/golden/stats/wilson.json", `${directory}/stats/wilson.json`);
  const [result, ...others] = await Array.fromAsync(checkGolden(directory, runtime));
  assertEquals([result?.source, others.length], ["stats/wilson.json", 0]);
  await Deno.remove(directory, { recursive: true });
});

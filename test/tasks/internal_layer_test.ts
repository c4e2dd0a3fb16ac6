import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { internalLayerOf, parseProfile, type Profile } from "../../src/pipeline/mod.ts";
import { Progress } from "../../src/progress.ts";
import { withInternalLayer } from "../../tasks/shared/internal_layer.ts";
import { runTask } from "./run_task.ts";

const path = "benchmarks/profiles/smoke.json", text = await Deno.readTextFile(path);
const context = { root: ".", files: { model: "benchmarks/model", datasets: {} }, provider: "cpu" } as const;

async function chosen(profile: Profile): Promise<Profile> {
  return await withInternalLayer(profile, context, new Progress({ quiet: true }));
}

Deno.test("an internal layer that is chosen is a layer below the last, with the reason beside it, always the same", async () => {
  const auto = parseProfile(text, path, "auto");
  assertEquals(auto.training.internalLayer, "auto");
  assertThrows(
    () => internalLayerOf(auto),
    TypeError,
    "internal: the internal layer of smoke-auto is to be chosen",
  );
  const { training } = await chosen(auto);
  assert(
    typeof training.internalLayer === "number" && training.internalLayer >= 1 && training.internalLayer <= 4,
  );
  assertMatch(training.internalLayerChoice?.reason ?? "", /ΔH_FFN/);
  assertEquals(training.internalLayerChoice?.problems, 16);
  assertEquals(await chosen(auto), { ...auto, training });
  const named = parseProfile(text, path);
  assertEquals(await chosen(named), named);
});

Deno.test("a run with a chosen layer records it, with the reason, and reproduces from its own record", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const flags = ["--store", `${folder}/store`, "--quiet", "--provider", "cpu"];
    const run = async (...args: readonly string[]): Promise<string> => {
      const options = { folder, env: { XDG_CONFIG_HOME: folder } };
      const { code, stderr, stdout } = await runTask(["reproduce", ...flags, ...args], options);
      assertEquals(code, 0, stderr + stdout);
      return stdout;
    };
    await run("--profile", "smoke", "--variant", "auto", "--samples", "1", "--out", `${folder}/out`);
    const { profile } = JSON.parse(await Deno.readTextFile(`${folder}/out/results.json`));
    const { training } = await chosen(parseProfile(text, path, "auto"));
    assertEquals(profile.training, JSON.parse(JSON.stringify(training)));
    assertMatch(await run("--from", `${folder}/out/manifest.sigstore.json`), /byte-equal/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

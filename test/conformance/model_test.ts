import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { formatSafetensors, parseSafetensors, plainLayout, type StoredTensor } from "../../src/model/mod.ts";
import { checkAdamW } from "../../src/conformance/adamw.ts";
import { checkModel, type ModelCase } from "../../src/conformance/model.ts";
import { runtime } from "../rl/tiny_model.ts";

const golden = new URL("../golden/", import.meta.url);

async function read(name: string): Promise<ModelCase> {
  const file = (path: string): URL => new URL(`models/${name}/${path}`, golden);
  return {
    config: await Deno.readTextFile(file("config.json")),
    meta: await Deno.readTextFile(file("meta.json")),
    model: await Deno.readFile(file("model.safetensors")),
    inputs: await Deno.readFile(file("inputs.safetensors")),
    expected: await Deno.readFile(file("expected.safetensors")),
  };
}

/** What every case must compare, by the beginning of a group's name. */
const required = ["logits", "hidden_states", "attn_out", "ffn_out", "logprobs.", "entropy.", "cosine."]
  .concat(["ce", "grpo_full", "grpo_layer"].flatMap((loss) => {
    return [`loss.${loss}`, `grads.${loss}`, `parameters.${loss}`, `grad_norm.${loss}`];
  }))
  .concat(["adamw.", "greedy_ids"]);

for (const name of ["qwen3", "qwen3_untied", "qwen2", "llama3"]) {
  Deno.test(`checkModel() agrees with the reference when given ${name}`, async () => {
    const groups = await checkModel(runtime, await read(name));
    for (const { name: group, worst, tolerance, count } of groups) {
      assert(worst <= tolerance && tolerance <= 1e-4, `${group}: ${worst}`);
      assertGreater(count, 0, group);
    }
    for (const start of required) {
      assert(groups.some((group) => group.name.startsWith(start)), `${start} is not compared`);
    }
  });
}

Deno.test("checkModel() agrees with the reference when attention goes in blocks", async () => {
  for (const name of ["qwen3", "qwen2", "llama3"]) {
    for (const block of [4, 7]) {
      const groups = (await checkModel(runtime, await read(name), plainLayout, block)).filter(({ name }) =>
        /^(loss|grads|grad_norm|adamw)\./.test(name)
      );
      assertEquals(groups.length, 11);
      for (const { name: group, worst, tolerance } of groups) {
        assert(worst <= tolerance && tolerance <= 1e-4, `${name}, ${block}, ${group}: ${worst}`);
      }
    }
  }
});

Deno.test("checkModel() finds float16 gradients within 2 % of the reference, and the steps they make", async () => {
  for (
    const [name, block] of [["qwen3"], ["qwen3_untied"], ["qwen3_untied", 4], ["qwen2"], ["llama3"]] as const
  ) {
    const layout = { precision: "float16", largestTensor: Infinity } as const;
    const groups = await checkModel(runtime, await read(name), layout, block);
    const of = (start: string): number[] =>
      groups.filter((group) => group.name.startsWith(start)).map(({ worst }) => worst);
    // Each gradient against the largest element of its own tensor.
    const gradients = of("grads.");
    assertEquals(gradients.length, 3);
    assert(Math.max(...gradients) < 2e-2 && Math.min(...gradients) > 1e-4, `${name}: ${gradients}`);
    for (const start of ["loss.", "grad_norm.", "adamw."]) {
      assert(Math.max(...of(start)) < 5e-3, `${name}: ${start} ${of(start)}`);
    }
  }
});

Deno.test("checkModel() reports a disagreement when one weight is wrong", async () => {
  const files = await read("qwen3");
  const weights = await parseSafetensors(files.model);
  const name = "model.layers.2.mlp.down_proj.weight", tensor = weights.get(name);
  assert(tensor?.dtype === "float32");
  tensor.data[0] = (tensor.data[0] as number) + 0.05;
  const groups = await checkModel(runtime, { ...files, model: await formatSafetensors(weights) });
  const failed = groups.filter(({ worst, tolerance }) => worst > tolerance).map((group) => group.name);
  for (const group of ["logits", "logprobs.full", "grads.grpo_full", "loss.ce"]) {
    assert(failed.includes(group), `${group} agrees in spite of the wrong weight`);
  }
  // The policy of layer 2 does not read layer 3.
  assert(!failed.includes("grads.grpo_layer") && !failed.includes("loss.grpo_layer"));
});

Deno.test("checkModel() names the tensor that a reference lacks, or has beyond what is computed", async () => {
  const files = await read("qwen3");
  const refuse = async (change: (expected: Map<string, StoredTensor>) => void, message: string) => {
    const expected = await parseSafetensors(files.expected);
    change(expected);
    await assertRejects(
      async () => checkModel(runtime, { ...files, expected: await formatSafetensors(expected) }),
      ReferenceError,
      message,
    );
  };
  for (const name of ["grads.ce.model.norm.weight", "adamw.grpo_full.model.norm.weight", "greedy_ids"]) {
    await refuse((expected) => expected.delete(name), `the reference tensor "${name}" is missing`);
  }
  await refuse((expected) => {
    expected.set("entropy.surplus", { dtype: "float32", shape: [1], data: new Float32Array(1) });
  }, 'the inspection graph has no "entropy.surplus"');
});

interface AdamWFile {
  cases: { lr: number }[];
}

Deno.test("checkAdamW() agrees with the reference, and not with another learning rate", async () => {
  const file: AdamWFile = JSON.parse(await Deno.readTextFile(new URL("rl/adamw.json", golden)));
  const groups = await checkAdamW(runtime, file);
  assertEquals(groups.filter(({ worst, tolerance }) => worst > tolerance), []);
  assertGreater(Math.min(...groups.map(({ count }) => count)), 0);
  for (const each of file.cases) each.lr *= 1.01;
  const wrong = await checkAdamW(runtime, file);
  assertEquals(wrong.filter(({ worst, tolerance }) => worst > tolerance).map(({ name }) => name), [
    "parameters",
  ]);
});

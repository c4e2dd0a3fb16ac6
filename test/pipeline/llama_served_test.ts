import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadModel, writeGguf } from "../../src/model/mod.ts";
import { llamaFolder } from "../model/gguf/llama_cpp.ts";
import { LlamaServer } from "../server/llama_server.ts";
import { otherWeights } from "../server/stand_in.ts";
import { Lab } from "./lab.ts";

Deno.test({
  name: "llama.cpp serves the exported model: greedy counts are our own, other weights are refused" +
    (llamaFolder ? "" : " (ignored: BUPO_LLAMA_CPP names no folder with node-llama-cpp)"),
  ignore: !llamaFolder,
  fn: async () => {
    await using lab = await Lab.open();
    const model = await loadModel("benchmarks/model"),
      gguf = lab.path("model.gguf"),
      other = lab.path("other.gguf");
    const dtype = "float32";
    await writeGguf(model.directory, model.weights, gguf, { dtype, name: "base" });
    await writeGguf(model.directory, otherWeights(model.weights, 1.05), other, { dtype, name: "other" });
    const evaluation = { suites: ["mini-math", "mini-aime"], problems: 8, samples: 1 };
    const profile = await lab.profile({ evaluation, temperature: 1e-4, maxResponseTokens: 40 }, "greedy");
    const common = ["evaluate", "--profile", profile, "--store", lab.path("store"), "--json"];
    const own = await lab.run(...common);
    assertEquals(own.code, 0, own.stderr);
    await using server = await LlamaServer.start(llamaFolder ?? "", gguf, { kv: "F32", slots: 4 });
    const served = await lab.run(...common, "--server", server.url);
    assertEquals(served.code, 0, served.stderr);
    const suites = ({ stdout }: { stdout: string }): Record<string, unknown>[] => JSON.parse(stdout).suites;
    const ours = suites(own);
    suites(served).forEach(({ served: facts, ...scores }, i) => {
      assertEquals(scores, ours[i]);
      const { engine, claim, logprobs, check } = facts as Record<string, unknown>;
      assertEquals([engine, claim, logprobs], ["llama.cpp", "statistical", "raw"]);
      const { largest, tokens } = check as { largest: number; tokens: number };
      assert(largest < 1e-3 && tokens > 50, JSON.stringify(check));
    });
    await using wrong = await LlamaServer.start(llamaFolder ?? "", other, { kv: "F32", slots: 4 });
    const refused = await lab.run(...common, "--samples", "2", "--server", wrong.url);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertStringIncludes(refused.stderr, "it serves other weights");
    const [line = "", ...more] = refused.stderr.split("\n").filter((text) => text.startsWith("error: "));
    assertEquals(more, []);
    assert(!line.includes("127.0.0.1"), line);
  },
});

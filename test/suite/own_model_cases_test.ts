/** The published cases of own models and data, where they lie beside the checkout: each with its right outcome. */
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import { askedWait } from "../../src/http/mod.ts";
import { openWeights, parseConfig } from "../../src/model/mod.ts";
import { compileTemplate } from "../../src/model/tokenizer/template.ts";
import { parseProfile } from "../../src/pipeline/mod.ts";
import { type LoadedSuite, loadSuite } from "../../src/suite/mod.ts";

const folder = "../shared/cases/own_model";
const present = await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false);
const files = { file: () => Promise.reject(new Error("no file is wanted")) };
const load = (name: string): Promise<LoadedSuite> =>
  loadSuite(join(folder, "suites", name), { root: ".", files, split: "evaluation" });
const answers = ({ problems }: LoadedSuite): string[] => problems.map(({ answer }) => answer);
const config = async (name: string): Promise<string> =>
  await Deno.readTextFile(join(folder, "configs", name));

/** What each case comes to. */
const cases: Readonly<Record<string, () => Promise<void>>> = {
  "gsm8k_raw.jsonl": async () => {
    const suite = await load("gsm8k_raw.jsonl");
    assert(answers(suite).every((answer) => /^-?\d+$/.test(answer)) && suite.problems.length > 0);
    assertMatch([...suite.layouts.keys()].join(), /####/);
  },
  "twins": async () => {
    const a = join(folder, "suites/twins/a/test.jsonl"), b = join(folder, "suites/twins/b/test.jsonl");
    const both = await Promise.all(
      [`one=${a}`, `two=${b}`].map((spec) => loadSuite(spec, { root: ".", files, split: "evaluation" })),
    );
    assertEquals(both.map(({ name }) => name), ["one", "two"]);
    const profile = await Deno.readTextFile(join(folder, "profiles/twin_suites.json"));
    assertThrows(() => parseProfile(profile, "twin_suites.json"), SyntaxError, 'found "test" twice');
  },
  "big_integers.jsonl": async () => {
    const text = await Deno.readTextFile(join(folder, "suites/big_integers.jsonl"));
    const written = text.trim().split("\n").map((line) => /"answer":\s*([^\s}]+)/.exec(line)?.[1]);
    assertEquals(answers(await load("big_integers.jsonl")), written);
  },
  "verl_rows.jsonl": async () => {
    const [first] = (await load("verl_rows.jsonl")).problems;
    assertEquals([first?.question, first?.answer], ["Find 1+1", "2"]);
  },
  "level5.jsonl": async () => {
    assertEquals((await load("level5.jsonl")).problems.map(({ answer, level }) => [answer, level]), [[
      "7",
      5,
    ]]);
  },
  "contradicting_repeat.jsonl": async () => {
    const { contradictions, problems } = await load("contradicting_repeat.jsonl");
    assertEquals([contradictions.length, problems.length], [1, 1]);
  },
  "compressible.parquet": async () => assert((await load("compressible.parquet")).problems.length > 0),
  "delta_encoding.parquet": async () => assert((await load("delta_encoding.parquet")).problems.length > 0),
  "crlf_template": async () => {
    const render = compileTemplate(
      await Deno.readTextFile(join(folder, "crlf_template/chat_template.jinja")),
    );
    const text = render({ messages: [{ role: "user", content: "hi" }], add_generation_prompt: true });
    assertEquals(text.includes("\r"), false);
  },
  "loop_controls": async () => {
    const render = compileTemplate(
      await Deno.readTextFile(join(folder, "loop_controls/chat_template.jinja")),
    );
    const messages = [{ role: "system", content: "s" }, { role: "user", content: "u" }];
    assertEquals(render({ messages }), "SYSTEM: s\nUSER: u\nASSISTANT:");
  },
  "lfs_pointer_model": async () => {
    const model = join(folder, "lfs_pointer_model");
    const parsed = parseConfig(await Deno.readTextFile(join(model, "config.json")));
    await assertRejects(() => openWeights(model, parsed), SyntaxError, "it is a Git LFS pointer");
  },
  "ratelimit.txt": async () => {
    const lines = (await Deno.readTextFile(join(folder, "hub/ratelimit.txt"))).split("\n");
    const headers = new Headers(lines.flatMap((line): [string, string][] => {
      const [, name = "", value = ""] = /^(RateLimit[\w-]*): (.*)$/.exec(line) ?? [];
      return name === "" ? [] : [[name, value.trim()]];
    }));
    assertEquals(askedWait(headers), 25_000);
  },
  "both_rope_conflict.json": async () => {
    const text = await config("both_rope_conflict.json");
    assertThrows(
      () => parseConfig(text),
      SyntaxError,
      "rope_theta is 1000000, expected 10000 as in rope_theta",
    );
  },
  "tie_true_head_differs.json": async () => {
    // The difference is named when the weights are opened: test/model/weights.
    assertEquals(parseConfig(await config("tie_true_head_differs.json")).tiedEmbeddings, true);
  },
  "tie_absent_head_absent.json": async () => {
    assertEquals(parseConfig(await config("tie_absent_head_absent.json")).tiedEmbeddings, false);
  },
  "ll_llama3_and_top_original.json": async () => {
    assertEquals(
      parseConfig(await config("ll_llama3_and_top_original.json")).ropeScaling?.originalContext,
      64,
    );
  },
};

for (const [name, test] of Object.entries(cases)) {
  Deno.test({
    name: `own model, ${name}: the right outcome${
      present ? "" : " (ignored: the cases are not beside the checkout)"
    }`,
    ignore: !present,
    fn: test,
  });
}

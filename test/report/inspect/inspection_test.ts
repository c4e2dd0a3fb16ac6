import { Ajv2020 } from "ajv/dist/2020.js";
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { canonicalJson } from "../../../src/canonical_json.ts";
import {
  inspectionFiles,
  inspectionJsonSchema,
  inspectionText,
  parseInspection,
  roundedInspection,
} from "../../../src/report/mod.ts";
import { inspectedModel, inspectionOf } from "./fixture.ts";

const SCHEMA = new URL("../../../docs/inspection.schema.json", import.meta.url);

const first = await inspectedModel("models/one"), second = await inspectedModel("models/two", { seed: 2 });
const single = inspectionOf(first), both = inspectionOf(first, second);

Deno.test("the published schema is that of the code, and accepts an inspection", async () => {
  const schema = JSON.parse(await Deno.readTextFile(SCHEMA));
  // deno eval 'import {inspectionJsonSchema as s} from "./src/report/mod.ts";
  // Deno.writeTextFileSync("docs/inspection.schema.json", JSON.stringify(s(), null, 2) + "\n")'
  assertEquals(schema, inspectionJsonSchema());
  const validate = new Ajv2020({ strict: false }).compile(schema);
  assert(validate(JSON.parse(canonicalJson(both))), JSON.stringify(validate.errors));
  assertEquals(validate({ ...single, models: [] }), false);
  const [model] = single.models;
  assertEquals(validate({ ...single, models: [{ ...model, perplexity: null }] }), false);
});

Deno.test("an inspection is read back as it was written; numbers lose last bits once", () => {
  assertEquals(parseInspection(JSON.parse(canonicalJson(both))), both);
  assertEquals(roundedInspection(both), both);
  assertThrows(
    () => parseInspection({ ...both, models: [{}] }),
    TypeError,
    "Cannot read an inspection: models.0",
  );
});

Deno.test("every layer has both of its names, and the embedding is layer 0", () => {
  const { layers, tokens, problems, completions } = first;
  assertEquals(layers.map(({ layer, index }) => [layer, index]), [[0, null], [1, 0], [2, 1], [3, 2]]);
  assertEquals([tokens, problems, completions], [54, 3, 6]);
  assertEquals(first.example.entropy.map((row) => row.length), [9, 9, 9, 9]);
  assertEquals(first.controls.random?.layers.length, 4);
});

Deno.test("the text names the chosen layer, both policies of the last layer, and what the controls leave", () => {
  const text = inspectionText(single), { layer } = first.choice;
  assertMatch(text, new RegExp(`^ *→ ${layer} +${layer - 1} `, "m"));
  assertStringIncludes(
    text,
    "n = 54 response tokens of 6 completions of 3 problems, sampled on mini-math, 2 cut at 9 tokens",
  );
  assertStringIncludes(text, "The last layer has two policies: read raw, π^3");
  assertStringIncludes(text, `For training, layer ${layer} (index ${layer - 1}) is offered: `);
  for (
    const start of ["Size: ", "Norm-matched: ", "Shuffled unembedding: ", "Random weights of the same shape"]
  ) {
    assertMatch(text, new RegExp(`^${start}`, "m"));
  }
  assert(!text.includes("Beside each other"));
  assertMatch(inspectionText(both), /^ +models\/two +\S+ +\S+ +(none|\d) +(none|\d) +\d +[+−0]{3}$/m);
});

Deno.test("where no layer raises the entropy, the text says so and offers the rescaled ranking", () => {
  const none = { layer: null, interval: [0, 0] as const, candidates: [] };
  const matched = {
    layer: 2,
    interval: [2, 2] as const,
    candidates: [2, 1].map((layer) => ({
      layer,
      change: { mean: 0.5, low: 0.25, high: 0.75 },
      share: 2 - layer,
    })),
  };
  const ranges = { exploration: null, integration: null, convergence: [1, 3] as const };
  const text = inspectionText(inspectionOf({
    ...first,
    boundary: { raw: none, matched },
    ranges: { raw: ranges, matched: ranges },
  }));
  assertStringIncludes(text, "On states as they are, no layer has ΔH_FFN > 0.");
  assertStringIncludes(
    text,
    "the last layer with ΔH_FFN > 0 is layer 2 (index 1): 0.5 [0.25, 0.75] nats; chosen in 0 % of",
  );
  assertStringIncludes(
    text,
    "Candidates, rescaled, most often chosen first: 2 (0.5 nats, 0 %), 1 (0.5 nats, 100 %).",
  );
  assertStringIncludes(
    text,
    "exploration (ΔH_FFN > 0) none, integration (about 0) none, convergence (< 0) 1–3",
  );
});

Deno.test("one problem gives means and no intervals, and is drawn all the same", async () => {
  const inspection = inspectionOf(await inspectedModel("one problem", { problems: 1, tokens: 2 }));
  assertEquals(inspection.models[0]?.layers[1]?.values["change.ffn.raw"]?.token.low, null);
  assertStringIncludes(inspectionText(inspection), "n = 4 response tokens of 2 completions of 1 problem,");
  const files = await inspectionFiles(inspection);
  assertStringIncludes(files["inspect.html"] ?? "", "One problem: no intervals.");
  for (const [path, text] of Object.entries(files)) {
    if (!path.endsWith(".html")) assert(!/NaN|Infinity|undefined/.test(text), path);
  }
});

Deno.test("the same inspection gives the same files; those of several models have folders of their own", async () => {
  const files = await inspectionFiles(both);
  assertEquals(await inspectionFiles(both), files);
  const figures = ["completion", "directions", "divergence", "entropy_change", "entropy_flow"];
  assertEquals(
    Object.keys(files).sort(),
    [
      ...["1-models-one", "2-models-two"].flatMap((model) =>
        figures.map((name) => `figures/${model}/${name}.svg`)
      ),
      "figures/beside_each_other.svg",
      "figures/divergence.svg",
      "inspect.html",
      "inspect.json",
    ].sort(),
  );
  assertEquals(Object.keys(await inspectionFiles(single)).filter((path) => path.endsWith(".svg")).sort(), [
    ...figures.map((name) => `figures/${name}.svg`),
  ]);
});

Deno.test("figures say units, n and what marks mean; texts of tokens and names of models stay text", async () => {
  const files = await inspectionFiles(inspectionOf({ ...first, name: "<b>&" }));
  for (const [path, svg] of Object.entries(files)) {
    if (!path.endsWith(".svg")) continue;
    assertMatch(svg, path.includes("directions") ? /Cosines/ : /nats/, path);
    const caption = svg.replace(/<\/text><text class="caption"[^>]*>/g, " ");
    assertMatch(caption, /n = (54 response tokens|1 completion)/, path);
    assert(!svg.includes("<b>") && !svg.includes("<script>"), path);
    assertStringIncludes(svg, "prefers-color-scheme:dark", path);
  }
});

import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canonicalJson } from "../../../src/canonical_json.ts";
import { seedMean } from "../../../src/report/inspect/seeds.ts";
import { trainingWords } from "../../../src/report/inspect/training_words.ts";
import {
  inspectionFiles,
  inspectionText,
  parseInspection,
  trainingHeadline,
} from "../../../src/report/mod.ts";
import { inspectedModel, inspectionOf } from "./fixture.ts";
import { trainingInspection } from "./training_fixture.ts";

const inspection = trainingInspection(), files = await inspectionFiles(inspection);

Deno.test("seedMean() gives Student's interval over seeds, none for one", () => {
  const { mean, low, high } = seedMean([1, 2, 3]);
  // t(0.975, 2) = 4.302653, standard error 1 / √3.
  assertAlmostEquals(mean, 2);
  assertAlmostEquals((high ?? NaN) - 2, 4.302653 / Math.sqrt(3), 1e-5);
  assertAlmostEquals(2 - (low ?? NaN), 4.302653 / Math.sqrt(3), 1e-5);
  assertEquals(seedMean([5]), { mean: 5, low: null, high: null });
});

Deno.test("a training is read back as it was written", () => {
  assertEquals(parseInspection(JSON.parse(canonicalJson(inspection))), inspection);
});

Deno.test("figures of a training: before and after, changes, steps, layers over steps, later layers", () => {
  const shared = Object.keys(files).filter((name) => /^figures\/[^/]+\.svg$/.test(name)).sort();
  assertEquals(
    shared,
    ["before_after", "over_steps", "steps_divergence", "steps_later", "training_change"].map((name) =>
      `figures/${name}.svg`
    ),
  );
  for (const [path, text] of Object.entries(files)) {
    if (!path.endsWith(".html")) assert(!/NaN|Infinity|undefined/.test(text), path);
  }
  const steps = files["figures/over_steps.svg"] ?? "";
  assertStringIncludes(steps, "H(π_θ), in nats, by training step. GRPO: 0 0.5, 5 0.452, 10 0.402.");
  // exp 0.25, and exp of 0.25 + 0.2 + 0.002.
  assertStringIncludes(steps, "Perplexity of π_θ, by training step.");
  assertStringIncludes(steps, "BuPO: 0 1.28, 5 1.42, 10 1.57.");
  assertStringIncludes(steps, "after step 10: GRPO 0.402 [0.4, 0.404]; BuPO 0.702 [0.7, 0.704] nats");
  assertStringIncludes(steps, ">s_inter<");
  const maps = files["figures/steps_divergence.svg"] ?? "";
  assertStringIncludes(
    maps,
    "KL(πˡ ‖ π_θ), GRPO. layer 3: 0.5, 0.5, 0.5. layer 2: 1.5, 1.5, 1.5. layer 1: 2.5, 2.5, 2.5.",
  );
  const later = files["figures/steps_later.svg"] ?? "";
  assertStringIncludes(later, "cos(H, Hˡ), H of layer 2, GRPO. layer 3: 0.8, 0.8, 0.8.");
  assertStringIncludes(later, "KL(π ‖ πˡ), π of layer 2, BuPO. layer 3: 1, 1, 1.");
  const change = files["figures/training_change.svg"] ?? "";
  assertStringIncludes(change, "GRPO: 0 0.002, 1 −0.098, 2 −0.198, 3 −0.298. BuPO: 0 0.002, 1 0.202");
});

Deno.test("what a training changed is said with its interval over seeds, and what the controls leave of it", () => {
  const words = trainingWords(inspection).join("\n");
  assertMatch(
    words,
    /^GRPO \(3 seeds\): on the base model's responses the entropy of π_θ changes by −0\.098 \[−0\.1, −0\.0955\] nats/m,
  );
  assertMatch(
    words,
    /^BuPO, entropy of .+ at layer 1 \(\+0\.202\), layer 2 \(\+0\.402\), layer 3 \(\+0\.602\); /m,
  );
  // The fixture's training leaves rescaled states as they are, and moves normed ones.
  assertMatch(
    words,
    /the same shows, of the 2 below layer 3, at 0 rescaled to ‖Hᴸ‖ and at 2 through the final norm/,
  );
  assertMatch(words, /^GRPO, ΔH_FFN in nats, states as they are: at no layer is a change told from 0\.$/m);
  assertMatch(words, /^BuPO against GRPO, paired by seed \(3 seeds\): entropy of π_θ \+0\.3 \[/m);
  assertMatch(
    words,
    /^Probes of BuPO, step 0 to 10: the entropy of π_θ goes from 0\.5 to 0\.702 \[0\.7, 0\.704\] nats/m,
  );
  assertMatch(
    trainingHeadline(inspection) ?? "",
    /^On the base model's own completions \(n = 54 response tokens .+\), after GRPO \(3 seeds\) .+ the entropy of 2 changes by more than its interval, of 0 once states are rescaled to one size; after BuPO/,
  );
  assertStringIncludes(
    inspectionText(inspection),
    "Before and after training:\nAll models read the same tokens",
  );
  const one = trainingWords(trainingInspection([7])).join("\n");
  assertMatch(one, /^GRPO: one seed tells no change of a layer from chance\.$/m);
  assertMatch(one, /^BuPO against GRPO, paired by seed \(1 seed\): entropy of π_θ \+0\.3 nats\.$/m);
});

Deno.test("the page puts before and after first, and folds the figures of trained models", () => {
  const page = files["inspect.html"] ?? "";
  assertStringIncludes(page, "<h1>Internal policies of tiny before and after training</h1>");
  assert(page.indexOf("<h2>Before and after training</h2>") < page.indexOf("<h2>tiny</h2>"));
  assertStringIncludes(page, "<summary>Figures of BuPO seed 3</summary>");
  assert(!page.includes("<summary>Figures of tiny</summary>"));
});

Deno.test("models that are none of a training have no such part", async () => {
  const none = inspectionOf(await inspectedModel("one"), await inspectedModel("two"));
  assertEquals([trainingWords(none), trainingHeadline(none)], [[], undefined]);
  assert(!Object.keys(await inspectionFiles(none)).some((name) => /before_after|steps/.test(name)));
});

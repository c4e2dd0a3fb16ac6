import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { canonicalJson, sha256 } from "../../src/canonical_json.ts";
import { loadModel } from "../../src/model/mod.ts";
import {
  experimentOverlap,
  parsePretrainingSettings,
  type PretrainingSettings,
  pretrainingSettingsOf,
} from "../../src/pipeline/mod.ts";
import { generateSuite, pretrainingExample, type Problem } from "../../src/suite/mod.ts";
import { rewritings } from "../suite/generated/twins.ts";
import { withFolder } from "../suite/parquet/parquet_files.ts";

const embedded = "benchmarks/model", source = `${embedded}/pretraining.json`;
const settings = parsePretrainingSettings(await Deno.readTextFile(source), source);
const model = await loadModel(embedded);

/** A suite as an experiment holds it. */
function suiteOf(name: string, problems: readonly Problem[]) {
  return { name, digest: "", problems, samples: 1, prompts: [], cut: 0 };
}

/** Writes the embedded model's weights as if other settings had made them. */
async function writeModel(folder: string, settings: PretrainingSettings): Promise<void> {
  await Deno.copyFile(`${embedded}/model.safetensors`, join(folder, "model.safetensors"));
  const { files } = JSON.parse(await Deno.readTextFile(`${embedded}/pretraining_record.json`));
  const record = { settings: await sha256(canonicalJson(settings)), files, finalLoss: 1 };
  await Deno.writeTextFile(join(folder, "pretraining.json"), JSON.stringify(settings));
  await Deno.writeTextFile(join(folder, "pretraining_record.json"), JSON.stringify(record));
}

Deno.test("the held-out questions of the embedded experiment are in neither its training nor its pretraining", async () => {
  const training = [], suites = [];
  for (const name of ["mini-aime", "mini-math"] as const) {
    training.push(...await generateSuite(name, "train", 2000, 1));
    suites.push(suiteOf(name, await generateSuite(name, "evaluation", 120, 1)));
  }
  const overlap = await experimentOverlap({ training: suiteOf("training", training), suites, model });
  const clean = suites.map(({ name }) => (
    { suite: name, problems: 120, short: 120, exact: [], meaning: [], ngram: [] }
  ));
  assertEquals(overlap, { training: clean, pretraining: clean });
});

Deno.test("experimentOverlap() finds what is planted in training and in any example of pretraining", async () => {
  await withFolder(async (folder) => {
    const short = { ...settings, steps: 3, examplesPerStep: 4 };
    await writeModel(folder, short);
    const examples = Array.from({ length: 13 }, (_, index) => (
      { id: `example ${index}`, ...pretrainingExample(short.seed, index) }
    ));
    const training = await generateSuite("mini-math", "train", 60, 1);
    const twins = training.flatMap((problem) =>
      [...rewritings(problem.question)].map((question) => ({ ...problem, question }))
    );
    const overlap = await experimentOverlap({
      training: suiteOf("training", training),
      suites: [suiteOf("examples", examples), suiteOf("twins", twins)],
      model: { ...model, directory: folder },
    });
    assertEquals(
      overlap.pretraining?.[0]?.exact,
      examples.slice(0, 12).map(({ id }, index) => ({ problem: id, training: `${index}`, share: 1 })),
    );
    assertEquals(overlap.training[1]?.exact, []);
    assertEquals(
      overlap.training[1]?.meaning,
      twins.map(({ id }) => ({ problem: id, training: id, share: 1 })),
    );
    await Deno.remove(join(folder, "pretraining.json"));
    const unknown = { ...model, directory: folder };
    assertEquals(
      await experimentOverlap({ training: suiteOf("training", []), suites: [], model: unknown }),
      { training: [], pretraining: null },
    );
  });
});

Deno.test("pretrainingSettingsOf() gives the settings only where the record says that they made the weights", async () => {
  assertEquals(await pretrainingSettingsOf(embedded), settings);
  await withFolder(async (folder) => {
    const found = () => pretrainingSettingsOf(folder);
    const write = (name: string, content: string) => Deno.writeTextFile(join(folder, name), content);
    assertEquals(await found(), undefined);
    await writeModel(folder, settings);
    assertEquals(await found(), settings);
    await write("pretraining.json", JSON.stringify({ ...settings, steps: settings.steps + 1 }));
    assertEquals(await found(), undefined);
    await write("pretraining.json", JSON.stringify(settings));
    await write("model.safetensors", "other weights");
    assertEquals(await found(), undefined);
    await write("pretraining_record.json", "{}");
    await assertRejects(found, SyntaxError, "pretraining_record.json");
    await Deno.remove(join(folder, "pretraining_record.json"));
    assertEquals(await found(), undefined);
  });
});

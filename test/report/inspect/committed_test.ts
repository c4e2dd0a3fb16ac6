import { assert, assertEquals } from "@std/assert";
import { parseInspection, trainingHeadline, verifyInspection } from "../../../src/report/mod.ts";
import { loadPublishedKeys } from "../../../src/result/mod.ts";

/** Where the report of the embedded model before and after training lies. */
const FOLDER = "results/inspection";

const text = await Deno.readTextFile(`${FOLDER}/inspect.json`).catch((error) => {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
});
const suffix = text === undefined ? ` (ignored: there is no ${FOLDER})` : "";

Deno.test({
  name: `the committed report holds, is of the committed result, and the README says what it says${suffix}`,
  ignore: text === undefined,
  fn: async () => {
    const inspection = parseInspection(JSON.parse(text ?? ""));
    const found = await verifyInspection(FOLDER, { published: await loadPublishedKeys("results/keys") });
    assertEquals(found.problems, []);
    assertEquals(found.result, { directory: "results/embedded" });
    const readme = (await Deno.readTextFile("README.md")).replace(/\s+/g, " ");
    const headline = trainingHeadline(inspection) ?? "";
    const block =
      `- ${headline}\n  ([report](${FOLDER}/inspect.html), \`deno task inspect --trained\`)\n\n![Internal policies before and after training](${FOLDER}/figures/before_after.svg)`;
    assert(
      readme.includes(headline) && readme.includes(`(${FOLDER}/figures/before_after.svg)`),
      `the README lacks:\n\n${block}\n`,
    );
  },
});

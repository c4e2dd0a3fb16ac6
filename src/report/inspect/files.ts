/**
 * All files of an inspection.
 *
 * @module
 */

import { canonicalJson } from "../../canonical_json.ts";
import type { Inspection } from "./document.ts";
import { modelFigures, sharedFigures } from "./figures.ts";
import { renderInspectionPage } from "./page.ts";
import { renderFigure } from "../draw/mod.ts";

/** A name as files can have it. */
function fileName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9.]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "model";
}

/** Texts by path: `inspect.json`, `inspect.html`, `figures/*.svg`; the same inspection gives the same bytes. */
export async function inspectionFiles(inspection: Inspection): Promise<Record<string, string>> {
  const { models, layer } = inspection,
    files: Record<string, string> = {
      "inspect.json": `${canonicalJson(inspection)}\n`,
      "inspect.html": await renderInspectionPage(inspection),
    };
  for (const figure of sharedFigures(inspection)) {
    files[`figures/${figure.name}.svg`] = renderFigure(figure, models.map(({ name }) => name).join(", "));
  }
  models.forEach((model, i) => {
    // One model needs no name in the names of its files; those of several differ by their place if by nothing else.
    const folder = models.length === 1 ? "" : `${i + 1}-${fileName(model.name)}/`;
    for (const figure of modelFigures(model, layer)) {
      files[`figures/${folder}${figure.name}.svg`] = renderFigure(figure, model.name);
    }
  });
  return files;
}

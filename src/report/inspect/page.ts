/**
 * An inspection as one HTML file that needs nothing else: no server, no network.
 *
 * @module
 */

import type { QuantityName } from "../../policy/mod.ts";
import { contentPolicy, listed, markup, safeJson } from "../page/mod.ts";
import type { InspectedDocumentModel, Inspection } from "./document.ts";
import { type Figure, figureStyle, panelSvg, ranged, short } from "../draw/mod.ts";
import { modelFigures, sharedFigures } from "./figures.ts";
import script from "./hover.js" with { type: "text" };
import { pointedOut } from "./numbers.ts";
import pageStyle from "./style.css" with { type: "text" };
import { beforeAfter } from "./seeds.ts";
import { trainingWords } from "./training_words.ts";
import { basisWords, boundaryWords, controlWords, lastLayerWords, sourceWords } from "./words.ts";

/** Figures whose panels keep their size and are scrolled where there is no room. */
const wide: ReadonlySet<string> = new Set(["divergence", "completion", "steps_divergence", "steps_later"]);

/** The columns of the table of numbers. */
const columns: readonly (readonly [string, QuantityName])[] = [
  ["H(πˡ)", "entropy.layer.raw"],
  ["normed", "entropy.layer.normed"],
  ["matched", "entropy.layer.matched"],
  ["ΔH_ATTN", "change.attn.raw"],
  ["ΔH_FFN", "change.ffn.raw"],
  ["ΔH_FFN, matched", "change.ffn.matched"],
  ["‖Hˡ‖", "norm.layer"],
  ["KL(πˡ ‖ π_θ)", "kl_to_final.layer.raw"],
  ["KL(π_θ ‖ πˡ)", "kl_from_final.layer.raw"],
  ["log πˡ(token)", "logprob.layer.raw"],
  ["rank", "rank.layer.raw"],
  ["rank, normed", "rank.layer.normed"],
];

function figureHtml({ name, title, caption, panels }: Figure): string {
  const kind = wide.has(name) ? "panels wide" : "panels";
  const each = panels.map((panel) => `<div tabindex="0">${panelSvg(panel)}</div>`).join("\n");
  const plainEach = panels.map((panel) => `<div>${panelSvg(panel)}</div>`).join("\n");
  return `<figure>${markup`<h3>${title}</h3>`}<div class="${kind}">${
    wide.has(name) ? each : plainEach
  }</div>${markup`<figcaption>${caption}</figcaption>`}</figure>`;
}

function list(sentences: readonly string[]): string {
  return `<ul>${sentences.map((sentence) => markup`<li>${sentence}</li>`).join("")}</ul>`;
}

function numbersTable(model: InspectedDocumentModel, pointed: number): string {
  const head = ["layer", "index", ...columns.map(([name]) => name)].map((name) =>
    markup`<th scope="col">${name}</th>`
  );
  const body = model.layers.map(({ layer, index, values }) => {
    const cells = columns.map(([, name]) => {
      const mean = values[name]?.token;
      return markup`<td>${mean ? ranged(mean) : ""}</td>`;
    });
    const names = markup`<th scope="row">${layer === 0 ? "embedding" : String(layer)}</th><td>${
      index === null ? "" : String(index)
    }</td>`;
    return `<tr${layer === pointed ? ' class="chosen"' : ""}>${names}${cells.join("")}</tr>`;
  });
  return `<details><summary>Numbers, means over response tokens with intervals</summary><div class="scroll" tabindex="0"><table><thead><tr>${
    head.join("")
  }</tr></thead><tbody>${body.join("\n")}</tbody></table></div></details>`;
}

function modelHtml(model: InspectedDocumentModel, layer: number | null): string {
  const { name, shape, source, perplexity } = model;
  const whose = `completions ${sourceWords(source)}`;
  const cut = source.cut === 0 ? "" : `, ${source.cut} of them cut at ${source.maxResponseTokens} tokens`;
  // Of a trained model, what differs from the base model stands above.
  const fold = (parts: string): string =>
    model.run === null
      ? parts
      : `<details><summary>${markup`Figures of ${name}`}</summary>${parts}</details>`;
  return [
    markup`<h2>${name}</h2>`,
    markup`<p class="basis">${`${shape.layers} layers, vocabulary ${shape.vocabularySize}, ${
      shape.tiedEmbeddings ? "tied" : "untied"
    } embeddings; ${whose}${cut}; ${basisWords(model)}; perplexity ${short(perplexity)}`}</p>`,
    fold([
      "<h3>Which layer</h3>",
      list([...boundaryWords(model), lastLayerWords(model)]),
      "<h3>What is an artefact</h3>",
      list(controlWords(model)),
      ...modelFigures(model, layer).map(figureHtml),
    ].join("\n")),
    numbersTable(model, pointedOut(model, layer)),
  ].join("\n");
}

/**
 * The page. Its policy allows only the script and the style inside it, by their hashes, and no connection; the document
 * itself lies in it as inert data. Numbers appear where marks are pointed at, and stand in a table.
 */
export async function renderInspectionPage(inspection: Inspection): Promise<string> {
  const { models, layer } = inspection, style = `${pageStyle}${figureStyle}`;
  const policy = await contentPolicy(script, style);
  const base = beforeAfter(inspection)?.base.name;
  const title = base === undefined
    ? `Internal policies of ${listed(models.map(({ name }) => name))}`
    : `Internal policies of ${base} before and after training`;
  const shared = sharedFigures(inspection), sentences = trainingWords(inspection);
  const heading = sentences.length > 0 ? "Before and after training" : "Beside each other";
  const words = sentences.length > 0 ? list(sentences) : "";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${markup`<title>${title}</title>`}
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
${markup`<h1>${title}</h1>`}
<p class="basis">What each layer would say if the unembedding read it. Entropies and divergences in nats; layers from 1, as in the paper, with the released code’s index beside; prompts are never counted.</p>
${shared.length > 0 ? `<h2>${heading}</h2>${words}${shared.map(figureHtml).join("\n")}` : ""}
${models.map((model) => modelHtml(model, layer)).join("\n")}
</main>
<div id="tip" role="status" hidden></div>
<script type="application/json" id="inspection">${safeJson(inspection)}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

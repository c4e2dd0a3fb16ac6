/**
 * An inspection in a terminal: a table of the layers with small bars, and what was found in sentences.
 *
 * @module
 */

import type { QuantityName } from "../../policy/mod.ts";
import type { InspectedDocumentModel, Inspection } from "./document.ts";
import { ranged, short } from "../draw/mod.ts";
import { curveOf, pointedOut } from "./numbers.ts";
import { trainingWords } from "./training_words.ts";
import { basisWords, boundaryWords, controlWords, lastLayerWords, sourceWords } from "./words.ts";

/** Characters of a bar. */
const BAR = 10;

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * A share as a bar of a fixed width.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bar } from "./terminal.ts";
 *
 * assertEquals([bar(0.5, 4), bar(1, 4), bar(0, 4), bar(0.03125, 4)], ["██  ", "████", "    ", "▏   "]);
 * ```
 */
export function bar(share: number, width = BAR): string {
  const units = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return `${"█".repeat(Math.floor(units / 8))}${eighths[units % 8] ?? ""}`.padEnd(width);
}

/**
 * A signed share as a bar around a middle.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { signedBar } from "./terminal.ts";
 *
 * assertEquals([signedBar(1, 4), signedBar(-0.5, 4), signedBar(0, 4)], ["    │████", "  ██│    ", "    │    "]);
 * ```
 */
export function signedBar(share: number, width = BAR / 2): string {
  const size = Math.round(Math.min(1, Math.abs(share)) * width), block = "█".repeat(size);
  const left = share < 0 ? block.padStart(width) : " ".repeat(width);
  return `${left}│${share > 0 ? block.padEnd(width) : " ".repeat(width)}`;
}

interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  readonly left?: boolean;
}

function table(columns: readonly Column[], rows: number): string[] {
  const widths = columns.map(({ head, cells }) => Math.max(head.length, ...cells.map((cell) => cell.length)));
  const line = (of: (column: Column) => string): string =>
    columns.map((column, i) => {
      const text = of(column), width = widths[i] ?? 0;
      return column.left ? text.padEnd(width) : text.padStart(width);
    }).join("  ").trimEnd();
  return [
    line(({ head }) => head),
    ...Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? "")),
  ];
}

function layersTable(model: InspectedDocumentModel, pointed: number): string[] {
  const { layers, maximumEntropy } = model;
  const mean = (name: QuantityName): (number | undefined)[] =>
    layers.map(({ values }) => values[name]?.token.mean);
  const plain = (head: string, name: QuantityName): Column => {
    return { head, cells: mean(name).map((value) => value === undefined ? "" : short(value)) };
  };
  const entropies = mean("entropy.layer.raw"), changes = mean("change.ffn.raw");
  const largest = Math.max(...changes.map((value) => Math.abs(value ?? 0))) || 1;
  return table([
    {
      head: "layer",
      cells: layers.map(({ layer }) => `${layer === pointed ? "→ " : ""}${layer === 0 ? "emb" : layer}`),
    },
    { head: "index", cells: layers.map(({ index }) => index === null ? "" : String(index)) },
    { head: "H(πˡ)", cells: entropies.map((value) => value === undefined ? "" : short(value)) },
    { head: "", left: true, cells: entropies.map((value) => bar((value ?? 0) / maximumEntropy)) },
    plain("normed", "entropy.layer.normed"),
    plain("ΔH_ATTN", "change.attn.raw"),
    {
      head: "ΔH_FFN",
      cells: layers.map(({ values }) => {
        const change = values["change.ffn.raw"]?.token;
        return change ? ranged(change) : "";
      }),
    },
    {
      head: "",
      left: true,
      cells: changes.map((value) => value === undefined ? "" : signedBar(value / largest)),
    },
    plain("matched", "change.ffn.matched"),
    plain("‖Hˡ‖", "norm.layer"),
    plain("KL(πˡ‖π_θ)", "kl_to_final.layer.raw"),
    plain("normed", "kl_to_final.layer.normed"),
  ], layers.length);
}

/** A model's part. */
function modelText(model: InspectedDocumentModel, layer: number | null): string {
  const { name, shape, source, perplexity, maximumEntropy } = model;
  const whose = sourceWords(source);
  const cut = source.cut === 0 ? "" : `, ${source.cut} cut at ${source.maxResponseTokens} tokens`;
  return [
    `${name}: ${shape.layers} layers, vocabulary ${shape.vocabularySize}, ${
      shape.tiedEmbeddings ? "tied" : "untied"
    } embeddings`,
    `${basisWords(model)}, ${whose}${cut}; perplexity ${short(perplexity)}; nats, at most ln V = ${
      short(maximumEntropy)
    }`,
    "",
    ...layersTable(model, pointedOut(model, layer)).map((line) => `  ${line}`),
    "",
    lastLayerWords(model),
    ...boundaryWords(model),
    ...controlWords(model),
  ].join("\n");
}

/** Two models or more, in a line each. */
function besideEachOther({ models }: Inspection): string[] {
  if (models.length < 2) return [];
  const change = (model: InspectedDocumentModel): string => {
    const values = curveOf(model, "change.ffn.raw"),
      largest = Math.max(...values.map(({ mean }) => Math.abs(mean))) || 1;
    return values.map(({ mean }) => mean > 0.05 * largest ? "+" : mean < -0.05 * largest ? "−" : "0").join(
      "",
    );
  };
  return [
    "",
    "Beside each other (signs of ΔH_FFN from layer 1 on; 0 below 5 % of the largest):",
    ...table([
      { head: "model", left: true, cells: models.map(({ name }) => name) },
      {
        head: "H(π_θ)",
        cells: models.map((model) => short(curveOf(model, "entropy.layer.normed").at(-1)?.mean ?? NaN)),
      },
      { head: "perplexity", cells: models.map(({ perplexity }) => short(perplexity)) },
      { head: "boundary", cells: models.map(({ boundary }) => String(boundary.raw.layer ?? "none")) },
      { head: "matched", cells: models.map(({ boundary }) => String(boundary.matched.layer ?? "none")) },
      { head: "offered", cells: models.map(({ choice }) => String(choice.layer)) },
      { head: "ΔH_FFN", left: true, cells: models.map(change) },
    ], models.length).map((line) => `  ${line}`),
  ];
}

/** The whole inspection as text. */
export function inspectionText(inspection: Inspection): string {
  const words = trainingWords(inspection);
  // Of trained models only what differs is said: a table each would bury it.
  const shown = words.length > 0 ? inspection.models.filter(({ run }) => run === null) : inspection.models;
  const parts = shown.map((model) => modelText(model, inspection.layer));
  const training = words.length > 0 ? ["", "Before and after training:", ...words] : [];
  return [parts.join("\n\n"), ...besideEachOther(inspection), ...training].join("\n");
}

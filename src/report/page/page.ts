/**
 * The leaderboard as one HTML file that needs nothing else: no server, no network.
 *
 * @module
 */

import { canonicalJson } from "../../canonical_json.ts";
import { type Leaderboard, statementOf, type Transcript } from "../leaderboard/mod.ts";
import { pageScript } from "./bundle.ts";
import { contentPolicy } from "./content_policy.ts";
import { markup, safeJson } from "./html.ts";
import { blockId, type Figures, FIGURES_BLOCK, LEADERBOARD_BLOCK } from "./shared/mod.ts";
import { pageStyle as style } from "./style.ts";

/** The signed bytes of a result, for the check in the browser. */
export interface Proof {
  /** Name of the result. */
  readonly result: string;
  /** The bytes of `results.json`. */
  readonly record: Uint8Array<ArrayBuffer>;
  /** The bytes of `manifest.sigstore.json`. */
  readonly bundle: Uint8Array<ArrayBuffer>;
  /** The bytes of `provenance.sigstore.json`. */
  readonly provenance: Uint8Array<ArrayBuffer>;
  /** The SubjectPublicKeyInfo of the key. */
  readonly spki: Uint8Array<ArrayBuffer>;
}

/** What the page is made of. */
export interface PageInput extends Omit<Figures, "shown"> {
  /** The leaderboard. */
  readonly leaderboard: Leaderboard;
  /** The signed bytes of every result. */
  readonly proofs: readonly Proof[];
  /** Transcripts of flipped problems by result, the most telling first. */
  readonly transcripts: Readonly<Record<string, readonly Transcript[]>>;
}

/** The most bytes that all transcripts together may take in the page. */
const TRANSCRIPT_BUDGET = 400_000;

/** Compressed bytes in base64; the same bytes give the same text. */
async function packed(content: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer()).toBase64();
}

/** No text of completions becomes smaller than this share by compression and base64. */
const MOST_COMPRESSED = 0.02;

/** As many of a result's transcripts, from the first, as fit into a budget. */
async function packedTranscripts(
  all: readonly Transcript[],
  budget: number,
): Promise<{ data: string; count: number }> {
  const texts = all.map((one) => canonicalJson(one)), ends: number[] = [];
  for (const { length } of texts) ends.push((ends.at(-1) ?? 0) + length);
  // What cannot fit is not compressed to find that out.
  const over = ends.findIndex((end) => end * MOST_COMPRESSED > budget);
  for (let count = over < 0 ? all.length : over; count > 0;) {
    const data = await packed(`[${texts.slice(0, count).join(",")}]`);
    if (data.length <= budget) return { data, count };
    count = Math.min(count - 1, Math.floor(0.97 * count * budget / data.length));
  }
  return { data: "", count: 0 };
}

/** A data block: inert text that the script reads by its id. */
function dataBlock(id: string, type: string, content: string): string {
  return `<script type="${type}" id="${id}">${content}</script>`;
}

/** The table for readers without JavaScript. */
function plainTable({ rows, results }: Leaderboard): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const body = rows.map(({ result, label, mean: { average: { value, low, high } } }) => {
    const profile = results.find(({ name }) => name === result)?.profile.name ?? "";
    return markup`<tr><td>${profile}</td><td>${result}</td><td>${label}</td><td>${percent(value)} [${
      percent(low)
    }, ${percent(high)}]</td></tr>`;
  });
  return `<noscript><p>Figures, transcripts and the signature check need JavaScript.</p><table><caption>avg@k in %, mean over the suites</caption><tr><th>Profile</th><th>Result</th><th>Method</th><th>Mean</th></tr>${
    body.join("")
  }</table></noscript>`;
}

/**
 * The page. Its policy allows only the script and the style inside it, by their hashes, and no connection. Everything
 * that comes from records is data in inert blocks and reaches the document as text.
 */
export async function renderPage(input: PageInput): Promise<string> {
  const { leaderboard, proofs, transcripts, ...drawn } = input, script = await pageScript();
  const withTranscripts = leaderboard.results.filter(({ name }) => (transcripts[name]?.length ?? 0) > 0);
  const budget = TRANSCRIPT_BUDGET / Math.max(1, withTranscripts.length);
  const shown: Record<string, number> = {}, blocks: string[] = [];
  for (const [index, { name }] of leaderboard.results.entries()) {
    const proof = proofs.find(({ result }) => result === name);
    if (proof) {
      blocks.push(
        dataBlock(blockId("record", index), "text/plain", await packed(proof.record)),
        dataBlock(blockId("bundle", index), "text/plain", await packed(proof.bundle)),
        dataBlock(blockId("provenance", index), "text/plain", await packed(proof.provenance)),
        dataBlock(blockId("key", index), "text/plain", proof.spki.toBase64()),
      );
    }
    const { data, count } = await packedTranscripts(transcripts[name] ?? [], budget);
    shown[name] = count;
    if (count > 0) blocks.push(dataBlock(blockId("transcripts", index), "text/plain", data));
  }
  const figures: Figures = { ...drawn, shown };
  const policy = await contentPolicy(script, style, ["worker-src blob:"]);
  const { text: headline } = statementOf(leaderboard);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${markup`<meta name="description" content="${headline}">`}
<title>BuPO Bench leaderboard</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 5h12M2 11h9' stroke='%23b4540a' stroke-width='2'/%3E%3Ccircle cx='9' cy='5' r='2.5' fill='%23b4540a'/%3E%3Ccircle cx='6' cy='11' r='2.5' fill='%23b4540a'/%3E%3C/svg%3E">
<style>${style}</style>
</head>
<body>
<a class="skip" href="#methods">Skip to the table</a>
<header class="top"><div class="brand">BuPO Bench</div><div id="tools"></div></header>
<main id="main">
${markup`<h1 id="headline">${headline}</h1>`}
<p id="basis" class="basis"></p>
${plainTable(leaderboard)}
<div id="content"></div>
</main>
<dialog id="dialog" aria-labelledby="dialog-title"></dialog>
${dataBlock(LEADERBOARD_BLOCK, "application/json", safeJson(leaderboard))}
${dataBlock(FIGURES_BLOCK, "text/plain", await packed(canonicalJson(figures)))}
${blocks.join("\n")}
<script type="module">${script}</script>
</body>
</html>
`;
}

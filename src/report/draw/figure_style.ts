/**
 * The style of figures, in light and in dark surroundings. Colours are those of Okabe and Ito, which people with any
 * colour vision tell apart, lighter where the surrounding is dark.
 *
 * @module
 */

const light = {
  paper: "#fdfcfa",
  ink: "#1d1b18",
  soft: "#5c574f",
  line: "#ddd7cc",
  series: ["#1d1b18", "#0072b2", "#c04a00", "#007a5c", "#a8467f", "#8a6500", "#3d6fd1", "#6b6b6b"],
};

const dark = {
  paper: "#161513",
  ink: "#ece8e1",
  soft: "#a9a298",
  line: "#3b3731",
  series: ["#ece8e1", "#56b4e9", "#f0a05a", "#4cc9a4", "#e39ac4", "#e6c85a", "#9fb9f5", "#a8a8a8"],
};

/** Dashes of the lines, so that they are told apart without colour. */
const dashes = ["", "6 2", "2 2", "8 3 2 3", "", "6 2", "2 2", "8 3 2 3"];

function rules({ paper, ink, soft, line, series }: typeof light): string {
  return [
    `.paper{fill:${paper}}`,
    `.head,.legend,.token{fill:${ink}}`,
    `.tick,.caption{fill:${soft}}`,
    `.grid{stroke:${line}}`,
    `.zero{stroke:${soft}}`,
    `.pointer{stroke:${soft}}`,
    `.chosen .bar{stroke:${ink}}`,
    `.whisker{stroke:${ink}}.edge{stroke:${paper}}`,
    ...series.map((colour, i) =>
      `.s${i} .line{stroke:${colour}}.s${i} .mark,.s${i} .band,.s${i} .bar{fill:${colour}}`
    ),
  ].join("");
}

/** The style, for a picture of its own and for the page. */
export const figureStyle: string = [
  `.figure text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}`,
  ".figure .head{font-size:13px;font-weight:600}.figure .tick{font-size:11px}.figure .strong{font-weight:600}",
  `.figure .token{font:11px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}`,
  ".figure .cell{font-size:11px}.dark{fill:#101010}.light{fill:#fff}",
  ".line{fill:none;stroke-width:1.7;stroke-linejoin:round}.band{opacity:.14}.bar{opacity:.9}.chosen .bar{stroke-width:1.6}",
  ".zero{stroke-width:1.2}.pointer{stroke-dasharray:3 3}.whisker{stroke-width:1.2}.edge{stroke-width:3.6}",
  ".column{fill:#808080;fill-opacity:0;pointer-events:all}.column:hover{fill-opacity:.12}.point:hover{opacity:.75}",
  ...dashes.map((dash, i) => dash ? `.s${i} .line{stroke-dasharray:${dash}}` : ""),
  rules(light),
  `@media (prefers-color-scheme:dark){${rules(dark)}}`,
].join("");

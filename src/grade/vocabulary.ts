/**
 * What signs, commands and words mean: the tables that the tokenizer and the parser read.
 *
 * @module
 */

import type { FunctionName } from "./expression.ts";

/** Characters outside ASCII, and the LaTeX that means the same. */
export const CHARACTERS: ReadonlyMap<string, string> = new Map(Object.entries({
  "−": "-",
  "–": "-",
  "—": "-",
  "‐": "-",
  "‑": "-",
  "﹣": "-",
  "×": "*",
  "·": "*",
  "⋅": "*",
  "∙": "*",
  "÷": "/",
  "∕": "/",
  "⁄": "/",
  "±": "\\pm ",
  "∓": "\\mp ",
  "√": "\\sqrt ",
  "∞": "\\infty ",
  "π": "\\pi ",
  "≤": "\\le ",
  "≥": "\\ge ",
  "≠": "\\ne ",
  "≈": "\\approx ",
  "∈": "\\in ",
  "∪": "\\cup ",
  "∅": "\\emptyset ",
  "ℝ": "\\mathbb{R}",
  "°": "^{\\circ}",
  "′": "'",
  "’": "'",
  "∣": "|",
  "⟨": "(",
  "⟩": ")",
  "〈": "(",
  "〉": ")",
  "⌊": "\\lfloor ",
  "⌋": "\\rfloor ",
  "⌈": "\\lceil ",
  "⌉": "\\rceil ",
  "∑": "\\sum ",
  "∏": "\\prod ",
  "¼": "\\frac{1}{4}",
  "½": "\\frac{1}{2}",
  "¾": "\\frac{3}{4}",
  "⅓": "\\frac{1}{3}",
  "⅔": "\\frac{2}{3}",
  "⁰": "^{0}",
  "¹": "^{1}",
  "²": "^{2}",
  "³": "^{3}",
  "⁴": "^{4}",
  "⁵": "^{5}",
  "⁶": "^{6}",
  "⁷": "^{7}",
  "⁸": "^{8}",
  "⁹": "^{9}",
  "ⁿ": "^{n}",
  "₀": "_{0}",
  "₁": "_{1}",
  "₂": "_{2}",
  "₃": "_{3}",
  "₄": "_{4}",
  "₅": "_{5}",
  "₆": "_{6}",
  "₇": "_{7}",
  "₈": "_{8}",
  "₉": "_{9}",
  "€": "",
  "£": "",
  "¥": "",
  "₹": "",
  "α": "\\alpha ",
  "β": "\\beta ",
  "γ": "\\gamma ",
  "δ": "\\delta ",
  "ε": "\\epsilon ",
  "θ": "\\theta ",
  "λ": "\\lambda ",
  "μ": "\\mu ",
  "ρ": "\\rho ",
  "σ": "\\sigma ",
  "φ": "\\phi ",
  "ω": "\\omega ",
}));

/** Commands that only space, size or decorate; they say nothing. */
export const SILENT: ReadonlySet<string> = new Set([
  ..."left right middle mleft mright big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm"
    .split(" "),
  ..."quad qquad displaystyle textstyle scriptstyle limits nolimits ensuremath boxed fbox hfill thinspace"
    .split(" "),
  ..."rm bf it cal ! , ; : > $ # small large Large normalsize".split(" "),
  " ",
  "\n",
  "\t",
]);

/** Commands whose argument is prose. */
export const TEXT_COMMANDS: ReadonlySet<string> = new Set(
  "text textbf textit textrm textnormal textsf texttt mbox hbox emph".split(" "),
);

/** Commands whose argument is set in another font and means the same. */
export const FONT_COMMANDS: ReadonlySet<string> = new Set(
  "mathrm mathbf mathit mathsf mathtt mathcal mathnormal boldsymbol bm operatorname vec overrightarrow".split(
    " ",
  ),
);

/** Commands that stand for a sign. */
export const SIGNS: ReadonlyMap<string, string> = new Map(Object.entries({
  cdot: "*",
  times: "*",
  ast: "*",
  star: "*",
  div: "/",
  pm: "pm",
  mp: "mp",
  le: "<=",
  leq: "<=",
  leqslant: "<=",
  ge: ">=",
  geq: ">=",
  geqslant: ">=",
  lt: "<",
  gt: ">",
  ne: "!=",
  neq: "!=",
  approx: "~",
  simeq: "~",
  in: "in",
  lvert: "|",
  rvert: "|",
  vert: "|",
  mid: "|",
  lbrace: "set{",
  rbrace: "set}",
  "{": "set{",
  "}": "set}",
  "%": "%",
  langle: "(",
  rangle: ")",
  lparen: "(",
  rparen: ")",
  lbrack: "[",
  rbrack: "]",
  colon: ":",
  lfloor: "floor[",
  rfloor: "floor]",
  lceil: "ceil[",
  rceil: "ceil]",
  cup: "cup",
  "\\": "\\\\",
  prime: "'",
  circ: "deg",
  degree: "deg",
  equiv: "=",
  land: "and",
  lor: "or",
}));

/** Commands under another name. */
export const ALIASES: ReadonlyMap<string, string> = new Map(Object.entries({
  dfrac: "frac",
  tfrac: "frac",
  cfrac: "frac",
  nicefrac: "frac",
  sfrac: "frac",
  dbinom: "binom",
  tbinom: "binom",
  varnothing: "emptyset",
  infinity: "infty",
  oo: "infty",
  inf: "infty",
  varphi: "phi",
  varepsilon: "epsilon",
  vartheta: "theta",
  lg: "log",
  asin: "arcsin",
  acos: "arccos",
  atan: "arctan",
  tg: "tan",
  ctg: "cot",
  ceiling: "ceil",
  Pi: "pi",
}));

/** The functions of one argument that are written before it. */
export const FUNCTIONS: ReadonlyMap<string, FunctionName> = new Map(
  ([
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "ln",
    "exp",
    "abs",
    "floor",
    "ceil",
    "max",
    "min",
  ] as const).map((name) => [name, name]),
);

/** Names of Greek letters: symbols that are written as commands. */
export const GREEK: ReadonlySet<string> = new Set([
  ..."alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau".split(" "),
  ..."upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega ell".split(" "),
]);

/** Names that plain text may write without a backslash. */
export const PLAIN_NAMES: ReadonlySet<string> = new Set([
  ...FUNCTIONS.keys(),
  ..."sqrt log lg pi infty infinity oo inf frac asin acos atan ceiling".split(" "),
  ..."alpha beta gamma delta theta lambda mu rho sigma phi omega".split(" "),
]);

/** Words that are words however short. */
export const WORDS: ReadonlySet<string> = new Set([
  ..."or and yes no not odd even true false none is are be am pm the of an all to if for per pct".split(" "),
]);

/** Words after a number that change it, so they are no unit. */
export const NOT_UNITS: ReadonlySet<string> = new Set([
  ..."not no plus minus times half third quarter squared cubed factorial over divided by than except".split(
    " ",
  ),
  ..."but until through to between either neither maybe yes true false odd even root power mod modulo".split(
    " ",
  ),
]);

/** Words that multiply the number before them. */
export const MULTIPLIERS: ReadonlyMap<string, number> = new Map(
  Object.entries({ hundred: 100, dozen: 12, thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 }),
);

/** Units by every spelling; the value is the canonical one. */
export const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    m: "meter metre",
    cm: "centimeter centimetre",
    mm: "millimeter millimetre",
    km: "kilometer kilometre",
    in: "inch inche",
    ft: "foot feet",
    yd: "yard",
    mi: "mile",
    g: "gram",
    kg: "kilogram kilo",
    mg: "milligram",
    lb: "pound lbs",
    oz: "ounce",
    s: "sec second",
    min: "minute",
    h: "hour hr",
    day: "",
    week: "",
    month: "",
    year: "yr",
    L: "liter litre",
    mL: "milliliter millilitre ml",
    dollar: "buck usd",
    cent: "",
    unit: "",
    mph: "",
    Hz: "hz",
    N: "newton",
    J: "joule",
    W: "watt",
    V: "volt",
    A: "ampere amp",
    K: "kelvin",
    rad: "radian",
  }).flatMap(([unit, spellings]) =>
    [unit, ...spellings.split(" ")].filter((text) => text !== "").map((text) => [text, unit] as const)
  ),
);

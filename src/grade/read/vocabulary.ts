/**
 * What signs, commands and words mean: the tables that the tokenizer and the parser read.
 *
 * @module
 */

import type { FunctionName } from "../expression/mod.ts";

/** Commands that only space, size or decorate; they say nothing. */
export const SILENT: ReadonlySet<string> = new Set([
  ..."left right middle mleft mright big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm"
    .split(" "),
  ..."quad qquad displaystyle textstyle scriptstyle limits nolimits ensuremath boxed fbox hfill thinspace"
    .split(" "),
  ..."rm bf it cal ! , ; : > $ # small large Large normalsize angle triangle mathstrut hline nonumber notag"
    .split(" "),
  ..."phantom enspace enskip negthinspace hspace vspace newline color textcolor tag square blacksquare qed underline"
    .split(" "),
  ..."checkmark bigstar colorbox fcolorbox underbrace overbrace"
    .split(" "),
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
  "mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathnormal boldsymbol bm operatorname vec overrightarrow variable"
    .split(" "),
);

/** Commands that put a mark over a letter: together they are one symbol. */
export const ACCENTS: ReadonlyMap<string, string> = new Map(Object.entries({
  bar: "bar",
  overline: "bar",
  hat: "hat",
  widehat: "hat",
  tilde: "tilde",
  widetilde: "tilde",
  dot: "dot",
  ddot: "ddot",
}));

/** Commands that stand for a sign. */
export const SIGNS: ReadonlyMap<string, string> = new Map(Object.entries({
  cdot: "*",
  times: "*",
  ast: "*",
  oplus: "*",
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
  "|": "|",
  lVert: "|",
  rVert: "|",
  Vert: "|",
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
  lgroup: "(",
  rgroup: ")",
  colon: ":",
  lfloor: "floor[",
  rfloor: "floor]",
  lceil: "ceil[",
  rceil: "ceil]",
  llcorner: "floor[",
  lrcorner: "floor]",
  ulcorner: "ceil[",
  urcorner: "ceil]",
  cup: "cup",
  sqcup: "cup",
  bigcup: "cup",
  cap: "cap",
  bigcap: "cap",
  setminus: "setminus",
  backslash: "setminus",
  subset: "subset",
  subseteq: "subset",
  supset: "supset",
  supseteq: "supset",
  to: "to",
  rightarrow: "to",
  longrightarrow: "to",
  mapsto: "to",
  bmod: "mod",
  mod: "mod",
  "\\": "\\\\",
  cr: "\\\\",
  prime: "'",
  circ: "deg",
  degree: "deg",
  equiv: "=",
  coloneqq: "=",
  triangleq: "=",
  cong: "~",
  sim: "~",
  doteq: "~",
  notin: "notin",
  land: "and",
  wedge: "and",
  lor: "or",
  vee: "or",
  Rightarrow: "implies",
  implies: "implies",
  therefore: "implies",
  Longrightarrow: "implies",
  dots: "...",
  ldots: "...",
  cdots: "...",
  dotsc: "...",
  dotsb: "...",
  ddots: "...",
  vdots: "...",
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
  acot: "arccot",
  arctg: "arctan",
  arcctg: "arccot",
  tg: "tan",
  ctg: "cot",
  cosec: "csc",
  asinh: "arcsinh",
  arsinh: "arcsinh",
  acosh: "arccosh",
  arcosh: "arccosh",
  atanh: "arctanh",
  artanh: "arctanh",
  ceiling: "ceil",
  surd: "sqrt",
  iint: "int",
  oint: "int",
  Re: "re",
  Im: "im",
  implies: "Rightarrow",
}));

/** Commands that the parser reads by their name. */
export const STRUCTURES: ReadonlySet<string> = new Set(
  "frac sqrt binom log sum prod int lim pi infty emptyset begin end mathbb choose over forall exists pmod partial not"
    .split(" "),
);

/** The functions that are written before their arguments. */
export const FUNCTIONS: ReadonlyMap<string, FunctionName> = new Map(
  ([
    ..."sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech csch"
      .split(" "),
    ..."arcsinh arccosh arctanh ln exp abs floor ceil max min gcd lcm cis sgn re im arg".split(" "),
  ] as FunctionName[]).map((name) => [name, name]),
);

/** Names of Greek letters: symbols that are written as commands. */
export const GREEK: ReadonlySet<string> = new Set([
  ..."alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau".split(" "),
  ..."upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega ell".split(" "),
  // Letters of other alphabets, and names whose meaning makes no difference here.
  ..."hbar wp aleph beth mho nabla imath jmath top bot dagger otimes star bullet perp parallel".split(" "),
  ..."det dim ker deg hom tr Pr rank span sup inf limsup liminf argmax argmin sinc erf".split(" "),
]);

/** Names that plain text may write without a backslash. */
export const PLAIN_NAMES: ReadonlySet<string> = new Set([
  ...[...FUNCTIONS.keys()].filter((name) => !["re", "im", "arg"].includes(name)),
  ..."sqrt log lg pi infty infinity oo inf frac arctg tg ctg asin acos atan asinh acosh atanh ceiling binom"
    .split(" "),
  ..."alpha beta gamma delta theta lambda mu rho sigma phi omega".split(" "),
]);

/** Is a command known, under its name or an alias? */
export function isCommand(name: string): boolean {
  return SILENT.has(name) || TEXT_COMMANDS.has(name) || FONT_COMMANDS.has(name) || ACCENTS.has(name) ||
    SIGNS.has(name) || ALIASES.has(name) || FUNCTIONS.has(name) || GREEK.has(name) || STRUCTURES.has(name);
}

/** Words that are words however short. */
export const WORDS: ReadonlySet<string> = new Set([
  ..."or and yes no not odd even true false none is are be am pm the of an all to if for per pct".split(" "),
  ..."mod base where with when such that any some every let dne".split(" "),
  ..."it on he we in at by as do so the has was not its his her she had but can did our out who how both"
    .split(" "),
]);

/** Whole numbers that are written as words. */
export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ...("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " +
    "seventeen eighteen nineteen twenty").split(" ").map((word, value) => [word, value] as const),
  ..."thirty forty fifty sixty seventy eighty ninety".split(" ").map((word, i) =>
    [word, 30 + 10 * i] as const
  ),
]);

/** Words that begin a clause which says for what an answer holds. */
export const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  "for where with when such whenever provided given forall assuming".split(" "),
);

/** Words and domains by which a clause declares its letters as free parameters. */
export const QUANTIFIERS: ReadonlySet<string> = new Set(
  ("all any some every each arbitrary integer integers real reals number numbers natural positive negative " +
    "nonnegative constant constants is are an the that and of complex rational whole where for forall be to " +
    "non-negative nonzero fixed parameter parameters function functions any").split(" "),
);

/** Words after a number that change it, so they are no unit. */
export const NOT_UNITS: ReadonlySet<string> = new Set([
  ..."squared cubed doubled halved wrong incorrect negative inverse reciprocal percentile remainder remaining"
    .split(" "),
  ..."most least if true false each impossible constructor repeating recurring take maybe perhaps possibly nope exclusive mille halves thirds quarters fourths fifths sixths"
    .split(" "),
  ..."sevenths eighths ninths tenths hundredths thousandths tenth hundredth fourth fifth isn"
    .split(" "),
  ..."not no plus minus times half third quarter factorial over divided by than except more less fewer point"
    .split(
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

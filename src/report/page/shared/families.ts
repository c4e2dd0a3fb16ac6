/**
 * Kinds of methods: in which order and in which colours a result's methods are drawn.
 *
 * @module
 */

/** The kinds, in the order in which they are drawn. */
export const families = ["paper", "methods", "controls", "own", "grid"] as const;

/** A kind of methods. */
export type Family = typeof families[number];

/** What kinds are called. */
export const familyTitles: Readonly<Record<Family, string>> = {
  paper: "The paper’s rows",
  methods: "Other methods",
  controls: "Controls and variants",
  own: "Of this profile",
  grid: "Of its grids",
};

/** The rows of the paper's first table. */
const PAPER_ROWS = ["base", "ppo", "reinforce_pp", "rloo", "grpo", "bupo"];

const METHODS = ["dr_grpo", "dapo", "gspo", "cispo", "reinforce_pp_baseline", "sft_on_correct"];

const CONTROLS = [
  "bupo_normed",
  "internal_only",
  "bupo_schedule",
  "bupo_random_layer",
  "bupo_reset",
  "bupo_memory",
  "grpo_memory",
  "grpo_lower_only",
  "grpo_layerwise_lr",
  "frozen_lower",
];

/** Every row's kind, and its place in it. */
const known: ReadonlyMap<string, readonly [Family, number]> = new Map(
  ([["paper", PAPER_ROWS], ["methods", METHODS], ["controls", CONTROLS]] as const).flatMap((
    [family, names],
  ) => names.map((name, place) => [name, [family, place]] as const)),
);

/** The kind of a method. */
export function familyOf(method: string): Family {
  return known.get(method)?.[0] ?? (method.includes(".") ? "grid" : "own");
}

/** How many hues and dashes there are, besides those of Base, GRPO and BuPO: all pairs of them can be told apart. */
export const HUES = 6, DASHES = 4;

/** How a method is drawn. */
export interface MethodStyle {
  /** A colour of its own, or one of the hues. */
  readonly hue: "base" | "grpo" | "bupo" | number;
  /** Its dashes; 0 is a whole line. */
  readonly dash: number;
}

const own: Readonly<Record<string, MethodStyle>> = {
  base: { hue: "base", dash: 1 },
  grpo: { hue: "grpo", dash: 2 },
  bupo: { hue: "bupo", dash: 0 },
};

/**
 * How the methods of a result are drawn: Base, GRPO and BuPO always alike, others by their place among all. Up to
 * {@linkcode HUES} · {@linkcode DASHES} of them differ in hue or dashes; neighbours differ in hue.
 */
export function methodStyles(methods: readonly string[]): Map<string, MethodStyle> {
  const others = inFamilies(methods).filter((method) => !Object.hasOwn(own, method));
  const placed = others.map((method, i): [string, MethodStyle] => {
    return [method, { hue: i % HUES, dash: Math.floor(i / HUES) % DASHES }];
  });
  return new Map([...Object.entries(own), ...placed]);
}

/** Methods by kind; within one in the order of the table of methods, others by name. */
export function inFamilies(methods: readonly string[]): string[] {
  const rank = (method: string): number =>
    100 * families.indexOf(familyOf(method)) + (known.get(method)?.[1] ?? 0);
  return [...new Set(methods)].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** The most methods that a drawing has: more cannot be told apart by colour and dashes, nor named at its edge. */
export const MOST_DRAWN = 24;

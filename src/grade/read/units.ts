/**
 * Units of measurement: their spellings, and expressions of them such as `km/h`, `m s^{-1}` or "square feet".
 *
 * @module
 */

import { integerNode, type Node, quotient } from "../expression/mod.ts";

/** Units by every spelling; the value is the canonical one. */
export const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    m: "meter metre",
    cm: "centimeter centimetre",
    mm: "millimeter millimetre",
    km: "kilometer kilometre",
    nm: "nanometer nanometre",
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
    ms: "millisecond",
    min: "minute mins",
    h: "hour hr hrs",
    day: "",
    week: "",
    month: "",
    year: "yr yrs",
    L: "liter litre",
    mL: "milliliter millilitre ml",
    gal: "gallon",
    dollar: "buck usd USD",
    cent: "¢",
    yuan: "rmb",
    euro: "",
    unit: "",
    "mi h^-1": "mph",
    "km h^-1": "kph kmh",
    Hz: "hz hertz",
    kHz: "",
    MHz: "",
    N: "newton",
    J: "joule",
    kJ: "kilojoule",
    eV: "",
    MeV: "",
    W: "watt",
    kW: "kilowatt",
    V: "volt",
    A: "ampere amp",
    C: "coulomb",
    F: "farad",
    T: "tesla",
    ohm: "Ω",
    K: "kelvin",
    mW: "",
    MW: "",
    mA: "",
    MA: "",
    mPa: "",
    MPa: "",
    Mm: "",
    Mg: "",
    Pa: "pascal",
    kPa: "",
    atm: "",
    mol: "mole",
    rad: "radian",
    AU: "",
    acre: "",
  }).flatMap(([unit, spellings]) =>
    [unit, ...spellings.split(" ")].filter((text) => text !== "").map((text) => [text, unit] as const)
  ),
);

/** The words that raise the unit after or before them. */
const POWERS: ReadonlyMap<string, number> = new Map(
  Object.entries({ square: 2, sq: 2, squared: 2, cubic: 3, cu: 3, cubed: 3 }),
);

/** The canonical spelling of one unit: singular, and the symbol where there is one. */
function unitName(word: string): string {
  const lower = word.toLowerCase();
  const known = UNITS.get(word) ?? UNITS.get(lower);
  if (known !== undefined) return known;
  const singular = lower.length > 3 && lower.endsWith("s") ? lower.slice(0, -1) : lower;
  return UNITS.get(singular) ?? singular;
}

/** Is a word a unit of measurement, singular or plural, or a word that raises or divides units? */
export function isUnitWord(word: string): boolean {
  const lower = word.toLowerCase(), singular = lower.replace(/s$/, "");
  return POWERS.has(lower) || lower === "per" || UNITS.has(word) || UNITS.has(lower) || UNITS.has(singular);
}

/**
 * The canonical spelling of a unit expression, given as words, `/`, and exponents such as `^2`.
 *
 * @example Three spellings of one unit
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { canonicalUnit } from "./units.ts";
 *
 * assertEquals(canonicalUnit(["miles", "per", "hour"]), "mi h^-1");
 * assertEquals(canonicalUnit(["square", "feet"]), canonicalUnit(["ft", "^2"]));
 * ```
 */
export function canonicalUnit(words: readonly string[]): string {
  const exponents = new Map<string, number>();
  let sign = 1, power = 1, last: string | undefined;
  for (const word of words) {
    const raised = POWERS.get(word.toLowerCase());
    if (word === "/" || word.toLowerCase() === "per") sign = -1;
    else if (word.startsWith("^") || word.endsWith("ed") && raised !== undefined) {
      const exponent = raised ?? Number(word.slice(1));
      // The unit before was counted once; the exponent counts it anew.
      if (last !== undefined) exponents.set(last, (exponents.get(last) ?? 0) + sign * (exponent - 1));
    } else if (raised !== undefined) power = raised;
    else if (word.toLowerCase() !== "of") {
      last = unitName(word);
      exponents.set(last, (exponents.get(last) ?? 0) + sign * power);
      power = 1;
    }
  }
  return [...exponents].map(([unit, exponent]) => exponent === 1 ? unit : `${unit}^${exponent}`).join(" ");
}

/** How much of the first unit of its line each unit is. */
const SCALES: readonly Readonly<Record<string, readonly [number, number]>>[] = [
  {
    m: [1, 1],
    cm: [1, 100],
    mm: [1, 1000],
    km: [1000, 1],
    in: [127, 5000],
    ft: [381, 1250],
    yd: [1143, 1250],
  },
  { g: [1, 1], kg: [1000, 1], mg: [1, 1000] },
  { s: [1, 1], ms: [1, 1000], min: [60, 1], h: [3600, 1], day: [86_400, 1], week: [604_800, 1] },
  { L: [1, 1], mL: [1, 1000] },
  { dollar: [1, 1], cent: [1, 100] },
];

/** The factors that bring two units to one, if they are powers of units of the same dimension. */
export function convertible(a: string, b: string): readonly [Node, Node] | undefined {
  const [unitA = "", powerA = "1"] = a.split("^"), [unitB = "", powerB = "1"] = b.split("^");
  const scale = SCALES.find((line) => Object.hasOwn(line, unitA) && Object.hasOwn(line, unitB));
  if (!scale || powerA !== powerB || a.includes(" ") || b.includes(" ")) return undefined;
  const factor = (unit: string): Node => {
    const [top, bottom] = scale[unit] ?? [1, 1];
    return {
      kind: "power",
      items: [quotient(integerNode(top), integerNode(bottom)), integerNode(Number(powerA))],
    };
  };
  return [factor(unitA), factor(unitB)];
}

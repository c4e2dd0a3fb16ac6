/**
 * Sentences that mean a formula, rewritten to it: "all real numbers greater than 2", "n is a multiple of 3", "3 to 2", "the
 * value of x is 3". They are tried where an answer cannot be read as it stands.
 *
 * @module
 */

import { toAscii } from "../characters.ts";

/** The longest answer that is looked at as a sentence, in characters. */
const MAX_SENTENCE = 200;

/** A formula without letters of its own. */
const VALUE = String.raw`-?[\d.]*(?:\\[a-z]+|[\d.{}()^/*+-]|\s(?=[\d\\/*+-]))*`;

/** Words by which a sentence says something else than its parts. */
const HEDGING =
  /\b(?:or|not|no|never|maybe|perhaps|possibly|probably|unless|wrong|incorrect|false|else|if|otherwise|alternatively|isn't|neither|nor|but|cannot)\b|n't\b/i;

/** Words of a subject that turn the value behind it into another one. */
const TURNED =
  /\b(?:not|no|none|never|nothing|neither|cannot|wrong|incorrect|false|opposite|reciprocal|inverse|negation|twice|half|double|than|least|most|other|except)\b/i;

/** The sets of numbers that have a name, as commands. */
const NUMBERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:positive|strictly positive) integers$|^positive whole numbers$/, "\\mathbb{Z}^+"],
  [/^(?:non-?negative integers|whole numbers)$/, "\\mathbb{N}_0"],
  [/^negative integers$/, "\\mathbb{Z}^-"],
  [/^natural numbers?$/, "\\mathbb{N}"],
  [/^integers?$/, "\\mathbb{Z}"],
  [/^real numbers?$/, "\\mathbb{R}"],
  [/^positive real(?: number)?s$/, "\\mathbb{R}^+"],
  [/^negative real(?: number)?s$/, "\\mathbb{R}^-"],
  [/^non-?negative real(?: number)?s$/, "[0,\\infty)"],
  [/^non-?zero real(?: number)?s$/, "\\mathbb{R}^*"],
  [/^rational(?: number)?s$/, "\\mathbb{Q}"],
  [/^complex numbers$/, "\\mathbb{C}"],
];

/** A comparison in words as the sign that it means. */
const COMPARED: readonly (readonly [RegExp, string])[] = [
  [/^(?:greater|larger|bigger|more) than or equal to$|^at least$|^(?:not|no) (?:less|smaller) than$/, ">="],
  [/^(?:less|smaller) than or equal to$|^at most$|^(?:not|no) (?:greater|larger|more) than$/, "<="],
  [/^(?:strictly )?(?:greater|larger|bigger|more) than$|^above$/, ">"],
  [/^(?:strictly )?(?:less|smaller) than$|^below$/, "<"],
];

const SIGN_WORDS =
  "(?:greater|larger|bigger|more|less|smaller) than or equal to|at least|at most|(?:not|no) (?:less|smaller|greater|larger|more) than|(?:strictly )?(?:greater|larger|bigger|more|less|smaller) than|above|below";

/** A way to say something, and the formula for it; nothing where it does not apply after all. */
interface Phrase {
  readonly form: RegExp;
  readonly formula: (parts: readonly string[]) => string | undefined;
}

function signOf(words: string): string | undefined {
  return COMPARED.find(([form]) => form.test(words.toLowerCase()))?.[1];
}

/** The interval above or below a value. */
function ray(sign: string | undefined, value: string): string | undefined {
  switch (sign) {
    case ">":
      return `(${value},\\infty)`;
    case ">=":
      return `[${value},\\infty)`;
    case "<":
      return `(-\\infty,${value})`;
    case "<=":
      return `(-\\infty,${value}]`;
    default:
      return undefined;
  }
}

const phrases: readonly Phrase[] = [
  // A remark in brackets behind the answer.
  {
    form:
      /^(.*\S)\s*\(\s*(?:since|because|as|from|by|using|via|i\.e\.|that is|namely|all|the|only|both|approximately|approx|about|exactly|rounded|verified|checked|after|which)\b((?:[^()]|\([^()]*\))*)\)$/i,
    formula: ([, answer, remark]) => HEDGING.test(remark ?? "") ? undefined : answer,
  },
  {
    form:
      /^(.*[^\s,;])[,;]?\s+(?:because|since|due to|as (?:required|desired|needed|claimed|expected|wanted))\b(.*)$/i,
    formula: ([, answer = "", remark = ""]) => HEDGING.test(answer + remark) ? undefined : answer,
  },
  {
    form:
      /^(.*\S)\s+(?:is|are) the (?:only |unique |required |desired |correct |final |maximum |minimum )?(?:solution|answer|value|function|result|possibility|maximum|minimum|one)s?$/i,
    formula: ([, answer]) => HEDGING.test(answer ?? "") ? undefined : answer,
  },
  // Where a function is defined.
  {
    form: /^(.*\S) (?:on|over|in) (?:the (?:interval|domain) )?((?:\[|\(|\\mathbb).{1,40})$/,
    formula: ([, answer = "", domain = ""]) =>
      HEDGING.test(answer + domain) || !/[a-z]/i.test(answer) ? undefined : answer,
  },
  { form: new RegExp(`^(${VALUE}) to (${VALUE})(?: to (${VALUE}))?$`), formula: ratio },
  {
    form: /^(?:(?:the )?set of )?(?:all |any |every )?(?:the )?([a-z -]+)$/i,
    formula: ([, name = ""]) => NUMBERS.find(([form]) => form.test(name.toLowerCase()))?.[1],
  },
  {
    form: new RegExp(
      `^(?:all |any |every )?(?:real )?(?:numbers?|values?|reals)(?: ([a-z]))?(?: that are| which are)? (${SIGN_WORDS}) (${VALUE})$`,
      "i",
    ),
    formula: ([, , words = "", value = ""]) => ray(signOf(words), value),
  },
  {
    form: new RegExp(
      `^(?:all |any |every )?(?:real numbers?|reals|real values?)(?: [a-z])? (?:except|other than|excluding|but)(?: for)? (?:[a-z] ?= ?)?(${VALUE}(?:(?:,| and|, and) ${VALUE})*)$`,
      "i",
    ),
    formula: ([, values = ""]) => `\\mathbb{R} \\setminus \\{${values.replace(/,? and /g, ", ")}\\}`,
  },
  {
    form: new RegExp(
      `^(?:all |any |every )?(?:real )?(?:numbers?|values?|reals)(?: [a-z])? strictly between (${VALUE}) and (${VALUE})$`,
      "i",
    ),
    formula: ([, low, high]) => `(${low}, ${high})`,
  },
  {
    form: new RegExp(
      `^(?:all|any|every)(?: real)? ([a-z]) (?:with |such that |that is |that are )?(${SIGN_WORDS}) (${VALUE})$`,
      "i",
    ),
    formula: ([, name = "", words = "", value = ""]) => {
      const sign = signOf(words);
      return sign && `${name} ${sign} ${value}`;
    },
  },
  {
    form: /^(?:all|any|every)(?: real)? ([a-z] ?(?:[<>]|\\(?:le|ge|leq|geq|ne|neq)(?![a-z])).+)$/i,
    formula: ([, condition]) => condition,
  },
  {
    form:
      /^(?:all |any |every )?(?:real )?([a-z]) (?:such that|for which|satisfying) (\1 ?(?:[<>]|\\(?:le|ge|leq|geq|ne|neq)(?![a-z])).+)$/i,
    formula: ([, , condition]) => condition,
  },
  {
    form: new RegExp(`^([a-z]) (?:is |must be )?(${SIGN_WORDS}) (${VALUE})$`, "i"),
    formula: ([, name = "", words = "", value = ""]) => {
      const sign = signOf(words);
      return sign && `${name} ${sign} ${value}`;
    },
  },
  {
    form:
      /^(?:all |any |every )?(?:real )?(?:numbers?|values?)(?: of)? ([a-z]) (?:such that|for which|satisfying) (.+)$/i,
    formula: ([, , condition]) => condition,
  },
  // Classes of residues.
  {
    form: /^(\d+) ?(?:\\mid|\||divides) ?([a-z])$/,
    formula: ([, modulus, name]) => `${name} \\equiv 0 \\pmod{${modulus}}`,
  },
  {
    form:
      /^(?:([a-z]) (?:is|must be) (?:an? )?(odd|even)(?: (?:number|integer))?|(?:all |any |every )?(odd|even) ([a-z]))$/i,
    formula: ([, first, one, other, last]) =>
      `${first ?? last} \\equiv ${(one ?? other)?.toLowerCase() === "odd" ? 1 : 0} \\pmod{2}`,
  },
  {
    form: /^(?:all |every )?(odd|even) (?:integers?|numbers?)$/i,
    formula: ([, kind = ""]) => `${kind.toLowerCase() === "odd" ? 1 : 0} \\pmod{2}`,
  },
  {
    form:
      /^(?:(?:all )?([a-z]) (?:is |are |must be )?(?:an? |any )?)?(?:(?:all |any |every )?(?:integer )?multiples? of|(?:all )?(?:integers? |numbers? )?(?:that are |which are )?divisible by) (\d+)$/i,
    formula: ([, name, modulus]) =>
      name === undefined ? `0 \\pmod{${modulus}}` : `${name} \\equiv 0 \\pmod{${modulus}}`,
  },
  // A sentence around the value.
  {
    form:
      /^(?:(?:so|thus|hence|therefore|then),? )?((?:the|its|their|our|a|an)\b[^=<>]{0,100}?)\s(?:is|are|equals|will be|must be)(?: equal to| therefore| thus)?:? (.+)$/i,
    formula: ([, subject = "", value = ""]) =>
      TURNED.test(subject) || HEDGING.test(value) ? undefined : value,
  },
];

function ratio([, a = "", b = "", c]: readonly string[]): string | undefined {
  if (![a, b, c ?? "1"].every((part) => /^\d+(?:\.\d+)?$/.test(part.trim()))) return undefined;
  return [a, b, ...c === undefined ? [] : [c]].join(":");
}

/** An answer's words and formulas side by side, without the commands that set them. */
function flattened(source: string): string {
  return toAscii(source).replace(/\\(?:text[a-z]*|mathrm|mbox)\s*\{([^{}]*)\}/g, " $1 ")
    .replace(/\\(?:left|right)(?![a-z])|\\[,;:! ]|\\q?quad(?![a-z])|[~$]/g, " ").replace(/\s+/g, " ").trim()
    .replace(/\s*\.$/, "");
}

/**
 * The formula that a sentence means, if it means one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formulaOfPhrase } from "./phrase.ts";
 *
 * assertEquals(formulaOfPhrase("\\text{all real numbers greater than } 2"), "(2,\\infty)");
 * assertEquals(formulaOfPhrase("\\text{not } 3"), undefined);
 * ```
 */
export function formulaOfPhrase(source: string): string | undefined {
  if (source.length > MAX_SENTENCE || !/[A-Za-z]{2}/.test(source)) return undefined;
  // A sentence with formulas between marks is running text, in which the answer is looked for.
  if (/\$|\\\(/.test(source.slice(1, -1))) return undefined;
  const text = flattened(source);
  for (const { form, formula } of phrases) {
    const found = form.exec(text);
    const result = found && formula(found);
    if (result) return result;
  }
  return undefined;
}

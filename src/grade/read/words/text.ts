/**
 * Answers that are no formulas: words in one spelling, times of day, dates.
 *
 * @module
 */

import { toAscii } from "../characters.ts";
import type { Node } from "../../expression/mod.ts";

/** A text without spaces: two texts that cannot be read are the same if they differ in nothing else. */
export function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

/** The letters and digits of a text, lower case, without commands: what is compared when it is no formula. */
export function plainText(source: string): string {
  return toAscii(source).replace(
    /\\(?:left|right|quad|text[a-z]*|math[a-z]+|mbox|hbox)(?![a-z])|\\[,;:! ]/g,
    " ",
  )
    .replace(/\\[dtc]frac(?![a-z])/g, "\\frac").replace(/\\[lc]?dots[bc]?(?![a-z])/g, "...")
    .replace(/\\(leq?|geq?)(?:slant)?(?![a-z])/g, (_, name: string) => name.startsWith("l") ? " <= " : " >= ")
    .replace(/\\(?=[A-Za-z])/g, " ").toLowerCase()
    .replace(/[\s{}$*"'`.~]+/g, " ").trim();
}

/** Words that say the same in another way. */
const SAME: ReadonlyMap<string, string> = new Map(Object.entries({
  "does not exist": "dne",
  "not exist": "dne",
  "no solutions": "no solution",
  "no real solution": "no solution",
  "no real solutions": "no solution",
  "no such numbers exist": "no solution",
  "there no solution": "no solution",
  "there are no solutions": "no solution",
  "infinitely many solutions": "infinitely many",
  "infinite": "infinitely many",
  "infinity": "infinitely many",
  "infty": "infinitely many",
  "positive infinity": "infinitely many",
  "diverges to infinity": "infinitely many",
  "all prime numbers": "all primes",
  "prime numbers": "all primes",
  "every prime": "all primes",
  "every prime number": "all primes",
  "无解": "no solution",
  "無解": "no solution",
  "不存在": "dne",
  "全体实数": "all real numbers",
  "任意实数": "all real numbers",
  "无穷": "infinitely many",
  "all reals": "all real numbers",
  "any real number": "all real numbers",
  "all real number": "all real numbers",
  "real numbers": "all real numbers",
}));

/** What a sentence puts around its answer. */
const FRAME =
  /^(?:(?:it|this|that|they|he|she)(?: is| are| was| will be| falls| fell| would be)|the day is|there is|there are|there exist|player|on|so|thus|hence|therefore) (?=\S)/;
/** How often a frame may stand around another one. */
const MAX_FRAMES = 3;
/** Words that make something depend on more than what they say. */
const CONDITIONAL =
  /\b(?:unless|if|when|or|but|except|only|either|whenever|until|maybe|perhaps|possibly|probably|might|may)\b/;
const OUTCOME = /(?<=\S) (?:wins|will win|always wins|has winning strategy|can win)$/;

/** Words in the form in which they are compared: no articles, no punctuation at the end, one word for one meaning. */
export function comparableWords(text: string): string {
  let words = text.replace(/[-,;:!?().]+/g, " ").split(" ").filter((word) => word !== "").filter((
    word,
    i,
    all,
  ) =>
    // In "plan a" the letter is a name.
    !(word === "the" || word === "an" || (word === "a" && i < all.length - 1))
  ).join(" ").replace(/(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])/g, "");
  for (let i = 0; i < MAX_FRAMES; i++) words = words.replace(FRAME, "");
  words = words.replace(OUTCOME, "");
  if (words.endsWith("does not exist") && !CONDITIONAL.test(words)) return "dne";
  return SAME.get(words) ?? words;
}

const MONTHS = "january february march april may june july august september october november december".split(
  " ",
);
const MONTH = `(${MONTHS.map((name) => `${name}|${name.slice(0, 3)}`).join("|")})`;
const DAY = "(\\d{1,2})(?: ?(?:st|nd|rd|th))?";
const DATES = [
  { form: new RegExp(`^(?:[a-z]+day,? )?${MONTH} ${DAY}(?:,? (\\d{4}))?$`), month: 1, day: 2 },
  { form: new RegExp(`^(?:[a-z]+day,? )?${DAY} ${MONTH}(?:,? (\\d{4}))?$`), month: 2, day: 1 },
];

/** The time of day or the date that an answer is, if it is one. */
export function timeOrDate(source: string): Node | undefined {
  if (source.length > 80 || !/\d/.test(source)) return undefined;
  const text = plainText(source);
  const clock = /^(\d{1,2}) ?: ?(\d{2}) ?(?:([ap]) ?m)?$/.exec(text) ?? /^(\d{1,2})() ?([ap]) ?m$/.exec(text);
  if (clock) {
    const hour = Number(clock[1]), minute = Number(clock[2]);
    const half = clock[3] === undefined ? undefined : clock[3] === "a" ? "am" : "pm";
    // Without a.m. or p.m. 2:30 may be a ratio, but nobody writes a ratio with a leading zero.
    const isTime = hour < 25 && minute < 60 && (half !== undefined || (clock[2] ?? "").startsWith("0"));
    if (!isTime) return undefined;
    return half === undefined
      ? { kind: "time", minutes: hour * 60 + minute }
      : { kind: "time", minutes: (hour % 12 + (half === "pm" ? 12 : 0)) * 60 + minute, half };
  }
  for (const { form, month, day } of DATES) {
    const found = form.exec(text);
    if (!found) continue;
    const name = (found[month] ?? "").slice(0, 3);
    const number = MONTHS.findIndex((full) => full.startsWith(name)) + 1;
    const date = { month: number, day: Number(found[day]) };
    return found[3] === undefined
      ? { kind: "date", ...date }
      : { kind: "date", ...date, year: Number(found[3]) };
  }
  return undefined;
}

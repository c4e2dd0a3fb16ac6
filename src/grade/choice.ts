/**
 * Multiple choice: letters in any dress, and answers that are yes or no.
 *
 * @module
 */

import { plainText } from "./read/mod.ts";

/** The letters of choices in other scripts, in their order. */
const SCRIPTS = ["АБВГДЕ", "ΑΒΓΔΕΖ", "أبجده", "कखगघङ", "কখগঘঙ", "กขคงจ", "אבגדה"];

/** A text in which a letter of another script that stands alone is the Latin one in its place. */
function withLatinLetters(text: string): string {
  if (!/[\u0370-\u0e7f]/.test(text)) return text;
  return text.replace(/(?<!\p{L})\p{L}(?!\p{L}|\p{M})/gu, (letter) => {
    const script = SCRIPTS.find((letters) => letters.includes(letter));
    return script ? "ABCDEF".charAt(script.indexOf(letter)) : letter;
  });
}

/**
 * A second letter in what stands behind the first, beginning with "or", "and" or the letter itself, or announced like a
 * choice. "A triangle" begins with an article, "or more" and "A only" are contents.
 */
const NAMES_ANOTHER =
  /^[\s,:;(/&-]*(?:(?:or|and)\b(?! (?:more|less|fewer|greater|above|below|equal)\b)|(?:A(?! (?!(?:or|and)\b)[a-z]{2})|[B-HJ](?! only\b)|I(?! (?:am|have|do|don't|did|will|can|was)\b))(?![\w'’]))|(?<![\w\\])\([A-J]\)|(?:^|[\s,;])[A-J][).:](?=\s)|\b(?:or|and) (?:option |choice )?[A-J](?![\w'’])/;

/** Statements that a choice names as its content: "A and C only". */
const STATEMENTS = /^[\s.:]*[A-J](?:(?:,| and|, and) [A-J])* only\.?$/;

/** What takes back the letter before it: "is wrong", "wrong", "is not the answer", "not C". */
const TAKES_BACK =
  /^\W*(?:is|was|isn't|seems|looks|can't|cannot|must)\b.*\b(?:wrong|false|incorrect|not|no)\b|^\W*(?:is(?:n't| not)|can't be|cannot be)\b|^\W*(?:wrong|incorrect)\b|\bnot (?:[A-J](?![\w'’])|correct|right|sure)|^\W*(?:maybe|perhaps|possibly|probably)\b/i;

/** The letter that an answer is: `B`, `(B)`, `B.`, `\textbf{(B)} 12`, `option B`. */
export function choiceOf(answer: string): string | undefined {
  if (answer.length > 1000) return undefined;
  const text = withLatinLetters(answer).replace(/\\(?:left|right|quad|[,;: ])/g, " ")
    .replace(/\\(?:text[a-z]*|mathrm|mathbf|mbox|boldsymbol|bf|rm)(?![a-z])|[{}$*"`_<>]/g, " ").replace(
      /\s+/g,
      " ",
    ).trim();
  const found =
    /^(?:[Oo]ption |[Cc]hoice |[Aa]nswer |选项 ?|选择 ?|选 ?|答案(?:是|为)? ?[:：]? ?)?(?:\(([A-Ja-j])\)|([A-J])\)|([A-J])[.:。](?=\s|$|[^\0-\u02ff])|([A-J])$|([A-J]) (?=[(-]))(.*)$/
      .exec(text);
  if (!found) return /^[a-d]$/.test(text) && answer !== text ? text.toUpperCase() : undefined;
  // "(A) or (B)", "A: B", "B: yes, C: yes" and "(A) is wrong" choose nothing.
  const rest = found[6] ?? "";
  if ((NAMES_ANOTHER.test(rest) && !STATEMENTS.test(rest)) || TAKES_BACK.test(rest)) return undefined;
  return found.slice(1, 6).find((letter) => letter !== undefined)?.toUpperCase();
}

/** The letter that a gold answer is, if it is nothing else. */
export function choiceGold(gold: string): string | undefined {
  if (gold.length > 60) return undefined;
  const text = plainText(gold).replace(/[().:\s]/g, "");
  return /^[a-j]$/.test(text) && /[A-J]/.test(gold) ? text.toUpperCase() : undefined;
}

/** The letter of a gold answer that names letter and content: `(D) Alina`, `C Cecile`. */
export function choiceWithContent(gold: string): string | undefined {
  return /^\s*\(?([A-J])(?:\)|[.:]|\s)\s*[A-Z][a-z]/.exec(gold)?.[1];
}

/** Does a text offer several letters, "A or B", or rule one out, "not B"? */
export function isUndecided(text: string): boolean {
  if (/\b(?:so|thus|therefore|because|since)\b/i.test(text)) return false;
  return /(?<![\w'’])\(?[A-J]\)?\s*(?:,|\/|&|or\b|and\b)\s*(?:and |or )?\(?[A-J](?![\w'’])/.test(text) ||
    /^\s*\(?[A-J][).:]?\s*\(?(?:is |are )?(?:wrong|false|incorrect|not|can't|cannot|can not|isn't)\b|\b(?:except|rather than)\b/i
      .test(
        text,
      ) ||
    /^(?:(?![A-J]\b).){0,20}\b(?:[Nn]ot|isn't|[Nn]either|nor)\s+\(?[A-J](?![\w'’])/.test(text);
}

/** The letter that a text names without announcing it: at its beginning, or the last that stands alone. */
export function choiceInText(source: string, announced = false): string | undefined {
  const text = withLatinLetters(source);
  if (!/[A-Za-z]{2}|[^\0-\u02ff]/.test(text.replace(/\\[A-Za-z]+/g, ""))) return undefined;
  const first = /^\s*\(?([A-J])(?:\)|[.:。、,]|\s*$)/.exec(text.slice(0, 40))?.[1];
  if (first !== undefined) return first;
  const tail = text.slice(-2000);
  const bracketed = [...tail.matchAll(/\(([A-J])\)|\b(?:[Oo]ption|[Cc]hoice) ([A-J])\b/g)].at(-1);
  if (bracketed) return bracketed[1] ?? bracketed[2];
  // A capital A before a word is more likely an article.
  const alone = [...tail.matchAll(/(?<![\w'’\\{])([B-HJ]|A(?!\s+[a-z]))(?![\w’([^}]|'[a-ce-z]|\s*=)/g)];
  // What is announced comes first; what is not stands at the end.
  return alone.at(announced ? 0 : -1)?.[1];
}

/** A label of a choice or statement: a letter from A to J, or a Roman numeral up to X. */
const LABEL = "\\(?(?:[A-J]|I{1,3}|IV|VI{0,3}|IX|X)\\)?";
const LABELS = new RegExp(`^${LABEL}(?:(?: ?[,;&] ?(?:and )?| and )${LABEL})+$`);
/** Words around labels that say nothing. */
const AROUND_LABELS =
  /\b(?:both|only|all of|statements?|options?|choices?|answers?|parts?|are (?:true|correct))\b/gi;
/** The longest answer that may be several labels, in characters. */
const MAX_LABELS = 120;

/**
 * The labels of an answer that names several: "A and C", `A, C`, "I and II only"; capital letters in their order without
 * separators, as in `AC`, name choices too. Sorted.
 */
export function labelsOf(answer: string): readonly string[] | undefined {
  if (answer.length > MAX_LABELS) return undefined;
  const text = withLatinLetters(answer).replace(/和|与|及|、/g, ", ")
    .replace(/\\(?:left|right|quad|[,;: ])|\\(?:text[a-z]*|mathrm|mathbf|mbox)(?![a-z])|[{}$*"`~]/g, " ")
    .replace(AROUND_LABELS, " ").replace(/\s+/g, " ").replace(/ (?=[,;])/g, "").trim().replace(/\.$/, "");
  if (!LABELS.test(text)) return undefined;
  return [...new Set(text.match(/[A-JVX]+/g) ?? [])].sort();
}

/** The choices that capital letters in alphabetical order name without separators: `AC`. */
export function joinedLabels(answer: string): readonly string[] | undefined {
  const letters = /^[\s${]*(?:\\text[a-z]*\s?\{)?\s*([A-J]{2,6})\s*\}?[\s$}.]*$/.exec(answer.slice(0, 40))
    ?.[1];
  const isRising = letters !== undefined &&
    [...letters].every((c, i) => i === 0 || c > (letters[i - 1] as string));
  return isRising ? [...letters] : undefined;
}

/** Words that take back, or make depend on something, what stands before them. */
const HEDGES =
  /\b(?:if|but|unless|only|except|when|or|maybe|perhaps|possibly|probably|sometimes|however|though|although|sure)\b/;
const CONTRARY = {
  yes: /\b(?:no|not|false|nah|nope|never|wrong|incorrect|untrue|none|neither)\b|n't\b/,
  no: /\b(?:yes|true|yeah|yep|yup|right|correct|indeed|always)\b/,
};

/** Yes or no, true or false, if an answer is one of them or begins with one and explains it after a comma. */
export function truthOf(answer: string): string | undefined {
  const [, truth, reason] = /^(yes|no|true|false)(?:$| ?[,:;-] (.*))/.exec(plainText(answer.slice(0, 200))) ??
    [];
  const contrary = CONTRARY[truth === "yes" || truth === "true" ? "yes" : "no"];
  return truth !== undefined && !HEDGES.test(reason ?? "") && !contrary.test(reason ?? "")
    ? truth
    : undefined;
}

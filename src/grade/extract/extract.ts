/**
 * Where in a completion the answer stands. Every search is one scan of the text.
 *
 * @module
 */

import { announcements } from "./anchor.ts";
import { type Box, boxesOf, isBoxCut, joinedBoxes } from "./box.ts";
import type { Budget } from "../expression/mod.ts";
import { withAsciiDigits } from "../read/mod.ts";
import { answerPart, THINKING_TAGS } from "./thought.ts";

/** The ways to find an answer, the most trusted first. */
export const CANDIDATE_SOURCES = [
  "box",
  "unclosed box",
  "bare box",
  "####",
  "answer tag",
  "answer phrase",
  "whole text",
  "program output",
  "thought",
  "formula",
  "number",
] as const;

/** A way to find an answer. */
export type CandidateSource = typeof CANDIDATE_SOURCES[number];

/** The place of a source in the order of confidence, from 1. */
export function rankOf(source: CandidateSource): number {
  return CANDIDATE_SOURCES.indexOf(source) + 1;
}

/** A place where the answer may stand. */
export interface Candidate {
  /** The text of the answer. */
  readonly text: string;
  /** Where it begins and ends in the completion, in UTF-16 units. */
  readonly span: readonly [number, number];
  /** How it was found. */
  readonly source: CandidateSource;
}

/** How to search. */
export interface ExtractOptions {
  /** Only complete boxes (`strict`), or any place where an answer may stand (`lenient`). */
  readonly mode: "strict" | "lenient";
  /** The gold has several elements, so neighbouring boxes are one list. */
  readonly several: boolean;
  /** The names of the tags between which the model thinks; {@linkcode THINKING_TAGS} if not given. */
  readonly thinkingTags?: readonly string[];
}

/** How much of a completion's end is searched for boxes, in characters. */
export const MAX_COMPLETION = 262_144;
/** How much of it is searched for anything else. */
const MAX_TAIL = 65_536;

/** The places where the answer may stand, the most trusted first. Strict mode: at most one. */
export function extractCandidates(source: string, options: ExtractOptions, budget: Budget): Candidate[] {
  const text = withAsciiDigits(source);
  const { start: answerStart, thoughtEnd, unfinished } = answerPart(
    text,
    options.thinkingTags ?? THINKING_TAGS,
  );
  const start = Math.max(answerStart, text.length - MAX_COMPLETION);
  budget.spend((text.length - start) / 100);
  const found = boxesOf(text, start), end = found.at(-1);
  const boxes = found.filter((box) => box.text.trim() !== "");
  const complete = boxes.filter(({ form }) => form === "complete");
  const box = joinedBoxes(text, complete, options.several) ?? complete.at(-1);
  if (options.mode === "strict") {
    // The end decides: an empty box, or one that was cut, takes back those before it.
    const decides = !unfinished && end?.form === "complete" && end.to === box?.to && !isBoxCut(text);
    return decides ? [boxed(box)] : [];
  }
  const tail = Math.max(answerStart, text.length - MAX_TAIL);
  // What stands in a box is the answer, unless it cannot be read and the text announces another.
  const last = box ?? boxes.at(-1);
  if (last) return [boxed(last), ...afterPhrases(text, tail)];
  const marked = afterMark(text, tail, "####", "\n", "####") ??
    afterMark(text, tail, "<answer>", "</answer>", "answer tag");
  if (marked) return [marked];
  const inThought = thoughtEnd < 0
    ? undefined
    : boxesOf(text.slice(0, thoughtEnd), 0).filter((one) => one.text.trim() !== "").at(-1);
  const phrases = afterPhrases(text, tail);
  // "The answer is not 6" announces no 6, and neither does what stands around it.
  const turned = phrases.some(({ text: phrase }) => TURNING.test(phrase) && /\d/.test(phrase)) ||
    TAKEN_BACK.test(text.slice(Math.max(tail, text.length - LONG_TEXT)));
  const ends = !turned && isRunningText(text, tail)
    ? [
      ...formulas(text, tail).slice(-1),
      ...[afterEquals(text, tail), lastNumber(text, tail, text.length)].flatMap((found) =>
        found ? [found] : []
      ),
    ].sort((a, b) => b.span[1] - a.span[1])
    : [];
  return [
    ...phrases,
    { text: text.slice(tail), span: [tail, text.length], source: "whole text" },
    ...chainEnd(text, tail),
    ...programOutput(text, tail),
    ...inThought ? [{ ...boxed(inThought), source: "thought" } as const] : [],
    ...ends,
  ];
}

/** Words between numbers that make neither of them the answer. */
const LISTING: ReadonlySet<string> = new Set(
  "between from to or and at least most less more fewer greater than not except either neither without".split(
    " ",
  ),
);
/** How long a text is, in characters, whose last number is its answer whatever its words. */
const LONG_TEXT = 100;
const FEW_WORDS = 3;

/**
 * Is a text made of words, so that its last number may be its answer? In a short answer such as "3 to 2" or `4\sqrt(2`
 * a number would only be a part.
 */
function isRunningText(text: string, start: number): boolean {
  const word = /(?<![\\A-Za-z])[A-Za-z]{2,}|[^\0-\u007f\s\p{P}\p{S}]/gu;
  let plain = 0, listing = 0;
  word.lastIndex = start;
  for (let count = 0; count < 20; count++) {
    const found = word.exec(text);
    if (!found) break;
    if (LISTING.has(found[0].toLowerCase())) listing++;
    else plain++;
  }
  return plain > 0 && (listing === 0 || plain >= FEW_WORDS || text.length - start > LONG_TEXT);
}

/** A box as a candidate. */
function boxed({ text, span, form }: Box): Candidate {
  return { text, span, source: form === "complete" ? "box" : `${form} box` };
}

/** The text between the last mark and what closes it. */
function afterMark(
  text: string,
  start: number,
  mark: string,
  close: string,
  source: CandidateSource,
): Candidate | undefined {
  const found = text.lastIndexOf(mark);
  if (found < start) return undefined;
  const begin = found + mark.length, closing = text.indexOf(close, begin);
  const end = closing < 0 ? text.length : closing;
  const inner = text.slice(begin, end);
  return inner.trim() === "" ? undefined : { text: inner, span: [begin, end], source };
}

/** What the last run of a program printed, where the completion shows it. */
function programOutput(text: string, start: number): Candidate[] {
  const output = afterMark(text, start, "```output\n", "```", "program output");
  return output ? [output] : [];
}

/** The most announcements that are followed up. */
const MAX_PHRASES = 3;

/** What the text announces as its answer: the sentence, then the likely parts of it. */
function afterPhrases(text: string, start: number): Candidate[] {
  return announcements(text, start).slice(0, MAX_PHRASES).flatMap(({ at }) =>
    partsOf(text, at, sentenceEnd(text, at))
  );
}

/** Words of a sentence by which a number in it is not the answer. */
const TURNING =
  /\b(?:not|cannot|never|isn't|can't|between|less|more|greater|fewer|half|twice|if|except|either|neither)\b/i;

/** The end of a text that takes back what it says. */
const TAKEN_BACK =
  /\b(?:is|are|was|were|be|seems?) (?:wrong|incorrect|false|impossible|not (?:right|correct|true|the answer|it|a solution))\b[^\d]{0,40}$|^\s*not\b|\banything but\b|\?\s*(?:no|nope|wrong|incorrect)\b|\b(?:can't|cannot|can not|couldn't) be (?:right|correct|true|it|the answer)\b|\bnot sure\b|^\s*(?:no,|neither\b)/i;

/** A sentence, the formula that it begins with, what follows its last "is", its last formula and its last number. */
function partsOf(text: string, begin: number, end: number): Candidate[] {
  const sentence = text.slice(begin, end);
  if (sentence.trim() === "") return [];
  const source = "answer phrase";
  if (TURNING.test(sentence)) return [{ text: sentence, span: [begin, end], source }];
  const part = (from: number, to: number): Candidate => ({
    text: text.slice(from, to),
    span: [from, to],
    source,
  });
  const inside = formulas(text, begin, end).map((formula): Candidate => ({ ...formula, source }));
  const leading = inside.filter(({ span }) => span[0] - begin <= 2).slice(0, 1);
  const verb = Math.max(sentence.lastIndexOf(" is "), sentence.lastIndexOf(" are "));
  const number = lastNumber(text, begin, end);
  return [
    part(begin, end),
    ...leading,
    ...verb < 0 ? [] : [part(begin + sentence.indexOf(" ", verb + 1), end)],
    ...inside.slice(-1),
    // The last side of a chain whose other sides cannot be read.
    ...sentence.includes("=") ? [part(begin + sentence.lastIndexOf("=") + 1, end)] : [],
    ...number ? [{ ...number, source } as const] : [],
  ];
}

/** Where the sentence or line that begins here ends; a period inside a formula ends nothing. */
function sentenceEnd(text: string, start: number): number {
  let close: string | undefined;
  for (let at = start; at < text.length && at < start + 600; at++) {
    const c = text[at], next = text[at + 1];
    if (close !== undefined) {
      if (text.startsWith(close, at)) {
        at += close.length - 1;
        close = undefined;
      } else if (c === "\\") at++;
      continue;
    }
    const opening = DELIMITERS.find(([open]) => text.startsWith(open, at));
    if (opening && text.indexOf(opening[1], at + opening[0].length) >= 0) {
      close = opening[1];
      at += opening[0].length - 1;
    } else if (c === "\n" || c === "。" || text.startsWith("**", at)) return at;
    else if (
      c === "." && text[at - 1] !== "." &&
      (next === undefined || next === " " || next === "\n" || next === '"')
    ) return at;
    else if (c === "\\") at++;
  }
  return Math.min(text.length, start + 600);
}

const DELIMITERS = [["$$", "$$"], ["$", "$"], ["\\(", "\\)"], ["\\[", "\\]"]] as const;

/** The formulas between marks of mathematics mode, from left to right. */
function formulas(text: string, start: number, end = text.length): Candidate[] {
  const found: Candidate[] = [];
  let open: { begin: number; close: string } | undefined;
  for (let at = start; at < end; at++) {
    if (text[at] !== "\\" && text[at] !== "$") continue;
    if (open && text.startsWith(open.close, at)) {
      if (at > open.begin) {
        found.push({ text: text.slice(open.begin, at), span: [open.begin, at], source: "formula" });
      }
      at += open.close.length - 1;
      open = undefined;
      continue;
    }
    const opening = DELIMITERS.find(([mark]) => text.startsWith(mark, at));
    if (!open && opening) {
      open = { begin: at + opening[0].length, close: opening[1] };
      at += opening[0].length - 1;
    } else if (text[at] === "\\") at++;
  }
  return found;
}

/** What stands after the last `=` to the end of its line, if it holds commands but stands in no mathematics mode. */
function afterEquals(text: string, start: number): Candidate | undefined {
  const sign = text.lastIndexOf("=");
  if (sign < start) return undefined;
  const line = text.indexOf("\n", sign), end = line < 0 ? text.length : line;
  const tail = text.slice(sign + 1, end);
  return tail.includes("\\") && tail.length <= 200
    ? { text: tail, span: [sign + 1, end], source: "formula" }
    : undefined;
}

/** The longest chain whose last side is looked at, in characters. */
const MAX_CHAIN = 200;

/** What stands after the last `=` of a short text with an ellipsis, which cannot be computed: `1 + 2 + ... = 55`. */
function chainEnd(text: string, start: number): Candidate[] {
  const sign = text.lastIndexOf("=");
  const isChain = sign >= start && text.length - start <= MAX_CHAIN &&
    text.slice(start, sign).includes("...");
  return isChain ? [{ text: text.slice(sign + 1), span: [sign + 1, text.length], source: "formula" }] : [];
}

/** The last number between two places. */
function lastNumber(text: string, start: number, stop: number): Candidate | undefined {
  const isDigit = (c: string | undefined): boolean => c !== undefined && c >= "0" && c <= "9";
  let end = stop;
  while (end > start && !isDigit(text[end - 1])) end--;
  if (end === start) return undefined;
  let begin = end;
  for (;;) {
    if (begin > start && (isDigit(text[begin - 1]) || /[.,/]/.test(text[begin - 1] ?? ""))) begin--;
    else {
      const separator = [",\\!", "{,}", " {, }", "\\,", "\\!"].find((one) =>
        text.startsWith(one, begin - one.length)
      );
      if (!separator || !isDigit(text[begin - separator.length - 1])) break;
      begin -= separator.length;
    }
  }
  while (/[.,/]/.test(text[begin] ?? "") && !(text[begin] === "." && isDigit(text[begin + 1]))) begin++;
  if (text[begin - 1] === "-" && !/[\w)]/.test(text[begin - 2] ?? " ")) begin--;
  if (text[end] === "%") end++;
  // 1 000,99 has its thousands parted by spaces.
  const thousands = /(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f]\d{3})*[ \u00a0\u202f]$/.exec(
    text.slice(Math.max(start, begin - 20), begin),
  );
  if (thousands && /^\d{3}(?:[.,]\d+)?$/.test(text.slice(begin, end))) begin -= thousands[0].length;
  // The number may be the last one of a tuple.
  const tuple = text[end] === ")"
    ? /\([-\d\s.,/]*,[-\d\s.,/]*$/.exec(text.slice(Math.max(start, end - 60), end))
    : null;
  if (tuple) {
    begin = end - tuple[0].length;
    end++;
  }
  return { text: text.slice(begin, end), span: [begin, end], source: "number" };
}

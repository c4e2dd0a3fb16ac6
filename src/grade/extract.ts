/**
 * Where in a completion the answer stands. Every search is one scan of the text.
 *
 * @module
 */

import type { Budget } from "./budget.ts";

/** The ways to find an answer, the most trusted first. */
export const CANDIDATE_SOURCES = [
  "box",
  "unclosed box",
  "####",
  "answer tag",
  "answer phrase",
  "whole text",
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

/** A box and where it stands. */
interface Box extends Candidate {
  /** Where the command begins. */
  readonly from: number;
  /** Where the closing brace ends. */
  readonly to: number;
}

/** How much of a completion's end is searched, in characters. */
export const MAX_COMPLETION = 262_144;

/** Where the search begins: after the last `</think>`, and not before the last {@linkcode MAX_COMPLETION} characters. */
function searchStart(text: string): number {
  const thought = text.lastIndexOf("</think>");
  return Math.max(thought < 0 ? 0 : thought + "</think>".length, text.length - MAX_COMPLETION);
}

/**
 * All boxes `\boxed{…}` and `\fbox{…}` that stand in no other box, from left to right. A box that is never closed
 * hides nothing: it is reported, and so are the boxes after it.
 */
function boxesOf(text: string, start: number): Box[] {
  const boxes: Box[] = [];
  const open: { from: number; begin: number; depth: number }[] = [];
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const c = text[at];
    if (c === "\\") {
      const name = ["boxed", "fbox"].find((command) => text.startsWith(command, at + 1));
      let next = at + 1 + (name?.length ?? 0);
      while (name && (text[next] === " " || text[next] === "\n")) next++;
      if (name && text[next] === "{") {
        depth++;
        open.push({ from: at, begin: next + 1, depth });
        at = next;
      } else at++;
    } else if (c === "{") depth++;
    else if (c === "}" && depth > 0) {
      const box = open.at(-1);
      if (box?.depth === depth) {
        open.pop();
        while (boxes.length > 0 && (boxes.at(-1) as Box).from > box.from) boxes.pop();
        boxes.push({
          text: text.slice(box.begin, at),
          span: [box.begin, at],
          source: "box",
          from: box.from,
          to: at + 1,
        });
      }
      depth--;
    }
  }
  const rest = open.at(-1);
  if (rest && !boxes.some(({ from }) => from > rest.from)) {
    boxes.push({
      text: text.slice(rest.begin),
      span: [rest.begin, text.length],
      source: "unclosed box",
      from: rest.from,
      to: text.length,
    });
  }
  return boxes;
}

/** The last boxes joined to a list while only a separator parts them: `\boxed{2} and \boxed{3}`. */
function joined(text: string, boxes: readonly Box[]): Candidate | undefined {
  let first = boxes.length - 1;
  while (first > 0 && isSeparator(text.slice((boxes[first - 1] as Box).to, (boxes[first] as Box).from))) {
    first--;
  }
  const group = boxes.slice(first), last = group.at(-1);
  if (!last || group.length < 2 || group.length > 50) return undefined;
  return {
    text: group.map((box) => box.text).join(", "),
    span: [(group[0] as Box).span[0], last.span[1]],
    source: "box",
  };
}

/** Is a text between two boxes nothing but punctuation, spaces, "and", "or"? */
function isSeparator(text: string): boolean {
  return text.length <= 60 && text.replace(/\\(?:text|quad|qquad)|and|or|[\s,;.${}()[\]\\]/g, "") === "";
}

/** Phrases that announce an answer, in the order of confidence. */
const PHRASES = ["final answer", "answer is", "answer:", "answer"];

/** The text after the last phrase that announces an answer. */
function afterPhrase(text: string, start: number): Candidate | undefined {
  const lower = text.slice(start).toLowerCase();
  for (const phrase of PHRASES) {
    const found = lower.lastIndexOf(phrase);
    if (found < 0) continue;
    let at = start + found + phrase.length;
    const skip = /^(?:[\s:*_=]|is\b|the\b|are\b|answer\b|therefore\b|\\text\b)/;
    for (let count = 0; count < 40; count++) {
      const match = skip.exec(text.slice(at, at + 12));
      if (!match) break;
      at += match[0].length;
    }
    const end = sentenceEnd(text, at);
    if (end > at) return { text: text.slice(at, end), span: [at, end], source: "answer phrase" };
  }
  return undefined;
}

/** Where the sentence or line that begins here ends, outside mathematics. */
function sentenceEnd(text: string, start: number): number {
  for (const [open, close] of [["$$", "$$"], ["$", "$"], ["\\(", "\\)"], ["\\[", "\\]"]] as const) {
    if (!text.startsWith(open, start)) continue;
    const end = text.indexOf(close, start + open.length);
    if (end >= 0) return end + close.length;
  }
  let at = start;
  for (; at < text.length && at < start + 400; at++) {
    const c = text[at], next = text[at + 1];
    if (c === "\n" || text.startsWith("**", at)) break;
    if (c === "." && (next === undefined || next === " " || next === "\n")) break;
  }
  return at;
}

/** The last formula between marks of mathematics mode. */
function lastFormula(text: string, start: number): Candidate | undefined {
  const spans: [number, number][] = [];
  for (const [open, close] of [["\\(", "\\)"], ["\\[", "\\]"]] as const) {
    const end = text.lastIndexOf(close);
    const begin = end < 0 ? -1 : text.lastIndexOf(open, end - 1);
    if (begin >= start) spans.push([begin + open.length, end]);
  }
  const dollars: number[] = [];
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "$" && text[at + 1] === "$") {
      dollars.push(at + 1);
      at++;
    } else if (text[at] === "$") dollars.push(at);
  }
  if (dollars.length >= 2 && dollars.length % 2 === 0) {
    const [begin = 0, end = 0] = dollars.slice(-2);
    spans.push([begin + 1, text[end - 1] === "$" ? end - 1 : end]);
  }
  const span = spans.sort((a, b) => b[1] - a[1])[0];
  return span && span[1] > span[0] ? { text: text.slice(...span), span, source: "formula" } : undefined;
}

/** The last number in the text. */
function lastNumber(text: string, start: number): Candidate | undefined {
  const isDigit = (c: string | undefined): boolean => c !== undefined && c >= "0" && c <= "9";
  let end = text.length;
  while (end > start && !isDigit(text[end - 1])) end--;
  if (end === start) return undefined;
  let begin = end;
  while (begin > start && (isDigit(text[begin - 1]) || /[.,/]/.test(text[begin - 1] ?? ""))) begin--;
  while (/[.,/]/.test(text[begin] ?? "") && !(text[begin] === "." && isDigit(text[begin + 1]))) begin++;
  if (text[begin - 1] === "-" && !/[\w)]/.test(text[begin - 2] ?? " ")) begin--;
  if (text[end] === "%") end++;
  return { text: text.slice(begin, end), span: [begin, end], source: "number" };
}

/** How to search. */
export interface ExtractOptions {
  /** Only complete boxes (`strict`), or any place where an answer may stand (`lenient`). */
  readonly mode: "strict" | "lenient";
  /** Join neighbouring boxes to a list: the gold has several elements. */
  readonly several: boolean;
}

/** The places where the answer may stand, the most trusted first. Strict mode: at most one. */
export function extractCandidates(text: string, options: ExtractOptions, budget: Budget): Candidate[] {
  const start = searchStart(text);
  budget.spend((text.length - start) / 8);
  const boxes = boxesOf(text, start).filter((box) => box.text.trim() !== "");
  const complete = boxes.filter((box) => box.source === "box");
  const box = (options.several ? joined(text, complete) : undefined) ?? complete.at(-1);
  if (options.mode === "strict") return box ? [strip(box)] : [];
  if (boxes.length > 0) return [strip(box ?? boxes.at(-1) as Box)];
  const marked = afterMark(text, start, "####", "\n", "####") ??
    afterMark(text, start, "<answer>", "</answer>", "answer tag");
  if (marked) return [marked];
  const candidates: Candidate[] = [];
  const all: Candidate = { text: text.slice(start), span: [start, text.length], source: "whole text" };
  const phrase = afterPhrase(text, start),
    formula = lastFormula(text, start),
    number = lastNumber(text, start);
  if (phrase) candidates.push(phrase);
  candidates.push(all);
  if (formula) candidates.push(formula);
  if (number) candidates.push(number);
  return candidates;
}

/** A box as a candidate. */
function strip({ text, span, source }: Candidate): Candidate {
  return { text, span, source };
}

/** The text between the last mark and what closes it. */
function afterMark(
  text: string,
  start: number,
  mark: string,
  close: string,
  source: Candidate["source"],
): Candidate | undefined {
  const found = text.lastIndexOf(mark);
  if (found < start) return undefined;
  const begin = found + mark.length, closing = text.indexOf(close, begin);
  const end = closing < 0 ? text.length : closing;
  const inner = text.slice(begin, end);
  return inner.trim() === "" ? undefined : { text: inner, span: [begin, end], source };
}

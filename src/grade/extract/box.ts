/**
 * The boxes of a completion: `\boxed{…}` and `\fbox{…}`, nested, unclosed or side by side.
 *
 * @module
 */

/** A box and where it stands, in UTF-16 units. */
export interface Box {
  /** What is in it. */
  readonly text: string;
  /** Where its content begins and ends. */
  readonly span: readonly [number, number];
  /** Complete, never closed, or without braces at all (`\boxed5`). */
  readonly form: "complete" | "unclosed" | "bare";
  /** Where the command begins. */
  readonly from: number;
  /** Where the closing brace ends. */
  readonly to: number;
}

/**
 * All boxes that stand in no other box, from left to right, in one scan. A box that is never closed hides nothing: it
 * is reported, and so are the boxes after it.
 */
export function boxesOf(text: string, start: number): Box[] {
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
      } else if (name) {
        const bare = /^(?:\d[\d.,]*\d|[A-Za-z0-9](?![A-Za-z]))/.exec(text.slice(next, next + 30));
        if (bare && open.length === 0) {
          const to = next + bare[0].length;
          boxes.push({ text: bare[0], span: [next, to], form: "bare", from: at, to });
        }
      } else if (!/^\\f?box/.test(text.slice(at + 1, at + 6))) at++;
    } else if (c === "{") depth++;
    else if (c === "}" && depth > 0) {
      const box = open.at(-1);
      if (box?.depth === depth) {
        open.pop();
        while (boxes.length > 0 && (boxes.at(-1) as Box).from > box.from) boxes.pop();
        const { from, begin } = box;
        boxes.push({ text: text.slice(begin, at), span: [begin, at], form: "complete", from, to: at + 1 });
      }
      depth--;
    }
  }
  const rest = open.at(-1);
  if (rest && !boxes.some(({ from }) => from > rest.from)) {
    const { from, begin } = rest;
    boxes.push({
      text: text.slice(begin),
      span: [begin, text.length],
      form: "unclosed",
      from,
      to: text.length,
    });
  }
  return boxes;
}

/** The most boxes that are joined. */
const MAX_JOINED = 50;

/**
 * The last boxes as one list while only a separator parts them: `\boxed{2} and \boxed{3}` answers 2 and 3. With
 * `several`, when the gold has several elements, less of a separator is needed.
 */
export function joinedBoxes(text: string, boxes: readonly Box[], several: boolean): Box | undefined {
  let first = boxes.length - 1;
  while (first > 0 && boxes.length - first <= MAX_JOINED) {
    const between = text.slice((boxes[first - 1] as Box).to, (boxes[first] as Box).from);
    if (!isSeparator(between, several)) break;
    // Two boxes that are lists are two answers, of which the last counts.
    const pair = [boxes[first - 1], boxes[first]] as readonly Box[];
    if (several && pair.some((box) => holdsSeveral(box.text))) break;
    first--;
  }
  const group = boxes.slice(first), last = group.at(-1), begin = group[0];
  const texts = [...new Set(group.map((box) => box.text.trim()))];
  if (!last || !begin || texts.length < 2) return undefined;
  return {
    text: texts.join(", "),
    span: [begin.span[0], last.span[1]],
    form: "complete",
    from: begin.from,
    to: last.to,
  };
}

/** Does a text between two boxes only part them? */
function isSeparator(text: string, several: boolean): boolean {
  if (text.length > 70) return false;
  const conjunctions = text.match(/\b(?:and|or)\b|\\(?:lor|vee|land|wedge)|[,;&/]/gi)?.length ?? 0;
  if (!several) {
    return conjunctions > 0 &&
      text.replace(
          /\b(?:and|or|else|maybe|possibly|also|either)\b|\\(?:text[a-z]*|math[a-z]+|quad|qquad|lor|vee|land|wedge)|[\s,;&/*${}()\\-]/gi,
          "",
        ) === "";
  }
  // A sentence that ends parts two answers, of which the last counts.
  if (/[.!?。]/.test(text)) return false;
  // Labels such as `y_2 =` may stand between the boxes of a list.
  const labelless = text.replace(/\b[A-Za-z](?:_\{?\w{1,3}\}?)?\s*=/g, "");
  return labelless.replace(/\b(?:and|or)\b|\\(?:text|quad|qquad)/g, "").replace(/[^A-Za-z0-9]/g, "") === "";
}

/** Does a box hold several elements already? */
function holdsSeveral(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text[at] as string;
    if ("([{".includes(c)) depth++;
    else if (")]}".includes(c)) depth--;
    // The comma of 1,000 parts nothing.
    else if (depth === 0 && (c === ";" || (c === "," && !/^\d{3}(?!\d)/.test(text.slice(at + 1, at + 5))))) {
      return true;
    }
  }
  return /\b(?:and|or)\b/.test(text);
}

/** Does a text end within the command of a box: `\boxed`, `\bo`? */
export function isBoxCut(text: string): boolean {
  const tail = /\\([a-z]{2,5})\s*$/.exec(text.slice(-20))?.[1];
  return tail !== undefined && ["boxed", "fbox"].some((command) => command.startsWith(tail));
}

/**
 * Where a completion's thinking ends and its answer begins.
 *
 * @module
 */

/** The names of the tags between which models think before they answer. */
export const THINKING_TAGS: readonly string[] = [
  "think",
  "thinking",
  "thought",
  "thoughts",
  "reasoning",
  "reason",
  "reflection",
  "scratchpad",
  "analysis",
  "cot",
  "chain_of_thought",
];

/** Where the answer of a completion may stand. */
export interface AnswerPart {
  /** Where the text after the last thought begins, in UTF-16 units; 0 if there is no thought. */
  readonly start: number;
  /** Where the last thought that was closed ends, before its closing tag; -1 if there is none. */
  readonly thoughtEnd: number;
  /** Was a thought begun that never ends? Then nothing of the completion is its answer. */
  readonly unfinished: boolean;
}

/** A tag that opens or closes a thought: `<think>`, `</think>`, `<|think|>`, `[THINK]`, `◁/think▷`. */
function tagPattern(names: readonly string[]): RegExp {
  const any = names.map((name) => name.replace(/[^\w]/g, "\\$&")).join("|");
  return new RegExp(
    `<\\|?(/?)(?:\\w{1,20}:)?(?:(begin|end)_of_)?(${any})(?:\\s[^<>]{0,80})?\\|?>|[[◁](/?)(${any})[\\]▷]`,
    "gi",
  );
}

/** The patterns that were compiled, by their names. */
const patterns = new WeakMap<readonly string[], RegExp>();

/** Finds the end of the last thought, in one scan. */
export function answerPart(text: string, names: readonly string[]): AnswerPart {
  let start = 0, thoughtEnd = -1;
  const mayHold = text.includes("<") || text.includes("[") || text.includes("◁");
  if (names.length === 0 || !mayHold) return { start, thoughtEnd, unfinished: false };
  let pattern = patterns.get(names);
  if (!pattern) patterns.set(names, pattern = tagPattern(names));
  const open = new Set<string>();
  for (const found of text.matchAll(pattern)) {
    const [tag, slash, edge, angled, squareSlash, square] = found;
    // [reason] in brackets is mathematics or prose unless it shouts; nobody writes [think] but as a tag.
    const isProse = square !== undefined && tag.startsWith("[") && square !== square.toUpperCase() &&
      !square.startsWith("think");
    if (isProse) continue;
    const name = (angled ?? square ?? "").toLowerCase();
    const closes = (slash ?? "") !== "" || (squareSlash ?? "") !== "" || edge?.toLowerCase() === "end";
    if (closes) {
      open.delete(name);
      thoughtEnd = found.index;
      start = found.index + tag.length;
    } else open.add(name);
  }
  return { start, thoughtEnd, unfinished: open.size > 0 };
}

/**
 * What stands ahead of a place in LaTeX, found without reading it: what an environment is for, the label at a brace, a set
 * of numbers with its limit.
 *
 * @module
 */

/** A raised ending of an ordinal number: `^{th}`, `^\text{th}`, `^{\mathrm{th}}`. */
export const RAISED_ORDINAL =
  /^\^\s?(?:\{\s?\\[a-z]{2,8}\s?\{~?(?:st|nd|rd|th)\}\s?\}|\\[a-z]{2,8}\s?\{~?(?:st|nd|rd|th)\}|\{(?:st|nd|rd|th)\})/;
/** The group of residues, after `\mathbb`: `{Z}_n` or `{Z}/n\mathbb{Z}`. */
export const CYCLIC =
  /^\s?(?:\{\s?Z\s?\}|Z)\s?(?:_\s?(?:\{(\d+|[a-z])\}|(\d+|[a-z]))|\/\s?\(?(\d+|[a-z])\s?\\(?:mathbb|mathbf)\s?(?:\{Z\}|Z)\)?)/;
/** A set of numbers after `\mathbb`, with its limit: `{R}^+`, `Z_{>0}`. */
export const DOMAIN =
  /^\s?(?:\{\s?([A-Z])\s?\}|([A-Z]))(?:\s?[\^_]\s?(?:\{([+*-]|>\s?0|\\geq?\s?[01]|0)\}|([+*-]|0)))?/;

/** Does an environment of this name only line up what is one text? Its `&` say nothing. */
export function isAlignment(name: string): boolean {
  return /^(?:align|aligned|alignat|alignedat|gather|gathered|split|equation|multline|flalign|eqnarray)$/
    .test(name);
}

/** Does the array that begins here line up signs, `x &= 3 \cdot 4`, rather than entries? */
export function alignsSigns(text: string, at: number): boolean {
  const end = text.indexOf("\\end{array}", at);
  return end > 0 && /&\s*(?:=|<|>|\\(?:le|ge|leq|geq|approx|equiv)(?![a-z]))/.test(text.slice(at, end));
}

/** The longest argument behind which a label is looked for, in characters. */
const MAX_ARGUMENT = 400;

/** Where the label of the braces that open here begins and ends: the `_{\text{answer}}` of an `\underbrace`. */
export function labelAtBrace(
  text: string,
  start: number,
): { readonly from: number; readonly to: number } | undefined {
  let depth = 0;
  for (let at = start; at < text.length && at < start + MAX_ARGUMENT; at++) {
    const c = text[at] as string;
    if (c === "{") depth++;
    else if (c === "}" && --depth === 0) {
      const label = /^\s*[_^]\s*\{(?:[^{}]|\{[^{}]*\}){0,80}\}/.exec(text.slice(at + 1, at + 120));
      return label ? { from: at + 1, to: at + 1 + label[0].length } : undefined;
    } else if (depth === 0 && c.trim() !== "") return undefined;
  }
  return undefined;
}

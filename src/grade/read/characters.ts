/**
 * Characters outside ASCII, brought to LaTeX that means the same, so that one tokenizer reads every spelling.
 *
 * @module
 */

/** Characters outside ASCII, and the LaTeX that means the same. */
const CHARACTERS: ReadonlyMap<string, string> = new Map(Object.entries({
  "−": "-",
  "–": "-",
  "—": "-",
  "‐": "-",
  "‑": "-",
  "﹣": "-",
  "×": "*",
  "·": "*",
  "⋅": "*",
  "∙": "*",
  "÷": "/",
  "∕": "/",
  "⁄": "/",
  "±": "\\pm ",
  "∓": "\\mp ",
  "∞": "\\infty ",
  "π": "\\pi ",
  "≤": "\\le ",
  "≥": "\\ge ",
  "⩽": "\\le ",
  "⩾": "\\ge ",
  "∶": ":",
  "⊔": "\\cup ",
  "■": "",
  "□": "",
  "✓": "",
  "✔": "",
  "✅": "",
  "☑": "",
  "∎": "",
  "Ω": "\\Omega ",
  "≠": "\\ne ",
  "≈": "\\approx ",
  "∈": "\\in ",
  "∪": "\\cup ",
  "∩": "\\cap ",
  "∖": "\\setminus ",
  "⊂": "\\subset ",
  "⊆": "\\subseteq ",
  "⊇": "\\supseteq ",
  "∧": "\\land ",
  "∨": "\\lor ",
  "∀": "\\forall ",
  "≡": "\\equiv ",
  "≅": "\\cong ",
  "→": "\\to ",
  "⟶": "\\to ",
  "➜": "\\to ",
  "∴": "\\therefore ",
  "⟹": "\\Rightarrow ",
  "⇒": "\\Rightarrow ",
  "…": "\\ldots ",
  "⋯": "\\cdots ",
  "∘": "\\circ ",
  "∠": "\\angle ",
  "△": "\\triangle ",
  "∫": "\\int ",
  "∅": "\\emptyset ",
  "ℝ": "\\mathbb{R}",
  "ℤ": "\\mathbb{Z}",
  "ℕ": "\\mathbb{N}",
  "ℚ": "\\mathbb{Q}",
  "ℂ": "\\mathbb{C}",
  "°": "^{\\circ}",
  "º": "^{\\circ}",
  "″": "''",
  "‘": "'",
  "“": '"',
  "”": '"',
  "。": ". ",
  "、": ", ",
  "或": " or ",
  "和": " and ",
  "与": " and ",
  "與": " and ",
  "及": " and ",
  "且": " and ",
  "′": "'",
  "’": "'",
  "∣": "|",
  "⟨": "(",
  "⟩": ")",
  "〈": "(",
  "〉": ")",
  "⌊": "\\lfloor ",
  "⌋": "\\rfloor ",
  "⌈": "\\lceil ",
  "⌉": "\\rceil ",
  "∑": "\\sum ",
  "∏": "\\prod ",
  "€": "",
  "£": "",
  "¥": "",
  "₹": "",
  "₽": "",
  "₩": "",
  "α": "\\alpha ",
  "β": "\\beta ",
  "γ": "\\gamma ",
  "δ": "\\delta ",
  "ε": "\\epsilon ",
  "θ": "\\theta ",
  "λ": "\\lambda ",
  "μ": "\\mu ",
  "ρ": "\\rho ",
  "σ": "\\sigma ",
  "φ": "\\phi ",
  "ω": "\\omega ",
}));

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ⁽⁾";
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉₊₋ₙᵢ";
const RAISED = "0123456789+-ni()";
const LOWERED = "0123456789+-ni";

/** Zero-width, direction and other invisible characters. */
const INVISIBLE = /[\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFE00-\uFE0F\uFEFF]/g;

/** Commands whose backslash and first letter a string literal turned into one control character. */
const CONTROLS: Readonly<Record<string, string>> = { "\f": "\\f", "\b": "\\b", "\v": "\\v", "\x07": "\\a" };

/** Replaces characters outside ASCII by LaTeX that means the same. */
export function toAscii(text: string): string {
  if (!/[^\n-~]|[\f\v]/.test(text)) return text;
  const known = new Map<string, string>();
  const ascii = (character: string): string => {
    let found = known.get(character);
    if (found === undefined) known.set(character, found = CHARACTERS.get(character) ?? compatible(character));
    return found;
  };
  let result = "", script = "";
  const plain = withAsciiDigits(text).replace(INVISIBLE, "").replace(/或者|或是/g, "或").replace(
    /以及/g,
    "及",
  );
  for (const character of plain.replace(ROOT, rootOf)) {
    const raised = SUPERSCRIPTS.indexOf(character), lowered = SUBSCRIPTS.indexOf(character);
    const sign = raised >= 0 ? "^" : lowered >= 0 ? "_" : "";
    if (script !== sign && script !== "") result += "}";
    if (script !== sign && sign !== "") result += `${sign}{`;
    script = sign;
    if (raised >= 0) result += RAISED.charAt(raised);
    else if (lowered >= 0) result += LOWERED.charAt(lowered);
    else if (character > "~") result += ascii(character);
    else result += CONTROLS[character] ?? character;
  }
  return script === "" ? result : `${result}}`;
}

/** A root sign takes all digits after it. */
const ROOT = /([√∛∜])\s?(\d+(?:\.\d+)?)?/g;
const DEGREES: Readonly<Record<string, string>> = { "∛": "[3]", "∜": "[4]" };

function rootOf(_: string, sign: string, digits: string | undefined): string {
  return `\\sqrt${DEGREES[sign] ?? ""}${digits === undefined ? " " : `{${digits}}`}`;
}

/** Where the ten digits of other scripts begin. */
const ZEROS = [
  0x660,
  0x6f0,
  0x966,
  0x9e6,
  0xa66,
  0xae6,
  0xb66,
  0xbe6,
  0xc66,
  0xce6,
  0xd66,
  0xe50,
  0xed0,
  0xff10,
];

/** The digits of other scripts as ASCII digits; every character keeps its place. */
export function withAsciiDigits(text: string): string {
  if (!/[\u0660-\u0ed9\uff10-\uff19]/.test(text)) return text;
  return text.replace(/[\u0660-\u0ed9\uff10-\uff19]/g, (digit) => {
    const zero = ZEROS.find((start) => digit.charCodeAt(0) >= start && digit.charCodeAt(0) < start + 10);
    return zero === undefined ? digit : String(digit.charCodeAt(0) - zero);
  });
}

/** What a character stands for by Unicode's compatibility forms: `⅛`, `②`, full-width and mathematical letters. */
function compatible(character: string): string {
  const plain = character.normalize("NFKC");
  const [top, bottom] = plain.split("⁄");
  if (top && bottom) return `\\frac{${top}}{${bottom}}`;
  return character >= "①" && character <= "⑳" ? ` ${plain}, ` : plain;
}

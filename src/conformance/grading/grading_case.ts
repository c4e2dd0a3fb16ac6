/**
 * Published grading cases as files of JSON Lines: what a case asks, and how a line is read. The README.md beside the case
 * files describes their format.
 *
 * @module
 */

/** What a case asks. */
export type CaseKind =
  /** Two answers. */
  | "pair"
  /** A model's whole output against a gold answer. */
  | "completion"
  /** The same, to be graded leniently. */
  | "lenient"
  /** An answer to a multiple-choice question. */
  | "choice"
  /** A formula against its value as another parser printed it. */
  | "parse"
  /** A gold answer against itself in a box. */
  | "selfcheck"
  /** Hostile input. */
  | "adversarial"
  /** Text that is no formula. */
  | "parse_error"
  /** What should be found in a completion. */
  | "extract"
  /** What an answer should be equal to. */
  | "normalize"
  /** Which letter should be found. */
  | "choice_extract";

/** One line of a case file. */
export interface GradingCase {
  /** The name of the case. */
  readonly id: string;
  /** What the case asks. */
  readonly kind: CaseKind;
  /** The gold answers, or the extractions that are accepted; being equal to one is enough. */
  readonly golds: readonly string[];
  /** The answer or the completion. */
  readonly pred: string;
  /** Should they be equal, or something be found? Null: a policy question, not scored. */
  readonly expected: boolean | null;
  /** Does the suite that the case comes from expect another verdict? */
  readonly disputed: boolean;
  /** The options of the tool that the case comes from. */
  readonly cfg: Readonly<Record<string, unknown>>;
  /** What the case is about; one that begins with F and a number is about what a reward must not pay for. */
  readonly note: string;
}

/** A line of a case file that is no case. */
export interface CaseFault {
  /** The number of the line, from 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly message: string;
}

/** Has a case a gold answer and an expected verdict, or an expected extraction, or should it not parse? */
const asks: Readonly<Record<CaseKind, "verdict" | "extraction" | "refusal">> = {
  pair: "verdict",
  completion: "verdict",
  lenient: "verdict",
  choice: "verdict",
  parse: "verdict",
  selfcheck: "verdict",
  adversarial: "verdict",
  parse_error: "refusal",
  extract: "extraction",
  normalize: "extraction",
  choice_extract: "extraction",
};

/**
 * Reads one line of a case file.
 *
 * @throws {SyntaxError} If the line is not JSON.
 * @throws {TypeError} If a field is missing or of the wrong type.
 */
export function readCase(line: string): GradingCase {
  const row: unknown = JSON.parse(line);
  if (typeof row !== "object" || row === null) throw new TypeError("expected an object");
  const fields = row as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const value = fields[name];
    if (typeof value === "string") return value;
    throw new TypeError(
      value === undefined ? `the field "${name}" is missing` : `"${name}" must be a string`,
    );
  };
  const kind = text("kind");
  if (!isKind(kind)) {
    throw new TypeError(`"kind" is "${kind}": expected ${Object.keys(asks).join(", ")}`);
  }
  const common = {
    id: text("id"),
    kind,
    pred: text("pred"),
    disputed: fields.disputed === true,
    note: typeof fields.note === "string" ? fields.note : "",
    cfg: typeof fields.cfg === "object" && fields.cfg !== null ? { ...fields.cfg } : {},
  };
  if (asks[kind] === "refusal") return { ...common, golds: [], expected: false };
  if (asks[kind] === "extraction") {
    const golds = acceptedTexts(fields.expect_parsed);
    // A text that is normalized is equal to something, be it nothing.
    return { ...common, golds, expected: kind === "normalize" || golds.length > 0 };
  }
  const { expected } = fields;
  if (typeof expected !== "boolean" && expected !== null) {
    throw new TypeError('"expected" must be true, false or null');
  }
  // The other parser's own printing is the second choice where the case has its value in words of LaTeX, too.
  const golds = fields.gold_sympy === undefined ? [text("gold")] : [text("gold"), text("gold_sympy")];
  return { ...common, golds, expected };
}

/** Is a text the name of a kind? */
function isKind(text: string): text is CaseKind {
  return Object.hasOwn(asks, text);
}

/** The extractions that are accepted: a text, a list of texts, or nothing. */
function acceptedTexts(value: unknown): readonly string[] {
  const texts = (Array.isArray(value) ? value : [value ?? ""]).map((entry: unknown) => {
    if (typeof entry !== "string") {
      throw new TypeError('"expect_parsed" must be a string, a list of strings or null');
    }
    return entry;
  });
  return texts.filter((entry) => entry !== "");
}

/** Reads a case file: its cases, and the lines that are none. Blank lines do not count. */
export function readCases(text: string): { cases: GradingCase[]; faults: CaseFault[] } {
  const cases: GradingCase[] = [], faults: CaseFault[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      cases.push(readCase(line));
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      faults.push({ line: index + 1, message: error.message });
    }
  }
  return { cases, faults };
}

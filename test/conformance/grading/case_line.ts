import type { CaseKind } from "../../../src/conformance/grading/grading_case.ts";

/** A line of a case file. */
export function line(kind: CaseKind, fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ id: `own/${kind}`, kind, ...fields });
}

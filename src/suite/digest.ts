/**
 * What identifies a suite as it was used.
 *
 * @module
 */

import { contentId } from "../canonical_json.ts";
import type { Problem } from "./problem.ts";
import type { PromptTemplate } from "./wording/mod.ts";

/** The content id of a suite: its problems, the wording and the sampling, all that a score depends on but the policy. */
export function suiteDigest(
  name: string,
  problems: readonly Pick<Problem, "id" | "answer" | "form">[],
  template: PromptTemplate,
  sampling: Readonly<Record<string, number>>,
): Promise<string> {
  const content = problems.map(({ id, answer, form }) => form ? [id, answer, { ...form }] : [id, answer]);
  return contentId({ name, content, template, sampling });
}

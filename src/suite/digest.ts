/**
 * What identifies a suite as it was used.
 *
 * @module
 */

import { contentId } from "../canonical_json.ts";
import type { Problem } from "./problem.ts";
import type { PromptTemplate } from "./prompt.ts";

/** The content id of a suite: its problems, the wording and the sampling, all that a score depends on but the policy. */
export function suiteDigest(
  name: string,
  problems: readonly Pick<Problem, "id" | "answer">[],
  template: PromptTemplate,
  sampling: Readonly<Record<string, number>>,
): Promise<string> {
  return contentId({ name, content: problems.map(({ id, answer }) => [id, answer]), template, sampling });
}

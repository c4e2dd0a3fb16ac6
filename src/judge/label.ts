/**
 * The names of suites where others read them: with what must stand beside them.
 *
 * @module
 */

import type { SuiteOrigin } from "./suites.ts";

/** What a suite is called where its name alone would say too much: `easy (own file easy.jsonl)`. */
export function suiteLabel({ name, note }: Pick<SuiteOrigin, "name" | "note">): string {
  return note === null ? name : `${name} (${note})`;
}

/** A record as far as its suites have names. */
export interface Named {
  /** The suites. */
  readonly suites: readonly { readonly name: string }[];
  /** The runs, with what belongs to each suite. */
  readonly runs: readonly { readonly suites: Readonly<Record<string, unknown>> }[];
}

/**
 * A record whose suites are called as {@linkcode suiteLabel} calls them, for formats that have no place beside a name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { withLabels } from "./label.ts";
 *
 * const counts: Record<string, number> = { easy: 1 };
 * const record = { suites: [{ name: "easy" }], runs: [{ suites: counts }] };
 * assertEquals(withLabels(record, [{ name: "easy", note: "own file easy.jsonl" }]), {
 *   suites: [{ name: "easy (own file easy.jsonl)" }],
 *   runs: [{ suites: { "easy (own file easy.jsonl)": 1 } }],
 * });
 * ```
 */
export function withLabels<R extends Named>(
  record: R,
  origins: readonly Pick<SuiteOrigin, "name" | "note">[],
): R {
  const labels = new Map(origins.map((origin) => [origin.name, suiteLabel(origin)]));
  const labelOf = (name: string): string => labels.get(name) ?? name;
  return {
    ...record,
    suites: record.suites.map((suite) => ({ ...suite, name: labelOf(suite.name) })),
    runs: record.runs.map((run) => ({
      ...run,
      suites: Object.fromEntries(Object.entries(run.suites).map(([name, one]) => [labelOf(name), one])),
    })),
  };
}

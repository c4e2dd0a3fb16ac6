/**
 * Whether a record of the right shape is of a bearable size: products of what its parts say, and its settings.
 *
 * @module
 */

import { limits } from "./limits.ts";

/** Something that does not fit a record, and where. */
export interface Misfit {
  /** Where it stands in the document. */
  readonly path: (string | number)[];
  /** What was expected. */
  readonly message: string;
}

/** What of a record says how large it is. */
export interface Sized {
  readonly profile: object;
  readonly suites: readonly { readonly problems: readonly unknown[]; readonly samples: number }[];
  readonly runs: readonly { readonly method: string }[];
}

/** The number of values in a JSON value, and its longest text, which may be the name of a member. */
function measure(value: object): { values: number; longest: number } {
  const size = { values: 0, longest: 0 };
  const visit = (value: unknown): void => {
    size.values++;
    if (typeof value === "string") size.longest = Math.max(size.longest, value.length);
    else if (value !== null && typeof value === "object") {
      for (const [name, member] of Object.entries(value)) {
        if (!Array.isArray(value)) size.longest = Math.max(size.longest, name.length);
        visit(member);
      }
    }
  };
  visit(value);
  return size;
}

/** What in a record is larger than any result needs. */
export function* oversize({ profile, suites, runs }: Sized): Generator<Misfit> {
  const { values, longest } = measure(profile);
  if (values > limits.settings) {
    yield { path: ["profile"], message: `expected at most ${limits.settings} settings, there are ${values}` };
  }
  if (longest > limits.settingLength) {
    yield { path: ["profile"], message: `expected texts of at most ${limits.settingLength} characters` };
  }
  const seeds = new Map<string, number>();
  for (const { method } of runs) seeds.set(method, (seeds.get(method) ?? 0) + 1);
  if (seeds.size > limits.methods) {
    yield { path: ["runs"], message: `expected at most ${limits.methods} methods, there are ${seeds.size}` };
  }
  for (const [method, count] of seeds) {
    if (count <= limits.seeds) continue;
    yield {
      path: ["runs"],
      message: `expected at most ${limits.seeds} seeds of ${method}, there are ${count}`,
    };
  }
  const counts = runs.length * suites.reduce((sum, { problems }) => sum + problems.length, 0);
  if (counts > limits.counts) {
    yield { path: ["runs"], message: `expected at most ${limits.counts} counts, there are ${counts}` };
  }
  const each = suites.reduce((sum, { problems, samples }) => sum + problems.length * samples, 0);
  const completions = runs.length * each;
  if (completions > limits.completions) {
    const message = `expected at most ${limits.completions} completions, there are ${completions}`;
    yield { path: ["suites"], message };
  }
}

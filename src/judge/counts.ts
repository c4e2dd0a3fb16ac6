/**
 * The counts of a result and the scores that follow from them.
 *
 * @module
 */

import { type Claim, notChecked, proved, untrue } from "./claim.ts";
import type { Evidence, JudgedRecord, ShownScore } from "./evidence.ts";
import { said } from "./values.ts";

/** Do the completions, graded again, give the counts? */
export function countsClaim({ graderVersion }: JudgedRecord, { knowledge, regraded }: Evidence): Claim {
  const { graders, grader } = knowledge;
  if (!graders.includes(graderVersion)) {
    return untrue(
      `the grader's version ${said(graderVersion)} is none that there was: ${graders.join(", ")}`,
    );
  }
  if ("absent" in regraded) return notChecked(regraded.absent);
  const { graded, completions, difference, differences, left } = regraded.value;
  if (difference !== null && graderVersion === grader) {
    return untrue(`${differences} counts differ; the first: ${difference}`);
  }
  if (graderVersion !== grader) {
    const outcome = difference === null ? "finds the same" : `finds ${differences} counts otherwise`;
    return notChecked(`counted by grader ${graderVersion}; this one, ${grader}, ${outcome}`);
  }
  const share = completions === 0 ? 0 : graded / completions;
  const [first] = left;
  if (first) return notChecked(`${first[0]}: ${first[1]}`, share > 0 ? share : undefined);
  if (graded === completions) return proved;
  return notChecked(
    `${graded} of ${completions} completions, drawn by the record's digest, were graded again and agree`,
    share,
  );
}

/** A mean; 0 of nothing. */
function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** avg@k and pass@k of a method on each suite and over all, as they follow from the counts. */
export function scoresOf({ runs, suites }: JudgedRecord, method: string): ShownScore[] {
  const own = runs.filter((run) => run.method === method);
  const scores = suites.map(({ name, samples }): ShownScore => {
    const counts = own.flatMap((run) => run.suites[name]?.correct ?? []);
    return {
      method,
      suite: name,
      average: mean(counts.map((count) => count / samples)),
      pass: mean(counts.map((count) => count > 0 ? 1 : 0)),
    };
  });
  return [...scores, {
    method,
    suite: null,
    average: mean(scores.map(({ average }) => average)),
    pass: mean(scores.map(({ pass }) => pass)),
  }];
}

/** What sums of floating-point numbers in another order may differ by. */
const ROUNDING = 1e-9;

/** Do the scores that are shown follow from the counts? */
export function scoresClaim(record: JudgedRecord, shown: Evidence["shown"], statement: Claim): Claim {
  for (const { method, suite, average, pass } of shown ?? []) {
    const expected = scoresOf(record, method).find((score) => score.suite === suite);
    const near = expected && Math.abs(expected.average - average) < ROUNDING &&
      Math.abs(expected.pass - pass) < ROUNDING;
    if (!near || !record.runs.some((run) => run.method === method)) {
      return untrue(`${method} on ${suite ?? "all suites"}: the table shows another score`);
    }
  }
  // The manifest's scores are compared with the counts where the statement is.
  return shown || statement.state === "proved" ? proved : notChecked("no scores were compared");
}

/** What is impossible in the counts of a record, if anything. */
export function countsFault({ runs, suites }: JudgedRecord): string | undefined {
  for (const { method, seed, suites: outcomes } of runs) {
    for (const { name, problems, samples } of suites) {
      const outcome = outcomes[name],
        where = `${method}${seed === null ? "" : ` with seed ${seed}`} on ${name}`;
      if (!outcome || outcome.correct.length !== problems.length) {
        return `${where}: expected ${problems.length} counts`;
      }
      const { correct, truncated, unparsed, tokens } = outcome, all = problems.length * samples;
      if (correct.some((count) => !(count >= 0 && count <= samples))) {
        return `${where}: expected counts from 0 to ${samples}`;
      }
      const right = correct.reduce((sum, count) => sum + count, 0);
      if (right + unparsed > all) {
        return `${where}: ${right} right and ${unparsed} unreadable completions of ${all}`;
      }
      if (truncated > all) return `${where}: ${truncated} of ${all} completions cut off`;
      if (tokens < right) return `${where}: ${tokens} tokens in ${all} completions, ${right} of them right`;
    }
  }
  return undefined;
}

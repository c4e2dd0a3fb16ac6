/**
 * Claims about a result, in words.
 *
 * @module
 */

import { type Claim, type ClaimName, claimNames, claims, type Judgement } from "../../src/judge/mod.ts";
import type { Problem } from "../../src/result/mod.ts";
import { oneLine } from "./command.ts";

const marks: Readonly<Record<Claim["state"], string>> = {
  proved: "ok         ",
  "not checked": "not checked",
  false: "FAIL       ",
};

/** What was found out about a claim, in a line; what is wrong follows in lines of its own. */
function claimLine(name: ClaimName, claim: Claim): string {
  const line = `${marks[claim.state]}  ${name.padEnd(10)}  ${claims[name]}`;
  return claim.state === "not checked" ? oneLine(`${line} (${claim.reason})`) : line;
}

/** Lines for some claims, those that are false with what is wrong, and for a partial run and its suites. */
export function claimLines(
  judgement: Judgement,
  problems: readonly Problem[],
  names: readonly ClaimName[] = claimNames,
): string[] {
  const { partial, suites } = judgement;
  const notes = suites.flatMap(({ name, note }) => note === null ? [] : [oneLine(`${name}: ${note}`)]);
  return [
    ...names.flatMap((name) => [
      claimLine(name, judgement.claims[name]),
      ...problems.filter(({ check }) => check === name).map(({ file, problem }) => {
        return `             ${oneLine(`${file}: ${problem}`)}`;
      }),
    ]),
    ...(partial === null ? [] : [oneLine(`partial run: ${partial}`)]),
    ...notes,
  ];
}

/**
 * The check of the page as a whole: what belongs to no result alone.
 *
 * @module
 */

import { LEADERBOARD_SCHEMA, readFirst, sameSettings } from "../../../leaderboard/mod.ts";
import { board, figures } from "../data.ts";

/** How the project judges: a page that judges otherwise has to be told apart. */
const RULES = { confidence: 0.95, margin: 0.03, power: 0.8 } as const;

/** What is wrong with the page as a whole, or null. */
export function wholeProblem(): string | null {
  const { results, rows, pairs, settings, schema } = board, names = new Set(results.map(({ name }) => name));
  if (schema !== LEADERBOARD_SCHEMA) return `the data is of the form ${schema}`;
  if (names.size < results.length) return "two results have one name";
  const stray = [...rows, ...pairs, ...figures.passCurves].find(({ result }) => !names.has(result));
  if (stray) return `there are numbers of ${stray.result}, which is not on the page`;
  for (const [rule, value] of Object.entries(RULES)) {
    if (Reflect.get(settings, rule) !== value) {
      return `it judges with another ${rule} than the project's ${value}`;
    }
  }
  for (const [index, result] of results.entries()) {
    const before = results.slice(0, index), last = before.at(-1);
    if (last && readFirst(last, result) > 0) return `${result.name} stands in the wrong place`;
    if (result.first === before.some((other) => sameSettings(other, result))) {
      return `${result.name} is ${result.first ? "not " : ""}the first of its profile and model`;
    }
  }
  return null;
}

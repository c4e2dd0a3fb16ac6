/**
 * Do the probes of training fit the record: those that the profile asks for, all from one base model on one batch?
 *
 * @module
 */

import { type Claim, notChecked, proved, together, untrue } from "./claim.ts";
import type { Evidence, JudgedRecord } from "./evidence.ts";
import { settingOf } from "./profile_methods.ts";
import { at, difference, isNatural, member, said } from "./values.ts";

/** What an entropy may be below 0, in nats: rounding. */
const ROUNDING = 1e-4;

/** What is wrong with the layers of a row, if anything. */
function layersFault(row: unknown, wanted: unknown): string | undefined {
  const layers = member(row, "layers");
  if (!Array.isArray(layers) || layers.length === 0) return "has no layers";
  const numbers = layers.map((layer) => member(layer, "layer"));
  const expected = Array.isArray(wanted) ? wanted.toSorted((a, b) => a - b) : numbers.map((_, i) => i + 1);
  if (difference(numbers, expected) !== undefined) {
    return `has the layers ${said(numbers)}, expected ${said(expected)}`;
  }
  for (const part of [row, ...layers]) {
    const entropy = at(part, "entropy", "mean");
    if (typeof entropy !== "number" || !(entropy > -ROUNDING)) {
      return `has an entropy of ${said(entropy)} nats`;
    }
  }
  return undefined;
}

/**
 * Are the rows of a run those that the profile asks for?
 *
 * @param steps How many steps the run has.
 */
function probeClaim(
  name: string,
  rows: readonly unknown[] | undefined,
  training: unknown,
  steps: unknown,
): Claim {
  const file = `probe/${name}.jsonl`;
  if (!rows) return notChecked(`${file}: it is missing`);
  const every = at(training, "probe", "everySteps");
  if (!isNatural(every) || every === 0 || !isNatural(steps)) {
    return notChecked(`${file}: the profile does not say how many probes there are`);
  }
  const expected = Math.floor(steps / every) + 1;
  if (rows.length !== expected) return untrue(`${file}: it has ${rows.length} probes, expected ${expected}`);
  for (const [index, row] of rows.entries()) {
    const step = member(row, "step");
    if (step !== index * every) return untrue(`${file}: line ${index + 1} is about step ${said(step)}`);
    const fault = layersFault(row, at(training, "probe", "layers"));
    if (fault !== undefined) return untrue(`${file}: line ${index + 1} ${fault}`);
  }
  return proved;
}

/** Are there probes of the trained runs, all of them and no others, and do they begin with the same model? */
export function probesClaim(record: JudgedRecord, { probes }: Evidence): Claim {
  if ("absent" in probes) return notChecked(`probe: ${probes.absent}`);
  const training = record.profile["training"], asked = at(training, "probe") !== undefined;
  const trained = record.runs.filter(({ seed }) => seed !== null);
  const names = trained.map(({ method, seed }) => `${method}-${seed}`);
  const other = [...probes.value.keys()].find((name) => !asked || !names.includes(name));
  if (other !== undefined) {
    return untrue(`probe/${other}.jsonl: ${asked ? "there is no such run" : "the profile has no probe"}`);
  }
  if (!asked) return proved;
  const claim = together(trained.map(({ method, seed }) => {
    const name = `${method}-${seed}`;
    return probeClaim(name, probes.value.get(name), training, settingOf(record.profile, method, "steps"));
  }));
  if (claim.state === "false") return claim;
  const [first, ...others] = probes.value;
  for (const [name, rows] of first ? others : []) {
    const place = difference(rows[0], first?.[1][0]);
    if (place === undefined) continue;
    return untrue(`probe/${name}.jsonl: its base model is another than that of ${first?.[0]}`);
  }
  return claim;
}

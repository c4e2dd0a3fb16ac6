/**
 * The state that training saves and continues from, as a file holds it: parameters, and beside each its moments and its
 * step counter.
 *
 * @module
 */

import { firstMomentName, secondMomentName } from "../../artifact/mod.ts";
import { noTensor, type ParameterShapes, type TensorSource } from "../../model/mod.ts";
import { LOSS_SCALE, stepsName } from "./slots.ts";

/** What stands beside a parameter in a state. */
const companions = [firstMomentName, secondMomentName, stepsName] as const;

/**
 * The parameters alone of a saved state.
 *
 * @param state A state as `Learner.state` returned it.
 */
export function savedParameters(state: TensorSource): TensorSource {
  const beside = new Set([
    LOSS_SCALE,
    ...[...state.entries.keys()].flatMap((name) => companions.map((companion) => companion(name))),
  ]);
  const entries = new Map([...state.entries].filter(([name]) => !beside.has(name)));
  return { entries, read: async (name) => entries.has(name) ? await state.read(name) : noTensor(name) };
}

/**
 * Is a saved state whole? A state without its counters would go on as if no step had been taken, and nobody would know.
 *
 * @param shapes The model's parameters.
 * @throws {TypeError} If a parameter, a moment or a counter is missing or has another shape.
 */
export function checkState(state: TensorSource, shapes: ParameterShapes): void {
  const expected = new Map<string, readonly number[]>();
  for (const [name, shape] of shapes) {
    for (const named of [name, firstMomentName(name), secondMomentName(name)]) expected.set(named, shape);
    expected.set(stepsName(name), [1]);
  }
  for (const [name, shape] of expected) {
    const found = state.entries.get(name)?.shape;
    if (found?.join() === shape.join()) continue;
    throw new TypeError(
      `Cannot go on from a saved state: "${name}" ${
        found ? `has the shape [${found}]` : "is missing"
      }, expected [${shape}]`,
    );
  }
  const surplus = [...state.entries.keys()].find((name) => name !== LOSS_SCALE && !expected.has(name));
  if (surplus !== undefined) {
    throw new TypeError(`Cannot go on from a saved state: "${surplus}" is no part of one`);
  }
}

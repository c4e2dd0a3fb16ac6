/**
 * The state that training saves and continues from, as a file holds it: parameters, and beside each its moments and its
 * step counter.
 *
 * @module
 */

import { firstMomentName, secondMomentName } from "../../artifact/mod.ts";
import { noTensor, type ParameterShapes, type TensorSource } from "../../model/mod.ts";
import { LOSS_SCALE, stepsName } from "./slots.ts";

/** What the names of a critic's tensors begin with in a state. */
const CRITIC = "critic.";

/** A part of a state under names of its own. */
function renamed(state: TensorSource, to: (name: string) => string | undefined): TensorSource {
  const names = new Map([...state.entries.keys()].flatMap((name) => {
    const other = to(name);
    return other === undefined ? [] : [[other, name] as const];
  }));
  return {
    entries: new Map([...names].flatMap(([name, own]) => {
      const entry = state.entries.get(own);
      return entry ? [[name, entry]] : [];
    })),
    read: async (name) => {
      const own = names.get(name);
      return own === undefined ? noTensor(name) : await state.read(own);
    },
  };
}

/** The states of a policy and of its critic as one. */
export function joinedState(policy: TensorSource, critic: TensorSource | undefined): TensorSource {
  if (!critic) return policy;
  const other = renamed(critic, (name) => CRITIC + name);
  return {
    entries: new Map([...policy.entries, ...other.entries]),
    read: async (name) => await (other.entries.has(name) ? other : policy).read(name),
  };
}

/** The states of a policy and of its critic, from one; without a critic's tensors the second is empty. */
export function dividedState(
  state: TensorSource,
): { readonly policy: TensorSource; readonly critic: TensorSource } {
  return {
    policy: renamed(state, (name) => name.startsWith(CRITIC) ? undefined : name),
    critic: renamed(state, (name) => name.startsWith(CRITIC) ? name.slice(CRITIC.length) : undefined),
  };
}

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
  const entries = new Map(
    [...state.entries].filter(([name]) => !beside.has(name) && !name.startsWith(CRITIC)),
  );
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

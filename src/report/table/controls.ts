/**
 * Whether a table has controls: methods that must win, lose or tie, by which a reader sees that a difference would have
 * been seen.
 *
 * @module
 */

/** A method of a profile that is there to be told from another, or not to be. */
export type ControlKind = "errors in rewards" | "fewer steps" | "the same again";

/** A member of a value that may be anything. */
function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** Fields of a method that change nothing of what it does. */
const NEUTRAL: ReadonlySet<string> = new Set(["name", "row", "seeds"]);

/** Which control a method of a profile is, if it is one. */
function kindOf(method: unknown, steps: unknown): ControlKind | undefined {
  if (typeof method !== "object" || method === null) return undefined;
  const rewards = member(method, "rewards"), right = member(rewards, "right"), own = member(method, "steps");
  if (member(rewards, "shuffled") === true || typeof right === "number" && right < 1) {
    return "errors in rewards";
  }
  if (typeof own === "number" && typeof steps === "number" && own < steps) return "fewer steps";
  const same = Object.keys(method).every((field) => NEUTRAL.has(field));
  return same && Array.isArray(member(method, "seeds")) ? "the same again" : undefined;
}

/** The controls of a profile, as a result record has it; each kind once. */
export function controlsOf(profile: unknown): ControlKind[] {
  const methods = member(profile, "methods"), steps = member(member(profile, "training"), "steps");
  if (!Array.isArray(methods)) return [];
  return [...new Set(methods.flatMap((method) => kindOf(method, steps) ?? []))].sort();
}

/**
 * What a table says of its controls: what it lacks, in a line; nothing where it has each.
 *
 * @example
 * ```ts
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 * import { controlsNote } from "./controls.ts";
 *
 * assertStringIncludes(controlsNote({ methods: ["grpo"] }) ?? "", "No controls");
 * const methods = [
 *   { name: "again", row: "grpo", seeds: [7] },
 *   { name: "noisy", row: "grpo", rewards: { right: 0.7 } },
 *   { name: "half", row: "grpo", steps: 20 },
 * ];
 * assertEquals(controlsNote({ methods, training: { steps: 40 } }), undefined);
 * ```
 */
export function controlsNote(profile: unknown): string | undefined {
  const found = controlsOf(profile);
  if (found.length === 0) {
    return "No controls: no method here must win, lose or tie, so the table does not show which differences it can see.";
  }
  const all: readonly ControlKind[] = ["errors in rewards", "fewer steps", "the same again"];
  const lacking = all.filter((kind) => !found.includes(kind));
  return lacking.length > 0 ? `Controls that are missing: ${lacking.join(", ")}.` : undefined;
}

/**
 * The rewards of a profile: ready parts and modules of one's own, with weights.
 *
 * @module
 */

import { z } from "zod";
import { type OwnModule, ownModuleSchema } from "../module/mod.ts";
import { partFields, type PartName, partNames, type PartSettings } from "./parts.ts";

/** What all rewards have. */
interface Weighted {
  /** What metrics call it; default the part, or the module's file without folder and ending. */
  readonly name?: string | undefined;
  /** What it is multiplied by before the rewards are added; default 1. */
  readonly weight?: number | undefined;
}

/** A ready part with its settings. */
export type PartReward = { [K in PartName]: Weighted & { readonly part: K } & PartSettings[K] }[PartName];

/** A module of one's own. */
export interface ModuleReward extends Weighted {
  /** The module. */
  readonly module: OwnModule;
}

/** A reward. */
export type RewardItem = PartReward | ModuleReward;

/** What a profile says of rewards: one, or several that are added. */
export type ProfileReward = PartName | RewardItem | readonly (PartName | RewardItem)[];

/** A reward with all that it stands for. */
export type NamedReward = RewardItem & { readonly name: string; readonly weight: number };

/** A reward as an object with name and weight. */
function named(item: PartName | RewardItem): NamedReward {
  const one: RewardItem = typeof item === "string" ? { part: item } : item;
  const file = "module" in one ? one.module.file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "") : one.part;
  return { ...one, name: one.name ?? file, weight: one.weight ?? 1 };
}

/** The rewards that are added. */
export function rewardList(reward: ProfileReward): NamedReward[] {
  const items: readonly (PartName | RewardItem)[] = Array.isArray(reward) ? reward : [reward];
  return items.map(named);
}

const common = {
  name: z.string().min(1).max(40).regex(/^[\w.-]+$/).optional().describe(
    "What metrics call it; absent: the part, or the module's file",
  ),
  weight: z.number().min(-1e6).max(1e6).optional().describe("What it is multiplied by; absent: 1"),
};

const item = z.union([
  z.enum(partNames),
  z.discriminatedUnion(
    "part",
    partNames.map((part) =>
      z.strictObject({ part: z.literal(part), ...partFields[part], ...common })
    ) as unknown as [z.ZodObject<{ part: z.ZodLiteral<PartName> }>],
  ),
  z.strictObject({ module: ownModuleSchema, ...common }),
], {
  error: ({ input, code, ...issue }) => {
    const errors = "errors" in issue
      ? issue.errors as readonly (readonly { path: PropertyKey[]; message: string }[])[]
      : [];
    const which = typeof input !== "object" || input === null ? 0 : "module" in input ? 2 : 1;
    const [fault] = code === "invalid_union" && which > 0 ? errors[which] ?? [] : [];
    return fault
      ? `${fault.path.join(".")}${fault.path.length > 0 ? ": " : ""}${fault.message}`
      : `expected a reward: one of ${
        partNames.join(", ")
      }, the path of a module, or an object with a part or a module`;
  },
});

/** The rewards of a profile. */
export const rewardSchema: z.ZodType<ProfileReward> = z.union([
  item,
  z.array(item).min(1).max(16),
], {
  error: ({ input, ...issue }) => {
    const errors = "errors" in issue
      ? issue.errors as readonly (readonly { path: PropertyKey[]; message: string }[])[]
      : [];
    const [fault] = errors[Array.isArray(input) ? 1 : 0] ?? [];
    return fault && `${fault.path.join(".")}${fault.path.length > 0 ? ": " : ""}${fault.message}`;
  },
}).refine(
  (reward) => {
    const names = rewardList(reward as ProfileReward).map(({ name }) => name);
    return new Set(names).size === names.length;
  },
  "expected each reward under a name of its own",
) as z.ZodType<unknown> as z.ZodType<ProfileReward>;

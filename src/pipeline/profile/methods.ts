/**
 * The methods of a profile: rows by name, or rows under another name with fields, seeds or a length of their own.
 *
 * @module
 */

import { z } from "zod";
import { type ProfileReward, rewardList, rewardSchema } from "../../reward/mod.ts";
import {
  dependsOn,
  isMethodName,
  losses,
  type LossName,
  type LossSettings,
  type Method,
  type MethodChanges,
  methodFault,
  methodFields,
  type MethodName,
  methods,
} from "../../rl/mod.ts";

/** A row under another name. */
export interface MethodEntry extends MethodChanges {
  /** The name in tables and files. */
  readonly name: string;
  /** The row that it starts from; default GRPO's, with an estimator of one's own. */
  readonly row?: MethodName | undefined;
  /** Rewards in place of the profile's. */
  readonly reward?: ProfileReward | undefined;
  /** Training seeds in place of the profile's. */
  readonly seeds?: readonly number[] | undefined;
  /** Training steps in place of the profile's. */
  readonly steps?: number | undefined;
  /** k in place of the profile's. */
  readonly internalLayer?: number | undefined;
  /** s_inter in place of the profile's. */
  readonly internalSteps?: number | undefined;
  /** The learning rate in place of the profile's. */
  readonly learningRate?: number | undefined;
}

/** A method as a profile names it. */
export type ProfileMethod = MethodName | MethodEntry;

const names = Object.keys(methods) as [MethodName, ...MethodName[]];

/** The schema of a row's name. */
export const rowName: z.ZodType<MethodName> = z.enum(names);

/** What the untrained model is called in tables. */
const TAKEN = "base";

/** The files that are rows. */
const ROW_FILE = /\.(?:json|ts|mts|js|mjs)$/;

/** The schema of a method in a profile. */
export const profileMethodSchema: z.ZodType<ProfileMethod> = z.union([
  z.enum(names),
  z.strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9_.-]*$/).max(40).refine(
      (name) => !isMethodName(name) && name !== TAKEN,
      "expected a name that no row has",
    ),
    row: z.union([
      rowName,
      z.string().regex(ROW_FILE).refine(() => false, "expected a row that was read"),
    ], { error: () => `expected one of ${names.join(", ")}` }).optional().describe(
      "The row that it starts from, or the path of a row of one's own; absent: GRPO's, with an estimator",
    ) as z.ZodType<unknown> as z.ZodOptional<z.ZodType<MethodName>>,
    reward: rewardSchema.optional().describe("Rewards, in place of the profile's"),
    seeds: z.array(z.int().nonnegative()).min(1).optional().describe(
      "Training seeds, in place of the profile's",
    ),
    steps: z.int().positive().optional().describe("Training steps, in place of the profile's"),
    internalLayer: z.int().positive().optional().describe("k, in place of the profile's"),
    internalSteps: z.int().positive().optional().describe("s_inter, in place of the profile's"),
    learningRate: z.number().positive().max(1).optional().describe("In place of the profile's"),
    ...methodFields,
  }).refine(({ row, estimator }) => row !== undefined || estimator !== undefined, {
    path: ["row"],
    message: "expected the row that it starts from, or an estimator",
  }),
  // Aborting, as the union would else take what does not look like a path for a path that is none.
  z.string().regex(ROW_FILE, { abort: true }).refine((): boolean => false, "expected a row that was read")
    .describe(
      "The path of a row of one's own: its fields as JSON, or a module with an estimator",
    ) as z.ZodType<unknown> as z.ZodType<ProfileMethod>,
], {
  error: (issue) => {
    const { input } = issue;
    if (typeof input === "object" && input !== null && issue.code === "invalid_union") {
      const [fault] = issue.errors[1] ?? [];
      return fault && `${fault.path.join(".")}: ${fault.message}`;
    }
    return `expected a method, one of ${
      names.join(", ")
    }, the path of a row, or an object with a name and a row`;
  },
});

/** A method of a profile with all that it stands for. */
export interface ProfileRow {
  /** The name in tables and files. */
  readonly name: string;
  /** The row. */
  readonly method: Method;
  /** The loss: the row's, or else the profile's. */
  readonly loss: LossSettings;
  /** Training seeds. */
  readonly seeds: readonly number[];
  /** Training steps. */
  readonly steps: number;
  /** k, where it is not the profile's. */
  readonly internalLayer: number | undefined;
  /** s_inter. */
  readonly internalSteps: number;
  /** The learning rate after warm-up. */
  readonly learningRate: number;
  /** Rewards; none where they are the verifier's alone. */
  readonly reward: ProfileReward | undefined;
}

/** The parts of a profile that methods depend on. */
export interface MethodsProfile {
  /** The methods. */
  readonly methods: readonly ProfileMethod[];
  /** The loss of methods without one of their own. */
  readonly loss: LossName;
  /** The rewards of methods without rewards of their own. */
  readonly reward?: ProfileReward | undefined;
  /** Training seeds. */
  readonly seeds: readonly number[];
  /** How methods train. */
  readonly training: {
    readonly steps: number;
    readonly groupSize: number;
    readonly internalSteps: number;
    readonly learningRate: number;
  };
}

/** The name of a method in a profile. */
export function methodNameOf(item: ProfileMethod): string {
  return typeof item === "string" ? item : item.name;
}

/** A method of a profile. */
function rowOf(
  item: ProfileMethod,
  { loss, reward, seeds, training }: Omit<MethodsProfile, "methods">,
): ProfileRow {
  const entry: MethodEntry = typeof item === "string" ? { name: item, row: item } : item;
  const { name, row = "grpo", seeds: own, steps, reward: earned, ...others } = entry;
  const { internalLayer, internalSteps, learningRate, ...changes } = others;
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const method: Method = { ...methods[row], ...Object.fromEntries(given) };
  return {
    name,
    method: name === entry.row ? method : { ...method, label: name },
    loss: method.loss ?? losses[loss],
    seeds: own ?? seeds,
    steps: steps ?? training.steps,
    internalLayer,
    internalSteps: internalSteps ?? training.internalSteps,
    learningRate: learningRate ?? training.learningRate,
    reward: earned ?? reward,
  };
}

/** The methods of a profile. */
export function methodRows({ methods: items, ...profile }: MethodsProfile): ProfileRow[] {
  return items.map((item) => rowOf(item, profile));
}

/**
 * A method of a profile.
 *
 * @throws {RangeError} If the profile has none of that name: with those that it has.
 */
export function methodRow(profile: MethodsProfile, name: string): ProfileRow {
  const row = methodRows(profile).find((each) => each.name === name);
  if (row) return row;
  const known = profile.methods.map(methodNameOf);
  throw new RangeError(`Cannot use the method "${name}": the profile has ${known.join(" and ")}`);
}

/** A training run of a profile. */
export interface ProfileRun {
  /** The method's name. */
  readonly method: string;
  /** The seed. */
  readonly seed: number;
}

/** The training runs of a profile: the methods with their first seeds, then with their second ones. */
export function profileRuns(profile: MethodsProfile): ProfileRun[] {
  const rows = methodRows(profile), most = Math.max(...rows.map(({ seeds }) => seeds.length));
  return Array.from({ length: most }, (_, i) => i).flatMap((i) =>
    rows.flatMap(({ name, seeds }) => {
      const seed = seeds[i];
      return seed === undefined ? [] : [{ method: name, seed }];
    })
  );
}

/** Why rewards of one's own do not go with what a method does to rewards; nothing where they do. */
function rewardFault({ reward, method: { rewards, trainsOn } }: ProfileRow): string | undefined {
  if (reward === undefined) return undefined;
  if (rewards?.right !== undefined && rewards.right < 1) {
    return "expected no errors in rewards of one's own: they turn 0 into 1, and 1 into 0";
  }
  const overlong = rewardList(reward).some((each) => "part" in each && each.part === "overlong");
  if (trainsOn === "rewarded" && overlong) {
    return "expected no overlong penalty where only what is rewarded counts";
  }
  return undefined;
}

/** What is wrong with a method of a profile: where, and what; nothing where all is well. */
export function methodFaults(
  profile: MethodsProfile,
): { readonly path: (string | number)[]; readonly message: string }[] {
  return methodRows(profile).flatMap((row, i) => {
    const { name, method, seeds, steps, internalSteps } = row, earned = rewardFault(row);
    const fault = methodFault(method, profile.training.groupSize), item = profile.methods[i];
    const twice = new Set(seeds).size < seeds.length, own = typeof item === "object" ? item : undefined;
    const idle = (["internalLayer", "internalSteps"] as const).filter((field) =>
      own?.[field] !== undefined && !dependsOn(method.phases, field)
    );
    return [
      ...idle.map((field) => ({
        path: ["methods", i, field],
        message: `${name}: expected none, because ${own?.row} does not depend on it`,
      })),
      ...(own?.internalSteps !== undefined && internalSteps > steps
        ? [{
          path: ["methods", i, "internalSteps"],
          message: `${name}: expected at most its steps, ${steps}, found ${internalSteps}`,
        }]
        : []),
      ...(fault ? [{ path: ["methods", i, fault.field], message: `${name}: ${fault.message}` }] : []),
      ...(earned === undefined ? [] : [{ path: ["methods", i, "rewards"], message: `${name}: ${earned}` }]),
      ...(twice ? [{ path: ["methods", i, "seeds"], message: "expected each seed once" }] : []),
    ];
  });
}

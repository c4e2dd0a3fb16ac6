/**
 * A plan as text for a terminal: one screen.
 *
 * @module
 */

import {
  adviceOf,
  changesOf,
  EFFICIENCY,
  type ExperimentWork,
  formatMemory,
  MEAN_RESPONSE_SHARE,
  type Plan,
  type PlannedModel,
  proposedChanges,
  purposes,
  REFILLED_SHARE,
  type Stage,
  type Work,
  workSeconds,
} from "../../src/pipeline/mod.ts";
import { methodLabel } from "../../src/rl/mod.ts";
import { formatBytes } from "./hub_flags.ts";

/** A count in the unit that suits it: `4.02 G`. */
export function formatCount(value: number): string {
  const units = ["", "k", "M", "G", "T", "P", "E", "Z"];
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toPrecision(3)} ${units[power]}`.trimEnd();
}

/** Seconds in words that suit them: hours up to two days, then days, then years. */
export function formatLong(seconds: number): string {
  const hours = seconds / 3600;
  if (hours < 1) return `${Math.max(1, Math.round(seconds / 60))} min`;
  if (hours < 48) return `${hours.toFixed(1)} h`;
  const days = hours / 24;
  return days < 730 ? `${Math.round(days)} days` : `${formatCount(Math.round(days / 365.25))} years`;
}

/** A line with a name in front. */
function line(name: string, text: string): string {
  return `${name.padEnd(12)} ${text}`;
}

function verdict(plan: Plan): string {
  const { total, host = 0, machine: { memory, available, device = false, host: hosts } } = plan;
  const needs = `needs ${formatMemory(total)}`, place = device ? "the device" : "the machine";
  if (plan.fits === "no" && memory !== undefined && total <= memory && hosts !== undefined) {
    return `DOES NOT FIT: beside the device it needs ${formatMemory(host)}, the host has ${
      formatMemory(hosts)
    }`;
  }
  if (memory === undefined) return `${needs}; the memory of ${place} cannot be read: name it with --memory`;
  if (plan.fits === "no") return `DOES NOT FIT: ${needs}, ${place} has ${formatMemory(memory)}`;
  if (plan.fits === "tight") {
    return `fits only if other programs end: ${needs}, ${formatMemory(available ?? 0)} of ${
      formatMemory(memory)
    } are free`;
  }
  return `fits: ${needs} of ${formatMemory(memory)}`;
}

function advice(plan: Plan): string {
  const { proposal, settings, fits, machine: { memory } } = plan;
  if (memory === undefined) return "";
  if (!proposal) return adviceOf(plan);
  const changes = changesOf(plan);
  if (fits === "no") return `change to ${changes.join(", ")}`;
  return proposal.microBatchTokens > settings.microBatchTokens
    ? `training.microBatchTokens may grow to ${proposal.microBatchTokens}`
    : "nothing has to change";
}

/** The smallest card that runs a profile, and the settings that it takes. */
export function cardText({ own, smallestCard }: Pick<Plan, "own" | "smallestCard">): string {
  if (!smallestCard) return "none that is sold runs it with its own lengths";
  const changes = proposedChanges({ ...own, workers: 1 }, smallestCard.proposal);
  return `${smallestCard.card} GB${changes.length > 0 ? ` with ${changes.join(", ")}` : ", as it is"}`;
}

/**
 * What to set for a card, in front of the plan.
 *
 * @param set The fields, as `field: value`.
 * @param written The file that the profile was written to.
 */
export function cardPlanText(
  { fits, profile }: Plan,
  card: number,
  set: readonly string[],
  written: string | undefined,
): string {
  if (fits === "no") return line("card", `${card} GB is not enough for ${profile}`);
  const apply = written === undefined
    ? "--write FILE makes a profile of it"
    : `written: --profile ${written}`;
  return line("card", `${card} GB: ${set.length > 0 ? `set ${set.join(", ")}` : "nothing to set"}; ${apply}`);
}

const stageWords: Readonly<Record<Stage, string>> = {
  rollout: "rollout",
  scoring: "scoring",
  training: "training",
  optimizer: "optimizer",
  evaluation: "evaluation",
};

/** All operations of a work. */
function operations({ operations }: Work): number {
  return purposes.reduce((sum, purpose) => sum + operations[purpose], 0);
}

/** How many runs there are, and how long one takes. */
function runLines({ work: { methods }, runs, machine, settings }: Plan): string[] {
  const ordered = Object.entries(methods).toSorted(([, a], [, b]) => operations(a) - operations(b));
  const [shortest, longest] = [ordered[0], ordered.at(-1)], { speed } = machine;
  const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? "" : "s"}`;
  const told = ([method, work]: readonly [string, Work]): string =>
    `${
      speed === undefined ? `${formatCount(operations(work))}FLOP` : formatLong(workSeconds(work, speed))
    } (${methodLabel(method)})`;
  const each = !shortest || !longest || shortest === longest
    ? longest ? [told(longest)] : []
    : [`${told(shortest)} to ${told(longest)}`];
  return [
    line(
      "runs",
      `${count(ordered.length, "method")}, ${count(runs, "training run")} and ${
        count(runs + 1, "evaluation")
      }, ${settings.workers} at a time; a run takes ${each.join("")}`,
    ),
  ];
}

function workLine({ step, internalStep, training, evaluation }: ExperimentWork): string[] {
  return [
    line(
      "a step",
      `${formatCount(step.tokens)} tokens (at most ${formatCount(step.maxTokens)}), ${
        formatCount(operations(step))
      }FLOP: prompts ${formatCount(step.operations.prompts)}, rollout ${
        formatCount(step.operations.rollout)
      }, scoring ${formatCount(step.operations.scoring)}, training ${
        formatCount(step.operations.training)
      }; in phase 1 training takes ${formatCount(internalStep.operations.training)}`,
    ),
    line(
      "in all",
      `training ${formatCount(training.tokens)} tokens (at most ${formatCount(training.maxTokens)}), ${
        formatCount(operations(training))
      }FLOP${
        training.operations.inspection > 0
          ? ` with ${formatCount(training.operations.inspection)} for internal policies`
          : ""
      }; evaluation ${formatCount(evaluation.tokens)} tokens, ${formatCount(operations(evaluation))}FLOP`,
    ),
  ];
}

/** The plan as lines. */
export function planText(plan: Plan, model: PlannedModel): string {
  const { memory, settings, halfPrecision: half, machine, seconds, storage } = plan;
  const source = model.downloaded ? model.path : `${model.path}, as it is not downloaded`;
  const highest = Math.max(...Object.values(memory.stages));
  const stages = (Object.keys(stageWords) as Stage[]).map((stage) => {
    const bytes = memory.stages[stage], bar = "#".repeat(Math.max(1, Math.round(20 * bytes / highest)));
    return line("", `  ${stageWords[stage].padEnd(11)}${formatMemory(bytes).padStart(11)}  ${bar}`);
  });
  const speed = machine.speed === undefined ? [] : [line(
    "time",
    `${seconds ? formatLong(seconds.training) : "?"} of training, ${
      seconds ? formatLong(seconds.evaluation) : "?"
    } of evaluation at ${formatCount(machine.speed)}FLOP/s ${
      machine.named ? "(named)" : "(measured)"
    }, of which training reaches ${100 * EFFICIENCY.training} % and decoding ${100 * EFFICIENCY.decoding} %`,
  )];
  return [
    line(plan.profile, verdict(plan)),
    line("advice", advice(plan)),
    "",
    line(
      "model",
      `${formatCount(plan.parameters.full)} parameters, ${
        formatCount(plan.parameters.internal)
      } in phase 1 (${source})`,
    ),
    line(
      "a worker",
      `weights ${formatMemory(memory.weights)}${
        memory.halves > 0 ? ` and in 16 bits ${formatMemory(memory.halves)}` : ""
      }, gradients ${formatMemory(memory.gradients)}, moments ${formatMemory(memory.moments)}, KV cache ${
        formatMemory(memory.cache)
      }${memory.reference > 0 ? `, reference model ${formatMemory(memory.reference)}` : ""}${
        memory.critic > 0 ? `, critic ${formatMemory(memory.critic)}` : ""
      }${memory.arranged > 0 ? `, arranged for decoding ${formatMemory(memory.arranged)}` : ""}, program ${
        formatMemory(memory.program + memory.host)
      }`,
    ),
    line(
      "",
      `and while a graph runs: training ${formatMemory(memory.intermediates.training)} (phase 1 ${
        formatMemory(memory.internalTraining)
      }), scoring ${formatMemory(memory.intermediates.scoring)}, optimizer ${
        formatMemory(memory.intermediates.optimizer)
      }; logits among it ${formatMemory(memory.logits)}`,
    ),
    line("peaks", "of a worker"),
    ...stages,
    line(
      machine.device ? "device" : "process",
      `${formatMemory(plan.total)} with ${settings.workers} at a time`,
    ),
    ...(plan.host === undefined ? [] : [line("host", `${formatMemory(plan.host)} beside the device`)]),
    line("smallest", `card: ${cardText(plan)}`),
    ...(half === undefined
      ? []
      : [line("16 bits", `${formatMemory(half)} with "precision": "float16" or "bfloat16"`)]),
    "",
    ...workLine(plan.work),
    ...runLines(plan),
    ...speed,
    line(
      "disk",
      `${formatBytes(storage.total)}: states of training ${formatBytes(storage.states)}, artifacts ${
        formatBytes(storage.artifacts)
      }; download ${formatBytes(storage.download)}`,
    ),
    line(
      "assumed",
      `responses of ${100 * MEAN_RESPONSE_SHARE} % of the longest; no response without an advantage${
        plan.refilled ? `; ${100 * REFILLED_SHARE} % of groups sampled anew where a method does so` : ""
      }`,
    ),
  ].join("\n");
}

/**
 * How a result was made: its settings, and what it cost.
 *
 * @module
 */

import type { LeaderboardResult } from "../../../leaderboard/mod.ts";
import type { JsonValue } from "../../../../result/mod.ts";
import { counted } from "../../shared/mod.ts";
import { figures, labelOf, recordOf } from "../data.ts";
import { type Child, el } from "../dom.ts";
import { notCovered } from "./section.ts";

/** The settings that a reader asks for first, and what they are called; the others follow under their own names. */
const known: Readonly<Record<string, string>> = {
  methods: "Methods",
  seeds: "Training seeds",
  "evaluation.samples": "Samples a problem, k",
  temperature: "Temperature",
  maxResponseTokens: "Most tokens of a response",
  maxPromptTokens: "Most tokens of a prompt",
  template: "Prompt template",
  loss: "Loss",
  "training.steps": "Training steps",
  "training.learningRate": "Learning rate",
  "training.promptsPerStep": "Prompts a step",
  "training.groupSize": "Responses a prompt",
  "training.updatesPerStep": "Updates a step",
  "training.internalLayer": "Layer of the internal policy (BuPO)",
  "training.internalSteps": "Steps on the internal policy (BuPO)",
  "training.suites": "Trained on",
  "evaluation.checkpoint": "Checkpoint that is evaluated",
};

/** A value as JSON without the texts of modules, of which their digests are enough. */
function brief(value: JsonValue): string {
  return JSON.stringify(value, (name, member) => name === "source" ? undefined : member);
}

/** All settings of a profile by path; lists stay whole. */
function flattened(value: JsonValue, path = ""): [string, string][] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  if (Array.isArray(value)) {
    return [[
      path,
      value.map((one) => typeof one === "object" ? brief(one) : one).join(", "),
    ]];
  }
  return Object.entries(value).filter(([name]) => name !== "source").flatMap(([name, member]) =>
    flattened(member, path === "" ? name : `${path}.${name}`)
  );
}

/** How long, as people say it. */
function duration(from: string, to: string): string {
  const minutes = Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
  return minutes < 120 ? counted(minutes, "minute") : `${(minutes / 60).toFixed(1)} hours`;
}

function list(entries: readonly (readonly [string, Child])[]): HTMLElement {
  return el("dl", {}, entries.map(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
}

/** Settings and cost of a result, from the signed record and, for training, from its logs. */
export async function settingsOf({ name, started, date }: LeaderboardResult): Promise<Child> {
  const record = await recordOf(name);
  if (!record) return "The browser cannot unpack the record.";
  const all = new Map(flattened(record.profile));
  const first = Object.entries(known).flatMap(([path, title]): [string, string][] => {
    const value = all.get(path);
    return value === undefined ? [] : [[title, value]];
  });
  const rest = [...all].filter(([path]) => !Object.hasOwn(known, path) && path !== "description");
  const outcomes = record.runs.flatMap(({ suites }) => Object.values(suites));
  const completions = record.runs.length *
    record.suites.reduce((sum, { problems, samples }) => sum + problems.length * samples, 0);
  const cost: [string, Child][] = [
    [
      "Evaluation",
      `${counted(completions, "completion")}, ${
        counted(outcomes.reduce((sum, { tokens }) => sum + tokens, 0), "token")
      }`,
    ],
    ...(figures.training[name] ?? []).map(({ method, runs, steps, tokens }): [string, Child] => [
      `Training ${labelOf(method, name)}`,
      [
        `${counted(runs, "run")}, ${counted(steps, "step")}${
          tokens === null ? "" : `, ${counted(tokens, "token")}`
        } `,
        notCovered(),
      ],
    ]),
    ["Whole run", `${duration(started, date)}, all methods and the evaluation together, as the signer wrote`],
  ];
  return [
    el("h3", {}, "Cost"),
    list(cost),
    el("h3", {}, "Settings"),
    list([...first, ...rest]),
  ];
}

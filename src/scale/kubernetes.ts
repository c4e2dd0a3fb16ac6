/**
 * Manifests of Indexed Jobs for Kubernetes: the same tasks as Slurm's arrays, to be read and applied by whoever has a
 * cluster. Nothing is sent.
 *
 * Source: the Kubernetes documentation, "Indexed Job for Parallel Processing" and "Jobs" (backoff limit per index, pod
 * failure policy).
 *
 * @module
 */

import { stringify } from "yaml";
import type { PlannedArrays } from "./planned.ts";
import type { SubmittedTask, TaskKind } from "./submission.ts";
import { chosenCommand, type SharedWords, taskWords } from "./words.ts";

/** Where and with what the tasks run. */
export interface KubernetesSettings {
  /** The profile's name, for the jobs' names. */
  readonly profile: string;
  /** An image with Deno and this project. */
  readonly image: string;
  /** The claim of the volume that holds the store. */
  readonly claim: string;
  /** Where the volume lies in the containers. */
  readonly mount: string;
  /** The folder that the tasks run in. */
  readonly directory: string;
  /** The namespace; none: that of whoever applies it. */
  readonly namespace?: string | undefined;
  /** Cores of a task. */
  readonly threads: number;
  /** Memory of a task in MiB; none where it is not known. */
  readonly memory?: number | undefined;
  /** GPUs of a task; none on the CPU. */
  readonly gpus: number;
  /** Tasks at a time; none: as many as there are. */
  readonly parallelism?: number | undefined;
  /** Command lines as they are within the image. */
  readonly words: SharedWords;
}

/** Seconds between the signal that asks a task to save and its end. */
const GRACE = 60;

/** How often a task that fails is started again; nodes that die do not count. */
const RETRIES = 2;

/** The variable that holds a task's number. */
const INDEX = "JOB_COMPLETION_INDEX";

/** A name as Kubernetes takes it: at most 63 letters, digits and hyphens. Pods append their index to it. */
function objectName(profile: string, what: string): string {
  const plain = profile.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  return `bupo-${plain.slice(0, 40).replace(/-+$/, "")}-${what}`;
}

function container(
  settings: KubernetesSettings,
  kind: TaskKind,
  tasks: readonly SubmittedTask[],
): Readonly<Record<string, unknown>> {
  const { image, directory, mount, threads, memory, gpus, words } = settings;
  const { common, ofRun } = taskWords(words, kind);
  const script = [
    "set -eu",
    ...chosenCommand(INDEX, common, tasks.map(({ run }) => ofRun(run ?? undefined))),
  ];
  return {
    name: kind,
    image,
    workingDir: directory,
    command: ["/bin/sh", "-c", script.join("\n") + "\n"],
    env: [{ name: "NO_COLOR", value: "1" }],
    resources: {
      requests: { cpu: String(threads), ...(memory === undefined ? {} : { memory: `${memory}Mi` }) },
      ...(gpus > 0 ? { limits: { "nvidia.com/gpu": String(gpus) } } : {}),
    },
    volumeMounts: [{ name: "store", mountPath: mount }],
  };
}

/** A Job whose pods run the steps of a task one after the other: all but the last are what Kubernetes calls init containers. */
function indexedJob(
  settings: KubernetesSettings,
  what: string,
  steps: readonly (readonly [kind: TaskKind, tasks: readonly SubmittedTask[]])[],
): Readonly<Record<string, unknown>> {
  const { namespace, parallelism, claim, profile } = settings, count = steps[0]?.[1].length ?? 0;
  const containers = steps.map(([kind, tasks]) => container(settings, kind, tasks));
  const before = containers.slice(0, -1);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: objectName(profile, what), ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      completionMode: "Indexed",
      completions: count,
      parallelism: Math.min(count, parallelism ?? count),
      backoffLimitPerIndex: RETRIES,
      // The first pod has ended before another writes the same records.
      podReplacementPolicy: "Failed",
      podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }] },
      template: {
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: GRACE,
          ...(before.length > 0 ? { initContainers: before } : {}),
          containers: containers.slice(-1),
          volumes: [{ name: "store", persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
}

/** The manifests of what is planned, as one YAML stream; empty where nothing is. */
export function kubernetesManifests(planned: PlannedArrays, settings: KubernetesSettings): string {
  const trained = planned.train.map(({ train }) => train),
    after = planned.train.map(({ evaluate }) => evaluate);
  const jobs = [
    ...(trained.length > 0 ? [indexedJob(settings, "train", [["train", trained], ["evaluate", after]])] : []),
    ...(planned.evaluate.length > 0
      ? [indexedJob(settings, "evaluate", [["evaluate", planned.evaluate]])]
      : []),
  ];
  return jobs.map((job) => `---\n${stringify(job, { lineWidth: 0 })}`).join("");
}

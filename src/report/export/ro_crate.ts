/**
 * A result as a Workflow Run RO-Crate: what ran, on what, and what came out.
 *
 * Source: RO-Crate 1.1 and the profiles Process Run Crate and Workflow Run Crate 0.5 (w3id.org/ro/wfrun).
 *
 * @module
 */

import type { ExportedResult } from "./exported.ts";

/** A reference inside the crate. */
function to(id: string): { readonly "@id": string } {
  return { "@id": id };
}

const profiles = {
  "https://w3id.org/ro/wfrun/process/0.5": ["Process Run Crate", "0.5"],
  "https://w3id.org/ro/wfrun/workflow/0.5": ["Workflow Run Crate", "0.5"],
  "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ["Workflow RO-Crate", "1.0"],
} as const;

const mediaTypes: readonly (readonly [RegExp, string])[] = [
  [/\.json$/, "application/json"],
  [/\.jsonl$/, "application/jsonl"],
  [/\.gz$/, "application/gzip"],
];

/** What the crate holds besides the signed files. */
export interface CrateFiles {
  /** The workflow: {@linkcode reproduceScript}. */
  readonly workflow: string;
  /** The resolved profile. */
  readonly profile: string;
  /** The files with the signatures. */
  readonly signatures: readonly string[];
}

/**
 * The workflow of a crate: a script that makes the result again, from signed facts only. The profile that it names is the
 * crate's own: a variant's, or a file of somebody's own, is none that a clone knows by its name.
 *
 * @param profile The name of that file, beside the script.
 */
export function reproduceScript({ result: { commit } }: ExportedResult, profile: string): string {
  return [
    "#!/bin/sh",
    "# Makes this result again. Run it in a clone of BuPO Bench.",
    "set -eu",
    'here=$(cd "$(dirname "$0")" && pwd)',
    ...(commit !== null && /^[0-9a-f]{40,64}$/.test(commit) ? [`git checkout ${commit}`] : []),
    `deno task reproduce --profile "$here/${profile}"`,
    "",
  ].join("\n");
}

/** The content of `ro-crate-metadata.json`; the named files lie beside it. */
export function roCrate(
  { result, files }: ExportedResult,
  crate: CrateFiles,
): Record<string, unknown> {
  const { workflow, profile, signatures } = crate;
  const here = files.filter(({ name }) => !/^(artifacts|checkpoints)\//.test(name));
  const file = (name: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
    "@id": encodeURI(name),
    "@type": "File",
    name,
    encodingFormat: mediaTypes.find(([pattern]) => pattern.test(name))?.[1] ?? "application/octet-stream",
    ...more,
  });
  const outputs = here.map(({ name, digest }) => file(name, { sha256: digest.sha256 }));
  const inputs = [
    { "@id": "#base-model", name: result.model.name, sha256: result.model.digest },
    ...result.suites.map(({ name, digest }) => ({
      "@id": `#suite-${encodeURIComponent(name)}`,
      name,
      sha256: digest,
    })),
  ].map((entity) => ({ ...entity, "@type": "CreativeWork" }));
  const parameter = (id: string, name: string, example: string): Record<string, unknown> => ({
    "@id": id,
    "@type": "FormalParameter",
    additionalType: "File",
    conformsTo: to("https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"),
    name,
    workExample: to(example),
  });
  return {
    "@context": ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"],
    "@graph": [
      {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        about: to("./"),
        conformsTo: [
          to("https://w3id.org/ro/crate/1.1"),
          to("https://w3id.org/workflowhub/workflow-ro-crate/1.0"),
        ],
      },
      {
        "@id": "./",
        "@type": "Dataset",
        name: `BuPO Bench result ${result.name}`,
        description: result.headline,
        datePublished: result.date,
        license: to("https://spdx.org/licenses/MIT"),
        conformsTo: Object.keys(profiles).map(to),
        hasPart: [workflow, profile, ...here.map(({ name }) => name), ...signatures].map((name) =>
          to(encodeURI(name))
        ),
        mainEntity: to(workflow),
        mentions: to("#run"),
      },
      ...Object.entries(profiles).map(([id, [name, version]]) => ({
        "@id": id,
        "@type": "CreativeWork",
        name,
        version,
      })),
      file(workflow, {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        name: "BuPO Bench: train, evaluate, sign",
        encodingFormat: "application/x-sh",
        programmingLanguage: to("#shell"),
        version: result.commit ?? "unknown",
        input: [to("#parameter-profile")],
        output: [to("#parameter-results")],
      }),
      { "@id": "#shell", "@type": "ComputerLanguage", name: "POSIX shell" },
      parameter("#parameter-profile", "profile", profile),
      parameter("#parameter-results", "results", "results.json"),
      {
        "@id": "#run",
        "@type": "CreateAction",
        name: `Run of the profile ${result.profile.name}`,
        instrument: to(workflow),
        object: [to(profile), ...inputs.map((entity) => to(entity["@id"]))],
        result: outputs.map((entity) => to(String(entity["@id"]))),
        startTime: result.started,
        endTime: result.date,
        actionStatus: "http://schema.org/CompletedActionStatus",
      },
      file(profile, { exampleOfWork: to("#parameter-profile") }),
      ...outputs.map((entity) =>
        entity.name === "results.json" ? { ...entity, exampleOfWork: to("#parameter-results") } : entity
      ),
      ...signatures.map((name) => file(name)),
      ...inputs,
    ],
  };
}

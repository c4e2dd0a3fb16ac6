/**
 * Forgeries that got through once, as changes of an honest result, and what must be said of each.
 *
 * @module
 */

import type { ClaimName } from "../../../src/judge/mod.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { copyRun, dropRun, isOf, keepProblems, renameSuite } from "./edits.ts";
import type { Forging } from "./forger.ts";
import { digestOf, type Line, type Loose, type Parts } from "./honest.ts";

/** What a forgery must be called: a claim is false or not checked, or the run is partial. */
export type Expected =
  | { readonly claim: ClaimName; readonly says: string }
  | { readonly unchecked: ClaimName; readonly says: string }
  | { readonly partial: string };

/** A forgery. */
export interface Forgery {
  /** What was done. */
  readonly name: string;
  /** Changes the parts. */
  readonly work: (parts: Parts) => void;
  /** How it is signed. */
  readonly forging?: Forging;
  readonly expected: Expected;
  /** Does it show only when the completions are graded again? */
  readonly graded?: boolean;
}

const grpo1 = { method: "grpo", seed: 1 },
  grpo2 = { method: "grpo", seed: 2 },
  grpo3 = { method: "grpo", seed: 3 };

/** Names the suites of the profile otherwise. */
function sources(parts: Parts, ...names: string[]): void {
  parts.record.profile.evaluation.suites = names;
}

const at = (date: string): Forging => ({ facts: { metadata: { startedOn: date, finishedOn: date } } });

/** The forgeries, by the number of the attack. */
export const forgeries: readonly Forgery[] = [
  {
    name: "F1: problems dropped, the suite's digest kept",
    work: (parts) => {
      for (const suite of ["mini-aime", "mini-math"]) {
        keepProblems(parts, suite, (_, place) => place % 4 !== 0);
      }
    },
    expected: { claim: "problems", says: "mini-aime: it has 9 problems, expected 12" },
  },
  {
    name: "F1: problems dropped, and the profile asks for as many",
    work: (parts) => {
      for (const suite of ["mini-aime", "mini-math"]) {
        keepProblems(parts, suite, (_, place) => place % 4 !== 0);
      }
      parts.record.profile.evaluation.problems = 9;
    },
    expected: { claim: "problems", says: "the suite has others" },
  },
  {
    name: "F1: the same under the name of an older grader",
    work: (parts) => {
      for (const suite of ["mini-aime", "mini-math"]) {
        keepProblems(parts, suite, (_, place) => place % 4 !== 0);
      }
      parts.record.profile.evaluation.problems = 9;
      parts.record.graderVersion = "1.0.0";
    },
    expected: { unchecked: "problems", says: "another version made them, or they are invented" },
  },
  {
    name: "F1: problems exchanged, the suite's digest kept",
    work: ({ record, lines }) => {
      const [suite] = record.suites, [id] = suite.problems;
      suite.problems[0] = "0123456789abcdef";
      for (const line of lines) if (line.problem === id) line.problem = suite.problems[0];
    },
    expected: { claim: "problems", says: "the digest is that of other problems" },
  },
  {
    name: "F1: the same problems in another order",
    work: ({ record, lines }) => {
      const [{ name, problems }] = record.suites;
      problems.reverse();
      for (const run of record.runs) run.suites[name].correct.reverse();
      for (let i = 0; i < lines.length; i += problems.length) {
        if (lines[i]?.suite === name) {
          lines.splice(i, problems.length, ...lines.slice(i, i + problems.length).reverse());
        }
      }
    },
    expected: { claim: "problems", says: "problem 1 is" },
  },
  {
    name: "F2: a file of one's own under the names of known suites",
    work: (parts) => {
      sources(parts, "results/x/easy.jsonl", "results/x/hard.jsonl");
      renameSuite(parts, "mini-aime", "math-500");
      renameSuite(parts, "mini-math", "aime-2024");
    },
    expected: { claim: "problems", says: "math-500: the profile does not name it" },
  },
  ...["math-500.jsonl", "data/MATH_500.json", "Mini Math.parquet", "C:\\x\\aime.2024.jsonl"].map((
    file,
  ): Forgery => ({
    name: `F2: a file of one's own called ${file}`,
    work: (parts) => {
      sources(parts, file, "mini-math");
      renameSuite(parts, "mini-aime", file.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, ""));
    },
    expected: { claim: "problems", says: "must not be called as" },
  })),
  {
    name: "F3: math-500 with few problems",
    work: (parts) => {
      sources(parts, "math-500", "mini-math");
      delete parts.record.profile.evaluation.problems;
      renameSuite(parts, "mini-aime", "math-500");
    },
    expected: { claim: "problems", says: "math-500: it has 12 problems, expected 500" },
  },
  {
    name: "F3: fewer samples a problem than the profile asks for",
    work: ({ record }) => record.profile.evaluation.samples = 16,
    expected: { claim: "problems", says: "it has 4 samples a problem, expected 16" },
  },
  {
    name: "F4: a digest of nothing",
    work: ({ record }) => record.suites[0].digest = "0".repeat(64),
    expected: { claim: "problems", says: "its digest is 0000" },
  },
  {
    name: "F4: the year 2099",
    work: () => {},
    forging: at("2099-01-01T00:00:00Z"),
    expected: { claim: "provenance", says: "2099-01-01T00:00:00Z, which is still to come" },
  },
  ...["9999-99-99T99:99:99Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z"].map((date): Forgery => ({
    name: `F4: the date ${date}`,
    work: () => {},
    forging: at(date),
    expected: { claim: "provenance", says: "which is no time" },
  })),
  {
    name: "F6: one run as seeds 1, 2 and 3",
    work: (parts) => {
      copyRun(parts, grpo1, grpo2);
      copyRun(parts, grpo1, grpo3);
    },
    expected: { claim: "seeds", says: "grpo with seed 1 and grpo with seed 2: they have one checkpoint" },
  },
  {
    name: "F6: one run as two seeds, with a checkpoint of its own",
    work: (parts) => copyRun(parts, grpo1, grpo2, () => digestOf("another")),
    expected: { claim: "samples", says: "96 of 96 completions are the same" },
  },
  {
    name: "F6: one run as two seeds, some completions changed",
    work: (parts) => {
      copyRun(parts, grpo1, grpo2, () => digestOf("another"));
      const own = parts.lines.filter((line) => isOf(line, grpo2));
      for (const line of own.slice(0, 4)) line.responses[0] = `so ${line.responses[0]}`;
    },
    expected: { claim: "samples", says: "92 of 96 completions are the same" },
  },
  {
    name: "F6: one method's run as the other's",
    work: (parts) => {
      copyRun(parts, grpo1, { method: "bupo", seed: 1 }, () => digestOf("another"));
      for (const [index, step] of (parts.logs["bupo-1"] ?? []).entries()) {
        step.policy = index < 1 ? 2 : "full";
      }
    },
    expected: { claim: "samples", says: "grpo with seed 1 and bupo with seed 1" },
  },
  {
    name: "F7: a seed that the profile does not name",
    work: (parts) => {
      copyRun(parts, grpo1, { method: "grpo", seed: 4 }, () => digestOf("another"));
      for (const line of parts.lines) {
        if (line.seed === 4) line.responses = line.responses.map((text) => `four ${text}`);
      }
    },
    expected: { claim: "seeds", says: "grpo with seed 4: the profile does not name it" },
  },
  {
    name: "F7: a trained run without seed and checkpoint",
    work: (parts) => {
      copyRun(parts, { method: "bupo", seed: 1 }, { method: "bupo", seed: null }, () => null);
      for (const line of parts.lines) {
        if (line.method === "bupo" && line.seed === undefined) {
          line.responses = line.responses.map((text) => `null ${text}`);
        }
      }
    },
    expected: { claim: "seeds", says: "bupo: it has no seed" },
  },
  {
    name: "F8: a seed left out",
    work: (parts) => dropRun(parts, { method: "bupo", seed: 2 }),
    expected: { partial: 'it lacks "bupo" with seed 2' },
  },
  {
    name: "F8: a seed left out, and the profile names no methods",
    work: (parts) => {
      dropRun(parts, { method: "bupo", seed: 2 });
      delete parts.record.profile.methods;
    },
    expected: { partial: "does not say with which methods and seeds" },
  },
  {
    name: "F8: a seed left out, and the profile's seeds are a text",
    work: (parts) => {
      dropRun(parts, { method: "bupo", seed: 2 });
      parts.record.profile.seeds = "1, 3";
    },
    expected: { partial: "does not say with which methods and seeds" },
  },
  {
    name: "F8: the base model left out",
    work: (parts) => dropRun(parts, { method: "base", seed: null }),
    expected: { partial: "it lacks the base model" },
  },
  {
    name: "F8: a run of the first problems alone",
    work: ({ record }) => record.profile.evaluation.limit = 12,
    expected: { partial: "--limit 12" },
  },
  {
    name: "F10: a predicate that contradicts results.json",
    work: () => {},
    forging: { statements: ({ result }) => result.predicate.results[1].scores["mini-aime"].correct++ },
    expected: {
      claim: "statement",
      says: 'results[1].scores["mini-aime"].correct is not what results.json says',
    },
  },
  {
    name: "F10: another type of predicate",
    work: () => {},
    forging: { statements: ({ result }) => result.predicateType = "https://example.org/x" },
    expected: { claim: "schema", says: "predicateType" },
  },
  {
    name: "F10: the manifest in place of the provenance",
    work: () => {},
    forging: {
      signed: (files) => {
        for (const ending of ["intoto.json", "sigstore.json"]) {
          files.set(`provenance.${ending}`, files.get(`manifest.${ending}`) ?? new Uint8Array());
        }
      },
    },
    expected: { claim: "schema", says: "provenance.intoto.json: Cannot read the statement: predicateType" },
  },
  ...["tlogEntries", "hint"].map((what): Forgery => ({
    name: `F10: a bundle with another ${what}`,
    work: () => {},
    forging: {
      signed: (files) => {
        const bundle = JSON.parse(new TextDecoder().decode(files.get("manifest.sigstore.json")));
        if (what === "hint") bundle.verificationMaterial.publicKey.hint = "AAAA";
        else bundle.verificationMaterial.tlogEntries.push({ logIndex: "1" });
        files.set("manifest.sigstore.json", new TextEncoder().encode(writeDocument(bundle)));
      },
    },
    expected: { claim: "signature", says: "it does not hold the envelope of manifest.intoto.json" },
  })),
  ...["../x", "a:b", "a\nb", "a\u001b[31m"].map((method): Forgery => ({
    name: `F10: a method named ${JSON.stringify(method)}`,
    work: (parts) => {
      for (const run of parts.record.runs) if (run.method === "grpo") run.method = method;
      for (const line of parts.lines) if (line.method === "grpo") line.method = method;
      parts.record.profile.methods = [method, "bupo"];
      for (const seed of [1, 2, 3]) {
        delete parts.logs[`grpo-${seed}`];
        delete parts.probes[`grpo-${seed}`];
      }
    },
    expected: { claim: "schema", says: "expected a relative path without . or .." },
  })),
  {
    name: "F11: a grader that there never was",
    work: ({ record }) => record.graderVersion = "9.9.9",
    expected: { claim: "counts", says: 'the grader\'s version "9.9.9" is none that there was' },
  },
  {
    name: "F11: trained runs without a checkpoint",
    work: ({ record }) => {
      for (const run of record.runs) run.checkpoint = null;
    },
    expected: { partial: 'it lacks the checkpoint of "grpo" with seed 1' },
  },
  {
    name: "F11: the base model's counts set to 0, its samples removed",
    work: (parts) => {
      for (const outcome of Object.values<Loose>(parts.record.runs[0].suites)) outcome.correct.fill(0);
      parts.lines = parts.lines.filter(({ method }) => method !== "base");
    },
    expected: { claim: "samples", says: 'is about ["grpo",1,' },
  },
  {
    name: "F11: the base model's counts set to 0",
    work: ({ record }) => {
      for (const outcome of Object.values<Loose>(record.runs[0].suites)) outcome.correct.fill(0);
    },
    expected: { claim: "counts", says: "counts differ; the first: base" },
    graded: true,
  },
  {
    name: "F11: an overlap that says nothing",
    work: (parts) => parts.overlap = { clean: true },
    expected: { claim: "byproducts", says: "overlap.json: training is not about 2 suites" },
  },
  {
    name: "F11: an overlap of problems that are not there",
    work: ({ overlap }) => overlap.training[0].exact.push({ problem: "x", training: "y", share: 1 }),
    expected: { claim: "byproducts", says: "no problem of mini-aime" },
  },
  {
    name: "F11: artifacts that are none",
    work: (parts) => parts.artifacts = [],
    expected: { claim: "byproducts", says: "artifacts.json: it is no list of files by name" },
  },
  {
    name: "F11: other artifacts",
    work: ({ artifacts }) => artifacts["training_model.onnx"].sha256 = digestOf("other"),
    expected: { claim: "byproducts", says: "artifacts.json: training_model.onnx is" },
  },
  {
    name: "F11: invented metrics, a step too few",
    work: ({ logs }) => logs["grpo-1"]?.pop(),
    expected: { claim: "byproducts", says: "metrics/grpo-1.jsonl: it has 1 steps, expected 2" },
  },
  {
    name: "F11: invented metrics of another policy",
    work: ({ logs }) => Object.assign(logs["bupo-2"]?.[0], { policy: "full" }),
    expected: { claim: "byproducts", says: 'step 1 trained the policy "full", expected 2' },
  },
  {
    name: "F11: invented metrics of another learning rate",
    work: ({ logs }) => Object.assign(logs["bupo-2"]?.[1], { learningRate: 1 }),
    expected: { claim: "byproducts", says: "step 2 has the learning rate 1" },
  },
  {
    name: "F11: one training log as two",
    work: ({ logs }) => logs["grpo-2"] = structuredClone(logs["grpo-1"] ?? []),
    expected: { claim: "byproducts", says: "metrics/grpo-2.jsonl: it is the log of grpo-1 too" },
  },
  {
    name: "F11: the log of a run that is not there",
    work: ({ logs }) => logs["grpo-9"] = [],
    expected: { claim: "byproducts", says: "metrics/grpo-9.jsonl: there is no such run" },
  },
  {
    name: "F11: a probe too few",
    work: ({ probes }) => probes["grpo-1"]?.pop(),
    expected: { claim: "byproducts", says: "probe/grpo-1.jsonl: it has 2 probes, expected 3" },
  },
  {
    name: "F11: a probe of another step",
    work: ({ probes }) => Object.assign(probes["grpo-1"]?.[1], { step: 2 }),
    expected: { claim: "byproducts", says: "probe/grpo-1.jsonl: line 2 is about step 2" },
  },
  {
    name: "F11: a probe of one layer less",
    work: ({ probes, record }) => {
      record.profile.training.probe.layers = [1, 2];
      probes["bupo-2"]?.[2].layers.pop();
    },
    expected: { claim: "byproducts", says: "line 3 has the layers [1], expected [1,2]" },
  },
  {
    name: "F11: an entropy that is none",
    work: ({ probes }) => Object.assign(probes["bupo-2"]?.[2].layers[1].entropy, { mean: -1 }),
    expected: { claim: "byproducts", says: "line 3 has an entropy of -1 nats" },
  },
  {
    name: "F11: probes that begin with another base model",
    work: ({ probes }) => Object.assign(probes["bupo-2"]?.[0].entropy, { mean: 1.5 }),
    expected: {
      claim: "byproducts",
      says: "probe/bupo-2.jsonl: its base model is another than that of bupo-1",
    },
  },
  {
    name: "F11: the probes of a run that is not there",
    work: ({ probes }) => probes["grpo-9"] = [],
    expected: { claim: "byproducts", says: "probe/grpo-9.jsonl: there is no such run" },
  },
  {
    name: "F11: probes that the profile does not ask for",
    work: ({ record }) => delete record.profile.training.probe,
    expected: { claim: "byproducts", says: "probe/bupo-1.jsonl: the profile has no probe" },
  },
  {
    name: "F11: no tokens at all",
    work: ({ record }) => {
      for (const { suites } of record.runs) {
        for (const outcome of Object.values<Loose>(suites)) outcome.tokens = 0;
      }
    },
    expected: { claim: "counts", says: "0 tokens in 48 completions" },
  },
  {
    name: "F11: more unreadable completions than there can be",
    work: ({ record }) => record.runs[1].suites["mini-aime"].unparsed = 48,
    expected: { claim: "counts", says: "48 unreadable completions of 48" },
  },
  {
    name: "F12: no completions",
    work: (parts) => parts.lines = [],
    expected: { claim: "samples", says: 'ends before ["base",null,' },
  },
  {
    name: "F12: completions added",
    work: ({ lines }) => lines.push({ ...lines[0], method: "grpo", seed: 1 } as Line),
    expected: { claim: "samples", says: "is one more than results.json has problems" },
  },
  {
    name: "F12: a completion too few",
    work: ({ lines }) => lines[5]?.responses.pop(),
    expected: { claim: "samples", says: "has 3 completions, expected 4" },
  },
  {
    name: "F12: the completions of two methods swapped",
    work: ({ lines }) => {
      const of = (method: string): Line[] =>
        lines.filter((line) => line.method === method && line.seed === 1);
      const [a, b] = [of("grpo"), of("bupo")];
      for (const [index, line] of a.entries()) {
        const other = b[index] as Line;
        [line.responses, other.responses] = [other.responses, line.responses];
      }
    },
    expected: { claim: "counts", says: "counts differ" },
    graded: true,
  },
];

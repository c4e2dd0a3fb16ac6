import { assert, assertEquals } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  BENCHMARK_RESULT_TYPE,
  benchmarkResultJsonSchema,
  PROVENANCE_TYPE,
} from "../../../src/result/mod.ts";
import { readPayload, sampleRecord, withSigned } from "../fixture.ts";

const SCHEMA = new URL("../../../docs/benchmark-result.schema.json", import.meta.url);

Deno.test("the published JSON Schema of the predicate is current", async () => {
  const expected = JSON.stringify(benchmarkResultJsonSchema(), null, 2) + "\n";
  // To write it anew: deno eval 'import { benchmarkResultJsonSchema as s } from "./src/result/mod.ts";
  // Deno.writeTextFileSync("docs/benchmark-result.schema.json", JSON.stringify(s(), null, 2) + "\n")'
  assertEquals(await Deno.readTextFile(SCHEMA), expected);
});

Deno.test("what is signed fits the published JSON Schema, and a change of its shape does not", async () => {
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(await Deno.readTextFile(SCHEMA)));
  const fits = (value: unknown): boolean => validate(value);
  await withSigned(async (directory) => {
    const { predicate } = await readPayload(directory);
    assert(fits(predicate), JSON.stringify(validate.errors));
    for (const change of [{ graderVersion: 1 }, { results: [] }, { extra: 1 }, { base: {} }]) {
      assertEquals(fits({ ...predicate, ...change }), false, JSON.stringify(change));
    }
  });
});

Deno.test("the result statement says what the record's counts add up to", async () => {
  await withSigned(async (directory) => {
    const { predicateType, predicate } = await readPayload(directory);
    assertEquals(predicateType, BENCHMARK_RESULT_TYPE);
    const { method, seed, checkpoint, scores } = predicate.results[1];
    assertEquals([method, seed, checkpoint], ["grpo", 1, sampleRecord().runs[1]?.checkpoint]);
    // 1 + 4 + 3 correct of 3 problems with 4 samples each.
    assertEquals(scores["mini-aime"], {
      correct: 8,
      samples: 12,
      accuracy: 8 / 12,
      truncated: 1,
      unparsed: 1,
      tokens: 340,
    });
    assertEquals(predicate.suites[1], {
      name: "mini-math",
      digest: "d".repeat(64),
      problems: 2,
      samples: 2,
    });
  });
});

Deno.test("the provenance statement has SLSA's parts", async () => {
  await withSigned(async (directory) => {
    const { predicateType, subject, predicate } = await readPayload(directory, "provenance");
    assertEquals(predicateType, PROVENANCE_TYPE);
    const { buildDefinition, runDetails } = predicate;
    assertEquals(buildDefinition.buildType, "https://jsr.io/@bupo/bench/build/reproduce/v1");
    assertEquals(buildDefinition.externalParameters, { profile: sampleRecord().profile });
    assertEquals(buildDefinition.internalParameters.environment.provider, "cpu");
    const names = buildDefinition.resolvedDependencies.map(({ name }: { name: string }) => name);
    assertEquals(names, ["source", "base-model", "suite/mini-aime", "suite/mini-math"]);
    assertEquals(buildDefinition.resolvedDependencies[0].annotations, { dirty: "unknown" });
    assertEquals(runDetails.builder, { id: "https://jsr.io/@bupo/bench/builder/local/v1" });
    assertEquals(runDetails.metadata.startedOn, "2026-01-01T00:00:00Z");
    assertEquals(runDetails.byproducts, [
      subject.find(({ name }: { name: string }) => name === "metrics/grpo-1.jsonl"),
    ]);
  });
});

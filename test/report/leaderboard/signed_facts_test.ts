import { assertEquals } from "@std/assert";
import { modelOf, signedFacts } from "../../../src/report/mod.ts";
import { BUILD_TYPE, BUILDER_ID, type Provenance } from "../../../src/result/mod.ts";
import { embeddedRecord } from "../../publish/published_fixture.ts";
import { facts } from "../../result/fixture.ts";

Deno.test("modelOf() names every model: a folder, a repository with its revision, or its digest", async () => {
  const record = await embeddedRecord();
  const named = (model: typeof record.profile[string] | undefined): readonly [string, string | null] => {
    const { model: _, ...profile } = record.profile;
    const { name, revision } = modelOf({
      ...record,
      profile: model === undefined ? profile : { ...profile, model },
    });
    return [name, revision];
  };
  assertEquals(named("benchmarks/model"), ["benchmarks/model", null]);
  assertEquals(named({ repository: "Qwen/Qwen3-4B", revision: "1cfa9a7" }), ["Qwen/Qwen3-4B", "1cfa9a7"]);
  assertEquals(named({ repository: "Qwen/Qwen3-4B" }), ["Qwen/Qwen3-4B", null]);
  for (const nameless of [undefined, "", 7, { folder: "x" }, null]) {
    assertEquals(named(nameless), [`model ${record.base.digest.slice(0, 12)}`, null]);
  }
});

/** A provenance with what the machine determined. */
async function provenanceOf(internal: object): Promise<Provenance> {
  const { profile } = await embeddedRecord();
  return {
    buildDefinition: {
      buildType: BUILD_TYPE,
      externalParameters: { profile },
      internalParameters: { environment: facts.environment, ...internal },
      resolvedDependencies: [],
    },
    runDetails: { builder: { id: BUILDER_ID }, metadata: facts.metadata, byproducts: [] },
  };
}

Deno.test("signedFacts() tells every environment with the records that it made", async () => {
  const record = await embeddedRecord(), digest = "1".repeat(64);
  assertEquals(signedFacts(record, digest, await provenanceOf({})).executed, []);
  const environment = {
    ...{ provider: "cpu", kernels: "avx avx2", onnxruntime: "1.30.0", deno: "2.9.6" },
    ...{ os: "linux 6", arch: "x86_64", cpu: "A" },
  };
  const executed = { commit: "c".repeat(40), dirty: false, records: ["train grpo-1"] };
  const made = await provenanceOf({ makers: [{ sources: digest, ...executed, ...environment }] });
  assertEquals(signedFacts(record, digest, made).executed, [{ ...executed, environment }]);
});

Deno.test("signedFacts() tells when it was signed only where the provenance says so", async () => {
  const record = await embeddedRecord();
  const of = async (internal: object): Promise<readonly [string | null, string | null, string, string]> => {
    const made = await provenanceOf(internal);
    const { signed, afterEdit, started, date } = signedFacts(record, "1".repeat(64), made);
    return [signed, afterEdit, started, date];
  };
  const { startedOn, finishedOn } = facts.metadata;
  assertEquals(await of({}), [null, null, startedOn, finishedOn]);
  const signing = {
    signedOn: "2026-11-29T14:48:00Z",
    afterEdit: { why: "a typo in the profile", files: ["results.json"] },
  };
  assertEquals(await of({ signing }), [signing.signedOn, signing.afterEdit.why, startedOn, finishedOn]);
});

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

Deno.test("signedFacts() tells when it was signed only where the provenance says so", async () => {
  const record = await embeddedRecord();
  const of = (internal: object): readonly [string | null, string | null, string, string] => {
    const provenance = {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { profile: record.profile },
        internalParameters: { environment: facts.environment, ...internal },
        resolvedDependencies: [],
      },
      runDetails: { builder: { id: BUILDER_ID }, metadata: facts.metadata, byproducts: [] },
    } satisfies Provenance;
    const { signed, afterEdit, started, date } = signedFacts(record, "1".repeat(64), provenance);
    return [signed, afterEdit, started, date];
  };
  const { startedOn, finishedOn } = facts.metadata;
  assertEquals(of({}), [null, null, startedOn, finishedOn]);
  const signing = {
    signedOn: "2026-11-29T14:48:00Z",
    afterEdit: { why: "a typo in the profile", files: ["results.json"] },
  };
  assertEquals(of({ signing }), [signing.signedOn, signing.afterEdit.why, startedOn, finishedOn]);
});

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { attest, runMetadata, verify } from "../../../src/result/mod.ts";
import { writeDocument } from "../../../src/result/record/schema.ts";
import { facts, forge, keysOf, readPayload, withSigned } from "../fixture.ts";

const backwards = { startedOn: "2026-01-31T12:00:00Z", finishedOn: "2026-01-01T12:00:00Z" };
const says =
  'finishedOn: expected no time before startedOn, 2026-01-31T12:00:00Z, found "2026-01-01T12:00:00Z"';

Deno.test("runMetadata() refuses a run that ended before it started, and says what to do", () => {
  const early = new Date("2026-01-01T12:00:00Z"), late = new Date("2026-01-31T12:00:00Z");
  assertThrows(
    () => runMetadata(late, early),
    RangeError,
    "it finished on 2026-01-01T12:00:00Z, expected no time before its start on 2026-01-31T12:00:00Z; the clock was set back: run the same command again",
  );
  // A statement has whole seconds, and a command may take less than one.
  const second = new Date("2026-01-31T12:00:00.900Z");
  assertEquals(runMetadata(second, late), {
    startedOn: backwards.startedOn,
    finishedOn: backwards.startedOn,
  });
  assertEquals(runMetadata(late, early, "1700000000").startedOn, "2023-11-14T22:13:20Z");
});

Deno.test("attest() refuses a run that ended before it started, and touches nothing", async () => {
  await withSigned(async (directory, key) => {
    await attest(directory, { ...facts, key, detached: true });
    await assertRejects(
      () => attest(directory, { ...facts, metadata: backwards, key }),
      TypeError,
      `Cannot sign ${directory}: ${says}`,
    );
    const { ok, files } = await verify(directory, keysOf(key));
    assertEquals([ok, files.includes("results.json.minisig")], [true, true]);
    const same = { startedOn: backwards.startedOn, finishedOn: backwards.startedOn };
    await attest(directory, { ...facts, metadata: same, key });
    assertEquals((await verify(directory, keysOf(key))).problems, []);
  });
});

Deno.test("verify() refuses a signed statement whose run ended before it started", async () => {
  await withSigned(async (directory, key) => {
    const statement = await readPayload(directory, "provenance");
    statement.predicate.runDetails.metadata = backwards;
    await forge(directory, key, writeDocument(statement), "provenance");
    const { ok, problems, judgement: { claims } } = await verify(directory, keysOf(key));
    assertEquals([ok, claims.signature.state, claims.schema.state], [false, "proved", "false"]);
    assertEquals(problems, [{
      check: "schema",
      file: "provenance.intoto.json",
      problem: `Cannot read the statement: predicate.runDetails.metadata.${says}`,
    }]);
  });
});

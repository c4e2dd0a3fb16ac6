/** Records of unlike machines never stand in for one another, unless somebody says so: then the result says it too. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Engine, engineOf } from "../../src/pipeline/mod.ts";
import type { RunMaker } from "../../src/result/mod.ts";
import { openRuntime } from "../../src/runtime/mod.ts";
import { readRecord, Store } from "../../src/store.ts";
import { streamOf } from "../../src/byte_source.ts";
import { finish, Lab, type Outcome, tiny } from "./lab.ts";

/** The instructions of a machine that is not this one. */
const OTHER = "neon i8mm";

interface Executed {
  readonly engine: Engine;
  readonly machine: { readonly cpu: string };
}

/** Makes the records of a store those of another machine, as if it had computed them. */
async function moveElsewhere(lab: Lab, store: string, kinds: readonly string[]): Promise<void> {
  const elsewhere = (executed: Executed): Executed => ({
    ...executed,
    engine: { ...executed.engine, kernels: OTHER },
    machine: { ...executed.machine, cpu: "another processor" },
  });
  for (const kind of kinds) {
    for (const path of await lab.records(store, kind)) {
      const record = await readRecord(path);
      assert(typeof record !== "string");
      const key = record.key as { engine: Engine },
        value = record.value as { executed: Executed | Executed[] };
      const { executed } = value;
      await new Store(lab.path(store)).put(
        kind,
        { ...key, engine: { ...key.engine, kernels: OTHER } },
        { ...value, executed: Array.isArray(executed) ? executed.map(elsewhere) : elsewhere(executed) },
        Object.fromEntries([...record.attachments].map(([name, source]) => [name, streamOf(source)])),
      );
      await Deno.remove(path);
    }
  }
}

Deno.test("records of other kernels are computed anew, or taken where --accept-kernels says so", async (t) => {
  await using lab = await Lab.open();
  const evaluation = { suites: ["mini-math"], problems: 2, samples: 1 };
  const training = { ...tiny.training, suites: ["mini-math"], steps: 2 };
  const profile = await lab.profile({ ...tiny, methods: ["grpo"], training, evaluation });
  const run = async (out: string, ...flags: string[]): Promise<Outcome> => {
    const outcome = await finish(await lab.reproduce(profile, "store", out, ...flags));
    assertEquals(outcome.code, 0, outcome.stderr);
    return outcome;
  };
  const provenance = async (out: string): Promise<{ cpu: string; makers: RunMaker[] }> => {
    const { buildDefinition: { internalParameters } } = (await lab.statement(out, "provenance"))
      .predicate as {
        buildDefinition: { internalParameters: { environment: { cpu: string }; makers: RunMaker[] } };
      };
    return { cpu: internalParameters.environment.cpu, makers: internalParameters.makers };
  };
  await run("here");
  const here = await provenance("here"), own = engineOf(openRuntime({ provider: "cpu", threads: 1 }));
  assertEquals(here.makers.map(({ kernels, cpu, os }) => [kernels, cpu, os]), [
    [own.kernels, here.cpu, `${Deno.build.os} ${Deno.osRelease()}`],
  ]);
  await moveElsewhere(lab, "store", ["training", "evaluation"]);

  await t.step("named kernels must be in the store", async () => {
    const { code, stderr } = await finish(
      await lab.reproduce(profile, "store", "none", "--accept-kernels", "sse9"),
    );
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot accept records made with "sse9"`);
    assertStringIncludes(stderr, `those of "${OTHER}"`);
  });

  await t.step("an evaluation names the kernels that its training was made with", async () => {
    const policy = ["--method", "grpo", "--seed", "1", "--store", lab.path("store")];
    const { code, stderr } = await lab.run("evaluate", "--profile", profile, ...policy);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot use what was trained with the kernels "${OTHER}"`);
    assertStringIncludes(stderr, `say --accept-kernels "${OTHER}"`);
  });

  await t.step(
    "accepted, the result names the machines that computed and not the one that signs",
    async () => {
      const { stdout, stderr } = await run("taken", "--accept-kernels", OTHER);
      assertStringIncludes(stderr, "already trained");
      assertStringIncludes(stdout, "Taken over, as --accept-kernels said: evaluate base on mini-math, ");
      const taken = await provenance("taken");
      assertEquals(taken.cpu, "another processor");
      assertEquals(taken.makers.map(({ kernels, cpu }) => [kernels, cpu]), [[OTHER, "another processor"]]);
      assertEquals(await lab.digests("taken"), await lab.digests("here"));
    },
  );

  await t.step("without it they are computed anew", async () => {
    const { stderr } = await run("anew");
    assert(!/already (trained|evaluated)/.test(stderr), stderr);
    // Whether the tree differs from its commit may change while tests run.
    const facts = ({ makers }: { readonly makers: readonly RunMaker[] }): unknown[] =>
      makers.map(({ kernels, cpu, records }) => [kernels, cpu, records]);
    assertEquals(facts(await provenance("anew")), facts(here));
  });

  await t.step("a result of two machines lists both, with what each made", async () => {
    for (const path of await lab.records("store", "evaluation")) {
      const record = await readRecord(path);
      assert(typeof record !== "string");
      if ((record.key as { engine: Engine }).engine.kernels === own.kernels) await Deno.remove(path);
    }
    await run("mixed", "--accept-kernels", "any");
    const { cpu, makers } = await provenance("mixed");
    assertEquals(cpu.split("; ").toSorted(), [here.cpu, "another processor"].toSorted());
    const records = new Map(makers.map(({ kernels, records }) => [kernels, records.toSorted()]));
    assertEquals(records.get(own.kernels), ["train grpo-1"]);
    assertEquals(records.get(OTHER)?.length, 2);
    const { stdout, code } = await lab.run("compare", lab.path("results/here"), lab.path("results/mixed"));
    assertEquals(code, 0);
    assertStringIncludes(stdout, `environment.instructions`);
    assertStringIncludes(stdout, OTHER);
  });
});

import { assert, assertEquals, assertRejects } from "@std/assert";
import { listFiles } from "../../../src/result/statement/subjects.ts";
import { engineNames, OtherModelError } from "../../../src/server/mod.ts";
import { Store } from "../../../src/store.ts";
import {
  checkProfile,
  evaluate,
  type Experiment,
  findFiles,
  openExperiment,
  type Profile,
  recordedProfile,
  type ServerProfile,
  sourceTree,
  type StageContext,
  StoppedError,
} from "../../../src/pipeline/mod.ts";
import { parseProfile } from "../../../src/pipeline/mod.ts";
import { otherWeights, StandIn, type StandInOptions } from "../../server/stand_in.ts";

const smoke = parseProfile(await Deno.readTextFile("benchmarks/profiles/smoke.json"), "smoke");
/** So cold that only the most likely token is drawn. */
const greedy: Profile = {
  ...smoke,
  temperature: 1e-4,
  maxResponseTokens: 40,
  evaluation: { ...smoke.evaluation, suites: ["mini-math", "mini-aime"], problems: 3, samples: 1 },
};
const never = { snapshot: () => Promise.reject(new Error("no network")) };
const files = await findFiles(greedy, ".", never), sources = await sourceTree(".");
const experiment = await openExperiment({ profile: greedy, root: ".", provider: "cpu", files, sources });
const total = 6;

function standIn(options: Partial<StandInOptions> = {}): StandIn {
  const { model, artifacts } = experiment, { maxPromptTokens, maxResponseTokens } = greedy;
  return new StandIn({ engine: "vllm", model, artifacts, maxPromptTokens, maxResponseTokens, ...options });
}

/** What a stage works with; what it was told is gathered. */
function contextOf(
  folder: string,
  server: ServerProfile | undefined,
  options: Partial<StageContext> = {},
): StageContext & { readonly notices: string[] } {
  const evaluation = { ...greedy.evaluation, server: server && { checkPrompts: 2, ...server } };
  const notices: string[] = [];
  const served: Experiment = { ...experiment, profile: checkProfile({ ...greedy, evaluation }, "test") };
  return {
    experiment: served,
    store: new Store(folder),
    provider: "cpu",
    onProgress: () => {},
    onNotice: (text) => notices.push(text),
    notices,
    ...options,
  };
}

async function withStore(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("greedy counts and texts of each dialect are our own engine's, under a key of their own", async () => {
  await withStore(async (folder) => {
    const own = await evaluate(contextOf(folder, undefined), undefined);
    for (const engine of engineNames) {
      await using server = standIn({ engine });
      const context = contextOf(folder, { url: server.url, concurrency: 3, kvCacheDtype: "float32", engine });
      const served = await evaluate(context, undefined);
      for (const [suite, record] of Object.entries(served)) {
        const { served: facts, executed: _, ...counts } = record,
          { executed: __, ...ours } = own[suite] ?? record;
        assertEquals(counts, ours);
        assertEquals([facts?.claim, facts?.engine, facts?.concurrency], ["statistical", engine, 3]);
        assertEquals([facts?.model, facts?.kvCacheDtype], [experiment.model.digest, "float32"]);
        assert((facts?.check.largest ?? 1) < 1e-3 && facts?.withoutLogprobs === 0);
      }
      assert(server.mostAtOnce > 1 && server.mostAtOnce <= 3, `${server.mostAtOnce} at once`);
      // One request a response, each with a seed of its own; before and after each suite fixed prompts.
      const evaluated = server.received.filter(({ body }) => body.temperature === greedy.temperature);
      assert(new Set(evaluated.map(({ body }) => body.seed)).size >= total);
      assertEquals(context.notices.filter((text) => text.startsWith(`is answered by ${engine}`)).length, 1);
      // Without a server it is found.
      const { received } = server, asked = received.length;
      assertEquals(
        await evaluate(
          contextOf(folder, { url: "http://127.0.0.1:1", kvCacheDtype: "float32", engine }),
          undefined,
        ),
        served,
      );
      assertEquals(received.length, asked);
    }
    const again = contextOf(folder, undefined, {
      onProgress: (_, __, note) => assertEquals(note, "already evaluated"),
    });
    assertEquals(await evaluate(again, undefined), own);
  });
});

Deno.test("an evaluation that was stopped asks for the missing responses only, and loses none to faults", async () => {
  await withStore(async (folder) => {
    await using server = standIn();
    // Fixed prompts are drawn twice at this temperature.
    const checks = 2 * 2, faults = ["cut", "429", "500", "garbage"] as const;
    server.options = { ...server.options, fault: (n) => n < checks ? undefined : faults[(n - checks) % 5] };
    const settings: ServerProfile = { url: server.url, concurrency: 1 };
    let done = 0;
    const first = contextOf(folder, settings, {
      onProgress: () => done++,
      stopped: () => done >= 2,
    });
    await assertRejects(() => evaluate(first, undefined), StoppedError, "of 3 of mini-math");
    assert(first.notices.some((text) => text.startsWith("waits for the server: ")));
    const before = server.received.length;
    server.options = { ...server.options, fault: () => undefined };
    const second = contextOf(folder, settings), records = await evaluate(second, undefined);
    assert(
      second.notices.some((text) => /^goes on from [23] of 3 responses$/.test(text)),
      second.notices.join(),
    );
    const seeds = ({ received }: StandIn, from: number): number[] =>
      received.slice(from).filter(({ body }) => body.max_tokens === 40).map(({ body }) => body.seed);
    const asked = seeds(server, before);
    assert(asked.length <= total - 2, `${asked.length} were asked again`);
    await using clean = standIn();
    const other = await Deno.makeTempDir();
    const whole = await evaluate(contextOf(other, { url: clean.url }), undefined);
    await Deno.remove(other, { recursive: true });
    assertEquals(
      Object.values(records).map(({ correct, responses }) => [correct, responses]),
      Object.values(whole).map(({ correct, responses }) => [correct, responses]),
    );
  });
});

Deno.test("another model in the middle of a run is seen at its end, and none of its answers counts", async () => {
  await withStore(async (folder) => {
    const other = otherWeights(experiment.model.weights, 1.1);
    await using server = standIn();
    const refused = contextOf(folder, { url: server.url, concurrency: 1 }, {
      onProgress: () => server.options = { ...server.options, weights: other },
    });
    await assertRejects(() => evaluate(refused, undefined), OtherModelError, "it serves other weights");
    // From the beginning it is refused before anything is asked.
    const asked = server.received.filter(({ body }) => body.max_tokens === 40).length;
    await assertRejects(() => evaluate(contextOf(folder, { url: server.url }), undefined), OtherModelError);
    assertEquals(server.received.filter(({ body }) => body.max_tokens === 40).length, asked);
    server.options = { ...server.options, weights: experiment.model.weights };
    const whole = contextOf(folder, { url: server.url });
    await evaluate(whole, undefined);
    assertEquals(whole.notices.filter((text) => text.startsWith("goes on")), []);
  });
});

Deno.test("no file of a store and no recorded profile says where a server is, what it is called, or its key", async () => {
  await withStore(async (folder) => {
    const key = "sk-secret-of-a-test";
    await using server = standIn({ key, names: ["/home/somebody/base"] });
    Deno.env.set("BUPO_SERVER_KEY", key);
    try {
      const context = contextOf(folder, { url: server.url, model: "/home/somebody/{run}" });
      await evaluate(context, undefined);
      const texts = await Promise.all(
        (await listFiles(folder)).files.map((name) => Deno.readTextFile(`${folder}/${name}`)),
      );
      assert(texts.length >= 2);
      const told = [
        ...texts,
        JSON.stringify(recordedProfile(context.experiment.profile)),
        ...context.notices,
      ];
      const secrets = [key, "somebody", new URL(server.url).port, "127.0.0.1"];
      for (const secret of secrets) assert(told.every((text) => !text.includes(secret)), secret);
      assert(server.received.every(({ authorization }) => authorization === `Bearer ${key}`));
    } finally {
      Deno.env.delete("BUPO_SERVER_KEY");
    }
  });
});

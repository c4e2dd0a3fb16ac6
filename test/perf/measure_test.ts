import { assert, assertEquals, assertMatch } from "@std/assert";
import { agreedTokens, compareNumbers } from "../../benchmarks/perf/agreement.ts";
import { find, ours, torchOf, transformers } from "../../benchmarks/perf/contenders.ts";
import { measureRow } from "../../benchmarks/perf/measure.ts";
import type { Contender } from "../../benchmarks/perf/party.ts";
import type { OwnRow, PeerRow } from "../../benchmarks/perf/rows.ts";
import type { Numbers } from "../../benchmarks/perf/work.ts";

/** Somebody who computes what a script says, in the seconds that it says. */
function scripted(
  name: string,
  numbers: Numbers,
  seconds: readonly number[],
  before = "",
  after = "",
): Contender {
  const code = `
    const times = ${JSON.stringify(seconds)};
    let run = 0, rest = "";
    const answers = {
      about: () => ({ version: "1.0", kernel: "none" }),
      prepare: () => { ${before}; return { numbers: ${JSON.stringify(numbers)} }; },
      run: () => ({ seconds: times[run++ % times.length], cpu: 1 }),
      memory: () => ({ peak: 1024 }),
    };
    for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\\n");
      rest = lines.pop();
      for (const line of lines) console.log("a library says something\\n" + JSON.stringify(answers[JSON.parse(line).do]()));
    }
    ${after}`;
  const launch = () => ({ command: Deno.execPath(), args: ["eval", code] });
  return { name, trade: "training", agreement: 1, launch };
}

const row: PeerRow = {
  name: "row",
  title: "a row",
  against: "peers",
  work: { kind: "backward", shape: "embedded", rows: 1, length: 4 },
  size: "small",
  threads: 1,
};

const numbers = { loss: 0.5, norm: 2 };

Deno.test("measureRow() takes turns with a peer, and gives ratios pair by pair without the first round", async () => {
  const us = scripted("ours", numbers, [100, 2, 3, 4]), peer = scripted("peer", numbers, [1, 4, 12, 8]);
  const result = await measureRow(row, { ours: us, peers: [peer] }, 3);
  assertEquals(result.ours, { name: "ours", best: 2, median: 3, cpu: 1, peak: 1024 });
  assertEquals(result.against, [{
    name: "peer",
    best: 4,
    median: 8,
    cpu: 1,
    peak: 1024,
    ratio: { median: 0.5, low: 0.375, high: 0.5 },
    agreement: "loss 0.5000000 : 0.5000000, norm 2.000000 : 2.000000",
  }]);
});

Deno.test("measureRow() refuses the time of a peer that computes something else, or nothing", async () => {
  const us = scripted("ours", numbers, [1]);
  const peers = [
    scripted("wrong loss", { loss: 0.51, norm: 2 }, [1]),
    scripted("wrong norm", { loss: 0.5, norm: 2.01 }, [1]),
    scripted("no norm", { loss: 0.5 }, [1]),
    scripted("broken", numbers, [1], `throw new RangeError("there is no memory")`),
    { ...scripted("idle", numbers, [1]), refuses: () => "it does not feel like it" },
    { ...scripted("of another trade", numbers, [1]), trade: "decoding" as const },
  ];
  const { against } = await measureRow(row, { ours: us, peers }, 1);
  assertEquals(against.map(({ name, best }) => [name, best]), [
    ["wrong loss", undefined],
    ["wrong norm", undefined],
    ["no norm", undefined],
    ["broken", undefined],
    ["idle", undefined],
  ]);
  assertEquals(
    against[0]?.refused,
    "it computes something else: loss 0.5000000 : 0.5100000, norm 2.000000 : 2.000000",
  );
  assertMatch(against[2]?.refused ?? "", /^it computes something else: .*norm 2\.0* : NaN$/);
  assertMatch(against[3]?.refused ?? "", /^Cannot measure: the process ended at "prepare": /);
  assertEquals(against[4]?.refused, "it does not feel like it");
});

Deno.test("measureRow() has one peer at a time in memory where the shape is large", async () => {
  const folder = await Deno.makeTempDir(), gone = JSON.stringify(`${folder}/gone`);
  try {
    const us = scripted("ours", numbers, [100, 2, 3, 100, 5, 6]);
    const peers = [
      scripted("first", numbers, [1, 4, 3], "", `Deno.writeTextFileSync(${gone}, "")`),
      scripted("second", numbers, [1, 10, 3], `Deno.statSync(${gone})`),
    ];
    const result = await measureRow({ ...row, size: "large" }, { ours: us, peers }, 2);
    assertEquals(result.ours.best, 2);
    assertEquals(result.against.map(({ name, best, ours, ratio }) => [name, best, ours, ratio?.low]), [
      ["first", 3, 2, 0.625],
      ["second", 3, 5, 0.875],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("measureRow() compares two works of one process", async () => {
  const own: OwnRow = { ...row, against: "own", other: row.work, otherTitle: "the other" };
  const us = scripted("ours", numbers, [9, 9, 1, 4]);
  const { against, ours } = await measureRow(own, { ours: us, peers: [] }, 1);
  assertEquals([ours.best, against[0]?.best, against[0]?.ratio?.median], [1, 4, 0.25]);
});

Deno.test("compareNumbers() wants losses within a tenth of a percent, and enough tokens", () => {
  assertEquals(compareNumbers({ loss: -1 }, { loss: -1.0009 }, 1).agrees, true);
  assertEquals(compareNumbers({ loss: -1 }, { loss: -1.0011 }, 1).agrees, false);
  assertEquals(compareNumbers({}, {}, 1).agrees, false);
  const tokens = [[1, 2, 3, 4], [5, 6, 7, 8]];
  assertEquals(agreedTokens(tokens, [[1, 2, 9, 4], [5, 6, 7, 8]]), 0.75);
  assertEquals(agreedTokens(tokens, [[1, 2, 3, 4]]), 0);
  assertEquals(compareNumbers({ tokens }, { tokens: [[1, 2, 9, 4], [5, 6, 7, 8]] }, 0.75).agrees, true);
  assertEquals(compareNumbers({ tokens }, { tokens: [[1, 2, 9, 4], [5, 6, 7, 8]] }, 0.8).agrees, false);
});

Deno.test("find() names a peer that is missing and why", async () => {
  const { contender, missing } = await find(torchOf("no-such-python"));
  assertEquals(contender.name, "PyTorch of no-such-python");
  assertMatch(missing ?? "", /no-such-python/);
});

Deno.test("transformers.js decodes the tokens that we decode, from the graph that is made for it", async () => {
  const work = { kind: "decode", shape: "embedded", batch: 2, prompt: 6, response: 5 } as const;
  const { against, ours: own } = await measureRow({ ...row, work }, { ours, peers: [transformers] }, 1);
  assertEquals(against.map(({ agreement }) => agreement), ["tokens 100.0 % the same"]);
  assert((against[0]?.best ?? 0) > 0 && own.best > 0);
});

const torch = await find(torchOf("python3"));

Deno.test({
  name: `PyTorch computes the loss, the norm and the step that we compute${
    torch.missing === undefined ? "" : " (ignored: python3 has no torch)"
  }`,
  ignore: torch.missing !== undefined,
  fn: async () => {
    for (const kind of ["backward", "optimizer"] as const) {
      const work = { kind, shape: "embedded", rows: 3, length: 20 } as const;
      const { against } = await measureRow({ ...row, work }, { ours, peers: [torch.contender] }, 1);
      assertEquals(against.map(({ refused }) => refused), [undefined]);
      assertMatch(
        against[0]?.agreement ?? "",
        kind === "optimizer" ? /^loss .*norm .*after / : /^loss .*norm /,
      );
    }
  },
});

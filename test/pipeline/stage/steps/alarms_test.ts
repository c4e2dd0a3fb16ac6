import { assertEquals, assertMatch } from "@std/assert";
import {
  alarmedSteps,
  alarmNotices,
  alarmRules,
  NORM_STEPS,
  type WatchedStep,
} from "../../../../src/pipeline/stage/steps/mod.ts";

const calm: WatchedStep = { policy: "full", gradientNorm: 2, entropy: 0.6, responseLength: 80 };

/** Steps as the calm one but for changes. */
function steps(...changes: readonly Partial<WatchedStep>[]): WatchedStep[] {
  return changes.map((change) => ({ ...calm, ...change }));
}

/** Calm steps. */
const before = (count: number): Partial<WatchedStep>[] => Array.from({ length: count }, () => ({}));

/** After which steps something is told, and of what. */
function told(all: readonly WatchedStep[]): [number, string][] {
  return all.flatMap((_, i) =>
    alarmNotices(all.slice(0, i + 1)).map((text): [number, string] => {
      return [i + 1, Object.entries(alarmRules).find(([, { says }]) => text.endsWith(says))?.[0] ?? text];
    })
  );
}

Deno.test("docs/training.md has every sign with its threshold", async () => {
  const text = await Deno.readTextFile("docs/training.md");
  for (const [name, { factor, change }] of Object.entries(alarmRules)) {
    const row = text.split("\n").find((line) => line.startsWith(`| \`${name}\``)) ?? "";
    assertMatch(row, new RegExp(`\\b${factor} times the median`), name);
    if (change > 0) assertMatch(row, new RegExp(`by ${change} nats`), name);
  }
});

Deno.test("a calm run, and one that changes as training does, is not warned of", () => {
  assertEquals(told(steps(...before(40))), []);
  const learning = Array.from({ length: 100 }, (_, i) => ({
    entropy: 0.6 - 0.005 * i,
    responseLength: 80 - 0.4 * i,
    gradientNorm: 2 + Math.sin(i),
  }));
  assertEquals(told(steps(...learning)), []);
  assertEquals(alarmedSteps(steps(...learning)), undefined);
});

Deno.test("each sign is told when it begins, and each time that its steps have doubled", () => {
  const collapsed = [...before(3), ...Array.from({ length: 8 }, () => ({ entropy: 0.05 }))];
  assertEquals(told(steps(...collapsed)), [4, 5, 7, 11].map((step) => [step, "entropyCollapse"]));
  assertEquals(alarmedSteps(steps(...collapsed)), { entropyCollapse: 8 });
  assertEquals(told(steps(...before(3), { responseLength: 19 })), [[4, "lengthCollapse"]]);
  assertEquals(told(steps(...before(3), { entropy: 1.9 })), [[4, "entropyExplosion"]]);
  assertEquals(told(steps(...before(6), { gradientNorm: 21 }, {})), [[7, "gradientNorm"]]);
  const [text = ""] = alarmNotices(steps(...before(3), { responseLength: 19 }));
  assertMatch(text, /^step 4: responseLength 19, before 80: responses become short: /);
});

Deno.test("thresholds: what lies just within them is not told", () => {
  for (const change of [{ entropy: 0.0601 }, { entropy: 1.79 }, { responseLength: 20.1 }]) {
    assertEquals(told(steps(...before(3), change)), []);
  }
  assertEquals(told(steps(...before(NORM_STEPS.least), { gradientNorm: 19.9 })), []);
  // A policy that is nearly certain from the start may triple its entropy.
  const certain = { entropy: 0.03 };
  assertEquals(told(steps(certain, certain, certain, { entropy: 0.2 })), []);
});

Deno.test("a gradient norm is compared with steps of the same policy that updated something, and with enough of them", () => {
  const internal = { policy: 3, gradientNorm: 40 };
  assertEquals(told(steps(...before(3), internal, internal)), []);
  assertEquals(
    told(steps(internal, internal, internal, internal, internal, {}, {}, {}, {}, {}, { gradientNorm: 30 })),
    [[
      11,
      "gradientNorm",
    ]],
  );
  const skipped = Array.from({ length: 30 }, () => ({ gradientNorm: 0 }));
  assertEquals(told(steps(...before(5), ...skipped, { gradientNorm: 3 })), []);
  assertEquals(told(steps(...before(NORM_STEPS.least - 1), { gradientNorm: 1e6 })), []);
});

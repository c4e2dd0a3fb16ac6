import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { buildLeaderboard, type Leaderboard, renderPicture } from "../../../src/report/mod.ts";
import type { ResultRecord } from "../../../src/result/mod.ts";
import { hasChromium, launch } from "../../publish/browser.ts";
import { embeddedRecord, inputOf, QUICK } from "../../publish/published_fixture.ts";

const HOSTILE = `</svg><script>globalThis.pwned=1</script>&amp;"'\u0001`;

/** The leaderboard of one record. */
function boardOf(record: ResultRecord): Leaderboard {
  return buildLeaderboard([inputOf("embedded", record)], [], QUICK);
}

/** The record with each suite under several names, and with a method under another. */
function renamed(record: ResultRecord, suites: readonly string[], bupo: string): ResultRecord {
  const [suite] = record.suites;
  assert(suite);
  return {
    ...record,
    suites: suites.map((name) => ({ ...suite, name })),
    runs: record.runs.map((run) => ({
      ...run,
      method: run.method === "bupo" ? bupo : run.method,
      suites: Object.fromEntries(suites.map((name) => {
        const outcome = run.suites[suite.name];
        assert(outcome);
        return [name, outcome];
      })),
    })),
  };
}

/** A share in percent, as the picture writes it. */
function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** The numbers in an attribute of all elements that match. */
function numbers(svg: string, element: RegExp): number[][] {
  return [...svg.matchAll(element)].map((match) => match.slice(1).map(Number));
}

Deno.test("renderPicture() has a row a method and a panel a suite, each interval where its numbers say", async () => {
  const board = boardOf(await embeddedRecord()), svg = renderPicture(board);
  assertEquals(svg, renderPicture(board));
  const scores = [
    board.rows.map(({ mean }) => mean.average),
    ...["mini-aime", "mini-math"].map((suite) => board.rows.map(({ suites }) => suites[suite]?.average)),
  ].flat();
  const ticks = numbers(svg, /<line class="grid" x1="([\d.]+)".*?>(\d+)<\/text>/g);
  const [first, last] = [ticks[0], ticks[ticks.length / 3 - 1]];
  assert(
    first?.[0] !== undefined && first[1] !== undefined && last?.[0] !== undefined && last[1] !== undefined,
  );
  const [left, lowest, right, highest] = [first[0], first[1], last[0], last[1]];
  const place = (share = NaN): number => left + (100 * share - lowest) / (highest - lowest) * (right - left);
  const drawn = numbers(svg, /class="interval" x1="([\d.]+)" x2="([\d.]+)".*?<circle cx="([\d.]+)"/g);
  assertEquals(drawn.length, scores.length);
  for (const [index, score] of scores.entries()) {
    const [low, high, value] = drawn[index] ?? [];
    assertAlmostEquals(low ?? NaN, place(score?.low), 0.06);
    assertAlmostEquals(high ?? NaN, place(score?.high), 0.06);
    assertAlmostEquals(value ?? NaN, place(score?.value), 0.06);
  }
  const written = [...svg.matchAll(/class="strong number"[^>]*>([^<]*)/g)].map(([, text]) => text);
  assertEquals(written, scores.map((score) => percent(score?.value ?? NaN)));
});

Deno.test("renderPicture() says in words what it shows", async () => {
  const board = boardOf(await embeddedRecord()), svg = renderPicture(board);
  assertStringIncludes(svg, `<title id="title">${board.results[0]?.headline}</title>`);
  const description = /<desc id="description">([^<]*)/.exec(svg)?.[1] ?? "";
  const first = board.rows[0]?.label;
  assert(
    description.startsWith(`avg@8 in %, with 95 % intervals. Mean of the suites: ${first} `),
    description,
  );
  for (const { label, mean, suites } of board.rows) {
    for (const { average: { value, low, high } } of [mean, ...Object.values(suites)]) {
      assertStringIncludes(description, `${label} ${percent(value)} [${percent(low)}, ${percent(high)}]`);
    }
  }
});

Deno.test("renderPicture() is a picture where there is no result, and one panel where there is one suite", async () => {
  assertStringIncludes(renderPicture(buildLeaderboard([], [], QUICK)), "No result can be shown yet.");
  const one = renderPicture(boardOf(renamed(await embeddedRecord(), ["only"], "bupo")));
  assertEquals(one.match(/class="ink strong" x="0"[^>]*>[^<]*/g)?.map((text) => text.replace(/.*>/, "")), [
    "only",
  ]);
});

/** What is wrong with a picture that a browser shows: text that sticks out, scripts, a broken document. */
async function faults(page: Page, svg: string): Promise<string[]> {
  const file = await Deno.makeTempFile({ suffix: ".svg" });
  try {
    await Deno.writeTextFile(file, svg);
    await page.goto(`file://${file}`);
    const frame = await page.locator("svg").boundingBox();
    if (!frame || await page.locator("parsererror, script").count() > 0) return ["it is no picture"];
    const inside = { left: frame.x + 8, right: frame.x + frame.width - 8, bottom: frame.y + frame.height };
    return await page.locator("text").evaluateAll(
      (texts, { left, right, bottom }) =>
        texts.flatMap((text) => {
          const box = text.getBoundingClientRect();
          return box.left < left || box.right > right || box.bottom > bottom ? [text.textContent ?? ""] : [];
        }),
      inside,
    );
  } finally {
    await Deno.remove(file);
  }
}

Deno.test({
  name: `the picture, in a browser${hasChromium ? "" : " (ignored: no /usr/bin/chromium)"}`,
  ignore: !hasChromium,
  // The browser is a process with pipes of its own; it is closed at the end.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const record = await embeddedRecord(), browser = await launch(), page = await browser.newPage();
    try {
      const seven = ["a", "b", "c", "d", "e", "f"].map((name) => name + HOSTILE).concat("x".repeat(200));
      const pictures = {
        "as it is committed": boardOf(record),
        "with seven suites and markup in names": boardOf(renamed(record, seven, `m${HOSTILE}`)),
        "with nothing": buildLeaderboard([], [], QUICK),
      };
      for (const [name, board] of Object.entries(pictures)) {
        await t.step(name, async () => assertEquals(await faults(page, renderPicture(board)), []));
      }
      assertEquals(await page.evaluate(() => Reflect.get(globalThis, "pwned")), undefined);
      await t.step("follows the reader's choice of light or dark", async () => {
        const colours = async (colorScheme: "light" | "dark"): Promise<string[]> => {
          await page.emulateMedia({ colorScheme });
          assertEquals(await faults(page, renderPicture(boardOf(record))), []);
          const kinds = [".paper", ".ink", ".soft", ".bupo"];
          return await Promise.all(
            kinds.map((kind) =>
              page.evaluate<string>(`getComputedStyle(document.querySelector("${kind}")).fill`)
            ),
          );
        };
        const light = await colours("light"), dark = await colours("dark");
        assertEquals(new Set([...light, ...dark]).size, 8);
      });
    } finally {
      await browser.close();
    }
  },
});

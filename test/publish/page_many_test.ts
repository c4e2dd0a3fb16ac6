/** The page and the picture with very many methods: is each legible, named and told apart, and how much is carried? */

import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { command } from "../../tasks/publish.ts";
import { newKey } from "../result/fixture.ts";
import { asJson, planOf } from "../report/registered_plan.ts";
import { hasChromium, launch, violations, withPage } from "./browser.ts";
import { cutLabels } from "./cut_labels.ts";
import { makeResult, small } from "./synthetic.ts";

const grid = [
  { title: "Layer and steps", method: ["bupo"], internalLayer: [1, 2, 3, 4], internalSteps: [2, 4, 8, 16] },
  { title: "Layers of the frozen", method: ["frozen_lower"], internalLayer: [1, 2, 3, 4] },
];
const listed = ["grpo", "bupo", "ppo", "reinforce_pp", "rloo", "dapo", "grpo_lower_only", "sft_on_correct"];
const gridded = [
  ...[
    "bupo.k1.s2",
    "bupo.k1",
    "bupo.k1.s8",
    "bupo.k1.s16",
    "bupo.k2.s2",
    "bupo.k2",
    "bupo.k2.s8",
    "bupo.k2.s16",
  ],
  ...["bupo.s2", "bupo.s8", "bupo.s16", "bupo.k4.s2", "bupo.k4", "bupo.k4.s8", "bupo.k4.s16"],
  ...["frozen_lower.k1", "frozen_lower.k2", "frozen_lower", "frozen_lower.k4"],
];
const controls = [
  { name: "again", row: "grpo", seeds: [1, 2, 3] },
  { name: "noisy", row: "grpo", rewards: { right: 0.7 } },
];

const registered = planOf("mini-math", [
  { method: "bupo", against: "grpo" },
  { method: "rloo", against: "base", planted: "better" },
  { method: "again", against: "grpo", planted: "tied" },
  { method: "absent", against: "grpo", planted: "worse" },
]);

/** Publishes a result of 29 trained methods; the page, the picture, and how long it took. */
async function publishMany(): Promise<{ html: string; svg: string }> {
  const root = await Deno.makeTempDir(), key = await newKey();
  const names = [...listed, "again", "noisy", ...gridded];
  const methods = Object.fromEntries(names.map((name, i) => [name, 0.02 + 0.16 * ((i * 7) % 29) / 29]));
  try {
    const change = {
      methods: [...listed, ...controls, ...gridded.map((name) => ({ name }))],
    };
    await makeResult(root, "many", {
      ...small,
      methods,
      steps: 8,
      problems: 40,
      change: (record) => ({
        ...record,
        profile: { ...record.profile, ...change, grid, registered: asJson(registered) },
      }),
    }, key);
    const code = await command.run([
      join(root, "many"),
      "--keys",
      join(root, "keys"),
      "--out",
      root,
      "--json",
    ]);
    assertEquals(code, 0);
    const read = (file: string): Promise<string> => Deno.readTextFile(join(root, `leaderboard.${file}`));
    return { html: await read("html"), svg: await read("svg") };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test({
  name: `29 methods and two grids, in a browser${hasChromium ? "" : " (ignored: no /usr/bin/chromium)"}`,
  ignore: !hasChromium,
  // The browser is a process with pipes of its own; it is closed at the end.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { html, svg } = await publishMany(), browser = await launch();
    try {
      await t.step("the picture has 24 methods by kind, with whole names", () => {
        const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
        for (
          const name of ["The paper’s rows", "Controls and variants", "REINFORCE++", "GRPO, lower first"]
        ) {
          assert(texts.includes(name), `${name}: ${texts.join("; ")}`);
        }
        assertEquals((svg.match(/class="interval"/g) ?? []).length, 24 * 3);
        assertStringIncludes(svg, ">BuPO k=1 s=2<");
      });
      for (const width of [1280, 390]) {
        await t.step(
          `at ${width} pixels nothing is cut, curves are named, grids stand a setting a side`,
          async () => {
            await withPage(browser, html, async ({ page }) => {
              await page.locator("#sweeps table").first().waitFor();
              assertEquals(await page.locator("#sweeps h3").allTextContents(), [
                "Layer and steps",
                "Layers of the frozen",
              ]);
              const first = page.locator("#sweeps table").first();
              assertEquals(await first.locator("thead th").allTextContents(), [
                "k (layer) ↓, s (steps on it) →",
                "2",
                "4",
                "8",
                "16",
              ]);
              assertEquals(await first.locator("tbody tr").count(), 4);
              assertEquals(await first.locator("tbody td .number").count(), 16);
              assertMatch(
                await first.locator("td").first().textContent() ?? "",
                /^\d+\.\d\[.+\][+−]\d+\.\d \[.+\] [=+?-]$/,
              );
              const plan = page.locator("#registered tbody tr");
              assertEquals(await plan.count(), 4);
              assertMatch(await plan.nth(1).textContent() ?? "", /^RLOO − Base.*better.*better: as planted$/);
              assertMatch(await plan.nth(3).textContent() ?? "", /^absent − GRPO.*not run.*NOT as planted$/);
              assertEquals(await page.locator("#registered strong").count() > 0, true);
              assertMatch(
                await page.textContent("#registered .note") ?? "",
                /^avg@8 over mini-math, 3 seeds a method;.* deviates from the plan: absent was not run\.$/,
              );
              assertMatch(
                await page.textContent("h1") ?? "",
                /^BuPO .* NOT as planted came out .*absent against/,
              );
              const training = page.locator("#training figure").first();
              assertEquals(await training.locator(".line").count(), 24 + 24); // in the drawing, and in the legend
              const numbers = await training.locator("svg[role=img] .label").allTextContents();
              assertEquals(
                numbers.map(Number).sort((a, b) => a - b),
                Array.from({ length: 24 }, (_, i) => i + 1),
              );
              const kinds = await training.locator(".legend path").evaluateAll((all) =>
                all.map((one) => one.getAttribute("class"))
              );
              assertEquals(new Set(kinds).size, 24);
              assertStringIncludes(
                await page.textContent("#training .note") ?? "",
                "24 of 29 methods are drawn",
              );
              assertEquals(
                await page.textContent(".controls-note"),
                "Controls: errors in rewards, the same again. Controls that are missing: fewer steps.",
              );
              assertEquals(await cutLabels(page), []);
              assertEquals(await page.evaluate("document.documentElement.scrollWidth"), width);
              assertEquals(await violations(page), []);
            }, { viewport: { width, height: 900 }, colorScheme: width > 1000 ? "dark" : "light" });
          },
        );
      }
      await t.step(
        "the page holds transcripts of the methods that a problem tells apart, within its bound",
        () => {
          const [, data = ""] = /id="transcripts-0">([^<]*)</.exec(html) ?? [];
          assert(data.length > 10_000);
          assertLess(data.length, 400_001);
        },
      );
    } finally {
      await browser.close();
    }
  },
});

/** The page with six results of three profiles on nine suites: is everything legible, whatever the screen? */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { type SigningKey, sshPublicKey } from "../../src/result/mod.ts";
import { command } from "../../tasks/publish.ts";
import { newKey } from "../result/fixture.ts";
import { hasChromium, launch, violations, withPage } from "./browser.ts";
import { cutLabels } from "./cut_labels.ts";
import { makeResult, six } from "./synthetic.ts";

/** Publishes the six results by the command, one of two keys trusted; returns the page. */
async function publishSix(): Promise<string> {
  const root = await Deno.makeTempDir(),
    keys: Record<"ours" | "theirs", SigningKey> = {
      ours: await newKey(),
      theirs: await newKey(),
    };
  try {
    for (const [name, [plan, key]] of Object.entries(six)) await makeResult(root, name, plan, keys[key]);
    const list = join(root, "trusted");
    await Deno.writeTextFile(list, `us ${sshPublicKey(keys.ours.publicKey)}\n`);
    const code = await command.run([
      ...Object.keys(six).map((name) => join(root, name)),
      ...["--keys", join(root, "keys"), "--trusted-keys", list, "--out", root, "--json"],
    ]);
    assertEquals(code, 1); // the partial one is left out
    return await Deno.readTextFile(join(root, "leaderboard.html"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Opens everything that unfolds. */
async function unfoldAll(page: Page): Promise<void> {
  await page.locator("details:not(.columns)").evaluateAll((all) =>
    all.forEach((one) => one.setAttribute("open", ""))
  );
  await page.locator("#problems .problems").waitFor();
}

const screens: Readonly<Record<string, BrowserContextOptions>> = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  narrow: { viewport: { width: 390, height: 844 }, colorScheme: "light" },
  wide: { viewport: { width: 1700, height: 1000 }, colorScheme: "dark" },
};

Deno.test({
  name: `six results of three profiles, in a browser${hasChromium ? "" : " (ignored: no /usr/bin/chromium)"}`,
  ignore: !hasChromium,
  // The browser is a process with pipes of its own; it is closed at the end.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const html = await publishSix(), browser = await launch();
    /** What a screen must show. */
    const legible = async (page: Page, name: string, width: number): Promise<void> => {
      await page.check("#all");
      assertEquals(await page.locator(".methods tr.result").count(), 5);
      assertEquals(await page.locator(".methods .badge.trusted").count(), 4);
      assertEquals(await page.locator(".methods .badge.untrusted").count(), 1);
      assertStringIncludes(
        await page.textContent("#signatures") ?? "",
        "5 of 5 results hold, 4 by trusted keys",
      );
      // Badges are in view without scrolling sideways.
      for (const box of await page.locator(".methods .badge").all()) {
        const place = await box.boundingBox();
        assert(place && place.x >= 0 && place.x + place.width <= width, JSON.stringify(place));
      }
      for (const result of ["embedded", "qwen3-4b", "qwen3-0.6b"]) {
        await page.selectOption("#result", result);
        await unfoldAll(page);
        assertEquals(await cutLabels(page), [], `${name} ${result}`);
        assertEquals(await page.evaluate("document.documentElement.scrollWidth"), width);
      }
      assertEquals(await violations(page), []);
    };
    const title = "no label is cut, every result is marked, axe finds nothing";
    try {
      for (const name of ["dark", "narrow", "wide"]) {
        const screen = screens[name] ?? {};
        await t.step(`${name}: ${title}`, async () => {
          await withPage(
            browser,
            html,
            ({ page }) => legible(page, name, screen.viewport?.width ?? 0),
            screen,
          );
        });
      }
      // What follows is done on one page that is loaded anew each time: its results are checked once.
      await withPage(browser, html, async ({ page }) => {
        const step = (name: string, run: () => Promise<void>): Promise<boolean> =>
          t.step(name, async () => {
            await page.goto(page.url().replace(/#.*/, ""));
            await page.reload();
            await page.locator("table.methods").first().waitFor();
            await run();
          });
        await t.step(`light: ${title}`, () => legible(page, "light", 1280));

        await step("the search for cut labels finds what is cut", async () => {
          const find = async (selector: string, name: string, value: string): Promise<string[]> => {
            await page.locator(selector).first().evaluate(
              (part, [name = "", value = ""]) => part.setAttribute(name, value),
              [name, value],
            );
            return await cutLabels(page);
          };
          assertEquals(await cutLabels(page), []);
          assertStringIncludes((await find(".scale text", "x", "-9")).join(), "in a drawing: ");
          assertStringIncludes((await find("figure .label", "y", "-9")).join(), "in a drawing: ");
        });

        await step("says over all results what counts, and warns where too little was compared", async () => {
          assertEquals(await page.textContent("h1"), "Of 2 results, BuPO is better than GRPO in all.");
          assertStringIncludes(await page.textContent("#basis") ?? "", "2 other results not counted");
          await page.check("#all");
          const marks = await page.locator(".methods .caution").allTextContents();
          assertEquals(marks.filter((mark) => mark === "older grader 1.0.0").length, 1);
          assertEquals(marks.filter((mark) => mark === "problems or counts not compared").length, 3);
          assertStringIncludes(
            await page.textContent("#excluded") ?? "",
            "embedded-cut: it is a partial run",
          );
          assertEquals(await page.locator(".source").count(), 5);
        });

        await step("each table has the suites of its own results, with k, and none scrolls", async () => {
          assertEquals(await page.locator("table.methods").count(), 3);
          assertEquals(await page.locator("table.methods .score").getByText("–", { exact: true }).count(), 0);
          assertEquals(await page.locator(".methods").getByText("500 problems").count(), 2);
          assertEquals(await page.locator(".methods").getByText("k = 4").count(), 2);
          const hints = await page.locator("#methods .hint").evaluateAll((all) =>
            all.map((one) => one.hasAttribute("hidden"))
          );
          assertEquals(hints, [true, true, true]);
        });

        await step(
          "long curves are smoothed over the steps as they are, many methods named apart",
          async () => {
            await page.selectOption("#result", "qwen3-0.6b");
            assertEquals(await page.locator("#training figure").count(), 5);
            assertEquals(await page.locator("#training .raw").count(), 25);
            assertEquals(await page.locator("#training .legend").first().locator("li").allTextContents(), [
              ...["The paper’s rows", "1RLOO", "2GRPO", "3BuPO"],
              ...["Of this profile", "4dr-grpo", "5reinforce-plus-plus"],
            ]);
            await page.selectOption("#result", "embedded");
            assertEquals(await page.locator("#training .legend").count(), 0);
          },
        );

        await step("columns and pairs can be chosen", async () => {
          await page.click(".columns summary");
          assertEquals(await page.locator('[data-sort="suite gsm8k"]').count(), 1);
          await page.uncheck('[data-column="suite gsm8k"]');
          assertEquals(await page.locator('[data-sort="suite gsm8k"]').count(), 0);
          assertEquals(await page.locator('[data-sort="tokens"]').count(), 0);
          await page.check('[data-column="completions"]');
          assertEquals(await page.locator('[data-sort="tokens"]').count(), 3);
          await page.selectOption("#result", "qwen3-0.6b");
          // 15 pairs on two suites and over both: the means first, the rest when they are asked for.
          assertEquals(await page.locator(".pairs tbody tr").count(), 15);
          await page.selectOption("#pair-suite", "suite math-500");
          assertEquals(await page.locator(".pairs tbody tr").count(), 15);
          await page.selectOption("#pair", "bupo,grpo");
          await page.selectOption("#pair-suite", "");
          assertEquals(await page.locator(".pairs tbody tr").count(), 3);
          assertStringIncludes(page.url(), "#result=qwen3-0.6b&pair=bupo%2Cgrpo");
        });

        await step("links lead to a result, a pair and a problem", async () => {
          const go = async (fragment: string): Promise<void> => {
            await page.evaluate(
              (fragment) => Reflect.set(Reflect.get(globalThis, "location"), "hash", fragment),
              fragment,
            );
          };
          await go("result=embedded-2025");
          await page.locator("#the-result a.name", { hasText: "embedded-2025" }).waitFor();
          assertEquals(await page.isChecked("#all"), true);
          await go("result=embedded&pair=bupo%2Cgrpo");
          await page.locator("#the-result a.name", { hasText: /^embedded$/ }).waitFor();
          assertEquals(await page.inputValue("#pair"), "bupo,grpo");
          await page.locator(".pairs button.link").first().click();
          await page.waitForSelector("dialog[open] .side");
          const link = await page.getAttribute("dialog a.link", "href") ?? "",
            problem = await page.textContent("dialog .status");
          assert(await page.locator("dialog .question").textContent());
          await page.keyboard.press("Escape");
          assertStringIncludes(page.url(), "#result=embedded&pair=bupo%2Cgrpo");
          await go("result=embedded");
          await go(link.slice(1));
          await page.waitForSelector("dialog[open] .side");
          const id = new URLSearchParams(link.slice(1)).get("problem") ?? "missing";
          assertStringIncludes(problem ?? "", id);
          assertStringIncludes(await page.textContent("dialog .status") ?? "", id);
          assertEquals(await page.locator("dialog .side").count(), 3);
        });

        await step("shows every seed, problem and setting of a result", async () => {
          await page.selectOption("#result", "qwen3-4b");
          await unfoldAll(page);
          assertEquals(await page.locator("#seeds tbody tr").count(), 3);
          assertEquals(await page.locator("#problems tbody tr").count(), 50);
          await page.selectOption("#problem-suite", "aime-2024");
          assertEquals(await page.locator("#problems tbody tr").count(), 30);
          await page.selectOption("#problem-kind", "differ");
          assert(await page.locator("#problems tbody tr").count() > 3);
          await page.selectOption("#problem-kind", "all");
          const id = await page.locator("#problems button.id").nth(3).textContent() ?? "";
          await page.fill("#problem-filter", id);
          assertEquals(await page.locator("#problems tbody tr").count(), 1);
          await page.locator("#problems button.id").click();
          assertStringIncludes(await page.textContent("dialog .status") ?? "", id);
          await page.keyboard.press("Escape");
          const settings = await page.locator("#settings").innerText();
          for (
            const text of [
              "Learning rate",
              "0.0002",
              "Temperature",
              "Qwen/Qwen3-4B",
              "1 run, 60 steps",
              "11.1 hours",
            ]
          ) {
            assertStringIncludes(settings, text);
          }
          // Text of data sets is nowhere; what was written on them is not marked.
          assertEquals(await page.locator("dialog li.right").count(), 0);
        });
      }, screens.light);
    } finally {
      await browser.close();
    }
  },
});

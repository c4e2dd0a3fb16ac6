import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { canonicalJson, sha256 } from "../../src/canonical_json.ts";
import { renderPage } from "../../src/report/mod.ts";
import type { ResultRecord } from "../../src/result/mod.ts";
import { hasChromium, launch, violations, withPage } from "./browser.ts";
import { ranking } from "../report/ranking.ts";
import { embeddedRecord, htmlOf, pageOf, through, type Variation } from "./published_fixture.ts";

/** The methods in the order in which the table shows them. */
function methodsShown(page: Page): Promise<string[]> {
  return page.locator(".methods tbody tr[data-method]").evaluateAll((rows) =>
    rows.map((row) => row.getAttribute("data-method") ?? "")
  );
}

/** Changes the bytes in a compressed block of a page. */
async function tamper(html: string, id: string, change: (text: string) => string): Promise<string> {
  const pattern = new RegExp(`(<script type="text/plain" id="${id}">)([^<]*)`);
  const data = Uint8Array.fromBase64(pattern.exec(html)?.[2] ?? "");
  const text = new TextDecoder().decode(await through(data, new DecompressionStream("gzip")));
  assert(change(text) !== text);
  const bytes = new TextEncoder().encode(change(text));
  const packed = (await through(bytes, new CompressionStream("gzip"))).toBase64();
  return html.replace(pattern, (_, head) => head + packed);
}

/** Replaces a text that a page must have. */
function replaced(
  html: string,
  from: string | RegExp,
  to: string | ((...parts: string[]) => string),
): string {
  const changed = typeof to === "string" ? html.replace(from, to) : html.replace(from, to);
  assert(changed !== html);
  return changed;
}

/** The text of the badge at the head of the page. */
async function badge(page: Page): Promise<string> {
  return `${await page.getAttribute("#signatures", "class")}: ${await page.textContent("#signatures")}`;
}

/** The record with other counts, as another commit's run would have. */
function shifted(by: number): (record: ResultRecord) => ResultRecord {
  return (record) => ({
    ...record,
    runs: record.runs.map((run, j) => ({
      ...run,
      suites: Object.fromEntries(
        Object.entries(run.suites).map(([name, outcome]) => [name, {
          ...outcome,
          correct: outcome.correct.map((count, i) =>
            (i + j + by) % 11 === 0 ? Math.min(8, count + 1) : count
          ),
        }]),
      ),
    })),
  });
}

/** The record under another profile and model. */
function renamed(name: string, model: string): (record: ResultRecord) => ResultRecord {
  return (record) => ({
    ...record,
    profile: { ...record.profile, name, model },
    base: { digest: "c".repeat(64), parameters: 4_022_468_096 },
  });
}

/** Three results: two commits of one profile, and another profile. */
const three: Readonly<Record<string, Variation>> = {
  embedded: { commit: "aaaa1111", date: "2026-02-01T00:00:00Z" },
  former: { commit: "bbbb2222", date: "2026-01-01T00:00:00Z", change: shifted(3) },
  large: { commit: "cccc3333", date: "2026-01-15T00:00:00Z", change: renamed("qwen3-4b", "Qwen/Qwen3-4B") },
};

const HOSTILE = `</script><script>globalThis.pwned=1</script><img src=x onerror="globalThis.pwned=1">`;

/** The same for names, which have neither slashes nor colons. */
const NAME = `<img src=x onerror="globalThis.pwned=1"><svg onload="globalThis.pwned=1">`;

/** The committed result with markup wherever a stranger may write. */
const hostile: Variation = {
  change: (record) => ({
    ...record,
    profile: {
      ...record.profile,
      name: `p${NAME}`,
      model: `m${HOSTILE}`,
      description: `d${HOSTILE}`,
      methods: ["grpo", `b${NAME}`],
      evaluation: { suites: [`s${NAME}`, "mini-math"] },
    },
    suites: record.suites.map((suite) => suite.name === "mini-aime" ? { ...suite, name: `s${NAME}` } : suite),
    runs: record.runs.map((run) => ({
      ...run,
      method: run.method === "bupo" ? `b${NAME}` : run.method,
      suites: Object.fromEntries(
        Object.entries(run.suites).map((
          [name, outcome],
        ) => [name === "mini-aime" ? `s${NAME}` : name, outcome]),
      ),
    })),
  }),
  line: (text) => {
    const line = JSON.parse(text);
    return canonicalJson({
      ...line,
      method: line.method === "bupo" ? `b${NAME}` : line.method,
      suite: line.suite === "mini-aime" ? `s${NAME}` : line.suite,
      responses: line.responses.map((response: string) => HOSTILE + response),
    });
  },
};

/** The colour of the page's background. */
function background(page: Page): Promise<string> {
  return page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
}

Deno.test({
  name: hasChromium ? "the page, in a browser" : "the page, in a browser (ignored: no /usr/bin/chromium)",
  ignore: !hasChromium,
  // The browser is a process with pipes of its own; it is closed at the end.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const input = await pageOf(three), html = await renderPage(input), browser = await launch();
    try {
      await t.step("opens from disk without a request or an error; every signature holds", async () => {
        await withPage(browser, html, async ({ page }) => {
          assertEquals(
            await page.textContent("h1"),
            "Of 2 results, BuPO is tied with GRPO within noise in all.",
          );
          assertEquals(await badge(page), "badge untrusted: ○ 3 of 3 results hold, 0 by trusted keys");
          assertEquals(await page.locator(".badge.untrusted").count(), 1 + 2 + 1 + 3);
          assertEquals(await page.locator("figure svg").count(), 2 + 5 + 1);
        });
      });

      await t.step("sorts by every column, by mouse and by keyboard", async () => {
        await withPage(browser, html, async ({ page }) => {
          await page.selectOption("#profile", "embedded");
          assertEquals(await methodsShown(page), ranking(await embeddedRecord()));
          await page.click('[data-sort="method"]');
          assertEquals(await methodsShown(page), ["base", "bupo", "grpo"]);
          assertEquals(await page.getAttribute('th:has([data-sort="method"])', "aria-sort"), "ascending");
          await page.keyboard.press("Enter"); // the heading that was used keeps the focus
          assertEquals(await methodsShown(page), ["grpo", "bupo", "base"]);
          assertEquals(await page.getAttribute('th:has([data-sort="method"])', "aria-sort"), "descending");
          await page.click('[data-sort="suite mini-math"]');
          assertEquals(await methodsShown(page), ranking(await embeddedRecord(), "mini-math"));
          await page.click('[data-sort="tokens"]');
          const tokens = await page.locator(".methods tr[data-method]").evaluateAll((rows) =>
            rows.map((row) => Number(row.querySelector(".plain")?.textContent))
          );
          assertEquals(tokens, tokens.toSorted((a, b) => b - a));
        });
      });

      await t.step("filters by text, profile and age, and switches the metric", async () => {
        await withPage(browser, html, async ({ page }) => {
          assertEquals((await methodsShown(page)).length, 6);
          await page.fill("#filter", "qwen");
          assertEquals(await page.textContent(".methods tr.result .name"), "large");
          assertEquals((await methodsShown(page)).length, 3);
          await page.fill("#filter", "BUPO");
          assertEquals(await methodsShown(page), ["bupo", "bupo"]);
          await page.fill("#filter", "nothing like it");
          assertStringIncludes(await page.textContent("#methods") ?? "", "No method passes the filters.");
          await page.fill("#filter", "");
          await page.check("#all");
          assertEquals((await methodsShown(page)).length, 9);
          await page.selectOption("#profile", "qwen3-4b");
          assertEquals((await methodsShown(page)).length, 3);
          const row = input.leaderboard.rows.find(({ result, method }) =>
            result === "large" && method === "base"
          );
          const number = page.locator('[data-method="base"] .mean .number');
          assertEquals(await number.textContent(), (100 * (row?.mean.average.value ?? 0)).toFixed(1));
          await page.check('[name="metric"][value="pass"]');
          assertEquals(await number.textContent(), (100 * (row?.mean.pass.value ?? 0)).toFixed(1));
        });
      });

      await t.step("shows the transcripts of a flip side by side", async () => {
        await withPage(browser, html, async ({ page }) => {
          const pair = input.leaderboard.pairs.find(({ result, candidate, baseline, suite }) =>
            result === "embedded" && candidate === "bupo" && baseline === "grpo" && suite === "mini-math"
          );
          const flips = [...pair?.fixed ?? [], ...pair?.broken ?? []];
          await page.getByRole("button", { name: /BuPO against GRPO on mini-math/ }).click();
          await page.waitForSelector("dialog[open] .side");
          assertEquals(await page.locator("dialog h3").allTextContents(), ["GRPO", "BuPO"]);
          for (
            const [step, key] of [[0, ""], [1, "ArrowRight"], [0, "ArrowLeft"], [-1, "ArrowLeft"]] as const
          ) {
            if (key !== "") await page.keyboard.press(key);
            const problem = flips.at(step);
            assertStringIncludes(await page.textContent("dialog .status") ?? "", problem ?? "missing");
            const transcript = input.transcripts.embedded?.find((one) => one.problem === problem);
            for (const [index, method] of ["grpo", "bupo"].entries()) {
              const runs = transcript?.runs.filter((run) => run.method === method) ?? [];
              const side = page.locator("dialog .side").nth(index);
              assertEquals(
                await side.locator("pre").allTextContents(),
                runs.flatMap(({ responses }) => responses),
              );
              assertEquals(
                await side.locator("li.right").count(),
                runs.reduce((sum, { correct }) => sum + correct, 0),
              );
            }
          }
        });
      });

      await t.step("can be used by keyboard alone", async () => {
        await withPage(browser, html, async ({ page }) => {
          const focused = () => page.evaluate<string>("document.activeElement.textContent");
          await page.keyboard.press("Tab");
          assertEquals(await focused(), "Skip to the table");
          for (
            const shown of [
              "Paper",
              "Repository",
              await page.textContent("#signatures") ?? "",
              "Colours: auto",
            ]
          ) {
            await page.keyboard.press("Tab");
            assertEquals(await focused(), shown);
          }
          await page.keyboard.press("Enter");
          assertEquals(await focused(), "Colours: light");
          await page.keyboard.press("/");
          await page.keyboard.type("base");
          assertEquals(await methodsShown(page), ["base", "base"]);
          let presses = 0;
          while (!/^\d+ fixed, \d+ broken$/.test(await focused()) && presses++ < 80) {
            await page.keyboard.press("Tab");
          }
          const opener = await focused();
          await page.keyboard.press("Enter");
          await page.waitForSelector("dialog[open] .side");
          await page.keyboard.press("ArrowRight");
          assertStringIncludes(await page.textContent("dialog .status") ?? "", "Problem 2 of");
          await page.keyboard.press("Escape");
          assertEquals(await page.locator("dialog[open]").count(), 0);
          assertEquals(await focused(), opener);
        });
      });

      await t.step("gives its data back: JSON, CSV and the signed bytes", async () => {
        await withPage(browser, html, async ({ page }) => {
          const saved = async (click: () => Promise<void>): Promise<string> => {
            const [download] = await Promise.all([page.waitForEvent("download"), click()]);
            return await Deno.readTextFile(await download.path());
          };
          assertEquals(await saved(() => page.click("#json")), canonicalJson(input.leaderboard) + "\n");
          const csv = (await saved(() => page.click("#csv"))).trimEnd().split("\r\n");
          assertEquals(csv.length, 1 + input.leaderboard.rows.length * 3);
          assertStringIncludes(
            csv[1] ?? "",
            `embedded,embedded,benchmarks/model,,${ranking(await embeddedRecord())[0]},1 2 3,,,`,
          );
          await page.locator(".source summary").first().click();
          const record = await saved(() =>
            page.getByRole("button", { name: "results.json" }).first().click()
          );
          assertEquals(await sha256(record), input.leaderboard.results[0]?.record);
        });
      });

      await t.step("has no accessibility violation, light, dark, narrow, and in the dialog", async () => {
        for (const colorScheme of ["light", "dark"] as const) {
          await withPage(browser, html, async ({ page }) => {
            await page.locator("details").evaluateAll((all) =>
              all.forEach((one) => one.setAttribute("open", ""))
            );
            assertEquals(await violations(page), []);
            await page.locator(".pairs button").first().click();
            await page.waitForSelector("dialog[open] .side");
            assertEquals(await violations(page, "dialog"), []);
          }, { colorScheme });
        }
        await withPage(browser, html, async ({ page }) => {
          assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 390);
          assertEquals(await violations(page), []);
        }, { viewport: { width: 390, height: 844 } });
      });

      await t.step("follows the system's colours and the reader's choice", async () => {
        await withPage(browser, html, async ({ page }) => {
          const dark = await background(page);
          await page.click("#theme");
          assert(await background(page) !== dark);
          await page.reload();
          assertEquals(await page.textContent("#theme"), "Colours: light");
          await page.click("#theme");
          assertEquals(await background(page), dark);
        }, { colorScheme: "dark" });
      });

      await t.step("turns red where an embedded byte or a shown number was changed", async () => {
        const number = input.leaderboard.rows[0]?.mean.average.value ?? 0;
        const forged: [string, string][] = [
          [
            await tamper(html, "record-0", (text) => text.replace('"correct":[0', '"correct":[1')),
            "results.json has another SHA-256",
          ],
          [
            await tamper(html, "bundle-0", (text) => text.replace('"sig":"', '"sig":"A')),
            "the signature of the manifest does not hold|cannot be read",
          ],
          [
            replaced(html, `"value":${number}`, `"value":${number + 0.01}`),
            "the judge says of scores|something else than what was signed",
          ],
          [
            replaced(
              html,
              /(id="key-0">MCowBQYDK2VwAyEA)(.)/,
              (_, head, digit) => head + (digit === "A" ? "B" : "A"),
            ),
            "names another key|cannot be read",
          ],
          [replaced(html, /(id="record-0">)[^<]*/, "$1"), "cannot be read"],
        ];
        for (const [page, reason] of forged) {
          await withPage(browser, page, async ({ page }) => {
            assertEquals(await badge(page), "badge failed: ✗ 2 of 3 results hold, 0 by trusted keys");
            assert(
              new RegExp(reason).test(await page.locator(".checks").first().textContent() ?? ""),
              reason,
            );
          });
        }
      });

      await t.step("says so where the browser cannot check", async () => {
        const before = () => {
          crypto.subtle.importKey = () => Promise.reject(new DOMException("no", "NotSupportedError"));
        };
        await withPage(browser, html, async ({ page }) => {
          assertEquals(await badge(page), "badge unknown: – signatures cannot be checked in this browser");
          assertStringIncludes(
            await page.textContent("#sources") ?? "",
            "Cannot check in this browser: it lacks Ed25519",
          );
        }, { before });
      });

      await t.step("checks P-256 signatures too", async () => {
        for (let round = 0; round < 2; round++) { // no two signatures are the same
          await withPage(browser, await htmlOf({ embedded: {} }, "p256"), async ({ page }) => {
            assertEquals(await badge(page), "badge untrusted: ○ 1 of 1 result holds, 0 by trusted keys");
          });
        }
      });

      await t.step("shows markup in names and transcripts as text", async () => {
        await withPage(browser, await htmlOf({ hostile }), async ({ page }) => {
          assertEquals(await badge(page), "badge untrusted: ○ 1 of 1 result holds, 0 by trusted keys");
          await page.locator(".pairs button").first().click();
          await page.waitForSelector("dialog[open] .side");
          const text = await page.locator("body").innerText();
          for (const name of ["p", "b", "s"]) assertStringIncludes(text, name + NAME);
          for (const start of ["m", "d"]) assertStringIncludes(text, start + HOSTILE);
          assertStringIncludes(await page.locator("dialog pre").first().textContent() ?? "", HOSTILE);
          assertEquals(await page.evaluate(() => Reflect.get(globalThis, "pwned")), undefined);
          assertEquals(await page.locator("img, iframe, object, embed").count(), 0);
          assertEquals(await page.locator("body script:not([type])").count(), 0);
        });
      });

      await t.step("stays under 1 MB with 20 results of 7 runs", async () => {
        const twenty = Array.from({ length: 20 }, (_, i): [string, Variation] => [`result-${i}`, {
          commit: `${i}`.padStart(8, "d"),
          date: `2026-01-${String(i + 1).padStart(2, "0")}T00:00:00Z`,
          change: (record) => renamed(`profile-${i % 5}`, "Qwen/Qwen3-4B")(shifted(i)(record)),
        }]);
        const html = await htmlOf(Object.fromEntries(twenty));
        assert(new TextEncoder().encode(html).length < 1e6, `it has ${html.length} bytes`);
        await withPage(browser, html, async ({ page }) => {
          assertEquals(await badge(page), "badge untrusted: ○ 20 of 20 results hold, 0 by trusted keys");
          assertEquals(await page.locator("#history figure").count(), 5);
          await page.check("#all");
          assertEquals((await methodsShown(page)).length, 60);
        });
      });
    } finally {
      await browser.close();
    }
  },
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inspectionFiles } from "../../../src/report/mod.ts";
import { hasChromium, launch, violations, withPage } from "../../publish/browser.ts";
import { inspectedModel, inspectionOf } from "./fixture.ts";

const unseen = hasChromium ? "" : " (ignored: there is no Chromium)";

Deno.test({
  name:
    `the page of an inspection opens without a complaint: light, dark, wide, narrow, hovered, printed${unseen}`,
  ignore: !hasChromium,
  // The driver's process outlives the test for a moment.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const models = [
      await inspectedModel("one"),
      await inspectedModel("two", { seed: 2, tokens: 50, layers: 12 }),
    ];
    const files = await inspectionFiles(inspectionOf(...models));
    const html = files["inspect.html"] ?? "";
    const browser = await launch();
    try {
      for (const colorScheme of ["light", "dark"] as const) {
        for (const width of [1280, 360]) {
          await withPage(browser, html, async ({ page }) => {
            assertEquals(await page.locator("svg.figure").count() > 20, true);
            const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
            assertEquals(wide, 0, `at ${width} pixels the page is too wide`);
            if (width > 1000) assertEquals(await violations(page), [], colorScheme);
            const column = page.locator(".column").nth(2);
            await column.scrollIntoViewIfNeeded();
            await column.hover();
            assertStringIncludes(await page.locator("#tip").textContent() ?? "", "layer 2 (index 1): ");
            assert(await page.locator("#tip").isVisible());
            assertEquals(await page.evaluate("document.querySelectorAll('svg.figure title').length"), 0);
          }, { viewport: { width, height: 900 }, colorScheme });
        }
      }
      // Figures are files of their own: XML that a browser reads.
      const page = await browser.newPage();
      for (const [path, svg] of Object.entries(files)) {
        if (!path.endsWith(".svg")) continue;
        const parsed = `new DOMParser().parseFromString(${JSON.stringify(svg)}, "image/svg+xml")`;
        const fault: string | undefined = await page.evaluate(
          `${parsed}.querySelector("parsererror")?.textContent`,
        );
        assertEquals(fault ?? "", "", path);
      }
      await page.setContent(html);
      assertEquals((await page.pdf({ format: "A4" })).length > 10_000, true);
    } finally {
      await browser.close();
    }
  },
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { RunMaker } from "../../src/result/mod.ts";
import { hasChromium, launch, withPage } from "./browser.ts";
import { htmlOf } from "./published_fixture.ts";

const maker = {
  ...{
    sources: "0".repeat(64),
    commit: "c".repeat(40),
    dirty: false,
    records: ["train grpo-1", "train bupo-1"],
  },
  ...{ provider: "cpu", kernels: "avx avx2", onnxruntime: "1.30.0", deno: "2.9.6" },
  ...{ os: "linux 6", arch: "x86_64", cpu: "One Processor" },
} satisfies RunMaker;

Deno.test({
  name: `the page lists every environment of a result with its records${
    hasChromium ? "" : " (ignored: no /usr/bin/chromium)"
  }`,
  ignore: !hasChromium,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const other = {
      ...maker,
      cpu: "Another Processor",
      dirty: true,
      records: ["evaluate base on mini-math"],
    };
    const html = await htmlOf({ one: { makers: [maker, other] } }), browser = await launch();
    try {
      await withPage(browser, html, async ({ page }) => {
        const facts = await page.locator("#sources dl").evaluateAll((lists) =>
          lists.flatMap((list) => [...list.children].map(({ textContent }) => textContent ?? ""))
        );
        const first = facts[facts.indexOf("Executed 2 records") + 1] ?? "";
        assertStringIncludes(first, "kernels avx avx2");
        assertStringIncludes(first, "cpu One Processor");
        assert(first.endsWith(`commit ${maker.commit}: train grpo-1, train bupo-1`), first);
        const second = facts[facts.indexOf("Executed 1 record") + 1] ?? "";
        assert(second.endsWith(`commit ${maker.commit}, with changes: evaluate base on mini-math`), second);
        await page.locator("#sources .checks .holds").first().waitFor({ state: "attached" });
        assertEquals(await page.locator("#sources .fails").count(), 0);
      });
    } finally {
      await browser.close();
    }
  },
});

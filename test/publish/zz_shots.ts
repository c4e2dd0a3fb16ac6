import { launch, withPage } from "./browser.ts";
const [file = "", out = "", only = ""] = Deno.args;
const browser = await launch();
const html = await Deno.readTextFile(file);
const kinds = [
  ["light", 1280, "light", "screen"], ["dark", 1280, "dark", "screen"], ["narrow", 390, "light", "screen"],
  ["wide", 1700, "light", "screen"], ["print", 794, "light", "print"],
] as const;
for (const [name, width, colorScheme, media] of kinds) {
  if (only && !only.split(",").includes(name)) continue;
  await withPage(browser, html, async ({ page }) => {
    await page.emulateMedia({ media });
    const height = await page.evaluate("document.documentElement.scrollHeight") as number;
    const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    console.log(name, height, "overflow", overflow);
    for (let y = 0, k = 0; y < height && k < 8; y += 1700, k++) {
      const png = await page.screenshot({ type: "png", fullPage: true, clip: { x: 0, y, width, height: Math.min(1700, height - y) } });
      await Deno.writeFile(`${out}-${name}-${k}.png`, png);
    }
  }, { viewport: { width, height: 900 }, colorScheme, deviceScaleFactor: 1 });
}
await browser.close();

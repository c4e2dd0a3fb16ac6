/**
 * Takes the picture of the leaderboard's page that the README shows: `docs/leaderboard.png` of
 * `results/leaderboard.html`. `docs/leaderboard.md` has the command.
 */

import { launch, withPage } from "./browser.ts";

const root = new URL("../../", import.meta.url);

const browser = await launch();
try {
  const html = await Deno.readTextFile(new URL("results/leaderboard.html", root));
  await withPage(browser, html, async ({ page }) => {
    const png = await page.screenshot({ type: "png", animations: "disabled" });
    await Deno.writeFile(new URL("docs/leaderboard.png", root), png);
  }, { viewport: { width: 1280, height: 860 }, colorScheme: "light", deviceScaleFactor: 1 });
} finally {
  await browser.close();
}

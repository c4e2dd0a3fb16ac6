import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { assertEquals } from "@std/assert";

/** Where Debian's chromium is. */
const CHROMIUM = "/usr/bin/chromium";

/** Is there a browser? */
export const hasChromium = await Deno.stat(CHROMIUM).then(({ isFile }) => isFile, () => false);

/** Starts it; its driver is loaded only then. */
export async function launch(): Promise<Browser> {
  // Loading the driver would look for WSL in /proc, for which Deno demands every permission; this skips it.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  const args = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  return await chromium.launch({ executablePath: CHROMIUM, args });
}

/** A page from disk, and what it did that it must not do. */
export interface OpenPage {
  /** The page. */
  readonly page: Page;
  /** Errors on the console, uncaught errors, and requests other than for the file itself. */
  readonly complaints: string[];
}

/** Opens HTML from disk in a window of its own, runs a test on it, and expects no complaint. */
export async function withPage(
  browser: Browser,
  html: string,
  run: (open: OpenPage) => Promise<void>,
  options: BrowserContextOptions & { readonly before?: () => void } = {},
): Promise<void> {
  const { before, ...context } = options;
  const folder = await Deno.makeTempDir();
  const opened = await browser.newContext({ acceptDownloads: true, ...context });
  try {
    const file = join(folder, "leaderboard.html"), url = pathToFileURL(file).href;
    await Deno.writeTextFile(file, html);
    const page = await opened.newPage(), complaints: string[] = [];
    if (before) await page.addInitScript(before);
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
      if (request.url() !== url && !/^(blob|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(url);
    await page.locator(".badge", { hasText: "checking" }).first().waitFor({
      state: "detached",
      timeout: 120_000,
    });
    await run({ page, complaints });
    assertEquals(complaints, []);
  } finally {
    await opened.close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** What axe-core finds wrong with a page, or a part of it. */
export async function violations(page: Page, part = "html"): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async (part) => {
    type Outcome = { violations: { id: string; nodes: { html: string }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run(part: string): Promise<Outcome> } };
    const { violations } = await axe.run(part);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3).join(" ")}`);
  }, part);
}

/** What the page's check covers: every value of its data is changed, one at a time. */

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { publication, readResult } from "../../src/publish/mod.ts";
import { isUncovered, renderPage } from "../../src/report/mod.ts";
import { keysOf, newKey } from "../result/fixture.ts";
import { hasChromium, launch, withPage } from "./browser.ts";
import { leading, QUICK, through } from "./published_fixture.ts";
import { makeResult, small } from "./synthetic.ts";

/** A page of one small result that has everything a page can have. */
async function smallPage(): Promise<string> {
  const root = await Deno.makeTempDir();
  try {
    const key = await newKey(),
      plan = { ...small, suites: ["mini-math"], problems: 30, samples: 2, seeds: [1] };
    await makeResult(root, "made", { ...plan, steps: 8, methods: { bupo: 0.2 } }, key);
    const result = await readResult(join(root, "made"), keysOf(key));
    assert(!("reason" in result), JSON.stringify(result));
    const excluded = [{ name: "other", reason: "it cannot be read" }];
    const { page } = await publication([leading(result)], excluded, { ...QUICK, historyGaps: ["made"] });
    return await renderPage(page);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** The paths of all values in a JSON value that are no lists or objects, or empty ones. */
function leaves(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, `${path}.${name}`));
}

/** Another value of the same kind. */
function other(value: unknown): unknown {
  if (typeof value === "number") return value + 1e-3 * Math.max(1, Math.abs(value));
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") {
    return /^[0-9a-f]{64}$/.test(value) ? value.replace(/./, (c) => c === "0" ? "1" : "0") : `${value}x`;
  }
  if (Array.isArray(value)) return ["x"];
  return value === null ? "x" : { x: 1 };
}

/** A copy in which the value at a path is another. */
function changed<T>(data: T, path: readonly string[]): T {
  const copy = structuredClone(data);
  let place: unknown = copy;
  for (const name of path.slice(0, -1)) place = Reflect.get(Object(place), name);
  const last = path.at(-1) ?? "";
  Reflect.set(Object(place), last, other(Reflect.get(Object(place), last)));
  return copy;
}

const pattern = (id: string): RegExp => new RegExp(`(<script type="[^"]*" id="${id}">)([^<]*)`);

Deno.test({
  name: `the badge notices every changed value that is not marked as not covered${
    hasChromium ? "" : " (ignored: no /usr/bin/chromium)"
  }`,
  ignore: !hasChromium,
  // The browser is a process with pipes of its own; it is closed at the end.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const html = await smallPage(), browser = await launch(), folder = await Deno.makeTempDir();
    const inflate = async (text: string): Promise<unknown> =>
      JSON.parse(
        new TextDecoder().decode(await through(Uint8Array.fromBase64(text), new DecompressionStream("gzip"))),
      );
    const deflate = async (value: unknown): Promise<string> =>
      (await through(new TextEncoder().encode(JSON.stringify(value)), new CompressionStream("gzip")))
        .toBase64();
    const block = (id: string): string => pattern(id).exec(html)?.[2] ?? "";
    const data: Readonly<Record<string, unknown>> = {
      leaderboard: JSON.parse(block("leaderboard")),
      figures: await inflate(block("figures")),
    };
    try {
      await withPage(browser, html, async ({ page }) => {
        assertEquals(await page.getAttribute("#signatures", "class"), "badge untrusted");
        // What the check does not cover is marked where it stands, and listed.
        for (const place of ["#training", "#excluded", "#sources dd", "#settings"]) {
          if (place === "#settings") await page.click("#settings > summary");
          await page.locator(`${place} .uncovered`).first().waitFor({ state: "attached" });
        }
        assertEquals(await page.locator("h3#uncovered + ul > li").count(), 7);
      });
      const paths = Object.entries(data).flatMap(([name, value]) => leaves(value, name));
      const covered = paths.filter((path) => !isUncovered(path));
      // All that describes a result is covered.
      for (
        const name of [
          "model.name",
          "commit",
          "date",
          "graderVersion",
          "key",
          "headline",
          "suites.0.name",
          "first",
        ]
      ) {
        assert(covered.includes(`leaderboard.results.0.${name}`), name);
      }
      for (const name of ["rows.0.seeds.0", "rows.0.label", "rows.0.mean.average.low", "pairs.0.verdict"]) {
        assert(covered.includes(`leaderboard.${name}`), name);
      }
      assert(covered.length > 100, `${covered.length} values`);
      const page = await browser.newPage(),
        file = join(folder, "page.html"),
        silent: string[] = [],
        breaking: string[] = [];
      for (const path of covered) {
        const [name = "", ...below] = path.split("."), value = changed(data[name], below);
        const text = name === "figures" ? await deflate(value) : JSON.stringify(value);
        await Deno.writeTextFile(file, html.replace(pattern(name), (_, head) => head + text));
        // A page that its data breaks shows nothing, which nobody takes for a result.
        const broken = page.waitForEvent("pageerror", { timeout: 0 }).then(() => "broken", () => "broken");
        await page.goto(pathToFileURL(file).href);
        const signatures = page.locator("#signatures").filter({ hasNotText: "checking" });
        const badge = signatures.waitFor().then(() => signatures.getAttribute("class"));
        const state = await Promise.race([badge, broken]);
        if (state === "broken") breaking.push(path);
        badge.catch(() => undefined);
        if (state !== "badge failed" && state !== "broken") silent.push(path);
      }
      assertEquals(silent, []);
      assert(breaking.length < 10, breaking.join(" "));
    } finally {
      await browser.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

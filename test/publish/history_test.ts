import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { canonicalJson } from "../../src/canonical_json.ts";
import {
  publication,
  readHistory,
  readResult,
  type VerifiedResult,
  withPlaces,
} from "../../src/publish/mod.ts";
import { historyOf, renderPage } from "../../src/report/mod.ts";
import { loadPublishedKeys, type ResultRecord, type VerifyKeys } from "../../src/result/mod.ts";
import { Repository, shifted, smallRecord, withRepository } from "../result/history_fixture.ts";
import { facts } from "../result/fixture.ts";
import { hasChromium, launch, violations, withPage } from "./browser.ts";
import { QUICK } from "./published_fixture.ts";

/** What a run of a day says of itself. */
function madeOn(day: number, commit: string): typeof facts {
  const date = `2026-01-0${day}T00:00:00Z`;
  return {
    ...facts,
    sources: [{
      name: "source",
      digest: { gitCommit: commit.repeat(40) },
      annotations: { dirty: false },
    }],
    metadata: { startedOn: date, finishedOn: date },
  };
}

/** Reads the present result of a repository with the keys that are published in it. */
async function present(repository: Repository): Promise<{ result: VerifiedResult; keys: VerifyKeys }> {
  const keys = { published: await loadPublishedKeys(join(repository.root, "results", "keys")) };
  const result = await readResult(repository.folder(), keys);
  assert(!("reason" in result), JSON.stringify(result));
  return { result, keys };
}

/**
 * A repository with five commits: by an older grader; unsigned; signed by a key that is no longer published; a part of
 * the suites only; worse. The first is committed once more, and the last lies on disk and is not committed yet.
 */
async function withHistory(
  run: (repository: Repository, record: ResultRecord) => Promise<void>,
): Promise<void> {
  await withRepository(async (repository) => {
    const record = await smallRecord(), old = { ...record, graderVersion: "1.0.0" };
    await repository.write(old, { graded: true, change: madeOn(1, "a") });
    await repository.commit("first");
    await repository.write(record, { signed: false });
    await repository.commit("unsigned");
    const stranger = new Repository(repository.root);
    await stranger.write(shifted(record, "bupo", 1), { graded: true, change: madeOn(3, "c") });
    await stranger.commit("stranger");
    const named = stranger.keyid.slice("SHA256:".length).replaceAll("+", "-").replaceAll("/", "_");
    await Deno.remove(join(repository.root, "results", "keys", `${named}.pem`));
    await repository.write({ ...record, profile: { ...record.profile, limit: 40 } }, {
      graded: true,
      change: madeOn(4, "d"),
    });
    await repository.commit("partial");
    await repository.write(shifted(record, "bupo", -2), { graded: true, change: madeOn(5, "e") });
    await repository.commit("worse");
    await repository.write(old, { graded: true, change: madeOn(1, "a") });
    await repository.commit("first again");
    await repository.write(record, { graded: true, change: madeOn(6, "f") });
    await run(repository, record);
  });
}

Deno.test("readHistory() takes verified results of commits; historyOf() shows each result once", async () => {
  await withHistory(async (repository, record) => {
    const { result, keys } = await present(repository);
    const { past, gaps, skipped } = await readHistory([result], keys);
    assertEquals(gaps, []);
    assertEquals(past.map(({ commit }) => commit[0]), ["a", "e", "a"]);
    assertEquals(skipped.map(({ reason }) => reason.replace(/: .*/s, "")), [
      "it is a partial run",
      "its signature does not hold",
      "its signature was removed",
    ]);
    const { leaderboard } = await publication([result], [], QUICK);
    const points = historyOf(leaderboard, past), bupo = points.filter(({ method }) => method === "bupo");
    assertEquals(points.length, 9);
    assertEquals(new Set(points.map(({ series }) => series)).size, 2, "another grader is another line");
    assertEquals(bupo.map(({ commit, grader }) => [commit[0], grader]), [
      ["a", "1.0.0"],
      ["e", record.graderVersion],
      ["f", record.graderVersion],
    ]);
    const [first, worse, last] = bupo;
    assert(first && worse && last && worse.value < last.value);
    for (const { low, value, high } of points) assert(low < value && value < high);
    // The same counts give the same numbers, whether they are read from a commit or from disk.
    assertEquals([first.value, first.low, first.high], [last.value, last.low, last.high]);
    // Once it is committed the result on disk is in the history too, and still one point.
    await repository.commit("last");
    const again = await readHistory([result], keys);
    assertEquals(again.past.length, 4);
    const placed = (await publication(withPlaces([result], again), [], QUICK)).leaderboard;
    const plain = (all: typeof points) => all.map(({ place: _, ...point }) => canonicalJson(point)).sort();
    assertEquals(plain(historyOf(placed, again.past)), plain(points));
    assertEquals([again.places.get("embedded"), past.length > 0], [0, true]);
  });
});

Deno.test("readHistory() counts no signature outside of the trusted keys", async () => {
  await withHistory(async (repository) => {
    const { result, keys } = await present(repository);
    const { past } = await readHistory([result], { ...keys, trusted: new Map() });
    assertEquals(past, []);
  });
});

Deno.test("readHistory() says where it cannot know all of the history", async () => {
  await withHistory(async (repository) => {
    await repository.commit("last");
    const clone = join(repository.root, "..", "clone", "results");
    await repository.git("clone", "-q", "--depth", "1", `file://${repository.root}`, join(clone, ".."));
    const shallow = await present(new Repository(join(clone, "..")));
    const { past, gaps } = await readHistory([shallow.result], shallow.keys);
    assertEquals(past.length, 1);
    assertEquals(gaps, [{
      name: "embedded",
      reason: "the clone is shallow; git fetch --unshallow brings the rest",
    }]);
    await Deno.rename(clone, join(clone, "..", "elsewhere"));
    const moved = { ...shallow.result, directory: join(clone, "..", "elsewhere", "embedded") };
    assertEquals(
      (await readHistory([moved], shallow.keys)).gaps[0]?.reason,
      "it does not stand in a folder named results",
    );
  });
});

Deno.test("publish without git shows what is on disk, and says so", async () => {
  await withHistory(async (repository) => {
    const main = new URL("../../main.ts", import.meta.url).pathname,
      results = join(repository.root, "results");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...[
          "run",
          "--no-prompt",
          "--allow-read",
          `--allow-write=${repository.root}`,
          "--allow-env=BUPO_TRACE",
        ],
        ...[main, "publish", join(results, "embedded"), "--out", repository.root],
        ...["--keys", join(results, "keys")],
      ],
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    assertStringIncludes(
      new TextDecoder().decode(stdout),
      "history of embedded: not all of what git may hold is shown: --allow-run=git is not given",
    );
  });
});

Deno.test({
  name: `the history of commits, in a browser${hasChromium ? "" : " (ignored: no /usr/bin/chromium)"}`,
  ignore: !hasChromium,
  // The browser is a process with pipes of its own; it is closed at the end.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await withHistory(async (repository) => {
      const { result, keys } = await present(repository);
      const { past } = await readHistory([result], keys);
      const { page: input } = await publication([result], [], { ...QUICK, past, historyGaps: ["embedded"] });
      const html = await renderPage(input), browser = await launch();
      try {
        for (const colorScheme of ["light", "dark"] as const) {
          await withPage(browser, html, async ({ page }) => {
            const figure = page.locator("#history figure");
            assertEquals(await figure.count(), 1);
            assertEquals(await figure.locator(".band").count(), 3);
            assertEquals(await figure.locator(".dot").count(), 6);
            await figure.locator("summary").click();
            assertEquals(
              await figure.locator("tbody th").allTextContents(),
              ["eeeeeeeeee", "ffffffffff"],
            );
            const note = await page.locator("#history .note").first().textContent() ?? "";
            assertStringIncludes(
              note,
              "Of embedded, older results in git are not known, or not all of them.",
            );
            assertEquals(await violations(page), []);
          }, { colorScheme });
        }
      } finally {
        await browser.close();
      }
    });
  },
});

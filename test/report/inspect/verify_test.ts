import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { type Inspection, inspectionFiles, signedReport, verifyInspection } from "../../../src/report/mod.ts";
import { loadPublishedKeys, publishKey, type SigningKey, signInspection } from "../../../src/result/mod.ts";
import { newKey } from "../../result/fixture.ts";
import { trainingInspection } from "./training_fixture.ts";

const facts = {
  command: ["deno", "task", "inspect", "--trained"],
  sources: [{ name: "source", digest: { gitCommit: "a".repeat(40) } }],
  environment: {
    provider: "cpu",
    threads: 1,
    onnxruntime: "1.30.0",
    deno: "2.9.6",
    os: "linux 6",
    arch: "x86_64",
    cpu: "one",
  },
  metadata: { startedOn: "2026-01-31T12:00:00Z", finishedOn: "2026-01-31T12:01:00Z" },
};

async function write(folder: string, inspection: Inspection): Promise<void> {
  for (const [path, text] of Object.entries(await inspectionFiles(inspection))) {
    await Deno.mkdir(join(folder, path, ".."), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
}

/** A signed report, and what verifying it says after something was done to it. */
async function withReport(
  work: (report: {
    readonly folder: string;
    readonly key: SigningKey;
    readonly inspection: Inspection;
    readonly problems: () => Promise<string[]>;
  }) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir(), folder = join(root, "inspection");
  try {
    const key = await newKey(), inspection = trainingInspection();
    await write(folder, inspection);
    await signInspection(folder, signedReport(inspection), facts, key);
    await publishKey(folder, key.publicKey);
    const published = await loadPublishedKeys(join(root, "keys"));
    await work({
      folder,
      key,
      inspection,
      problems: async () =>
        (await verifyInspection(folder, { published })).problems.map(({ file, problem }) =>
          `${file}: ${problem}`
        ),
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("a signed report holds: signature, files, page and figures; it names models, runs, commit and command", async () => {
  await withReport(async ({ folder, key }) => {
    const published = await loadPublishedKeys(join(folder, "../keys"));
    const found = await verifyInspection(folder, { published });
    assertEquals([found.ok, found.problems, found.keyid], [true, [], key.publicKey.keyid]);
    const { models, command, sources, profile } = found.statement?.predicate ?? {};
    assertEquals(models?.map(({ name, run }) => [name, run?.seed]).slice(0, 2), [["tiny", undefined], [
      "GRPO seed 1",
      1,
    ]]);
    assertEquals([profile, command, sources], ["tiny", facts.command, facts.sources]);
    assertEquals(found.result, { absent: "the report names none" });
    const stranger = await newKey();
    const other = new Map([[stranger.publicKey.keyid, { key: stranger.publicKey, owner: "me" }]]);
    const untrusted = await verifyInspection(folder, { published, trusted: other });
    assertStringIncludes(untrusted.problems[0]?.problem ?? "", "which is none of the trusted keys");
  });
});

Deno.test("whatever is changed in a report is found, file by file", async () => {
  await withReport(async ({ folder, problems }) => {
    const changes: readonly (readonly [string, (text: string) => string, string])[] = [
      [
        "inspect.html",
        (text) => text.replace("Before and after", "Long before"),
        "inspect.html: its SHA-256 is",
      ],
      [
        "figures/over_steps.svg",
        (text) => text.replace("GRPO", "BuPO"),
        "figures/over_steps.svg: its SHA-256 is",
      ],
      ["inspect.json", (text) => text.replace('"seed":1', '"seed":9'), "inspect.json: its SHA-256 is"],
      ["inspect.intoto.json", (text) => text.replace(/"sig":"..../, '"sig":"AAAA'), "does not hold"],
      ["inspect.sigstore.json", (text) => text.replace("0.3", "0.2"), "it does not hold the envelope of"],
    ];
    for (const [file, change, said] of changes) {
      const path = join(folder, file), text = await Deno.readTextFile(path), changed = change(text);
      assert(changed !== text, file);
      await Deno.writeTextFile(path, changed);
      assertStringIncludes((await problems()).join("\n"), said);
      await Deno.writeTextFile(path, text);
    }
    await Deno.writeTextFile(join(folder, "more.svg"), "");
    assertStringIncludes((await problems()).join("\n"), "more.svg: the statement does not name it");
    await Deno.remove(join(folder, "more.svg"));
    await Deno.rename(join(folder, "inspect.html"), join(folder, "../page.html"));
    assertStringIncludes((await problems()).join("\n"), "inspect.html: it is missing");
    await Deno.rename(join(folder, "../page.html"), join(folder, "inspect.html"));
    assertEquals(await problems(), []);
  });
});

Deno.test("a report that is signed as it is, but whose figures are not what its numbers give, is found", async () => {
  await withReport(async ({ folder, key, inspection, problems }) => {
    const sign = (report = signedReport(inspection)) => signInspection(folder, report, facts, key);
    const path = join(folder, "figures/before_after.svg"), figure = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, figure.replace("ΔH_FFN", "ΔH_FFM"));
    await sign();
    assertEquals(await problems(), [
      "figures/before_after.svg: it is not what inspect.json gives with this version",
    ]);
    await Deno.writeTextFile(path, figure);
    await Deno.writeTextFile(join(folder, "figures/more.svg"), figure);
    await sign();
    assertEquals(await problems(), ["figures/more.svg: inspect.json gives no such file"]);
    await Deno.remove(join(folder, "figures/more.svg"));
    const { models, ...report } = signedReport(inspection);
    await sign({ ...report, models: models.slice(1) });
    assertEquals(await problems(), ["inspect.intoto.json: it speaks of other models than inspect.json"]);
    const other = { ...inspection, models: inspection.models.slice(0, 4) };
    await Deno.writeTextFile(
      join(folder, "inspect.json"),
      (await inspectionFiles(other))["inspect.json"] ?? "",
    );
    await sign(signedReport(other));
    assertStringIncludes((await problems()).join("\n"), "inspect.html: it is not what inspect.json gives");
  });
});

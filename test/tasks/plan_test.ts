import { assert, assertEquals, assertMatch } from "@std/assert";
import { runTask } from "./run_task.ts";

Deno.test("plan prints one screen: the verdict first, then memory, time and disk", async () => {
  const { code, stdout, stderr } = await runTask([
    "plan",
    "--profile",
    "smoke",
    "--memory",
    "4",
    "--tflops",
    "1",
  ]);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assertMatch(lines[0] ?? "", /^smoke +fits: needs .+ of 4\.00 GiB$/);
  assert(lines.length <= 24, String(lines.length));
  for (const word of ["a worker", "peaks", "time", "disk"]) {
    assert(lines.some((line) => line.startsWith(word)), word);
  }
});

Deno.test("plan has exit code 1 where a profile does not fit, and names what to change", async () => {
  const args = [
    "plan",
    "--profile",
    "octothinker-3b",
    "--memory",
    "150",
    "--tflops",
    "100",
    "--workers",
    "2",
  ];
  const { code, stdout } = await runTask(args);
  assertEquals(code, 1);
  assertMatch(
    stdout,
    /DOES NOT FIT: needs .+ GiB, the machine has 150\.0 GiB\nadvice +change to --workers 1\n/,
  );
  assertMatch(stdout, /octothinker-3b-long-base\.json, as it is not downloaded/);
});

Deno.test("plan for a device counts its memory alone", async () => {
  const device = ["plan", "--profile", "smoke", "--provider", "webgpu", "--tflops", "1"];
  const fits = await runTask([...device, "--memory", "1"]),
    small = await runTask([...device, "--memory", "0.01"]);
  assertEquals([fits.code, small.code], [0, 1], fits.stderr + small.stderr);
  assertMatch(
    fits.stdout,
    /^smoke +fits: needs 0\.\d+ GiB of 1\.00 GiB\n[^]*\ndevice +0\.\d+ GiB with 1 at a time\n/,
  );
  assertMatch(small.stdout, /^smoke +DOES NOT FIT: needs .+ GiB, the device has 0\.01 GiB\n/);
});

Deno.test("plan --json is one document; bad values are one line", async () => {
  const json = await runTask(["plan", "--profile", "smoke", "--variant", "none"]);
  assertEquals(json.code, 2);
  const { stdout } = await runTask([
    "plan",
    "--profile",
    "smoke",
    "--memory",
    "4",
    "--tflops",
    "1",
    "--json",
  ]);
  const plan = JSON.parse(stdout);
  assertEquals([plan.profile, plan.fits, plan.parameters.full], ["smoke", "yes", 1461280]);
  for (const value of ["0", "-1", "much"]) {
    const { code, stderr } = await runTask(["plan", "--profile", "smoke", `--memory=${value}`]);
    assertEquals([code, stderr], [2, `error: Cannot read "--memory ${value}": expected a number above 0\n`]);
  }
});

Deno.test("plan --inspect says what an inspection takes, and has exit code 1 where it does not fit", async () => {
  const args = ["plan", "--profile", "qwen3-8b", "--tflops", "1", "--inspect", "10"];
  const fitting = await runTask([...args, "--memory", "32"]);
  assertEquals([fitting.code, fitting.stderr], [0, ""]);
  assertMatch(
    fitting.stdout,
    /^qwen3-8b inspected {2}fits: needs \S+ GiB, float32, weights read layer by layer\nmemory .+\ntime .+\n$/,
  );
  const small = await runTask([...args, "--memory", "2", "--json"]);
  assertEquals(small.code, 1);
  const { fits, layer, embeddings, states, graphs, peak } = JSON.parse(small.stdout);
  assertEquals([fits, layer + embeddings + states + graphs], [false, peak]);
});

Deno.test("plan --card prints the fields to set, and --write makes a profile that the same card runs as it is", async () => {
  const folder = await Deno.makeTempDir(), file = `${folder}/mine.json`;
  const card = ["--card", "12", "--tflops", "100"];
  const made = await runTask(["plan", "--profile", "qwen3-0.6b", ...card, "--write", file], { folder });
  assertEquals([made.code, made.stderr], [0, ""]);
  const [first = "", second = ""] = made.stdout.split("\n");
  assertMatch(first, /^card +12 GB: set (training\.\w+: true(, )?)+; written: --profile \S+mine\.json$/);
  assertMatch(second, /^qwen3-0\.6b +fits: needs \S+ GiB of 11\.0 GiB$/);
  const again = await runTask(["plan", "--profile", file, ...card, "--json"]);
  const { fits, set, card: planned, profile } = JSON.parse(again.stdout);
  assertEquals([again.code, fits, set, planned, profile], [0, "yes", [], 12, "mine"]);
  const twice = await runTask(["plan", "--profile", "smoke", ...card, "--write", file], { folder });
  assertEquals([twice.code, twice.stdout], [2, ""]);
  assertMatch(twice.stderr, /^error: Cannot write \S+: it exists; name a new file, or remove it\n$/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("plan refuses cards that are none in one line", async () => {
  const refusals = [
    [["--card", "13"], 'Cannot plan for "--card 13": expected 12, 24, 48, 80, 141, the memory in GB'],
    [
      ["--card", "80", "--memory", "9"],
      "Cannot plan for --card and --memory or --provider: a card is both; say one of them",
    ],
    [
      ["--write", "x.json"],
      "Cannot write a profile without a card: say --card GB, whose settings are to be set",
    ],
  ] as const;
  for (const [args, message] of refusals) {
    const { code, stdout, stderr } = await runTask(["plan", "--profile", "smoke", "--tflops", "1", ...args]);
    assertEquals([code, stdout, stderr], [2, "", `error: ${message}\n`]);
  }
});

Deno.test("the README's and docs/scale.md's tables of the paper's profiles are what plan says", async () => {
  const cells = (text: string, profile: string, columns: number): string[] => {
    const rows = text.split("\n").filter((line) => line.startsWith(`| ${profile} `))
      .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
    return rows.find(({ length }) => length === columns) ?? [];
  };
  const readme = await Deno.readTextFile("README.md"), scale = await Deno.readTextFile("docs/scale.md");
  for (const profile of ["qwen3-0.6b", "qwen3-4b", "qwen3-8b", "octothinker-3b", "octothinker-8b"]) {
    const sizes = ["--workers", "1", "--memory", "1000", "--tflops", "1"];
    const { stdout } = await runTask(["plan", "--profile", profile, ...sizes]);
    const [, full = "", inner = ""] = /training (\S+) GiB \(phase 1 (\S+) GiB\)/.exec(stdout) ?? [];
    const training = `${Number(full).toFixed(1)} / ${Number(inner).toFixed(1)}`;
    const [, peak = ""] = /\nprocess +(\S+) GiB/.exec(stdout) ?? [];
    const [, cache = ""] = /KV cache (\S+) GiB/.exec(stdout) ?? [];
    const whole = Number(peak).toFixed(0),
      cached = Number(cache) < 10 ? cache.slice(0, 3) : Number(cache).toFixed(0);
    const own = cells(readme, profile, 9), more = cells(scale, profile, 11);
    assertEquals([own[3], own[4], own[5]], [training, cached, whole], profile);
    assertEquals([more[3], more[4]?.split(" ")[0], more[5]], [training, cached, whole], profile);
  }
});

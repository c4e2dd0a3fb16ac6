import { assertEquals, assertMatch } from "@std/assert";
import { parseConfig } from "../../src/model/mod.ts";
import { type Machine, type Plan, planProfile, type Profile, suiteSizes } from "../../src/pipeline/mod.ts";
import { announcement } from "../../tasks/shared/announcement.ts";
import { readProfile } from "../../tasks/shared/profile_flag.ts";
import { runTask } from "./run_task.ts";

const config = parseConfig(await Deno.readTextFile("benchmarks/model/config.json"));
const machine: Machine = { memory: 8e9, available: 8e9, cores: 2, speed: 50e9, named: false };

async function plan(profile: Profile, on: Machine = machine): Promise<Plan> {
  return planProfile(profile, config, on, {
    workers: 2,
    suites: await suiteSizes(profile, "."),
    quick: true,
  });
}

const where = { directory: "results/x", resumed: false };

Deno.test("announcement() says what will happen, how long by the plan, and where the result will lie", async () => {
  const profile = await readProfile("embedded");
  assertMatch(
    announcement(profile, await plan(profile), where),
    /^embedded: trains GRPO and BuPO with 3 seeds, evaluates on 2 suites; about \d+ min on 2 cores of 50 GFLOP\/s; result in results\/x$/,
  );
  const minutes = async (speed: number): Promise<number> => {
    const text = announcement(profile, await plan(profile, { ...machine, speed }), where);
    return Number(/about (\d+) min/.exec(text)?.[1]);
  };
  assertEquals(Math.round(await minutes(10e9) / await minutes(40e9)), 4);
});

Deno.test("announcement() promises no more than is known", async () => {
  const profile = { ...await readProfile("smoke"), methods: ["grpo"], seeds: [1], threads: 2 } as const;
  const short = await plan(profile);
  assertMatch(
    announcement(profile, short, { ...where, resumed: true }),
    /^smoke: trains GRPO with 1 seed, evaluates on 1 suite; about 1 min on 4 cores of 50 GFLOP\/s, less what is recorded already; /,
  );
  const unknown = { ...short, suites: [{ name: "own", problems: undefined, samples: 1 }] };
  assertMatch(announcement(profile, unknown, where), /; more than 1 min on /);
  const { seconds: _, ...rest } = short;
  assertMatch(
    announcement(profile, { ...rest, seconds: undefined }, where),
    /; for how long the first steps tell; /,
  );
});

Deno.test("reproduce announces itself before anything else, and is quiet when told to", async () => {
  const folder = await Deno.makeTempDir();
  const args = [
    "reproduce",
    "--profile",
    "smoke",
    "--store",
    `${folder}/store`,
    "--out",
    `${folder}/taken/out`,
  ];
  // A file is where the result's folder should be: what comes after the first line fails.
  await Deno.writeTextFile(`${folder}/taken`, "");
  const env = { XDG_CONFIG_HOME: folder };
  const told = await runTask([...args, "--provider", "cpu"], { folder, env });
  const [first = "", second = ""] = told.stderr.split("\n");
  assertMatch(
    first,
    /^smoke: trains GRPO and BuPO with \d seeds?, evaluates on \d suites?; about 1 min on \d+ cores? of /,
  );
  assertMatch(second, /^error: /);
  const quiet = await runTask([...args, "--quiet"], { folder, env });
  assertMatch(quiet.stderr, /^error: [^\n]+\n$/);
  await Deno.remove(folder, { recursive: true });
});

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { openMpiFile } from "../../src/collective/mod.ts";
import { finish, Lab, type Outcome } from "./lab.ts";

/** Where the launchers lie, by the library that each belongs to. */
const launchers = [
  {
    name: "Open MPI",
    file: "libmpi.so.40",
    words: ["mpirun.openmpi", "--oversubscribe", "--allow-run-as-root"],
    sizes: [2, 4],
  },
  // What four processes do is the same code; the library's own part is in two.
  { name: "MPICH", file: "libmpich.so.12", words: ["mpiexec.mpich"], sizes: [2] },
] as const;

/** Groups, bottom-up phases, and advantages over the whole batch. */
const changes = {
  name: "sharded",
  methods: ["grpo", "bupo", "reinforce_pp"],
  maxResponseTokens: 40,
  training: {
    promptsPerStep: 4,
    gradientShards: 4,
    probe: undefined,
    problems: 60,
    suites: ["mini-aime", "mini-math"],
  },
};

/** Runs a command as several processes. */
async function together(
  lab: Lab,
  [program = "", ...words]: readonly string[],
  processes: number,
  args: readonly string[],
): Promise<Outcome> {
  const own = [Deno.execPath(), ...await lab.arguments(args)];
  const child = new Deno.Command(program, { ...lab.options, args: [...words, "-n", `${processes}`, ...own] });
  return await finish(child.spawn());
}

const checkpoints = (text: string): string[] =>
  [...text.matchAll(/checkpoint ([0-9a-f]{64})/g)].map(([, id = ""]) => id);

for (const { name, file, words, sizes } of launchers) {
  const missing = openMpiFile(file) === undefined;
  const reason = missing ? ` (ignored: ${name} is not installed)` : "";
  Deno.test({
    name: `${sizes.join(" and ")} processes over ${name} train the same bytes as one${reason}`,
    ignore: missing,
    fn: async () => {
      await using lab = await Lab.open();
      const profile = await lab.profile(changes);
      const train = (
        store: string,
      ): string[] => ["train", "--profile", profile, "--store", lab.path(store), "--quiet"];
      const one = await lab.run(...train("one"), "--workers", "1");
      assertEquals(one.code, 0, one.stderr);
      const expected = checkpoints(one.stdout);
      assertEquals(new Set(expected).size, 3);
      for (const processes of sizes) {
        const several = await together(lab, words, processes, [
          ...train(`of-${processes}`),
          "--engine",
          "mpi",
        ]);
        assertEquals(several.code, 0, several.stderr);
        assertEquals(checkpoints(several.stdout), expected, `${processes} processes`);
      }
    },
  });
}

const [openMpi] = launchers, missing = openMpiFile(openMpi.file) === undefined;
Deno.test({
  name: `a killed process ends the others, and the run goes on from its last state${
    missing ? " (ignored: Open MPI is not installed)" : ""
  }`,
  ignore: missing,
  fn: async () => {
    await using lab = await Lab.open();
    const training = { ...changes.training, gradientShards: 2, steps: 12, checkpointEvery: 1 };
    const profile = await lab.profile({ ...changes, methods: ["grpo"], training });
    const train = (store: string): string[] => ["train", "--profile", profile, "--store", lab.path(store)];
    const [program, ...words] = openMpi.words;
    const own = [Deno.execPath(), ...await lab.arguments([...train("killed"), "--engine", "mpi"])];
    // Each process says its number to its file; the second one is killed.
    const script = `echo $$ > ${lab.path("pid-")}$OMPI_COMM_WORLD_RANK; exec "$@"`;
    const child = new Deno.Command(program, {
      ...lab.options,
      args: [...words, "-n", "2", "/bin/sh", "-c", script, "sh", ...own],
    }).spawn();
    const ended = finish(child);
    for (let waited = 0; (await lab.records("killed", "training")).length === 0; waited++) {
      assert(waited < 1200, "no state was saved");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // A shell kills it: Deno may only by leave to run anything.
    const pid = Number(await Deno.readTextFile(lab.path("pid-1")));
    assertEquals((await new Deno.Command("/bin/sh", { args: ["-c", `kill -KILL ${pid}`] }).output()).code, 0);
    assertNotEquals((await ended).code, 0);
    const again = await together(lab, openMpi.words, 2, [...train("killed"), "--engine", "mpi"]);
    assertEquals(again.code, 0, again.stderr);
    assertMatch(again.stderr, /goes on from step \d+ of 12/);
    const one = await lab.run(...train("one"), "--workers", "1", "--quiet");
    assertEquals(checkpoints(again.stdout), checkpoints(one.stdout), one.stderr);
  },
});

Deno.test("a process by itself, and shards that processes cannot share, are refused in one line", async () => {
  await using lab = await Lab.open();
  const profile = await lab.profile(changes);
  const { code, stderr } = await lab.run("train", "--profile", profile, "--engine", "mpi");
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /^error: Cannot train with --engine mpi: there is one process only; start it as "mpirun -n 4 .*\n$/,
  );
});

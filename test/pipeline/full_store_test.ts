/** A store on a file system that is full or may not be written: one line, and nothing that was recorded is lost. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { exists, finish, Lab, type Outcome, tiny } from "./lab.ts";

async function asked(program: string, ...args: string[]): Promise<boolean> {
  const options = { args, stdin: "null", stdout: "null", stderr: "null" } as const;
  return await new Deno.Command(program, options).output().then(({ success }) => success, () => false);
}

/** A file system of a test's own in memory. */
class SmallDisk implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async mount(directory: string, size: string): Promise<SmallDisk | undefined> {
    await Deno.mkdir(directory, { recursive: true });
    const mounted = await asked("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", directory);
    return mounted ? new SmallDisk(directory) : undefined;
  }

  async remount(options: string): Promise<void> {
    assert(await asked("mount", "-o", `remount,${options}`, this.#directory), options);
  }

  /** Takes all the space that is left. */
  async fill(): Promise<() => Promise<void>> {
    const path = join(this.#directory, "filler"), piece = new Uint8Array(1 << 12);
    {
      using file = await Deno.open(path, { write: true, create: true });
      await (async () => {
        for (;;) await file.write(piece);
      })().catch(() => {});
    }
    return () => Deno.remove(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assert(await asked("umount", this.#directory), `${this.#directory} is still mounted`);
  }
}

async function canMount(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const directory = await Deno.makeTempDir(), disk = await SmallDisk.mount(directory, "1m");
  await disk?.[Symbol.asyncDispose]();
  await Deno.remove(directory);
  return disk !== undefined;
}

const mounts = await canMount();

/** Is it one line, without a stack? */
function assertOneLine({ code, stderr }: Outcome, line: RegExp): void {
  assertEquals(code, 1, stderr);
  const errors = stderr.trimEnd().split("\n").filter((each) => each.startsWith("error: "));
  assertEquals(errors.length, 1, stderr);
  assertMatch(errors[0] ?? "", line);
  assert(!/^\s+at /m.test(stderr), stderr);
}

Deno.test({
  name: `a store on a full or read-only file system is one line, and loses nothing${
    mounts ? "" : " (ignored: nothing can be mounted)"
  }`,
  ignore: !mounts,
  async fn(t) {
    await using lab = await Lab.open();
    // A state has 17 MB: one of them fits.
    await using disk = await SmallDisk.mount(lab.path("disk"), "24m");
    assert(disk);
    const evaluation = { suites: ["mini-math"], problems: 3, samples: 2 };
    const profile = await lab.profile({ ...tiny, methods: ["grpo"], evaluation });
    const run = async (out: string): Promise<Outcome> =>
      await finish(await lab.reproduce(profile, "disk/store", out, "--workers", "1", "--force-disk"));
    const sound = async (): Promise<void> => {
      const { code, stdout } = await lab.run("store", "check", "--store", lab.path("disk/store"));
      assertEquals(code, 0, stdout);
      assertMatch(stdout, / 0 damaged/);
    };
    const whole = finish(await lab.reproduce(profile, "whole", "whole"));

    await t.step("full while it trains", async () => {
      assertOneLine(
        await run("out"),
        /Cannot write \S+training\/[0-9a-f]{64} \(\d+ bytes\): No space left.*run the same command again/,
      );
      await sound();
      const left = (await Array.fromAsync(Deno.readDir(lab.path("disk/store/training")))).map(({ name }) =>
        name
      );
      assertEquals(left.filter((name) => name.endsWith(".tmp")), []);
      assert(!await exists(lab.path("results/out/manifest.sigstore.json")));
    });

    await t.step("read-only", async () => {
      await disk.remount("ro");
      assertOneLine(
        await run("out"),
        /Cannot lock \S+: Read-only file system.*choose a folder that can be written/,
      );
      await disk.remount("rw,size=200m");
    });

    await t.step("full while it evaluates", async () => {
      const { code, stderr } = await lab.run(
        "train",
        "--profile",
        profile,
        "--store",
        lab.path("disk/store"),
      );
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, "goes on from step 1 of 3");
      const empty = await disk.fill();
      assertOneLine(
        await run("out"),
        /Cannot (write|lock|open) \S+: No space left|Cannot write \S+ \(\d+ bytes\): No space left/,
      );
      await empty();
      await sound();
    });

    await t.step("with space it goes on, and ends with the bytes of a run that nothing stopped", async () => {
      const last = await run("out");
      assertEquals(last.code, 0, last.stderr);
      assertEquals((await whole).code, 0);
      assertEquals(await lab.digests("out"), await lab.digests("whole"));
    });

    await t.step("with every record there, a read-only store serves", async () => {
      await disk.remount("ro");
      const { code, stderr } = await run("again");
      assertEquals(code, 0, stderr);
      assertEquals(await lab.digests("again"), await lab.digests("whole"));
      await disk.remount("rw");
    });
  },
});

Deno.test("a store that is opened loses what killed writes left a day ago, and nothing younger", async () => {
  await using lab = await Lab.open();
  const folder = lab.path("store/training"), old = join(folder, ".a.0123456789abcdef.tmp");
  const young = join(folder, ".b.0123456789abcdef.tmp"), other = join(folder, "notes.tmp");
  await Deno.mkdir(folder, { recursive: true });
  const day = 24 * 3600 * 1000;
  for (const [path, age] of [[old, 1.1 * day], [young, 0.9 * day], [other, 9 * day]] as const) {
    await Deno.writeTextFile(path, "left");
    await Deno.utime(path, new Date(), new Date(Date.now() - age));
  }
  const flags = [
    "--profile",
    "smoke",
    "--limit",
    "1",
    "--samples",
    "1",
    "--store",
    lab.path("store"),
    "--quiet",
  ];
  const { code, stderr } = await lab.run("evaluate", ...flags);
  assertEquals(code, 0, stderr);
  assertEquals([await exists(old), await exists(young), await exists(other)], [false, true, true]);
});

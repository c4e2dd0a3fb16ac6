/**
 * Breaks each guarantee in a copy of the sources and watches its test fail. By hand, as it takes long:
 *
 * `deno run -A test/mutations/run.ts [word ...]` (only guarantees with one of the words)
 *
 * @module
 */

import { type Mutation, mutations } from "./mutations.ts";

/** What became of a mutation. */
type Fate = "noticed" | "SURVIVED" | "does not apply";

/** What is not copied. */
const LEFT_OUT = new Set([".git", ".store", "coverage", "node_modules"]);

async function copy(from: string, to: string): Promise<void> {
  const info = await Deno.lstat(from);
  if (info.isFile) return await Deno.copyFile(from, to);
  if (!info.isDirectory) return;
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    if (!LEFT_OUT.has(name)) await copy(`${from}/${name}`, `${to}/${name}`);
  }
}

async function fateOf(root: string, { file, from, to, test, filter }: Mutation): Promise<Fate> {
  const path = `${root}/${file}`, text = await Deno.readTextFile(path);
  if (text.split(from).length !== 2) return "does not apply";
  await Deno.writeTextFile(path, text.replace(from, () => to));
  try {
    const args = [
      "test",
      "-A",
      "--no-check",
      "--quiet",
      ...(filter === undefined ? [] : ["--filter", filter]),
      test,
    ];
    const { code } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: root,
      stdout: "null",
      stderr: "null",
    }).output();
    return code === 0 ? "SURVIVED" : "noticed";
  } finally {
    await Deno.writeTextFile(path, text);
  }
}

/** Tests pass in the copy as it is, or their failing would say nothing. */
async function passes(root: string, tests: readonly string[]): Promise<boolean> {
  const args = ["test", "-A", "--no-check", "--quiet", ...new Set(tests)];
  return (await new Deno.Command(Deno.execPath(), { args, cwd: root, stdout: "null", stderr: "null" })
    .output()).success;
}

if (import.meta.main) {
  const root = `${await Deno.makeTempDir()}/copy`, words = Deno.args;
  await copy(".", root);
  const chosen = mutations.filter(({ guarantee }) =>
    words.length === 0 || words.some((word) => guarantee.includes(word))
  );
  const write = (text: string): void => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  if (!await passes(root, chosen.map(({ test }) => test))) {
    write("The tests fail without any change: mend them first");
    Deno.exit(1);
  }
  const fates: Fate[] = [];
  for (const mutation of chosen) {
    const fate = await fateOf(root, mutation);
    fates.push(fate);
    write(`${fate.padEnd(15)} ${mutation.guarantee} (${mutation.file}, ${mutation.test})`);
  }
  const count = (wanted: Fate): number => fates.filter((fate) => fate === wanted).length;
  write(
    `${count("noticed")} noticed, ${count("SURVIVED")} survived, ${count("does not apply")} do not apply`,
  );
  await Deno.remove(root, { recursive: true });
  Deno.exit(count("noticed") === fates.length ? 0 : 1);
}

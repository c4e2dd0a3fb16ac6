import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { versionLine } from "../../tasks/shared/version.ts";

const version = `BuPO Bench ${config.version}`;

/** Runs git in a folder and gives what it says. */
async function git(folder: string, ...args: string[]): Promise<string> {
  const identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"];
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", folder, ...identity, ...args],
    env: { GIT_CONFIG_GLOBAL: "/dev/null" },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("versionLine() names the commit, and says where files differ from it", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "1");
  assertEquals(await versionLine(folder), version, "outside of git");
  await git(folder, "init", "--quiet");
  assertEquals(await versionLine(folder), version, "before the first commit");
  await git(folder, "add", ".");
  await git(folder, "commit", "--quiet", "--message", "first");
  const commit = await git(folder, "rev-parse", "HEAD");
  assertEquals(await versionLine(folder), `${version}, commit ${commit}`);
  await Deno.writeTextFile(`${folder}/file`, "2");
  assertEquals(await versionLine(folder), `${version}, commit ${commit}, modified`);
  await Deno.remove(folder, { recursive: true });
});

/** What the command line prints, with some permissions and without a question. */
async function printed(permissions: readonly string[], ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, "main.ts", ...args],
    stdin: "null",
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  return new TextDecoder().decode(stdout);
}

Deno.test("--version and version print one line, whatever may be read or asked", async () => {
  const line = await versionLine();
  assertEquals(await printed(["--allow-read", "--allow-run=git"], "--version"), `${line}\n`);
  assertEquals(await printed(["--allow-read", "--allow-run=git"], "version"), `${line}\n`);
  assertEquals(await printed([], "--version"), `${version}\n`);
  const asked = (await printed(["--allow-read"], "--version")).trim();
  assertEquals(asked, line.replace(/(commit \w+).*$/, "$1, perhaps modified"));
});

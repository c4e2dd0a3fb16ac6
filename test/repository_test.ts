/** What people expect of a repository that they may carry on. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { parse } from "yaml";
import config from "../deno.json" with { type: "json" };
import { loadPublishedKeys, verify } from "../src/result/mod.ts";
import { files, root } from "./imports.ts";

const read = (path: string): string => Deno.readTextFileSync(new URL(path, root));

/** Is this a clone? An unpacked archive has no history to ask. */
const inGit = await Deno.stat(new URL(".git", root)).then(() => true, () => false);
const unasked = inGit ? "" : " (ignored: there is no .git)";

/** What git says, fed with an input. */
async function git(args: readonly string[], input = ""): Promise<string> {
  const child = new Deno.Command("git", {
    args: [...args],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout } = await child.output();
  assert(success, `git ${args.join(" ")}`);
  return new TextDecoder().decode(stdout);
}

/** The paths of the files that git knows. */
async function knownFiles(): Promise<string[]> {
  return (await git(["ls-files", "-z"])).split("\0").filter(Boolean);
}

/** Is a file signed, or compared byte for byte? */
const isExact = (path: string): boolean =>
  /^(?:results|test\/golden|benchmarks\/model(?:-deep)?)\//.test(path);

Deno.test("CITATION.cff names this software as it is, and the paper", () => {
  const citation = parse(read("CITATION.cff"));
  for (const field of ["cff-version", "title", "message", "authors"]) assert(citation[field], field);
  assertEquals([citation.type, citation.version, citation.license], [
    "software",
    config.version,
    config.license,
  ]);
  const [paper] = citation.references;
  for (const field of ["type", "title", "authors", "year", "url"]) assert(paper[field], field);
  assertMatch(paper.title, /^Bottom-up Policy Optimization: /);
  assertEquals(paper.url, "https://arxiv.org/abs/2512.19673");
  const authors = [...citation.authors, ...paper.authors];
  assertEquals(
    authors.filter((author) => !author.name && !(author["given-names"] && author["family-names"])),
    [],
  );
});

Deno.test("continuous integration runs the gate on all of the history", () => {
  const workflow = parse(read(".github/workflows/ci.yml"));
  assertEquals(Object.keys(workflow.on).sort(), ["pull_request", "push"]);
  const steps = workflow.jobs.gate.steps as { uses?: string; run?: string; with?: Record<string, unknown> }[];
  assertEquals(steps.filter(({ run }) => run !== undefined).map(({ run }) => run), [".ci/run"]);
  const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
  assertEquals(checkout?.with?.["fetch-depth"], 0);
  assert(((Deno.statSync(new URL(".ci/run", root)).mode ?? 0o111) & 0o111) !== 0, ".ci/run can be executed");
});

Deno.test({
  name: `signed and compared files keep every byte on every system, texts have line feeds${unasked}`,
  ignore: !inGit,
  async fn() {
    const paths = [
      ...await knownFiles(),
      "results/new/results.json",
      "results/keys/new.pub",
      "src/new/mod.ts",
    ];
    const said = await git(["check-attr", "-z", "--stdin", "text", "eol"], paths.join("\0"));
    const fields = said.split("\0"), attributes = new Map<string, string[]>(paths.map((path) => [path, []]));
    for (let at = 0; at + 2 < fields.length; at += 3) {
      attributes.get(fields[at] ?? "")?.push(`${fields[at + 1]}=${fields[at + 2]}`);
    }
    const wrong = [...attributes].filter(([path, found]) =>
      found.join() !== (isExact(path) ? "text=unset,eol=unset" : "text=auto,eol=lf")
    );
    assertEquals(wrong, []);
    assert(paths.filter(isExact).length > 40, `${paths.filter(isExact).length} files are exact`);
  },
});

Deno.test({
  name: `a clone with Windows' line ends keeps the committed result byte for byte, and it verifies${unasked}`,
  ignore: !inGit,
  async fn() {
    const folder = await Deno.makeTempDir(), clone = `${folder}/clone`;
    try {
      const settings = ["-c", "core.autocrlf=true", "-c", "core.eol=crlf"];
      await git(["clone", "--quiet", "--no-checkout", "--depth", "1", ...settings, root.href, clone]);
      await git(["-C", clone, "checkout", "--quiet", "HEAD", "--", ".gitattributes", "results", "README.md"]);
      assert(!(await Deno.readTextFile(`${clone}/README.md`)).includes("\r"), "texts too have line feeds");
      const said = await git(["-C", clone, "ls-tree", "-r", "-z", "HEAD", "results"]);
      const signed = said.split("\0").filter(Boolean);
      assert(signed.length > 5);
      for (const line of signed) {
        const [about = "", path = ""] = line.split("\t");
        const found = await git(["hash-object", "--no-filters", `${clone}/${path}`]);
        assertEquals(found.trim(), about.split(" ").at(-1), path);
      }
      const published = await loadPublishedKeys(`${clone}/results/keys`);
      assertEquals((await verify(`${clone}/results/embedded`, { published })).problems, []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** What each setting of `.editorconfig` asks of a text. */
const settings: Readonly<Record<string, (text: string, value: string) => boolean>> = {
  charset: (text) => !text.startsWith("\uFEFF"), // what is no UTF-8 was not decoded
  end_of_line: (text) => !text.includes("\r"),
  indent_style: (text) => !/^ *\t/m.test(text),
  indent_size: () => true, // for editors: continued lines stand where they read well
  insert_final_newline: (text) => text === "" || text.endsWith("\n"),
  trim_trailing_whitespace: (text) => !/[ \t]$/m.test(text),
  max_line_length: (_, value) => value === String(config.fmt.lineWidth),
};

Deno.test({ name: `texts keep to .editorconfig${unasked}`, ignore: !inGit, fn: keepToEditorConfig });

async function keepToEditorConfig(): Promise<void> {
  const [, all = ""] = /\n\[\*\]\n([\s\S]*?)\n\n/.exec(read(".editorconfig")) ?? [];
  const asked = all.split("\n").map((line) => line.split(" = "));
  assertEquals(asked.map(([key]) => key).sort(), Object.keys(settings).sort());
  const wrong: string[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (const line of (await git(["ls-files", "-z", "--eol"])).split("\0").filter(Boolean)) {
    const [about = "", path = ""] = line.split("\t");
    if (isExact(path) || about.startsWith("i/-text")) continue;
    const text = decoder.decode(await Deno.readFile(new URL(path, root)));
    for (const [key = "", value = ""] of asked) {
      if (!settings[key]?.(text, value)) wrong.push(`${path}: ${key}`);
    }
  }
  assertEquals(wrong, []);
}

Deno.test("docs/README.md names every file of docs once", () => {
  const linked = [...read("docs/README.md").matchAll(/\]\(([^)#]+)\)/g)].map(([, to]) => to ?? "");
  const here = [...Deno.readDirSync(new URL("docs/", root))].map(({ name }) => name);
  assertEquals(
    linked.filter((to) => !to.startsWith("../")).sort(),
    here.filter((name) => name !== "README.md").sort(),
  );
});

Deno.test("every link from a page to a file leads there", () => {
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "test/golden/README.md"];
  for (const { name } of Deno.readDirSync(new URL("docs/", root))) {
    if (name.endsWith(".md")) pages.push(`docs/${name}`);
  }
  const missing = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!\w+:)([^)#\s]+)(?:#[^)]*)?\)/g)].filter(([, to = ""]) => {
      try {
        return !Deno.statSync(new URL(to, new URL(page, root)));
      } catch {
        return true;
      }
    }).map(([, to]) => `${page}: ${to}`)
  );
  assertEquals(missing, []);
});

/** The paths of the README's tree: one a line, and the folders that a line's text names with a slash. */
function treePaths(text: string): string[] {
  const [, block = ""] = /\n## The tree\n+```\n([\s\S]*?)```/.exec(text) ?? [];
  const above: string[] = [];
  return block.split("\n").filter(Boolean).flatMap((line) => {
    const [, indent = "", name = "", about = ""] = /^( *)(\S+)(.*)$/.exec(line) ?? [];
    above.splice(indent.length / 2, Infinity, name);
    const path = above.join("");
    return [path, ...[...about.matchAll(/(?<=[ (])(\w+\/)/g)].map(([, inner]) => path + inner)];
  });
}

Deno.test("the README's tree has every room and every file beside them, and nothing else", () => {
  const named = treePaths(read("README.md"));
  for (const path of named) Deno.statSync(new URL(path, root));
  const rooms = files.filter((file) => file.endsWith("/mod.ts")).map((file) =>
    file.slice(0, -"mod.ts".length)
  );
  const loose = files.filter((file) => /^(?:src\/)?[^/]+$/.test(file));
  assertEquals([...rooms, ...loose].filter((path) => !named.includes(path)), []);
});

Deno.test({
  name: `tests start the Deno that runs them, never one by its name${unasked}`,
  ignore: !inGit,
  fn: async () => {
    const listed = (await git(["ls-files", "-z", "test"])).split("\0").filter((name) => name.endsWith(".ts"));
    assert(listed.length > 100, `${listed.length} files`);
    // The program of npm is a wrapper: what is done to it does not reach the process that works.
    assertEquals(listed.filter((name) => /Command\(\s*["'`]deno["'`]/.test(read(name))), []);
  },
});

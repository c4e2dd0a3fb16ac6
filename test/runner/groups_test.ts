import { assertEquals, assertThrows } from "@std/assert";
import { groupOf, groups, select } from "./groups.ts";

const root = new URL("../../", import.meta.url);

/** All files below a folder. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, root))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

/** What lies in a folder of this project. */
function list(folder: string): string[] | undefined {
  try {
    return [...Deno.readDirSync(new URL(`${folder}/`, root))].map(({ name, isDirectory }) =>
      isDirectory ? `${name}/` : name
    );
  } catch {
    return undefined;
  }
}

Deno.test("every test, and every file whose examples are run, belongs to one group", () => {
  const selections = select([], list);
  const runners = (file: string): string[] =>
    selections.filter(({ paths }) => paths.some((path) => file === path || file.startsWith(`${path}/`)))
      .map(({ group }) => group.name);
  const files = ["src", "tasks", "test"].flatMap(filesBelow)
    .filter((file) => file.endsWith("_test.ts") || (file.endsWith(".ts") && !file.startsWith("test/")));
  assertEquals(files.filter((file) => runners(file).length !== 1), []);
  assertEquals(files.filter((file) => runners(file)[0] !== groupOf(file)?.name), []);
});

Deno.test("every folder that a group names is there", () => {
  const there = (path: string): boolean => Deno.statSync(new URL(path, root)).isDirectory;
  assertEquals(groups.flatMap(({ paths }) => paths).filter((path) => !there(path)), []);
});

Deno.test("select() chooses groups, folders and files, and nothing of another group", () => {
  const folders: Readonly<Record<string, readonly string[]>> = {
    ".": ["README.md", "src/", "tasks/", "test/"],
    src: ["grade/", "rl/", "store.ts"],
    "src/rl": ["loss.ts"],
    test: ["run.ts", "store_test.ts", "grade/", "pipeline/", "provider/", "rl/", "stats/"],
    "test/rl": ["loss_test.ts"],
  };
  const chosen = (...names: string[]) =>
    select(names, (folder) => folders[folder]).map(({ group, paths }) => [group.name, ...paths]);
  assertEquals(chosen("provider"), [["provider", "test/provider"]]);
  assertEquals(chosen("./test/store_test.ts", "rl/"), [["others", "test/store_test.ts"], [
    "training",
    "test/rl",
  ]]);
  assertEquals(chosen("rl/loss_test.ts", "src/rl"), [["others", "src/rl"], [
    "training",
    "test/rl/loss_test.ts",
  ]]);
  assertEquals(chosen("grade"), [["grade", "src/grade", "test/grade"]]);
  assertEquals(chosen(), [
    ["provider", "test/provider"],
    ["others", "src/rl", "src/store.ts", "tasks", "test/stats", "test/store_test.ts"],
    ["training", "test/pipeline", "test/rl"],
    ["grade", "src/grade", "test/grade"],
  ]);
  assertEquals(chosen("test").map(([name, ...paths]) => [name, paths.length]), [
    ["provider", 1],
    ["others", 2],
    ["training", 2],
    ["grade", 1],
  ]);
  assertThrows(() => chosen("none"), RangeError, 'Cannot test "none": expected a group (provider, ');
  assertThrows(() => chosen("README.md"), RangeError, 'Cannot test "README.md"');
});

import { assertEquals, assertThrows } from "@std/assert";
import { groupOf, groups, select, testedPaths } from "./groups.ts";

const root = new URL("../../", import.meta.url);

/** All files below a folder. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, root))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

/** The groups whose process would run a file. */
function runners(file: string): string[] {
  const within = (folders: readonly string[]): boolean =>
    folders.some((folder) => file === folder || file.startsWith(`${folder}/`));
  return select([], () => true).filter(({ paths, ignored }) => within(paths) && !within(ignored))
    .map(({ group }) => group.name);
}

Deno.test("every test, and every file whose examples are run, belongs to one group", () => {
  const files = ["src", "tasks", "test"].flatMap(filesBelow).filter((file) => file.endsWith(".ts"));
  assertEquals(files.filter((file) => runners(file).length !== 1), []);
  assertEquals(files.filter((file) => runners(file)[0] !== groupOf(file)?.name), []);
});

Deno.test("what deno test is given holds every test once, and nothing of another group", () => {
  const list = (folder: string) => [...Deno.readDirSync(new URL(folder, root))];
  const given = select([], () => true).map((selection) => testedPaths(selection, list));
  const tests = ["src", "tasks", "test"].flatMap(filesBelow).filter((file) =>
    /_test\.ts$|^(src|tasks)\/.*\.ts$/.test(file)
  );
  const times = (file: string): number =>
    given.flat().filter((path) => file === path || file.startsWith(`${path}/`)).length;
  assertEquals(tests.filter((file) => times(file) !== 1), []);
  // A folder as a whole where nothing of it is another group's.
  assertEquals(given[1], ["test/pipeline", "test/rl"]);
});

Deno.test("every folder that a group names is there", () => {
  const there = (path: string): boolean => Deno.statSync(new URL(path, root)).isDirectory;
  assertEquals(groups.flatMap(({ paths }) => paths).filter((path) => !there(path)), []);
});

Deno.test("select() chooses groups, folders and files, and nothing of another group", () => {
  const exists = (path: string): boolean =>
    ["test", "test/rl", "test/grade", "test/store_test.ts"].includes(path);
  const chosen = (...names: string[]) =>
    select(names, exists).map(({ group, paths, ignored }) => [group.name, paths, ignored]);
  assertEquals(chosen("provider"), [["provider", ["test/provider"], []]]);
  assertEquals(chosen("./test/store_test.ts", "rl/"), [
    ["others", ["test/store_test.ts"], []],
    ["training", ["test/rl"], []],
  ]);
  assertEquals(chosen("grade"), [["grade", ["src/grade", "test/grade"], []]]);
  assertEquals(chosen("test"), [
    ["others", ["test"], ["test/pipeline", "test/rl", "test/provider", "test/grade"]],
    ["training", ["test/pipeline", "test/rl"], []],
    ["provider", ["test/provider"], []],
    ["grade", ["test/grade"], []],
  ]);
  assertThrows(() => chosen("none"), RangeError, 'Cannot test "none": expected a group (others, ');
  assertThrows(() => select(["README.md"], () => true), RangeError, 'Cannot test "README.md"');
});

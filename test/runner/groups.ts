/**
 * The processes that the tests run in. All isolates of one Deno process share 4 GB, and a GPU takes commands from one
 * thread: so there are several, and that of the GPU runs one test file at a time.
 *
 * @module
 */

/** Tests that run in one process. */
export interface Group {
  readonly name: string;
  /** Folders and files; what lies in one that another group names belongs to that group. */
  readonly paths: readonly string[];
  /** Whether several test files run at a time. */
  readonly parallel: boolean;
  /** The most memory that the process and those it starts were seen to take, in GB, rounded up. */
  readonly memory: number;
}

/** The groups in the order in which they begin: first what runs one file at a time, so that it is not waited for alone. */
export const groups: readonly Group[] = [
  { name: "provider", paths: ["test/provider"], parallel: false, memory: 2 },
  { name: "others", paths: ["src", "tasks", "test"], parallel: true, memory: 3 },
  { name: "training", paths: ["test/pipeline", "test/rl"], parallel: true, memory: 4 },
  { name: "grade", paths: ["src/grade", "test/grade"], parallel: true, memory: 6 },
];

/** Does a path lie in a folder, or is it the same? */
function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** The group of a path relative to the project's folder: whose folder is the nearest above it; none if no group has it. */
export function groupOf(path: string): Group | undefined {
  const depth = ({ paths }: Group): number =>
    Math.max(0, ...paths.filter((folder) => within(path, folder)).map((folder) => folder.length));
  const found = groups.reduce((best, group) => depth(group) > depth(best) ? group : best);
  return depth(found) > 0 ? found : undefined;
}

/** What lies in a folder, folders with a slash at the end; nothing if there is no such folder. */
export type List = (folder: string) => readonly string[] | undefined;

/** Could `deno test` find something in a file that nobody named: tests, or examples of what is no test? */
function mayHoldTests(path: string): boolean {
  return /_test\.ts$/.test(path) || (path.endsWith(".ts") && !within(path, "test"));
}

/**
 * A path as what of it is a group's: itself, or what lies in it, where something of that is another group's. Spelled out,
 * because `deno test --ignore` heeds only the first of several folders.
 */
function ownParts(path: string, group: Group, list: List): string[] {
  const foreign = groups.some((other) => other !== group && other.paths.some((each) => within(each, path)));
  if (!foreign) return [path];
  return (list(path) ?? []).toSorted().flatMap((entry) => {
    const inside = `${path}/${entry.replace(/\/$/, "")}`;
    if (groupOf(inside) !== group) return [];
    return entry.endsWith("/") ? ownParts(inside, group, list) : mayHoldTests(inside) ? [inside] : [];
  });
}

/** What to run of a group. */
export interface Selection {
  readonly group: Group;
  /** Folders and files of it, in which nothing is another group's. */
  readonly paths: readonly string[];
}

/**
 * What names choose: of groups, or of folders and files, also without `test/` before them; without a name everything.
 *
 * @throws {RangeError} If there is no such thing, or no test can be in it.
 */
export function select(names: readonly string[], list: List): Selection[] {
  const chosen = new Map<Group, string[]>(
    names.length > 0 ? [] : groups.map((group) => [group, [...group.paths]]),
  );
  const choose = (group: Group, paths: readonly string[]): void =>
    void chosen.set(group, [...chosen.get(group) ?? [], ...paths]);
  const exists = (path: string): boolean => {
    const [name = "", ...above] = path.split("/").toReversed();
    return list(above.toReversed().join("/") || ".")?.some((entry) => entry.replace(/\/$/, "") === name) ??
      false;
  };
  for (const name of names.map((each) => each.replace(/^\.\/|\/+$/g, ""))) {
    const group = groups.find((each) => each.name === name);
    if (group) {
      choose(group, group.paths);
      continue;
    }
    const path = [name, `test/${name}`].find(exists), owner = path === undefined ? undefined : groupOf(path);
    if (path === undefined || !owner) {
      const known = groups.map((each) => each.name).join(", ");
      throw new RangeError(
        `Cannot test "${name}": expected a group (${known}), a folder or a file with tests`,
      );
    }
    // A folder may hold folders of other groups.
    for (const each of groups) {
      const inside = each === owner ? [path] : each.paths.filter((folder) => within(folder, path));
      if (inside.length > 0) choose(each, inside);
    }
  }
  return groups.filter((group) => chosen.has(group)).map((group) => ({
    group,
    paths: [...new Set(chosen.get(group)?.flatMap((path) => ownParts(path, group, list)))],
  }));
}

import { assertEquals, assertStringIncludes } from "@std/assert";
import { floors } from "./floors.ts";
import { files, type Import, imports, roomOf, root } from "./imports.ts";

/** An arrow of a drawing, and the names on it. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly names: readonly string[];
}

/** A flowchart, its nodes by what is written in them. */
interface Drawing {
  /** The nodes of each subgraph, from top to bottom. */
  readonly groups: readonly (readonly string[])[];
  readonly arrows: readonly Arrow[];
  /** Nodes with slanted sides: files. */
  readonly files: readonly string[];
}

/** Reads the part of Mermaid that the drawings use. */
function readDrawing(source: string): Drawing {
  const written = new Map<string, string>(), groups: string[][] = [], slanted: string[] = [];
  const line = source.replace(/(\w+)\[(\/?)"([^"]+)"\/?\]/g, (_, id: string, slant: string, text: string) => {
    written.set(id, text);
    if (slant) slanted.push(text);
    return id;
  }).split("\n").map((line) => line.trim());
  const textOf = (id = ""): string => written.get(id) ?? `an unknown node ${id}`;
  const arrows: Arrow[] = [];
  for (const text of line) {
    const [, from, names, to] = /^(\w+) (?:-- "([^"]*)" )?--> (\w+)$/.exec(text) ?? [];
    if (from) {
      arrows.push({ from: textOf(from), to: textOf(to), names: names?.split(", ") ?? [] });
    } else if (text.startsWith("subgraph ")) groups.push([]);
    else if (written.has(text)) groups.at(-1)?.push(textOf(text));
  }
  return { groups, arrows, files: slanted };
}

/**
 * What is wrong with the drawing of the floors: an arrow that is no import, or an import between rooms where neither an
 * arrow nor a chain of arrows leads from the one to the other.
 */
function floorFaults(arrows: readonly Arrow[], all: readonly Pick<Import, "from" | "to">[]): string[] {
  const real = new Set(all.map(({ from, to }) => `${roomOf(from)} → ${roomOf(to)}`));
  const reached = (from: string): Set<string> => {
    const rooms = new Set<string>(), next = [from];
    for (let room = next.pop(); room !== undefined; room = next.pop()) {
      for (const { to } of arrows.filter((arrow) => arrow.from === room && !rooms.has(arrow.to))) {
        rooms.add(to);
        next.push(to);
      }
    }
    return rooms;
  };
  const undrawn = all.filter(({ from, to }) =>
    roomOf(from) !== roomOf(to) && !reached(roomOf(from)).has(roomOf(to))
  );
  return [
    ...arrows.flatMap(({ from, to }) => real.has(`${from} → ${to}`) ? [] : `${from} → ${to} is no import`),
    ...undrawn.map(({ from, to }) => `${from} imports ${to}, and no arrows lead there`),
  ];
}

/** The file that an imported name comes from, past the faces of rooms. */
function originOf(file: string, name: string, all: readonly Import[]): string {
  if (!file.endsWith("/mod.ts")) return file;
  const again = all.find(({ from, names }) => from === file && names.includes(name));
  return again ? originOf(again.to, name, all) : file;
}

/** What is wrong with the drawing of the data's way: names that the rooms at an arrow's ends do not import. */
function wayFaults(arrows: readonly Arrow[], all: readonly Import[]): string[] {
  const within = (file: string, room: string): boolean =>
    `${file.replace(/^src\//, "")}/`.startsWith(`${room}/`);
  return arrows.flatMap((arrow) =>
    arrow.names.filter((name) =>
      !all.some(({ from, to, names }) => {
        if (!names.includes(name)) return false;
        const origin = originOf(to, name, all);
        return within(from, arrow.from) && within(origin, arrow.to) ||
          within(from, arrow.to) && within(origin, arrow.from);
      })
    ).map((name) => `${arrow.from} → ${arrow.to}: ${name} is imported by neither from the other`)
  );
}

const page = Deno.readTextFileSync(new URL("docs/architecture.md", root));
const [house, way] = [...page.matchAll(/```mermaid\n([\s\S]*?)```/g)].map(([, source]) =>
  readDrawing(source ?? "")
);

Deno.test("readDrawing() reads nodes, groups, arrows and the names on them", () => {
  const drawing = readDrawing(`flowchart TD
  subgraph one[" "]
    a["src/a"]
    b["b c"]
  end
  a --> b
  d[/"some/file"/] --> e["e"]
  a -- "X, Y" --> e`);
  assertEquals(drawing.groups, [["src/a", "b c"]]);
  assertEquals(drawing.files, ["some/file"]);
  assertEquals(drawing.arrows, [
    { from: "src/a", to: "b c", names: [] },
    { from: "some/file", to: "e", names: [] },
    { from: "src/a", to: "e", names: ["X", "Y"] },
  ]);
});

Deno.test("floorFaults() finds arrows without an import and imports without arrows", () => {
  const arrow = (from: string, to: string): Arrow => ({ from, to, names: [] });
  const chain = [{ from: "tasks/x.ts", to: "src/a/mod.ts" }, { from: "src/a/x.ts", to: "src/b.ts" }];
  const drawn = [arrow("tasks", "a"), arrow("a", "leaf modules")];
  assertEquals(floorFaults(drawn, chain), []);
  assertEquals(floorFaults(drawn, [...chain, { from: "tasks/x.ts", to: "src/b.ts" }]), []);
  assertEquals(floorFaults([...drawn, arrow("a", "c")], chain), ["a → c is no import"]);
  assertEquals(floorFaults(drawn, [...chain, { from: "src/a/x.ts", to: "src/c/mod.ts" }]), [
    "src/a/x.ts imports src/c/mod.ts, and no arrows lead there",
  ]);
});

Deno.test("wayFaults() follows names through the faces of rooms, in both directions", () => {
  const all = [
    { from: "src/a/x.ts", to: "src/b/mod.ts", names: ["T"] },
    { from: "src/b/mod.ts", to: "src/b/in/mod.ts", names: ["T"] },
    { from: "src/b/in/mod.ts", to: "src/b/in/t.ts", names: ["T"] },
  ];
  const arrow = (from: string, to: string, name: string): Arrow => ({ from, to, names: [name] });
  assertEquals(wayFaults([arrow("a", "b/in", "T"), arrow("b", "a", "T")], all), []);
  assertEquals(wayFaults([arrow("a", "b/in", "U")], all), [
    "a → b/in: U is imported by neither from the other",
  ]);
  assertEquals(wayFaults([arrow("a", "b/other", "T")], all).length, 1);
});

Deno.test("the drawing of the floors has every room on its floor, and every import", () => {
  const rooms = new Set(files.map(roomOf));
  const there = floors.map((floor) => floor.filter((room) => rooms.has(room)).sort());
  assertEquals(house?.groups.map((group) => [...group].sort()), there);
  assertEquals(floorFaults(house?.arrows ?? [], imports), []);
});

Deno.test("CONTRIBUTING.md has the floors in one line", () => {
  const rooms = new Set(files.map(roomOf));
  const line = floors.map((floor) => floor.filter((room) => rooms.has(room)))
    .map((floor) => floor.length > 1 ? `{${floor.join(", ")}}` : `${floor}`).join(" → ");
  assertStringIncludes(Deno.readTextFileSync(new URL("CONTRIBUTING.md", root)), `\n${line}\n`);
});

Deno.test("the drawing of the data's way has names that really cross, and files that are there", () => {
  assertEquals(wayFaults(way?.arrows ?? [], imports), []);
  const unnamed = way?.arrows.filter(({ from, to, names }) =>
    names.length === 0 && !way.files.includes(from) && !way.files.includes(to)
  );
  assertEquals(unnamed, []);
  for (const file of way?.files ?? []) Deno.statSync(new URL(file, root));
});

Deno.test("the list of rooms has each room once", () => {
  const folders = files.filter((file) => file.endsWith("/mod.ts")).map((file) => file.slice(0, -7));
  const [, list = ""] = /\n## Rooms\n([\s\S]*?)\n## /.exec(page) ?? [];
  const named = [...list.matchAll(/`((?:src|tasks)[\w/]*)`/g)].map(([, room]) => room);
  assertEquals(named.filter((room) => room !== "src").sort(), [...folders, "tasks", "tasks/shared"].sort());
});

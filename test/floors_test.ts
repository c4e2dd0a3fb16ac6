import { assert, assertEquals } from "@std/assert";

const root = new URL("../", import.meta.url);

/** The rooms from top to bottom; a room imports only from lower floors, and never from its own. */
const floors: readonly (readonly string[])[] = [
  ["main.ts"],
  ["tasks"],
  ["pipeline", "publish"],
  ["report", "result"],
  ["rl", "suite", "grade", "policy", "stats"],
  ["artifact"],
  ["model"],
  ["runtime"],
  ["tensor"],
  ["leaf modules"],
];

/** The longest file that is still read in one go. */
const MAX_LINES = 500;

function sourceFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, root))].flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) return sourceFiles(`${path}/`);
    return /\.(ts|js|css)$/.test(path) ? [path] : [];
  }).sort();
}

const files = ["main.ts", ...sourceFiles("tasks/"), ...sourceFiles("src/")];
const texts = new Map(files.map((file) => [file, Deno.readTextFileSync(new URL(file, root))]));

/** One import of a project file by another. */
interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether it is gone once types are. */
  readonly typeOnly: boolean;
}

const statement = /\b(import|export)\s+(type\s)?([^;"'()]*?)\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g;

/** Are all of the braced names types? */
function namesTypesOnly(clause: string): boolean {
  const names = /^\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(",").map((name) => name.trim()).filter(Boolean);
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
}

/** The imports of project files in a text; examples in comments do not count. */
function importsOf(from: string, text: string): Import[] {
  return [...text.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(statement)].flatMap((match) => {
    const specifier = match[4] ?? match[5] ?? "";
    if (!specifier.startsWith(".")) return [];
    const to = new URL(specifier, new URL(from, root)).href.slice(root.href.length);
    return [{ from, to, typeOnly: match[2] !== undefined || namesTypesOnly(match[3] ?? "") }];
  });
}

const imports = files.flatMap((file) => importsOf(file, texts.get(file) ?? ""));

function roomOf(file: string): string {
  const [top = "", room = ""] = file.split("/");
  if (top !== "src") return top;
  return room.endsWith(".ts") ? "leaf modules" : room;
}

function floorOf(file: string): number {
  return floors.findIndex((rooms) => rooms.includes(roomOf(file)));
}

/** A chain of files each of which loads the next, the first one again at the end. */
function findCycle(edges: readonly Import[]): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    done.add(file);
    for (const { to } of edges.filter((edge) => edge.from === file && !edge.typeOnly)) {
      const cycle = visit(to, [...path, file]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const { from } of edges) {
    const cycle = visit(from, []);
    if (cycle) return cycle;
  }
  return undefined;
}

Deno.test("importsOf() reads every form of import and tells types from values", () => {
  const text = `/** import { x } from "./comment.ts"; */
import { a, type B } from "./mixed.ts";
import type { C } from "./type.ts";
import {
  type D,
  type E,
} from "./types.ts";
import * as f from "../src/star.ts";
import "./effect.ts";
export * from "./again.ts";
export type { G } from "./again_type.ts";
import std from "@std/assert";
const h = () => import("./lazy.ts");`;
  assertEquals(importsOf("tasks/x.ts", text).map(({ to, typeOnly }) => `${to} ${typeOnly}`), [
    "tasks/mixed.ts false",
    "tasks/type.ts true",
    "tasks/types.ts true",
    "src/star.ts false",
    "tasks/effect.ts false",
    "tasks/again.ts false",
    "tasks/again_type.ts true",
    "tasks/lazy.ts false",
  ]);
});

Deno.test("findCycle() finds a cycle and no other", () => {
  const edge = (from: string, to: string, typeOnly = false): Import => ({ from, to, typeOnly });
  const chain = [edge("a", "b"), edge("b", "c"), edge("a", "c")];
  assertEquals(findCycle(chain), undefined);
  assertEquals(findCycle([...chain, edge("c", "b", true)]), undefined);
  assertEquals(findCycle([...chain, edge("c", "b")]), ["b", "c", "b"]);
});

Deno.test("every file stands on a floor and imports files that exist on lower ones, or of its own room", () => {
  const wrong = imports.filter(({ from, to }) =>
    !texts.has(to) || (roomOf(from) !== roomOf(to) && floorOf(from) >= floorOf(to))
  );
  assertEquals(wrong.map(({ from, to }) => `${from} imports ${to}`), []);
  assertEquals(files.filter((file) => floorOf(file) < 0), []);
});

Deno.test("a room is imported through its mod.ts, which every room has", () => {
  const past = imports.filter(({ from, to }) =>
    to.split("/").length > 2 && roomOf(from) !== roomOf(to) && !to.endsWith("/mod.ts")
  );
  assertEquals(past.map(({ from, to }) => `${from} imports ${to}`), []);
  const rooms = new Set(files.filter((file) => file.split("/").length > 2).map(roomOf));
  assertEquals([...rooms].filter((room) => !texts.has(`src/${room}/mod.ts`)), []);
});

Deno.test("a room's mod.ts only exports again", () => {
  const code = (text: string): string =>
    text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/export\s+(type\s+)?(\*|\{[^}]*\})\s*from\s*"[^"]+";/g, "")
      .trim();
  assertEquals(files.filter((file) => file.endsWith("/mod.ts") && code(texts.get(file) ?? "") !== ""), []);
});

Deno.test("no file is loaded by a file that it loads", () => {
  assertEquals(findCycle(imports), undefined);
});

Deno.test(`no file has more than ${MAX_LINES} lines`, () => {
  const long = [...texts].filter(([, text]) => text.split("\n").length - 1 > MAX_LINES);
  assertEquals(long.map(([file]) => file), []);
});

Deno.test("every task of deno.json is described and asks for named permissions only", () => {
  const { tasks = {} } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root)));
  for (const [name, task] of Object.entries<{ command?: string; description?: string }>(tasks)) {
    assert(task.description, `the task "${name}" has no description`);
    assert(
      !/(^|\s)(-\w*A\w*|--allow-all)\b/.test(task.command ?? ""),
      `the task "${name}" takes every permission`,
    );
  }
});

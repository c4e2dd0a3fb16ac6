import { assert, assertEquals } from "@std/assert";
import { floors, inner } from "./floors.ts";
import { files, type Import, imports, importsOf, roomOf, texts } from "./imports.ts";

/** The most lines of a file: what is still read in one go. */
const MAX_LINES = 400;

/** The most lines of the file in the middle, by length. */
const MEDIAN_LINES = 130;

/** The most files beside each other: what is still found at a glance. */
const MAX_FILES = 15;

const folderOf = (file: string): string => file.slice(0, file.lastIndexOf("/"));

function floorOf(file: string): number {
  return floors.findIndex((rooms) => rooms.includes(roomOf(file)));
}

/** The deepest folder that both files lie in, however deep. */
function commonFolder(one: string, other: string): string {
  const a = one.split("/"), b = other.split("/");
  const shared = a.findIndex((part, index) => part !== b[index] || index === a.length - 1);
  return a.slice(0, shared).join("/");
}

/** The floor of a file within a room that has rooms of its own. */
function innerFloorOf(room: string, file: string): number {
  const [entry = "", ...rest] = file.slice(room.length + 1).split("/"), order = inner[room] ?? [];
  const named = order.findIndex((entries) => entries.includes(entry));
  return named >= 0 || rest.length > 0 ? named : order.findIndex((entries) => entries.includes("*"));
}

/** What is wrong with an import, if anything. */
function faultOf({ from, to }: Pick<Import, "from" | "to">): string | undefined {
  const said = `${from} imports ${to}`;
  if (!texts.has(to)) return `${said}, which is not there`;
  if (roomOf(from) !== roomOf(to)) {
    if (floorOf(from) >= floorOf(to)) return `${said}, which is on no lower floor`;
    const past = to.startsWith("src/") && to.split("/").length > 2 && !/^src\/\w+\/mod\.ts$/.test(to);
    return past ? `${said} past its room's mod.ts` : undefined;
  }
  const room = commonFolder(from, to);
  if (folderOf(from) === folderOf(to) && !inner[room]) return undefined;
  // A room's mod.ts shows what is in its rooms.
  if (from === `${room}/mod.ts`) return /\/mod\.ts$/.test(to) || folderOf(to) === room ? undefined : said;
  const above = innerFloorOf(room, from), below = innerFloorOf(room, to);
  const beside = folderOf(from) === folderOf(to) && above === below;
  if (above < 0 || below < 0 || (above >= below && !beside)) return `${said}, which is on no lower floor`;
  const past = folderOf(to) !== room && room.startsWith("src/") && !to.endsWith("/mod.ts") &&
    to.endsWith(".ts");
  return past ? `${said} past its room's mod.ts` : undefined;
}

/** A chain of files each of which imports the next, the first one again at the end. */
function findCycle(edges: readonly Import[]): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    done.add(file);
    for (const { to } of edges.filter((edge) => edge.from === file)) {
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

Deno.test("importsOf() reads every form of import and its names", () => {
  const text = `/** import { x } from "./comment.ts"; */
import { a, type B } from "./mixed.ts";
import type { C } from "./type.ts";
import {
  type D,
  e as f,
} from "./many.ts";
import * as g from "../src/star.ts";
import "./effect.ts";
export * from "./again.ts";
export type { H } from "./again_type.ts";
import std from "@std/assert";
import data from "./data.json" with { type: "json" };
const i = () => import("./lazy.ts");
const { j, k } = await import("./later.ts");`;
  assertEquals(importsOf("tasks/x.ts", text).map(({ to, names }) => `${to}: ${names.join()}`), [
    "tasks/mixed.ts: a,B",
    "tasks/type.ts: C",
    "tasks/many.ts: D,e",
    "src/star.ts: ",
    "tasks/effect.ts: ",
    "tasks/again.ts: ",
    "tasks/again_type.ts: H",
    "tasks/lazy.ts: ",
    "tasks/later.ts: j,k",
  ]);
});

Deno.test("findCycle() finds a cycle and no other", () => {
  const edge = (from: string, to: string): Import => ({ from, to, names: [] });
  const chain = [edge("a", "b"), edge("b", "c"), edge("a", "c")];
  assertEquals(findCycle(chain), undefined);
  assertEquals(findCycle([...chain, edge("c", "b")]), ["b", "c", "b"]);
});

Deno.test("faultOf() finds imports upwards, sideways and past a mod.ts, in the house and within rooms", () => {
  const fault = (from: string, to: string): boolean => faultOf({ from, to }) !== undefined;
  const right: [string, string][] = [
    ["tasks/golden.ts", "tasks/shared/command.ts"],
    ["tasks/golden.ts", "src/conformance/mod.ts"],
    ["src/stats/mod.ts", "src/stats/interval.ts"],
    ["src/grade/mod.ts", "src/grade/pool/mod.ts"],
    ["src/grade/verify.ts", "src/grade/judge.ts"],
    ["src/grade/compare/compare.ts", "src/grade/read/mod.ts"],
    ["src/grade/compare/compare.ts", "src/grade/compare/policy.ts"],
    ["src/suite/generated/generate.ts", "src/suite/problem.ts"],
  ];
  assertEquals(right.filter(([from, to]) => fault(from, to)), []);
  const wrong: [string, string][] = [
    ["src/stats/interval.ts", "src/report/mod.ts"],
    ["src/grade/verify.ts", "src/suite/mod.ts"],
    ["tasks/golden.ts", "src/conformance/golden.ts"],
    ["src/report/compare/compare.ts", "src/stats/interval.ts"],
    ["src/grade/read/parse.ts", "src/grade/compare/mod.ts"],
    ["src/grade/extract/extract.ts", "src/grade/compare/mod.ts"],
    ["src/grade/compare/compare.ts", "src/grade/read/parse.ts"],
    ["src/suite/generated/generate.ts", "src/suite/load.ts"],
    ["src/tensor/tensor.ts", "src/tensor/lower/mod.ts"],
    ["tasks/shared/command.ts", "tasks/golden.ts"],
  ];
  assertEquals(wrong.filter(([from, to]) => !fault(from, to)), []);
});

Deno.test("every file stands on a floor and imports from lower ones, through a room's mod.ts", () => {
  assertEquals(imports.flatMap((each) => faultOf(each) ?? []), []);
  assertEquals(files.filter((file) => floorOf(file) < 0), []);
});

Deno.test("every folder of src is a room with a mod.ts that says what it is for", () => {
  const folders = new Set(
    files.filter((file) => file.split("/").length > 2 && file.endsWith(".ts")).map(folderOf),
  );
  // The page's script begins with its main.ts, which nothing imports.
  const silent = [...folders].filter((folder) =>
    folder.startsWith("src/") && folder !== "src/report/page/script" &&
    !/^\/\*\*\n \* \S/.test(texts.get(`${folder}/mod.ts`) ?? "")
  );
  assertEquals(silent, []);
});

Deno.test("a room's mod.ts only exports again", () => {
  const code = (text: string): string =>
    text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/export\s+(type\s+)?(\*|\{[^}]*\})\s*from\s*"[^"]+";/g, "")
      .trim();
  assertEquals(files.filter((file) => file.endsWith("/mod.ts") && code(texts.get(file) ?? "") !== ""), []);
});

Deno.test("no two files import each other, not even types", () => {
  assertEquals(findCycle(imports), undefined);
});

Deno.test(`no file has more than ${MAX_LINES} lines, half of them fewer than ${MEDIAN_LINES}`, () => {
  const lengths = new Map([...texts].map(([file, text]) => [file, text.split("\n").length - 1]));
  assertEquals([...lengths].filter(([, length]) => length > MAX_LINES), []);
  const sorted = [...lengths.values()].sort((a, b) => a - b);
  assert((sorted[sorted.length >> 1] ?? 0) < MEDIAN_LINES, `the median is ${sorted[sorted.length >> 1]}`);
});

Deno.test(`no folder of src has more than ${MAX_FILES} files beside each other`, () => {
  const counts = Map.groupBy(files.filter((file) => file.startsWith("src/")), folderOf);
  assertEquals([...counts].filter(([, { length }]) => length > MAX_FILES).map(([folder]) => folder), []);
});

import { assertEquals, assertRejects } from "@std/assert";
import { parseProfile, type ProfileText, resolveExtends } from "../../../src/pipeline/mod.ts";

const path = "benchmarks/profiles/embedded.json", embedded = await Deno.readTextFile(path);

/** Resolves the first of some files; each extends others by their names. */
function resolve(files: Readonly<Record<string, unknown>>): Promise<unknown> {
  const [first = ""] = Object.keys(files);
  const file = (name: string): ProfileText => {
    const content = files[name];
    if (content === undefined) throw new Deno.errors.NotFound(name);
    return { text: typeof content === "string" ? content : JSON.stringify(content), source: name };
  };
  return resolveExtends(file(first), (name) => Promise.resolve(file(name)));
}

Deno.test("a profile of five lines is the base with its changes", async () => {
  const mine = { extends: "embedded", name: "mine", seeds: [7], training: { steps: 80, internalSteps: 8 } };
  const whole = JSON.stringify(await resolve({ mine, embedded }));
  const profile = parseProfile(whole, "mine"), base = parseProfile(embedded, path);
  assertEquals(profile.name, "mine");
  assertEquals(profile.description, "embedded with changes");
  assertEquals(profile.training, { ...base.training, steps: 80, internalSteps: 8 });
  assertEquals(profile.seeds, [7]);
  const { name: _, description: __, training: ___, seeds: ____, $schema: _____, ...rest } = base;
  for (const [key, value] of Object.entries(rest)) assertEquals(Object(profile)[key], value, key);
  // Its variants are there too, and are called after it.
  assertEquals(parseProfile(whole, "mine", "auto").name, "mine-auto");
  assertEquals(parseProfile(whole, "mine", "auto").training.internalLayer, "auto");
});

Deno.test("extending goes on over files; notes stay with their file", async () => {
  const files = {
    c: { extends: "b", name: "c", a: 3 },
    b: { extends: "a", name: "b", description: "the second", a: 2, b: { x: 1 }, notes: { a: "why" } },
    a: { name: "a", description: "the first", a: 1, b: { y: 2 }, notes: { b: "why" }, $schema: "s" },
  };
  assertEquals(await resolve(files), { name: "c", description: "b with changes", a: 3, b: { x: 1, y: 2 } });
  const { c: _, ...two } = files;
  assertEquals(await resolve(two), {
    name: "b",
    description: "the second",
    a: 2,
    b: { x: 1, y: 2 },
    notes: { a: "why" },
  });
  // What extends nothing is left as it is, whatever it is.
  assertEquals([await resolve({ a: files.a }), await resolve({ a: "7" })], [files.a, 7]);
});

Deno.test("a profile that extends in a circle, or takes its base's name, is refused in one line", async () => {
  const refused: readonly [Readonly<Record<string, unknown>>, string][] = [
    [{ a: { extends: "b", name: "a" }, b: { extends: "a", name: "b" } }, "extends: a extends b extends a"],
    [{ a: { extends: "a", name: "a" } }, "extends: a extends a"],
    [
      { a: { extends: "embedded" }, embedded },
      "name: expected one of its own, since results are filed under it; found none",
    ],
    [{ a: { extends: "embedded", name: "embedded" }, embedded }, 'found "embedded", as in embedded'],
    [{ a: { extends: ["embedded"], name: "b" } }, "extends: expected the name or the path of a profile"],
    [{ a: "{" }, "Cannot read a: "],
    [{ a: { extends: "b", name: "a" }, b: "{" }, "Cannot read b: "],
  ];
  for (const [files, message] of refused) await assertRejects(() => resolve(files), SyntaxError, message);
});

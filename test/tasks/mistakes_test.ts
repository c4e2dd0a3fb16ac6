/** Mistakes of users that once ended in a bare error of the system or were told of something else. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pathFault } from "../../src/file_error.ts";
import { checkExportTarget } from "../../src/model/mod.ts";
import { parseProfile } from "../../src/pipeline/mod.ts";
import { command as grade } from "../../tasks/grade.ts";
import { readFlags, UsageError } from "../../tasks/shared/command.ts";

Deno.test("a value that looks like a flag or like nothing is told of the flag that it belongs to", () => {
  const spec = { boolean: ["quiet"], string: ["seed", "store"], list: ["suite"] };
  assertThrows(
    () => readFlags(["--seed", "-1"], spec).integer("seed", 0),
    UsageError,
    'Cannot read "--seed -1": expected an integer of at least 0',
  );
  assertThrows(() => readFlags(["--store", ""], spec).text("store"), UsageError, "it needs a value");
  assertThrows(() => readFlags(["--suite", ""], spec).list("suite"), UsageError, "it needs a value");
  const flags = readFlags(["--quiet", "--seed", "3", "--suite", "a", "--suite", "b"], spec);
  assertEquals([flags.on("quiet"), flags.integer("seed"), flags.list("suite")], [true, 3, ["a", "b"]]);
  assertThrows(() => readFlags(["--nope", "-1"], spec), UsageError, '"--nope"');
});

Deno.test("numbers that no machine can do are told before anything is made for them", async () => {
  await assertRejects(
    () => grade.run(["--input", "deno.json", "--workers", "99999999999"]),
    UsageError,
    'Cannot read "--workers 99999999999": expected at most 1024',
  );
  const smoke = JSON.parse(await Deno.readTextFile("benchmarks/profiles/smoke.json"));
  const evaluation = { ...smoke.evaluation, samples: 1e9 };
  const read = () => parseProfile(JSON.stringify({ ...smoke, evaluation }), "mine.json");
  assertThrows(read, SyntaxError, "evaluation.samples: Too big");
});

Deno.test("why a path cannot be opened is said in words", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "x");
  await Deno.symlink(`${folder}/a`, `${folder}/b`);
  await Deno.symlink(`${folder}/b`, `${folder}/a`);
  const faultOf = async (path: string, options: Deno.OpenOptions): Promise<string> =>
    await Deno.open(`${folder}/${path}`, options).then((file) => (file.close(), "none"), pathFault);
  assertEquals(await faultOf("nowhere", { read: true }), "it does not exist");
  assertEquals(await faultOf("file/x", { read: true }), "what should be a folder above it is a file");
  assertEquals(await faultOf("a", { read: true }), "links lead in a circle");
  assertEquals(await faultOf(".", { write: true }), "it is a directory");
  const refused = await checkExportTarget(`${folder}/file`, undefined).then(
    () => "",
    (error) => error.message,
  );
  assert(refused.endsWith("a file lies there; name a folder"), refused);
  await Deno.remove(folder, { recursive: true });
});

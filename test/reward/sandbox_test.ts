import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type BatchEstimator, OwnModuleError, Sandbox } from "../../src/reward/mod.ts";
import { modulesOf } from "./modules.ts";

const modules = await modulesOf({
  sound: "export default ({ n }: { n: number }) => n / 4;",
  state:
    "let calls = 0; (globalThis as any).seen ??= 0; export default () => calls++ + (globalThis as any).seen++;",
  group: "export default ({ rewards }: any) => Float64Array.from(rewards, (r: number) => r - 1);",
  batch:
    'export const scope = "batch"; export default (groups: any) => groups.map((g: any) => g.rewards.map(() => groups.length));',
});

const hostile: Readonly<Record<string, readonly [text: string, fault: string]>> = {
  throws: [
    'export default () => { throw new RangeError("no such word"); };',
    "threw RangeError: no such word",
  ],
  throwsText: ['export default () => { throw "tea"; };', 'threw the text "tea"'],
  throwsTrap: [
    "export default () => { throw new Proxy(new Error(), { get() { for (;;); } }); };",
    "ran longer than 0.3 s",
  ],
  nan: ["export default () => 0 / 0;", "returned NaN; expected a finite number"],
  infinite: ["export default () => 1 / 0;", "returned Infinity; expected a finite number"],
  text: ['export default () => "1";', 'returned the text "1"; expected a finite number'],
  nothing: ["export default () => {};", "returned undefined; expected a finite number"],
  list: ["export default () => [1];", "returned a list of 1; expected a finite number"],
  promise: ["export default async () => 1;", "returned a promise; expected a finite number"],
  loop: ["export default () => { for (;;); };", "ran longer than 0.3 s"],
  loopAtOnce: ["for (;;); export default () => 1;", "ran longer than 0.3 s"],
  loopLater: [
    "export default () => { (async () => { await 0; for (;;); })(); return 1; };",
    "ran longer than 0.3 s",
  ],
  expression: ['export default () => +/^(a+)+$/.test("a".repeat(40) + "b");', "ran longer than 0.3 s"],
  deep: ["const f = (): number => 1 + f(); export default f;", "threw RangeError: Maximum call stack"],
  string: ['export default () => "x".repeat(2 ** 29).repeat(2 ** 29).length;', "threw RangeError: Invalid"],
  clock: ["export default () => Date.now();", "threw TypeError: Date is not there"],
  random: ["export default () => Math.random();", "threw TypeError: Math.random() is not there"],
  locale: ['export default () => "a".localeCompare("b");', "threw TypeError: localeCompare() is not there"],
  files: [
    'export default () => Deno.readTextFileSync("/etc/hosts").length;',
    "threw ReferenceError: Deno is not defined",
  ],
  network: [
    'export default () => fetch("http://127.0.0.1:1");',
    "threw ReferenceError: fetch is not defined",
  ],
  rejected: ['export default async () => { await fetch("http://127.0.0.1:1"); };', "returned a promise"],
  program: [
    "export default () => (globalThis as any).process.exit(3);",
    "threw TypeError: Cannot read properties",
  ],
  imports: ["const name = './x.js'; export default () => import(name);", "returned a promise"],
  code: ['export default () => (0, eval)("1");', "threw EvalError: Code generation from strings"],
  way: [
    'export default () => (globalThis as any).constructor.constructor("return Deno")().pid;',
    "threw EvalError: Code generation from strings",
  ],
  noFunction: ["export default 3;", "threw TypeError"],
};

Deno.test("a sandbox gives what modules give, each call in a realm of its own", async () => {
  using sandbox = new Sandbox();
  assertEquals(await sandbox.call(modules.sound, "number", [{ n: 1 }, { n: 2 }, { n: -3 }]), [
    0.25,
    0.5,
    -0.75,
  ]);
  // Nothing is kept from one call to another: a response's reward does not depend on which came before.
  assertEquals(await sandbox.call(modules.state, "number", [0, 0, 0]), [0, 0, 0]);
  assertEquals(await sandbox.call(modules.group, "list", [{ rewards: [1, 3] }, { rewards: [] }]), [
    [0, 2],
    [],
  ]);
  const [all] = await sandbox.call<ReturnType<BatchEstimator>>(modules.batch, "lists", [
    [{ rewards: [1, 3] }, { rewards: [5] }],
  ]);
  assertEquals(all, [[2, 2], [2]]);
  assertEquals(await sandbox.call(modules.batch, "scope", [null]), ["batch"]);
  // Two at a time do not mix.
  const both = await Promise.all([
    sandbox.call(modules.sound, "number", [{ n: 4 }]),
    sandbox.call(modules.state, "number", [0]),
  ]);
  assertEquals(both, [[1], [0]]);
});

Deno.test("a hostile or slow module ends in one line that says which call and why, and the next one runs", async () => {
  using sandbox = new Sandbox({ deadline: 300 });
  const read = await modulesOf(
    Object.fromEntries(Object.entries(hostile).map(([name, [text]]) => [name, text])),
  );
  for (const [name, [, fault]] of Object.entries(hostile)) {
    const module = read[name];
    assert(module);
    const error = await assertRejects(() => sandbox.call(module, "number", [{}, {}]), OwnModuleError);
    assertStringIncludes(error.message, `Cannot use ./${name}.ts: it ${fault}`);
    assertEquals(error.at, 0);
    assert(!error.message.includes("\n"));
  }
  const later = await assertRejects(
    () => sandbox.call(modules.sound, "number", [{ n: 1 }, { n: 2 }, {}]),
    OwnModuleError,
  );
  assertEquals([later.at, later.fault], [2, "it returned NaN; expected a finite number"]);
  assertEquals(await sandbox.call(modules.sound, "number", [{ n: 1 }]), [0.25]);
});

Deno.test("an estimator must give as many finite advantages as there are responses", async () => {
  using sandbox = new Sandbox();
  const short = await modulesOf({
    few: "export default () => [1];",
    none: "export default () => 1;",
    nan: "export default () => [1, NaN];",
    // What a module does to its arguments stays with it.
    grown: "export default (group) => { group.rewards.push(0); return group.rewards; };",
    groups: 'export const scope = "batch"; export default () => [];',
  });
  const faults = {
    few: ["list", "returned a list of 1; expected 2 advantages, one a response"],
    none: ["list", "returned 1; expected a list of 2 advantages, one a response"],
    nan: ["list", "returned NaN; expected a finite number"],
    grown: ["list", "returned a list of 3; expected 2 advantages, one a response"],
    groups: ["lists", "returned a list of 0; expected 1 lists, one a group"],
  } as const;
  for (const [name, [shape, fault]] of Object.entries(faults)) {
    const group = { rewards: [0, 1] };
    await assertRejects(
      () => sandbox.call(short[name as keyof typeof faults], shape, [shape === "lists" ? [group] : group]),
      OwnModuleError,
      `Cannot use ./${name}.ts: it ${fault}`,
    );
  }
});

Deno.test("a module that fills its memory ends in a line, and not the process", async () => {
  using sandbox = new Sandbox({ deadline: 1000 });
  const { memory } = await modulesOf({
    memory: "export default () => { const all = []; for (;;) all.push(new Array(1e5).fill(0.5)); };",
  });
  const error = await assertRejects(() => sandbox.call(memory, "number", [{}]), OwnModuleError);
  assert(/ran out of memory|ran longer than/.test(error.message), error.message);
});

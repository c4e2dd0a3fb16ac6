import { assertEquals } from "@std/assert";
import { startsDeno } from "../../tasks/shared/parent.ts";

Deno.test("startsDeno() knows the programs that only start Deno from those that somebody works with", () => {
  const starting = [
    "deno task reproduce",
    "/usr/lib/node_modules/deno/deno run main.ts",
    "node /usr/bin/deno task reproduce",
    "node /usr/lib/node_modules/deno/bin.cjs task reproduce",
    "node /usr/bin/npx -y deno@2.9.6 task reproduce",
    "npm exec deno@2.9.6 task reproduce",
  ];
  assertEquals(starting.filter((line) => !startsDeno(line.split(" "))), []);
  assertEquals(startsDeno(["sh", "-c", "'deno' task reproduce"]), true);
  const others = [
    "bash",
    "bash -c deno task reproduce",
    "/bin/sh",
    "sh run_all.sh",
    "node server.js",
    "python3 sweep.py",
    "slurmstepd",
    "tmux",
    "nohup",
  ];
  assertEquals(others.filter((line) => startsDeno(line.split(" "))), []);
});

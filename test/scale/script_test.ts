import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type ArrayScript,
  arrayScript,
  checkSiteOptions,
  ClusterError,
  Slurm,
  splitArray,
} from "../../src/scale/mod.ts";
import { shellWord } from "../../src/scale/words.ts";

const array: ArrayScript = {
  ...{ name: "bupo-train-x", directory: "/home/a b/it's", logs: "/s/logs", threads: 2, memory: 512 },
  site: ["--partition=cpu", "--comment=a b", "--mem=1G"],
  common: ["/bin/deno", "run", "main.ts", "train"],
  tasks: [["--method=grpo", "--seed=1"], ["--method=bupo", "--seed=1"]],
};

Deno.test("arrayScript() says what makes a task stop, start again and be told apart, then the site's options", () => {
  assertEquals(
    arrayScript(array),
    `#!/bin/sh
#SBATCH --job-name=bupo-train-x
#SBATCH --array=0-1
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=512M
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:TERM@60
#SBATCH --kill-on-invalid-dep=yes
#SBATCH --output=/s/logs/%x-%A_%a.out
#SBATCH --partition=cpu "--comment=a b" --mem=1G
set -eu
export NO_COLOR=1
cd '/home/a b/it'\\''s'
case "$SLURM_ARRAY_TASK_ID" in
  0) set -- --method=grpo --seed=1 ;;
  1) set -- --method=bupo --seed=1 ;;
  *) echo "There is no task $SLURM_ARRAY_TASK_ID" >&2; exit 2 ;;
esac
exec /bin/deno run main.ts train "$@"
`,
  );
  const bare = arrayScript({ ...array, memory: undefined, site: [], tasks: [[]] });
  assertStringIncludes(bare, "#SBATCH --array=0\n");
  assertStringIncludes(bare, "  0) set -- ;;\n");
  assertEquals(/--mem|--comment/.test(bare), false);
});

Deno.test("a script hands each task its words as they are", async () => {
  const directory = await Deno.makeTempDir(), odd = `a 'b' "c" $HOME \`d\` \\ *`;
  const script = arrayScript({ ...array, directory, common: ["/bin/echo", odd], tasks: [["x"], [odd, "y"]] });
  const run = async (index: string) => {
    const { code, stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", script],
      env: { SLURM_ARRAY_TASK_ID: index },
      stderr: "null",
    }).output();
    return [code, new TextDecoder().decode(stdout)];
  };
  assertEquals(await run("0"), [0, `${odd} x\n`]);
  assertEquals(await run("1"), [0, `${odd} ${odd} y\n`]);
  assertEquals(await run("2"), [2, ""]);
  assertEquals(shellWord("--store=/a/b_c.d:e,f@g%h+i"), "--store=/a/b_c.d:e,f@g%h+i");
  await Deno.remove(directory);
});

Deno.test("the site may not say what submit says itself", () => {
  checkSiteOptions(["--partition=a", "-A", "lab", "--gres=gpu:1", "--signal=B:TERM@600"]);
  for (const option of ["--array=0-9", "-a", "--dependency=afterok:1", "-d", "--output=x", "--wrap=id"]) {
    assertThrows(() => checkSiteOptions([option]), ClusterError, "submit says it itself");
  }
  assertThrows(() => checkSiteOptions(["--comment=a\n#SBATCH --uid=0"]), ClusterError, "expected one line");
});

Deno.test("splitArray() keeps the order and the site's limit", () => {
  assertEquals(splitArray([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assertEquals(splitArray([1, 2], 1001), [[1, 2]]);
  assertEquals(splitArray([], 3), []);
});

Deno.test("Slurm is asked through its programs, and what it says is read", async () => {
  const calls: unknown[] = [],
    answers = ["Configuration data\nMaxArraySize            = 1001\n", "12;east\n"];
  const slurm = new Slurm((...call) => {
    calls.push(call);
    return Promise.resolve(answers.shift() ?? "MaxArraySize = 0");
  });
  assertEquals(await slurm.largestArray(), 1001);
  assertEquals(await slurm.submit("#!/bin/sh", "11"), "12");
  assertEquals(calls, [
    ["scontrol", ["show", "config"]],
    ["sbatch", ["--parsable", "--dependency=aftercorr:11"], "#!/bin/sh"],
  ]);
  const refused = async (work: Promise<unknown>) => await work.then(() => "", ({ message }) => message);
  assertEquals(
    await refused(slurm.largestArray()),
    "Cannot send job arrays: the site's MaxArraySize is 0, expected 1 or more",
  );
  assertStringIncludes(await refused(slurm.submit("x")), "Cannot read what sbatch says");
});

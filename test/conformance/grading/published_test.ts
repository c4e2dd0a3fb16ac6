import { assert } from "@std/assert";
import { summarize } from "../../../src/conformance/mod.ts";
import { DEFAULT_FOLDER, scoreFile } from "../../../tasks/bench_grade.ts";

/** What part of the published cases must be right. */
interface Gate {
  /** The files that are counted together. */
  readonly files: readonly string[];
  /** The least share of right verdicts. */
  readonly share: number;
  /** The most false positives. */
  readonly falsePositives?: number;
}

/** Cases of the files with a share of 1 that are known not to be right. */
const KNOWN: ReadonlySet<string> = new Set(["dart_math_eq/5", "nemo_skills_math_equal/30"]);

const gates: readonly Gate[] = [
  { files: ["hardverify_math"], share: 0.86, falsePositives: 1 },
  { files: ["math_verify_tests"], share: 0.97 },
  { files: ["lighteval_extractive_match"], share: 0.95 },
  ...["issue_cases", "feature_probes", "nemo_skills_math_equal", "olympiadbench_scoring", "dart_math_eq"]
    .map((file) => ({ files: [file], share: 1 })),
  {
    files: ["gsm8k_example_model_solutions", "tora_gsm8k_completions", "qwen_math_cot_100_completions"],
    share: 0.998,
  },
  { files: ["gold_selfcheck"], share: 1 },
  { files: ["outside_2026_11"], share: 0.95, falsePositives: 0 },
  { files: ["latex2sympy2_parse"], share: 0.92 },
];

/** Is a path there? */
function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

for (const { files, share, falsePositives = Infinity } of gates) {
  const paths = files.map((file) => `${DEFAULT_FOLDER}/${file}.jsonl`);
  const missing = paths.filter((path) => !exists(path));
  const name = `${share < 1 ? `${100 * share} %` : "all"} of ${files.join(", ")} are right`;
  Deno.test({
    name: missing.length === 0 ? name : `${name} (ignored: ../shared/grading lacks case files)`,
    ignore: missing.length > 0,
    fn() {
      const results = paths.flatMap((path) => scoreFile(path, Deno.readTextFileSync(path)).results);
      const counted = results.filter(({ item }) => share < 1 || !KNOWN.has(item.id));
      const sum = summarize(counted);
      const wrong = counted.filter((result) => result.right === false).map(({ item }) => item.id);
      assert(
        sum.right >= share * sum.scored,
        `${sum.right} of ${sum.scored} are right, not ${wrong.slice(0, 20).join(", ")}`,
      );
      assert(sum.falsePositives <= falsePositives, `${sum.falsePositives} false positives`);
    },
  });
}

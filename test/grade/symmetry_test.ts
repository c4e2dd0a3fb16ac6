import { assert, assertEquals } from "@std/assert";
import { DEFAULT_FOLDER, scoreFile } from "../../tasks/bench_grade.ts";

/** The published case files; none where the folder is not beside the project. */
function caseFiles(): string[] {
  try {
    return [...Deno.readDirSync(DEFAULT_FOLDER)].map(({ name }) => name).filter((name) =>
      name.endsWith(".jsonl")
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const files = caseFiles();
const name = "exchanging gold and answer changes no verdict but by rounding or a base left out";

Deno.test({
  name: files.length > 0 ? name : `${name} (ignored: no case files in ../shared/grading)`,
  ignore: files.length === 0,
  fn() {
    const swaps = files.flatMap((file) =>
      scoreFile(file, Deno.readTextFileSync(`${DEFAULT_FOLDER}/${file}`)).swaps
    );
    assert(swaps.length > 0);
    const changed = swaps.filter(({ changed, rounding }) => changed && !rounding);
    assertEquals(changed.map(({ result }) => result.item.id), []);
  },
});

/**
 * What a JUnit report of `deno test` says.
 *
 * @module
 */

/** A test that was run. */
export interface TestCase {
  /** Its name; that of a step follows the names of the tests that it is part of. */
  readonly name: string;
  /** Its file. */
  readonly file: string;
  readonly seconds: number;
  readonly outcome: "passed" | "failed" | "skipped";
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function plainText(text: string): string {
  return text.replace(
    /&(?:#(\d+)|(\w+));/g,
    (whole, code?: string, name = "") =>
      code === undefined ? entities[name] ?? whole : String.fromCodePoint(Number(code)),
  );
}

/** The tests of a report, in its order. */
export function readReport(xml: string): TestCase[] {
  return [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, attributes = "", body = ""]) => {
      const value = (name: string): string =>
        plainText(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
      return {
        name: value("name"),
        file: value("classname").replace(/^\.\//, ""),
        seconds: Number(value("time")),
        outcome: /<(failure|error)\b/.test(body) ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed",
      };
    },
  );
}

/** What came out of one group. */
export interface GroupOutcome {
  readonly name: string;
  /** Whether the process ended well. */
  readonly success: boolean;
  /** Its tests; none if there is no report. */
  readonly tests: readonly TestCase[];
}

/** Tests by what came out; a process that failed although no test did counts as one that failed. */
export function count(outcomes: readonly GroupOutcome[]): Readonly<Record<TestCase["outcome"], number>> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { success, tests } of outcomes) {
    for (const { outcome } of tests) counts[outcome]++;
    // Also a report without a test is one of something that did not run.
    const failed = tests.some(({ outcome }) => outcome === "failed");
    if (!failed && (!success || tests.length === 0)) counts.failed++;
  }
  return counts;
}

/** Counts as the last line of a run. */
export function summaryLine(outcomes: readonly GroupOutcome[]): string {
  const { passed, failed, skipped } = count(outcomes);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The tests that took longest, the slowest first; a step is part of its test. */
export function slowest(tests: readonly TestCase[], most: number): TestCase[] {
  return tests.filter(({ name }) => !name.includes(" > "))
    .toSorted((a, b) => b.seconds - a.seconds).slice(0, most);
}

/** What was skipped, by what the machine lacks: a test says so at the end of its name, in brackets. */
export function skippedLines(tests: readonly TestCase[]): string[] {
  const skipped = tests.filter(({ outcome }) => outcome === "skipped");
  const reasons = Map.groupBy(skipped, ({ name }) => / \((?:ignored: )?([^()]+)\)$/.exec(name)?.[1] ?? name);
  return [...reasons].map(([reason, { length }]) => `skipped ${length}: ${reason}`);
}

/** What of the output of `deno test` is about failures: from its list of errors on, or its end where there is none. */
export function failureText(output: string, lines = 100): string {
  const at = output.search(/^ ERRORS $/m);
  return (at >= 0 ? output.slice(at) : output.split("\n").slice(-lines).join("\n")).trim();
}

/**
 * Plays a page: writes the files that it shows, calls its commands one after the other as a reader would, from a folder of
 * the reader's own, and says where what they print is not what the page shows.
 *
 *     deno run -A test/tasks/page_player.ts docs/your_model.md     writes what is printed into the page
 *
 * A file is a fenced block below a line that ends in its name in backticks and a colon. Commands stand behind `$ ` in blocks
 * of the language `console`; `lines=A-B` shows
 * so many of the lines that each prints, and `…` for the others.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeExample } from "../../benchmarks/examples/make.ts";
import { runDeno } from "./run_task.ts";

const installed = fileURLToPath(new URL("../../tasks/installed.ts", import.meta.url));

/** A command of a page, and what the page shows that it prints. */
export interface Shown {
  readonly command: string;
  readonly output: readonly string[];
}

/** A block of a page. */
type Block =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | {
    readonly kind: "console";
    readonly info: string;
    readonly text: string;
    readonly shown: readonly Shown[];
  };

/** The files and commands of a page, in order. */
export function blocksOf(page: string): Block[] {
  const fences = page.matchAll(/(?:`([^`\n]+)`:\n\n)?```(\S+)([^\n]*)\n([\s\S]*?)\n```/g);
  return [...fences].flatMap(([, name, language, info = "", text = ""]): Block[] => {
    if (language !== "console") return name === undefined ? [] : [{ kind: "file", name, text: `${text}\n` }];
    const shown = text.split(/^\$ /m).slice(1).map((part): Shown => {
      const [command = "", ...output] = part.trimEnd().split("\n");
      return { command, output };
    });
    return [{ kind: "console", info, text, shown }];
  });
}

/** A line without what differs from machine to machine: numbers, digests, and what they decide. */
export function comparable(line: string): string {
  return line
    .replace(/\S*[0-9a-zA-Z_+/-]{40,}\S*/g, "DIGEST")
    .replace(/\b[0-9a-f]{12,}\b/g, "DIGEST")
    .replace(/better|worse|identical|tied within noise|inconclusive \([^)]*\)/g, "VERDICT")
    .replace(/[−+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, "0")
    .replace(/\b0 (?:[kMGT]\b|(?:[kMGT]i?)?B\b|h\b|min\b|s\b)/g, "0").replace(/\b(?:0[hms] ?)+/g, "0")
    .replace(/[─#═]+/g, "─")
    .replace(/\s+/g, " ")
    .trim();
}

/** Where a command prints something else than a page shows; nothing where it does not. `…` stands for any lines. */
export function difference({ output }: Shown, printed: readonly string[]): string | undefined {
  let at = 0, skips = false;
  for (const line of output) {
    if (line.trim() === "…") {
      skips = true;
      continue;
    }
    const wanted = comparable(line);
    const found = printed.findIndex((text, i) => i >= at && comparable(text) === wanted);
    if (found < 0 || (found > at && !skips)) {
      return `the page shows "${line}", printed is "${printed[at] ?? "nothing more"}"`;
    }
    at = found + 1;
    skips = false;
  }
  return skips || at === printed.length ? undefined : `printed is "${printed[at]}", the page shows no more`;
}

/** What a command of a page printed. */
export interface Played extends Shown {
  readonly code: number;
  readonly printed: readonly string[];
  readonly stderr: string;
}

/**
 * Plays a page in a folder of the reader's own.
 *
 * @param told Told each command when it has ended.
 */
export async function play(page: string, told: (played: Played) => void): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir()),
    home = `${folder}/home`,
    own = `${folder}/try`;
  try {
    await Deno.mkdir(own);
    await makeExample(own);
    for (const block of blocksOf(page)) {
      if (block.kind === "file") {
        await Deno.writeTextFile(join(own, block.name), block.text);
        continue;
      }
      for (const shown of block.shown) {
        const [program, ...args] = shown.command.split(" ");
        if (program !== "bupo-bench") throw new RangeError(`Cannot play "${shown.command}"`);
        const allowed = ["--allow-read", "--allow-run", "--allow-env=HOME"];
        const { code, stdout, stderr } = await runDeno(["run", "-q", ...allowed, installed, ...args], {
          cwd: own,
          env: { XDG_CONFIG_HOME: home },
        });
        const printed = stdout.replaceAll(own, "~/try").trimEnd().split("\n").map((line) => line.trimEnd());
        told({ ...shown, code, printed, stderr });
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A page whose commands are followed by what they printed. */
function written(page: string, played: readonly Played[]): string {
  let at = 0;
  return blocksOf(page).reduce((text, block) => {
    if (block.kind !== "console") return text;
    const [, from = "1", to = "Infinity"] = /lines=(\d+)-(\d+)/.exec(block.info) ?? [];
    const lines = block.shown.flatMap(({ command }) => {
      const printed = played[at++]?.printed ?? [];
      const before = Number(from) > 1 ? ["…"] : [], after = printed.length > Number(to) ? ["…"] : [];
      return [`$ ${command}`, ...before, ...printed.slice(Number(from) - 1, Number(to)), ...after];
    });
    return text.replace(block.text, () => lines.join("\n"));
  }, page);
}

if (import.meta.main) {
  const [path = ""] = Deno.args, page = await Deno.readTextFile(path), all: Played[] = [];
  await play(page, (played) => {
    all.push(played);
    if (played.code !== 0) throw new Error(`${played.command}: ${played.stderr}`);
  });
  await Deno.writeTextFile(path, written(page, all));
}

/**
 * `deno task store`: the records that runs keep.
 *
 * @module
 */

import { canonicalJson } from "../src/canonical_json.ts";
import { sourceTree } from "../src/pipeline/mod.ts";
import { formatDuration } from "../src/progress.ts";
import { type Cell, outputStyle, renderTables } from "../src/report/mod.ts";
import { type FoundRecord, storeRecords, sweepStore } from "../src/store_files.ts";
import { type Command, type Flags, print, printJson, readFlags, UsageError } from "./shared/command.ts";
import { ROOT } from "./shared/root.ts";

/** Milliseconds of a day. */
const DAY = 24 * 3600 * 1000;

/** The parts of a key that say what a record is of; keys of other kinds have others. */
interface KnownKey {
  readonly sources?: string;
  readonly method?: string;
  readonly seed?: number;
  readonly step?: number;
  readonly checkpoint?: string | null;
  readonly suite?: string;
}

/** The parts of a value that say what made a record. */
interface KnownMade {
  readonly sources?: { readonly commit?: string | null; readonly dirty?: boolean | "unknown" };
}

/** The parts of a value that are listed. */
interface KnownValue {
  readonly executed?: KnownMade | readonly KnownMade[];
  readonly suite?: string;
  readonly best?: { readonly step?: number };
}

/** A record as it is listed. */
interface Listed {
  readonly path: string;
  readonly kind: string;
  readonly of: string;
  readonly bytes: number;
  readonly written: string;
  readonly commit: string | null;
  /** Whether this checkout's sources made it, so that a run takes it. */
  readonly current: boolean;
  /** Why it cannot be trusted. */
  readonly fault: string | undefined;
  /** For a state of training: which run's, after which step, and which is the best until then. */
  readonly state:
    | { readonly run: string; readonly step: number; readonly best: number | undefined }
    | undefined;
}

function describe({ record, path, kind, bytes, written }: FoundRecord, digest: string): Listed {
  const common = { path, kind, bytes, written: written.toISOString() };
  if (typeof record === "string") {
    return { ...common, of: "", commit: null, current: false, fault: record, state: undefined };
  }
  const { method, seed, step, checkpoint, suite, sources } = record.key as KnownKey;
  const { executed, suite: name, best } = record.value as KnownValue;
  const [first] = [executed ?? []].flat();
  const trained = [
    method,
    seed === undefined ? undefined : `seed ${seed}`,
    step === undefined ? undefined : `step ${step}`,
  ];
  const evaluated = suite === undefined
    ? []
    : [`${checkpoint?.slice(0, 12) ?? "base"} on ${name ?? suite.slice(0, 12)}`];
  const { step: _, ...run } = record.key as KnownKey;
  return {
    ...common,
    of: [...trained.filter((part) => part !== undefined), ...evaluated].join(" "),
    commit: first?.sources?.commit ?? null,
    current: sources === digest,
    fault: undefined,
    state: kind === "training" && step !== undefined
      ? { run: canonicalJson(run), step, best: best?.step }
      : undefined,
  };
}

function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"],
    at = Math.min(4, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}

/** The records of a store; an empty list is a mistake of the folder's name, more often than not. */
async function listed(directory: string, checked: boolean): Promise<Listed[]> {
  const { digest } = await sourceTree(ROOT), found: Listed[] = [];
  for await (const record of storeRecords(directory, checked)) found.push(describe(record, digest));
  if (found.length === 0) throw new UsageError(`Cannot find a record in "${directory}": say --store DIR`);
  return found;
}

function printList(records: readonly Listed[], title: string): void {
  const heads = [left("kind"), left("of"), right("size"), right("age"), left("commit"), left("")];
  const age = (written: string): string => formatDuration((Date.now() - Date.parse(written)) / 1000);
  const rows = records.map(({ kind, of, bytes, written, commit, current, fault }) => [
    left(kind),
    left(of),
    right(sizeText(bytes)),
    right(age(written)),
    left(commit?.slice(0, 12) ?? ""),
    left(fault ?? (current ? "this checkout takes it" : "made by other sources")),
  ]);
  print(
    renderTables({ sections: [{ title, rows: [heads, ...rows] }], legend: [] }, "terminal", outputStyle())
      .trimEnd(),
  );
}

async function list(directory: string, flags: Flags): Promise<number> {
  const records = await listed(directory, false);
  const total = records.reduce((sum, { bytes }) => sum + bytes, 0);
  if (flags.on("json")) printJson({ records });
  else printList(records, `${directory}: ${records.length} records, ${sizeText(total)}`);
  return 0;
}

async function check(directory: string, flags: Flags): Promise<number> {
  const records = await listed(directory, true), faulty = records.filter(({ fault }) => fault !== undefined);
  if (flags.on("json")) printJson({ checked: records.length, faulty });
  else {
    for (const { path, fault } of faulty) print(`${path}: ${fault}`);
    print(
      `${records.length} records checked, ${faulty.length} damaged; a damaged one is made anew when a run needs it`,
    );
  }
  return faulty.length > 0 ? 1 : 0;
}

/** Removes records by age and by what made them, damaged ones, and what killed runs left. */
async function prune(directory: string, flags: Flags): Promise<number> {
  const days = flags.integer("older-than", 0), others = flags.on("other-sources"), dry = flags.on("dry-run");
  const earlier = flags.on("earlier-states");
  const before = days === undefined ? -Infinity : Date.now() - days * DAY;
  const records = await listed(directory, true), last = new Map<string, NonNullable<Listed["state"]>>();
  for (const { state } of records) {
    if (state && state.step > (last.get(state.run)?.step ?? 0)) last.set(state.run, state);
  }
  const isEarlier = ({ run, step }: NonNullable<Listed["state"]>): boolean => {
    const { step: latest = 0, best } = last.get(run) ?? {};
    return step < latest && step !== best;
  };
  const chosen = records.filter(({ written, current, fault, state }) =>
    fault !== undefined || Date.parse(written) < before || (others && !current) ||
    (earlier && state !== undefined && isEarlier(state))
  );
  if (!dry) { for (const { path } of chosen) await Deno.remove(path); }
  const swept = dry ? [] : await sweepStore(directory, DAY);
  const bytes = chosen.reduce((sum, record) => sum + record.bytes, 0);
  if (flags.on("json")) printJson({ removed: chosen.map(({ path }) => path), bytes, swept, dry });
  else {
    for (const { path, kind, of } of chosen) {
      print(`${dry ? "would remove" : "removed"} ${kind} ${of}: ${path}`);
    }
    const left = swept.length > 0 ? `, and ${swept.length} files that killed runs left` : "";
    print(`${dry ? "Would remove" : "Removed"} ${chosen.length} records, ${sizeText(bytes)}${left}`);
  }
  return 0;
}

const actions: Readonly<Record<string, (directory: string, flags: Flags) => Promise<number>>> = {
  list,
  check,
  prune,
};

/** The command. */
export const command: Command = {
  help: `Usage: deno task store [list | check | prune] [--store DIR] [flags]

  list                 what is recorded: size, age, the commit that made it, and whether this checkout takes it
  check                compares every record with its SHA-256
  prune                removes damaged records, what killed runs left more than a day ago, and those that the flags name

  --store DIR          the store (default: .store; those of reproduce --from: .store/again/<manifest>)
  --other-sources      with prune: records that other sources than this checkout's made
  --older-than DAYS    with prune: records older than that
  --earlier-states     with prune: of every training all but its last and best state; each is three times the weights
  --dry-run            with prune: only say what would be removed
  --json               one JSON object

Exit code 1 if check finds a damaged record.`,
  async run(args): Promise<number> {
    const flags = readFlags(args, {
      boolean: ["json", "other-sources", "earlier-states", "dry-run"],
      string: ["store", "older-than"],
      positional: 1,
    });
    const [name = "list"] = flags.positional,
      action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action) throw new UsageError(`Cannot do "${name}": expected ${Object.keys(actions).join(", ")}`);
    const choice = ["other-sources", "earlier-states", "dry-run"].find((flag) => flags.on(flag)) ??
      (flags.text("older-than") === undefined ? undefined : "older-than");
    if (action !== prune && choice !== undefined) {
      throw new UsageError(`Cannot use --${choice} with ${name}: it chooses what prune removes`);
    }
    return await action(flags.text("store") ?? ".store", flags);
  },
};

/** A cell whose text stands to the left. */
function left(text: string): Cell {
  return { text };
}

/** A cell whose text stands to the right. */
function right(text: string): Cell {
  return { text, right: true };
}

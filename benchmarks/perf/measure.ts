/**
 * Measuring: everything that is compared takes turns, so that what else the machine does falls on all of it.
 *
 * @module
 */

import { compareNumbers } from "./agreement.ts";
import { type Contender, Party } from "./party.ts";
import { pairedRatio, type Spread, spreadOf } from "./spread.ts";
import type { CommandRow, OwnRow, PeerRow, Row, ShareRow } from "./rows.ts";
import { shapeDirectory, shapeParameters } from "./shapes.ts";
import { type Numbers, PRODUCTS, type Work } from "./work.ts";

/** What one side of a row took. */
export interface Timing {
  /** Who or what. */
  readonly name: string;
  /** Seconds of the fastest and of the middle round. */
  readonly best: number;
  readonly median: number;
  /** CPU seconds of the middle round, where they are known. */
  readonly cpu?: number;
  /** The most memory that was resident, in bytes; both sides' where one process does both works. */
  readonly peak?: number;
}

/** Another side, compared with ours. */
export interface Comparison extends Partial<Timing> {
  readonly name: string;
  /** Seconds of our fastest round beside it. */
  readonly ours?: number;
  /** Our time over its time, pair by pair; below 1 we are faster. */
  readonly ratio?: Spread;
  /** What was compared before, in words. */
  readonly agreement?: string;
  /** Why its time does not count. */
  readonly refused?: string;
}

/** What came of a row. */
export interface RowResult {
  readonly row: string;
  readonly title: string;
  readonly threads: number;
  readonly rounds: number;
  readonly ours: Timing;
  readonly against: readonly Comparison[];
  /** The share of the product's speed that was reached. */
  readonly share?: Spread;
}

/** Something that is done in turns with others. */
interface Side {
  readonly name: string;
  readonly run: () => Promise<{ readonly seconds: number; readonly cpu?: number }>;
}

/** Milliseconds between two runs: threads of the one before go to sleep. */
const PAUSE = 20;

interface Taken {
  readonly seconds: readonly number[];
  readonly cpu: readonly number[];
}

/** Does everything in turns; what comes before the first round is not counted. */
async function inTurns(sides: readonly Side[], rounds: number): Promise<Taken[]> {
  const taken = sides.map(() => ({ seconds: [] as number[], cpu: [] as number[] }));
  for (let round = -1; round < rounds; round++) {
    for (const [i, { run }] of sides.entries()) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
      const { seconds, cpu } = await run();
      if (round < 0) continue;
      taken[i]?.seconds.push(seconds);
      if (cpu !== undefined) taken[i]?.cpu.push(cpu);
    }
  }
  return taken;
}

/** A side's times in short, a step each. */
function timing(name: string, { seconds, cpu }: Taken, steps: number, peak?: number): Timing {
  return {
    name,
    best: Math.min(...seconds) / steps,
    median: spreadOf(seconds).median / steps,
    ...(cpu.length > 0 ? { cpu: spreadOf(cpu).median / steps } : {}),
    ...(peak === undefined ? {} : { peak }),
  };
}

/** Who measures. */
export interface Parties {
  readonly ours: Pick<Contender, "launch">;
  readonly peers: readonly Contender[];
}

const nothing: Taken = { seconds: [], cpu: [] };

/** A peer with a prepared work, or why it has none. */
interface Prepared {
  readonly peer: Contender;
  readonly party?: Party;
  readonly agreement?: string;
  readonly refused?: string;
}

/** Lets a peer prepare a work, and compares what it computes with what we compute. */
async function prepared(
  peer: Contender,
  { work, threads }: PeerRow,
  directory: string,
  numbers: Numbers,
): Promise<Prepared> {
  const refused = peer.refuses?.(work);
  if (refused !== undefined) return { peer, refused };
  const model = await peer.model?.(directory) ?? directory;
  const party = new Party(peer.launch(threads));
  try {
    const theirs = await party.prepare(work, model);
    const { text, agrees } = compareNumbers(numbers, theirs.numbers, peer.agreement);
    if (agrees) return { peer, party, agreement: text };
    await party[Symbol.asyncDispose]();
    return { peer, refused: `it computes something else: ${text}` };
  } catch (error) {
    await party[Symbol.asyncDispose]();
    return { peer, refused: error instanceof Error ? error.message : String(error) };
  }
}

/** Peers that are in memory beside us at the same time: of the large shapes no machine holds more than one. */
function tables({ size, work }: PeerRow, peers: readonly Contender[]): readonly (readonly Contender[])[] {
  const trade = work.kind === "decode" ? "decoding" : "training";
  const able = peers.filter((peer) => peer.trade === trade);
  return size === "large" && able.length > 0 ? able.map((peer) => [peer]) : [able];
}

async function measurePeers(row: PeerRow, { ours, peers }: Parties, rounds: number): Promise<RowResult> {
  const { work, threads, steps = 1 } = row, directory = await directoryOf(work);
  await using us = new Party(ours.launch(threads));
  const { numbers } = await us.prepare(work, directory);
  const own: Taken[] = [], against: Comparison[] = [], all = tables(row, peers);
  for (const table of all) {
    await using stack = new AsyncDisposableStack();
    const guests: Prepared[] = [];
    for (const peer of table) {
      const guest = await prepared(peer, row, directory, numbers);
      if (guest.party) stack.use(guest.party);
      guests.push(guest);
    }
    const able = guests.filter((each): each is Prepared & { party: Party } => each.party !== undefined);
    const sides = [
      { name: "ours", run: () => us.run(0) },
      ...able.map(({ peer, party }) => ({ name: peer.name, run: () => party.run(0) })),
    ];
    const [mine = nothing, ...others] = await inTurns(sides, rounds);
    own.push(mine);
    for (const { peer, party, agreement, refused } of guests) {
      if (party === undefined) {
        against.push({ name: peer.name, ...(refused === undefined ? {} : { refused }) });
        continue;
      }
      const taken = others[able.findIndex((each) => each.party === party)] ?? nothing;
      against.push({
        ...timing(peer.name, taken, steps, (await party.memory()).peak),
        ...(all.length > 1 ? { ours: timing("ours", mine, steps).best } : {}),
        ratio: pairedRatio(mine.seconds, taken.seconds),
        ...(agreement === undefined ? {} : { agreement }),
      });
    }
  }
  const taken = { seconds: own.flatMap(({ seconds }) => seconds), cpu: own.flatMap(({ cpu }) => cpu) };
  return { ...heading(row, rounds), ours: timing("ours", taken, steps, (await us.memory()).peak), against };
}

/** The folder of the model that a work needs. */
async function directoryOf(work: Work): Promise<string> {
  return "shape" in work ? await shapeDirectory(work.shape) : "";
}

function heading(row: Row, rounds: number): Pick<RowResult, "row" | "title" | "threads" | "rounds"> {
  return { row: row.name, title: row.title, threads: row.threads, rounds };
}

/** Two works of one process in turns. */
async function measurePair(
  { ours }: Parties,
  threads: number,
  works: readonly [Work, Work],
  names: readonly [string, string],
  rounds: number,
): Promise<{ own: Taken; other: Taken; peak: number }> {
  await using party = new Party(ours.launch(threads));
  const ids: number[] = [];
  for (const work of works) ids.push((await party.prepare(work, await directoryOf(work))).id);
  const sides = ids.map((id, i) => ({ name: names[i] ?? "", run: () => party.run(id) }));
  const [own = nothing, other = nothing] = await inTurns(sides, rounds);
  return { own, other, peak: (await party.memory()).peak };
}

async function measureOwn(row: OwnRow, parties: Parties, rounds: number): Promise<RowResult> {
  const names = ["ours", row.otherTitle] as const;
  const { own, other, peak } = await measurePair(parties, row.threads, [row.work, row.other], names, rounds);
  const ratio = pairedRatio(own.seconds, other.seconds);
  return {
    ...heading(row, rounds),
    ours: timing("ours", own, 1, peak),
    against: [{ ...timing(row.otherTitle, other, 1), ratio }],
  };
}

/** Floating-point operations of a work by the usual count: 6 a parameter and token in training, 2 in decoding. */
async function operationsOf(work: ShareRow["work"]): Promise<number> {
  const parameters = await shapeParameters(work.shape);
  if (work.kind !== "decode") return 6 * parameters * work.rows * work.length;
  return 2 * parameters * work.batch * (work.prompt + work.response - 1);
}

async function measureShare(row: ShareRow, parties: Parties, rounds: number): Promise<RowResult> {
  const works = [row.work, { kind: "product" }] as const, name = "product of 1024³ in place";
  const { own, other, peak } = await measurePair(parties, row.threads, works, ["ours", name], rounds);
  const quotient = await operationsOf(row.work) / (2 * 1024 ** 3 * PRODUCTS);
  return {
    ...heading(row, rounds),
    ours: timing("ours", own, 1, peak),
    against: [timing(name, other, PRODUCTS)],
    share: spreadOf(own.seconds.map((seconds, i) => quotient * (other.seconds[i] ?? NaN) / seconds)),
  };
}

async function measureOutside(row: Row, { ours }: Parties, rounds: number): Promise<RowResult> {
  await using party = new Party(ours.launch(row.threads));
  const { id } = await party.prepare({ kind: "step" }, "");
  const taken = { seconds: [] as number[], cpu: [] as number[] }, shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { seconds, cpu, outside = NaN } = await party.run(id);
    taken.seconds.push(seconds);
    taken.cpu.push(cpu);
    shares.push(outside / seconds);
  }
  const { peak } = await party.memory();
  return {
    ...heading(row, rounds),
    ours: timing("ours", taken, 1, peak),
    against: [],
    share: spreadOf(shares),
  };
}

/** Runs a command of `main.ts`, which must succeed. */
async function runCommand(args: readonly string[]): Promise<{ readonly seconds: number }> {
  const start = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--no-prompt", "main.ts", ...args],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return { seconds: (performance.now() - start) / 1000 };
  throw new Error(
    `Cannot measure "${args.join(" ")}": ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`,
  );
}

async function measureCommand(row: CommandRow, rounds: number): Promise<RowResult> {
  const { args, other, otherTitle = "" } = row;
  const sides = [{ name: "ours", run: () => runCommand(args) }];
  if (other) sides.push({ name: otherTitle, run: () => runCommand(other) });
  const [own = nothing, second] = await inTurns(sides, rounds);
  return {
    ...heading(row, rounds),
    ours: timing("ours", own, 1),
    against: second === undefined
      ? []
      : [{ ...timing(otherTitle, second, 1), ratio: pairedRatio(own.seconds, second.seconds) }],
  };
}

/** Measures a row. */
export async function measureRow(row: Row, parties: Parties, rounds: number): Promise<RowResult> {
  switch (row.against) {
    case "peers":
      return await measurePeers(row, parties, rounds);
    case "own":
      return await measureOwn(row, parties, rounds);
    case "product":
      return await measureShare(row, parties, rounds);
    case "outside":
      return await measureOutside(row, parties, rounds);
    case "command":
      return await measureCommand(row, rounds);
  }
}

/**
 * What a running command tells the person who waits: bars with time left on a terminal, plain lines in a pipe,
 * nothing with `--quiet`. Everything goes to standard error, so standard output stays the command's result.
 *
 * @module
 */

/** Where progress goes and in which dress. */
export interface ProgressOptions {
  /** Writes a piece of text. Default: standard error. */
  readonly write?: (text: string) => void;
  /** Redraws one line in place. Default: standard error is a terminal. */
  readonly terminal?: boolean;
  /** Says nothing at all. */
  readonly quiet?: boolean;
  /** The terminal's width; a longer bar is cut, because a wrapped one could not be erased. Default: asked each time. */
  readonly columns?: () => number;
  /** The terminal's height; what is redrawn stays below it, because what has left the screen could not be erased. Default: asked. */
  readonly rows?: () => number;
}

/**
 * The size of the terminal at standard error; infinite where there is none. One that does not say its size, as in a
 * recorded session, is taken to have 80 columns and 24 rows.
 *
 * @param wanted Fewer columns, as the variable `COLUMNS` says.
 */
export function terminalSize(wanted?: string): { readonly columns: number; readonly rows: number } {
  if (!Deno.stderr.isTerminal()) return { columns: Infinity, rows: Infinity };
  const { columns, rows } = Deno.consoleSize(), own = columns || 80, asked = Number(wanted);
  return { columns: Number.isSafeInteger(asked) && asked > 0 ? Math.min(asked, own) : own, rows: rows || 24 };
}

/** Lines that stand below a bar on a terminal: as many as asked at most, none longer than the columns that there are. */
export type BelowLines = (columns: number, most: number) => readonly string[];

/** Seconds between two lines of one task in a pipe. */
const PIPE_INTERVAL = 20;

/** Seconds as `42s`, `3m05s` or `2h10m`. */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${String(s % 60).padStart(2, "0")}s`;
  return `${Math.floor(s / 3600)}h${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}m`;
}

/** How far a task is; times are in seconds. */
interface Bar {
  done: number;
  total: number;
  note: string;
  /** What was done at the first update: a task that was resumed does not begin at 0. */
  readonly first: number;
  readonly started: number;
  told: number;
}

/** Reports lines and bars; several tasks may run at once, each a named bar. */
export class Progress {
  readonly #write: (text: string) => void;
  readonly #terminal: boolean;
  readonly #quiet: boolean;
  readonly #columns: () => number;
  readonly #rows: () => number;
  readonly #bars = new Map<string, Bar>();
  readonly #below = new Map<string, BelowLines>();
  #drawn = 0;

  /** Opens a reporter. */
  constructor(options: ProgressOptions = {}) {
    const encoder = new TextEncoder();
    this.#write = options.write ?? ((text) => void Deno.stderr.writeSync(encoder.encode(text)));
    this.#terminal = options.terminal ?? Deno.stderr.isTerminal();
    this.#quiet = options.quiet ?? false;
    this.#columns = options.columns ?? (() => terminalSize().columns);
    this.#rows = options.rows ?? (() => terminalSize().rows);
  }

  /** Says one line. */
  line(text: string): void {
    if (this.#quiet) return;
    this.#erase();
    this.#write(text + "\n");
    this.#draw();
  }

  /** Moves the bar of a task; the bar goes when `done` reaches `total`. In a pipe: a line now and then, and at the end. */
  update(task: string, done: number, total: number, note = ""): void {
    if (this.#quiet) return;
    const now = performance.now() / 1000;
    const bar = this.#bars.get(task) ?? { done, total, note, first: done, started: now, told: now };
    Object.assign(bar, { done, total, note });
    this.#bars.set(task, bar);
    if (this.#terminal) {
      this.#erase();
      if (done >= total) {
        this.#bars.delete(task);
        this.#below.delete(task);
      }
      this.#draw();
      return;
    }
    if (done >= total || now - bar.told >= PIPE_INTERVAL) {
      bar.told = now;
      this.#write(`${this.#text(task, bar)}\n`);
    }
    if (done >= total) this.#bars.delete(task);
  }

  /** Shows lines below the bar of a task, as long as it has one; only on a terminal. */
  below(task: string, lines: BelowLines): void {
    if (this.#quiet || !this.#terminal) return;
    this.#erase();
    this.#below.set(task, lines);
    this.#draw();
  }

  #text(task: string, bar: Bar): string {
    const elapsed = performance.now() / 1000 - bar.started;
    const own = bar.done - bar.first;
    const left = own > 0 ? (elapsed / own) * (bar.total - bar.done) : NaN;
    const time = bar.done >= bar.total
      ? formatDuration(elapsed)
      : Number.isNaN(left)
      ? ""
      : `${formatDuration(left)} left`;
    return [`${task} ${bar.done}/${bar.total}`, time, bar.note].filter((part) => part !== "").join("  ");
  }

  #erase(): void {
    if (this.#drawn > 0) this.#write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }

  #draw(): void {
    if (!this.#terminal) return;
    const columns = this.#columns(), tasks = [...this.#below.keys()].filter((task) => this.#bars.has(task));
    // The cursor stands on a row of its own.
    const most = Math.floor((this.#rows() - 1 - this.#bars.size) / Math.max(1, tasks.length));
    for (const [task, bar] of this.#bars) {
      const filled = Math.round((20 * bar.done) / bar.total);
      const line = `${"━".repeat(filled)}${"╌".repeat(20 - filled)} ${this.#text(task, bar)}`;
      const below = most > 0 ? this.#below.get(task)?.(columns, most) ?? [] : [];
      for (const each of [line.slice(0, columns), ...below]) this.#write(`${each}\n`);
      this.#drawn += 1 + below.length;
    }
  }
}

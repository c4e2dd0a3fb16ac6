/**
 * Rows of a parquet file on disk, one row group in memory at a time.
 *
 * @module
 */

import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { decimalColumns } from "./decimal.ts";
import { type Layout, readLayout } from "./layout.ts";
import { checkPages, compressors } from "./pages.ts";

/** The four bytes at both ends of a file: `PAR1`. */
const MAGIC = "PAR1";

/** The largest footer that is read, in bytes. */
const MAX_FOOTER = 16 * 2 ** 20;

/** Bytes that the pages of a row group may have when unpacked, for each byte of the file; text packs to a fifth. */
const MAX_UNPACKED = 32;

/** Files that are smaller may unpack to as much as one of this size, in bytes: equal rows pack to next to nothing. */
const SMALL = 2 ** 20;

/** The most bytes that the pages of a row group may have when unpacked, whatever the file's size. */
const MAX_GROUP = 2 ** 30;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads bytes of an open file. */
async function readAt(file: Deno.FsFile, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(end - start);
  await file.seek(start, Deno.SeekMode.Start);
  for (let at = 0; at < bytes.length;) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) throw new SyntaxError("it ends too early");
    at += read;
  }
  return bytes;
}

/** Reads of the same file that wait for each other: seeking and reading are two steps. */
function inTurn(file: Deno.FsFile): (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>> {
  let last: Promise<unknown> = Promise.resolve();
  return (start, end) => {
    const mine = last.then(() => readAt(file, start, end));
    last = mine.catch(() => {}); // whoever asked for it sees the error
    return mine;
  };
}

async function readFooter(
  read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (size < 12) throw new SyntaxError(`${size} bytes are no parquet file`);
  const tail = await read(size - 8, size);
  if (new TextDecoder().decode(tail.subarray(4)) !== MAGIC) {
    throw new SyntaxError(`it does not end in ${MAGIC}`);
  }
  const length = new DataView(tail.buffer).getUint32(0, true);
  if (length > Math.min(size - 12, MAX_FOOTER)) {
    throw new SyntaxError(`its footer states ${length} bytes, and the file has ${size}`);
  }
  return await read(size - 8 - length, size);
}

/** One line of what a library says about a file. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}

/**
 * The rows of a file, with some of its top-level columns. Integers of 64 bits are bigints, nested columns are objects
 * and arrays.
 *
 * Everything that the file states is checked against its size first. Memory stays below a fixed multiple of the file,
 * most of it the row group that is being read.
 *
 * @param path Where it lies.
 * @param wanted Which top-level columns are read.
 * @throws {SyntaxError} If it is no parquet file, damaged, or packed in a way that is not read: one line.
 */
export async function* readParquet(
  path: string,
  wanted: (column: string) => boolean,
): AsyncGenerator<Readonly<Record<string, unknown>>, void, undefined> {
  using file = await Deno.open(path);
  try {
    const { size } = await file.stat(), read = inTurn(file);
    const footer = await readFooter(read, size);
    const layout: Layout = readLayout(footer.subarray(0, -8), size - footer.length, wanted);
    const metadata = parquetMetadata(footer, { geoparquet: false });
    const present = layout.columns.filter(wanted);
    const decimals = [...decimalColumns(metadata.schema)].filter(([name]) => present.includes(name));
    const most = Math.min(MAX_UNPACKED * Math.max(size, SMALL), MAX_GROUP);
    const buffer = {
      byteLength: size,
      slice: async (start: number, end = size): Promise<ArrayBuffer> => {
        if (!(start >= 0 && start <= end && end <= size)) throw new SyntaxError("a column is beyond its end");
        return (await read(start, end)).buffer;
      },
    };
    for (const [index, { rows, chunks }] of layout.groups.entries()) {
      if (rows === 0) continue;
      let left = most;
      for (const chunk of chunks) left -= checkPages(chunk, await read(chunk.start, chunk.end), left);
      const group = metadata.row_groups[index];
      if (!group || present.length === 0) {
        throw new SyntaxError(
          `it has none of the wanted columns, only ${layout.columns.slice(0, 12).join(", ")}`,
        );
      }
      const found = await parquetReadObjects({
        file: buffer,
        metadata: { ...metadata, num_rows: group.num_rows, row_groups: [group] },
        columns: present,
        compressors,
        parsers: { stringFromBytes: (bytes) => bytes && decoder.decode(bytes) },
        geoparquet: false,
      });
      if (found.length !== rows) throw new SyntaxError(`it has ${found.length} rows where it states ${rows}`);
      for (const row of found) {
        for (const [name, change] of decimals) row[name] = change(row[name]);
        yield row;
      }
    }
  } catch (error) {
    throw new SyntaxError(`Cannot read ${path}: ${reason(error)}`);
  }
}

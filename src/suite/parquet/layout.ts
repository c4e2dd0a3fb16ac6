/**
 * Where the columns of a parquet file lie, read from its footer. The footer may be hostile: whatever it states is
 * compared with the size of the file before anything is allocated for it.
 *
 * @module
 */

import { child, children, count, readThrift, type ThriftStruct } from "./thrift.ts";

/** A leaf of the schema. */
interface Leaf {
  /** Physical type: 0 boolean, 4 float32, 6 byte array, and so on. */
  readonly type: number;
  /** Definition level of a value that is there. */
  readonly definition: number;
  /** Repetition level of a value that continues the innermost list. */
  readonly repetition: number;
  /** Is it of a kind that is read? Not so variants and geometry. */
  readonly whole: boolean;
}

/** The bytes of one leaf column in one row group. */
export interface Chunk extends Leaf {
  /** The names from the top-level column down to the leaf. */
  readonly path: readonly string[];
  /** Compression: 0 none, 1 Snappy, 2 gzip, 4 Brotli, 5 and 7 LZ4, 6 Zstandard. */
  readonly codec: number;
  /** Values, those that are null included. */
  readonly values: number;
  /** First byte in the file. */
  readonly start: number;
  /** First byte after it. */
  readonly end: number;
}

/** A run of rows. */
export interface RowGroup {
  /** How many rows. */
  readonly rows: number;
  /** Their columns. */
  readonly chunks: readonly Chunk[];
}

/** What a footer says. */
export interface Layout {
  /** The names of the top-level columns. */
  readonly columns: readonly string[];
  /** The row groups. */
  readonly groups: readonly RowGroup[];
}

/** Schema elements; data sets have dozens. */
const MAX_ELEMENTS = 1024;

/** Levels of nesting below the root. */
const MAX_LEVELS = 8;

/** Values that any file may have; a larger one has at least a byte for each. */
export const FEW_VALUES = 2 ** 18;

/** Bytes of the file that each level of nesting of a value has at least: decoded, a level is a list of its own. */
const BYTES_PER_LEVEL = 4;

/** The logical types from this one on are made of smaller parts (variants, shapes) and not read. */
const COMPOSED = 16;

const decoder = new TextDecoder("utf-8", { fatal: true });

function text(bytes: unknown, what: string): string {
  if (!(bytes instanceof Uint8Array)) throw new SyntaxError(`${what} is missing`);
  return decoder.decode(bytes);
}

/** The leaves of the schema by path, and the names below the root. */
function readSchema(
  elements: readonly ThriftStruct[],
): { readonly leaves: ReadonlyMap<string, Leaf>; readonly columns: readonly string[] } {
  if (elements.length > MAX_ELEMENTS) {
    throw new SyntaxError(`the schema has ${elements.length} elements, more than ${MAX_ELEMENTS}`);
  }
  const leaves = new Map<string, Leaf>();
  let next = 1;
  const visit = (
    parent: readonly string[],
    definition: number,
    repetition: number,
    whole: boolean,
  ): string => {
    const element = elements[next++];
    if (!element) throw new SyntaxError("the schema ends too early");
    if (parent.length >= MAX_LEVELS) {
      throw new SyntaxError(`the schema is nested more than ${MAX_LEVELS} deep`);
    }
    const name = text(element.get(4), "a column's name"), path = [...parent, name];
    const kind = element.has(3) ? count(element, 3, "a column's repetition") : 0;
    if (kind > 0) definition++;
    if (kind === 2) repetition++;
    const within = element.has(5) ? count(element, 5, "a column's size") : 0;
    const logical = element.get(10);
    whole &&= !(logical instanceof Map && logical.keys().some((kind) => kind >= COMPOSED));
    for (let i = 0; i < within; i++) visit(path, definition, repetition, whole);
    const key = JSON.stringify(path);
    if (leaves.has(key)) throw new SyntaxError(`the column ${path.join(".")} is there twice`);
    if (within === 0) {
      leaves.set(key, { type: count(element, 1, "a column's type"), definition, repetition, whole });
    }
    return name;
  };
  const [root] = elements;
  if (root?.has(3) && count(root, 3, "the root's repetition") > 0) {
    throw new SyntaxError("the root of its schema is repeated");
  }
  const columns = Array.from(
    { length: Math.min(root ? count(root, 5, "the number of columns") : 0, elements.length) },
    () => visit([], 0, 0, true),
  );
  return { leaves, columns };
}

function readChunk(
  column: ThriftStruct,
  leaves: ReadonlyMap<string, Leaf>,
  rows: number,
  size: number,
): Chunk {
  const fields = child(column, 3, "a column's description");
  const names = fields.get(3);
  const path = Array.isArray(names) ? names.map((name) => text(name, "a column's path")) : [];
  const name = path.join("."), leaf = leaves.get(JSON.stringify(path));
  if (!leaf) throw new SyntaxError(`the column ${name} is not in the schema`);
  if (!leaf.whole) throw new SyntaxError(`the column ${name} is of a kind that is not read`);
  if (count(fields, 1, `the type of ${name}`) !== leaf.type) {
    throw new SyntaxError(`the column ${name} is not of the schema's type`);
  }
  const values = count(fields, 5, `the number of values of ${name}`);
  if (leaf.repetition === 0 ? values !== rows : values < rows) {
    throw new SyntaxError(`the column ${name} has ${values} values for ${rows} rows`);
  }
  const dictionary = fields.has(11) ? count(fields, 11, `the dictionary of ${name}`) : 0;
  const start = dictionary || count(fields, 9, `the place of ${name}`);
  const end = start + count(fields, 7, `the size of ${name}`);
  if (end > size) throw new SyntaxError(`the column ${name} ends at byte ${end} of ${size}`);
  return { ...leaf, path, codec: count(fields, 4, `the compression of ${name}`), values, start, end };
}

/**
 * Reads a footer, without the eight bytes that end the file.
 *
 * @param footer The bytes of the footer.
 * @param size Bytes of the file before the footer.
 * @param wanted Which top-level columns matter; others are not looked at.
 * @throws {SyntaxError} If it is malformed, or states more than a file of that size can hold.
 */
export function readLayout(
  footer: Uint8Array,
  size: number,
  wanted: (column: string) => boolean,
): Layout {
  const { fields } = readThrift(footer, 0);
  const schema = readSchema(children(fields, 2, "the schema's elements"));
  let total = 0, values = 0, bytes = 0;
  const most = Math.max(FEW_VALUES, size);
  const groups = children(fields, 4, "the row groups").map((group): RowGroup => {
    const rows = count(group, 3, "a row group's size");
    total += rows;
    const chunks = children(group, 1, "a row group's columns").flatMap((column) => {
      const path = child(column, 3, "a column's description").get(3);
      const top = Array.isArray(path) ? text(path[0], "a column's path") : "";
      if (!wanted(top)) return [];
      const chunk = readChunk(column, schema.leaves, rows, size);
      values += chunk.values * (chunk.path.length > 1 ? 1 + BYTES_PER_LEVEL * chunk.definition : 1);
      bytes += chunk.end - chunk.start;
      if (bytes > size) throw new SyntaxError("its columns lie over each other");
      return [chunk];
    });
    if (total > most || values > most) {
      throw new SyntaxError(
        `it states ${total} rows or more with ${values} values and levels, more than ${size} bytes can hold`,
      );
    }
    const paths = new Set(chunks.map(({ path }) => JSON.stringify(path)));
    if (paths.size < chunks.length) throw new SyntaxError("a row group has a column twice");
    return { rows, chunks };
  });
  const rows = count(fields, 3, "the number of rows");
  if (rows !== total) throw new SyntaxError(`it states ${rows} rows, but its row groups have ${total}`);
  return { columns: schema.columns, groups };
}

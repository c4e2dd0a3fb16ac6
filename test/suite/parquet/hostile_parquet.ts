/** Parquet files written by hand, so that they can state what no writer would. */

/** A value in Thrift's compact protocol: its type and its bytes. */
interface Encoded {
  readonly type: number;
  readonly bytes: readonly number[] | Uint8Array;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

/** A 32-bit integer that is not negative. */
const i32 = (value: number): Encoded => ({ type: 5, bytes: varint(value * 2) });

/** A 64-bit integer that is not negative. */
const i64 = (value: number): Encoded => ({ type: 6, bytes: varint(value * 2) });

/** A text. */
function text(value: string): Encoded {
  const bytes = new TextEncoder().encode(value);
  return { type: 8, bytes: [...varint(bytes.length), ...bytes] };
}

/** A list of values of one type. */
function list(items: readonly Encoded[], type = items[0]?.type ?? 12): Encoded {
  const head = items.length < 15 ? [items.length * 16 + type] : [0xF0 + type, ...varint(items.length)];
  return { type: 9, bytes: [...head, ...items.flatMap(({ bytes }) => [...bytes])] };
}

/** A struct of fields by their ids. */
function struct(fields: Readonly<Record<number, Encoded>>): Encoded {
  const bytes: number[] = [];
  let last = 0;
  for (const [key, { type, bytes: value }] of Object.entries(fields)) {
    const id = Number(key);
    if (id - last < 16) bytes.push((id - last) * 16 + type);
    else bytes.push(type, ...varint(id * 2));
    for (const byte of value) bytes.push(byte);
    last = id;
  }
  return { type: 12, bytes: [...bytes, 0] };
}

/** A page: what its header says, and its bytes. */
export interface TestPage {
  readonly kind: "data" | "dictionary";
  /** Values, or entries of the dictionary, as stated. */
  readonly values: number;
  /** Bytes when unpacked, as stated. */
  readonly size: number;
  /** 0 plain, 8 dictionary. */
  readonly encoding?: number;
  readonly bytes: Uint8Array;
}

/** A column of text, or of another physical type. */
export interface HostileColumn {
  readonly name: string;
  readonly pages: readonly TestPage[];
  readonly values: number;
  /** 0 none, 1 Snappy, 2 gzip, 6 Zstandard. */
  readonly codec?: number;
  /** Physical type: 6 bytes, 0 truth values. */
  readonly type?: number;
  /** Levels of lists around the values. */
  readonly lists?: number;
  /** The number of the logical type. */
  readonly logical?: number;
  /** Another file in which it is said to lie. */
  readonly file?: string;
}

function page({ kind, values, size, encoding = 0, bytes }: TestPage): Uint8Array {
  const description = kind === "dictionary"
    ? { 7: struct({ 1: i32(values), 2: i32(encoding) }) }
    : { 5: struct({ 1: i32(values), 2: i32(encoding), 3: i32(3), 4: i32(3) }) };
  const head = struct({
    1: i32(kind === "dictionary" ? 2 : 0),
    2: i32(size),
    3: i32(bytes.length),
    ...description,
  });
  return new Uint8Array([...head.bytes, ...bytes]);
}

/** The names from a column down to its values. */
function pathOf({ name, lists = 0 }: HostileColumn): string[] {
  return [name, ...Array.from({ length: lists }, (_, i) => `list${i}`)];
}

function schemaOf(column: HostileColumn): Encoded[] {
  const { type = 6, lists = 0, logical } = column, path = pathOf(column);
  return path.map((name, depth) =>
    struct({
      ...(depth === path.length - 1 ? { 1: i32(type) } : {}),
      3: i32(lists > 0 ? 2 : 0),
      4: text(name),
      ...(depth === path.length - 1 ? {} : { 5: i32(1) }),
      ...(logical === undefined ? {} : { 10: struct({ [logical]: struct({}) }) }),
    })
  );
}

/**
 * A file of row groups that all have the same columns.
 *
 * @param padding Bytes that mean nothing, in front: a file of any size.
 * @param extra Structs without a field that the footer carries besides.
 * @param nested Lists within each other that it carries instead, each of which states 33554431 entries.
 */
export function hostileParquet(
  rows: number,
  columns: readonly HostileColumn[],
  { groups = 1, padding = 0, extra = 0, nested = 0 }: {
    readonly groups?: number;
    readonly padding?: number;
    readonly extra?: number;
    readonly nested?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [new TextEncoder().encode("PAR1"), new Uint8Array(padding)];
  let at = 4 + padding;
  const placed = columns.map((column) => {
    const start = at;
    for (const one of column.pages.map(page)) {
      parts.push(one);
      at += one.length;
    }
    return { column, start, size: at - start };
  });
  const chunks = placed.map(({ column, start, size }) =>
    struct({
      ...(column.file === undefined ? {} : { 1: text(column.file) }),
      2: i64(start),
      3: struct({
        1: i32(column.type ?? 6),
        2: list([i32(0)]),
        3: list(pathOf(column).map(text)),
        4: i32(column.codec ?? 0),
        5: i64(column.values),
        6: i64(size),
        7: i64(size),
        9: i64(start),
        ...(column.pages[0]?.kind === "dictionary" ? { 11: i64(start) } : {}),
      }),
    })
  );
  const group = struct({ 1: list(chunks), 2: i64(at), 3: i64(rows) });
  const footer = struct({
    1: i32(1),
    2: list([
      struct({ 4: text("root"), 5: i32(columns.length) }),
      ...columns.flatMap(schemaOf),
    ]),
    3: i64(rows * groups),
    4: list(Array.from({ length: groups }, () => group)),
    ...(extra > 0
      ? { 5: { type: 9, bytes: new Uint8Array([0xFC, ...varint(extra), ...new Uint8Array(extra)]) } }
      : {}),
    ...(nested > 0
      ? { 5: { type: 9, bytes: Array(nested).fill([0xF9, ...varint(33_554_431)]).flat() } }
      : {}),
  }).bytes;
  const end = new Uint8Array(8);
  new DataView(end.buffer).setUint32(0, footer.length, true);
  end.set(new TextEncoder().encode("PAR1"), 4);
  const whole = new Uint8Array(at + footer.length + 8);
  let to = 0;
  for (const part of [...parts, new Uint8Array(footer), end]) {
    whole.set(part, to);
    to += part.length;
  }
  return whole;
}

import { parquetWriteBuffer } from "hyparquet-writer";

/** A column of a test file. */
export interface TestColumn {
  readonly name: string;
  readonly data: readonly unknown[];
  readonly type?: "STRING" | "INT64" | "DOUBLE" | "FLOAT" | "BOOLEAN" | "INT32";
  readonly encoding?:
    | "DELTA_BINARY_PACKED"
    | "DELTA_LENGTH_BYTE_ARRAY"
    | "DELTA_BYTE_ARRAY"
    | "BYTE_STREAM_SPLIT";
}

/** What `parquetWriteBuffer` takes. */
type WriteOptions = Parameters<typeof parquetWriteBuffer>[0];

/** Further settings of a file. */
type Settings = Partial<Pick<WriteOptions, "codec" | "compressors" | "rowGroupSize" | "pageSize" | "schema">>;

/** The bytes of a parquet file. */
export function parquetBytes(
  columns: readonly TestColumn[],
  settings: Settings = {},
): Uint8Array<ArrayBuffer> {
  const columnData = columns.map(({ name, data, type, encoding }) => ({
    name,
    data: [...data],
    ...(encoding === undefined ? {} : { encoding }),
    ...(type === undefined ? {} : { type }),
  }));
  return new Uint8Array(parquetWriteBuffer({ ...settings, columnData } as WriteOptions));
}

/** The schema of a file with a list of messages, as chat data sets have it, and text columns beside it. */
export function messagesSchema(list: string, ...others: readonly string[]): NonNullable<Settings["schema"]> {
  const text = (name: string) =>
    ({ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }) as const;
  return [
    { name: "root", num_children: 1 + others.length },
    { name: list, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "OPTIONAL", num_children: 2 },
    text("content"),
    text("role"),
    ...others.map(text),
  ];
}

/** The schema of a file with a list of texts, and text columns beside it. */
export function listSchema(list: string, ...others: readonly string[]): NonNullable<Settings["schema"]> {
  const text = (name: string) =>
    ({ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }) as const;
  return [
    { name: "root", num_children: 1 + others.length },
    { name: list, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    text("element"),
    ...others.map(text),
  ];
}

/** Writes bytes or text to a new file in a folder and gives its path. */
export async function writeIn(folder: string, name: string, content: Uint8Array | string): Promise<string> {
  const path = `${folder}/${name}`;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
  return path;
}

/** Does something with a folder that is gone afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

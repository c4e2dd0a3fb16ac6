/**
 * The repositories of a local Hub: their files, digests and commits.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** A repository. */
export interface MirrorRepository {
  /** Its only commit; default: derived from the content. `main` points to it. */
  readonly commit?: string;
  /** The files by path: bytes, a text, or `file:` and the path of a file on disk. */
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  /** The licence must be accepted: no token is refused with 401, another than this one with 403. */
  readonly gatedBy?: string;
  /** What the list of files says a digest is, instead of the truth. */
  readonly digests?: Readonly<Record<string, string>>;
}

/** A file, described as the Hub does. */
export interface Entry {
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  /** SHA-256, in large file storage. */
  readonly sha256: string | undefined;
  readonly source: Uint8Array | string;
}

/** A repository with all digests. */
export interface Indexed {
  readonly kind: "models" | "datasets";
  readonly id: string;
  readonly commit: string;
  readonly entries: readonly Entry[];
  readonly gatedBy: string | undefined;
}

/** Files that the Hub keeps in large file storage. */
const large = /\.(safetensors|parquet|bin|gguf|onnx|arrow|model|zip)$/;

/** Bytes that are sent at a time. */
const PIECE = 2 ** 16;

/** The bytes of a file from an offset to another, some at a time. */
export async function* pieces(
  source: Uint8Array | string,
  from = 0,
  to = Infinity,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (typeof source !== "string") {
    for (let at = from; at < Math.min(to, source.length); at += PIECE) {
      yield source.slice(at, Math.min(at + PIECE, to, source.length));
    }
    return;
  }
  using file = await Deno.open(source);
  await file.seek(from, Deno.SeekMode.Start);
  for (let left = to - from; left > 0;) {
    const buffer = new Uint8Array(Math.min(PIECE, left));
    const length = await file.read(buffer);
    if (length === null) return;
    yield buffer.subarray(0, length);
    left -= length;
  }
}

/** Looks through a repository once and computes what the Hub says of it. */
export async function index(
  kind: Indexed["kind"],
  id: string,
  { commit, files, gatedBy, digests = {} }: MirrorRepository,
): Promise<Indexed> {
  const entries: Entry[] = [];
  for (const [path, given] of Object.entries(files)) {
    const onDisk = typeof given === "string" && given.startsWith("file:");
    const source = onDisk ? given.slice(5) : typeof given === "string" ? Buffer.from(given) : given;
    const size = typeof source === "string" ? (await Deno.stat(source)).size : source.length;
    const sha1 = createHash("sha1").update(`blob ${size}\0`), sha256 = createHash("sha256");
    for await (const piece of pieces(source)) {
      sha1.update(piece);
      sha256.update(piece);
    }
    const isLarge = large.test(path);
    entries.push({
      path,
      size,
      source,
      oid: !isLarge && digests[path] || sha1.digest("hex"),
      sha256: isLarge ? digests[path] ?? sha256.digest("hex") : undefined,
    });
  }
  const derived = createHash("sha1").update(JSON.stringify(entries.map(({ path, oid }) => [path, oid])));
  return { kind, id, commit: commit ?? derived.digest("hex"), entries, gatedBy };
}

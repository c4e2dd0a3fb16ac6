/**
 * A Hub on this machine for tests: models and data sets from memory or from disk, with the real Hub's routes, headers and
 * refusals, a content network on an origin of its own, and faults on demand.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

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

/** What goes wrong with an answer. */
export type MirrorFault =
  /** The connection ends after some bytes of the body, though the headers promise all. */
  | { readonly kind: "cut"; readonly after: number }
  /** The connection is reset after some bytes, some of which may be lost with it. */
  | { readonly kind: "reset"; readonly after: number }
  /** The body has no length and ends in good order, but too early. */
  | { readonly kind: "truncate"; readonly after: number }
  /** After some bytes nothing more comes. */
  | { readonly kind: "stall"; readonly after: number }
  /** A few bytes at a time, with pauses. */
  | { readonly kind: "slow"; readonly bytes: number; readonly milliseconds: number }
  /** Right length, wrong content. */
  | { readonly kind: "corrupt" }
  /** Bytes after the end, without a length. */
  | { readonly kind: "surplus" }
  /** Ranges are ignored: all of the file, status 200. */
  | { readonly kind: "whole" }
  /** A part is sent, but another than the one that was asked for. */
  | { readonly kind: "shift" }
  /** Another status, perhaps with headers. */
  | {
    readonly kind: "status";
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };

/** A fault and the requests it befalls. */
export interface MirrorRule {
  /** Tried on the method and the path with its query: `GET /api/models/…`. */
  readonly match: RegExp;
  /** How many requests it befalls; default all. */
  readonly times?: number;
  /** What goes wrong. */
  readonly fault: MirrorFault;
}

/** A request as it came. */
export interface MirrorRequest {
  /** The Hub, or the content network it redirects to. */
  readonly origin: "hub" | "content";
  /** Method and path with query. */
  readonly line: string;
  /** The headers that matter. */
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  /** Bytes of file content that were sent; grows while they are. */
  sent: number;
}

/** What {@linkcode startHubMirror} serves. */
export interface MirrorContent {
  /** Models by id. */
  readonly models?: Readonly<Record<string, MirrorRepository>>;
  /** Data sets by id. */
  readonly datasets?: Readonly<Record<string, MirrorRepository>>;
  /** Faults; the first that matches counts. */
  readonly faults?: readonly MirrorRule[];
  /** Files on a page of a list. Default 1000. */
  readonly pageSize?: number;
}

/** A running mirror. */
export interface HubMirror extends AsyncDisposable {
  /** The endpoint, for `HF_ENDPOINT`. */
  readonly url: string;
  /** Where large files are redirected to: another origin. */
  readonly contentUrl: string;
  /** All requests so far. */
  readonly requests: MirrorRequest[];
}

/** A file, described as the Hub does. */
interface Entry {
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  /** SHA-256, in large file storage. */
  readonly sha256: string | undefined;
  readonly source: Uint8Array | string;
}

/** A repository with all digests. */
interface Indexed {
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

async function* pieces(
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

async function index(
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

/** An answer without content of a file. */
interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/** A refusal as the Hub words it. */
function refusal(status: number, code: string, message: string): Answer {
  return { ...json({ error: message }, { "x-error-code": code, "x-error-message": message }), status };
}

const missing = {
  repository: refusal(401, "RepoNotFound", "Invalid username or password."),
  revision: refusal(404, "RevisionNotFound", "Invalid rev id"),
  entry: refusal(404, "EntryNotFound", "Entry not found"),
} as const;

function describe({ path, size, oid, sha256 }: Entry): Record<string, unknown> {
  return {
    type: "file",
    path,
    size,
    oid,
    ...(sha256 === undefined ? {} : { lfs: { oid: sha256, size, pointerSize: 134 } }),
  };
}

/** The folders above files, which the Hub lists as well. */
function folders(entries: readonly Entry[]): Record<string, unknown>[] {
  const paths = new Set(
    entries.flatMap(({ path }) =>
      path.split("/").slice(0, -1).map((_, i, parts) => parts.slice(0, i + 1).join("/"))
    ),
  );
  return [...paths].map((path) => ({ type: "directory", path, size: 0, oid: "0".repeat(40) }));
}

/** One mirror: two servers and what they know. */
class Mirror {
  readonly requests: MirrorRequest[] = [];
  readonly #repositories: readonly Indexed[];
  readonly #rules: { readonly rule: MirrorRule; left: number }[];
  readonly #pageSize: number;
  readonly #urls: Readonly<Record<MirrorRequest["origin"], () => string>>;

  constructor(
    repositories: readonly Indexed[],
    content: MirrorContent,
    urls: Record<MirrorRequest["origin"], () => string>,
  ) {
    this.#repositories = repositories;
    this.#rules = (content.faults ?? []).map((rule) => ({ rule, left: rule.times ?? Infinity }));
    this.#pageSize = content.pageSize ?? 1000;
    this.#urls = urls;
  }

  /** Answers a request of one of the servers. */
  async serve(
    origin: MirrorRequest["origin"],
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const line = `${request.method} ${request.url}`;
    const { authorization, range } = request.headers;
    const record: MirrorRequest = { origin, line, authorization, range, sent: 0 };
    this.requests.push(record);
    const found = this.#rules.find(({ rule, left }) => left > 0 && rule.match.test(line));
    if (found) found.left--;
    const fault = found?.rule.fault;
    if (fault?.kind === "status") return reply(response, fault);
    const url = new URL(request.url ?? "/", this.#urls[origin]());
    const parts = url.pathname.split("/").slice(1).map(decodeURIComponent);
    if (origin === "content") {
      const entry = this.#repositories.flatMap(({ entries }) => entries).find(({ sha256 }) =>
        sha256 === parts[1]
      );
      return entry ? await send(request, response, record, entry, fault, {}) : reply(response, missing.entry);
    }
    if (parts[0] === "api") return reply(response, await this.#ask(request, url, parts.slice(1)), fault);
    const at = parts.indexOf("resolve");
    const kind = parts[0] === "datasets" ? "datasets" : "models";
    const id = parts.slice(kind === "datasets" ? 1 : 0, at).join("/");
    const repository = this.#find(kind, id, parts[at + 1] ?? "");
    if ("status" in repository) return reply(response, repository);
    const closed = gate(repository, authorization);
    if (closed) return reply(response, closed);
    const entry = repository.entries.find(({ path }) => path === parts.slice(at + 2).join("/"));
    if (!entry) return reply(response, missing.entry);
    const headers = { "x-repo-commit": repository.commit, "accept-ranges": "bytes" };
    if (entry.sha256 === undefined) {
      return await send(request, response, record, entry, fault, { ...headers, etag: `"${entry.oid}"` });
    }
    reply(response, {
      status: 302,
      headers: {
        ...headers,
        location: `${this.#urls.content()}/lfs/${entry.sha256}?signature=secret`,
        "x-linked-etag": `"${entry.sha256}"`,
        "x-linked-size": String(entry.size),
      },
    });
  }

  /** The repository, or why there is none. */
  #find(kind: string | undefined, id: string, revision: string): Indexed | Answer {
    const found = this.#repositories.find((repository) => repository.kind === kind && repository.id === id);
    if (!found) return missing.repository;
    return ["main", "HEAD", found.commit].includes(revision) ? found : missing.revision;
  }

  /** `/api/<kind>/<id>[/revision|tree|paths-info/<revision>]`; as on the Hub, what a gated repository holds is no secret. */
  async #ask(request: IncomingMessage, url: URL, parts: readonly string[]): Promise<Answer> {
    const verbAt = parts.findIndex((part) => ["revision", "tree", "paths-info"].includes(part));
    const at = verbAt < 0 ? parts.length : verbAt;
    const repository = this.#find(parts[0], parts.slice(1, at).join("/"), parts[at + 1] ?? "main");
    if ("status" in repository) return repository;
    const { id, commit, entries, gatedBy } = repository;
    if (parts[at] === "paths-info") {
      const { paths } = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
      return json(entries.filter(({ path }) => paths.includes(path)).map(describe));
    }
    if (parts[at] === "tree") {
      const all = [...folders(entries), ...entries.map(describe)];
      const cursor = Number(url.searchParams.get("cursor") ?? 0), next = cursor + this.#pageSize;
      const page = new URL(url);
      page.searchParams.set("cursor", String(next));
      return json(all.slice(cursor, next), next < all.length ? { link: `<${page}>; rel="next"` } : {});
    }
    return json({
      _id: "0".repeat(24),
      id,
      sha: commit,
      private: false,
      gated: gatedBy === undefined ? false : "auto",
      downloads: 0,
      likes: 0,
      lastModified: "2025-01-01T00:00:00.000Z",
      siblings: entries.map(({ path }) => ({ rfilename: path })),
    });
  }
}

/** Why a request for a file of a gated repository is refused. */
function gate({ kind, id, gatedBy }: Indexed, authorization: string | undefined): Answer | undefined {
  if (gatedBy === undefined || authorization === `Bearer ${gatedBy}`) return undefined;
  const message = `Access to ${kind.slice(0, -1)} ${id} is restricted.`;
  return refusal(authorization === undefined ? 401 : 403, "GatedRepo", message);
}

function reply(
  response: ServerResponse,
  { status, headers, body = "" }: Answer,
  fault?: MirrorFault,
): void {
  response.writeHead(status, { "content-length": String(Buffer.byteLength(body)), ...headers });
  if (fault?.kind === "cut") {
    response.write(body.slice(0, fault.after));
    return void response.socket?.end();
  }
  response.end(body);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Sends a file or the part that is asked for, with its fault. */
async function send(
  request: IncomingMessage,
  response: ServerResponse,
  record: MirrorRequest,
  { size, source, sha256, oid }: Entry,
  fault: MirrorFault | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const asked = fault?.kind === "whole" ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const shift = fault?.kind === "shift" && asked ? 1 : 0;
  const from = asked ? Math.max(0, Number(asked[1]) - shift) : 0;
  const to = asked && asked[2] ? Math.min(Number(asked[2]) + 1, size) : size;
  if (asked && from >= size) {
    return reply(response, { status: 416, headers: { "content-range": `bytes */${size}` } });
  }
  response.writeHead(asked ? 206 : 200, {
    etag: `"${sha256 ?? oid}"`,
    "content-type": "application/octet-stream",
    ...headers,
    ...(fault?.kind === "surplus" || fault?.kind === "truncate"
      ? {}
      : { "content-length": String(to - from) }),
    ...(asked ? { "content-range": `bytes ${from}-${to - 1}/${size}` } : {}),
  });
  if (request.method === "HEAD") return void response.end();
  response.flushHeaders();
  const end = fault && "after" in fault ? Math.min(to, from + fault.after) : to;
  const write = async (bytes: Uint8Array): Promise<void> => {
    await new Promise<void>((resolve) => response.write(bytes, () => resolve()));
    record.sent += bytes.length;
  };
  for await (const piece of pieces(source, from, end)) {
    if (fault?.kind === "corrupt") piece[0] = (piece[0] ?? 0) ^ 1;
    if (fault?.kind !== "slow") await write(piece);
    else {
      for (let at = 0; at < piece.length && !request.socket.destroyed; at += fault.bytes) {
        await write(piece.subarray(at, at + fault.bytes));
        await pause(fault.milliseconds);
      }
    }
    if (request.socket.destroyed) return;
  }
  if (fault?.kind === "surplus") await write(new Uint8Array(10));
  if (fault?.kind === "stall") return;
  if (fault?.kind === "reset") request.socket.destroy();
  else if (fault?.kind === "cut") request.socket.end();
  else response.end();
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError("Cannot start the mirror: no port");
  }
  return `http://127.0.0.1:${address.port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/**
 * Starts a mirror on free ports of 127.0.0.1; `await using` stops it.
 *
 * @example
 * ```ts ignore
 * import { startHubMirror } from "./hub_mirror.ts";
 *
 * await using mirror = await startHubMirror({
 *   models: { "org/tiny": { files: { "config.json": "{}", "model.safetensors": "file:/models/tiny.safetensors" } } },
 *   datasets: { "org/problems": { files: { "test.jsonl": '{"problem":"1+1"}\n' } } },
 *   faults: [{ match: /safetensors/, times: 1, fault: { kind: "status", status: 503 } }],
 * });
 * const environment = { HF_ENDPOINT: mirror.url };
 * ```
 */
export async function startHubMirror(content: MirrorContent): Promise<HubMirror> {
  const repositories = [
    ...await Promise.all(Object.entries(content.models ?? {}).map(([id, one]) => index("models", id, one))),
    ...await Promise.all(
      Object.entries(content.datasets ?? {}).map(([id, one]) => index("datasets", id, one)),
    ),
  ];
  const urls = { hub: "", content: "" };
  const mirror = new Mirror(repositories, content, { hub: () => urls.hub, content: () => urls.content });
  const serverOf = (origin: MirrorRequest["origin"]): Server =>
    createServer((request, response) => {
      mirror.serve(origin, request, response).catch((error) => response.destroy(error));
    });
  const servers = { hub: serverOf("hub"), content: serverOf("content") };
  urls.hub = await listen(servers.hub);
  urls.content = await listen(servers.content);
  return {
    url: urls.hub,
    contentUrl: urls.content,
    requests: mirror.requests,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([close(servers.hub), close(servers.content)]);
    },
  };
}

/**
 * A Hub on this machine for tests: models and data sets from memory or from disk, with the real Hub's routes, headers and
 * refusals, a content network on an origin of its own, and faults on demand.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Answer, json, type MirrorFault, missing, refusal, reply, send } from "./answer.ts";
import { type Entry, index, type Indexed, type MirrorRepository } from "./repository.ts";

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

/**
 * The answers of a local Hub, and what goes wrong with them.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Entry, pieces } from "./repository.ts";

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

/** An answer without content of a file. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer in JSON. */
export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/** A refusal as the Hub words it. */
export function refusal(status: number, code: string, message: string): Answer {
  return { ...json({ error: message }, { "x-error-code": code, "x-error-message": message }), status };
}

/** What is said where nothing is. */
export const missing = {
  repository: refusal(401, "RepoNotFound", "Invalid username or password."),
  revision: refusal(404, "RevisionNotFound", "Invalid rev id"),
  entry: refusal(404, "EntryNotFound", "Entry not found"),
} as const;

/** Sends an answer. */
export function reply(
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
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  record: { sent: number },
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

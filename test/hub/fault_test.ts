import { assert, assertEquals, assertMatch } from "@std/assert";
import { isModelFile } from "../../src/model/mod.ts";
import type { MirrorFault } from "../hub_mirror/answer.ts";
import type { MirrorRule } from "../hub_mirror/hub_mirror.ts";
import {
  blobs,
  bytesSent,
  DIGEST,
  digestOf,
  refusal,
  SIZE,
  startFixture,
  tiny,
  tinyModel,
  WEIGHTS,
} from "./hub_fixture.ts";

/** A fault of the weights' transfer, once. */
const once = (fault: MirrorFault): MirrorRule => ({ match: /lfs/, times: 1, fault });
const always = (fault: MirrorFault, match = /lfs/): MirrorRule => ({ match, fault });

interface Passing {
  readonly name: string;
  readonly faults: readonly MirrorRule[];
  /** Why it was waited, one after the other. */
  readonly notes: readonly RegExp[];
  /** Bytes of the weights that were sent, retries included; none if that depends on when the client hangs up. */
  readonly sent?: number;
  readonly stall?: number;
}

const passing: readonly Passing[] = [
  {
    name: "a cut connection",
    faults: [once({ kind: "cut", after: 20_000 })],
    notes: [/^the connection was cut/],
    sent: SIZE,
  },
  {
    name: "many cut connections, each of which brings something",
    faults: Array.from({ length: 9 }, () => once({ kind: "cut", after: 5_000 })),
    notes: Array.from({ length: 9 }, () => /^the connection was cut/),
    sent: SIZE,
  },
  {
    name: "a connection that is reset",
    faults: [once({ kind: "reset", after: 20_000 })],
    notes: [/cut|closed/],
  },
  {
    name: "a body that ends too early in good order",
    faults: [once({ kind: "truncate", after: 20_000 })],
    notes: [/^the server sent 20000 of 50000 bytes/],
    sent: SIZE,
  },
  {
    name: "a server that falls silent",
    faults: [once({ kind: "stall", after: 20_000 })],
    notes: [/^nothing came for 1 s; again/],
    sent: SIZE,
    stall: 1_000,
  },
  {
    name: "a server that is slow all the time but never silent",
    faults: [once({ kind: "slow", bytes: 1_000, milliseconds: 25 })],
    notes: [],
    sent: SIZE,
    stall: 1_000,
  },
  {
    name: "wrong content",
    faults: [once({ kind: "corrupt" })],
    notes: [/^the SHA-256 of what the server sent is [0-9a-f]{64}, expected [0-9a-f]{64}/],
    sent: 2 * SIZE,
  },
  {
    name: "more than was listed",
    faults: [once({ kind: "surplus" })],
    notes: [/^the server sent more than the 50000 bytes it listed/],
    sent: 2 * SIZE + 10,
  },
  {
    name: "a server that ignores ranges",
    faults: [once({ kind: "cut", after: 20_000 }), once({ kind: "whole" })],
    notes: [/cut/],
    sent: 20_000 + SIZE,
  },
  {
    name: "a server that sends another part",
    faults: [once({ kind: "cut", after: 20_000 }), once({ kind: "shift" })],
    notes: [/cut/, /^the server sent another part/],
  },
  {
    name: "a server that does not know the missing part",
    faults: [once({ kind: "cut", after: 20_000 }), once({ kind: "status", status: 416 })],
    notes: [/cut/, /^the server does not have the part/],
    sent: 20_000 + SIZE,
  },
  {
    name: "a server that asks to wait",
    faults: [once({ kind: "status", status: 429, headers: { "retry-after": "1" } })],
    notes: [/^the server answers 429; again in 1.0 s$/],
    sent: SIZE,
  },
  {
    name: "a server that is busy everywhere",
    faults: [
      { match: /revision/, times: 2, fault: { kind: "status", status: 500 } },
      { match: /tree/, times: 1, fault: { kind: "status", status: 502 } },
      { match: /tree/, times: 1, fault: { kind: "cut", after: 50 } },
      { match: /resolve.*safetensors/, times: 1, fault: { kind: "status", status: 503 } },
      once({ kind: "status", status: 504 }),
    ],
    notes: [/500/, /500/, /502/, /cut/, /503/, /504/],
    sent: SIZE,
  },
];

for (const { name, faults, notes, sent, stall = 5_000 } of passing) {
  Deno.test(`it survives ${name}`, async () => {
    await using fixture = await startFixture({ faults });
    const path = await fixture.hub({ stall }).file(tiny(), WEIGHTS);
    assertEquals(await digestOf(path), DIGEST);
    const told = fixture.news.filter(({ state }) => state === "waiting").map(({ note }) => note);
    assertEquals(told.length, notes.length, told.join("\n"));
    notes.forEach((note, i) => assertMatch(told[i] ?? "", note));
    if (sent !== undefined) assertEquals(bytesSent(fixture.mirror), sent);
    assertEquals(
      await blobs(fixture.cache).then((names) => names.filter((blob) => /incomplete/.test(blob))),
      [],
    );
  });
}

const what = `Cannot download ${WEIGHTS} of model org/tiny at main`;
const advice =
  "check the network and HF_ENDPOINT (URL), then run it again, what has arrived is kept; --offline uses what is cached";
const broken = "twice; the server or the way to it is broken, nothing was kept";
const page = "URL/org/tiny";
const listing = "Cannot list the files of model org/tiny at main";
const status = (code: number, headers: Record<string, string> = {}, body = ""): MirrorFault => ({
  kind: "status",
  status: code,
  headers,
  body,
});

/** Faults without end and the line they end in; `URL` stands for the endpoint. */
const failing: readonly (readonly [MirrorRule, string])[] = [
  [
    always({ kind: "cut", after: 0 }),
    `${what}: CUT (tried 3 times); ${advice}`,
  ],
  [always(status(429, { "retry-after": "0" })), `${what}: the server answers 429 (tried 3 times); ${advice}`],
  [
    always(status(500, { "x-error-message": "Out of\xad luck" }), /tree/),
    `${listing}: the server answers 500, "Out of\\u{ad} luck" (tried 3 times); ${advice}`,
  ],
  [
    always({ kind: "corrupt" }),
    `${what}: the SHA-256 of what the server sent is DIGEST, expected DIGEST, ${broken}`,
  ],
  [always({ kind: "surplus" }), `${what}: the server sent more than the 50000 bytes it listed, ${broken}`],
  [
    always(status(401), /revision/),
    "Cannot find model org/tiny at main: URL asks for a token; set HF_TOKEN",
  ],
  [
    always(status(403, { "x-error-message": "Not from here" })),
    `${what}: access is denied, "Not from here"; accept its licence at ${page}, if it has one, and set HF_TOKEN`,
  ],
  [
    always(status(404, { "x-error-code": "RepoNotFound" }), /revision/),
    `Cannot find model org/tiny at main: there is none at ${page}, or it is private; check the name, or set HF_TOKEN`,
  ],
  [
    always(status(404, { "x-error-code": "EntryNotFound" })),
    `${what}: there is no such file; ${page} has a list of them`,
  ],
  [
    always(status(302, { location: "/loop" }), /resolve|loop/),
    `${what}: the server redirects more than 10 times`,
  ],
  [always(status(302), /resolve/), `${what}: the server answers 302`],
  [
    always(status(200, {}, "<html>"), /tree/),
    `${listing}: the server's answer is not the Hub's (Unexpected token '<', "<html>" is not valid JSON)`,
  ],
  [
    always(status(200, {}, '[{"type":"file","path":"a","size":-1,"oid":"x"}]'), /tree/),
    `${listing}: the server's answer is not the Hub's (size: Too small: expected number to be >=0)`,
  ],
  [
    always(status(200, {}, JSON.stringify(["x".repeat(17 * 2 ** 20)])), /tree/),
    `${listing}: the answer is longer than 16777216 bytes`,
  ],
  [
    always(status(200, { link: '<http://x/api/models/org/tiny/tree/y>; rel="next"' }, "[]"), /tree/),
    `${listing}: there are more than 1000 pages`,
  ],
  [
    always(status(200, { "content-type": "application/json" }, '{"sha":"../../x"}'), /revision/),
    "Cannot find model org/tiny at main: the server names no commit of 40 hexadecimal digits",
  ],
];

for (const [rule, line] of failing) {
  const { kind } = rule.fault;
  const name = rule.fault.kind === "status" ? `status ${rule.fault.status}` : kind;
  Deno.test(`${name} without end is one line: ${line.slice(0, 90)}`, async () => {
    await using fixture = await startFixture({ faults: [rule] });
    const message = await refusal(() => fixture.hub().file(tiny(), WEIGHTS));
    assertEquals(
      message.replaceAll(fixture.mirror.url, "URL").replace(/[0-9a-f]{64}/g, "DIGEST").replace(
        /: (the connection was cut|no connection)[^(]*/,
        ": CUT ",
      ),
      line,
    );
    const left = await blobs(fixture.cache);
    assert(left.every((blob) => blob.endsWith(".incomplete")), left.join());
    if (/nothing was kept/.test(line)) assertEquals(left, []);
  });
}

Deno.test("a small file with another SHA-1 than Git's is refused, too", async () => {
  const digests = { "config.json": "0".repeat(40) };
  await using fixture = await startFixture({ models: { "org/tiny": { files: tinyModel, digests } } });
  assertMatch(
    await refusal(() => fixture.hub().file(tiny(), "config.json")),
    /: Git's SHA-1 of what the server sent is [0-9a-f]{40}, expected 0{40}, twice; /,
  );
  assertEquals(await blobs(fixture.cache), []);
});

Deno.test("no network is one line", async () => {
  await using fixture = await startFixture();
  await fixture.mirror[Symbol.asyncDispose]();
  const { host } = new URL(fixture.mirror.url);
  assertEquals(
    (await refusal(() => fixture.hub().snapshot(tiny(), isModelFile))).replace(
      /: [^:]*efused[^:]*\(tried/,
      ": REFUSED (tried",
    ),
    `Cannot find model org/tiny at main: no connection to ${host}: REFUSED (tried 3 times); ${
      advice.replace("URL", fixture.mirror.url)
    }`,
  );
});

Deno.test("gated, missing and unwanted repositories, revisions and files are one line each", async () => {
  await using fixture = await startFixture({
    models: { "org/tiny": { files: tinyModel, gatedBy: "hf_good" } },
    datasets: { "org/suite": { files: { "a.parquet": "x" }, gatedBy: "hf_good" } },
  });
  const { url } = fixture.mirror;
  const suite = { type: "dataset", id: "org/suite", revision: "main" } as const;
  const refused = async (line: string, work: () => Promise<unknown>): Promise<void> =>
    assertEquals(await refusal(work), line);
  await refused(
    `${what}: it is gated; accept its licence at ${url}/org/tiny and set HF_TOKEN`,
    () => fixture.hub().file(tiny(), WEIGHTS),
  );
  await refused(
    `Cannot download a.parquet of dataset org/suite at main: it is gated; accept its licence at ${url}/datasets/org/suite and use the HF_TOKEN of that account`,
    () => fixture.hub({ token: "hf_bad" }).snapshot(suite, () => true),
  );
  await fixture.hub({ token: "hf_good" }).file(tiny(), WEIGHTS);
  await refused(
    `Cannot find dataset org/none at main: there is none at ${url}/datasets/org/none, or it is private; check the name, or set HF_TOKEN`,
    () => fixture.hub().list({ ...suite, id: "org/none" }),
  );
  await refused(
    `Cannot find model org/tiny at v2: there is no such revision; ${url}/org/tiny has a list of them`,
    () => fixture.hub().list(tiny("v2")),
  );
  const commit = "b".repeat(40);
  await refused(
    `Cannot list the files of model org/tiny at ${commit}: there is no such revision; ${url}/org/tiny has a list of them`,
    () => fixture.hub().list(tiny(commit)),
  );
  await refused(
    `Cannot download absent.json of model org/tiny at main: there is no such file; ${url}/org/tiny has a list of them`,
    () => fixture.hub().file(tiny(), "absent.json"),
  );
  await refused(
    "Cannot download model org/tiny at main: none of its 5 files is wanted",
    () => fixture.hub().snapshot(tiny(), () => false),
  );
});

import { assertEquals, assertMatch } from "@std/assert";
import { isModelFile, modelFilesFault } from "../../src/model/mod.ts";
import { askedWait } from "../../src/http/mod.ts";
import { refusal, startFixture, tiny } from "./hub_fixture.ts";

Deno.test("askedWait() honours RateLimit up to its window, and Retry-After before it", () => {
  const cases: readonly (readonly [Record<string, string>, number | undefined])[] = [
    [{ "RateLimit": '"api";r=0;t=25', "RateLimit-Policy": '"fixed window";"api";q=500;w=300' }, 25_000],
    [{ "RateLimit": '"resolvers";r=0;t=299' }, 299_000],
    [{ "RateLimit": '"api";r=0;t=4000' }, 300_000],
    [{ "RateLimit": '"pages";r=7;t=200, "api";r=0; t=12' }, 12_000],
    [{ "RateLimit": '"api";t=9' }, 9_000],
    [{ "RateLimit": '"api";r=0;t=0' }, undefined],
    [{ "RateLimit": "soon" }, undefined],
    [{ "Retry-After": "3", "RateLimit": '"api";r=0;t=25' }, 3_000],
    [{}, undefined],
  ];
  for (const [headers, wait] of cases) {
    assertEquals(askedWait(new Headers(headers)), wait, JSON.stringify(headers));
  }
});

Deno.test("a full quota is waited for as long as the server says, and the download goes on", async () => {
  const fault = { kind: "status", status: 429, headers: { "ratelimit": '"api";r=0;t=1' } } as const;
  await using fixture = await startFixture({ faults: [{ match: /./, times: 1, fault }] });
  const notes: string[] = [];
  const started = performance.now();
  await fixture.hub({
    backoff: 1,
    onProgress: ({ state, note }) => void (state === "waiting" && notes.push(note)),
  })
    .snapshot(tiny(), isModelFile);
  assertEquals(performance.now() - started >= 1000, true);
  assertEquals(notes, ["the server answers 429; again in 1.0 s"]);
});

Deno.test("a repository that cannot be run is refused before anything is downloaded, by what it has", async () => {
  const usual = ["config.json", "tokenizer.json", "tokenizer_config.json"];
  const cases: readonly (readonly [readonly string[], RegExp | undefined])[] = [
    [[...usual, "model.safetensors"], undefined],
    [[...usual, "model.safetensors.index.json", "model-00001-of-00002.safetensors"], undefined],
    [[...usual, "pytorch_model.bin"], /no weights as safetensors; .+pytorch_model\.bin.+PyTorch pickles/],
    [[...usual, "model-Q4_K_M.gguf"], /GGUF/],
    [[...usual, "adapter_config.json", "adapter_model.safetensors"], /an adapter alone/],
    [[...usual, "tf_model.h5"], /of another framework/],
    [[...usual, "original/model.safetensors"], /neither model\.safetensors nor/],
    [[...usual, "model.safetensors.index.json"], /neither model\.safetensors nor/],
    [["config.json", "model.safetensors", "tokenizer_config.json"], /it has no tokenizer\.json/],
  ];
  for (const [paths, message] of cases) {
    const fault = modelFilesFault(paths);
    if (message === undefined) assertEquals(fault, undefined);
    else assertMatch(fault ?? "", message);
  }
  await using fixture = await startFixture();
  const before = fixture.mirror.requests.length;
  const said = await refusal(() => fixture.hub().snapshot(tiny(), isModelFile, () => "it has no weights"));
  assertMatch(said, /^Cannot use model .+ at main: it has no weights$/);
  assertEquals(
    fixture.mirror.requests.slice(before).filter((request) => JSON.stringify(request).includes("resolve")),
    [],
  );
});

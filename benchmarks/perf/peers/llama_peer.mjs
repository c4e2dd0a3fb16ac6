/**
 * llama.cpp through node-llama-cpp, decoding on request: one JSON object a line in, one out (see ../work.ts). The batches
 * are made by hand, as the library makes them inside: its own queue would cost more than a small model's step.
 *
 *     node llama_peer.mjs THREADS PACKAGE F32|F16
 *
 * PACKAGE is the folder of node-llama-cpp; a work's "directory" is a GGUF file.
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [, , threads, folder, type] = process.argv;
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(`${folder}/dist/index.js`));
const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
const llama = await getLlama({
  gpu: false,
  build: "never",
  logLevel: LlamaLogLevel.error,
  maxThreads: +threads,
});

const tokenAt = (row, t, vocabulary) => (row * 7919 + t * 104729 + 1) % vocabulary;

/** Settings of attention and its cache; which is the fastest depends on the batch, so each is tried. */
const settings = [
  { flashAttention: true, cache: "F16" },
  { flashAttention: false, cache: type },
];

async function decoding(work, modelPath) {
  const model = await llama.loadModel({ modelPath, gpuLayers: 0, useMmap: false });
  let best;
  for (const each of settings) {
    const { run, dispose } = await open(model, work, each);
    const tokens = await run(), start = performance.now();
    await run();
    const found = { tokens, run, dispose, ms: performance.now() - start };
    if (best && best.ms <= found.ms) await dispose();
    else {
      await best?.dispose();
      best = found;
    }
  }
  return { numbers: { tokens: best.tokens }, run: best.run };
}

async function open(model, { batch, prompt, response }, { flashAttention, cache }) {
  const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  const size = Math.max(batch * prompt, batch);
  const context = await model.createContext({
    sequences: batch,
    contextSize: prompt + response,
    batchSize: size,
    threads: +threads,
    flashAttention,
    experimentalKvCacheKeyType: cache,
    experimentalKvCacheValueType: cache,
  });
  const inner = context._ctx;
  for (const name of ["initBatch", "addToBatch", "decodeBatch", "sampleToken", "disposeSequence"]) {
    if (typeof inner?.[name] !== "function") {
      throw new TypeError(`node-llama-cpp ${version} has no ${name}: expected 3.x`);
    }
  }
  inner.setThreads(+threads);
  const samplers = Array.from({ length: batch }, () => {
    const sampler = new llama._bindings.AddonSampler(model._model);
    sampler.applyConfig({ temperature: 0 });
    return sampler;
  });
  const rows = Array.from({ length: batch }, (_, row) => row);
  const run = async () => {
    const found = rows.map(() => []);
    for (const row of rows) inner.disposeSequence(row);
    for (let t = 0; t < response; t++) {
      const fed = t === 0 ? 0 : prompt + t - 1;
      inner.initBatch(t === 0 ? batch * prompt : batch);
      const places = rows.map((row) => {
        const tokens = t === 0
          ? Uint32Array.from({ length: prompt }, (_, i) => tokenAt(row, i, vocabulary))
          : Uint32Array.of(found[row][t - 1]);
        return inner.addToBatch(row, fed, tokens, Uint32Array.of(tokens.length - 1))[0];
      });
      await inner.decodeBatch();
      const next = await Promise.all(rows.map((row) => inner.sampleToken(places[row], samplers[row])));
      for (const row of rows) found[row].push(next[row]);
    }
    return found;
  };
  return { run, dispose: () => context.dispose() };
}

const works = [];
const answers = {
  about: () => ({
    version,
    kernel: `${type}, ${
      llama.systemInfo.replace(/.*CPU : /, "").replaceAll(/ = 1|\s*\|\s*$/g, "").replaceAll(" |", "")
    }`,
  }),
  memory: () => ({ peak: 1024 * +/VmHWM:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1] }),
  prepare: async ({ work, directory }) => {
    const { numbers, run } = await decoding(work, directory);
    works.push(run);
    return { numbers };
  },
  run: async ({ id }) => {
    const cpu = process.cpuUsage(), start = performance.now();
    await works[id]();
    const seconds = (performance.now() - start) / 1000, { user, system } = process.cpuUsage(cpu);
    return { seconds, cpu: (user + system) / 1e6 };
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await answers[request.do](request))}\n`);
}
process.exit(0);

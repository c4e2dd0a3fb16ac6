/**
 * The side of the line protocol that works, for processes in TypeScript.
 *
 * @module
 */

import process from "node:process";
import { print } from "../../../tasks/shared/command.ts";
import { TextLineStream } from "../line_stream.ts";
import type { Answers, Numbers, Request, Work } from "../work.ts";

/** A work that is ready. */
export interface Ready {
  /** What it computed. */
  readonly numbers: Numbers;
  /** Does it once. */
  readonly run: () => Promise<unknown>;
  /** Seconds of the last run that were spent outside of ONNX Runtime. */
  readonly outside?: () => number;
}

/** Somebody who works. */
export interface Worker {
  readonly about: () => Answers["about"];
  readonly prepare: (work: Work, directory: string) => Promise<Ready>;
}

/** The most memory of this process that was resident, in bytes. */
export function peakMemory(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return 1024 * Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]);
}

/** Answers the requests on standard input, until it ends. */
export async function serve({ about, prepare }: Worker): Promise<void> {
  const works: Ready[] = [];
  const answer = async (request: Request): Promise<Answers[Request["do"]]> => {
    switch (request.do) {
      case "about":
        return about();
      case "memory":
        return { peak: peakMemory() };
      case "prepare": {
        const ready = await prepare(request.work, request.directory);
        works.push(ready);
        return { numbers: ready.numbers };
      }
      case "run": {
        const work = works[request.id];
        if (!work) throw new RangeError(`Cannot run the work ${request.id}: ${works.length} were prepared`);
        const cpu = process.cpuUsage(), start = performance.now();
        await work.run();
        const seconds = (performance.now() - start) / 1000, { user, system } = process.cpuUsage(cpu);
        const outside = work.outside?.();
        return { seconds, cpu: (user + system) / 1e6, ...(outside === undefined ? {} : { outside }) };
      }
    }
  };
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) print(JSON.stringify(await answer(JSON.parse(line))));
}

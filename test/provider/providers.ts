/**
 * The providers that this machine has, for tests that say the same of each of them.
 *
 * @module
 */

import { openRuntime, type Provider, ProviderError, type Runtime } from "../../src/runtime/mod.ts";
import { findDriver } from "./driver.ts";

/** A provider under test. */
export interface TestedProvider {
  /** Its name. */
  readonly name: Provider;
  /** What runs on it; absent where it is missing. */
  readonly runtime?: Runtime;
  /** Why it is missing, for a test's name. */
  readonly reason: string;
}

function tryProvider(name: Provider): TestedProvider {
  try {
    return { name, runtime: openRuntime({ provider: name, threads: 1 }), reason: "" };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { name, reason: ` (ignored: ${error.message.replace(/^[^:]*: |[;,].*$/gs, "")})` };
  }
}

findDriver();

/** The reference. */
export const cpu: Runtime = openRuntime({ provider: "cpu", threads: 1 });

/** Every provider. */
export const providers: readonly TestedProvider[] = (["cpu", "webgpu", "cuda"] as const).map(tryProvider);

/** Registers a test for each provider; where one is missing the test is ignored and its name says why. */
export function testEach(
  name: string,
  run: (runtime: Runtime) => Promise<void>,
  skip: Provider[] = [],
): void {
  for (const { name: provider, runtime, reason } of providers.filter(({ name }) => !skip.includes(name))) {
    Deno.test({
      name: `${provider}: ${name}${reason}`,
      ignore: !runtime,
      fn: async () => {
        if (runtime) await run(runtime);
      },
    });
  }
}

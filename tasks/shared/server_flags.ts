/**
 * The flags that name an inference server.
 *
 * @module
 */

import { checkProfile, type Profile } from "../../src/pipeline/mod.ts";
import { serverAddress, ServerError } from "../../src/server/mod.ts";
import { type Flags, UsageError } from "./command.ts";

/** The flags, for `readFlags`. */
export const serverFlags = { string: ["server", "served-model"] } as const;

/** They in words, for `--help`. */
export const serverFlagsHelp =
  `  --server URL         the responses are sampled by an inference server (vLLM, SGLang, llama.cpp), see docs/server.md;
                       its key, if it has one, is read from BUPO_SERVER_KEY
  --served-model NAME  what the server calls the model; {run} stands for base or <method>-<seed> (default: the only one)`;

/**
 * A profile whose server is where the flags say.
 *
 * @param may Whether the flags may give a profile a server that says nothing of one; else that is a mistake.
 * @throws {UsageError} If it may not, the address cannot be used, or there is none.
 */
export function withServer(profile: Profile, flags: Flags, may: boolean): Profile {
  const url = flags.text("server"), model = flags.text("served-model"), own = profile.evaluation.server;
  if (url === undefined && model === undefined) {
    if (own && own.url === undefined) {
      throw new UsageError(
        `Cannot evaluate ${profile.name}: it says that a server answers and not where; say --server URL`,
      );
    }
    return profile;
  }
  if (own === undefined && !may) {
    throw new UsageError(
      `Cannot use ${
        url === undefined ? "--served-model" : "--server"
      } with ${profile.name}: our own engine evaluates it; a served result is another one, for a profile with "evaluation": {"server": {}}`,
    );
  }
  const server = {
    ...own,
    ...(url === undefined ? {} : { url }),
    ...(model === undefined ? {} : { model }),
  };
  if (server.url === undefined) {
    throw new UsageError(`Cannot use --served-model: no server is named; say --server URL`);
  }
  try {
    serverAddress(server.url);
    const evaluation = { ...profile.evaluation, server };
    return checkProfile({ ...profile, evaluation }, "what --server and --served-model say");
  } catch (error) {
    if (error instanceof ServerError || error instanceof SyntaxError) throw new UsageError(error.message);
    throw error;
  }
}

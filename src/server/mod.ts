/**
 * Inference servers: vLLM, SGLang and llama.cpp asked with token ids, and shown to serve the model that they are asked for.
 * Knows HTTP and tokens; suites, records and grades are for the rooms above.
 *
 * @module
 */

export { SERVER_KEY, serverAddress, serverKey } from "./address.ts";
export { type CheckOptions, checkServer, type LogprobsMode, type Scored, type ServerCheck } from "./check.ts";
export { concurrently } from "./concurrent.ts";
export type { CompletionRequest, EngineFacts } from "./dialect.ts";
export { type EngineName, engineNames } from "./engines.ts";
export { OtherModelError, ServerError } from "./error.ts";
export type { RequestOptions } from "./request.ts";
export { responseSeed, SEED_RULE } from "./seeds.ts";
export {
  InferenceServer,
  type ServedResponse,
  type ServerIdentity,
  type ServerOptions,
  type Vocabulary,
} from "./server.ts";

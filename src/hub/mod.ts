/**
 * The Hugging Face Hub: what lies there, its shared cache on disk, requests that resume, and what can go wrong on the
 * way. Knows repositories and files; what is in them is for the rooms above.
 *
 * @module
 */

export { HubError } from "./error.ts";
export { Hub } from "./hub.ts";
export { HUB_VARIABLES, type HubOptions, hubOptionsFromEnvironment, type HubProgress } from "./options.ts";
export type { HubFile, HubRepository } from "./repository.ts";

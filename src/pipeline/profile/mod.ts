/**
 * Profiles: what an experiment is, as data; one that builds on another; its fields in words.
 *
 * @module
 */

export * from "./chain.ts";
export * from "./fields.ts";
export { type ProbeProfile } from "./probe_profile.ts";
export * from "./profile.ts";

/**
 * How a problem is put to a model: the published wordings by name, and a profile's own, checked before anything runs.
 *
 * @module
 */

export * from "./prompt.ts";
export * from "./wording.ts";

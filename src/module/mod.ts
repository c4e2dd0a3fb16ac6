/**
 * Modules as one text: bundled, and, where they are the user's own, with a digest that covers all that they import.
 *
 * @module
 */

export { BundleError, type BundleOptions, bundleScript, type Plugin } from "./bundle.ts";
export {
  isModuleFile,
  type OwnModule,
  ownModule,
  ownModuleSchema,
  scriptOf,
  withDigests,
} from "./own_module.ts";
export { readModule } from "./read_module.ts";

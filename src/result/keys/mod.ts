/**
 * Signing keys: made, stored outside of the repository, read in the formats that other tools write, and lists of those
 * that are trusted. Ed25519 and P-256.
 *
 * @module
 */

export {
  createKeyFile,
  type LoadOptions,
  loadPublishedKeys,
  loadSigningKey,
  publicKeyFile,
  signingKeyPath,
} from "./key_files.ts";
export {
  generateKeyPem,
  type KeyAlgorithm,
  keyAlgorithms,
  type KeyOptions,
  parsePublicKey,
  parseSigningKey,
  PassphraseError,
  type PublicKey,
  publicKeyPem,
  type SigningKey,
  sshWire,
} from "./keys.ts";
export { isInRepository } from "./private_place.ts";
export { minisignName, minisignNumber, minisignPublicKey, sshPublicKey } from "./public_forms.ts";
export { sshString } from "./ssh_wire.ts";
export { loadTrustedKeys, parseTrustedKeys, type TrustedKey } from "./trusted_keys.ts";

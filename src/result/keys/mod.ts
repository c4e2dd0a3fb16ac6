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
  loadTrustedKeys,
  parseTrustedKeys,
  publicKeyFile,
  signingKeyPath,
  type TrustedKey,
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
export { minisignName, minisignNumber, minisignPublicKey, sshPublicKey } from "./public_forms.ts";
export { sshString } from "./ssh_wire.ts";

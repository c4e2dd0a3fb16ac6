/**
 * Signs statements: DSSE envelopes, Sigstore bundles, detached signatures, and signatures of model directories. Each form
 * can be checked by tools that are not ours.
 *
 * @module
 */

export { attest, type AttestOptions, publishKey, readFacts, type Statements } from "./attest.ts";
export { SSH_NAMESPACE } from "./detached.ts";
export { type Envelope, openEnvelope, parseEnvelope, PAYLOAD_TYPE, sigstoreBundle } from "./dsse.ts";
export { signInspection } from "./sign_inspection.ts";
export {
  MODEL_SIGNATURE_FILE,
  MODEL_SIGNATURE_TYPE,
  type ModelSignature,
  type ModelStatement,
  signModel,
} from "./sign_model.ts";

// Public names of sottovoce/openpgp: secret chats carried inside OpenPGP messages (spec/05).
export {
  type Attested,
  checkAttestation,
  compareAttestations,
  makeAttestation,
  readAttested,
} from "./attest.ts";
export {
  ATTESTATION_VERSION,
  type Attestation,
  CRITICAL_EXTENSION,
  decodeAttestation,
  type Extension,
} from "./attestation.ts";
export { ATTESTATION_NOTATION } from "./config.ts";
export { attestedContext } from "./context.ts";
export {
  type Acceptance,
  type Carried,
  CHAT_ID_BYTES,
  type Decline,
  type DeclineReason,
  decodeEnvelope,
  type Elsewhere,
  ENVELOPE_VERSION,
  type Envelope,
  encodeEnvelope,
  type Invitation,
  type Withdrawal,
} from "./envelope.ts";
export { identityFromKey, type Notation, type Opened, type OpenPgpIdentity } from "./identity.ts";
export { canEncryptTo, type OpenPgpKey, readPublicKey } from "./keys.ts";
export { sizeClass } from "./padding.ts";
export { createSealer, type Sealer, type SealerOptions } from "./sealer.ts";

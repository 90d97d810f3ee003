// Key derivation, hashes and MACs: SHAKE-256 with a prefix and a usage id (spec/02, "Key derivation"; draft "Key
// Derivation Function, Hash Function and MAC Function" and "HashToScalar").
import { concat, utf8 } from "../bytes.ts";
import { decodeScalar } from "./scalar.ts";
import type { Suite } from "./suite.ts";

/** What a derived value is for. The draft's `usage_…` ids. */
export const usage = {
  fingerprint: 0x00,
  thirdBraceKey: 0x01,
  braceKey: 0x02,
  sharedSecret: 0x03,
  ssid: 0x04,
  authRBobProfile: 0x05,
  authRAliceProfile: 0x06,
  authRPhi: 0x07,
  authIBobProfile: 0x08,
  authIAliceProfile: 0x09,
  authIPhi: 0x0a,
  firstRootKey: 0x0b,
  tmpKey: 0x0c,
  authMacKey: 0x0d,
  nonIntAuthBobProfile: 0x0e,
  nonIntAuthAliceProfile: 0x0f,
  nonIntAuthPhi: 0x10,
  authMac: 0x11,
  rootKey: 0x12,
  chainKey: 0x13,
  nextChainKey: 0x14,
  messageKey: 0x15,
  macKey: 0x16,
  extraSymmetricKey: 0x17,
  authenticator: 0x18,
  smpSecret: 0x19,
  auth: 0x1a,
} as const;

export type Usage = (typeof usage)[keyof typeof usage];

/** "OTRv4" ‖ usage id, for each id. */
const PREFIXES: readonly Uint8Array[] = Array.from({ length: usage.auth + 1 }, (_, id) =>
  concat(utf8("OTRv4"), Uint8Array.of(id)),
);

/** KDF(usage ‖ values, size) = SHAKE-256("OTRv4" ‖ usage ‖ values, size), size in bytes. */
export function kdf(suite: Suite, usage: Usage, size: number, ...values: readonly Uint8Array[]): Uint8Array {
  return suite.shake256(size, PREFIXES[usage] as Uint8Array, ...values);
}

/** HWC: the name that the draft gives the same function where its result is a hash. */
export const hwc: typeof kdf = kdf;

/** HCMAC: the name that the draft gives the same function where its result is a MAC and its first value a key. */
export const hcmac: typeof kdf = kdf;

/** HashToScalar: HWC(usage ‖ values, 57), little-endian, reduced modulo the order of the group. */
export function hashToScalar(suite: Suite, usage: Usage, ...values: readonly Uint8Array[]): bigint {
  return decodeScalar(hwc(suite, usage, 57, ...values)) % suite.group.order;
}

// Fingerprints: what people compare to know each other's long-term keys (spec/03, "Fingerprints"; draft "Public keys,
// Shared Prekeys, Forging keys and Fingerprints").
import { toHex } from "../bytes.ts";
import { hwc, usage } from "../crypto/kdf.ts";
import type { Point, Suite } from "../crypto/suite.ts";

const FINGERPRINT_BYTES = 56;

/** HWC(0x00 ‖ H ‖ F, 56): 56 bytes over the two encoded points, without the types that precede them in a profile. */
export function fingerprint(suite: Suite, publicKey: Point, forgingKey: Point): Uint8Array {
  return hwc(suite, usage.fingerprint, FINGERPRINT_BYTES, publicKey, forgingKey);
}

/** For people to read out: 14 groups of 8 upper-case hexadecimal digits. */
export function formatFingerprint(bytes: Uint8Array): string {
  return toHex(bytes)
    .toUpperCase()
    .replace(/.{8}(?=.)/g, "$& ");
}

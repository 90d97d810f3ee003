// Message encryption and authentication (spec/02, "Cipher and authenticator"; draft "Calculating Encryption and MAC
// Keys" and "When you send a Data Message").
import { hcmac, kdf, usage } from "./kdf.ts";
import type { Suite } from "./suite.ts";

/**
 * ChaCha20 under the first 32 bytes of a 64-byte message key, nonce zero; decrypts as well. A message key must encrypt
 * one message only: the nonce never changes.
 */
export function encrypt(suite: Suite, messageKey: Uint8Array, data: Uint8Array): Uint8Array {
  return suite.chacha20(messageKey.subarray(0, 32), data);
}

/** MKmac = KDF(usage_MAC_key ‖ MKenc, 64), over the whole 64-byte message key. */
export function deriveMacKey(suite: Suite, messageKey: Uint8Array): Uint8Array {
  return kdf(suite, usage.macKey, 64, messageKey);
}

/** The 64-byte authenticator of a data message: HCMAC(usage_authenticator ‖ MKmac ‖ sections, 64). */
export function authenticate(suite: Suite, macKey: Uint8Array, sections: Uint8Array): Uint8Array {
  return hcmac(suite, usage.authenticator, 64, macKey, sections);
}

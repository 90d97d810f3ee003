// Sealing: the cryptography of the store, four primitives and nothing else (spec/13, "Sealing").
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { argon2idAsync } from "@noble/hashes/argon2.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, EMPTY, utf8 } from "../bytes.ts";
import type { Argon2Cost } from "./store.ts";

export const KEY_BYTES = 32;
export const SALT_BYTES = 16;

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
/** What sealing adds. */
export const SEAL_BYTES: number = NONCE_BYTES + TAG_BYTES;

/** Fresh bytes of the platform's cryptographic source. */
export function randomBytes(size: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(size));
}

/** XChaCha20-Poly1305 under a fresh random nonce: nonce (24 bytes) ‖ ciphertext ‖ tag (16 bytes). */
export function seal(key: Uint8Array, associated: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  return concat(nonce, xchacha20poly1305(key, nonce, associated).encrypt(plaintext));
}

/** `undefined` for anything that was not sealed under this key with these associated data. */
export function unseal(key: Uint8Array, associated: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < SEAL_BYTES) return undefined;
  try {
    return xchacha20poly1305(key, sealed.subarray(0, NONCE_BYTES), associated).decrypt(sealed.subarray(NONCE_BYTES));
  } catch {
    return undefined;
  }
}

/** The first `size` bytes of HMAC-SHA-256 over one byte that says what is named and the name. */
export function nameHash(key: Uint8Array, what: number, name: string, size: number): Uint8Array {
  return hmac(sha256, key, concat(Uint8Array.of(what), utf8(name))).subarray(0, size);
}

/** The first 16 bytes of SHA-256: finds accidents, not attackers. */
export function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(0, 16);
}

/** Argon2id (RFC 9106) of the passphrase in Unicode's normalisation form C; lets other things run meanwhile. */
export function stretch(passphrase: string, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  return argon2idAsync(utf8(passphrase.normalize("NFC")), salt, {
    m: cost.memory,
    t: cost.passes,
    p: cost.lanes,
    dkLen: KEY_BYTES,
    maxmem: 2 ** 31,
  });
}

const SMALLEST = 64;

/** Content with its length before it and zeros after it, up to a size class: an eighth more at most, at least 64. */
export function pad(content: Uint8Array): Uint8Array {
  const length = content.length + 4;
  const step = length <= SMALLEST ? SMALLEST : 2 ** (Math.floor(Math.log2(length)) - 3);
  const out = new Uint8Array(Math.ceil(length / step) * step);
  new DataView(out.buffer).setUint32(0, content.length);
  out.set(content, 4);
  return out;
}

/** A view of the content; empty for what {@link pad} did not make. */
export function unpad(padded: Uint8Array): Uint8Array {
  if (padded.length < 4) return EMPTY;
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  return length > padded.length - 4 ? EMPTY : padded.subarray(4, 4 + length);
}

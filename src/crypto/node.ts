// The suite on node:crypto, where that is faster than pure JavaScript (spec/02, "Suites").
import {
  createCipheriv,
  createDiffieHellman,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { numberToBytesBE } from "@noble/curves/utils.js";
import { concat } from "../bytes.ts";
import { assertSecret, DH_PRIME, dh3072 } from "./dh3072.ts";
import { ed448Group, hasPlausibleParts } from "./ed448.ts";
import { nobleSuite } from "./noble.ts";
import type { DhGroup, DhPublic, DhSecret, Group, Point, Suite, SymmetricKey } from "./suite.ts";

/** OpenSSL signs and verifies; points are multiplied in JavaScript, for it does not offer that. */
const group: Group = {
  ...ed448Group,
  sign: (key: SymmetricKey, message: Uint8Array): Uint8Array => plain(sign(null, message, privateKey(key))),
  verify: (publicKey: Point, message: Uint8Array, signature: Uint8Array): boolean =>
    hasPlausibleParts(publicKey, signature) && verify(null, message, importPoint(publicKey), signature),
};

/** PKCS #8 up to the 57 bytes of the key (RFC 8410): a JWK would need the public key as well. */
const PKCS8_PREFIX = Uint8Array.of(0x30, 0x47, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 4, 0x3b, 4, 0x39);

function privateKey(key: SymmetricKey): KeyObject {
  const der = concat(PKCS8_PREFIX, key);
  const object = createPrivateKey({ key: der as Buffer, format: "der", type: "pkcs8" });
  der.fill(0);
  return object;
}

/** A JWK (RFC 8037) is read twelve times faster than DER. */
function importPoint(publicKey: Point): KeyObject {
  const x = btoa(String.fromCharCode(...publicKey))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed448", x }, format: "jwk" });
}

/** One object for all exponents: making one for each would cost more. Between calls it holds the exponent 1. */
const diffieHellman = createDiffieHellman(numberToBytesBE(DH_PRIME, 384), 2);
const ONE = Uint8Array.of(1);
const TWO = Uint8Array.of(2);

/** OpenSSL checks neither that a key is a square nor that it comes without leading zeros: `isValid` stays ours. */
const dh: DhGroup = {
  isValid: dh3072.isValid,
  publicKey: (secret: DhSecret): DhPublic => power(TWO, secret),
  shared: (secret: DhSecret, key: DhPublic): Uint8Array => power(key, secret),
};

function power(base: Uint8Array, secret: DhSecret): Uint8Array {
  assertSecret(secret);
  try {
    diffieHellman.setPrivateKey(secret);
    const padded = diffieHellman.computeSecret(base);
    const result = new Uint8Array(padded.subarray(padded.findIndex((byte) => byte !== 0)));
    padded.fill(0);
    return result;
  } finally {
    diffieHellman.setPrivateKey(ONE);
  }
}

/** Setting up OpenSSL's cipher takes as long as noble takes for 200 bytes on Node 20, for 4000 on Node 24. */
const CIPHER_THRESHOLD = 2048;
const COUNTER_AND_NONCE = new Uint8Array(16);

export const nodeSuite: Suite = {
  name: "node",
  group,
  dh,
  shake256(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
    const hash = createHash("shake256", { outputLength: size });
    for (const part of parts) hash.update(part);
    return plain(hash.digest());
  },
  chacha20(key: Uint8Array, data: Uint8Array): Uint8Array {
    if (data.length < CIPHER_THRESHOLD) return nobleSuite.chacha20(key, data);
    return plain(createCipheriv("chacha20", key, COUNTER_AND_NONCE).update(data));
  },
};

export const suite: Suite = nodeSuite;

/** The same bytes, not as a Buffer: equality, structured clones and wiping then are those of Uint8Array. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

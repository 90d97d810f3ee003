// A suite in two small groups, for searches that take thousands of handshakes. It obeys every law that the protocol
// needs of a group, and it is worth nothing: its logarithms are easy.
import { bytesToNumberLE, numberToBytesBE, numberToBytesLE } from "@noble/curves/utils.js";
import { concat } from "../../src/bytes.ts";
import { jacobi } from "../../src/crypto/jacobi.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import { decodeScalar, encodeScalar, isReduced, prune } from "../../src/crypto/scalar.ts";
import type { DhGroup, DhPublic, DhSecret, Group, Point, Scalar, Suite, SymmetricKey } from "../../src/crypto/suite.ts";
import { SottovoceError } from "../../src/errors.ts";

/** Safe primes, 7 mod 8, so that 2 generates the squares, which are (p − 1)/2 many. */
const POINT_PRIME = 2n ** 61n - 3153n;
const DH_PRIME = 2n ** 61n - 9729n;
const order = (POINT_PRIME - 1n) / 2n;

const { shake256, chacha20 } = nodeSuite;

/** Points are squares modulo a prime, 57 bytes little-endian; the identity is 1. */
const group: Group = {
  generator: encodePoint(2n),
  order,
  isValid: (point: Point): boolean => point.length === 57 && isMember(bytesToNumberLE(point), POINT_PRIME),
  multiplyBase: (scalar: Scalar): Point => encodePoint(power(2n, scalar)),
  multiply(point: Point, scalar: Scalar): Point | undefined {
    const result = power(decode(point), scalar);
    return result === 1n ? undefined : encodePoint(result);
  },
  combine: (r: Scalar, A: Point, c: Scalar): Point => encodePoint((power(2n, r) * power(decode(A), c)) % POINT_PRIME),
  /** Schnorr's signature in the shape of EdDSA. */
  sign(key: SymmetricKey, message: Uint8Array): Uint8Array {
    const hash = shake256(114, key);
    const secret = prune(hash);
    const nonce = decodeScalar(shake256(57, hash.subarray(57), message)) % order;
    const R = group.multiplyBase(encodeScalar(nonce));
    const k = challenge(R, group.multiplyBase(secret), message);
    return concat(R, encodeScalar((nonce + k * decodeScalar(secret)) % order));
  },
  verify(publicKey: Point, message: Uint8Array, signature: Uint8Array): boolean {
    if (signature.length !== 114 || !group.isValid(publicKey)) return false;
    const R = signature.subarray(0, 57);
    const s = signature.subarray(57);
    if (!isReduced(s, order) || bytesToNumberLE(R) >= POINT_PRIME) return false;
    const k = challenge(R, publicKey, message);
    return power(2n, s) === (bytesToNumberLE(R) * power(bytesToNumberLE(publicKey), encodeScalar(k))) % POINT_PRIME;
  },
};

/** Keys are squares modulo another prime, big-endian without leading zeros: of up to eight bytes, sometimes fewer. */
const dh: DhGroup = {
  isValid(key: DhPublic): boolean {
    return key.length > 0 && key.length <= 8 && key[0] !== 0 && isMember(decodeKey(key), DH_PRIME);
  },
  publicKey: (secret: DhSecret): DhPublic => encodeKey(dhPower(2n, secret)),
  shared: (secret: DhSecret, key: DhPublic): Uint8Array => encodeKey(dhPower(decodeKey(key), secret)),
};

export const toySuite: Suite = { name: "toy", group, dh, shake256, chacha20 };

function isMember(x: bigint, prime: bigint): boolean {
  return x >= 2n && x <= prime - 2n && jacobi(x, prime) === 1;
}

function challenge(R: Point, publicKey: Point, message: Uint8Array): bigint {
  return decodeScalar(shake256(57, R, publicKey, message)) % order;
}

/** Like the real group it takes valid points only, but for the identity, which combinations of them can give. */
function decode(point: Point): bigint {
  const x = bytesToNumberLE(point);
  if (x === 1n || group.isValid(point)) return x;
  throw new SottovoceError("BAD_ARGUMENT", "Not a point of the toy group.");
}

function encodePoint(x: bigint): Point {
  return numberToBytesLE(x, 57);
}

function power(base: bigint, scalar: Scalar): bigint {
  return modularPower(base, decodeScalar(scalar) % order, POINT_PRIME);
}

function dhPower(base: bigint, secret: DhSecret): bigint {
  const exponent = decodeKey(secret);
  if (secret.length !== 80 || exponent === 0n) throw new SottovoceError("BAD_ARGUMENT", "A DH secret is 80 bytes.");
  return modularPower(base, exponent % ((DH_PRIME - 1n) / 2n), DH_PRIME);
}

function modularPower(base: bigint, exponent: bigint, prime: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

function decodeKey(key: Uint8Array): bigint {
  let x = 0n;
  for (const byte of key) x = (x << 8n) | BigInt(byte);
  return x;
}

function encodeKey(x: bigint): Uint8Array {
  return numberToBytesBE(x, Math.ceil(x.toString(16).length / 2));
}

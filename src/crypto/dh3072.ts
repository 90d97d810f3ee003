// The group of the brace keys: RFC 3526 group 15 (spec/02, "3072-bit Diffie-Hellman"; draft "3072-bit Diffie-Hellman
// Parameters").
import { bytesToNumberBE, numberToBytesBE } from "@noble/curves/utils.js";
import { SottovoceError } from "../errors.ts";
import { jacobi } from "./jacobi.ts";
import type { DhGroup, DhPublic, DhSecret } from "./suite.ts";

/** The safe prime 2^3072 − 2^3008 − 1 + 2^64 · (⌊2^2942 · π⌋ + 1690314). */
export const DH_PRIME: bigint = BigInt(
  "0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd" +
    "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f" +
    "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
    "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510" +
    "15728e5a8aaac42dad33170d04507a33a85521abdf1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7" +
    "abf5ae8cdb0933d71e8c94e04a25619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200c" +
    "bbe117577a615d6c770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a93ad2caffffffffffffffff",
);

/** Bytes of a secret exponent. */
const DH_SECRET_BYTES = 80;

/** The group in pure JavaScript. Powers of secret exponents pass through BigInt, which is not constant time. */
export const dh3072: DhGroup = {
  isValid,
  publicKey(secret: DhSecret): DhPublic {
    assertSecret(secret);
    return encodeInteger(powerOfTwo(secret));
  },
  shared(secret: DhSecret, key: DhPublic): Uint8Array {
    assertSecret(secret);
    return encodeInteger(power(bytesToNumberBE(key), secret));
  },
};

/** @throws SottovoceError `BAD_ARGUMENT` unless these are 80 bytes, not all zero. */
export function assertSecret(secret: DhSecret): void {
  if (secret.length === DH_SECRET_BYTES && secret.some((byte) => byte !== 0)) return;
  throw new SottovoceError("BAD_ARGUMENT", "A DH secret is 80 random bytes, not all of them zero.");
}

/** p is a safe prime, so that from 2 to p − 2 exactly the squares have order (p − 1)/2. */
function isValid(key: DhPublic): boolean {
  if (key.length === 0 || key.length > 384 || key[0] === 0) return false;
  const x = bytesToNumberBE(key);
  return x >= 2n && x <= DH_PRIME - 2n && jacobi(x, DH_PRIME) === 1;
}

/** Fixed windows of four bits: the sequence of multiplications does not depend on the exponent. */
function power(base: bigint, exponent: Uint8Array): bigint {
  const table = [1n, base];
  for (let i = 2; i < 16; i++) table.push(((table[i - 1] as bigint) * base) % DH_PRIME);
  let result = 1n;
  for (const byte of exponent) {
    for (const digit of [byte >> 4, byte & 15]) {
      for (let i = 0; i < 4; i++) result = (result * result) % DH_PRIME;
      result = (result * (table[digit] as bigint)) % DH_PRIME;
    }
  }
  return result;
}

/**
 * Lim–Lee comb: eight teeth, 80 bits apart, in two halves of 40 columns. Entry m of the first table is the product of
 * 2^2^(80·j) over the bits j of m; the second is the first raised to 2^40.
 */
let comb: readonly [readonly bigint[], readonly bigint[]] | undefined;

function powerOfTwo(exponent: Uint8Array): bigint {
  comb ??= makeComb();
  let result = 1n;
  for (let column = 39; column >= 0; column--) {
    result = (result * result) % DH_PRIME;
    result = (result * (comb[1][teeth(exponent, column + 40)] as bigint)) % DH_PRIME;
    result = (result * (comb[0][teeth(exponent, column)] as bigint)) % DH_PRIME;
  }
  return result;
}

/** Bits column, column + 80, …, column + 560 of a big-endian integer of 80 bytes. */
function teeth(exponent: Uint8Array, column: number): number {
  let m = 0;
  for (let j = 0; j < 8; j++) {
    const byte = exponent[79 - 10 * j - (column >> 3)] as number;
    m |= ((byte >> (column & 7)) & 1) << j;
  }
  return m;
}

function makeComb(): readonly [readonly bigint[], readonly bigint[]] {
  const low = [1n];
  const high = [1n];
  let tooth = 2n;
  for (let j = 0; j < 8; j++) {
    const half = squared(tooth, 40);
    for (let m = 0; m < 1 << j; m++) {
      low.push(((low[m] as bigint) * tooth) % DH_PRIME);
      high.push(((high[m] as bigint) * half) % DH_PRIME);
    }
    tooth = squared(half, 40);
  }
  return [low, high];
}

function squared(base: bigint, times: number): bigint {
  let result = base;
  for (let i = 0; i < times; i++) result = (result * result) % DH_PRIME;
  return result;
}

/** Big-endian, minimal length. */
function encodeInteger(n: bigint): Uint8Array {
  return numberToBytesBE(n, Math.ceil(n.toString(16).length / 2));
}

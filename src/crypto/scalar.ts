// Scalars: 57 bytes, little-endian (spec/02, "Scalars"; draft "Scalar" and "Considerations while working with elliptic
// curve parameters").
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import type { Scalar } from "./suite.ts";

/** Bytes of an encoded SCALAR. */
export const SCALAR_BYTES = 57;

/**
 * Prunes 57 bytes as RFC 8032 5.2.5 does: the two lowest bits and the last byte cleared, bit 447 set. A fresh array;
 * the result is a multiple of four from 2^447 to 2^448 − 4, hence above the order of the group.
 */
export function prune(bytes: Uint8Array): Scalar {
  const scalar = bytes.slice(0, SCALAR_BYTES);
  scalar[0] = (scalar[0] as number) & 0xfc;
  scalar[55] = (scalar[55] as number) | 0x80;
  scalar[56] = 0;
  return scalar;
}

/** 57 bytes, little-endian, of an integer from 0 to 2^456 − 1. */
export function encodeScalar(n: bigint): Scalar {
  return numberToBytesLE(n, SCALAR_BYTES);
}

/** The integer of little-endian bytes, not reduced. */
export function decodeScalar(bytes: Uint8Array): bigint {
  return bytesToNumberLE(bytes);
}

/** Whether a received SCALAR is the canonical encoding of a value below the order. */
export function isReduced(scalar: Scalar, order: bigint): boolean {
  return scalar.length === SCALAR_BYTES && decodeScalar(scalar) < order;
}

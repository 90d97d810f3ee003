// Ed448-Goldilocks on noble-curves (spec/02, "Ed448"; draft "Elliptic Curve Parameters" and "Point"; RFC 8032 5.2).
//
// Secret scalars pass through BigInt, which is neither constant time nor erasable: they are reduced modulo q and go to
// noble's `multiply` and `sign`, whose sequence of point operations does not depend on them and which blind them when
// they multiply G. Checks, combinations and verification take their time by their inputs, which are public.
import { ed448 } from "@noble/curves/ed448.js";
import { SottovoceError } from "../errors.ts";
import { jacobi } from "./jacobi.ts";
import { decodeScalar } from "./scalar.ts";
import type { Group, Point, Scalar, SymmetricKey } from "./suite.ts";

const Curve = ed448.Point;
const G = Curve.BASE;
const p = Curve.Fp.ORDER;
const q = Curve.Fn.ORDER;

/** The group of the handshake in pure JavaScript. */
export const ed448Group: Group = {
  generator: G.toBytes(),
  order: q,
  isValid,
  multiplyBase,
  multiply,
  combine,
  sign: (key: SymmetricKey, message: Uint8Array): Uint8Array => ed448.sign(message, key),
  verify,
};

/**
 * What implementations of RFC 8032 5.2.7 disagree about, decided once for all our suites: lengths as they must be, and
 * neither the public key nor R of small order. No honest signer ever makes such values.
 */
export function hasPlausibleParts(publicKey: Point, signature: Uint8Array): boolean {
  if (publicKey.length !== 57 || signature.length !== 114) return false;
  return !isSmallOrder(publicKey) && !isSmallOrder(signature.subarray(0, 57));
}

/** Points of order 1, 2 and 4 are those with y = 1, y = −1 and y = 0. */
function isSmallOrder(point: Point): boolean {
  const y = decodeScalar(point) & Y_MASK;
  return y === 0n || y === 1n || y === p - 1n;
}

/** All bits of an encoded point but the sign of x. */
const Y_MASK = (1n << 455n) - 1n;

/** 1 / (1 − d) mod p, where d = −39081. */
const HALVING = Curve.Fp.inv(39082n);

/**
 * Canonical, on the curve, and in the prime-order subgroup without being the identity. Some (x, y) is on the curve if
 * (y² − 1)(dy² − 1) is a square. It has order q if it can be halved twice, which is decided without multiplying by q:
 * cf. T. Pornin, "Point-Halving and Subgroup Membership in Twisted Edwards Curves", ePrint 2022/1164.
 */
function isValid(point: Point): boolean {
  if (point.length !== 57 || ((point[56] as number) & 0x7f) !== 0) return false;
  const y = decodeScalar(point.subarray(0, 56));
  if (y >= p) return false;
  const y2 = (y * y) % p;
  if (y2 === 1n) return false;
  const w = (1n + 39081n * y2) % p;
  if (jacobi((1n + p - y2) * w, p) !== 1) return false;
  const k = (w * HALVING) % p;
  const r = Curve.Fp.pow(k, (p + 1n) / 4n);
  if ((r * r) % p !== k) return false;
  return jacobi((1n + r) * (1n + p - y), p) === -1;
}

function multiplyBase(scalar: Scalar): Point {
  const k = decodeScalar(scalar) % q;
  return (k === 0n ? Curve.ZERO : G.multiply(k)).toBytes();
}

function multiply(point: Point, scalar: Scalar): Point | undefined {
  const k = decodeScalar(scalar) % q;
  return k === 0n ? undefined : decode(point).multiply(k).toBytes();
}

function combine(r: Scalar, A: Point, c: Scalar): Point {
  const fromBase = G.multiplyUnsafe(decodeScalar(r) % q);
  return fromBase.add(decode(A).multiplyUnsafe(decodeScalar(c) % q)).toBytes();
}

/** RFC 8032 5.2.7, strictly. All values are public. */
function verify(publicKey: Point, message: Uint8Array, signature: Uint8Array): boolean {
  return hasPlausibleParts(publicKey, signature) && ed448.verify(signature, message, publicKey, { zip215: false });
}

function decode(point: Point): InstanceType<typeof Curve> {
  try {
    return Curve.fromBytes(point);
  } catch (cause) {
    throw new SottovoceError("BAD_ARGUMENT", "Not a point of Ed448: check with isValid() what comes from outside.", {
      cause,
    });
  }
}

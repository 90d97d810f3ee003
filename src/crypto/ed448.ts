// Ed448-Goldilocks (spec/02, "Ed448"; draft "Elliptic Curve Parameters" and "Point"; RFC 8032 5.2).
import { ed448 } from "@noble/curves/ed448.js";
import { decodeScalar } from "./scalar.ts";
import type { Group, Point, Scalar, SymmetricKey } from "./suite.ts";

const Curve = ed448.Point;
const q = Curve.Fn.ORDER;

Curve.BASE.precompute(7);

/** The group of the handshake in pure JavaScript. */
export const ed448Group: Group = {
  generator: Curve.BASE.toBytes(),
  order: q,
  isValid,
  multiplyBase,
  multiply,
  combine,
  sign: (key: SymmetricKey, message: Uint8Array) => ed448.sign(message, key),
  verify,
};

function isValid(point: Point): boolean {
  if (point.length !== 57) return false;
  try {
    const P = Curve.fromBytes(point);
    return !P.is0() && P.isTorsionFree();
  } catch {
    return false;
  }
}

function multiplyBase(scalar: Scalar): Point {
  const k = decodeScalar(scalar) % q;
  return (k === 0n ? Curve.ZERO : Curve.BASE.multiply(k)).toBytes();
}

function multiply(point: Point, scalar: Scalar): Point | undefined {
  const k = decodeScalar(scalar) % q;
  return k === 0n ? undefined : Curve.fromBytes(point).multiply(k).toBytes();
}

function combine(r: Scalar, A: Point, c: Scalar): Point {
  const left = Curve.BASE.multiplyUnsafe(decodeScalar(r) % q);
  return left.add(Curve.fromBytes(A).multiplyUnsafe(decodeScalar(c) % q)).toBytes();
}

function verify(publicKey: Point, message: Uint8Array, signature: Uint8Array): boolean {
  return publicKey.length === 57 && signature.length === 114 && ed448.verify(signature, message, publicKey);
}

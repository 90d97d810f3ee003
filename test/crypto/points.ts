// Points for the tests: valid ones, and each way of not being valid.
import { ed448 } from "@noble/curves/ed448.js";
import { toHex } from "../../src/bytes.ts";

export const Curve: typeof ed448.Point = ed448.Point;
export type CurvePoint = InstanceType<typeof Curve>;
export const p: bigint = Curve.Fp.ORDER;
export const q: bigint = Curve.Fn.ORDER;

/** The four points of the curve whose order divides the cofactor: of order 1, 2, 4 and 4. */
export const torsion: readonly CurvePoint[] = [
  Curve.ZERO,
  Curve.fromAffine({ x: 0n, y: p - 1n }),
  Curve.fromAffine({ x: 1n, y: 0n }),
  Curve.fromAffine({ x: p - 1n, y: 0n }),
];

/** Little-endian y with the sign of x in the highest bit, whatever y is. */
export function encodeRaw(y: bigint, sign: 0 | 1 = 0): Uint8Array {
  const out = new Uint8Array(57);
  for (let i = 0, rest = y; i < 57; i++, rest >>= 8n) out[i] = Number(rest & 255n);
  out[56] = (out[56] as number) | (sign << 7);
  return out;
}

/** The smallest y of 5 or more with no point on the curve. */
function yOffCurve(): bigint {
  for (let y = 5n; ; y++) if (!isOnCurve(encodeRaw(y))) return y;
}

/** The smallest y of 2 or more of a point of order q. Adding p to it gives another encoding that fits into 448 bits. */
function smallestValidY(): bigint {
  for (let y = 2n; ; y++) {
    const encoded = encodeRaw(y);
    if (isOnCurve(encoded) && Curve.fromBytes(encoded).isTorsionFree()) return y;
  }
}

export function isOnCurve(encoded: Uint8Array): boolean {
  try {
    Curve.fromHex(toHex(encoded));
    return true;
  } catch {
    return false;
  }
}

const generator = Curve.BASE;
const signed = generator.toBytes();

/** What must not be accepted from outside, one by one. */
export const badPoints: readonly (readonly [string, Uint8Array])[] = [
  ["the identity, of order 1", encodeRaw(1n)],
  ["the point of order 2", encodeRaw(p - 1n)],
  ["a point of order 4", encodeRaw(0n)],
  ["the other point of order 4", encodeRaw(0n, 1)],
  ["the generator plus the point of order 2", generator.add(torsion[1]!).toBytes()],
  ["the generator plus a point of order 4", generator.add(torsion[2]!).toBytes()],
  ["the generator plus the other point of order 4", generator.add(torsion[3]!).toBytes()],
  ["y = p, which is y = 0", encodeRaw(p)],
  ["y = p + 1, which is the identity", encodeRaw(p + 1n)],
  ["y = p + 2", encodeRaw(p + 2n)],
  ["p added to the y of a valid point", encodeRaw(smallestValidY() + p)],
  ["y = 2^448 − 1", encodeRaw(2n ** 448n - 1n)],
  ["y = 2^448 and more", encodeRaw(2n ** 448n + 3n)],
  ["x = 0 with its sign set, y = 1", encodeRaw(1n, 1)],
  ["x = 0 with its sign set, y = −1", encodeRaw(p - 1n, 1)],
  ["a y off the curve", encodeRaw(yOffCurve())],
  ["a y off the curve, sign set", encodeRaw(yOffCurve(), 1)],
  ["a stray bit in the last byte", signed.with(56, (signed[56] as number) | 0x40)],
  ["56 bytes", signed.slice(0, 56)],
  ["58 bytes", Uint8Array.of(...signed, 0)],
  ["no bytes", new Uint8Array(0)],
];

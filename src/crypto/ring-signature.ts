// Ring signatures over three keys (spec/02, "Ring signatures"; draft "Ring Signature Authentication").
import { concat, equalBytes, u32 } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { hashToScalar, usage } from "./kdf.ts";
import { randomZq } from "./keys.ts";
import type { Random } from "./random.ts";
import { decodeScalar, encodeScalar, isReduced, SCALAR_BYTES } from "./scalar.ts";
import type { Point, Scalar, Suite } from "./suite.ts";

/** 342 bytes: c1 ‖ r1 ‖ c2 ‖ r2 ‖ c3 ‖ r3, each a SCALAR below q. */
export type RingSignature = Uint8Array;

/** Three valid points; the signer knows the secret of one of them. */
export type Ring = readonly [Point, Point, Point];

export const RING_SIGNATURE_BYTES: number = 6 * SCALAR_BYTES;

/**
 * Signs `message` with the secret of one member of `ring`.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when the secret belongs to no member.
 */
export function ringSign(suite: Suite, random: Random, secret: Scalar, ring: Ring, message: Uint8Array): RingSignature {
  const { group } = suite;
  const q = group.order;
  const own = group.multiplyBase(secret);
  const position = ring.findIndex((member) => equalBytes(member, own));
  if (position < 0)
    throw new SottovoceError("BAD_ARGUMENT", "The secret belongs to none of the three keys of the ring.");

  const t = randomZq(suite, random);
  const c: bigint[] = [];
  const r: bigint[] = [];
  for (let i = 0; i < 3; i++) {
    c.push(decodeScalar(randomZq(suite, random)) % q);
    r.push(decodeScalar(randomZq(suite, random)) % q);
  }
  const T = ring.map((A, i) =>
    i === position
      ? group.multiplyBase(t)
      : group.combine(encodeScalar(r[i] as bigint), A, encodeScalar(c[i] as bigint)),
  );
  let ci = challenge(suite, ring, T, message);
  for (let i = 0; i < 3; i++) if (i !== position) ci += q - (c[i] as bigint);
  ci %= q;
  c[position] = ci;
  r[position] = (((decodeScalar(t) - ci * decodeScalar(secret)) % q) + q) % q;
  return concat(...[0, 1, 2].flatMap((i) => [encodeScalar(c[i] as bigint), encodeScalar(r[i] as bigint)]));
}

/**
 * Whether `signature` was made over `message` with one of the secrets of the ring. False for anything malformed, scalars
 * of q or more included. The points must have been validated.
 */
export function ringVerify(suite: Suite, ring: Ring, signature: RingSignature, message: Uint8Array): boolean {
  if (signature.length !== RING_SIGNATURE_BYTES) return false;
  const { group } = suite;
  let sum = 0n;
  const T: Point[] = [];
  for (let i = 0; i < 3; i++) {
    const c = signature.subarray(114 * i, 114 * i + 57);
    const r = signature.subarray(114 * i + 57, 114 * i + 114);
    if (!isReduced(c, group.order) || !isReduced(r, group.order)) return false;
    T.push(group.combine(r, ring[i] as Point, c));
    sum += decodeScalar(c);
  }
  return sum % group.order === challenge(suite, ring, T, message);
}

function challenge(suite: Suite, ring: Ring, T: readonly Point[], message: Uint8Array): bigint {
  const { generator, order } = suite.group;
  return hashToScalar(suite, usage.auth, generator, encodeScalar(order), ...ring, ...T, u32(message.length), message);
}

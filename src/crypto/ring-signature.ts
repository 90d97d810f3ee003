// Ring signatures over three keys (spec/02, "Ring signatures"; draft "Ring Signature Authentication").
//
// The draft's general form: which key makes a signature does not show in what is done to make it. All random values are
// drawn and all points and scalars computed for each of the three positions; then bytes are selected by masks. The
// limits are BigInt's: the secret and t are multiplied and reduced modulo q in a time that can depend on them, and
// combine() takes its time by random values of which one pair, at the signer's position, stays unknown to the reader.
import { concat, equalBytes, u32, wipe } from "../bytes.ts";
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

const RING_SIGNATURE_BYTES: number = 6 * SCALAR_BYTES;

const POSITIONS = [0, 1, 2] as const;
type Three<T> = readonly [T, T, T];

/**
 * RSig: signs `message` with the secret of one member of the ring. Draws seven values of kind `zq`: t, c1, r1, c2, r2,
 * c3, r3, of which the pair at the signer's own position goes unused.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when the secret belongs to no member.
 */
export function ringSign(suite: Suite, random: Random, secret: Scalar, ring: Ring, message: Uint8Array): RingSignature {
  const { group } = suite;
  const q = group.order;
  const own = ownPosition(group.multiplyBase(secret), ring);
  const t = randomZq(suite, random);
  const drawn = each(() => ({ c: randomZq(suite, random), r: randomZq(suite, random) }));

  const T = group.multiplyBase(t);
  const Ts = each((i) => select(own[i], T, group.combine(drawn[i].r, ring[i], drawn[i].c)));

  const c = challenge(suite, ring, Ts, message);
  const a = decodeScalar(secret);
  const cs = each((i) => decodeScalar(drawn[i].c) % q);
  const others = cs[0] + cs[1] + cs[2];
  const parts = each((i) => {
    const ci = modulo(c - others + cs[i], q);
    const ri = modulo(decodeScalar(t) - ci * a, q);
    return concat(
      select(own[i], encodeScalar(ci), encodeScalar(cs[i])),
      select(own[i], encodeScalar(ri), encodeScalar(decodeScalar(drawn[i].r) % q)),
    );
  });
  wipe(t, ...drawn.flatMap(({ c, r }) => [c, r]));
  return concat(...parts);
}

/**
 * RVrf: whether `signature` was made over `message` with one of the secrets of the ring. False for anything malformed,
 * scalars of q or more included. The points of the ring must have been validated.
 */
export function ringVerify(suite: Suite, ring: Ring, signature: RingSignature, message: Uint8Array): boolean {
  if (signature.length !== RING_SIGNATURE_BYTES) return false;
  const { order, combine } = suite.group;
  const scalar = (i: number): Scalar => signature.subarray(SCALAR_BYTES * i, SCALAR_BYTES * (i + 1));
  for (let i = 0; i < 6; i++) if (!isReduced(scalar(i), order)) return false;
  const Ts = each((i) => combine(scalar(2 * i + 1), ring[i], scalar(2 * i)));
  const sum = POSITIONS.reduce((total, i) => total + decodeScalar(scalar(2 * i)), 0n);
  return modulo(sum, order) === challenge(suite, ring, Ts, message);
}

/** HashToScalar(usage_auth ‖ G ‖ q ‖ A1 ‖ A2 ‖ A3 ‖ T1 ‖ T2 ‖ T3 ‖ DATA(message)). */
function challenge(suite: Suite, ring: Ring, Ts: Three<Point>, message: Uint8Array): bigint {
  const { generator, order } = suite.group;
  return hashToScalar(suite, usage.auth, generator, encodeScalar(order), ...ring, ...Ts, u32(message.length), message);
}

/** A mask of ones at the signer's position, zeros elsewhere; the first position counts if the ring repeats the key. */
function ownPosition(key: Point, ring: Ring): Three<number> {
  const equal = each((i) => Number(equalBytes(key, ring[i])));
  const own = [equal[0], equal[1] & ~equal[0], equal[2] & ~(equal[0] | equal[1])] as const;
  if ((own[0] | own[1] | own[2]) === 0) {
    throw new SottovoceError("BAD_ARGUMENT", "The secret belongs to none of the three keys of the ring.");
  }
  return each((i) => -own[i]);
}

/** `yes` where the mask has ones, `no` where it has zeros; both of equal length. */
function select(mask: number, yes: Uint8Array, no: Uint8Array): Uint8Array {
  return no.map((byte, i) => byte ^ (mask & (byte ^ (yes[i] as number))));
}

function each<T>(make: (position: 0 | 1 | 2) => T): Three<T> {
  return [make(0), make(1), make(2)];
}

function modulo(n: bigint, q: bigint): bigint {
  return ((n % q) + q) % q;
}

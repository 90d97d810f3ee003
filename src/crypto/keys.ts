// Key generation (spec/02, "Keys"; draft "Generating ECDH and DH keys" and "Public keys, Shared Prekeys, Forging keys
// and Fingerprints").
import { wipe } from "../bytes.ts";
import type { Random } from "./random.ts";
import { decodeScalar, encodeScalar, prune, SCALAR_BYTES } from "./scalar.ts";
import type { DhPublic, DhSecret, Point, Scalar, Suite, SymmetricKey } from "./suite.ts";

/** A pruned secret scalar and G · secret. */
export interface EcdhKeyPair {
  readonly secret: Scalar;
  readonly public: Point;
}

/** An 80-byte exponent and 2^secret. */
export interface DhKeyPair {
  readonly secret: DhSecret;
  readonly public: DhPublic;
}

/** generateECDH(): draws 57 bytes of kind `ecdh`, from which the pair follows as from a symmetric key. */
export function generateEcdh(suite: Suite, random: Random): EcdhKeyPair {
  const seed = random("ecdh", 57);
  const pair = longTermKeyPair(suite, seed);
  wipe(seed);
  return pair;
}

/** generateDH(): draws 80 bytes of kind `dh`, which are the exponent. */
export function generateDh(suite: Suite, random: Random): DhKeyPair {
  const secret = random("dh", 80);
  return { secret, public: suite.dh.publicKey(secret) };
}

/**
 * A random value of Z_q, below q: draws 57 bytes of kind `zq`, SHAKE-256(r, 114) modulo q.
 *
 * The draft prunes SHAKE-256(r, 57) instead. That leaves out half of Z_q, so that the scalars of a ring signature which
 * were drawn differ from those which were computed, and three of four signatures show whose key made them. Verifiers
 * take either; pruned are only the values of a source that replays a recording ({@link Random.prunesZq}), and these may
 * exceed q.
 */
export function randomZq(suite: Suite, random: Random): Scalar {
  const seed = random("zq", 57);
  const hash = suite.shake256(random.prunesZq ? SCALAR_BYTES : 114, seed);
  const scalar = random.prunesZq ? prune(hash) : encodeScalar(decodeScalar(hash) % suite.group.order);
  wipe(seed, hash);
  return scalar;
}

/** The key pair of a long-term, forging or prekey symmetric key (57 bytes), which stays: RFC 8032 5.2.5. */
export function longTermKeyPair(suite: Suite, key: SymmetricKey): EcdhKeyPair {
  const secret = longTermSecret(suite, key);
  return { secret, public: suite.group.multiplyBase(secret) };
}

/** The secret of that pair alone, which costs no multiplication: the pruned first half of SHAKE-256(key, 114). */
export function longTermSecret(suite: Suite, key: SymmetricKey): Scalar {
  const hash = suite.shake256(114, key);
  const secret = prune(hash);
  wipe(hash);
  return secret;
}

// Brace key and mixed shared secret (spec/04, "Mixed secret"; draft "Shared Secrets"). The one place where the brace
// key is made and enters the key schedule: a further secret (post-quantum) would be mixed in here and nothing else
// would change.
import { wipe } from "../bytes.ts";
import { hwc, kdf, usage } from "../crypto/kdf.ts";
import type { DhPublic, DhSecret, Point, Scalar, Suite } from "../crypto/suite.ts";

declare const role: unique symbol;
/** Bytes with one role, so that a key of another role cannot stand in for them. Exists for the type checker only. */
export type Key<Role extends string> = Uint8Array & { readonly [role]: Role };

/** 32 bytes. What the 3072-bit DH contributes; renewed by DH in every third ratchet, hashed on in between. */
export type BraceKey = Key<"brace key">;
/** 64 bytes. `K`, the mixed shared secret of one key exchange. */
export type MixedSecret = Key<"mixed shared secret">;

/** The brace key that a fresh DH exchange gives (`usage_third_brace_key`). */
export function braceKeyFromDh(suite: Suite, secret: DhSecret, theirs: DhPublic): BraceKey {
  const shared = suite.dh.shared(secret, theirs);
  const braceKey = kdf(suite, usage.thirdBraceKey, 32, shared) as BraceKey;
  wipe(shared);
  return braceKey;
}

/** The brace key of a ratchet without DH (`usage_brace_key`). */
export function nextBraceKey(suite: Suite, braceKey: BraceKey): BraceKey {
  return kdf(suite, usage.braceKey, 32, braceKey) as BraceKey;
}

/**
 * `K = KDF(usage_shared_secret ‖ K_ecdh ‖ brace_key, 64)`. `undefined` when the ECDH result is the identity, which a
 * validated point of prime order and a pruned scalar do not give.
 */
export function mixedSecret(suite: Suite, secret: Scalar, theirs: Point, braceKey: BraceKey): MixedSecret | undefined {
  const shared = suite.group.multiply(theirs, secret);
  if (shared === undefined) return undefined;
  const mixed = kdf(suite, usage.sharedSecret, 64, shared, braceKey) as MixedSecret;
  wipe(shared);
  return mixed;
}

/** The SSID, 8 bytes, that two people may compare by voice. */
export function ssidOf(suite: Suite, secret: MixedSecret): Uint8Array {
  return hwc(suite, usage.ssid, 8, secret);
}

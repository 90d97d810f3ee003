// What the ring signatures of the interactive handshake sign: t (spec/04, "Transcripts"; draft "Auth-R Message" and
// "Auth-I Message"). Bob sent the Identity message, Alice answers it.
import { hwc, usage } from "../crypto/kdf.ts";
import type { Ring } from "../crypto/ring-signature.ts";
import type { Point, Suite } from "../crypto/suite.ts";
import { dataSize, Writer } from "../wire/writer.ts";
import { type Context, type Contribution, phi, type Side } from "./phi.ts";

/** Both sides by their roles, and what phi′ adds for both. */
export interface Parties {
  readonly bob: Side;
  readonly alice: Side;
  readonly shared: readonly Uint8Array[];
}

/** The parties as Bob, who holds `context`, sees them. */
export function partiesAsBob(context: Context, bob: Contribution, alice: Contribution): Parties {
  return { bob: { keys: bob, id: context.ours }, alice: { keys: alice, id: context.theirs }, shared: context.shared };
}

/** The parties as Alice, who holds `context`, sees them. */
export function partiesAsAlice(context: Context, bob: Contribution, alice: Contribution): Parties {
  return { bob: { keys: bob, id: context.theirs }, alice: { keys: alice, id: context.ours }, shared: context.shared };
}

/** t of the Auth-R message, whose sender is Alice. */
export function authRTranscript(suite: Suite, { bob, alice, shared }: Parties): Uint8Array {
  return transcript(
    0x00,
    hwc(suite, usage.authRBobProfile, 64, bob.keys.profile),
    hwc(suite, usage.authRAliceProfile, 64, alice.keys.profile),
    bob.keys,
    alice.keys,
    hwc(suite, usage.authRPhi, 64, phi(alice, bob, shared)),
  );
}

/** t of the Auth-I message, whose sender is Bob. */
export function authITranscript(suite: Suite, { bob, alice, shared }: Parties): Uint8Array {
  return transcript(
    0x01,
    hwc(suite, usage.authIBobProfile, 64, bob.keys.profile),
    hwc(suite, usage.authIAliceProfile, 64, alice.keys.profile),
    bob.keys,
    alice.keys,
    hwc(suite, usage.authIPhi, 64, phi(bob, alice, shared)),
  );
}

/** prefix ‖ profile hashes of Bob and Alice ‖ Y ‖ X ‖ MPI B ‖ MPI A ‖ phi hash */
function transcript(
  prefix: number,
  bobProfile: Uint8Array,
  aliceProfile: Uint8Array,
  bob: Contribution,
  alice: Contribution,
  phiHash: Uint8Array,
): Uint8Array {
  const size = 1 + 3 * 64 + bob.ecdh.length + alice.ecdh.length + dataSize(bob.dh) + dataSize(alice.dh);
  return new Writer(size)
    .u8(prefix)
    .raw(bobProfile)
    .raw(aliceProfile)
    .raw(bob.ecdh)
    .raw(alice.ecdh)
    .data(bob.dh)
    .data(alice.dh)
    .raw(phiHash)
    .finish();
}

/** The keys of a side's profile and its ephemeral ECDH key, of which the rings are made. */
export interface RingKeys {
  readonly profile: { readonly publicKey: Point; readonly forgingKey: Point };
  readonly ecdh: Point;
}

/** The ring that signs Auth-R: {F_b, H_a, Y}. Alice knows the secret of H_a; Bob could have made it with F_b or Y. */
export function authRRing(bob: RingKeys, alice: Pick<RingKeys, "profile">): Ring {
  return [bob.profile.forgingKey, alice.profile.publicKey, bob.ecdh];
}

/** The ring that signs Auth-I: {H_b, F_a, X}. Bob knows the secret of H_b; Alice could have made it with F_a or X. */
export function authIRing(bob: Pick<RingKeys, "profile">, alice: RingKeys): Ring {
  return [bob.profile.publicKey, alice.profile.forgingKey, alice.ecdh];
}

// The ephemeral keys of a handshake and the secret they give (spec/04, "Handshake secret"; draft "Interactive DAKE
// Overview").
import { wipe } from "../bytes.ts";
import { type DhKeyPair, type EcdhKeyPair, generateDh, generateEcdh } from "../crypto/keys.ts";
import type { Random } from "../crypto/random.ts";
import type { DhPublic, Point, Suite } from "../crypto/suite.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import type { Contribution } from "./phi.ts";
import { braceKeyFromDh, type MixedSecret, mixedSecret } from "./secret.ts";

/** The four key pairs one side brings: two for the handshake, two for the first ratchet. */
export interface Ephemeral {
  readonly ecdh: EcdhKeyPair;
  readonly dh: DhKeyPair;
  readonly firstEcdh: EcdhKeyPair;
  readonly firstDh: DhKeyPair;
}

/** The four keys as Identity and Auth-R carry them. */
export interface PublicKeys {
  readonly ecdh: Point;
  readonly dh: DhPublic;
  readonly firstEcdh: Point;
  readonly firstDh: DhPublic;
}

/** Draws ecdh, dh, ecdh, dh: the handshake's keys first. */
export function generateEphemeral(suite: Suite, random: Random): Ephemeral {
  const ecdh = generateEcdh(suite, random);
  const dh = generateDh(suite, random);
  const firstEcdh = generateEcdh(suite, random);
  const firstDh = generateDh(suite, random);
  return { ecdh, dh, firstEcdh, firstDh };
}

export function publicKeys(keys: Ephemeral): PublicKeys {
  return {
    ecdh: keys.ecdh.public,
    dh: keys.dh.public,
    firstEcdh: keys.firstEcdh.public,
    firstDh: keys.firstDh.public,
  };
}

/** What an Identity or Auth-R message puts into the transcripts. */
export function contributionOf(
  message: PublicKeys & { readonly senderTag: number; readonly profile: ClientProfile },
): Contribution {
  const { senderTag, profile, ecdh, dh, firstEcdh, firstDh } = message;
  return { tag: senderTag, profile: profile.encoded, ecdh, dh, firstEcdh, firstDh };
}

/** K of the handshake. `undefined` when the exchange gives the identity. */
export function handshakeSecret(
  suite: Suite,
  ours: Pick<Ephemeral, "ecdh" | "dh">,
  theirs: Pick<PublicKeys, "ecdh" | "dh">,
): MixedSecret | undefined {
  const braceKey = braceKeyFromDh(suite, ours.dh.secret, theirs.dh);
  const secret = mixedSecret(suite, ours.ecdh.secret, theirs.ecdh, braceKey);
  wipe(braceKey);
  return secret;
}

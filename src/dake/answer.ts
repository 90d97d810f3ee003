// Auth-R: the handshake as Alice, who answers an Identity (spec/04, "Interactive handshake"; draft "Auth-R Message").
import { wipe } from "../bytes.ts";
import { type DhKeyPair, type EcdhKeyPair, longTermKeyPair } from "../crypto/keys.ts";
import type { Random } from "../crypto/random.ts";
import { type Ring, ringSign, ringVerify } from "../crypto/ring-signature.ts";
import type { DhPublic, Point, Suite } from "../crypto/suite.ts";
import { accept, type Result, reject } from "../errors.ts";
import type { LocalIdentity } from "../profile/identity.ts";
import type { AuthIMessage } from "../wire/auth-i-message.ts";
import type { AuthRMessage } from "../wire/auth-r-message.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import type { IdentityMessage } from "../wire/identity-message.ts";
import { contributionOf, generateEphemeral, handshakeSecret, publicKeys } from "./ephemeral.ts";
import type { Context } from "./phi.ts";
import type { MixedSecret } from "./secret.ts";
import { authIRing, authITranscript, authRRing, authRTranscript, partiesAsAlice } from "./transcript.ts";

/** What remains on our side after Auth-R was sent: enough to check Auth-I and to start the ratchet, no more. */
export interface AnsweredIdentity {
  readonly secret: MixedSecret;
  /** The ring that must have signed Auth-I: {H_b, F_a, X}. */
  readonly ring: Ring;
  /** t of the Auth-I message we expect. */
  readonly transcript: Uint8Array;
  readonly ourFirstEcdh: EcdhKeyPair;
  readonly ourFirstDh: DhKeyPair;
  readonly theirFirstEcdh: Point;
  readonly theirFirstDh: DhPublic;
  readonly peer: ClientProfile;
}

/**
 * Auth-R: Alice → Bob. The Identity message must have passed `checkKeys`. The ring is {F_b, H_a, Y}. Draws ecdh, dh,
 * ecdh, dh and 7 zq.
 */
export function answerIdentity(
  suite: Suite,
  random: Random,
  identity: LocalIdentity,
  context: Context,
  theirs: IdentityMessage,
): Result<{ readonly message: AuthRMessage; readonly answered: AnsweredIdentity }> {
  const keys = generateEphemeral(suite, random);
  const secret = handshakeSecret(suite, keys, theirs);
  wipe(keys.ecdh.secret, keys.dh.secret);
  if (secret === undefined) return reject("BAD_POINT", "the exchange with the Identity's ECDH key gave the identity");

  const { instanceTag: senderTag, profile } = identity;
  const ours = { senderTag, receiverTag: theirs.senderTag, profile, ...publicKeys(keys) };
  const parties = partiesAsAlice(context, contributionOf(theirs), contributionOf(ours));
  const longTerm = longTermKeyPair(suite, identity.longTermKey);
  const ringSignature = ringSign(
    suite,
    random,
    longTerm.secret,
    authRRing(theirs, ours),
    authRTranscript(suite, parties),
  );
  wipe(longTerm.secret);
  return accept({
    message: { kind: "auth-r", ...ours, ringSignature },
    answered: {
      secret,
      ring: authIRing(theirs, ours),
      transcript: authITranscript(suite, parties),
      ourFirstEcdh: keys.firstEcdh,
      ourFirstDh: keys.firstDh,
      theirFirstEcdh: theirs.firstEcdh,
      theirFirstDh: theirs.firstDh,
      peer: theirs.profile,
    },
  });
}

/** Alice checks Auth-I: the ring signature over {H_b, F_a, X}. The tags are the caller's to check. */
export function checkAuthI(suite: Suite, answered: AnsweredIdentity, theirs: AuthIMessage): Result<true> {
  return ringVerify(suite, answered.ring, theirs.ringSignature, answered.transcript)
    ? accept(true)
    : reject("BAD_SIGNATURE", "the ring signature of the Auth-I message does not verify");
}

// Identity and Auth-I: the handshake as Bob, who offers it (spec/04, "Interactive handshake"; draft "Identity Message"
// and "Auth-I Message").
import { equalBytes, wipe } from "../bytes.ts";
import { longTermKeyPair } from "../crypto/keys.ts";
import type { Random } from "../crypto/random.ts";
import { ringSign, ringVerify } from "../crypto/ring-signature.ts";
import type { Suite } from "../crypto/suite.ts";
import { accept, type Result, reject } from "../errors.ts";
import { isExpired } from "../profile/client.ts";
import type { LocalIdentity } from "../profile/identity.ts";
import type { AuthIMessage } from "../wire/auth-i-message.ts";
import type { AuthRMessage } from "../wire/auth-r-message.ts";
import { encodeIdentityMessage, type IdentityMessage } from "../wire/identity-message.ts";
import { dataSize, Writer } from "../wire/writer.ts";
import { checkKeys, type Judgement } from "./check.ts";
import { contributionOf, type Ephemeral, generateEphemeral, handshakeSecret, publicKeys } from "./ephemeral.ts";
import type { Context } from "./phi.ts";
import type { MixedSecret } from "./secret.ts";
import { authIRing, authITranscript, authRRing, authRTranscript, partiesAsBob } from "./transcript.ts";

/** An Identity message of ours, and the secrets with which its answer can be accepted. */
export interface OfferedIdentity {
  readonly message: IdentityMessage;
  readonly keys: Ephemeral;
}

/** What Bob has when Auth-R was good: Auth-I to send, and the secret that starts the ratchet. */
export interface CompletedOffer {
  readonly message: AuthIMessage;
  readonly secret: MixedSecret;
}

/** Identity: Bob → anyone. Draws ecdh, dh, ecdh, dh. `receiverTag` 0 offers it to all devices of the peer. */
export function offerIdentity(
  suite: Suite,
  random: Random,
  identity: LocalIdentity,
  receiverTag: number,
): OfferedIdentity {
  const keys = generateEphemeral(suite, random);
  const { instanceTag: senderTag, profile } = identity;
  return { keys, message: { kind: "identity", senderTag, receiverTag, profile, ...publicKeys(keys) } };
}

/**
 * Auth-I: Bob → Alice, signed over {H_b, F_a, X}, once her Auth-R is verified: profile, keys, and its own ring
 * signature over {F_b, H_a, Y}. Draws 7 zq. Our profile is the one that our Identity carried, even if we have a newer
 * one by now. The tags are the caller's to check.
 */
export function completeOffer(
  suite: Suite,
  random: Random,
  identity: LocalIdentity,
  context: Context,
  offered: OfferedIdentity,
  theirs: AuthRMessage,
  judgement: Judgement,
): Result<CompletedOffer> {
  const { message: ours, keys } = offered;
  if (!equalBytes(ours.profile.publicKey, identity.publicKey)) {
    return reject("UNEXPECTED", "our long-term key is not the one that made this offer");
  }
  if (isExpired(ours.profile, judgement.now, judgement.graceSeconds)) {
    return reject("EXPIRED_PROFILE", "our own profile, with which this offer was made, has expired");
  }
  const checked = checkKeys(suite, theirs, identity, judgement);
  if (!checked.ok) return checked;
  const parties = partiesAsBob(context, contributionOf(ours), contributionOf(theirs));
  if (!ringVerify(suite, authRRing(ours, theirs), theirs.ringSignature, authRTranscript(suite, parties))) {
    return reject("BAD_SIGNATURE", "the ring signature of the Auth-R message does not verify");
  }
  const secret = handshakeSecret(suite, keys, theirs);
  if (secret === undefined) return reject("BAD_POINT", "the exchange with the Auth-R's ECDH key gave the identity");

  const longTerm = longTermKeyPair(suite, identity.longTermKey);
  const ringSignature = ringSign(
    suite,
    random,
    longTerm.secret,
    authIRing(ours, theirs),
    authITranscript(suite, parties),
  );
  wipe(longTerm.secret);
  const { senderTag } = ours;
  return accept({ message: { kind: "auth-i", senderTag, receiverTag: theirs.senderTag, ringSignature }, secret });
}

/** The hash that decides between two Identities: SHAKE-256(MPI(B), 32), compared as an unsigned big-endian number. */
export function identityHash(suite: Suite, message: IdentityMessage): Uint8Array {
  return suite.shake256(32, new Writer(dataSize(message.dh)).data(message.dh).finish());
}

/** What names an Identity: SHAKE-256 over the whole message, 32 bytes. Its B alone could be copied into a false one. */
export function identityId(suite: Suite, message: IdentityMessage): Uint8Array {
  return suite.shake256(32, encodeIdentityMessage(message));
}

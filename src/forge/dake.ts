// A handshake made by one side alone (spec/10, "A forged handshake"; draft "Forging Transcripts", Forge DAKE and
// Session Keys).
import { EMPTY } from "../bytes.ts";
import type { Random } from "../crypto/random.ts";
import type { Suite, SymmetricKey } from "../crypto/suite.ts";
import { answerIdentity } from "../dake/answer.ts";
import { checkKeys } from "../dake/check.ts";
import { completeOffer, offerIdentity } from "../dake/offer.ts";
import { type MixedSecret, ssidOf } from "../dake/secret.ts";
import { accept, type Result } from "../errors.ts";
import { startAsInitiator, startAsResponder } from "../ratchet/start.ts";
import type { Ratchet } from "../ratchet/state.ts";
import { armor } from "../wire/armor.ts";
import { encodeAuthIMessage } from "../wire/auth-i-message.ts";
import { encodeAuthRMessage } from "../wire/auth-r-message.ts";
import { encodeIdentityMessage } from "../wire/identity-message.ts";
import { recordSecrets, type SessionSecrets } from "./secrets.ts";
import { contextOf, type Role, type Setting, standIn } from "./setting.ts";
import { signersOf } from "./signers.ts";

/** What a forger needs. */
export interface Forgery extends Setting {
  /**
   * A long-term or forging secret (57 bytes) of either side. Not needed: without one, each handshake message is
   * signed with the ephemeral key in its ring. With one, the message whose ring it stands in is signed with it.
   */
  readonly secret?: SymmetricKey | undefined;
  /** When the conversation shall have taken place, seconds since 1970: both profiles must have been valid then. */
  readonly now: number;
}

export interface ForgedDake {
  /** Identity, Auth-R and Auth-I, in armor. */
  readonly messages: readonly string[];
  /** K, from which the root keys grow. */
  readonly secret: MixedSecret;
  /** 8 bytes. */
  readonly ssid: Uint8Array;
  /** Both ends of the conversation, ready for `seal` and `open`. */
  readonly ratchets: Readonly<Record<Role, Ratchet>>;
  /** What each side could hand over if it had been there and had kept everything. */
  readonly secrets: Readonly<Record<Role, SessionSecrets>>;
}

/**
 * Forges the interactive handshake between two people, with the session keys it leads to. Draws as both sides of an
 * honest one do: ecdh, dh, ecdh, dh for each, 7 zq for each, ecdh and dh for the first rotation.
 *
 * What it shows: Identity, Auth-R and Auth-I are no evidence that two people talked, nor are the session keys.
 *
 * Rejections: those of `checkKeys` for either profile.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when the secret belongs to neither side.
 */
export function forgeDake(suite: Suite, random: Random, forgery: Forgery): Result<ForgedDake> {
  const { initiator, responder, now } = forgery;
  const signers = signersOf(suite, forgery, forgery.secret);
  const bob = recordSecrets(suite, random);
  const alice = recordSecrets(suite, random);

  const offered = offerIdentity(suite, bob.random, standIn(initiator, EMPTY), 0);
  const asAlice = standIn(responder, signers.authR ?? (bob.ecdhSeeds[0] as SymmetricKey));
  const checked = checkKeys(suite, offered.message, asAlice, { now });
  if (!checked.ok) return checked;
  const reply = answerIdentity(suite, alice.random, asAlice, contextOf(forgery, "responder"), offered.message);
  if (!reply.ok) return reply;
  const { message: authR, answered } = reply.value;

  const asBob = standIn(initiator, signers.authI ?? (alice.ecdhSeeds[0] as SymmetricKey));
  const context = contextOf(forgery, "initiator");
  const completed = completeOffer(suite, bob.random, asBob, context, offered, authR, { now });
  if (!completed.ok) return completed;
  const { message: authI, secret } = completed.value;
  const { keys } = offered;
  const seed = {
    secret,
    ourFirstEcdh: keys.firstEcdh,
    ourFirstDh: keys.firstDh,
    theirFirstEcdh: authR.firstEcdh,
    theirFirstDh: authR.firstDh,
  };
  const ratchets = {
    initiator: startAsInitiator(suite, bob.random, seed),
    responder: startAsResponder(suite, answered),
  };
  return accept({
    messages: [encodeIdentityMessage(offered.message), encodeAuthRMessage(authR), encodeAuthIMessage(authI)].map(armor),
    secret,
    ssid: ssidOf(suite, secret),
    ratchets,
    secrets: { initiator: bob.secrets(), responder: alice.secrets() },
  });
}

// The verifier: everything that a judge can check of a transcript (spec/10, "The verifier"). Honest and forged
// transcripts pass it alike, which is the point; broken ones do not.
import type { Suite } from "../crypto/suite.ts";
import { ssidOf } from "../dake/secret.ts";
import { accept, type Result, reject } from "../errors.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import { fingerprint } from "../profile/fingerprint.ts";
import { chainsOf } from "./chains.ts";
import { readEntries } from "./entry.ts";
import { keyringOf, type SessionSecrets } from "./secrets.ts";
import type { Role } from "./setting.ts";
import type { Transcript } from "./transcript.ts";
import { type DataVerdict, verifyData } from "./verify-data.ts";
import { secretOf, verifyHandshake } from "./verify-handshake.ts";

/** What a transcript that holds together says. Who made it, it does not say. */
export interface Verdict extends DataVerdict {
  /** 56 bytes each. */
  readonly fingerprints: Readonly<Record<Role, Uint8Array>>;
  /** 8 bytes, where secrets were handed over. */
  readonly ssid: Uint8Array | undefined;
  /** Texts that are no OTR messages (queries, errors, plain text): nothing can verify them. */
  readonly unverifiable: number;
}

export interface VerifyOptions {
  /** When the conversation is said to have taken place, seconds since 1970. */
  readonly now: number;
  /** What a participant hands over. */
  readonly secrets?: SessionSecrets | undefined;
  readonly limits?: Limits;
}

/**
 * Judges a transcript of one conversation, in the order of sending: profiles, ring signatures over {F_initiator,
 * H_responder, Y} and {H_initiator, F_responder, X}, tags, ratchets and numbers, revealed MAC keys; with secrets also
 * every authenticator and what the messages say, from the handshake on.
 *
 * Rejections name the message: `BAD_PROFILE` (other keys than the profiles in hand), `BAD_SIGNATURE`, `BAD_MAC`,
 * `UNEXPECTED` (order), `DUPLICATE`, `NO_KEY` (the secrets do not fit), `TOO_MANY_SKIPPED`, `WRONG_TAG`, and those of
 * the decoders and of `checkKeys`.
 */
export function verifyTranscript(suite: Suite, transcript: Transcript, options: VerifyOptions): Result<Verdict> {
  const { now, secrets, limits = defaultLimits } = options;
  const read = readEntries(transcript.messages, now, limits);
  if (!read.ok) return read;
  const { entries, unverifiable } = read.value;
  const judged = verifyHandshake(suite, transcript, entries.slice(0, 3), now);
  if (!judged.ok) return judged;
  const handshake = judged.value;

  const keyring = secrets && keyringOf(suite, secrets);
  const secret = keyring && secretOf(suite, handshake, keyring);
  if (keyring !== undefined && secret === undefined) {
    return reject("NO_KEY", "the secrets handed over are not those of this handshake");
  }
  const chains = keyring && secret && chainsOf(suite, handshake, secret, keyring);
  const data = verifyData({ suite, limits, setting: transcript, handshake, chains }, entries.slice(3));
  if (!data.ok) return data;
  const printOf = (role: Role): Uint8Array =>
    fingerprint(suite, transcript[role].publicKey, transcript[role].forgingKey);
  return accept({
    ...data.value,
    fingerprints: { initiator: printOf("initiator"), responder: printOf("responder") },
    ssid: secret && ssidOf(suite, secret),
    unverifiable,
  });
}

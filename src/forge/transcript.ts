// A whole conversation made by one side alone, or by nobody who was there (spec/10, "A forged transcript"; draft
// "Forging Transcripts", Forge Entire Transcript).
import { EMPTY } from "../bytes.ts";
import type { Random } from "../crypto/random.ts";
import type { Suite, SymmetricKey } from "../crypto/suite.ts";
import { accept, type Result, reject } from "../errors.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import { isExpired } from "../profile/client.ts";
import type { Env } from "../session/step.ts";
import type { Forgery } from "./dake.ts";
import { type Actor, play, type Script } from "./play.ts";
import { type Recorder, recordSecrets, type SessionSecrets } from "./secrets.ts";
import { contextOf, type Role, type Setting, standIn } from "./setting.ts";
import { signersOf } from "./signers.ts";

/** A conversation as a judge gets it. */
export interface Transcript extends Setting {
  /** As they travelled, in the order of sending. */
  readonly messages: readonly string[];
}

export interface ForgedTranscript extends Transcript {
  /** What each side could hand over if it had been there and had kept everything. */
  readonly secrets: Readonly<Record<Role, SessionSecrets>>;
}

/**
 * Forges a conversation between two people, from Identity to close, with MAC keys revealed on the way as honest
 * devices do. Both ends are honest endpoints; only the keys that sign the handshake are others ({@link
 * Forgery.secret}).
 *
 * What it shows: a transcript is no evidence, not even with all session keys, and not even that the two ever talked.
 *
 * Rejections: those that an honest device has for either profile.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when the secret belongs to neither side, or a text contains U+0000.
 */
export function forgeTranscript(
  suite: Suite,
  random: Random,
  forgery: Forgery & Script & { readonly limits?: Limits },
): Result<ForgedTranscript> {
  const { initiator, responder, place, now, limits = defaultLimits } = forgery;
  if ([initiator, responder].some((profile) => isExpired(profile, now))) {
    return reject("EXPIRED_PROFILE", "a profile had expired at the time of the transcript");
  }
  const signers = signersOf(suite, forgery, forgery.secret);
  const records = { initiator: recordSecrets(suite, random), responder: recordSecrets(suite, random) };
  // Y is made when the initiator starts and X when the responder answers: each before the other side must sign with it.
  const actor = (role: Role, signer: SymmetricKey | undefined, maker: Recorder): Actor => ({
    tag: forgery[role].instanceTag,
    env: (): Env => ({
      suite,
      random: records[role].random,
      now,
      limits,
      identity: standIn(forgery[role], signer ?? maker.ecdhSeeds[0] ?? EMPTY),
      context: contextOf(forgery, role),
    }),
  });
  const messages = play(
    {
      initiator: actor("initiator", signers.authI, records.responder),
      responder: actor("responder", signers.authR, records.initiator),
    },
    forgery,
  );
  if (!messages.ok) return messages;
  const secrets = { initiator: records.initiator.secrets(), responder: records.responder.secrets() };
  return accept({ initiator, responder, place, messages: messages.value, secrets });
}

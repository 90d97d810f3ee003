// What is checked of an Identity or Auth-R message before anything is computed with it (spec/04, "Checks"; draft
// "Identity Message" and "Auth-R Message", the steps to verify them).
import { equalBytes } from "../bytes.ts";
import type { Suite } from "../crypto/suite.ts";
import { accept, type Result, reject } from "../errors.ts";
import { validateClientProfile } from "../profile/client.ts";
import type { LocalIdentity } from "../profile/identity.ts";
import type { AuthRMessage } from "../wire/auth-r-message.ts";
import type { IdentityMessage } from "../wire/identity-message.ts";

/** How profiles are judged. */
export interface Judgement {
  /** Seconds since 1970. */
  readonly now: number;
  /** How long past its expiry our own profile still completes an offer that was made with it; 0 unless given. */
  readonly graceSeconds?: number;
}

/**
 * Profile, ECDH keys and DH keys of a peer's message, and that they do not claim our own long-term key. Costs several
 * milliseconds. Rejections: `OWN_KEY`, `BAD_POINT`, `BAD_DH_KEY`, and those of `validateClientProfile`.
 */
export function checkKeys(
  suite: Suite,
  theirs: IdentityMessage | AuthRMessage,
  identity: Pick<LocalIdentity, "publicKey">,
  { now }: Judgement,
): Result<true> {
  const { profile: theirProfile } = theirs;
  if ([theirProfile.publicKey, theirProfile.forgingKey].some((key) => equalBytes(key, identity.publicKey))) {
    return reject("OWN_KEY", "the peer's profile claims our own long-term key");
  }
  for (const key of [theirs.dh, theirs.firstDh]) {
    if (!suite.dh.isValid(key)) return reject("BAD_DH_KEY", "a DH key of the handshake is not valid");
  }
  for (const key of [theirs.ecdh, theirs.firstEcdh]) {
    if (!suite.group.isValid(key)) return reject("BAD_POINT", "an ECDH key of the handshake is not valid");
  }
  const profile = validateClientProfile(suite, theirProfile, { now, senderTag: theirs.senderTag });
  return profile.ok ? accept(true) : profile;
}

// Whose key signs a forged handshake: any member of the ring will do (spec/10, "The rings").
import { equalBytes } from "../bytes.ts";
import { longTermKeyPair } from "../crypto/keys.ts";
import type { Point, Suite, SymmetricKey } from "../crypto/suite.ts";
import { SottovoceError } from "../errors.ts";
import type { LocalIdentity } from "../profile/identity.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import { type Setting, standIn } from "./setting.ts";

/** What signs Auth-R and Auth-I in place of their senders; `undefined`: the ephemeral key in the ring. */
export interface Signers {
  readonly authR: SymmetricKey | undefined;
  readonly authI: SymmetricKey | undefined;
}

/**
 * Finds the ring in which a forger's one secret stands: {F_initiator, H_responder, Y} of Auth-R, or {H_initiator,
 * F_responder, X} of Auth-I. The other ring is signed with Y or X, which the forger makes; without a secret, both are.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when the secret belongs to none of the four keys of the profiles.
 */
export function signersOf(suite: Suite, setting: Setting, secret: SymmetricKey | undefined): Signers {
  if (secret === undefined) return { authR: undefined, authI: undefined };
  const key = publicKeyOf(suite, secret);
  const { initiator, responder } = setting;
  const authR = equalBytes(key, responder.publicKey) || equalBytes(key, initiator.forgingKey);
  const authI = equalBytes(key, initiator.publicKey) || equalBytes(key, responder.forgingKey);
  if (!authR && !authI) {
    throw new SottovoceError(
      "BAD_ARGUMENT",
      "The secret belongs to no key of the two profiles; nothing was forged. Give the long-term or forging secret of " +
        "one of them, or none at all.",
    );
  }
  return { authR: authR ? secret : undefined, authI: authI ? secret : undefined };
}

/**
 * The identity with which the holder of one secret passes for `as` towards one victim, in either role: give it to
 * `Env.identity` of an endpoint, and everything an honest device does works. The victim's ring is {F_victim, H_as, Y}
 * or {H_as, F_victim, X}, so `secret` is the forging secret of `towards`. (The long-term secret of `as` fits as well:
 * it does not pass for `as`, it is `as`.)
 *
 * What it shows: a victim who kept the forging secret may have made up, live, what their own device received. Who
 * looks at the device sees no difference. Whether a forging secret was kept, nothing outside the device says.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when the secret is another one. The victim's long-term secret is refused too:
 *   rings name forging keys where the draft's text on impersonation still speaks of long-term ones.
 */
export function impersonate(
  suite: Suite,
  {
    as,
    towards,
    secret,
  }: { readonly as: ClientProfile; readonly towards: ClientProfile; readonly secret: SymmetricKey },
): LocalIdentity {
  const key = publicKeyOf(suite, secret);
  if (equalBytes(key, towards.forgingKey) || equalBytes(key, as.publicKey)) return standIn(as, secret);
  throw new SottovoceError(
    "BAD_ARGUMENT",
    equalBytes(key, towards.publicKey)
      ? "The victim's long-term key stands in no ring that others sign; it takes the victim's forging secret."
      : "The secret is not the victim's forging secret. No identity was made.",
  );
}

function publicKeyOf(suite: Suite, secret: SymmetricKey): Point {
  if (secret.length !== 57) throw new SottovoceError("BAD_ARGUMENT", "A secret is a symmetric key of 57 bytes.");
  return longTermKeyPair(suite, secret).public;
}

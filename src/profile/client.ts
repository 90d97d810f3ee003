// Client profiles: making, signing and validating them (spec/03, "Client profile"; draft "Creating a Client Profile",
// "Validating a Client Profile").
import { equalBytes } from "../bytes.ts";
import type { Suite, SymmetricKey } from "../crypto/suite.ts";
import { accept, type Result, reject } from "../errors.ts";
import {
  assembleProfile,
  type ClientProfile,
  type ClientProfileFields,
  encodeProfileFields,
} from "../wire/client-profile.ts";

/** What a client profile of ours says, and the key that signs it. */
export interface ClientProfileInput extends Omit<ClientProfileFields, "dsaKey" | "transitionalSignature"> {
  /** The key of `publicKey`. */
  readonly longTermKey: SymmetricKey;
}

/** Against what a peer's profile is judged. */
export interface ProfileContext {
  /** Seconds since 1970. */
  readonly now: number;
  /** The sender tag of the message that brought the profile. */
  readonly senderTag: number;
  /** A profile validated before: if this one is the same, byte for byte, points and signature are not checked again. */
  readonly known?: ClientProfile | undefined;
}

/** Encodes and signs a profile. */
export function makeClientProfile(suite: Suite, input: ClientProfileInput): ClientProfile {
  const { instanceTag, publicKey, forgingKey, versions, expires, longTermKey } = input;
  const fields: ClientProfileFields = { instanceTag, publicKey, forgingKey, versions, expires };
  return assembleProfile(fields, suite.group.sign(longTermKey, encodeProfileFields(fields)));
}

/**
 * Validates a decoded profile; the cheap checks come first. Gives the same profile back.
 *
 * A transitional (DSA) signature is not verified, which the draft leaves open; it covers nothing that the Ed448
 * signature does not cover.
 *
 * Rejections: WRONG_TAG (the profile belongs to another device than the message), EXPIRED_PROFILE, BAD_PROFILE
 * (versions, or a DSA key and a transitional signature that do not come together), BAD_POINT, BAD_SIGNATURE.
 */
export function validateClientProfile(
  suite: Suite,
  profile: ClientProfile,
  context: ProfileContext,
): Result<ClientProfile> {
  if (profile.instanceTag !== context.senderTag) {
    return reject("WRONG_TAG", "The client profile carries another instance tag than the message.");
  }
  if (isExpired(profile, context.now)) {
    return reject("EXPIRED_PROFILE", "The client profile has expired.");
  }
  const { versions } = profile;
  if (!versions.includes("4") || versions.includes("1") || versions.includes("2")) {
    return reject("BAD_PROFILE", "The versions of the client profile lack 4, or contain 1 or 2.");
  }
  if ((profile.dsaKey === undefined) !== (profile.transitionalSignature === undefined)) {
    return reject("BAD_PROFILE", "A DSA key and a transitional signature come together or not at all.");
  }
  if (versions.includes("3") && profile.dsaKey === undefined) {
    return reject("BAD_PROFILE", "A client profile for version 3 without a DSA key.");
  }
  if (context.known !== undefined && equalBytes(context.known.encoded, profile.encoded)) return accept(profile);
  if (!suite.group.isValid(profile.publicKey)) return reject("BAD_POINT", "The long-term key is no valid point.");
  if (!suite.group.isValid(profile.forgingKey)) return reject("BAD_POINT", "The forging key is no valid point.");
  if (!suite.group.verify(profile.publicKey, profile.signed, profile.signature)) {
    return reject("BAD_SIGNATURE", "The signature of the client profile does not verify.");
  }
  return accept(profile);
}

/** Whether the profile's time is up, `graceSeconds` after its expiry. */
export function isExpired(profile: ClientProfile, now: number, graceSeconds: number = 0): boolean {
  return BigInt(Math.floor(now - graceSeconds)) >= profile.expires;
}

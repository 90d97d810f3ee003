// Attesting: making the statement, checking it against a pinned key, and which one is in force (spec/05, "Making and
// checking").
import { equalBytes } from "../bytes.ts";
import type { Suite, SymmetricKey } from "../crypto/suite.ts";
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { validateClientProfile } from "../profile/client.ts";
import { parseIncoming } from "../wire/armor.ts";
import type { AuthRMessage } from "../wire/auth-r-message.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import type { IdentityMessage } from "../wire/identity-message.ts";
import { decodeMessage } from "../wire/messages.ts";
import {
  type Attestation,
  attestedBytes,
  badAttestation,
  CRITICAL_EXTENSION,
  countersignedBytes,
  decodeAttestation,
  type Extension,
  encodeAttestation,
} from "./attestation.ts";
import { ATTESTATION_NOTATION } from "./config.ts";
import type { OpenPgpIdentity } from "./identity.ts";
import type { OpenPgpKey } from "./keys.ts";
import { canonicalSignature, checkSignature } from "./signature.ts";

/** An attestation that was verified against the pinned key of a contact. */
export interface Attested {
  readonly key: OpenPgpKey;
  readonly profile: ClientProfile;
  readonly extensions: readonly Extension[];
  /** When the OpenPGP signature says that it was made: seconds since 1970. */
  readonly signedAt: number;
}

/**
 * Makes the attestation of a device: once for each profile, the same bytes for everyone.
 *
 * @param longTermKey the 57-byte symmetric key behind the profile's long-term public key.
 * @param options.now seconds since 1970, the date of the OpenPGP signature.
 * @throws SottovoceError `OPENPGP` when the OpenPGP key did not sign, or what was made would not be accepted.
 */
export async function makeAttestation(
  suite: Suite,
  identity: OpenPgpIdentity,
  profile: ClientProfile,
  longTermKey: SymmetricKey,
  options: { readonly now: number; readonly limits: Limits; readonly extensions?: readonly Extension[] },
): Promise<Uint8Array> {
  const statement = { keyId: identity.publicKey.id, profile, extensions: options.extensions ?? [] };
  let signature: Uint8Array;
  try {
    signature = await identity.sign(attestedBytes(statement), ATTESTATION_NOTATION, options.now);
  } catch (cause) {
    const message = "The OpenPGP key did not sign the attestation; nothing was sent. Is it unlocked and still valid?";
    throw new SottovoceError("OPENPGP", message, { cause });
  }
  const countersignature = suite.group.sign(longTermKey, countersignedBytes(statement));
  const attestation: Attestation = { ...statement, signature: await canonicalSignature(signature), countersignature };
  const bytes = encodeAttestation(attestation);
  const checked = await checkAttestation(suite, bytes, identity.publicKey, options);
  if (!checked.ok)
    throw new SottovoceError("OPENPGP", `What was made is no attestation; nothing was sent. ${checked.why}`);
  return bytes;
}

/**
 * Verifies an attestation against the key that is pinned for a contact. `known` is the newest one seen before of the
 * same instance tag: an older one is a replay.
 *
 * Rejections: `BAD_ATTESTATION` with the reason, `UNSUPPORTED_VERSION`.
 */
export async function checkAttestation(
  suite: Suite,
  bytes: Uint8Array,
  pinned: OpenPgpKey,
  options: { readonly now: number; readonly limits: Limits; readonly known?: Attested },
): Promise<Result<Attested>> {
  const { now, limits, known } = options;
  const decoded = decodeAttestation(bytes, limits);
  if (!decoded.ok) return decoded;
  const { keyId, profile, extensions, signature, countersignature } = decoded.value;
  if (!equalBytes(keyId, pinned.id))
    return badAttestation("The attestation is of another OpenPGP key than the pinned one.");
  if (extensions.some(({ type }) => type >= CRITICAL_EXTENSION)) {
    return badAttestation("The attestation has a critical extension that is unknown here.");
  }
  const valid = validateClientProfile(suite, profile, { now, senderTag: profile.instanceTag, known: known?.profile });
  if (!valid.ok) return badAttestation(valid.why);
  if (!suite.group.verify(profile.publicKey, countersignedBytes(decoded.value), countersignature)) {
    return badAttestation("The countersignature of the attestation does not verify.");
  }
  const signedAt = await checkSignature(signature, attestedBytes(decoded.value), pinned, now);
  if (!signedAt.ok) return signedAt;
  if (profile.expires > BigInt(signedAt.value + limits.profileSeconds)) {
    return badAttestation("The attestation would be valid for longer than one may.");
  }
  const attested = { key: pinned, profile, extensions, signedAt: signedAt.value };
  if (known !== undefined && isSuperseded(attested, known)) {
    return badAttestation("The attestation is older than another of the same instance tag.");
  }
  return accept(attested);
}

/**
 * Which of two verified attestations of one OpenPGP key and one instance tag is in force: the one signed later; of two
 * signed in the same second, the one whose profile expires later. Positive when `a` is, negative when `b` is, 0 when
 * neither is before the other.
 */
export function compareAttestations(a: Attested, b: Attested): number {
  if (a.signedAt !== b.signedAt) return a.signedAt - b.signedAt;
  const { expires } = a.profile;
  return expires === b.profile.expires ? 0 : expires > b.profile.expires ? 1 : -1;
}

/**
 * Reads the handshake message that came beside an attestation, and demands that it is an Identity or Auth-R message,
 * whole, with the attested client profile, byte for byte.
 *
 * Rejections: those of the decoders; `UNEXPECTED` for another message; `BAD_ATTESTATION` for another profile.
 */
export function readAttested(attested: Attested, otr: string, limits: Limits): Result<IdentityMessage | AuthRMessage> {
  const incoming = parseIncoming(otr, limits);
  if (!incoming.ok) return incoming;
  if (incoming.value.kind !== "message") return reject("UNEXPECTED", "No whole OTR message beside the attestation.");
  const message = decodeMessage(incoming.value.bytes, limits);
  if (!message.ok) return message;
  if (message.value.kind !== "identity" && message.value.kind !== "auth-r") {
    return reject("UNEXPECTED", "The OTR message beside the attestation is neither Identity nor Auth-R.");
  }
  if (!equalBytes(message.value.profile.encoded, attested.profile.encoded)) {
    return badAttestation("The handshake message brings another client profile than the attestation.");
  }
  return accept(message.value);
}

function isSuperseded(attested: Attested, known: Attested): boolean {
  const same = equalBytes(attested.key.id, known.key.id) && attested.profile.instanceTag === known.profile.instanceTag;
  return same && compareAttestations(attested, known) < 0;
}

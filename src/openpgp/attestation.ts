// The attestation: one static statement that binds an OTR identity to an OpenPGP key, both ways (spec/05, "Attestation").
import { concat, equalBytes, utf8 } from "../bytes.ts";
import type { Suite, SymmetricKey } from "../crypto/suite.ts";
import { accept, type Rejection, type Result, reject, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { type ClientProfile, decodeClientProfile } from "../wire/client-profile.ts";
import { decoding, type Reader, refuse } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";
import { ATTESTATION_NOTATION } from "./config.ts";
import type { OpenPgpIdentity } from "./identity.ts";
import type { OpenPgpKey } from "./keys.ts";
import { checkSignature } from "./signature.ts";

/** The version of the layout, first byte of every attestation. */
export const ATTESTATION_VERSION = 1;

/** A later feature, named under both signatures. Types from 0x8000 on are critical: who does not know one refuses. */
export interface Extension {
  /** 1 to 0xffff. None is defined yet. */
  readonly type: number;
  /** At most 1024 bytes. */
  readonly value: Uint8Array;
}

/** An attestation as decoded; nothing in it has been verified. */
export interface Attestation {
  /** version ‖ primary fingerprint of the OpenPGP key that attests. */
  readonly keyId: Uint8Array;
  readonly profile: ClientProfile;
  /** In strictly ascending order of type. */
  readonly extensions: readonly Extension[];
  /** One OpenPGP signature packet over {@link attestedBytes}. */
  readonly signature: Uint8Array;
  /** Ed448, 114 bytes, by the profile's long-term key, over {@link countersignedBytes}. */
  readonly countersignature: Uint8Array;
}

/** An attestation that was verified against the pinned key of a contact. */
export interface Attested {
  readonly key: OpenPgpKey;
  readonly profile: ClientProfile;
  readonly extensions: readonly Extension[];
  /** When the OpenPGP signature says that it was made: seconds since 1970. */
  readonly signedAt: number;
}

const SIGNED_TAG = utf8("sottovoce: OpenPGP key attests OTR client profile, 1\0");
const COUNTERSIGNED_TAG = utf8("sottovoce: OTR long-term key confirms OpenPGP key, 1\0");

const COUNTERSIGNATURE_BYTES = 114;
const MAX_SIGNATURE_BYTES = 4096;
const MAX_EXTENSIONS = 16;
const MAX_EXTENSION_BYTES = 1024;
const CRITICAL = 0x8000;

/** What the account's OpenPGP key signs: domain tag ‖ key version ‖ fingerprint ‖ Client Profile ‖ extensions. */
export function attestedBytes(attestation: Pick<Attestation, "keyId" | "profile" | "extensions">): Uint8Array {
  const { keyId, profile, extensions } = attestation;
  return concat(SIGNED_TAG, keyId, profile.encoded, encodeExtensions(extensions));
}

/** What the OTR long-term key signs: domain tag ‖ key version ‖ fingerprint ‖ extensions. */
export function countersignedBytes(attestation: Pick<Attestation, "keyId" | "extensions">): Uint8Array {
  return concat(COUNTERSIGNED_TAG, attestation.keyId, encodeExtensions(attestation.extensions));
}

/**
 * Encodes an attestation.
 *
 * ```text
 * +---------+-------------+-------------+-----------------+------------+-------------------+------------------+
 * | version | key version | fingerprint | DATA(client     | DATA(exten | DATA(OpenPGP      | countersignature |
 * | u8 = 1  | u8 = 4 or 6 | 20 or 32    |      profile)   |      sions)|      signature)   | 114              |
 * +---------+-------------+-------------+-----------------+------------+-------------------+------------------+
 * extension: type (u16) ‖ DATA(value)
 * ```
 */
export function encodeAttestation(attestation: Attestation): Uint8Array {
  const { keyId, profile, signature, countersignature } = attestation;
  const extensions = encodeExtensions(attestation.extensions);
  const size = 13 + keyId.length + profile.encoded.length + extensions.length + signature.length;
  return new Writer(size + COUNTERSIGNATURE_BYTES)
    .u8(ATTESTATION_VERSION)
    .raw(keyId)
    .data(profile.encoded)
    .data(extensions)
    .data(signature)
    .fixed(countersignature, COUNTERSIGNATURE_BYTES)
    .finish();
}

/** Reads an attestation, layout only. Rejections: `BAD_ATTESTATION`, `UNSUPPORTED_VERSION`. */
export function decodeAttestation(bytes: Uint8Array, limits: Limits): Result<Attestation> {
  const decoded = decoding(bytes, (reader): Attestation => {
    const version = reader.u8();
    if (version !== ATTESTATION_VERSION) refuse("UNSUPPORTED_VERSION", `An attestation of version ${version}.`);
    const keyId = readKeyId(reader);
    const profile = decodeClientProfile(reader.data(limits.profileBytes).slice(), limits);
    if (!profile.ok) return refuse(profile.code, profile.why);
    const extensions = readExtensions(reader);
    const signature = reader.data(MAX_SIGNATURE_BYTES).slice();
    const countersignature = reader.take(COUNTERSIGNATURE_BYTES).slice();
    return { keyId, profile: profile.value, extensions, signature, countersignature };
  });
  return decoded.ok || decoded.code === "UNSUPPORTED_VERSION" ? decoded : bad(decoded.why);
}

/**
 * Makes the attestation of a device: once for each profile, the same bytes for everyone.
 *
 * @param longTermKey the 57-byte symmetric key behind the profile's long-term public key.
 * @param now seconds since 1970, the date of the OpenPGP signature.
 * @throws SottovoceError `BAD_ARGUMENT` when key and profile do not belong together; `OPENPGP` when the OpenPGP key did
 *   not sign as it must.
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
  const bytes = encodeAttestation({ ...statement, signature, countersignature });
  const checked = await checkAttestation(suite, bytes, identity.publicKey, options);
  if (!checked.ok) throw new SottovoceError("OPENPGP", `The attestation made would not be accepted: ${checked.why}`);
  return bytes;
}

/**
 * Verifies an attestation against the key that is pinned for a contact.
 *
 * Rejections: `BAD_ATTESTATION` with the reason, `UNSUPPORTED_VERSION`.
 */
export async function checkAttestation(
  suite: Suite,
  bytes: Uint8Array,
  pinned: OpenPgpKey,
  options: { readonly now: number; readonly limits: Limits },
): Promise<Result<Attested>> {
  const decoded = decodeAttestation(bytes, options.limits);
  if (!decoded.ok) return decoded;
  const { keyId, profile, extensions, signature, countersignature } = decoded.value;
  if (!equalBytes(keyId, pinned.id)) return bad("It is of another OpenPGP key than the one pinned for this contact.");
  if (extensions.some(({ type }) => type >= CRITICAL)) return bad("It has a critical extension that is unknown here.");
  if (profile.expires <= BigInt(Math.floor(options.now))) return bad("Its client profile has expired.");
  if (!suite.group.isValid(profile.publicKey)) return bad("Its long-term key is no valid point.");
  if (!suite.group.verify(profile.publicKey, profile.signed, profile.signature)) {
    return bad("The signature of its client profile does not verify.");
  }
  if (!suite.group.verify(profile.publicKey, countersignedBytes(decoded.value), countersignature)) {
    return bad("The countersignature of the OTR long-term key does not verify.");
  }
  const signed = await checkSignature(signature, attestedBytes(decoded.value), pinned, options.now);
  if (!signed.ok) return signed;
  const signedAt = signed.value;
  if (profile.expires > BigInt(signedAt) + BigInt(options.limits.profileSeconds)) {
    return bad("Its client profile lives longer than an attestation may.");
  }
  return accept({ key: pinned, profile, extensions, signedAt });
}

/**
 * Which of two verified attestations of one OpenPGP key and one instance tag is in force: the one signed later; of two
 * signed in the same second, the one whose profile expires later. Positive when `a` is the newer, 0 when neither.
 */
export function compareAttestations(a: Attested, b: Attested): number {
  if (a.signedAt !== b.signedAt) return a.signedAt - b.signedAt;
  const { expires } = a.profile;
  return expires === b.profile.expires ? 0 : expires > b.profile.expires ? 1 : -1;
}

function bad(why: string): Rejection {
  return reject("BAD_ATTESTATION", `The attestation is refused. ${why}`);
}

function readKeyId(reader: Reader): Uint8Array {
  const version = reader.u8();
  if (version !== 4 && version !== 6) refuse("BAD_ATTESTATION", `It names an OpenPGP key of version ${version}.`);
  return concat(Uint8Array.of(version), reader.take(version === 4 ? 20 : 32));
}

function encodeExtensions(extensions: readonly Extension[]): Uint8Array {
  return concat(...extensions.map(({ type, value }) => new Writer(6 + value.length).u16(type).data(value).finish()));
}

function readExtensions(reader: Reader): Extension[] {
  const all = decoding(reader.data(MAX_EXTENSIONS * (6 + MAX_EXTENSION_BYTES)), (inner) => {
    const extensions: Extension[] = [];
    let last = 0;
    while (inner.remaining() > 0) {
      if (extensions.length === MAX_EXTENSIONS) refuse("TOO_LARGE", "It has too many extensions.");
      const type = inner.u16();
      if (type <= last) refuse("MALFORMED", "Its extensions are not in strictly ascending order.");
      extensions.push({ type, value: inner.data(MAX_EXTENSION_BYTES).slice() });
      last = type;
    }
    return extensions;
  });
  return all.ok ? all.value : refuse(all.code, all.why);
}

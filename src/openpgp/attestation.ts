// Attestation: the layout of the statement that binds an OTR identity and an OpenPGP key (spec/05, "Attestation").
import { concat, utf8 } from "../bytes.ts";
import { type Rejection, type Result, reject } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { type ClientProfile, decodeClientProfile } from "../wire/client-profile.ts";
import { decoding, type Reader, refuse } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";

/** The version of the layout, first byte of every attestation. */
export const ATTESTATION_VERSION = 1;

/** Extension types from here on are critical: who does not know one refuses the attestation. */
export const CRITICAL_EXTENSION = 0x8000;

/** A later feature, named under both signatures. */
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

const SIGNED_TAG = utf8("sottovoce: OpenPGP key attests OTR client profile, 1\0");
const COUNTERSIGNED_TAG = utf8("sottovoce: OTR long-term key confirms OpenPGP key, 1\0");

const COUNTERSIGNATURE_BYTES = 114;
const MAX_SIGNATURE_BYTES = 4096;
const MAX_EXTENSIONS = 16;
const MAX_EXTENSION_BYTES = 1024;

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
  return decoded.ok || decoded.code === "UNSUPPORTED_VERSION" ? decoded : badAttestation(decoded.why);
}

/** The rejection of an attestation, for this reason: a whole sentence. */
export function badAttestation(why: string): Rejection {
  return reject("BAD_ATTESTATION", why);
}

function readKeyId(reader: Reader): Uint8Array {
  const version = reader.u8();
  if (version !== 4 && version !== 6)
    refuse("BAD_ATTESTATION", `An attestation by an OpenPGP key of version ${version}.`);
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
      if (extensions.length === MAX_EXTENSIONS) refuse("TOO_LARGE", "The attestation has too many extensions.");
      const type = inner.u16();
      if (type <= last) refuse("MALFORMED", "The extensions of the attestation are not in strictly ascending order.");
      extensions.push({ type, value: inner.data(MAX_EXTENSION_BYTES).slice() });
      last = type;
    }
    return extensions;
  });
  return all.ok ? all.value : refuse(all.code, all.why);
}

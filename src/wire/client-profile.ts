// Client profile: its layout (spec/03, "Client profile"; draft "Client Profile Data Type").
import { concat } from "../bytes.ts";
import type { Point } from "../crypto/suite.ts";
import { type Result, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { isInstanceTag } from "./header.ts";
import { decoding, POINT_BYTES, type Reader, refuse } from "./reader.ts";
import { dataSize, Writer } from "./writer.ts";

export interface ClientProfileFields {
  readonly instanceTag: number;
  /** H, the Ed448 long-term key. */
  readonly publicKey: Point;
  /** F, the forging key. */
  readonly forgingKey: Point;
  /** One character per protocol version, "4" among them in a valid profile. */
  readonly versions: string;
  /** Seconds since 1970-01-01T00:00Z. */
  readonly expires: bigint;
  /** An OTRv3 DSA key, encoded as PUBKEY. Its syntax is checked, nothing else. */
  readonly dsaKey?: Uint8Array;
  /** 40 bytes: an OTRv3 DSA signature over the fields before it. Never verified here. */
  readonly transitionalSignature?: Uint8Array;
}

/** As decoded or assembled. Only src/profile says whether it is valid. */
export interface ClientProfile extends ClientProfileFields {
  /** 114 bytes, Ed448. */
  readonly signature: Uint8Array;
  /** What the signature covers: the fields in the order of their types, without their number. */
  readonly signed: Uint8Array;
  /** The whole profile as it travelled. */
  readonly encoded: Uint8Array;
}

const field = { tag: 1, publicKey: 2, forgingKey: 3, versions: 4, expires: 5, dsaKey: 6, transitional: 7 } as const;
const FIELD_TYPES = 7;
const REQUIRED = [field.tag, field.publicKey, field.forgingKey, field.versions, field.expires] as const;

const ED448_PUBLIC_KEY = 0x0010;
const ED448_FORGING_KEY = 0x0012;
const DSA_KEY = 0x0000;

const SIGNATURE_BYTES = 114;
const TRANSITIONAL_BYTES = 40;
const MAX_VERSIONS = 255;
const MAX_DSA_MPI = 1024;

/**
 * Encodes what gets signed.
 *
 * ```text
 * +------+-----+------+---------+----+------+---------+----+------+----------+------+---------+
 * | 0001 | tag | 0002 | 10 00   | H  | 0003 | 12 00   | F  | 0004 | versions | 0005 | expires |
 * | u16  | u32 | u16  | u16, LE | 57 | u16  | u16, LE | 57 | u16  | DATA     | u16  | i64     |
 * +------+-----+------+---------+----+------+---------+----+------+----------+------+---------+
 * and, where there is an OTRv3 key:
 * +------+-----------------+------+------------------------+
 * | 0006 | DSA key, PUBKEY | 0007 | transitional signature |
 * | u16  |                 | u16  | 40                     |
 * +------+-----------------+------+------------------------+
 * ```
 */
export function encodeProfileFields(fields: ClientProfileFields): Uint8Array {
  const { dsaKey, transitionalSignature } = fields;
  const versions = versionBytes(fields.versions);
  if (!isInstanceTag(fields.instanceTag)) {
    throw new SottovoceError(
      "BAD_ARGUMENT",
      "An instance tag is a number from 0x100 to 0xffffffff; no profile was made.",
    );
  }
  let size = 6 + 2 * (4 + POINT_BYTES) + 2 + dataSize(versions) + 10;
  if (dsaKey !== undefined) size += 2 + dsaKey.length;
  if (transitionalSignature !== undefined) size += 2 + TRANSITIONAL_BYTES;
  const writer = new Writer(size);
  writer.u16(field.tag).u32(fields.instanceTag);
  writer.u16(field.publicKey).u16le(ED448_PUBLIC_KEY).fixed(fields.publicKey, POINT_BYTES);
  writer.u16(field.forgingKey).u16le(ED448_FORGING_KEY).fixed(fields.forgingKey, POINT_BYTES);
  writer.u16(field.versions).data(versions);
  writer.u16(field.expires).i64(fields.expires);
  if (dsaKey !== undefined) writer.u16(field.dsaKey).raw(dsaKey);
  if (transitionalSignature !== undefined)
    writer.u16(field.transitional).fixed(transitionalSignature, TRANSITIONAL_BYTES);
  return writer.finish();
}

/**
 * Puts a profile together from its fields and the signature over {@link encodeProfileFields} of them.
 *
 * ```text
 *  0                  4        4 + n
 * +------------------+--------+-----------+
 * | number of fields | fields | signature |
 * | u32              | n      | 114       |
 * +------------------+--------+-----------+
 * ```
 */
export function assembleProfile(fields: ClientProfileFields, signature: Uint8Array): ClientProfile {
  const { dsaKey, transitionalSignature } = fields;
  const body = encodeProfileFields(fields);
  const count = REQUIRED.length + (dsaKey === undefined ? 0 : 1) + (transitionalSignature === undefined ? 0 : 1);
  const writer = new Writer(4 + body.length + SIGNATURE_BYTES).u32(count).raw(body).fixed(signature, SIGNATURE_BYTES);
  const encoded = writer.finish();
  const profile = decodeClientProfile(encoded, { profileFields: count, profileBytes: encoded.length });
  if (!profile.ok) throw new SottovoceError("BAD_ARGUMENT", `No profile can be made of these fields: ${profile.why}`);
  return profile.value;
}

/** Decodes a profile that stands alone. Rejections: MALFORMED, TOO_LARGE, BAD_PROFILE. */
export function decodeClientProfile(bytes: Uint8Array, limits: ProfileLimits): Result<ClientProfile> {
  return decoding(bytes, (reader) => readClientProfile(reader, limits));
}

/** Fields read so far. */
type Draft = { -readonly [K in keyof ClientProfileFields]?: ClientProfileFields[K] };

type ProfileLimits = Pick<Limits, "profileFields" | "profileBytes">;

/** Reads a profile inside a message. */
export function readClientProfile(reader: Reader, limits: ProfileLimits): ClientProfile {
  const start = reader.offset;
  const count = reader.u32();
  if (count > limits.profileFields) refuse("TOO_LARGE", `A profile of ${count} fields.`);
  const draft: Draft = {};
  const parts: (Uint8Array | undefined)[] = new Array(FIELD_TYPES + 1).fill(undefined);
  let sorted = true;
  let last = 0;
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const type = reader.u16();
    readField(reader, type, draft);
    if (parts[type] !== undefined) refuse("BAD_PROFILE", `Field ${type} of the profile is there twice.`);
    parts[type] = reader.bytes.subarray(at, reader.offset);
    if (type < last) sorted = false;
    last = type;
    const size = reader.offset - start + SIGNATURE_BYTES;
    if (size > limits.profileBytes) refuse("TOO_LARGE", `A profile of ${size} bytes or more.`);
  }
  const missing = REQUIRED.find((type) => parts[type] === undefined);
  if (missing !== undefined) refuse("BAD_PROFILE", `Field ${missing} of the profile is missing.`);
  const end = reader.offset;
  const signature = reader.take(SIGNATURE_BYTES);
  // Peers may send the fields in any order; the signature is over the order of the types (draft, "Create a Client
  // Profile Signature"; otr4j's tests contain both).
  const signed = sorted ? reader.bytes.subarray(start + 4, end) : concat(...parts.filter((part) => part !== undefined));
  const encoded = reader.bytes.subarray(start, reader.offset);
  return { ...(draft as ClientProfileFields), signature, signed, encoded };
}

function readField(reader: Reader, type: number, draft: Draft): void {
  switch (type) {
    case field.tag:
      draft.instanceTag = reader.u32();
      if (!isInstanceTag(draft.instanceTag)) refuse("BAD_PROFILE", "The profile's instance tag is below 0x100.");
      return;
    case field.publicKey:
      if (reader.u16le() !== ED448_PUBLIC_KEY) refuse("BAD_PROFILE", "The profile's public key is of another type.");
      draft.publicKey = reader.point();
      return;
    case field.forgingKey:
      if (reader.u16le() !== ED448_FORGING_KEY) refuse("BAD_PROFILE", "The profile's forging key is of another type.");
      draft.forgingKey = reader.point();
      return;
    case field.versions:
      draft.versions = String.fromCharCode(...reader.data(MAX_VERSIONS));
      return;
    case field.expires:
      draft.expires = reader.i64();
      return;
    case field.dsaKey:
      draft.dsaKey = readDsaKey(reader);
      return;
    case field.transitional:
      draft.transitionalSignature = reader.take(TRANSITIONAL_BYTES);
      return;
    default:
      refuse("BAD_PROFILE", `Field ${type} of the profile is unknown.`);
  }
}

function readDsaKey(reader: Reader): Uint8Array {
  const start = reader.offset;
  if (reader.u16() !== DSA_KEY) refuse("BAD_PROFILE", "The profile's OTRv3 key is no DSA key.");
  for (let i = 0; i < 4; i++) reader.mpi(MAX_DSA_MPI, "BAD_PROFILE");
  return reader.bytes.subarray(start, reader.offset);
}

function versionBytes(versions: string): Uint8Array {
  if (!/^[!-~]{0,255}$/.test(versions)) {
    throw new SottovoceError("BAD_ARGUMENT", "Versions are at most 255 visible ASCII characters; no profile was made.");
  }
  return Uint8Array.from(versions, (character) => character.charCodeAt(0));
}

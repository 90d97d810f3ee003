// Identity message: the first message of the interactive DAKE (spec/03, "Identity"; draft "Identity Message").
import type { DhPublic, Point } from "../crypto/suite.ts";
import type { Limits } from "../limits.ts";
import { type ClientProfile, readClientProfile } from "./client-profile.ts";
import { HEADER_BYTES, type Header, messageType, writeHeader } from "./header.ts";
import { POINT_BYTES, type Reader } from "./reader.ts";
import { dataSize, Writer } from "./writer.ts";

export interface IdentityMessage extends Header {
  readonly kind: "identity";
  readonly profile: ClientProfile;
  /** Y */
  readonly ecdh: Point;
  /** B */
  readonly dh: DhPublic;
  /** The sender's first ECDH key of the double ratchet. */
  readonly firstEcdh: Point;
  /** The sender's first DH key of the double ratchet. */
  readonly firstDh: DhPublic;
}

/**
 * ```text
 *  0      2      3            7              11               11 + n
 * +------+------+------------+--------------+----------------+------+-----------+------------+-----------+
 * | 0004 |  35  | sender tag | receiver tag | client profile | Y    | B         | first ECDH | first DH  |
 * | u16  |  u8  | u32        | u32, may be 0| n bytes        | 57   | MPI 1–384 | 57         | MPI 1–384 |
 * +------+------+------------+--------------+----------------+------+-----------+------------+-----------+
 * ```
 */
export function encodeIdentityMessage(message: Omit<IdentityMessage, "kind">): Uint8Array {
  const { profile, ecdh, dh, firstEcdh, firstDh } = message;
  const size = HEADER_BYTES + profile.encoded.length + 2 * POINT_BYTES + dataSize(dh) + dataSize(firstDh);
  return writeHeader(new Writer(size), messageType.identity, message)
    .raw(profile.encoded)
    .fixed(ecdh, POINT_BYTES)
    .data(dh)
    .fixed(firstEcdh, POINT_BYTES)
    .data(firstDh)
    .finish();
}

/** Reads what follows the header. */
export function readIdentityMessage(
  reader: Reader,
  { senderTag, receiverTag }: Header,
  limits: Limits,
): IdentityMessage {
  const profile = readClientProfile(reader, limits);
  const ecdh = reader.point();
  const dh = reader.dhKey();
  const firstEcdh = reader.point();
  const firstDh = reader.dhKey();
  return { kind: "identity", senderTag, receiverTag, profile, ecdh, dh, firstEcdh, firstDh };
}

// Auth-R message: the second message of the interactive DAKE (spec/03, "Auth-R"; draft "Auth-R Message").
import type { DhPublic, Point } from "../crypto/suite.ts";
import type { Limits } from "../limits.ts";
import { type ClientProfile, readClientProfile } from "./client-profile.ts";
import { HEADER_BYTES, type Header, messageType, writeHeader } from "./header.ts";
import { POINT_BYTES, type Reader } from "./reader.ts";
import { dataSize, Writer } from "./writer.ts";

/** Bytes of a RING-SIG: six SCALARs. */
export const RING_SIGNATURE_BYTES = 342;

export interface AuthRMessage extends Header {
  readonly kind: "auth-r";
  readonly profile: ClientProfile;
  /** X */
  readonly ecdh: Point;
  /** A */
  readonly dh: DhPublic;
  /** sigma, 342 bytes. */
  readonly ringSignature: Uint8Array;
  /** The sender's first ECDH key of the double ratchet. */
  readonly firstEcdh: Point;
  /** The sender's first DH key of the double ratchet. */
  readonly firstDh: DhPublic;
}

/**
 * ```text
 *  0      2      3            7              11               11 + n
 * +------+------+------------+--------------+----------------+------+-----------+-------+------------+-----------+
 * | 0004 |  36  | sender tag | receiver tag | client profile | X    | A         | sigma | first ECDH | first DH  |
 * | u16  |  u8  | u32        | u32          | n bytes        | 57   | MPI 1–384 | 342   | 57         | MPI 1–384 |
 * +------+------+------------+--------------+----------------+------+-----------+-------+------------+-----------+
 * ```
 */
export function encodeAuthRMessage(message: Omit<AuthRMessage, "kind">): Uint8Array {
  const { profile, ecdh, dh, ringSignature, firstEcdh, firstDh } = message;
  const keyBytes = 2 * POINT_BYTES + dataSize(dh) + dataSize(firstDh);
  const size = HEADER_BYTES + profile.encoded.length + keyBytes + RING_SIGNATURE_BYTES;
  return writeHeader(new Writer(size), messageType.authR, message)
    .raw(profile.encoded)
    .fixed(ecdh, POINT_BYTES)
    .data(dh)
    .fixed(ringSignature, RING_SIGNATURE_BYTES)
    .fixed(firstEcdh, POINT_BYTES)
    .data(firstDh)
    .finish();
}

/** Reads what follows the header. */
export function readAuthRMessage(reader: Reader, { senderTag, receiverTag }: Header, limits: Limits): AuthRMessage {
  const profile = readClientProfile(reader, limits);
  const ecdh = reader.point();
  const dh = reader.dhKey();
  const ringSignature = reader.take(RING_SIGNATURE_BYTES);
  const firstEcdh = reader.point();
  const firstDh = reader.dhKey();
  return { kind: "auth-r", senderTag, receiverTag, profile, ecdh, dh, ringSignature, firstEcdh, firstDh };
}

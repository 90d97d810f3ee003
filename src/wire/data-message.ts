// Data message: an encrypted, authenticated message of a conversation (spec/03, "Data message"; draft "Data Message
// Format").
import type { DhPublic, Point } from "../crypto/suite.ts";
import type { Limits } from "../limits.ts";
import { HEADER_BYTES, type Header, messageType, writeHeader } from "./header.ts";
import { POINT_BYTES, type Reader, refuse } from "./reader.ts";
import { dataSize, Writer } from "./writer.ts";

/** Flag: a receiver who cannot read this message stays silent about it. */
export const IGNORE_UNREADABLE = 0x01;

/** Bytes of an authenticator and of a revealed MAC key. */
const MAC_BYTES = 64;

/** The fields under the MAC. */
export interface DataSections extends Header {
  /** Bitwise or of flags; {@link IGNORE_UNREADABLE} is the only one defined. */
  readonly flags: number;
  /** pn: how many messages the sender's previous sending ratchet held. */
  readonly previousCount: number;
  /** The number of the ratchet, 0 for number −1: spec/04, "State of a ratchet". */
  readonly ratchetId: number;
  /** j: the number of this message within its ratchet, from 0. */
  readonly messageId: number;
  readonly ecdh: Point;
  /** Empty when this ratchet brings no DH key. */
  readonly dh: DhPublic;
  readonly ciphertext: Uint8Array;
}

export interface DataMessage extends DataSections {
  readonly kind: "data";
  /** 64 bytes. */
  readonly mac: Uint8Array;
  /** MAC keys of 64 bytes each. Nothing authenticates them; those beyond `limits.revealedKeys` are left out. */
  readonly revealed: readonly Uint8Array[];
  /** The encoding from version to ciphertext: what the MAC covers. */
  readonly sections: Uint8Array;
}

const FLAGS_AND_IDS_BYTES = 1 + 3 * 4;

/**
 * Encodes what the MAC covers.
 *
 * ```text
 *  0      2      3            7              11      12   16   20   24     81
 * +------+------+------------+--------------+-------+----+----+----+------+-----------+------------+
 * | 0004 |  03  | sender tag | receiver tag | flags | pn | i  | j  | ECDH | DH        | ciphertext |
 * | u16  |  u8  | u32        | u32          | u8    | u32 each     | 57   | MPI 0–384 | DATA       |
 * +------+------+------------+--------------+-------+----+----+----+------+-----------+------------+
 * ```
 */
export function encodeSections(fields: DataSections): Uint8Array {
  const size = HEADER_BYTES + FLAGS_AND_IDS_BYTES + POINT_BYTES + dataSize(fields.dh) + dataSize(fields.ciphertext);
  return writeHeader(new Writer(size), messageType.data, fields)
    .u8(fields.flags)
    .u32(fields.previousCount)
    .u32(fields.ratchetId)
    .u32(fields.messageId)
    .fixed(fields.ecdh, POINT_BYTES)
    .data(fields.dh)
    .data(fields.ciphertext)
    .finish();
}

/**
 * Completes a data message.
 *
 * ```text
 *  0              s     s + 64
 * +--------------+-----+-----------------------------+
 * | the sections | MAC | revealed MAC keys           |
 * | s bytes      | 64  | DATA, a multiple of 64 long |
 * +--------------+-----+-----------------------------+
 * ```
 */
export function encodeDataMessage(sections: Uint8Array, mac: Uint8Array, revealed: readonly Uint8Array[]): Uint8Array {
  const revealedBytes = MAC_BYTES * revealed.length;
  const writer = new Writer(sections.length + MAC_BYTES + 4 + revealedBytes)
    .raw(sections)
    .fixed(mac, MAC_BYTES)
    .u32(revealedBytes);
  for (const key of revealed) writer.fixed(key, MAC_BYTES);
  return writer.finish();
}

/** Reads what follows the header. All byte strings are views into the message. */
export function readDataMessage(reader: Reader, header: Header, limits: Limits): DataMessage {
  const flags = reader.u8();
  const previousCount = reader.u32();
  const ratchetId = reader.u32();
  const messageId = reader.u32();
  const ecdh = reader.point();
  const dh = reader.mpi();
  const ciphertext = reader.data();
  const sections = reader.bytes.subarray(0, reader.offset);
  const mac = reader.take(MAC_BYTES);
  const revealed = splitKeys(reader.data(), limits.revealedKeys);
  return {
    kind: "data",
    senderTag: header.senderTag,
    receiverTag: header.receiverTag,
    flags,
    previousCount,
    ratchetId,
    messageId,
    ecdh,
    dh,
    ciphertext,
    mac,
    revealed,
    sections,
  };
}

const NO_KEYS: readonly Uint8Array[] = [];

// Keys past the limit are dropped rather than the message: they lie outside the MAC, and a peer that received a long
// run of messages reveals all of their keys at once.
function splitKeys(bytes: Uint8Array, max: number): readonly Uint8Array[] {
  if (bytes.length === 0) return NO_KEYS;
  const { length } = bytes;
  if (length % MAC_BYTES !== 0) refuse("MALFORMED", `${length} bytes of revealed keys, not a multiple of 64.`);
  const count = Math.min(length / MAC_BYTES, max);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * MAC_BYTES, (i + 1) * MAC_BYTES));
}

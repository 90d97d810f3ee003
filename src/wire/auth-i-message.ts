// Auth-I message: the third and last message of the interactive DAKE (spec/03, "Auth-I"; draft "Auth-I Message").
import { RING_SIGNATURE_BYTES } from "./auth-r-message.ts";
import { HEADER_BYTES, type Header, messageType, writeHeader } from "./header.ts";
import type { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

export interface AuthIMessage extends Header {
  readonly kind: "auth-i";
  /** sigma, 342 bytes. */
  readonly ringSignature: Uint8Array;
}

/**
 * ```text
 *  0      2      3            7              11      353
 * +------+------+------------+--------------+-------+
 * | 0004 |  37  | sender tag | receiver tag | sigma |
 * | u16  |  u8  | u32        | u32          | 342   |
 * +------+------+------------+--------------+-------+
 * ```
 */
export function encodeAuthIMessage(message: Omit<AuthIMessage, "kind">): Uint8Array {
  return writeHeader(new Writer(HEADER_BYTES + RING_SIGNATURE_BYTES), messageType.authI, message)
    .fixed(message.ringSignature, RING_SIGNATURE_BYTES)
    .finish();
}

/** Reads what follows the header. */
export function readAuthIMessage(reader: Reader, { senderTag, receiverTag }: Header): AuthIMessage {
  return { kind: "auth-i", senderTag, receiverTag, ringSignature: reader.take(RING_SIGNATURE_BYTES) };
}

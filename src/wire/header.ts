// Header: what every OTRv4 message starts with (spec/03, "Header"; draft "Instance Tags").
import type { Result } from "../errors.ts";
import { decoding, type Reader, refuse } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** The protocol version of every message here. */
export const PROTOCOL_VERSION = 4;

/** The second field of every message. */
export const messageType = {
  data: 0x03,
  identity: 0x35,
  authR: 0x36,
  authI: 0x37,
  nonInteractiveAuth: 0x8d,
} as const;

export type MessageType = (typeof messageType)[keyof typeof messageType];

/** Instance tags, unsigned 32-bit. A receiver tag of 0 means "any device of the receiver". */
export interface Header {
  readonly senderTag: number;
  readonly receiverTag: number;
}

/** Header plus what tells how to read the rest. */
export interface MessageHeader extends Header {
  readonly version: typeof PROTOCOL_VERSION;
  readonly type: MessageType;
}

/** The smallest valid instance tag. */
export const MIN_TAG = 0x100;

/** Bytes of version, type and both tags. */
export const HEADER_BYTES = 11;

const knownTypes: ReadonlySet<number> = new Set(Object.values(messageType));

/** Whether this is an instance tag that a client may have. */
export function isInstanceTag(tag: number): boolean {
  return Number.isInteger(tag) && tag >= MIN_TAG && tag <= 0xffffffff;
}

/**
 * Version, type and tags of a message, so that it can be routed without reading the rest.
 *
 * Rejections: MALFORMED, UNSUPPORTED_VERSION, UNSUPPORTED_TYPE (a type that no message has), WRONG_TAG (sender below
 * 0x100, receiver between 0 and 0x100, or 0 in anything but an Identity message).
 */
export function peekHeader(bytes: Uint8Array): Result<MessageHeader> {
  return decoding(bytes.subarray(0, HEADER_BYTES), readHeader);
}

/** Reads and checks version, type and tags. */
export function readHeader(reader: Reader): MessageHeader {
  const version = reader.u16();
  if (version !== PROTOCOL_VERSION) refuse("UNSUPPORTED_VERSION", `A message of version ${version}; only 4 is spoken.`);
  const type = reader.u8();
  if (!knownTypes.has(type)) refuse("UNSUPPORTED_TYPE", `No message has type 0x${type.toString(16)}.`);
  const senderTag = reader.u32();
  const receiverTag = reader.u32();
  if (senderTag < MIN_TAG) refuse("WRONG_TAG", "A sender's instance tag below 0x100.");
  if (receiverTag < MIN_TAG && (receiverTag !== 0 || type !== messageType.identity)) {
    refuse("WRONG_TAG", "A receiver's instance tag below 0x100.");
  }
  return { version, type: type as MessageType, senderTag, receiverTag };
}

/** Writes version, type and tags. */
export function writeHeader(writer: Writer, type: MessageType, header: Header): Writer {
  return writer.u16(PROTOCOL_VERSION).u8(type).u32(header.senderTag).u32(header.receiverTag);
}

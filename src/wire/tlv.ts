// TLVs: the plaintext of a data message, text and records (spec/03, "Plaintext"; draft "TLV Record Types").
import { fromUtf8, utf8 } from "../bytes.ts";
import type { Limits } from "../limits.ts";
import { Writer } from "./writer.ts";

export interface Tlv {
  /** 0 to 65535; see {@link tlvType}. */
  readonly type: number;
  /** At most 65535 bytes. */
  readonly value: Uint8Array;
}

export const tlvType = {
  padding: 0,
  disconnected: 1,
  smp1: 2,
  smp2: 3,
  smp3: 4,
  smp4: 5,
  smpAbort: 6,
  extraSymmetricKey: 7,
  /** The first of ours: 0xF000 to 0xFFFF carry what applications say to each other. */
  application: 0xf000,
} as const;

export interface Plaintext {
  readonly text: string;
  readonly tlvs: readonly Tlv[];
  /** Something at the end could not be read, or there were more records than `limits.tlvs`. */
  readonly corrupted: boolean;
}

const TLV_HEADER_BYTES = 4;

/**
 * ```text
 *  0            t      t + 1
 * +------------+------+------+--------+-------+----
 * | text       |  00  | type | length | value | …
 * | UTF-8      |  u8  | u16  | u16    |       |
 * +------------+------+------+--------+-------+----
 * ```
 *
 * The zero byte is written even when no TLV follows, as the recorded peers do. A text that contains U+0000 would be cut
 * there by the receiver.
 */
export function encodePlaintext(text: string, tlvs: readonly Tlv[]): Uint8Array {
  const textBytes = utf8(text);
  let size = textBytes.length + 1;
  for (const tlv of tlvs) size += TLV_HEADER_BYTES + tlv.value.length;
  const writer = new Writer(size).raw(textBytes).u8(0);
  for (const tlv of tlvs) writer.u16(tlv.type).u16(tlv.value.length).raw(tlv.value);
  return writer.finish();
}

/**
 * The lenient inverse: an incomplete TLV ends the list and the rest is kept, as the draft demands. Values are views into
 * `bytes`.
 */
export function decodePlaintext(bytes: Uint8Array, limits: Limits): Plaintext {
  const nul = bytes.indexOf(0);
  if (nul === -1) return { text: fromUtf8(bytes), tlvs: [], corrupted: false };
  const tlvs: Tlv[] = [];
  let at = nul + 1;
  while (at + TLV_HEADER_BYTES <= bytes.length && tlvs.length < limits.tlvs) {
    const type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    const end = at + TLV_HEADER_BYTES + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
    if (end > bytes.length) break;
    tlvs.push({ type, value: bytes.subarray(at + TLV_HEADER_BYTES, end) });
    at = end;
  }
  return { text: fromUtf8(bytes.subarray(0, nul)), tlvs, corrupted: at !== bytes.length };
}

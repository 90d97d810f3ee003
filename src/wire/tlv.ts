// TLVs: the plaintext of a data message, text and records (spec/03, "Plaintext"; draft "TLV Record Types").
import { fromUtf8 } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";

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
const encoder = new TextEncoder();

/**
 * ```text
 *  0            t      t + 1
 * +------------+------+------+--------+-------+----
 * | text       |  00  | type | length | value | …
 * | UTF-8      |  u8  | u16  | u16    |       |
 * +------------+------+------+--------+-------+----
 * ```
 *
 * The zero byte is written even when no TLV follows, as the recorded peers do.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when the text contains U+0000 (what follows it would be read as TLVs), or a
 *   TLV's type or length does not fit 16 bits.
 */
export function encodePlaintext(text: string, tlvs: readonly Tlv[]): Uint8Array {
  if (text.includes("\0")) {
    throw new SottovoceError("BAD_ARGUMENT", "A text cannot contain U+0000, which ends it. Nothing was sent.");
  }
  let tlvBytes = 0;
  for (const { type, value } of tlvs) {
    if (!isShort(type) || !isShort(value.length)) {
      throw new SottovoceError(
        "BAD_ARGUMENT",
        "A TLV has a type and a length of at most 65535 each. Nothing was sent.",
      );
    }
    tlvBytes += TLV_HEADER_BYTES + value.length;
  }
  // Room for the longest UTF-8 there can be: cheaper than measuring, and than encoding first and copying.
  const out = new Uint8Array(3 * text.length + 1 + tlvBytes);
  let at = encoder.encodeInto(text, out).written + 1;
  for (const { type, value } of tlvs) {
    out[at] = type >>> 8;
    out[at + 1] = type;
    out[at + 2] = value.length >>> 8;
    out[at + 3] = value.length;
    out.set(value, at + TLV_HEADER_BYTES);
    at += TLV_HEADER_BYTES + value.length;
  }
  return out.subarray(0, at);
}

/**
 * The lenient inverse: an incomplete TLV ends the list and the rest is kept, as the draft demands. Values are views
 * into `bytes`.
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

function isShort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff;
}

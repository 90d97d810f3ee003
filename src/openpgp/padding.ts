// Padding: the sizes that sealed content is brought to, inside the literal data (spec/05, "Padding").
import { concat, equalBytes, u32, utf8 } from "../bytes.ts";
import { accept, type Result, reject } from "../errors.ts";

/**
 * What every literal of ours begins with. RFC 3156 wants a MIME entity inside: an application that does not know us
 * then shows one opaque attachment instead of a screen of garbage.
 */
const PREAMBLE: Uint8Array = utf8("Content-Type: application/x.sottovoce\r\nContent-Transfer-Encoding: binary\r\n\r\n");
const HEADER_BYTES: number = PREAMBLE.length + 4;

const SMALLEST_CLASS = 2048;
const LAST_DOUBLING = 65_536;

/** The smallest size class, in bytes of literal data, that holds `bytes`. */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST_CLASS) return SMALLEST_CLASS;
  const doubled = 2 ** Math.ceil(Math.log2(bytes));
  if (doubled <= LAST_DOUBLING) return doubled;
  const step = doubled / 16;
  return Math.ceil(bytes / step) * step;
}

/** The largest size class that is at most `bytes`; 0 when even the smallest is larger. */
export function sizeClassWithin(bytes: number): number {
  if (bytes < SMALLEST_CLASS) return 0;
  const halved = 2 ** Math.floor(Math.log2(bytes));
  if (halved < LAST_DOUBLING) return halved;
  const step = halved / 8;
  return Math.floor(bytes / step) * step;
}

/** Bytes of content that a size class has room for. */
export function roomIn(size: number): number {
  return Math.max(0, size - HEADER_BYTES);
}

/** Preamble ‖ length (4 bytes) ‖ content ‖ zeros, as long as its size class. */
export function pad(content: Uint8Array): Uint8Array {
  const used = HEADER_BYTES + content.length;
  return concat(PREAMBLE, u32(content.length), content, new Uint8Array(sizeClass(used) - used));
}

/**
 * Takes the content out again.
 *
 * Rejections: `NOT_FOR_US` when the literal is not one of ours, `MALFORMED` when length or padding are wrong.
 */
export function unpad(literal: Uint8Array): Result<Uint8Array> {
  if (literal.length < HEADER_BYTES || !equalBytes(literal.subarray(0, PREAMBLE.length), PREAMBLE)) {
    return reject("NOT_FOR_US", "The OpenPGP message is not part of a secret chat.");
  }
  const length = new DataView(literal.buffer, literal.byteOffset + PREAMBLE.length, 4).getUint32(0);
  const end = HEADER_BYTES + length;
  if (end > literal.length) return reject("MALFORMED", "The content is longer than the literal data.");
  let padding = 0;
  for (const byte of literal.subarray(end)) padding |= byte;
  if (padding !== 0) return reject("MALFORMED", "The padding is not all zeros.");
  return accept(literal.slice(HEADER_BYTES, end));
}

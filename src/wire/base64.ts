// Base64 as it travels: padded, canonical, nothing else (spec/03, "Armor"; RFC 4648 section 4).

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 61;
const FOREIGN = 255;

/** Six bits → ASCII code. */
const ENCODE = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));

/** ASCII code → six bits. */
const DECODE = new Uint8Array(256).fill(FOREIGN);
for (let i = 0; i < 64; i++) DECODE[ENCODE[i] as number] = i;

// Characters are put together here and turned into a string at once: several times faster than appending to a string,
// and than a fresh buffer for each message. What it holds is about to be sent, so it is no secret.
const scratch = new Uint8Array(8192);
const CHUNK = (scratch.length / 4) * 3;
const ascii = new TextDecoder();

/** Base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let out = "";
  for (let at = 0; at < bytes.length; at += CHUNK) out += encodeChunk(bytes, at, Math.min(at + CHUNK, bytes.length));
  return out;
}

/**
 * Decodes the characters from `start` to `end`. `undefined` unless they are the one encoding of some bytes: padding
 * complete, no foreign characters, no stray bits under the padding.
 */
export function decodeBase64(text: string, start: number, end: number): Uint8Array | undefined {
  const length = end - start;
  if (length < 0 || length % 4 !== 0) return undefined;
  const padding = length === 0 || text.charCodeAt(end - 1) !== PAD ? 0 : text.charCodeAt(end - 2) !== PAD ? 1 : 2;
  const out = new Uint8Array((length / 4) * 3 - padding);
  const whole = padding === 0 ? end : end - 4;
  let at = 0;
  let seen = 0;
  for (let i = start; i < whole; i += 4) {
    const a = sixBits(text, i);
    const b = sixBits(text, i + 1);
    const c = sixBits(text, i + 2);
    const d = sixBits(text, i + 3);
    seen |= a | b | c | d;
    out[at++] = (a << 2) | (b >> 4);
    out[at++] = (b << 4) | (c >> 2);
    out[at++] = (c << 6) | d;
  }
  if (padding !== 0) {
    const a = sixBits(text, whole);
    const b = sixBits(text, whole + 1);
    const c = padding === 1 ? sixBits(text, whole + 2) : 0;
    seen |= a | b | c;
    if ((padding === 1 ? c & 3 : b & 15) !== 0) return undefined;
    out[at++] = (a << 2) | (b >> 4);
    if (padding === 1) out[at] = (b << 4) | (c >> 2);
  }
  return seen < 64 ? out : undefined;
}

function encodeChunk(bytes: Uint8Array, start: number, end: number): string {
  const whole = end - ((end - start) % 3);
  let at = 0;
  for (let i = start; i < whole; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    scratch[at++] = ENCODE[group >> 18] as number;
    scratch[at++] = ENCODE[(group >> 12) & 63] as number;
    scratch[at++] = ENCODE[(group >> 6) & 63] as number;
    scratch[at++] = ENCODE[group & 63] as number;
  }
  if (whole < end) {
    const two = end - whole === 2;
    const group = ((bytes[whole] as number) << 16) | (two ? (bytes[whole + 1] as number) << 8 : 0);
    scratch[at++] = ENCODE[group >> 18] as number;
    scratch[at++] = ENCODE[(group >> 12) & 63] as number;
    scratch[at++] = two ? (ENCODE[(group >> 6) & 63] as number) : PAD;
    scratch[at++] = PAD;
  }
  return ascii.decode(scratch.subarray(0, at));
}

function sixBits(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code > 255 ? FOREIGN : (DECODE[code] as number);
}

// Base64 as it travels: padded, canonical, nothing else (spec/03, "Armor"; RFC 4648 section 4).

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 61;

/** ASCII code → six bits; 255 for what is foreign. */
const DECODE = new Uint8Array(256).fill(255);
for (let i = 0; i < 64; i++) DECODE[ALPHABET.charCodeAt(i)] = i;

/** Twelve bits → two characters. */
const PAIRS: readonly string[] = Array.from(
  { length: 4096 },
  (_, i) => ALPHABET.charAt(i >> 6) + ALPHABET.charAt(i & 63),
);

/** Base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 3);
  let out = "";
  for (let i = 0; i < whole; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    out += (PAIRS[group >> 12] as string) + (PAIRS[group & 4095] as string);
  }
  const rest = bytes.length - whole;
  if (rest === 1) out += `${PAIRS[(bytes[whole] as number) << 4]}==`;
  if (rest === 2) {
    const group = ((bytes[whole] as number) << 10) | ((bytes[whole + 1] as number) << 2);
    out += `${PAIRS[group >> 6]}${ALPHABET.charAt(group & 63)}=`;
  }
  return out;
}

/**
 * Decodes the characters from `start` to `end`. `undefined` unless they are the one encoding of some bytes: padding
 * complete, no foreign characters, no stray bits under the padding.
 */
export function decodeBase64(text: string, start: number, end: number): Uint8Array | undefined {
  const length = end - start;
  if (length < 0 || length % 4 !== 0) return undefined;
  if (length === 0) return new Uint8Array(0);
  const padding = text.charCodeAt(end - 1) !== PAD ? 0 : text.charCodeAt(end - 2) !== PAD ? 1 : 2;
  const out = new Uint8Array((length / 4) * 3 - padding);
  const whole = padding === 0 ? end : end - 4;
  let at = 0;
  let foreign = 0;
  for (let i = start; i < whole; i += 4) {
    const a = sixBits(text, i);
    const b = sixBits(text, i + 1);
    const c = sixBits(text, i + 2);
    const d = sixBits(text, i + 3);
    foreign |= a | b | c | d;
    out[at++] = (a << 2) | (b >> 4);
    out[at++] = (b << 4) | (c >> 2);
    out[at++] = (c << 6) | d;
  }
  if (padding > 0) {
    const a = sixBits(text, whole);
    const b = sixBits(text, whole + 1);
    const c = padding === 1 ? sixBits(text, whole + 2) : 0;
    foreign |= a | b | c;
    out[at++] = (a << 2) | (b >> 4);
    if (padding === 1) out[at++] = (b << 4) | (c >> 2);
    if ((padding === 1 ? c & 3 : b & 15) !== 0) return undefined;
  }
  return foreign > 63 ? undefined : out;
}

function sixBits(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code > 255 ? 255 : (DECODE[code] as number);
}

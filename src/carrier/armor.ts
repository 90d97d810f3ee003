// ASCII armor: a binary OpenPGP message as lines of text, and back (spec/06, "Armor"; RFC 9580 section 6).
import { accept, type Result, reject } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "../wire/base64.ts";

const BEGIN = "-----BEGIN PGP MESSAGE-----";
const END = "-----END PGP MESSAGE-----";
const COLUMNS = 64;
const MAX_HEADERS = 16;

/**
 * Armors a message: no headers, lines of 64 characters ended by CRLF. The checksum is there for GnuPG 2.2, which loses
 * its way without, and is not there where RFC 9580 forbids it, after encrypted data of version 2.
 */
export function armorMessage(bytes: Uint8Array): string {
  const base64 = encodeBase64(bytes);
  const lines = [BEGIN, ""];
  for (let i = 0; i < base64.length; i += COLUMNS) lines.push(base64.slice(i, i + COLUMNS));
  if (!endsInVersion2(bytes)) lines.push(`=${encodeBase64(crc24(bytes))}`);
  lines.push(END, "");
  return lines.join("\r\n");
}

/**
 * Takes the armor off. Headers and a checksum are passed over, as RFC 9580 asks; anything else around or inside the
 * message is refused.
 *
 * Rejection: `MALFORMED`.
 */
export function dearmorMessage(text: string): Result<Uint8Array> {
  const lines = text.trim().split(/\r?\n/);
  if (lines[0]?.trimEnd() !== BEGIN || lines.at(-1)?.trimEnd() !== END) {
    return reject("MALFORMED", "The armor does not begin and end as an OpenPGP message's does.");
  }
  const blank = lines.findIndex((line) => line.trim() === "");
  const headers = lines.slice(1, Math.max(1, blank));
  if (blank < 1 || headers.length > MAX_HEADERS || !headers.every((line) => /^[A-Za-z][A-Za-z-]*: /.test(line))) {
    return reject("MALFORMED", "The headers of the armor are not ended by an empty line.");
  }
  const body = lines.slice(blank + 1, -1).map((line) => line.trimEnd());
  if (/^=[A-Za-z0-9+/]{4}$/.test(body.at(-1) ?? "")) body.pop();
  const base64 = body.join("");
  const bytes = decodeBase64(base64, 0, base64.length);
  if (bytes === undefined || bytes.length === 0) return reject("MALFORMED", "The armor holds no proper base64.");
  return accept(bytes);
}

const NEW_FORMAT = 0xc0;
const ENCRYPTED_DATA = 18;

/** Whether this is encrypted data of version 2 after its session keys, with the packet headers that sealing writes. */
function endsInVersion2(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 6 <= bytes.length; ) {
    const tag = view.getUint8(at);
    const first = view.getUint8(at + 1);
    const partial = first >= 224 && first < 255;
    const header = first === 255 ? 6 : first < 192 || partial ? 2 : 3;
    if (tag === NEW_FORMAT + ENCRYPTED_DATA) return bytes[at + header] === 2;
    if (tag < NEW_FORMAT || partial) return false;
    const length = header === 6 ? view.getUint32(at + 2) : header === 2 ? first : view.getUint16(at + 1) - 48_960;
    at += header + length;
  }
  return false;
}

/** RFC 9580 section 6.1: three bytes. */
function crc24(bytes: Uint8Array): Uint8Array {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let i = 0; i < 8; i++) crc = (crc << 1) ^ (crc & 0x800000 ? 0x1864cfb : 0);
  }
  return Uint8Array.of((crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff);
}

// ASCII armor: a binary OpenPGP message as text lines, and back (spec/06, "Armor"; RFC 9580 section 6).
import { accept, type Result, reject } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "../wire/base64.ts";

const BEGIN = "-----BEGIN PGP MESSAGE-----";
const END = "-----END PGP MESSAGE-----";
const COLUMNS = 64;
const MAX_HEADERS = 16;

/**
 * Armors a message: no headers, lines of 64 characters ended by CRLF, no checksum (RFC 9580 forbids one after version 2
 * encrypted data and needs none anywhere).
 */
export function armorMessage(bytes: Uint8Array): string {
  const base64 = encodeBase64(bytes);
  const lines = [BEGIN, ""];
  for (let i = 0; i < base64.length; i += COLUMNS) lines.push(base64.slice(i, i + COLUMNS));
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
  const headers = lines.slice(1, blank);
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

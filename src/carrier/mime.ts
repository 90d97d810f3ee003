// PGP/MIME: one encrypted message as one mail, with as few headers as can be (spec/06, "Mail"; RFC 3156 section 4).
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { armorMessage, dearmorMessage } from "./armor.ts";
import { type Entity, parameters, parseEntity, splitMultipart } from "./entity.ts";

/** A mail to be written. */
export interface OutgoingMail {
  /** Bare addresses, `local@domain`, ASCII. */
  readonly from: string;
  readonly to: string;
  /** Seconds since 1970. */
  readonly date: number;
  /** 1 to 128 letters, digits, `_` and `-`: the left side of the Message-ID. Must say nothing about the chat. */
  readonly id: string;
  /** A binary OpenPGP message. */
  readonly bytes: Uint8Array;
}

/** What a mail that arrived says. All of it but `bytes` is forgeable. */
export interface IncomingMail {
  readonly from: string;
  readonly to: string;
  /** The Message-ID without its angle brackets; empty when there is none. */
  readonly messageId: string;
  /** A binary OpenPGP message: nothing is known of it yet. */
  readonly bytes: Uint8Array;
}

const ADDRESS = /^[!#-'*+\-/-9=?A-Z^-~.]+@[A-Za-z0-9.[\]:-]+$/;
const ID = /^[A-Za-z0-9_-]{1,128}$/;
const MAX_ADDRESS = 320;

/**
 * Writes a mail: From, To, Date (in UTC), Message-ID, a Subject of three dots, and the two parts of RFC 3156.
 *
 * @throws SottovoceError `BAD_ARGUMENT` for an address or id that cannot stand in a header as it is.
 */
export function formatMail(mail: OutgoingMail): string {
  for (const address of [mail.from, mail.to]) {
    if (address.length > MAX_ADDRESS || !ADDRESS.test(address)) {
      throw new SottovoceError(
        "BAD_ARGUMENT",
        `Not a bare mail address: ${JSON.stringify(address)}; no mail was made.`,
      );
    }
  }
  if (!ID.test(mail.id)) {
    throw new SottovoceError("BAD_ARGUMENT", "A mail's id has 1 to 128 letters, digits, - and _; no mail was made.");
  }
  const domain = mail.from.slice(mail.from.lastIndexOf("@") + 1);
  const boundary = boundaryFor(mail.id);
  return [
    `From: <${mail.from}>`,
    `To: <${mail.to}>`,
    `Date: ${new Date(mail.date * 1000).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${mail.id}@${domain}>`,
    "Subject: ...",
    "MIME-Version: 1.0",
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
    ` boundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: application/pgp-encrypted",
    "",
    "Version: 1",
    "",
    `--${boundary}`,
    "Content-Type: application/octet-stream",
    "",
    `${armorMessage(mail.bytes)}`,
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

/**
 * Reads a mail of the form that {@link formatMail} writes, with whatever headers transport has added.
 *
 * Rejections: `TOO_LARGE`, `NOT_FOR_US` for a mail of another form, `MALFORMED` for a broken one.
 */
export function parseMail(bytes: Uint8Array, limits: Limits): Result<IncomingMail> {
  // Armor and headers make a mail at most half as large again as the message in it, and then some.
  if (bytes.length > 2 * limits.openpgpBytes) return reject("TOO_LARGE", "The mail is larger than the limits allow.");
  const mail = parseEntity(new TextDecoder("latin1").decode(bytes));
  if (!mail.ok) return mail;
  const type = parameters(mail.value.header("content-type"));
  if (type?.value !== "multipart/encrypted" || type.get("protocol")?.toLowerCase() !== "application/pgp-encrypted") {
    return reject("NOT_FOR_US", "The mail is no PGP/MIME encrypted mail.");
  }
  const parts = splitMultipart(mail.value.body, type.get("boundary"));
  if (!parts.ok) return parts;
  const message = readParts(parts.value);
  if (!message.ok) return message;
  if (message.value.length > limits.openpgpBytes) {
    return reject("TOO_LARGE", "The OpenPGP message in the mail is larger than the limits allow.");
  }
  return accept({
    from: addressIn(mail.value.header("from")),
    to: addressIn(mail.value.header("to")),
    messageId: /<([^<>\s]*)>/.exec(mail.value.header("message-id"))?.[1] ?? "",
    bytes: message.value,
  });
}

function readParts(parts: readonly Entity[]): Result<Uint8Array> {
  const [version, content, ...more] = parts;
  if (version === undefined || content === undefined || more.length > 0) {
    return reject("MALFORMED", "An encrypted mail has exactly two parts.");
  }
  const types = parts.map((part) => parameters(part.header("content-type"))?.value);
  if (types[0] !== "application/pgp-encrypted" || types[1] !== "application/octet-stream") {
    return reject("MALFORMED", "The parts of the encrypted mail are not of the types they must be.");
  }
  if (!/^version: *1$/i.test(version.body.trim())) {
    return reject("MALFORMED", "The first part of the encrypted mail does not say Version: 1.");
  }
  if (!/^(?:7bit|8bit|binary|)$/i.test(content.header("content-transfer-encoding").trim())) {
    return reject("MALFORMED", "The encrypted part has a transfer encoding, which RFC 3156 does not allow.");
  }
  return dearmorMessage(content.body);
}

/** The last address of a header: in angle brackets, or the whole of it. */
function addressIn(header: string): string {
  return (/<([^<>]*)>\s*$/.exec(header)?.[1] ?? header).trim();
}

/** No line of armor begins with two dashes and a dot. */
function boundaryFor(id: string): string {
  return `.${id.slice(0, 60)}.`;
}

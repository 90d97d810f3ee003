// The envelope: what travels inside one OpenPGP message of a secret chat (spec/05, "Envelope").
import { concat, fromUtf8, utf8 } from "../bytes.ts";
import { type Result, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { isInstanceTag } from "../wire/header.ts";
import { decoding, Reader, refuse } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";

/** The version of the layout, first byte of every envelope. */
export const ENVELOPE_VERSION = 1;
/** Bytes of a chat id. */
export const CHAT_ID_BYTES = 16;

interface Common {
  /** 16 random bytes, chosen by the inviter. */
  readonly chatId: Uint8Array;
}

/** "Shall we?": to all devices of the peer. */
export interface Invitation extends Common {
  readonly kind: "invitation";
  /** Seconds since 1970, after which the invitation is not shown and not answered. */
  readonly expires: bigint;
  /** The inviter's attestation, as in spec/05, "Attestation". */
  readonly attestation: Uint8Array;
  /** An Identity message with receiver tag 0, in its text form. */
  readonly otr: string;
}

/** "Yes", by one device. */
export interface Acceptance extends Common {
  readonly kind: "acceptance";
  readonly attestation: Uint8Array;
  /** An Auth-R message, in its text form. */
  readonly otr: string;
}

/** Any later OTR message, fragment or OTR error message, in its text form. */
export interface Carried extends Common {
  readonly kind: "message";
  readonly otr: string;
}

/** "No", perhaps: forgeable, so it may be shown and never ends anything by itself. */
export interface Decline extends Common {
  readonly kind: "decline";
  readonly reason: DeclineReason;
}

/** "Never mind", perhaps: forgeable like a decline. */
export interface Withdrawal extends Common {
  readonly kind: "withdrawal";
}

/** To one's own other devices: the invitation was accepted on the device of this instance tag. */
export interface Elsewhere extends Common {
  readonly kind: "elsewhere";
  readonly instanceTag: number;
  /** What authenticates the note under a key that one's own devices share: 1 to 255 bytes, not interpreted here. */
  readonly proof: Uint8Array;
}

/** Why a peer says that it declines: no reason, the user's choice, no common version, or not able to now. */
export type DeclineReason = "none" | "user" | "version" | "busy";

export type Envelope = Invitation | Acceptance | Carried | Decline | Withdrawal | Elsewhere;

const kinds = { invitation: 1, acceptance: 2, message: 3, decline: 4, withdrawal: 5, elsewhere: 6 } as const;
const field = { attestation: 1, otr: 2, expires: 3, reason: 4, instanceTag: 5, proof: 6 } as const;
const reasons: readonly DeclineReason[] = ["none", "user", "version", "busy"];

const MAX_FIELDS = 32;
const MAX_PROOF_BYTES = 255;
const FIELD_HEADER_BYTES = 6;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/**
 * Encodes an envelope.
 *
 * ```text
 *  0         1      2         18
 * +---------+------+---------+--------------------------------------------+
 * | version | kind | chat id | fields: type (u16) ‖ length (u32) ‖ value  |
 * | u8 = 1  | u8   | 16      | in ascending order of type                 |
 * +---------+------+---------+--------------------------------------------+
 * ```
 *
 * @throws SottovoceError `BAD_ARGUMENT` when a member is out of range (for example a chat id not of 16 bytes).
 */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const { kind, chatId } = envelope;
  const fields: Uint8Array[] = [];
  const put = (type: number, value: Uint8Array): void => {
    fields.push(new Writer(FIELD_HEADER_BYTES + value.length).u16(type).u32(value.length).raw(value).finish());
  };
  if ("attestation" in envelope) put(field.attestation, envelope.attestation);
  if ("otr" in envelope) put(field.otr, otrBytes(envelope.otr));
  if (kind === "invitation") put(field.expires, new Writer(8).i64(envelope.expires).finish());
  if (kind === "decline") {
    demand(reasons.includes(envelope.reason), "a reason is one of none, user, version, busy");
    put(field.reason, Uint8Array.of(reasons.indexOf(envelope.reason)));
  }
  if (kind === "elsewhere") {
    const { instanceTag, proof } = envelope;
    demand(isInstanceTag(instanceTag), "an instance tag is a number from 0x100 to 0xffffffff");
    demand(proof.length > 0 && proof.length <= MAX_PROOF_BYTES, "a proof has 1 to 255 bytes");
    put(field.instanceTag, new Writer(4).u32(instanceTag).finish());
    put(field.proof, proof);
  }
  const header = new Writer(2 + CHAT_ID_BYTES).u8(ENVELOPE_VERSION).u8(kinds[kind]).fixed(chatId, CHAT_ID_BYTES);
  return concat(header.finish(), ...fields);
}

/**
 * Reads an envelope. Fields may come in any order; unknown ones, and known ones of other kinds, are ignored; missing,
 * repeated and ill-formed ones are not.
 *
 * Rejections: `UNSUPPORTED_VERSION`, `UNSUPPORTED_TYPE` for an unknown kind, `TOO_LARGE`, `MALFORMED`.
 */
export function decodeEnvelope(bytes: Uint8Array, limits: Limits): Result<Envelope> {
  return decoding(bytes, (reader) => {
    if (bytes.length > limits.openpgpPlainBytes) refuse("TOO_LARGE", `An envelope of ${bytes.length} bytes.`);
    const version = reader.u8();
    if (version !== ENVELOPE_VERSION) refuse("UNSUPPORTED_VERSION", `An envelope of version ${version}.`);
    const kind = reader.u8();
    const chatId = reader.take(CHAT_ID_BYTES).slice();
    return assemble(kind, chatId, readFields(reader), limits);
  });
}

type Fields = ReadonlyMap<number, Uint8Array>;

function readFields(reader: Reader): Fields {
  const fields = new Map<number, Uint8Array>();
  while (reader.remaining() > 0) {
    if (fields.size === MAX_FIELDS) refuse("TOO_LARGE", `An envelope of more than ${MAX_FIELDS} fields.`);
    const type = reader.u16();
    if (fields.has(type)) refuse("MALFORMED", `Field ${type} of the envelope is there twice.`);
    fields.set(type, reader.data().slice());
  }
  return fields;
}

function assemble(kind: number, chatId: Uint8Array, fields: Fields, limits: Limits): Envelope {
  switch (kind) {
    case kinds.invitation: {
      const expires = new Reader(need(fields, field.expires, 8, 8)).i64();
      const attestation = need(fields, field.attestation);
      return { kind: "invitation", chatId, expires, attestation, otr: otrText(fields, limits) };
    }
    case kinds.acceptance:
      return {
        kind: "acceptance",
        chatId,
        attestation: need(fields, field.attestation),
        otr: otrText(fields, limits),
      };
    case kinds.message:
      return { kind: "message", chatId, otr: otrText(fields, limits) };
    case kinds.decline: {
      const code = need(fields, field.reason, 1, 1)[0] as number;
      return { kind: "decline", chatId, reason: reasons[code] ?? "none" };
    }
    case kinds.withdrawal:
      return { kind: "withdrawal", chatId };
    case kinds.elsewhere: {
      const instanceTag = new Reader(need(fields, field.instanceTag, 4, 4)).u32();
      if (!isInstanceTag(instanceTag)) refuse("WRONG_TAG", "The instance tag in the envelope is below 0x100.");
      return { kind: "elsewhere", chatId, instanceTag, proof: need(fields, field.proof, 1, MAX_PROOF_BYTES) };
    }
    default:
      return refuse("UNSUPPORTED_TYPE", `An envelope of kind ${kind}.`);
  }
}

function need(fields: Fields, type: number, min = 0, max: number = Number.POSITIVE_INFINITY): Uint8Array {
  const value = fields.get(type);
  if (value === undefined) return refuse("MALFORMED", `Field ${type} of the envelope is missing.`);
  if (value.length < min || value.length > max) refuse("MALFORMED", `Field ${type} has ${value.length} bytes.`);
  return value;
}

/** UTF-8 in general, because error messages carry words. */
function otrText(fields: Fields, limits: Limits): string {
  const text = fromUtf8(need(fields, field.otr));
  if (text.length > limits.messageChars) refuse("TOO_LARGE", `An OTR message of ${text.length} characters.`);
  if (!text.startsWith("?OTR")) refuse("MALFORMED", "What the envelope carries is no OTR message.");
  return text;
}

function otrBytes(text: string): Uint8Array {
  demand(text.startsWith("?OTR"), "an OTR message in its text form starts with ?OTR");
  demand(!LONE_SURROGATE.test(text), "a text has no lone surrogates");
  return utf8(text);
}

function demand(condition: boolean, rule: string): void {
  if (!condition) throw new SottovoceError("BAD_ARGUMENT", `The envelope was not encoded: ${rule}.`);
}

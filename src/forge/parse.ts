// Parse: every field of any OTR message, by name (spec/10, "Parsing"; draft "Forging Transcripts", Parse).
import { toHex } from "../bytes.ts";
import type { Suite } from "../crypto/suite.ts";
import { accept, type Result } from "../errors.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import { fingerprint } from "../profile/fingerprint.ts";
import { type Incoming, parseIncoming } from "../wire/armor.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import { IGNORE_UNREADABLE } from "../wire/data-message.ts";
import type { IdentityMessage } from "../wire/identity-message.ts";
import { decodeMessage, type Header, type Message, messageType } from "../wire/messages.ts";

/**
 * Bytes and tags are lower-case hexadecimal, numbers that may exceed 2^53 decimal strings. Goes through JSON
 * unchanged.
 */
export type FieldValue = string | number | boolean | readonly FieldValue[] | Fields;

/** Fields in the order in which they travel. */
export interface Fields {
  readonly [name: string]: FieldValue;
}

export interface Parsed {
  /** What the text is: one of OTR's messages, or what else may come in its place. */
  readonly kind: Message["kind"] | Exclude<Incoming["kind"], "message">;
  readonly fields: Fields;
}

/**
 * Parses one text as it travels. Nothing is verified, and nothing needs a key: whoever carries messages sees all of
 * this.
 * Rejections: those of the decoders.
 */
export function parse(suite: Suite, text: string, limits: Limits = defaultLimits): Result<Parsed> {
  const incoming = parseIncoming(text, limits);
  if (!incoming.ok) return incoming;
  const { value } = incoming;
  switch (value.kind) {
    case "message": {
      const message = decodeMessage(value.bytes, limits);
      return message.ok ? accept(parsedMessage(suite, message.value)) : message;
    }
    case "fragment": {
      const { identifier, senderTag, receiverTag, index, total, piece } = value.fragment;
      const tags = { senderTag: hex32(senderTag), receiverTag: hex32(receiverTag) };
      return accept({ kind: value.kind, fields: { identifier: hex32(identifier), ...tags, index, total, piece } });
    }
    case "error":
      return accept({ kind: value.kind, fields: { code: value.code ?? "none", text: value.text } });
    case "query":
    case "tagged":
      return accept({ kind: value.kind, fields: { versions: value.versions, text: value.text } });
    case "plain":
      return accept({ kind: value.kind, fields: { text: value.text } });
  }
}

function parsedMessage(suite: Suite, message: Message): Parsed {
  return { kind: message.kind, fields: fieldsOf(suite, message) };
}

function fieldsOf(suite: Suite, message: Message): Fields {
  switch (message.kind) {
    case "identity":
      return {
        ...header(messageType.identity, message),
        clientProfile: profileFields(suite, message.profile),
        ecdhKey: toHex(message.ecdh),
        dhKey: toHex(message.dh),
        ...firstKeys(message),
      };
    case "auth-r":
      return {
        ...header(messageType.authR, message),
        clientProfile: profileFields(suite, message.profile),
        ecdhKey: toHex(message.ecdh),
        dhKey: toHex(message.dh),
        ringSignature: ringFields(message.ringSignature),
        ...firstKeys(message),
      };
    case "auth-i":
      return { ...header(messageType.authI, message), ringSignature: ringFields(message.ringSignature) };
    case "data":
      return {
        ...header(messageType.data, message),
        flags: message.flags,
        ignoreUnreadable: (message.flags & IGNORE_UNREADABLE) !== 0,
        previousCount: message.previousCount,
        ratchetId: message.ratchetId,
        messageId: message.messageId,
        ecdhKey: toHex(message.ecdh),
        dhKey: toHex(message.dh),
        ciphertext: toHex(message.ciphertext),
        authenticator: toHex(message.mac),
        revealedMacKeys: message.revealed.map(toHex),
      };
  }
}

function header(type: number, { senderTag, receiverTag }: Header): Fields {
  return { version: 4, type, senderTag: hex32(senderTag), receiverTag: hex32(receiverTag) };
}

function firstKeys({ firstEcdh, firstDh }: Pick<IdentityMessage, "firstEcdh" | "firstDh">): Fields {
  return { firstEcdhKey: toHex(firstEcdh), firstDhKey: toHex(firstDh) };
}

function profileFields(suite: Suite, profile: ClientProfile): Fields {
  const { instanceTag, publicKey, forgingKey, versions, expires, dsaKey, transitionalSignature, signature } = profile;
  return {
    instanceTag: hex32(instanceTag),
    publicKey: toHex(publicKey),
    forgingKey: toHex(forgingKey),
    versions,
    expires: expires.toString(),
    ...(dsaKey === undefined ? {} : { dsaKey: toHex(dsaKey) }),
    ...(transitionalSignature === undefined ? {} : { transitionalSignature: toHex(transitionalSignature) }),
    signature: toHex(signature),
    fingerprint: toHex(fingerprint(suite, publicKey, forgingKey)),
  };
}

const SCALARS = ["c1", "r1", "c2", "r2", "c3", "r3"] as const;

/** c1 ‖ r1 ‖ c2 ‖ r2 ‖ c3 ‖ r3, 57 bytes each, little-endian as they travel. */
function ringFields(signature: Uint8Array): Fields {
  return Object.fromEntries(SCALARS.map((name, i) => [name, toHex(signature.subarray(57 * i, 57 * (i + 1)))]));
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}

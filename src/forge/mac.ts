// MAC keys: shown, tried, used again (spec/10, "MAC keys"; draft "Forging Transcripts", Show MAC Key and ReMAC
// Message).
import { equalBytes, wipe } from "../bytes.ts";
import { authenticate } from "../crypto/cipher.ts";
import type { Suite } from "../crypto/suite.ts";
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import { type ChainKey, type MacKey, type MessageKey, macKey, messageKey } from "../ratchet/keys.ts";
import { walk } from "../ratchet/skipped.ts";
import { armor, parseIncoming } from "../wire/armor.ts";
import { type DataMessage, encodeDataMessage, encodeSections } from "../wire/data-message.ts";
import { decodeMessage } from "../wire/messages.ts";

/**
 * Show MAC Key: the 64-byte MAC key that belongs to a 64-byte message key. Who has only the MAC key cannot go back to
 * the message key: revealing it opens nothing.
 *
 * @throws SottovoceError `BAD_ARGUMENT` for another length.
 */
export function showMacKey(suite: Suite, key: Uint8Array): MacKey {
  return macKey(suite, sized(key, "A message key") as MessageKey);
}

/**
 * The keys of one message from a chain key (64 bytes) of its ratchet: that of message number `from`, by default the
 * message's own. Rejections: `NO_KEY` (the chain key is of a later message), `TOO_MANY_SKIPPED`.
 *
 * @throws SottovoceError `BAD_ARGUMENT` for another length.
 */
export function keysFromChain(
  suite: Suite,
  chainKey: Uint8Array,
  messageId: number,
  from: number = messageId,
  limits: Limits = defaultLimits,
): Result<{ readonly messageKey: MessageKey; readonly macKey: MacKey }> {
  sized(chainKey, "A chain key");
  if (messageId < from) return reject("NO_KEY", "a chain key gives no keys of earlier messages");
  if (messageId - from > limits.maxSkip) return reject("TOO_MANY_SKIPPED", "too many messages between key and message");
  const walked = walk(suite, { number: 0, chainKey: chainKey as ChainKey, count: from }, messageId);
  const key = messageKey(suite, walked.chainKey);
  wipe(...walked.derived);
  return accept({ messageKey: key, macKey: macKey(suite, key) });
}

/** Whether this MAC key verifies this message. */
export function verifies(suite: Suite, message: DataMessage, key: Uint8Array): boolean {
  return equalBytes(authenticate(suite, key, message.sections), message.mac);
}

/** The first of these MAC keys that verifies the message: how a revealed key finds its message. */
export function findMacKey(suite: Suite, message: DataMessage, keys: readonly Uint8Array[]): Uint8Array | undefined {
  return keys.find((key) => verifies(suite, message, key));
}

/**
 * ReMAC: the message with its fields as they are now and a new authenticator, so that it verifies under this MAC key.
 * Change any field of a decoded message and pass it in; `sections` and `mac` are made anew. Nothing is decrypted.
 *
 * What it shows: who has a MAC key makes valid messages. Once it is revealed, that is everybody.
 *
 * @throws SottovoceError `BAD_ARGUMENT` for a MAC key that is not 64 bytes, or fields that cannot be encoded.
 */
export function remac(suite: Suite, message: DataMessage, key: Uint8Array): DataMessage {
  sized(key, "A MAC key");
  const sections = encodeSections(message);
  return { ...message, sections, mac: authenticate(suite, key, sections) };
}

/** A data message out of its armor. Rejections: those of the decoders, `UNSUPPORTED_TYPE` for anything else. */
export function readDataMessage(text: string, limits: Limits = defaultLimits): Result<DataMessage> {
  const incoming = parseIncoming(text, limits);
  if (!incoming.ok) return incoming;
  if (incoming.value.kind !== "message") return reject("UNSUPPORTED_TYPE", "not a whole OTR message");
  const decoded = decodeMessage(incoming.value.bytes, limits);
  if (!decoded.ok) return decoded;
  return decoded.value.kind === "data" ? accept(decoded.value) : reject("UNSUPPORTED_TYPE", "not a data message");
}

/** The message as it travels. */
export function armorDataMessage({ sections, mac, revealed }: DataMessage): string {
  return armor(encodeDataMessage(sections, mac, revealed));
}

const KEY_BYTES = 64;

function sized(key: Uint8Array, what: string): Uint8Array {
  if (key.length !== KEY_BYTES) {
    throw new SottovoceError("BAD_ARGUMENT", `${what} is 64 bytes, not ${key.length}; nothing was made.`);
  }
  return key;
}

// Other words in a data message: by known text, or by chain key (spec/10, "Altering a message"; draft
// "Forging Transcripts", Modify Data Message and Read and Forge Data Message, and "Modify an Encrypted Data Message").
import { utf8 } from "../bytes.ts";
import { encrypt } from "../crypto/cipher.ts";
import type { Suite } from "../crypto/suite.ts";
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import type { MacKey, MessageKey } from "../ratchet/keys.ts";
import type { DataMessage } from "../wire/data-message.ts";
import { decodePlaintext, encodePlaintext, type Plaintext, type Tlv } from "../wire/tlv.ts";
import { armorDataMessage, findMacKey, keysFromChain, readDataMessage, remac, verifies } from "./mac.ts";

/** Text that stands, or is guessed to stand, somewhere in a message, and what shall stand there. */
export interface Change {
  /** Bytes from the beginning of the message; 0 unless given. */
  readonly offset?: number;
  readonly known: string;
  /** As many bytes of UTF-8 as `known`, and no U+0000. */
  readonly replacement: string;
}

/**
 * Modify: replaces known text in a message whose key nobody has, by xor, and authenticates it with the MAC key that was
 * revealed for it. If the guess is wrong, the message is as valid and says something else.
 *
 * What it shows: a message and the MAC keys revealed later prove no wording, not even to somebody who can decrypt it.
 *
 * @throws SottovoceError `BAD_ARGUMENT` when the texts differ in length, do not fit, or the MAC key is not 64 bytes.
 */
export function modify(suite: Suite, message: DataMessage, change: Change, macKey: Uint8Array): DataMessage {
  const { offset = 0, known, replacement } = change;
  const before = utf8(known);
  const after = utf8(replacement);
  if (before.length !== after.length) {
    throw new SottovoceError(
      "BAD_ARGUMENT",
      `The known text has ${before.length} bytes and its replacement ${after.length}; they must be equally long.`,
    );
  }
  if (after.includes(0)) throw new SottovoceError("BAD_ARGUMENT", "A text cannot contain U+0000, which ends it.");
  if (!Number.isInteger(offset) || offset < 0 || offset + before.length > message.ciphertext.length) {
    throw new SottovoceError("BAD_ARGUMENT", "The text does not fit into the message at this offset.");
  }
  const ciphertext = message.ciphertext.slice();
  before.forEach((byte, i) => {
    ciphertext[offset + i] = (ciphertext[offset + i] as number) ^ byte ^ (after[i] as number);
  });
  return remac(suite, { ...message, ciphertext }, macKey);
}

/** A message altered with one of the revealed MAC keys. */
export interface Altered {
  readonly text: string;
  /** Which of the revealed keys verified the original, and verifies this one. */
  readonly macKey: Uint8Array;
}

/**
 * {@link modify} from text to text: finds among revealed MAC keys the one of this message and alters it. Anyone who
 * saw the conversation pass can do that. Rejections: those of the decoders; `NO_KEY` when none of the keys verifies
 * the message.
 *
 * @throws SottovoceError `BAD_ARGUMENT` as {@link modify}.
 */
export function alterWithRevealedKey(
  suite: Suite,
  text: string,
  revealed: readonly Uint8Array[],
  change: Change,
  limits: Limits = defaultLimits,
): Result<Altered> {
  const message = readDataMessage(text, limits);
  if (!message.ok) return message;
  const macKey = findMacKey(suite, message.value, revealed);
  if (macKey === undefined) return reject("NO_KEY", "none of the revealed MAC keys verifies this message");
  return accept({ text: armorDataMessage(modify(suite, message.value, change, macKey)), macKey });
}

/** What a chain key gives. */
export interface ReadMessage {
  readonly plaintext: Plaintext;
  readonly messageKey: MessageKey;
  readonly macKey: MacKey;
  /** The message with the new text, when one was given. */
  readonly forged: DataMessage | undefined;
}

/**
 * Read and forge: decrypts a message with a chain key (64 bytes) of its ratchet, and, if `replacement` is given, puts
 * another text of any length in its place. `from`: the number of the message that the chain key belongs to; by default
 * this one's. TLVs stay unless others are given.
 *
 * What it shows: whoever can read a message can also have written it.
 *
 * Rejections: `BAD_MAC` (the chain key is of another ratchet or message), `NO_KEY`, `TOO_MANY_SKIPPED`.
 *
 * @throws SottovoceError `BAD_ARGUMENT` for a chain key of another length, or a text with U+0000.
 */
export function readAndForge(
  suite: Suite,
  message: DataMessage,
  chainKey: Uint8Array,
  options: {
    readonly from?: number;
    readonly replacement?: { readonly text: string; readonly tlvs?: readonly Tlv[] };
    readonly limits?: Limits;
  } = {},
): Result<ReadMessage> {
  const { from = message.messageId, replacement, limits = defaultLimits } = options;
  const keys = keysFromChain(suite, chainKey, message.messageId, from, limits);
  if (!keys.ok) return keys;
  const { messageKey, macKey } = keys.value;
  if (!verifies(suite, message, macKey)) return reject("BAD_MAC", "the chain key does not fit this message");
  const plaintext = decodePlaintext(encrypt(suite, messageKey, message.ciphertext), limits);
  const read = { plaintext, messageKey, macKey };
  if (replacement === undefined) return accept({ ...read, forged: undefined });
  const bytes = encodePlaintext(replacement.text, replacement.tlvs ?? plaintext.tlvs);
  const forged = remac(suite, { ...message, ciphertext: encrypt(suite, messageKey, bytes) }, macKey);
  return accept({ ...read, forged });
}

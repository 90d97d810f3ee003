// What a judge checks of data messages: ratchets, numbers, authenticators, revealed MAC keys (spec/10, "The verifier").
import { equalBytes } from "../bytes.ts";
import { encrypt } from "../crypto/cipher.ts";
import type { Suite } from "../crypto/suite.ts";
import { accept, type Rejection, type Result, reject } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { type ChainKey, macKey, messageKey, nextChainKey } from "../ratchet/keys.ts";
import { walk } from "../ratchet/skipped.ts";
import { hasDh, type RatchetNumber } from "../ratchet/state.ts";
import type { DataMessage } from "../wire/data-message.ts";
import { decodePlaintext, type Plaintext, tlvType } from "../wire/tlv.ts";
import type { Chains } from "./chains.ts";
import { type Entry, inMessage } from "./entry.ts";
import { verifies } from "./mac.ts";
import { otherRole, type Role, type Setting } from "./setting.ts";
import { checkTags, type JudgedHandshake } from "./verify-handshake.ts";

/** How far a data message was verified. */
export interface JudgedMessage {
  /** Its place in `transcript.messages`; of the last fragment, if it came in several. */
  readonly index: number;
  readonly from: Role;
  readonly ratchetId: number;
  readonly messageId: number;
  /** Its authenticator verifies under a key derived from the secrets that were handed over. */
  readonly underSecrets: boolean;
  /** Its authenticator verifies under a MAC key that a later message reveals. */
  readonly underRevealedKey: boolean;
  /** What it says, where secrets were handed over. */
  readonly plaintext: Plaintext | undefined;
}

/** What the data messages of a transcript say. */
export interface DataVerdict {
  readonly messages: readonly JudgedMessage[];
  /** Data messages which, by their numbers, were sent and are not here. */
  readonly missing: number;
  /** Revealed MAC keys that verify nothing here: of each side at most as many as messages of the other are missing. */
  readonly unmatchedKeys: number;
}

export interface DataCase {
  readonly suite: Suite;
  readonly limits: Limits;
  readonly setting: Setting;
  readonly handshake: JudgedHandshake;
  /** The chains that the secrets give; `undefined` without secrets. */
  readonly chains: Chains | undefined;
}

/** A sending ratchet of one side, as far as the transcript has shown it. */
interface Sending {
  readonly number: RatchetNumber;
  /** The first message of it that is here; the others carry the same keys and the same `pn`. */
  readonly first: DataMessage;
  /** The number that its next message may have, at least. */
  next: number;
  /** The chain key of message `next`. */
  chainKey: ChainKey | undefined;
}

interface Side {
  sending: Sending | undefined;
  missing: number;
  unmatched: number;
  closed: boolean;
  /** Messages whose MAC keys have not been revealed. */
  unrevealed: Seen[];
}

interface Seen {
  readonly message: DataMessage;
  readonly judged: { -readonly [K in keyof JudgedMessage]: JudgedMessage[K] };
}

/** Verifies everything after the handshake. */
export function verifyData(data: DataCase, entries: readonly Entry[]): Result<DataVerdict> {
  const sides: Record<Role, Side> = { initiator: emptySide(), responder: emptySide() };
  const messages: JudgedMessage[] = [];
  for (const { index, message } of entries) {
    if (message.kind !== "data")
      return inMessage(index, reject("UNEXPECTED", "a handshake message after the handshake"));
    const from = message.senderTag === data.setting.initiator.instanceTag ? "initiator" : "responder";
    const judged = judge(data, sides, from, message, index);
    if (!judged.ok) return inMessage(index, judged);
    messages.push(judged.value);
  }
  // Whether a message is missing may show only later, by the count in the next ratchet.
  if (Object.values(sides).some(({ missing, unmatched }) => unmatched > missing)) {
    return reject("BAD_MAC", "more MAC keys were revealed that verify no message than messages are missing");
  }
  const sum = (key: "missing" | "unmatched"): number => sides.initiator[key] + sides.responder[key];
  return accept({ messages, missing: sum("missing"), unmatchedKeys: sum("unmatched") });
}

function emptySide(): Side {
  return { sending: undefined, missing: 0, unmatched: 0, closed: false, unrevealed: [] };
}

function judge(
  data: DataCase,
  sides: Record<Role, Side>,
  from: Role,
  message: DataMessage,
  index: number,
): Result<JudgedMessage> {
  const side = sides[from];
  const misrouted = checkTags(data.setting, from, message);
  if (misrouted !== undefined) return misrouted;
  if (side.closed) return reject("UNEXPECTED", "its sender had closed the conversation");
  const sending = sendingOf(data, sides, from, message);
  if (!sending.ok) return sending;
  const plaintext = openWith(data, sending.value, message);
  if (!plaintext.ok) return plaintext;
  side.missing += message.messageId - sending.value.next;
  sending.value.next = message.messageId + 1;
  side.sending = sending.value;
  side.closed = plaintext.value?.tlvs.some(({ type }) => type === tlvType.disconnected) ?? false;

  const { ratchetId, messageId } = message;
  const underSecrets = plaintext.value !== undefined;
  const judged = {
    index,
    from,
    ratchetId,
    messageId,
    underSecrets,
    underRevealedKey: false,
    plaintext: plaintext.value,
  };
  const failure = matchRevealed(data, sides[otherRole(from)], message.revealed);
  if (failure !== undefined) return failure;
  side.unrevealed.push({ message, judged });
  return accept(judged);
}

/** The ratchet that a message belongs to: the one its sender speaks in, or the next. */
function sendingOf(data: DataCase, sides: Record<Role, Side>, from: Role, message: DataMessage): Result<Sending> {
  const number = from === "responder" && message.ratchetId === 0 ? -1 : message.ratchetId;
  const current = sides[from].sending;
  if (current?.number === number) {
    const { first, next } = current;
    if (message.messageId < next) return reject("DUPLICATE", "its number was used before, or stands out of order");
    if (message.messageId - next > data.limits.maxSkip)
      return reject("TOO_MANY_SKIPPED", "too many messages are missing");
    const same =
      equalBytes(message.ecdh, first.ecdh) &&
      equalBytes(message.dh, first.dh) &&
      message.previousCount === first.previousCount;
    return same ? accept(current) : reject("UNEXPECTED", "it carries other keys or counts than its ratchet");
  }
  return begin(data, sides, from, message, number);
}

function begin(
  data: DataCase,
  sides: Record<Role, Side>,
  from: Role,
  message: DataMessage,
  number: RatchetNumber,
): Result<Sending> {
  const { suite, limits, handshake, chains } = data;
  const current = sides[from].sending;
  const theirs = sides[otherRole(from)].sending;
  const turn = from === "initiator" ? number % 2 === 0 : number % 2 !== 0;
  // Ratchets −1 and 0 follow from the handshake; every later one answers the other side's newest.
  const answers = number <= 0 || theirs?.number === number - 1;
  if (!turn || !answers) {
    return reject("UNEXPECTED", "its ratchet is not its sender's, or not the next one");
  }
  const before = message.previousCount - (current?.next ?? 0);
  if (before < 0 || (number <= 0 && message.previousCount !== 0)) {
    return reject("UNEXPECTED", "its sender had sent more messages before than it says");
  }
  if (before > limits.maxSkip || message.messageId > limits.maxSkip) {
    return reject("TOO_MANY_SKIPPED", "too many messages are missing");
  }
  const keys = number === -1 ? checkFirstKeys(handshake, message) : checkNewKeys(suite, number, message);
  if (keys !== undefined) return keys;
  const chainKey = chains?.begin(number, from, message);
  if (chains !== undefined && chainKey === undefined) {
    return reject("NO_KEY", "the secrets handed over do not open its ratchet");
  }
  sides[from].missing += before;
  return accept({ number, first: message, next: 0, chainKey });
}

/** The responder's first ratchet speaks with the keys of Auth-R. */
function checkFirstKeys({ authR }: JudgedHandshake, message: DataMessage): Rejection | undefined {
  return equalBytes(message.ecdh, authR.firstEcdh) && equalBytes(message.dh, authR.firstDh)
    ? undefined
    : reject("UNEXPECTED", "it carries other keys than Auth-R announced");
}

function checkNewKeys(suite: Suite, number: RatchetNumber, message: DataMessage): Rejection | undefined {
  if (message.dh.length > 0 !== hasDh(number)) {
    return reject("BAD_DH_KEY", "a DH key is present in the wrong ratchet, or missing");
  }
  if (!suite.group.isValid(message.ecdh)) return reject("BAD_POINT", "its ECDH key is not valid");
  if (hasDh(number) && !suite.dh.isValid(message.dh)) return reject("BAD_DH_KEY", "its DH key is not valid");
  return undefined;
}

/** Verifies and decrypts under the chain, and moves it on; nothing without secrets. */
function openWith({ suite, limits }: DataCase, sending: Sending, message: DataMessage): Result<Plaintext | undefined> {
  const { chainKey, next, number } = sending;
  if (chainKey === undefined) return accept(undefined);
  const walked = walk(suite, { number, chainKey, count: next }, message.messageId);
  const key = messageKey(suite, walked.chainKey);
  if (!verifies(suite, message, macKey(suite, key))) {
    return reject("BAD_MAC", "its authenticator does not verify under the secrets handed over");
  }
  sending.chainKey = nextChainKey(suite, walked.chainKey);
  return accept(decodePlaintext(encrypt(suite, key, message.ciphertext), limits));
}

/** A revealed key must verify a message that the revealing side received; those that verify none are counted. */
function matchRevealed(
  { suite, limits }: DataCase,
  theirs: Side,
  revealed: readonly Uint8Array[],
): Rejection | undefined {
  for (const key of revealed) {
    const seen = theirs.unrevealed.find(({ message }) => verifies(suite, message, key));
    if (seen === undefined) {
      if (++theirs.unmatched > limits.skippedKeys) return reject("BAD_MAC", "too many MAC keys verify no message");
    } else {
      seen.judged.underRevealedKey = true;
      theirs.unrevealed = theirs.unrevealed.filter((other) => other !== seen);
    }
  }
  return undefined;
}

// Receiving a data message: in order, skipped, or of the next ratchet (spec/04, "Receiving"; draft "When you receive a
// Data Message"). Everything is derived aside; the state changes only after the authenticator has been verified.
import { EMPTY, equalBytes, wipe } from "../bytes.ts";
import { authenticate, encrypt } from "../crypto/cipher.ts";
import type { Suite } from "../crypto/suite.ts";
import { accept, type Rejection, type Result, reject } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { DataMessage } from "../wire/data-message.ts";
import { exchange } from "./exchange.ts";
import {
  type ExtraSymmetricKey,
  extraSymmetricKey,
  type MacKey,
  type MessageKey,
  macKey,
  messageKey,
  nextChainKey,
} from "./keys.ts";
import { addSkipped, skippedKey, walk } from "./skipped.ts";
import { hasDh, type Ratchet, type ReceivingChain, type SkippedKey, wireId } from "./state.ts";

/** A message that was authenticated and decrypted. */
export interface Opened {
  readonly ratchet: Ratchet;
  readonly plaintext: Uint8Array;
  /** Key for TLV type 7, when the message has TLVs; belongs to the application from here on. */
  readonly extra: ExtraSymmetricKey | undefined;
  /** Secrets of the previous state that the new one no longer holds. */
  readonly wipe: readonly Uint8Array[];
  /** Whether its key was a stored one: the message had been skipped over. */
  readonly late: boolean;
}

/** What `open` needs to know besides the message. */
export interface OpenContext {
  readonly suite: Suite;
  readonly limits: Limits;
  /** Seconds since 1970. */
  readonly now: number;
  /** Whether a message that costs an exchange, or a long walk along a chain, may be tried now. */
  readonly mayTryCostly: boolean;
}

/** A gap from which on a message counts as costly: each step along the chain is a hash. */
const LONG_WALK = 32;

/**
 * Finds the key of a message, verifies, decrypts. Rejections: `DUPLICATE` (its key is used up), `STALE` (of a past
 * ratchet), `NO_KEY` (of a ratchet that cannot come next), `TOO_MANY_SKIPPED`, `BAD_POINT`, `BAD_DH_KEY`, `BAD_MAC`,
 * `RATE_LIMITED`.
 */
export function open(context: OpenContext, before: Ratchet, message: DataMessage): Result<Opened> {
  const stored = openStored(context.suite, before.skipped, message);
  if (stored !== undefined) {
    if (!stored.ok) return stored;
    const { skipped, macKey: revealable, plaintext, extra, wipe } = stored.value;
    const ratchet = { ...before, skipped, toReveal: [...before.toReveal, revealable] };
    return accept({ ratchet, plaintext, extra, wipe, late: true });
  }
  if (before.receiving !== undefined && equalBytes(message.ecdh, before.theirEcdh)) {
    return openCurrent(context, before, before.receiving, message);
  }
  return openNext(context, before, message);
}

/** Whether `open` would spend a key exchange or a long walk along a chain on this message. */
export function isCostly(before: Ratchet, message: DataMessage): boolean {
  const { receiving } = before;
  if (findStored(before.skipped, message) >= 0) return false;
  const current = receiving !== undefined && equalBytes(message.ecdh, before.theirEcdh);
  if (current) return message.messageId - receiving.count > LONG_WALK;
  return message.dh.length > 0 === hasDh(before.latest + 1);
}

/** A message whose key was stored when it was skipped over. */
export interface OpenedStored {
  /** The keys that remain. */
  readonly skipped: readonly SkippedKey[];
  readonly plaintext: Uint8Array;
  readonly extra: ExtraSymmetricKey;
  readonly macKey: MacKey;
  readonly wipe: readonly Uint8Array[];
}

function findStored(skipped: readonly SkippedKey[], { messageId, ecdh }: DataMessage): number {
  return skipped.findIndex((entry) => entry.messageId === messageId && equalBytes(entry.ecdh, ecdh));
}

/** Opens a message with its stored key; `undefined` when there is none, `BAD_MAC` when it does not verify. */
export function openStored(
  suite: Suite,
  skipped: readonly SkippedKey[],
  message: DataMessage,
): Result<OpenedStored> | undefined {
  const index = findStored(skipped, message);
  const entry = skipped[index];
  if (entry === undefined) return undefined;
  const verified = verify(suite, entry.key, message);
  if (!verified.ok) return verified;
  return accept({
    skipped: skipped.filter((_, i) => i !== index),
    plaintext: encrypt(suite, entry.key, message.ciphertext),
    extra: entry.extra.slice() as ExtraSymmetricKey,
    macKey: verified.value,
    wipe: [entry.key, entry.extra],
  });
}

function openCurrent(
  context: OpenContext,
  before: Ratchet,
  chain: ReceivingChain,
  message: DataMessage,
): Result<Opened> {
  if (message.messageId < chain.count) return reject("DUPLICATE", "this message was read before");
  const opened = openWithChain(context, chain, message);
  if (!opened.ok) return opened;
  const { value } = opened;
  const skipped = addSkipped(context, before.skipped, value.skipped);
  return {
    ok: true,
    value: {
      ratchet: {
        ...before,
        receiving: value.chain,
        skipped: skipped.kept,
        toReveal: [...before.toReveal, value.macKey, ...skipped.macKeys],
      },
      plaintext: value.plaintext,
      extra: value.extra,
      wipe: [chain.chainKey, ...skipped.wipe],
      late: false,
    },
  };
}

function openNext(context: OpenContext, before: Ratchet, message: DataMessage): Result<Opened> {
  const { suite, limits } = context;
  const number = before.latest + 1;
  const { sending, receiving } = before;
  if (receiving !== undefined && message.ratchetId <= wireId(receiving.number)) {
    return isPast(before, receiving, message)
      ? reject("STALE", "this message is of a past ratchet and its key is used up or gone")
      : reject("NO_KEY", "this message is of another conversation");
  }
  if (sending === undefined || message.ratchetId !== wireId(number)) {
    return reject("NO_KEY", "this message is of a ratchet that cannot come next");
  }
  const skippedBefore = receiving === undefined ? 0 : message.previousCount - receiving.count;
  if (skippedBefore > limits.maxSkip)
    return reject("TOO_MANY_SKIPPED", "too many messages of the previous ratchet are missing");
  if (message.messageId > limits.maxSkip)
    return reject("TOO_MANY_SKIPPED", "too many messages of this ratchet are missing");
  if (message.dh.length > 0 !== hasDh(number))
    return reject("BAD_DH_KEY", "a DH key is present in the wrong ratchet, or missing");
  if (!context.mayTryCostly) return reject("RATE_LIMITED", "too many forged messages of a new ratchet");
  if (!suite.group.isValid(message.ecdh)) return reject("BAD_POINT", "the message's ECDH key is not valid");
  if (hasDh(number) && !suite.dh.isValid(message.dh)) return reject("BAD_DH_KEY", "the message's DH key is not valid");

  const keys = exchange(suite, number, before, {
    ecdhSecret: before.ourEcdh.secret,
    ecdhPublic: message.ecdh,
    dhSecret: before.ourDh.secret,
    dhPublic: message.dh,
  });
  if (keys === undefined) return reject("BAD_POINT", "the exchange with the message's ECDH key gave the identity");
  const fresh: ReceivingChain = { number, chainKey: keys.chainKey, count: 0 };
  const opened = openWithChain(context, fresh, message);
  if (!opened.ok) {
    wipe(keys.rootKey, keys.braceKey, keys.chainKey);
    return opened;
  }
  const { value } = opened;
  if (value.chain.chainKey !== keys.chainKey) wipe(keys.chainKey);

  const late = receiving === undefined ? [] : restOfChain(context, receiving, before.theirEcdh, message.previousCount);
  const skipped = addSkipped(context, before.skipped, [...late, ...value.skipped]);
  const dhUsed = hasDh(number);
  return {
    ok: true,
    value: {
      ratchet: {
        latest: number,
        rootKey: keys.rootKey,
        braceKey: keys.braceKey,
        ourEcdh: { secret: EMPTY, public: before.ourEcdh.public },
        ourDh: dhUsed ? { secret: EMPTY, public: before.ourDh.public } : before.ourDh,
        theirEcdh: message.ecdh.slice(),
        theirDh: dhUsed ? message.dh.slice() : before.theirDh,
        sending: undefined,
        receiving: value.chain,
        past: receiving === undefined ? [] : [before.theirEcdh, ...before.past].slice(0, PAST_KEYS),
        previousCount: sending.count,
        skipped: skipped.kept,
        toReveal: [...sending.overflow, ...before.toReveal, value.macKey, ...skipped.macKeys],
      },
      plaintext: value.plaintext,
      extra: value.extra,
      wipe: [
        before.rootKey,
        before.braceKey,
        before.ourEcdh.secret,
        ...(dhUsed ? [before.ourDh.secret] : []),
        sending.chainKey,
        ...(receiving === undefined ? [] : [receiving.chainKey]),
        ...skipped.wipe,
      ],
      late: false,
    },
  };
}

/** The keys of messages at the end of the previous ratchet that have not come yet; `pn` says how many there were. */
function restOfChain(
  context: OpenContext,
  chain: ReceivingChain,
  ecdh: Uint8Array,
  end: number,
): readonly SkippedKey[] {
  const { passed, derived } = walk(context.suite, chain, end);
  const keys = passed.map((chainKey, i) => skippedKey(context, ecdh, chain.count + i, chainKey));
  wipe(...derived);
  return keys;
}

/** How many past ECDH keys of the peer are remembered. */
const PAST_KEYS = 8;

/** Whether a message with an old ratchet id is of this conversation: known by its key, or too old to be known. */
function isPast({ past }: Ratchet, receiving: ReceivingChain, message: DataMessage): boolean {
  const oldest = wireId(receiving.number - 2 * PAST_KEYS);
  return message.ratchetId < oldest || past.some((key) => equalBytes(key, message.ecdh));
}

interface ChainOpened {
  readonly chain: ReceivingChain;
  readonly skipped: readonly SkippedKey[];
  readonly plaintext: Uint8Array;
  readonly macKey: MacKey;
  readonly extra: ExtraSymmetricKey | undefined;
}

/**
 * Opens a message at or after the head of a chain; the keys passed over become skipped keys once the MAC is verified.
 */
function openWithChain(context: OpenContext, chain: ReceivingChain, message: DataMessage): Result<ChainOpened> {
  const { suite, limits } = context;
  const gap = message.messageId - chain.count;
  if (gap > limits.maxSkip) return reject("TOO_MANY_SKIPPED", "too many messages of this ratchet are missing");
  if (gap > LONG_WALK && !context.mayTryCostly) return reject("RATE_LIMITED", "too many forged messages");
  const { passed, chainKey, derived } = walk(suite, chain, message.messageId);
  const key = messageKey(suite, chainKey);
  const verified = verify(suite, key, message);
  if (!verified.ok) {
    wipe(key, ...derived);
    return verified;
  }
  const plaintext = encrypt(suite, key, message.ciphertext);
  const hasTlvs = plaintext.indexOf(0) < plaintext.length - 1;
  const extra = hasTlvs ? extraSymmetricKey(suite, chainKey) : undefined;
  const result = {
    chain: { number: chain.number, chainKey: nextChainKey(suite, chainKey), count: message.messageId + 1 },
    skipped: passed.map((passedKey, i) => skippedKey(context, message.ecdh, chain.count + i, passedKey)),
    plaintext,
    macKey: verified.value,
    extra,
  };
  wipe(key, ...derived);
  return { ok: true, value: result };
}

/** Verifies the authenticator; gives the MAC key, which may be revealed from then on. */
function verify(suite: Suite, key: MessageKey, message: DataMessage): Result<MacKey> | Rejection {
  const mkMac = macKey(suite, key);
  if (equalBytes(authenticate(suite, mkMac, message.sections), message.mac)) return { ok: true, value: mkMac };
  wipe(mkMac);
  return reject("BAD_MAC", "the authenticator does not verify");
}

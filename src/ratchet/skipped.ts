// Keys of messages that were skipped over (spec/04, "Skipped messages"; draft "Deletion of Stored Message Keys").
import type { Suite } from "../crypto/suite.ts";
import type { Limits } from "../limits.ts";
import { type ChainKey, extraSymmetricKey, type MacKey, macKey, messageKey, nextChainKey } from "./keys.ts";
import type { Ratchet, ReceivingChain, SkippedKey } from "./state.ts";

/** A stretch of a receiving chain. */
export interface Walk {
  /** The chain keys passed over; the first is the chain's head and belongs to the state. */
  readonly passed: readonly ChainKey[];
  /** The chain key of the target message: the head itself when nothing is passed over. */
  readonly chainKey: ChainKey;
  /** The keys among these that were derived on the way, for wiping. */
  readonly derived: readonly ChainKey[];
}

/** Walks a chain from its head to message `target`. */
export function walk(suite: Suite, chain: ReceivingChain, target: number): Walk {
  const passed: ChainKey[] = [];
  const derived: ChainKey[] = [];
  let chainKey = chain.chainKey;
  for (let id = chain.count; id < target; id++) {
    passed.push(chainKey);
    chainKey = nextChainKey(suite, chainKey);
    derived.push(chainKey);
  }
  return { passed, chainKey, derived };
}

interface SkipContext {
  readonly suite: Suite;
  readonly limits: Limits;
  readonly now: number;
}

/** The stored form of the key of message `messageId` in the ratchet of `ecdh`. */
export function skippedKey(context: SkipContext, ecdh: Uint8Array, messageId: number, chainKey: ChainKey): SkippedKey {
  return {
    ecdh: ecdh.slice(),
    messageId,
    key: messageKey(context.suite, chainKey),
    extra: extraSymmetricKey(context.suite, chainKey),
    storedAt: context.now,
  };
}

/** What remains of a list of skipped keys after some were dropped. */
export interface Kept {
  readonly kept: readonly SkippedKey[];
  /** MAC keys of what was dropped: their messages can no longer be accepted, so they may be revealed. */
  readonly macKeys: readonly MacKey[];
  readonly wipe: readonly Uint8Array[];
}

/** Stores further skipped keys; beyond `limits.skippedKeys` the oldest are dropped. */
export function addSkipped(context: SkipContext, stored: readonly SkippedKey[], added: readonly SkippedKey[]): Kept {
  if (added.length === 0) return { kept: stored, macKeys: [], wipe: [] };
  const all = [...stored, ...added];
  const excess = Math.max(0, all.length - context.limits.skippedKeys);
  return drop(context.suite, all.slice(0, excess), all.slice(excess));
}

function drop(suite: Suite, dropped: readonly SkippedKey[], kept: readonly SkippedKey[]): Kept {
  return {
    kept,
    macKeys: dropped.map((entry) => macKey(suite, entry.key)),
    wipe: dropped.flatMap((entry) => [entry.key, entry.extra]),
  };
}

/**
 * Drops keys stored at the time `cutoff` or before, wherever they stand, for a clock may have gone back in between; the
 * very same ratchet when there are none.
 */
export function expireSkipped(
  suite: Suite,
  ratchet: Ratchet,
  cutoff: number,
): { readonly ratchet: Ratchet; readonly wipe: readonly Uint8Array[] } {
  const { skipped } = ratchet;
  const fresh = skipped.filter((entry) => entry.storedAt > cutoff);
  if (fresh.length === skipped.length) return { ratchet, wipe: [] };
  const old = skipped.filter((entry) => entry.storedAt <= cutoff);
  const { kept, macKeys, wipe } = drop(suite, old, fresh);
  return { ratchet: { ...ratchet, skipped: kept, toReveal: [...ratchet.toReveal, ...macKeys] }, wipe };
}

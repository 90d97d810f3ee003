// The state of a double ratchet, a plain value (spec/04, "State of a ratchet"; draft "Key Management").
import type { DhKeyPair, EcdhKeyPair } from "../crypto/keys.ts";
import type { DhPublic, Point } from "../crypto/suite.ts";
import type { BraceKey } from "../dake/secret.ts";
import type { ChainKey, ExtraSymmetricKey, MacKey, MessageKey, RootKey } from "./keys.ts";

/**
 * Ratchets are numbered without gaps: −1 is the responder's first sending ratchet (keys of Auth-R and Identity), 0 the
 * initiator's first (made with Auth-I), then they alternate. On the wire stands `wireId(number)`, so −1 and 0 both show
 * 0.
 */
export type RatchetNumber = number;

/** The chain we send with. */
export interface SendingChain {
  readonly number: RatchetNumber;
  readonly chainKey: ChainKey;
  /** Messages sent so far in this ratchet: the next message id (`j`). */
  readonly count: number;
  /** MAC keys that did not fit into the first message of this ratchet. */
  readonly overflow: readonly MacKey[];
}

/** The chain we receive with; its messages carry `theirEcdh`. */
export interface ReceivingChain {
  readonly number: RatchetNumber;
  readonly chainKey: ChainKey;
  /** The next message id expected (`k`). */
  readonly count: number;
}

/** The key of a message that was skipped over and may still come. */
export interface SkippedKey {
  readonly ecdh: Point;
  readonly messageId: number;
  readonly key: MessageKey;
  readonly extra: ExtraSymmetricKey;
  /** Seconds since 1970, when it was stored. */
  readonly storedAt: number;
}

export interface Ratchet {
  /** The newest ratchet, ours or theirs. */
  readonly latest: RatchetNumber;
  readonly rootKey: RootKey;
  readonly braceKey: BraceKey;
  /** The secret is empty once it has done its two exchanges. */
  readonly ourEcdh: EcdhKeyPair;
  readonly ourDh: DhKeyPair;
  readonly theirEcdh: Point;
  readonly theirDh: DhPublic;
  /** Undefined after a ratchet of theirs arrived: the next message rotates. */
  readonly sending: SendingChain | undefined;
  /** Undefined until the responder hears from the initiator. */
  readonly receiving: ReceivingChain | undefined;
  /** ECDH keys of their last ratchets before this one, newest first: they tell an old message from a foreign one. */
  readonly past: readonly Point[];
  /** Messages we sent in our previous ratchet (`pn`). */
  readonly previousCount: number;
  /** Oldest first. */
  readonly skipped: readonly SkippedKey[];
  /** MAC keys of verified messages, to be revealed when we next rotate (`mac_keys_to_reveal`). */
  readonly toReveal: readonly MacKey[];
}

/** What the wire shows of a ratchet number. */
export function wireId(number: RatchetNumber): number {
  return Math.max(0, number);
}

/** Whether the messages of a ratchet carry a DH key and its brace key comes from a DH exchange. */
export function hasDh(number: RatchetNumber): boolean {
  return wireId(number) % 3 === 0;
}

/** Every buffer of a ratchet that is secret, for wiping when the conversation ends. */
export function secretsOf(ratchet: Ratchet): Uint8Array[] {
  return [
    ratchet.rootKey,
    ratchet.braceKey,
    ratchet.ourEcdh.secret,
    ratchet.ourDh.secret,
    ...(ratchet.sending === undefined ? [] : [ratchet.sending.chainKey]),
    ...(ratchet.receiving === undefined ? [] : [ratchet.receiving.chainKey]),
    ...ratchet.skipped.flatMap((entry) => [entry.key, entry.extra]),
  ];
}

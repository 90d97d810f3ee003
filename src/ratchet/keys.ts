// Key roles of the double ratchet: a type for each, so that one cannot stand in for another (spec/04, "Key roles").
import { deriveMacKey } from "../crypto/cipher.ts";
import { kdf, usage } from "../crypto/kdf.ts";
import type { Suite } from "../crypto/suite.ts";
import type { Key, MixedSecret } from "../dake/secret.ts";

/** 64 bytes. Ties all ratchets of a conversation together; replaced at every rotation. */
export type RootKey = Key<"root key">;
/** 64 bytes. Gives one message key and the next chain key. */
export type ChainKey = Key<"chain key">;
/** 64 bytes, of which the first 32 encrypt one message (`MKenc`). */
export type MessageKey = Key<"message key">;
/** 64 bytes. Authenticates one message (`MKmac`); revealed later. */
export type MacKey = Key<"MAC key">;
/** 64 bytes. For the application (TLV type 7). */
export type ExtraSymmetricKey = Key<"extra symmetric key">;
const FF = Uint8Array.of(0xff);

/** The root key before the first ratchet, from the handshake's `K`. */
export function firstRootKey(suite: Suite, secret: MixedSecret): RootKey {
  return kdf(suite, usage.firstRootKey, 64, secret) as RootKey;
}

/** The next root key and the chain key of a ratchet. Both hang on the previous root key. */
export function ratchetKeys(suite: Suite, previous: RootKey, secret: MixedSecret): { root: RootKey; chain: ChainKey } {
  return {
    root: kdf(suite, usage.rootKey, 64, previous, secret) as RootKey,
    chain: kdf(suite, usage.chainKey, 64, previous, secret) as ChainKey,
  };
}

export function nextChainKey(suite: Suite, chainKey: ChainKey): ChainKey {
  return kdf(suite, usage.nextChainKey, 64, chainKey) as ChainKey;
}

export function messageKey(suite: Suite, chainKey: ChainKey): MessageKey {
  return kdf(suite, usage.messageKey, 64, chainKey) as MessageKey;
}

export function macKey(suite: Suite, key: MessageKey): MacKey {
  return deriveMacKey(suite, key) as MacKey;
}

export function extraSymmetricKey(suite: Suite, chainKey: ChainKey): ExtraSymmetricKey {
  return kdf(suite, usage.extraSymmetricKey, 64, FF, chainKey) as ExtraSymmetricKey;
}

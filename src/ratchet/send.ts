// Sending a data message (spec/04, "Sending"; draft "When you send a Data Message").
import { EMPTY, wipe } from "../bytes.ts";
import { authenticate, encrypt } from "../crypto/cipher.ts";
import { generateDh, generateEcdh } from "../crypto/keys.ts";
import type { Random } from "../crypto/random.ts";
import type { Suite } from "../crypto/suite.ts";
import type { Limits } from "../limits.ts";
import { encodeSections } from "../wire/data-message.ts";
import type { Header } from "../wire/messages.ts";
import { exchange } from "./exchange.ts";
import { type ExtraSymmetricKey, extraSymmetricKey, type MacKey, macKey, messageKey, nextChainKey } from "./keys.ts";
import { identityPoint } from "./start.ts";
import { hasDh, type Ratchet, type SendingChain, wireId } from "./state.ts";

/** A message under the current sending chain, complete but for the revealed keys, which stand outside its MAC. */
export interface Sealed {
  readonly ratchet: Ratchet;
  /** The message from version to ciphertext. */
  readonly sections: Uint8Array;
  readonly mac: Uint8Array;
  /** MAC keys that this message should reveal. */
  readonly revealed: readonly MacKey[];
  readonly messageId: number;
  readonly extra: ExtraSymmetricKey | undefined;
  /** Secrets of the previous state that the new one no longer holds. */
  readonly wipe: readonly Uint8Array[];
}

export interface SealOptions extends Header {
  readonly flags: number;
  /** Also derive the extra symmetric key of this message (TLV type 7). */
  readonly extra?: boolean;
}

/** Encrypts and authenticates one message, rotating first when the newest ratchet is the peer's. */
export function seal(
  suite: Suite,
  random: Random,
  limits: Limits,
  before: Ratchet,
  plaintext: Uint8Array,
  options: SealOptions,
): Sealed {
  const rotated = before.sending === undefined ? rotate(suite, random, limits, before) : undefined;
  const ratchet = rotated?.ratchet ?? before;
  const chain = (rotated?.sending ?? before.sending) as SendingChain;

  const key = messageKey(suite, chain.chainKey);
  const mkMac = macKey(suite, key);
  const extra = options.extra === true ? extraSymmetricKey(suite, chain.chainKey) : undefined;
  const sections = encodeSections({
    senderTag: options.senderTag,
    receiverTag: options.receiverTag,
    flags: options.flags,
    previousCount: ratchet.previousCount,
    ratchetId: wireId(chain.number),
    messageId: chain.count,
    ecdh: ratchet.ourEcdh.public,
    dh: hasDh(chain.number) ? ratchet.ourDh.public : EMPTY,
    ciphertext: encrypt(suite, key, plaintext),
  });
  const mac = authenticate(suite, mkMac, sections);
  const nextChain = nextChainKey(suite, chain.chainKey);
  wipe(key, mkMac);
  if (rotated !== undefined) wipe(chain.chainKey);

  const piledUp = rotated === undefined && ratchet.toReveal.length >= limits.revealedPerMessage;
  const due = piledUp ? [...chain.overflow, ...ratchet.toReveal] : chain.overflow;
  const revealed = rotated?.revealed ?? due.slice(0, limits.revealedPerMessage);
  const overflow = rotated === undefined ? due.slice(revealed.length) : chain.overflow;
  return {
    ratchet: {
      ...ratchet,
      toReveal: piledUp ? [] : ratchet.toReveal,
      sending: { number: chain.number, chainKey: nextChain, count: chain.count + 1, overflow },
    },
    sections,
    mac,
    revealed,
    messageId: chain.count,
    extra,
    wipe: rotated?.wipe ?? [chain.chainKey],
  };
}

interface Rotated {
  readonly ratchet: Ratchet;
  readonly sending: SendingChain;
  readonly revealed: readonly MacKey[];
  readonly wipe: readonly Uint8Array[];
}

/** Makes the next ratchet ours: new ECDH key, in every third also a new DH key. */
function rotate(suite: Suite, random: Random, limits: Limits, before: Ratchet): Rotated {
  const number = before.latest + 1;
  const ourEcdh = generateEcdh(suite, random);
  const ourDh = hasDh(number) ? generateDh(suite, random) : before.ourDh;
  const keys = exchange(suite, number, before, {
    ecdhSecret: ourEcdh.secret,
    ecdhPublic: before.theirEcdh,
    dhSecret: ourDh.secret,
    dhPublic: before.theirDh,
  });
  if (keys === undefined) throw identityPoint();
  const sending = {
    number,
    chainKey: keys.chainKey,
    count: 0,
    overflow: before.toReveal.slice(limits.revealedPerMessage),
  };
  return {
    ratchet: {
      ...before,
      latest: number,
      rootKey: keys.rootKey,
      braceKey: keys.braceKey,
      ourEcdh,
      ourDh,
      toReveal: [],
    },
    sending,
    revealed: before.toReveal.slice(0, limits.revealedPerMessage),
    wipe: [
      before.rootKey,
      before.braceKey,
      before.ourEcdh.secret,
      ...(ourDh === before.ourDh ? [] : [before.ourDh.secret]),
    ],
  };
}

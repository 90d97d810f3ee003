// One conversation: speaking, listening, and ending it with the MAC keys revealed (spec/07, "Conversation"; draft "Data
// Exchange", "Revealing MAC Keys", "Session Expiration").
import { EMPTY } from "../bytes.ts";
import type { Result } from "../errors.ts";
import { type MacKey, macKey } from "../ratchet/keys.ts";
import { type OpenContext, type Opened, open } from "../ratchet/receive.ts";
import { type Sealed, seal } from "../ratchet/send.ts";
import { type SkippedKey, secretsOf } from "../ratchet/state.ts";
import { type DataMessage, encodeDataMessage, IGNORE_UNREADABLE } from "../wire/data-message.ts";
import { encodePlaintext, type Tlv, tlvType } from "../wire/tlv.ts";
import type { Env } from "./step.ts";
import type { Conversation, Draining, Other, Peer } from "./types.ts";

/** What a conversation has to say, and its state after saying it. */
export interface Spoken {
  readonly conversation: Conversation;
  readonly messages: readonly Uint8Array[];
  readonly revealed: readonly MacKey[];
  readonly wipe: readonly Uint8Array[];
}

/** Encrypts one message. `ignoreUnreadable`: the peer stays silent if it cannot read it. */
export function speak(
  env: Env,
  peer: Peer,
  before: Conversation,
  content: { readonly text: string; readonly tlvs: readonly Tlv[]; readonly ignoreUnreadable: boolean },
): Spoken {
  const sealed = sealIn(env, peer, before, encodePlaintext(content.text, content.tlvs), content.ignoreUnreadable);
  return {
    conversation: afterSealing(env, before, sealed),
    messages: [encodeDataMessage(sealed.sections, sealed.mac, sealed.revealed)],
    revealed: sealed.revealed,
    wipe: sealed.wipe,
  };
}

function sealIn(env: Env, peer: Peer, before: Conversation, plaintext: Uint8Array, ignoreUnreadable: boolean): Sealed {
  return seal(env.suite, env.random, env.limits, before.ratchet, plaintext, {
    senderTag: env.identity.instanceTag,
    receiverTag: peer.tag,
    flags: ignoreUnreadable ? IGNORE_UNREADABLE : 0,
  });
}

function afterSealing(env: Env, before: Conversation, sealed: Sealed): Conversation {
  const rotated = sealed.ratchet.latest !== before.ratchet.latest;
  return {
    ...before,
    ratchet: sealed.ratchet,
    freshSince: rotated ? env.now : before.freshSince,
    lastSentAt: env.now,
  };
}

export interface Heard {
  readonly conversation: Conversation;
  readonly opened: Opened;
}

/** Verifies and decrypts one message; the rejections are those of the ratchet's `open`. */
export function listen(env: Env, before: Conversation, message: DataMessage, sequence: number): Result<Heard> {
  const opened = open(openContext(env), before.ratchet, message);
  if (!opened.ok) return opened;
  const { ratchet } = opened.value;
  const conversation = before.heard
    ? { ...before, ratchet }
    : { ...before, ratchet, heard: true, authI: EMPTY, knownAt: before.knownAt || sequence };
  return { ok: true, value: { conversation, opened: opened.value } };
}

function openContext(env: Env): OpenContext {
  const mayTryCostly = env.budget?.mayTry(env.now) ?? true;
  return { suite: env.suite, limits: env.limits, now: env.now, mayTryCostly };
}

/** The end of a conversation on our side. */
export interface Ended {
  readonly messages: readonly Uint8Array[];
  readonly revealed: readonly MacKey[];
  readonly wipe: readonly Uint8Array[];
}

/**
 * Says goodbye (TLV type 1) in every conversation that is still held, because the peer may hold another one for the
 * current one, and reveals the MAC key of every message we verified and of every one that can no longer be accepted:
 * those of stored skipped keys too, which are wiped with everything else. What does not fit into the last message goes
 * into empty ones before it.
 */
export function close(env: Env, peer: Peer, current: Conversation, others: readonly Other[]): Ended {
  const held = [...others.map(({ conversation }) => conversation), current];
  const keys = held.flatMap((conversation) => unrevealed(env, conversation));
  const goodbye = encodePlaintext("", [{ type: tlvType.disconnected, value: EMPTY }]);
  const parting = keys.length === 0 ? [[]] : chunksOf(keys, env.limits.revealedPerMessage);
  const messages: Uint8Array[] = [];
  const wipe: Uint8Array[] = [];
  for (const conversation of held) {
    const parts = conversation === current ? parting : [[]];
    let so: Conversation = { ...conversation, ratchet: withoutReveals(conversation) };
    for (const [i, revealed] of parts.entries()) {
      const plaintext = i === parts.length - 1 ? goodbye : encodePlaintext("", []);
      const sealed = sealIn(env, peer, so, plaintext, true);
      messages.push(encodeDataMessage(sealed.sections, sealed.mac, revealed));
      wipe.push(...sealed.wipe);
      so = afterSealing(env, so, sealed);
    }
    wipe.push(...secretsOf(so.ratchet));
  }
  return { messages, revealed: keys, wipe };
}

export function secretsOfOthers(others: readonly Other[]): Uint8Array[] {
  return others.flatMap(({ conversation }) => secretsOf(conversation.ratchet));
}

/** MAC keys that a conversation has not revealed: of verified messages, and of skipped ones that are given up now. */
export function unrevealed(env: Env, { ratchet }: Conversation): readonly MacKey[] {
  return [...(ratchet.sending?.overflow ?? []), ...ratchet.toReveal, ...macKeysOf(env, ratchet.skipped)];
}

function macKeysOf(env: Env, skipped: readonly SkippedKey[]): readonly MacKey[] {
  return skipped.map((entry) => macKey(env.suite, entry.key));
}

function withoutReveals({ ratchet }: Conversation): Conversation["ratchet"] {
  const sending = ratchet.sending === undefined ? undefined : { ...ratchet.sending, overflow: [] };
  return { ...ratchet, sending, toReveal: [] };
}

/**
 * What remains after the peer closed. The message that will carry our last MAC keys is sealed now, so that every other
 * key but the skipped ones goes at once; the revealed keys stand outside its MAC and are added when we know them.
 */
export function drain(
  env: Env,
  peer: Peer,
  before: Conversation,
  others: readonly Other[],
): { readonly draining: Draining; readonly wipe: readonly Uint8Array[] } {
  const sealed = sealIn(env, peer, { ...before, ratchet: withoutReveals(before) }, encodePlaintext("", []), true);
  const ratchets = [...others.map(({ conversation }) => conversation.ratchet), before.ratchet];
  const skipped = ratchets.flatMap((ratchet) => ratchet.skipped);
  const kept = new Set<Uint8Array>(skipped.flatMap((entry) => [entry.key, entry.extra]));
  return {
    draining: {
      skipped,
      toReveal: ratchets.flatMap(({ sending, toReveal }) => [...(sending?.overflow ?? []), ...toReveal]),
      farewell: { sections: sealed.sections, mac: sealed.mac },
      past: ratchets.flatMap((ratchet) => [ratchet.theirEcdh, ...ratchet.past]),
      since: env.now,
    },
    wipe: [...sealed.wipe, ...secretsOf(sealed.ratchet), ...secretsOfOthers(others)].filter(
      (secret) => !kept.has(secret),
    ),
  };
}

/**
 * Reveals what a draining conversation still holds, if anything, and ends it. More keys than one message holds go with
 * copies of it: nobody reads it any more.
 */
export function finishDraining(env: Env, draining: Draining): Ended {
  const { sections, mac } = draining.farewell;
  const revealed = [...draining.toReveal, ...macKeysOf(env, draining.skipped)];
  return {
    messages: chunksOf(revealed, env.limits.revealedPerMessage).map((keys) => encodeDataMessage(sections, mac, keys)),
    revealed,
    wipe: draining.skipped.flatMap((entry) => [entry.key, entry.extra]),
  };
}

function chunksOf<T>(all: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

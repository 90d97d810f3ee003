// When a handshake is complete: the new conversation and the one before it (spec/07, "A new handshake over a working
// conversation", "Both start at once").
import { compareBytes, equalBytes, toHex } from "../bytes.ts";
import type { MixedSecret } from "../dake/secret.ts";
import { ssidOf } from "../dake/secret.ts";
import { fingerprint } from "../profile/fingerprint.ts";
import { type Ratchet, secretsOf } from "../ratchet/state.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import { finishDraining, unrevealed } from "./conversation.ts";
import type { Env, SessionEvent } from "./step.ts";
import type { Conversation, Endpoint, Peer, Session } from "./types.ts";

/** A completed handshake, before it is weighed against what we already have with that device. */
export interface Completed {
  readonly peerTag: number;
  readonly profile: ClientProfile;
  readonly ratchet: Ratchet;
  readonly secret: MixedSecret;
  readonly role: "initiator" | "responder";
  /** Hash of the Identity it grew from, when that was sent or came, and whether it named its receiver. */
  readonly hash: Uint8Array;
  readonly identitySequence: number;
  readonly addressed: boolean;
  /** Empty for the responder. */
  readonly authI: Uint8Array;
}

export interface Established {
  readonly sessions: readonly Session[];
  /** Messages without armor. */
  readonly messages: readonly { readonly bytes: Uint8Array; readonly peerTag: number }[];
  readonly events: readonly SessionEvent[];
  readonly wipe: readonly Uint8Array[];
}

/** Puts a new conversation in its place. The caller has checked that `limits.sessions` allows another session. */
export function establish(env: Env, endpoint: Endpoint, completed: Completed): Established {
  const peer = peerOf(env, completed);
  const id = sessionId(peer);
  const conversation: Conversation = {
    ratchet: completed.ratchet,
    ssid: ssidOf(env.suite, completed.secret),
    role: completed.role,
    hash: completed.hash,
    authI: completed.authI,
    establishedAt: endpoint.sequence,
    spokeAt: 0,
    heardAt: 0,
    freshSince: env.now,
    lastSentAt: env.now,
  };
  const before = endpoint.sessions.find((session) => session.id === id);
  const event: SessionEvent = {
    type: "established",
    session: id,
    peerTag: peer.tag,
    ssid: conversation.ssid,
    role: completed.role,
    ourFingerprint: fingerprint(env.suite, env.identity.publicKey, env.identity.forgingKey),
    peerFingerprint: peer.fingerprint,
    renewed: before?.current !== undefined,
  };
  if (before === undefined) {
    const session = { id, peer, current: conversation, previous: undefined, draining: undefined };
    return { sessions: [...endpoint.sessions, session], messages: [], events: [event], wipe: [completed.secret] };
  }
  const replaced = replace(env, before, conversation, completed);
  return {
    sessions: endpoint.sessions.map((session) => (session.id === id ? replaced.session : session)),
    messages: replaced.messages.map((bytes) => ({ bytes, peerTag: peer.tag })),
    events: [...replaced.events, event],
    wipe: [completed.secret, ...replaced.wipe],
  };
}

/** Whether there is room for a conversation with this device and key. */
export function hasRoom(env: Env, endpoint: Endpoint, peerTag: number, profile: ClientProfile): boolean {
  const known = endpoint.sessions.some(
    (session) => session.peer.tag === peerTag && equalBytes(session.peer.publicKey, profile.publicKey),
  );
  return known || endpoint.sessions.length < env.limits.sessions;
}

function peerOf(env: Env, { peerTag, profile }: Completed): Peer {
  return {
    tag: peerTag,
    publicKey: profile.publicKey.slice(),
    forgingKey: profile.forgingKey.slice(),
    fingerprint: fingerprint(env.suite, profile.publicKey, profile.forgingKey),
  };
}

/** Other long-term keys than before make it another chat: the fingerprint is part of the id. */
function sessionId(peer: Peer): string {
  return `${peer.tag.toString(16).padStart(8, "0")}-${toHex(peer.fingerprint.subarray(0, 8))}`;
}

interface Replaced {
  readonly session: Session;
  readonly messages: readonly Uint8Array[];
  readonly events: readonly SessionEvent[];
  readonly wipe: readonly Uint8Array[];
}

function replace(env: Env, before: Session, fresh: Conversation, completed: Completed): Replaced {
  const drained = before.draining === undefined ? undefined : finishDraining(env, before.draining);
  const missing = before.draining?.skipped.length ?? 0;
  const events: SessionEvent[] = [];
  if (drained !== undefined) {
    events.push({ type: "drained", session: before.id, missing });
    if (drained.revealed.length > 0)
      events.push({ type: "mac-keys-revealed", session: before.id, by: "us", keys: drained.revealed });
  }
  const { messages = [], wipe = [] } = drained ?? {};
  const old = before.current;
  if (old === undefined) {
    return { session: { ...before, current: fresh, draining: undefined }, messages, events, wipe };
  }
  const rival = !follows(old, completed);
  const freshWins = !rival || compareBytes(completed.hash, old.hash) > 0;
  const current = freshWins ? fresh : old;
  const superseded = freshWins ? old : fresh;
  const oldest = before.previous?.conversation;
  return {
    session: {
      ...before,
      current: oldest === undefined ? current : inherit(env, current, oldest),
      previous: { conversation: superseded, rival, since: env.now },
      draining: undefined,
    },
    messages,
    events,
    wipe: oldest === undefined ? wipe : [...wipe, ...secretsOf(oldest.ratchet)],
  };
}

/**
 * Whether the new handshake was begun by somebody who knew that the old conversation stands, so that it is meant to
 * replace it. Otherwise both were under way at once, and on both sides the Identity with the higher hash survives.
 */
function follows(old: Conversation, completed: Completed): boolean {
  if (completed.addressed) return true;
  const since = completed.identitySequence;
  if (completed.role === "initiator") return old.spokeAt > 0 && old.spokeAt < since;
  return (old.role === "responder" && old.establishedAt < since) || (old.heardAt > 0 && old.heardAt < since);
}

/** Hands the MAC keys that a wiped conversation did not reveal to the one that goes on, which will reveal them. */
export function inherit(env: Env, heir: Conversation, from: Conversation): Conversation {
  const keys = unrevealed(env, from);
  if (keys.length === 0) return heir;
  return { ...heir, ratchet: { ...heir.ratchet, toReveal: [...keys, ...heir.ratchet.toReveal] } };
}

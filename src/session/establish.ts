// When a handshake is complete: the new conversation and the one before it (spec/07, "A new handshake over a working
// conversation", "Both start at once").
import { compareBytes, toHex, u32 } from "../bytes.ts";
import type { Context } from "../dake/phi.ts";
import type { MixedSecret } from "../dake/secret.ts";
import { ssidOf } from "../dake/secret.ts";
import type { Limits } from "../limits.ts";
import { fingerprint } from "../profile/fingerprint.ts";
import type { Ratchet } from "../ratchet/state.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import { finishDraining, secretsOfOthers, speak, unrevealed } from "./conversation.ts";
import type { Env, SessionEvent } from "./step.ts";
import type { Conversation, Endpoint, Other, Peer, Session } from "./types.ts";

/** A completed handshake, before it is weighed against what we already have with that device. */
export interface Completed {
  readonly peerTag: number;
  /** See {@link placeOf}. */
  readonly place: string;
  readonly profile: ClientProfile;
  readonly ratchet: Ratchet;
  readonly secret: MixedSecret;
  readonly role: "initiator" | "responder";
  /** See `Conversation` for this and what follows. */
  readonly hash: Uint8Array;
  readonly identityAt: number;
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
  const id = sessionId(peer, completed.place);
  const conversation: Conversation = {
    ratchet: completed.ratchet,
    ssid: ssidOf(env.suite, completed.secret),
    role: completed.role,
    hash: completed.hash,
    authI: completed.authI,
    identityAt: completed.identityAt,
    knownAt: completed.role === "responder" ? endpoint.sequence : 0,
    heard: false,
    freshSince: env.now,
    lastSentAt: env.now,
  };
  const before = endpoint.sessions.find((session) => session.id === id);
  const event: Extract<SessionEvent, { type: "established" }> = {
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
    const session = { id, peer, current: conversation, others: [], draining: undefined };
    return { sessions: [...endpoint.sessions, session], messages: [], events: [event], wipe: [completed.secret] };
  }
  const replaced = replace(env, before, conversation);
  return {
    sessions: endpoint.sessions.map((session) => (session.id === id ? replaced.session : session)),
    messages: replaced.messages.map((bytes) => ({ bytes, peerTag: peer.tag })),
    events: [...replaced.events, ...newcomer(before, replaced.session, event)],
    wipe: [completed.secret, ...replaced.wipe],
  };
}

/** The new conversation, if it is the one to speak in; otherwise the one that is, if it was another one before. */
function newcomer(
  before: Session,
  after: Session,
  established: Extract<SessionEvent, { type: "established" }>,
): SessionEvent[] {
  const ssid = after.current?.ssid;
  if (ssid === undefined || ssid === before.current?.ssid) return [];
  return [ssid === established.ssid ? established : { type: "switched", session: after.id, ssid }];
}

/** Whether there is room for a conversation with this device under these long-term keys. */
export function hasRoom(
  env: Env,
  endpoint: Endpoint,
  { peerTag, profile, place }: Pick<Completed, "peerTag" | "profile" | "place">,
): boolean {
  const id = sessionId(peerOf(env, { peerTag, profile }), place);
  return endpoint.sessions.some((session) => session.id === id) || endpoint.sessions.length < env.limits.sessions;
}

function peerOf(env: Env, { peerTag, profile }: Pick<Completed, "peerTag" | "profile">): Peer {
  return {
    tag: peerTag,
    publicKey: profile.publicKey.slice(),
    forgingKey: profile.forgingKey.slice(),
    fingerprint: fingerprint(env.suite, profile.publicKey, profile.forgingKey),
  };
}

/** Other long-term keys or another place make it another chat: fingerprint and place are part of the id. */
function sessionId(peer: Peer, place: string): string {
  return `${peer.tag.toString(16).padStart(8, "0")}-${toHex(peer.fingerprint)}-${place}`;
}

/** Names the place of a conversation: 16 bytes over its context, in hexadecimal. */
export function placeOf({ suite }: Env, { ours, theirs, shared }: Context): string {
  const values = [ours, theirs, ...shared];
  return toHex(suite.shake256(16, ...values.flatMap((value) => [u32(value.length), value])));
}

/** A session after something happened in it, and what that brings about. Messages are without armor. */
export interface Placed {
  readonly session: Session;
  readonly messages: readonly Uint8Array[];
  readonly events: readonly SessionEvent[];
  readonly wipe: readonly Uint8Array[];
}

/** Shows the peer which of two rivals we chose. If it may not have completed that one yet, it gets its Auth-I again. */
export function announce(env: Env, session: Session): Placed {
  const { current, peer, others } = session;
  if (current === undefined || !decides(env, peer) || !others.some(({ rival }) => rival)) {
    return { session, messages: [], events: [], wipe: [] };
  }
  const spoken = speak(env, peer, current, { text: "", tlvs: [], ignoreUnreadable: true });
  return {
    session: { ...session, current: spoken.conversation },
    messages: [...(current.authI.length > 0 ? [current.authI] : []), ...spoken.messages],
    events: revealedByUs(session.id, spoken.revealed),
    wipe: spoken.wipe,
  };
}

function replace(env: Env, before: Session, fresh: Conversation): Placed {
  const drained = before.draining === undefined ? undefined : finishDraining(env, before.draining);
  const missing = before.draining?.skipped.length ?? 0;
  const events: SessionEvent[] = [];
  if (drained !== undefined) {
    events.push({ type: "drained", session: before.id, missing });
    events.push(...revealedByUs(before.id, drained.revealed));
  }
  const { messages = [], wipe = [] } = drained ?? {};
  const placed = place(env, before, fresh);
  const announced = announce(env, { ...placed.session, draining: undefined });
  return {
    session: announced.session,
    messages: [...messages, ...announced.messages],
    events: [...events, ...announced.events],
    wipe: [...wipe, ...placed.wipe, ...announced.wipe],
  };
}

/**
 * Where a new conversation stands among those we have. One side makes its Identities one after the other, so of two
 * that it began the later one stays. Two that were begun by different sides may have been under way at once.
 */
function place(env: Env, before: Session, fresh: Conversation): Pick<Placed, "session" | "wipe"> {
  const live = present([before.current, before.others.find(({ rival }) => rival)?.conversation]);
  const earlier = live.find(({ role }) => role === fresh.role);
  const own = earlier !== undefined && earlier.identityAt > fresh.identityAt ? earlier : fresh;
  const opposite = live.find(({ role }) => role !== fresh.role);
  const { current, rival } = opposite === undefined ? { current: own, rival: undefined } : choose(own, opposite);
  const all = present([...before.others.map(({ conversation }) => conversation), before.current, fresh]);
  const others = all
    .filter((conversation) => conversation !== current)
    .map((conversation): Other => {
      const known = before.others.find((other) => other.conversation === conversation);
      const superseded = known !== undefined && !known.rival;
      const since = superseded ? known.since : env.now;
      return { conversation, rival: conversation === rival, told: false, since };
    });
  return bound(env, { ...before, current, others });
}

/**
 * Chooses between two conversations that were begun by different sides. One whose Identity was made when the other was
 * known to stand on both sides is meant to replace it; otherwise the Identity with the higher hash survives. What a
 * side knows depends on the order in which its mail came, so the two may choose differently: see `decides`.
 */
function choose(own: Conversation, opposite: Conversation): { current: Conversation; rival: Conversation } {
  const renewal = opposite.knownAt > 0 && opposite.knownAt < own.identityAt;
  const ownWins = renewal || compareBytes(own.hash, opposite.hash) > 0;
  return ownWins ? { current: own, rival: opposite } : { current: opposite, rival: own };
}

/**
 * Whether our choice between two rivals counts: that of the device with the higher instance tag does. It shows its
 * choice by speaking in it, at once and whenever it hears the peer in the other; the other side goes where it hears it.
 */
export function decides(env: Env, peer: Peer): boolean {
  return env.identity.instanceTag > peer.tag;
}

function present(conversations: readonly (Conversation | undefined)[]): Conversation[] {
  return conversations.filter((conversation): conversation is Conversation => conversation !== undefined);
}

/** Gives up the oldest superseded conversations when there are too many; the current one inherits their MAC keys. */
function bound(env: Env, session: Session): Pick<Placed, "session" | "wipe"> {
  const superseded = session.others.filter(({ rival }) => !rival);
  return giveUp(env, session, superseded.slice(0, Math.max(0, superseded.length - MAX_SUPERSEDED)));
}

/** Handshakes in quick succession may each leave a conversation in which something is still on its way. */
const MAX_SUPERSEDED = 3;

/**
 * Until when a conversation beside the current one is read; `undefined` for a rival as long as the peer was not heard
 * in the current one, which says that it stays.
 */
export function readUntil(limits: Limits, current: Conversation, { rival, since }: Other): number | undefined {
  return rival && !current.heard ? undefined : since + limits.supersededSeconds;
}

/** The conversations that were read long enough. */
export function outlived({ now, limits }: Env, { current, others }: Session): readonly Other[] {
  if (current === undefined) return [];
  return others.filter((other) => (readUntil(limits, current, other) ?? Number.POSITIVE_INFINITY) <= now);
}

/** Wipes conversations that are read no more. The current one will reveal their MAC keys. */
export function giveUp(
  env: Env,
  session: Session,
  over: readonly Other[],
): { readonly session: Session; readonly wipe: readonly Uint8Array[] } {
  if (over.length === 0) return { session, wipe: [] };
  const { current } = session;
  const heir = current && over.reduce((so, { conversation }) => inherit(env, so, conversation), current);
  const others = session.others.filter((other) => !over.includes(other));
  return { session: { ...session, current: heir, others }, wipe: secretsOfOthers(over) };
}

/** Hands the MAC keys that a wiped conversation did not reveal to the one that goes on, which will reveal them. */
function inherit(env: Env, heir: Conversation, from: Conversation): Conversation {
  const keys = unrevealed(env, from);
  if (keys.length === 0) return heir;
  return { ...heir, ratchet: { ...heir.ratchet, toReveal: [...keys, ...heir.ratchet.toReveal] } };
}

/** The event that says which MAC keys we revealed; none when there are none. */
export function revealedByUs(session: string, keys: readonly Uint8Array[]): SessionEvent[] {
  return keys.length === 0
    ? []
    : [{ type: "mac-keys-revealed", session, by: "us", keys: keys.map((key) => key.slice()) }];
}

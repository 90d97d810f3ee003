// A data message came: which conversation it belongs to, and what it says (spec/07, "Data messages"; draft "Receiving a
// Data Message").
import { equalBytes } from "../bytes.ts";
import { accept, type Rejection, type Result, reject } from "../errors.ts";
import { isCostly, type OpenedStored, openStored } from "../ratchet/receive.ts";
import type { DataMessage } from "../wire/data-message.ts";
import { decodePlaintext, tlvType } from "../wire/tlv.ts";
import { drain, finishDraining, listen, speak } from "./conversation.ts";
import { announce, decides, giveUp, outlived, type Placed, revealedByUs } from "./establish.ts";
import type { Outcome } from "./outcome.ts";
import type { Env, SessionEvent } from "./step.ts";
import type { Conversation, Draining, Endpoint, Other, Session } from "./types.ts";

/** A session after a message, with what the message said. */
interface Read {
  readonly session: Session;
  readonly plaintext: Uint8Array;
  readonly late: boolean;
  readonly wipe: readonly Uint8Array[];
  /** The peer speaks in the rival of the conversation we chose, and has to be told. */
  readonly answer?: boolean;
}

/**
 * Tries the conversations with the sender's device: the current one, then the one before, then what is left of a closed
 * one.
 */
export function receiveData(env: Env, endpoint: Endpoint, message: DataMessage): Result<Outcome> {
  const sessions = endpoint.sessions.filter((session) => session.peer.tag === message.senderTag);
  let failure: Rejection = reject("NO_KEY", "there is no conversation with the device that sent this");
  for (const before of sessions) {
    const read = readIn(env, endpoint, before, message);
    if (read.ok) return accept(conclude(env, endpoint, before, message, read.value));
    if (failure.code === "NO_KEY" || read.code === "DUPLICATE") failure = read;
  }
  return failure;
}

function readIn(env: Env, endpoint: Endpoint, session: Session, message: DataMessage): Result<Read> {
  const { current, others, draining } = session;
  let failure: Rejection = reject("NO_KEY", "the conversation this belongs to is closed");
  if (current !== undefined) {
    const heard = listenWithin(env, endpoint, current, message);
    if (heard.ok) return accept(afterCurrent(env, session, heard.value));
    failure = heard;
  }
  for (const other of others) {
    const heard = listenWithin(env, endpoint, other.conversation, message);
    if (heard.ok) return accept(afterOther(env, session, other, heard.value));
    if (heard.code === "DUPLICATE") failure = heard;
  }
  if (draining !== undefined) {
    const stored = openStored(env.suite, draining.skipped, message);
    if (stored?.ok) return accept(afterDraining(session, draining, stored.value));
    const past = draining.past.some((key) => equalBytes(key, message.ecdh));
    failure =
      stored ??
      (past
        ? reject("STALE", "the peer closed this conversation, and this message was read or given up")
        : reject("NO_KEY", "the peer closed the conversation, and this message is of another"));
  }
  return failure;
}

interface HeardMessage {
  readonly conversation: Conversation;
  readonly plaintext: Uint8Array;
  readonly late: boolean;
  readonly wipe: readonly Uint8Array[];
}

function listenWithin(env: Env, endpoint: Endpoint, before: Conversation, message: DataMessage): Result<HeardMessage> {
  const heard = listen(env, before, message, endpoint.sequence);
  if (!heard.ok) {
    const tried = heard.code === "BAD_MAC" || heard.code === "BAD_POINT" || heard.code === "BAD_DH_KEY";
    if (tried && isCostly(before.ratchet, message)) env.budget?.failed(env.now);
    return heard;
  }
  const { conversation, opened } = heard.value;
  if (opened.extra !== undefined) opened.extra.fill(0);
  return accept({ conversation, plaintext: opened.plaintext, late: opened.late, wipe: opened.wipe });
}

/** The first message under a new conversation ends those that it superseded. */
function afterCurrent(env: Env, before: Session, { conversation, plaintext, late, wipe }: HeardMessage): Read {
  const superseded = before.others.filter(({ rival }) => !rival);
  const over = giveUp(env, { ...before, current: conversation }, superseded);
  return { session: over.session, plaintext, late, wipe: [...wipe, ...over.wipe] };
}

/**
 * Where the peer is heard in a rival, we go on there, or tell it where to: not if what it says is goodbye. Told once
 * and never heard in the conversation we chose, the peer no longer has that one, and we give in.
 */
function afterOther(env: Env, before: Session, other: Other, { conversation, plaintext, wipe }: HeardMessage): Read {
  const { current, peer } = before;
  const settling = other.rival && current !== undefined && !isGoodbye(env, plaintext);
  const moves = settling && (!decides(env, peer) || (other.told && !current.heard));
  const after: Other = moves
    ? { ...other, conversation: current, told: false, since: env.now }
    : { ...other, conversation, told: other.told || settling };
  const others = before.others.map((each) => (each === other ? after : each));
  const session = { ...before, current: moves ? conversation : current, others };
  return { session, plaintext, late: true, wipe, answer: settling && !moves };
}

function afterDraining(session: Session, draining: Draining, stored: OpenedStored): Read {
  const { skipped, macKey, plaintext, extra, wipe } = stored;
  extra.fill(0);
  const toReveal = [...draining.toReveal, macKey];
  return { session: { ...session, draining: { ...draining, skipped, toReveal } }, plaintext, late: true, wipe };
}

/** Events of the message, the peer's close, and what we say in return without being asked. */
function conclude(env: Env, endpoint: Endpoint, before: Session, message: DataMessage, read: Read): Outcome {
  const { text, tlvs, corrupted } = decodePlaintext(read.plaintext, env.limits);
  const { id, peer } = before;
  const events: SessionEvent[] = [];
  if (message.revealed.length > 0) {
    const keys = message.revealed.map((key) => key.slice());
    events.push({ type: "mac-keys-revealed", session: id, by: "peer", keys });
  }
  const said = tlvs.filter(({ type }) => type !== tlvType.padding && type !== tlvType.disconnected);
  const disconnected = tlvs.some(({ type }) => type === tlvType.disconnected);
  const { ratchetId, messageId } = message;
  if (text !== "" || said.length > 0 || corrupted) {
    const { late } = read;
    events.push({ type: "message", session: id, text, tlvs: said, ratchetId, messageId, late, corrupted });
  } else if (!disconnected) events.push({ type: "heartbeat", session: id });

  const closed = disconnected ? afterDisconnect(env, before, read.session) : undefined;
  const { current } = closed?.session ?? read.session;
  if (current !== undefined && before.current !== undefined && current.ssid !== before.current.ssid) {
    events.push({ type: "switched", session: id, ssid: current.ssid });
  }
  const told = read.answer
    ? announce(env, read.session)
    : { session: read.session, messages: [], events: [], wipe: [] };
  const settled = settle(env, closed?.session ?? told.session);
  return {
    endpoint: { ...endpoint, sessions: replaceSession(endpoint, before.id, settled.session) },
    messages: [...told.messages, ...settled.messages].map((bytes) => ({ bytes, peerTag: peer.tag })),
    events: [...events, ...(closed?.events ?? []), ...told.events, ...settled.events],
    wipe: [...read.wipe, ...(closed?.wipe ?? []), ...told.wipe, ...settled.wipe],
  };
}

function isGoodbye(env: Env, plaintext: Uint8Array): boolean {
  return decodePlaintext(plaintext, env.limits).tlvs.some(({ type }) => type === tlvType.disconnected);
}

/** The session in its place; without it when nothing of it is left. */
export function replaceSession(endpoint: Endpoint, id: string, session: Session): readonly Session[] {
  const gone = session.current === undefined && session.draining === undefined;
  return endpoint.sessions.flatMap((other) => (other.id !== id ? [other] : gone ? [] : [session]));
}

interface Closed {
  readonly session: Session;
  readonly events: readonly SessionEvent[];
  readonly wipe: readonly Uint8Array[];
}

/**
 * The peer said goodbye in the conversation in which `after` differs from `before`. If a rival stands, that goodbye was
 * not for it: the peer may have closed one while it completed the other.
 */
function afterDisconnect(env: Env, before: Session, after: Session): Closed {
  const { current, others } = after;
  if (current === undefined) return { session: after, events: [], wipe: [] };
  const known = [before.current, ...before.others.map(({ conversation }) => conversation)];
  const ended = others.filter(({ conversation }) => !known.includes(conversation));
  if (ended.length > 0) return { ...giveUp(env, after, ended), events: [] };
  const gone = outlived(env, after);
  const rival = others.find((other) => other.rival && !gone.includes(other));
  if (rival !== undefined) {
    const swapped = others.map((other) =>
      other === rival ? { ...rival, conversation: current, rival: false } : other,
    );
    const session = { ...after, current: rival.conversation, others: swapped };
    return {
      ...giveUp(
        env,
        session,
        swapped.filter(({ conversation }) => conversation === current),
      ),
      events: [],
    };
  }
  const { draining, wipe } = drain(env, after.peer, current, others);
  return {
    session: { ...after, current: undefined, others: [], draining },
    events: [{ type: "disconnected", session: after.id, missing: draining.skipped.length }],
    wipe,
  };
}

/** Ends a conversation that has nothing left to read, reveals MAC keys that pile up, sends a heartbeat that is due. */
export function settle(env: Env, session: Session): Placed {
  const { current, draining } = session;
  if (draining !== undefined && isDrained(env, draining)) {
    const ended = finishDraining(env, draining);
    const events: SessionEvent[] = [
      { type: "drained", session: session.id, missing: draining.skipped.length },
      ...revealedByUs(session.id, ended.revealed),
    ];
    return { session: { ...session, draining: undefined }, messages: ended.messages, events, wipe: ended.wipe };
  }
  const full = session.others.filter(({ conversation }) => pilesUp(env, conversation));
  const heir = current && full.reduce((so, { conversation }) => takeOver(so, conversation), current);
  if (heir === undefined || !hasSomethingToSay(env, heir)) {
    return { session, messages: [], events: [], wipe: [] };
  }
  const others = session.others.map((other) => (full.includes(other) ? emptied(other) : other));
  const spoken = speak(env, session.peer, heir, { text: "", tlvs: [], ignoreUnreadable: true });
  const events = revealedByUs(session.id, spoken.revealed);
  return {
    session: { ...session, current: spoken.conversation, others },
    messages: spoken.messages,
    events,
    wipe: spoken.wipe,
  };
}

function isDrained(env: Env, { skipped, since }: Draining): boolean {
  return skipped.length === 0 || env.now - since >= env.limits.drainSeconds;
}

/** A one-sided conversation would never rotate nor reveal: then an empty message does it. */
function hasSomethingToSay(env: Env, conversation: Conversation): boolean {
  const { heartbeatSeconds } = env.limits;
  const heartbeatDue = heartbeatSeconds > 0 && env.now - conversation.lastSentAt >= heartbeatSeconds;
  return heartbeatDue || pilesUp(env, conversation);
}

function pilesUp({ limits }: Env, { ratchet }: Conversation): boolean {
  return ratchet.toReveal.length >= limits.revealedPerMessage;
}

/** MAC keys of a conversation in which nothing is said any more are revealed in the current one. */
function takeOver(heir: Conversation, { ratchet }: Conversation): Conversation {
  return { ...heir, ratchet: { ...heir.ratchet, toReveal: [...heir.ratchet.toReveal, ...ratchet.toReveal] } };
}

function emptied(other: Other): Other {
  const { conversation } = other;
  return { ...other, conversation: { ...conversation, ratchet: { ...conversation.ratchet, toReveal: [] } } };
}

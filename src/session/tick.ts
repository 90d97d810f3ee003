// The passing of time: what expires, what is due (spec/07, "Time"; draft "Session Expiration", "Deletion of Stored
// Message Keys").
import type { Limits } from "../limits.ts";
import { expireSkipped } from "../ratchet/skipped.ts";
import { IGNORE_UNREADABLE } from "../wire/data-message.ts";
import { decodeMessage } from "../wire/messages.ts";
import { close } from "./actions.ts";
import { assertCurrent, assertUsable, stepFrom } from "./commit.ts";
import { replaceSession, settle } from "./data.ts";
import { giveUp, outlived, readUntil } from "./establish.ts";
import { expireFragments } from "./fragments.ts";
import { joined, type Outcome, toStep } from "./outcome.ts";
import { answerSecrets, offerSecrets, remember } from "./pending.ts";
import type { Env, SessionEvent, Step } from "./step.ts";
import type { Endpoint, Session } from "./types.ts";

/**
 * Lets time pass up to `env.now`: ends handshakes and sessions whose time is up, drops skipped keys, fragments and
 * early messages that waited too long, sends heartbeats that are due. Call it from time to time, and before and after
 * sleep; the very same endpoint comes back when nothing is due.
 */
export function tick(endpoint: Endpoint, env: Env): Step {
  assertUsable(endpoint, env);
  const pending = expirePending(endpoint, env);
  let step: Step = pending === undefined ? { endpoint, send: [], events: [], wipe: [] } : toStep(env, pending);
  for (const { id } of endpoint.sessions) step = joined(step, tickSession(step.endpoint, id, env));
  return stepFrom(endpoint, step);
}

/** When {@link tick} will next have something to do, in seconds since 1970; `undefined` when nothing waits for time. */
export function nextTick(endpoint: Endpoint, env: Pick<Env, "limits">): number | undefined {
  assertCurrent(endpoint);
  const { limits } = env;
  const times = [
    ...(endpoint.offer === undefined ? [] : [endpoint.offer.createdAt + limits.handshakeSeconds]),
    ...endpoint.invitations.map((entry) => entry.receivedAt + limits.handshakeSeconds),
    ...endpoint.answers.map((entry) => entry.createdAt + limits.handshakeSeconds),
    ...endpoint.buffered.map((entry) => entry.receivedAt + limits.bufferedSeconds),
    ...endpoint.fragments.map((entry) => entry.startedAt + limits.fragmentSeconds),
    ...endpoint.sessions.flatMap(({ current, others, draining }) => [
      ...(current === undefined ? [] : [current.freshSince + limits.sessionSeconds]),
      ...(current === undefined || limits.heartbeatSeconds === 0 ? [] : [current.lastSentAt + limits.heartbeatSeconds]),
      ...(current?.ratchet.skipped.map((entry) => entry.storedAt + limits.skippedSeconds) ?? []),
      ...others.flatMap((other) => {
        const end = current === undefined ? undefined : readUntil(limits, current, other);
        return end === undefined ? [] : [end];
      }),
      ...(draining === undefined ? [] : [draining.since + limits.drainSeconds]),
    ]),
  ];
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}

/** Offers, invitations, answers, early messages and fragments; `undefined` when none of them is over. */
function expirePending(endpoint: Endpoint, env: Env): Outcome | undefined {
  const { now, limits } = env;
  const alive = (since: number, seconds: number): boolean => now - since < seconds;
  const { offer: standing } = endpoint;
  const offered = standing !== undefined && alive(standing.createdAt, limits.handshakeSeconds) ? standing : undefined;
  const invitations = endpoint.invitations.filter((entry) => alive(entry.receivedAt, limits.handshakeSeconds));
  const answers = endpoint.answers.filter((entry) => alive(entry.createdAt, limits.handshakeSeconds));
  const buffered = endpoint.buffered.filter((entry) => alive(entry.receivedAt, limits.bufferedSeconds));
  const fragments = expireFragments(endpoint.fragments, now, limits);
  const over = {
    offers: standing === undefined || standing === offered ? [] : [standing],
    invitations: endpoint.invitations.filter((entry) => !invitations.includes(entry)),
    answers: endpoint.answers.filter((entry) => !answers.includes(entry)),
    buffered: endpoint.buffered.filter((entry) => !buffered.includes(entry)),
  };
  const ended = over.offers.length + over.invitations.length + over.answers.length + over.buffered.length;
  if (ended === 0 && fragments === endpoint.fragments) return undefined;
  const seen = over.invitations.reduce((so, { id }) => remember(env, so, id), endpoint.seen);
  const events: SessionEvent[] = [
    ...over.offers.map((entry) => handshakeEnded("offer", entry.receiverTag)),
    ...over.invitations.map((entry) => handshakeEnded("invitation", entry.message.senderTag)),
    ...over.answers.map((entry) => handshakeEnded("answer", entry.peerTag)),
    ...over.buffered.map(
      (entry): SessionEvent => ({
        type: "rejected",
        code: "NO_KEY",
        why: "the handshake that this message belongs to was not completed in time",
        peerTag: entry.senderTag,
        unreadable: !mayBeIgnored(entry.bytes, limits),
      }),
    ),
  ];
  return {
    endpoint: { ...endpoint, offer: offered, invitations, answers, seen, buffered, fragments },
    messages: [],
    events,
    wipe: [...over.offers.flatMap(offerSecrets), ...over.answers.flatMap(answerSecrets)],
  };
}

function handshakeEnded(kind: "offer" | "invitation" | "answer", peerTag: number): SessionEvent {
  return { type: "handshake-ended", kind, peerTag };
}

function tickSession(endpoint: Endpoint, id: string, env: Env): Step {
  const nothing: Step = { endpoint, send: [], events: [], wipe: [] };
  const before = endpoint.sessions.find((session) => session.id === id);
  if (before === undefined) return nothing;
  if (before.current !== undefined && env.now - before.current.freshSince >= env.limits.sessionSeconds) {
    return close(endpoint, id, env, "expired");
  }
  const trimmed = trim(before, env);
  const settled = settle(env, trimmed.session);
  if (settled.session === before) return nothing;
  return toStep(env, {
    endpoint: { ...endpoint, sessions: replaceSession(endpoint, id, settled.session) },
    messages: settled.messages.map((bytes) => ({ bytes, peerTag: before.peer.tag })),
    events: settled.events,
    wipe: [...trimmed.wipe, ...settled.wipe],
  });
}

/**
 * Gives up conversations that were read long enough, and drops skipped keys that waited too long: the very same session
 * when none did.
 */
function trim(before: Session, env: Env): { readonly session: Session; readonly wipe: readonly Uint8Array[] } {
  let session = before;
  const wipe: Uint8Array[] = [];
  const without = giveUp(env, session, outlived(env, session));
  session = without.session;
  wipe.push(...without.wipe);
  if (session.current !== undefined) {
    const expired = expireSkipped(env.suite, session.current.ratchet, env.now - env.limits.skippedSeconds);
    if (expired.ratchet !== session.current.ratchet) {
      session = { ...session, current: { ...session.current, ratchet: expired.ratchet } };
      wipe.push(...expired.wipe);
    }
  }
  return { session, wipe };
}

function mayBeIgnored(bytes: Uint8Array, limits: Limits): boolean {
  const message = decodeMessage(bytes, limits);
  return message.ok && message.value.kind === "data" && (message.value.flags & IGNORE_UNREADABLE) !== 0;
}

// What our user does: start, accept, write, close (spec/07, "Actions"; draft "Protocol Events", the user's part).
import { equalBytes } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { isExpired } from "../profile/client.ts";
import { queryMessage } from "../wire/armor.ts";
import { FRAGMENT_OVERHEAD } from "../wire/fragment.ts";
import { isInstanceTag } from "../wire/messages.ts";
import type { Tlv } from "../wire/tlv.ts";
import { assertCurrent, assertProfile, assertUsable, stepFrom } from "./commit.ts";
import { close as closeConversation, finishDraining, speak } from "./conversation.ts";
import { replaceSession } from "./data.ts";
import { revealedByUs } from "./establish.ts";
import { answer, offer } from "./handshake.ts";
import { joined, refused, toStep } from "./outcome.ts";
import { answerSecrets, offerSecrets, remember } from "./pending.ts";
import type { Env, SessionEvent, Step } from "./step.ts";
import type { Endpoint, Invitation, Policy, Session } from "./types.ts";

/** Room for a fragment's frame, and enough of its message that `limits.revealedPerMessage` MAC keys can travel. */
export const MIN_MESSAGE_CHARS = 80;

/** What a message of ours consists of. */
export interface Content {
  /** Must not contain U+0000, at which the receiver would cut it. */
  readonly text?: string;
  readonly tlvs?: readonly Tlv[];
  /** Ask the peer to stay silent if it cannot read this. */
  readonly ignoreUnreadable?: boolean;
}

/**
 * A fresh endpoint for one peer.
 *
 * @throws SottovoceError `BAD_ARGUMENT` for a tag below 0x100, or a carrier whose messages hold less than 80
 * characters.
 */
export function createEndpoint(ourTag: number, policy: Partial<Policy> = {}): Endpoint {
  if (!isInstanceTag(ourTag)) {
    throw new SottovoceError("BAD_ARGUMENT", `${ourTag} is no instance tag: it must lie between 0x100 and 0xffffffff.`);
  }
  const { maxMessageChars = 0 } = policy;
  if (maxMessageChars !== 0 && !(Number.isInteger(maxMessageChars) && maxMessageChars >= MIN_MESSAGE_CHARS)) {
    throw new SottovoceError(
      "BAD_ARGUMENT",
      `A message must hold ${MIN_MESSAGE_CHARS} characters or more, not ${maxMessageChars}; 0 means no limit.`,
    );
  }
  return {
    ourTag,
    policy: { answer: policy.answer ?? "ask", maxMessageChars },
    sequence: 1,
    offer: undefined,
    invitations: [],
    answers: [],
    seen: [],
    sessions: [],
    buffered: [],
    fragments: [],
  };
}

/**
 * Offers a conversation with an Identity message: to all devices of the peer (`receiverTag` 0), or a new handshake to
 * the device of a session. Doing it again sends the same Identity again.
 *
 * @throws SottovoceError `BAD_STATE` when there is no open session with the device of `receiverTag`, or our own profile
 *   has expired.
 */
export function start(endpoint: Endpoint, env: Env, receiverTag: number = 0): Step {
  assertUsable(endpoint, env);
  const known = endpoint.sessions.some(({ peer, current }) => peer.tag === receiverTag && current !== undefined);
  if (receiverTag !== 0 && !known) {
    throw new SottovoceError(
      "BAD_STATE",
      "Only a device we have a conversation with can be offered a new one by its tag; nothing was sent. Use tag 0.",
    );
  }
  assertProfile(env);
  return stepFrom(endpoint, toStep(env, offer(env, endpoint, receiverTag)));
}

/**
 * The text that asks the peer to send an Identity; the state stays as it is.
 *
 * @throws SottovoceError `BAD_STATE` while a conversation is going on.
 */
export function query(endpoint: Endpoint, text: string): Step {
  assertCurrent(endpoint);
  if (endpoint.sessions.some((session) => session.current !== undefined)) {
    throw new SottovoceError("BAD_STATE", "A conversation is going on; a query would leave it. Nothing was sent.");
  }
  return { endpoint, send: [queryMessage(text)], events: [], wipe: [] };
}

/**
 * Accepts an invitation: sends Auth-R. An invitation that cannot be answered stays, with a `rejected` event.
 *
 * @throws SottovoceError `NOT_FOUND` when there is no such invitation, `BAD_STATE` when our own profile has expired.
 */
export function acceptInvitation(endpoint: Endpoint, id: string, env: Env): Step {
  assertUsable(endpoint, env);
  const invitation = invitationOf(endpoint, id);
  if (!isExpired(invitation.message.profile, env.now)) assertProfile(env);
  const outcome = answer(env, endpoint, invitation);
  return outcome.ok ? stepFrom(endpoint, toStep(env, outcome.value)) : refused(endpoint, outcome);
}

/** Forgets an invitation; its Identity will start nothing later either. The peer learns nothing from this layer. */
export function declineInvitation(endpoint: Endpoint, id: string, env: Env): Step {
  assertUsable(endpoint, env);
  const { message } = invitationOf(endpoint, id);
  const step = toStep(env, {
    endpoint: {
      ...endpoint,
      invitations: endpoint.invitations.filter((other) => other.id !== id),
      seen: remember(env, endpoint.seen, id),
    },
    messages: [],
    events: [{ type: "handshake-ended", kind: "invitation", peerTag: message.senderTag }],
    wipe: [],
  });
  return stepFrom(endpoint, step);
}

/** Takes our offer back: an Auth-R to it comes too late. Does nothing when there is none. */
export function withdraw(endpoint: Endpoint, env: Env): Step {
  assertUsable(endpoint, env);
  const { offer: standing } = endpoint;
  if (standing === undefined) return { endpoint, send: [], events: [], wipe: [] };
  const step = toStep(env, {
    endpoint: { ...endpoint, offer: undefined },
    messages: [],
    events: [{ type: "handshake-ended", kind: "offer", peerTag: standing.receiverTag }],
    wipe: offerSecrets(standing),
  });
  return stepFrom(endpoint, step);
}

/**
 * Encrypts a message in a session.
 *
 * @throws SottovoceError `NOT_FOUND`, `BAD_STATE` when the peer has closed, `BAD_ARGUMENT`, `TOO_LARGE`; nothing is
 * used up.
 */
export function send(endpoint: Endpoint, id: string, content: Content, env: Env): Step {
  assertUsable(endpoint, env);
  const session = sessionOf(endpoint, id);
  const { current, peer } = session;
  if (current === undefined) {
    throw new SottovoceError(
      "BAD_STATE",
      "The peer has closed this conversation, so nothing was sent. Start a new one.",
    );
  }
  const { text = "", tlvs = [], ignoreUnreadable = false } = content;
  checkContent(env, endpoint.policy, text, tlvs);
  const spoken = speak(env, peer, current, { text, tlvs, ignoreUnreadable });
  const step = toStep(env, {
    endpoint: { ...endpoint, sessions: replaceSession(endpoint, id, { ...session, current: spoken.conversation }) },
    messages: spoken.messages.map((bytes) => ({ bytes, peerTag: peer.tag })),
    events: revealedByUs(id, spoken.revealed),
    wipe: spoken.wipe,
  });
  return stepFrom(endpoint, step);
}

/** An empty message: shows that we are there, and rotates keys when it is our turn. */
export function heartbeat(endpoint: Endpoint, id: string, env: Env): Step {
  return send(endpoint, id, { ignoreUnreadable: true }, env);
}

/**
 * Ends a session: says goodbye, reveals the MAC keys, drops every key, and forgets handshakes under way with that
 * device. `expired` says why. A session that the peer had closed just ends, with what is left to reveal.
 *
 * @throws SottovoceError `NOT_FOUND`.
 */
export function close(endpoint: Endpoint, id: string, env: Env, reason: "user" | "expired" = "user"): Step {
  assertUsable(endpoint, env);
  const session = sessionOf(endpoint, id);
  const { current, others, draining, peer } = session;
  const forgotten = reason === "user" ? forgetHandshakes(endpoint, session) : { endpoint, events: [], wipe: [] };
  const parts = [
    ...(current === undefined ? [] : [closeConversation(env, peer, current, others)]),
    ...(draining === undefined ? [] : [finishDraining(env, draining)]),
  ];
  const step = toStep(env, {
    endpoint: { ...forgotten.endpoint, sessions: endpoint.sessions.filter((other) => other.id !== id) },
    messages: parts.flatMap(({ messages }) => messages.map((bytes) => ({ bytes, peerTag: peer.tag }))),
    events: [
      ...revealedByUs(
        id,
        parts.flatMap(({ revealed }) => revealed),
      ),
      { type: "closed", session: id, reason },
      ...forgotten.events,
    ],
    wipe: [...parts.flatMap((part) => part.wipe), ...forgotten.wipe],
  });
  return stepFrom(endpoint, step);
}

/** What is under way with the device of a session that our user closes: it must not open another one by itself. */
function forgetHandshakes(endpoint: Endpoint, { peer }: Session): Pick<Step, "endpoint" | "events" | "wipe"> {
  const answers = endpoint.answers.filter(
    ({ peerTag, answered }) => peerTag === peer.tag && equalBytes(answered.peer.publicKey, peer.publicKey),
  );
  const offer = endpoint.offer?.receiverTag === peer.tag ? endpoint.offer : undefined;
  return {
    endpoint: {
      ...endpoint,
      offer: offer === undefined ? endpoint.offer : undefined,
      answers: endpoint.answers.filter((entry) => !answers.includes(entry)),
      buffered: endpoint.buffered.filter(({ senderTag }) => senderTag !== peer.tag),
    },
    events: [
      ...answers.map((): SessionEvent => ({ type: "handshake-ended", kind: "answer", peerTag: peer.tag })),
      ...(offer === undefined ? [] : [{ type: "handshake-ended", kind: "offer", peerTag: peer.tag } as const]),
    ],
    wipe: [...answers.flatMap(answerSecrets), ...(offer === undefined ? [] : offerSecrets(offer))],
  };
}

/** Ends every session, and forgets every offer, invitation and unfinished handshake. */
export function closeAll(endpoint: Endpoint, env: Env): Step {
  assertUsable(endpoint, env);
  const steps: ((so: Endpoint) => Step)[] = [
    (so) => withdraw(so, env),
    ...endpoint.invitations.map((invitation) => (so: Endpoint) => declineInvitation(so, invitation.id, env)),
    ...endpoint.sessions.map((session) => (so: Endpoint) => close(so, session.id, env)),
  ];
  const { answers, buffered, fragments } = endpoint;
  const nothing = answers.length + buffered.length + fragments.length === 0;
  const bare = nothing ? endpoint : { ...endpoint, answers: [], buffered: [], fragments: [] };
  const step = steps.reduce<Step>((so, next) => joined(so, next(so.endpoint)), {
    endpoint: bare,
    send: [],
    events: answers.map(({ peerTag }) => ({ type: "handshake-ended", kind: "answer", peerTag })),
    wipe: answers.flatMap(answerSecrets),
  });
  return stepFrom(endpoint, step);
}

function checkContent({ limits }: Env, policy: Policy, text: string, tlvs: readonly Tlv[]): void {
  if (text.includes("\u0000")) {
    throw new SottovoceError(
      "BAD_ARGUMENT",
      "The text contains U+0000, where the receiver would cut it; nothing was sent.",
    );
  }
  if (tlvs.length > limits.tlvs || tlvs.some(({ value }) => value.length > 0xffff)) {
    throw new SottovoceError("BAD_ARGUMENT", "Too many TLVs, or one of more than 65535 bytes; nothing was sent.");
  }
  const bytes = text.length * 3 + tlvs.reduce((sum, { value }) => sum + 4 + value.length, 0);
  const room = (largestText(limits, policy) * 3) / 4 - 2048 - limits.revealedPerMessage * 64;
  if (bytes > room) {
    throw new SottovoceError(
      "TOO_LARGE",
      `The message may need ${bytes} bytes and ${Math.floor(room)} are allowed; nothing was sent. Send it in parts.`,
    );
  }
}

/** Characters of a text that a peer with our limits takes, whole or in fragments. */
function largestText({ messageChars, fragmentsPerMessage }: Limits, { maxMessageChars }: Policy): number {
  if (maxMessageChars === 0) return messageChars;
  return Math.min(messageChars, fragmentsPerMessage * (maxMessageChars - FRAGMENT_OVERHEAD));
}

function sessionOf(endpoint: Endpoint, id: string): Session {
  const session = endpoint.sessions.find((other) => other.id === id);
  if (session === undefined) {
    throw new SottovoceError(
      "NOT_FOUND",
      `There is no session "${id}"; nothing was sent. It may have been closed or expired.`,
    );
  }
  return session;
}

function invitationOf(endpoint: Endpoint, id: string): Invitation {
  const invitation = endpoint.invitations.find((other) => other.id === id);
  if (invitation === undefined) {
    throw new SottovoceError("NOT_FOUND", "There is no such invitation; nothing was sent. It may have expired.");
  }
  return invitation;
}

// Receiving: one text of the carrier, to the message in it, to the place that handles it (spec/07, "Receiving"; draft
// "Protocol Events"). Nothing that comes in here throws or leaves a trace when it is refused.
import { equalBytes } from "../bytes.ts";
import { accept, type Rejection, reject } from "../errors.ts";
import { type ErrorNumber, errorMessage, parseIncoming } from "../wire/armor.ts";
import { type DataMessage, IGNORE_UNREADABLE } from "../wire/data-message.ts";
import type { Fragment } from "../wire/fragment.ts";
import { decodeMessage, type Message, messageType, peekHeader } from "../wire/messages.ts";
import { assertUsable, stepFrom } from "./commit.ts";
import { receiveData } from "./data.ts";
import { collect } from "./fragments.ts";
import { mayRepeat, offer, receiveAuthI, receiveAuthR, receiveIdentity } from "./handshake.ts";
import { type Outcome, refused, toStep } from "./outcome.ts";
import type { Env, SessionEvent, Step } from "./step.ts";
import type { Buffered, Endpoint } from "./types.ts";

/**
 * Takes one text from the peer. Returns the next endpoint, texts to send, events, and buffers to clear; a text that is
 * not accepted returns the very same endpoint with a `rejected` event.
 *
 * @throws SottovoceError for mistakes of the caller only: `SESSION_CONSUMED` when a later endpoint was committed
 * already,
 *   `BAD_ARGUMENT` when `env` is of another device.
 */
export function receive(endpoint: Endpoint, text: string, env: Env): Step {
  assertUsable(endpoint, env);
  return stepFrom(endpoint, receiveText(endpoint, text, env));
}

function receiveText(endpoint: Endpoint, text: string, env: Env): Step {
  const incoming = parseIncoming(text, env.limits);
  if (!incoming.ok) return refused(endpoint, incoming);
  const { value } = incoming;
  switch (value.kind) {
    case "message":
      return receiveMessage(endpoint, value.bytes, env);
    case "fragment":
      return receiveFragment(endpoint, value.fragment, env);
    case "query":
      return receivePlain(endpoint, value.text, value.versions, env);
    case "tagged":
      return receivePlain(endpoint, value.text, value.versions, env);
    case "plain":
      return receivePlain(endpoint, value.text, undefined, env);
    case "error":
      return only(endpoint, { type: "error-message", code: value.code, text: value.text });
  }
}

function only(endpoint: Endpoint, event: SessionEvent): Step {
  return { endpoint, send: [], events: [event], wipe: [] };
}

/** Plain text; a query or whitespace tag that offers version 4 is answered with an Identity under the policy `auto`. */
function receivePlain(endpoint: Endpoint, text: string, versions: string | undefined, env: Env): Step {
  const event: SessionEvent = { type: "plaintext", text, versions };
  const wanted = versions?.includes("4") === true && endpoint.policy.answer === "auto";
  const talking = endpoint.sessions.some((session) => session.current !== undefined);
  if (!wanted || talking) return only(endpoint, event);
  const outcome = offer(env, endpoint, 0);
  const again = outcome.endpoint === endpoint;
  if (again && !mayRepeat(env)) return only(endpoint, event);
  return toStep(env, { ...outcome, events: [event, ...outcome.events] });
}

function receiveFragment(endpoint: Endpoint, fragment: Fragment, env: Env): Step {
  const peerTag = fragment.senderTag;
  const misrouted = wrongTag(endpoint, fragment.senderTag, fragment.receiverTag);
  if (misrouted !== undefined) return refused(endpoint, misrouted, { peerTag });
  const collected = collect(endpoint.fragments, fragment, env.now, env.limits);
  if (!collected.ok) return refused(endpoint, collected, { peerTag });
  const { fragments, complete } = collected.value;
  const next: Endpoint = fragments === endpoint.fragments ? endpoint : { ...endpoint, fragments };
  if (complete === undefined) return { endpoint: next, send: [], events: [], wipe: [] };
  const incoming = parseIncoming(complete, env.limits);
  if (!incoming.ok) return refused(next, incoming, { peerTag });
  if (incoming.value.kind === "message") return receiveMessage(next, incoming.value.bytes, env);
  return refused(next, reject("MALFORMED", "fragments that hold no OTR message"), { peerTag });
}

function receiveMessage(endpoint: Endpoint, bytes: Uint8Array, env: Env): Step {
  const header = peekHeader(bytes);
  if (!header.ok) return refused(endpoint, header);
  const { senderTag: peerTag, receiverTag } = header.value;
  const misrouted = wrongTag(endpoint, peerTag, receiverTag);
  if (misrouted !== undefined) return refused(endpoint, misrouted, { peerTag });
  const decoded = decodeMessage(bytes, env.limits);
  if (!decoded.ok) {
    const send = header.value.type === messageType.data ? errorReply(env, 3) : [];
    return refused(endpoint, decoded, { peerTag, send });
  }
  return dispatch(endpoint, decoded.value, bytes, env);
}

function wrongTag(endpoint: Endpoint, senderTag: number, receiverTag: number): Rejection | undefined {
  if (senderTag === endpoint.ourTag) return reject("WRONG_TAG", "a message with our own instance tag as its sender's");
  if (receiverTag === 0 || receiverTag === endpoint.ourTag) return undefined;
  return reject("WRONG_TAG", "a message for another device");
}

function dispatch(endpoint: Endpoint, message: Message, bytes: Uint8Array, env: Env): Step {
  const about = { peerTag: message.senderTag };
  switch (message.kind) {
    case "identity": {
      const outcome = receiveIdentity(env, endpoint, message);
      return outcome.ok ? toStep(env, outcome.value) : refused(endpoint, outcome, about);
    }
    case "auth-r": {
      const outcome = receiveAuthR(env, endpoint, message);
      return outcome.ok
        ? toStep(env, withBuffered(env, outcome.value, message.senderTag))
        : refused(endpoint, outcome, about);
    }
    case "auth-i": {
      const outcome = receiveAuthI(env, endpoint, message);
      return outcome.ok
        ? toStep(env, withBuffered(env, outcome.value, message.senderTag))
        : refused(endpoint, outcome, about);
    }
    case "data":
      return dispatchData(endpoint, message, bytes, env);
  }
}

function dispatchData(endpoint: Endpoint, message: DataMessage, bytes: Uint8Array, env: Env): Step {
  const outcome = receiveData(env, endpoint, message);
  if (outcome.ok) return toStep(env, outcome.value);
  const about = { peerTag: message.senderTag };
  const settled = outcome.code === "DUPLICATE" || outcome.code === "RATE_LIMITED";
  if (settled) return refused(endpoint, outcome, about);
  if (
    message.ratchetId === 0 &&
    outcome.code !== "STALE" &&
    endpoint.answers.some((entry) => entry.peerTag === message.senderTag)
  ) {
    return buffer(endpoint, message, bytes, env);
  }
  if (outcome.code === "STALE" || (message.flags & IGNORE_UNREADABLE) !== 0) return refused(endpoint, outcome, about);
  const talking = endpoint.sessions.some(
    ({ peer, current }) => peer.tag === message.senderTag && current !== undefined,
  );
  return refused(endpoint, outcome, { ...about, unreadable: true, send: errorReply(env, talking ? 1 : 2) });
}

function errorReply(env: Env, code: ErrorNumber): readonly string[] {
  return (env.budget?.mayReply(env.now) ?? true) ? [errorMessage(code)] : [];
}

/** Keeps a message of the first ratchet until Auth-I is here. */
function buffer(endpoint: Endpoint, message: DataMessage, bytes: Uint8Array, env: Env): Step {
  const { bufferedMessages, bufferedChars } = env.limits;
  const about = { peerTag: message.senderTag };
  if (endpoint.buffered.some((entry) => equalBytes(entry.bytes, bytes))) {
    return refused(endpoint, reject("DUPLICATE", "this message came before and waits for the handshake"), about);
  }
  const held = endpoint.buffered.reduce((sum, entry) => sum + entry.bytes.length, bytes.length);
  if (endpoint.buffered.length >= bufferedMessages || held > bufferedChars) {
    const full = reject("FULL", "too many messages came before the handshake was complete");
    const ignorable = (message.flags & IGNORE_UNREADABLE) !== 0;
    return refused(endpoint, full, { ...about, unreadable: !ignorable, send: ignorable ? [] : errorReply(env, 2) });
  }
  const entry: Buffered = { bytes: bytes.slice(), senderTag: message.senderTag, receivedAt: env.now };
  return { endpoint: { ...endpoint, buffered: [...endpoint.buffered, entry] }, send: [], events: [], wipe: [] };
}

/**
 * Reads what came early, now that a conversation with that device stands. What cannot be read stays for another one.
 */
function withBuffered(env: Env, outcome: Outcome, peerTag: number): Outcome {
  return outcome.endpoint.buffered
    .filter((entry) => entry.senderTag === peerTag)
    .reduce<Outcome>((so, entry) => {
      const decoded = decodeMessage(entry.bytes, env.limits);
      const message = decoded.ok && decoded.value.kind === "data" ? accept(decoded.value) : undefined;
      const read = message === undefined ? undefined : receiveData(env, so.endpoint, message.value);
      if (!read?.ok) return so;
      const { endpoint, messages, events, wipe } = read.value;
      return {
        endpoint: { ...endpoint, buffered: endpoint.buffered.filter((other) => other !== entry) },
        messages: [...so.messages, ...messages],
        events: [...so.events, ...events],
        wipe: [...so.wipe, ...wipe],
      };
    }, outcome);
}

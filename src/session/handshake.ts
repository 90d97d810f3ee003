// The handshake's messages, sent and received (spec/07, "Handshake"; draft "Receiving an Identity Message", "Receiving
// an Auth-R Message", "Receiving an Auth-I Message").
import { compareBytes, EMPTY, equalBytes, toHex } from "../bytes.ts";
import { answerIdentity, checkAuthI } from "../dake/answer.ts";
import { checkKeys } from "../dake/check.ts";
import { completeOffer, identityHash, identityId, offerIdentity } from "../dake/offer.ts";
import type { Context } from "../dake/phi.ts";
import { accept, type Rejection, type Result, reject } from "../errors.ts";
import { isExpired } from "../profile/client.ts";
import { fingerprint } from "../profile/fingerprint.ts";
import { startAsInitiator, startAsResponder } from "../ratchet/start.ts";
import type { AuthIMessage } from "../wire/auth-i-message.ts";
import { encodeAuthIMessage } from "../wire/auth-i-message.ts";
import { type AuthRMessage, encodeAuthRMessage } from "../wire/auth-r-message.ts";
import { encodeIdentityMessage, type IdentityMessage } from "../wire/identity-message.ts";
import { establish, hasRoom, placeOf } from "./establish.ts";
import type { Outcome } from "./outcome.ts";
import { answerSecrets, offerSecrets, remember } from "./pending.ts";
import type { Env, SessionEvent } from "./step.ts";
import type { Answer, Endpoint, Invitation, Offer } from "./types.ts";

/**
 * Makes an Identity, or sends the one that is out once more when it has the same receiver and context. Another one
 * takes its place: an Auth-R to it would come too late.
 */
export function offer(env: Env, endpoint: Endpoint, receiverTag: number): Outcome {
  const standing = endpoint.offer;
  if (standing?.receiverTag === receiverTag && sameContext(standing.context, env.context)) {
    return resend(endpoint, standing);
  }
  const identity = offerIdentity(env.suite, env.random, env.identity, receiverTag);
  const made: Offer = {
    receiverTag,
    identity,
    hash: identityHash(env.suite, identity.message),
    context: env.context,
    sequence: endpoint.sequence,
    createdAt: env.now,
  };
  return {
    endpoint: { ...endpoint, offer: made },
    messages: [{ bytes: encodeIdentityMessage(identity.message), peerTag: receiverTag }],
    events: [],
    wipe: standing === undefined ? [] : offerSecrets(standing),
  };
}

function resend(endpoint: Endpoint, { identity, receiverTag }: Offer): Outcome {
  const bytes = encodeIdentityMessage(identity.message);
  return { endpoint, messages: [{ bytes, peerTag: receiverTag }], events: [], wipe: [] };
}

/** An Identity came: answered, kept for the user, or passed over for a stronger one of ours. */
export function receiveIdentity(env: Env, endpoint: Endpoint, theirs: IdentityMessage): Result<Outcome> {
  const hash = identityHash(env.suite, theirs);
  const id = identityId(env.suite, theirs);
  const name = toHex(id);
  const answered = endpoint.answers.find((entry) => entry.peerTag === theirs.senderTag && entry.id === name);
  if (answered !== undefined) {
    if (!mayRepeat(env)) return reject("RATE_LIMITED", "this Identity came again too often");
    const again = { bytes: answered.authR, peerTag: answered.peerTag };
    return accept({ endpoint, messages: [again, ...unheardAuthI(endpoint, theirs.senderTag)], events: [], wipe: [] });
  }
  const seen = endpoint.seen.some((other) => equalBytes(other, id));
  if (seen || endpoint.invitations.some((other) => other.id === name)) {
    return reject("DUPLICATE", "this Identity came before");
  }
  const checked = costly(env, () => checkKeys(env.suite, theirs, env.identity, env));
  if (!checked.ok) return checked;
  const rival = offerTo(endpoint, theirs.senderTag);
  const order = rival === undefined ? -1 : compareBytes(rival.hash, hash);
  if (order === 0) return reject("UNEXPECTED", "this Identity has the same hash as ours");
  if (rival !== undefined && order > 0 && !mayRepeat(env)) {
    return reject("RATE_LIMITED", "too many Identities of less weight than ours");
  }
  if (rival !== undefined && order > 0) return accept(resend(endpoint, rival));

  const received: Invitation = {
    id: name,
    message: theirs,
    hash,
    context: env.context,
    sequence: endpoint.sequence,
    receivedAt: env.now,
  };
  if (endpoint.policy.answer === "auto") return answerAtOnce(env, endpoint, received);
  const over = endpoint.invitations.slice(
    0,
    Math.max(0, endpoint.invitations.length - env.limits.pendingIdentities + 1),
  );
  const event: SessionEvent = {
    type: "invitation",
    id: received.id,
    peerTag: theirs.senderTag,
    fingerprint: fingerprint(env.suite, theirs.profile.publicKey, theirs.profile.forgingKey),
    mutual: rival !== undefined,
  };
  const next = { ...endpoint, invitations: [...endpoint.invitations.slice(over.length), received] };
  const ended = over.map(({ message }): SessionEvent => {
    return { type: "handshake-ended", kind: "invitation", peerTag: message.senderTag };
  });
  return accept({ endpoint: next, messages: [], events: [...ended, event], wipe: [] });
}

/** Sends Auth-R. Our own offers stay: a late Auth-R to one of them can still be accepted. */
export function answer(env: Env, endpoint: Endpoint, invitation: Invitation): Result<Outcome> {
  const { message, hash, context, sequence } = invitation;
  if (endpoint.answers.length >= env.limits.pendingIdentities) {
    return reject("FULL", "too many handshakes with this peer are unfinished");
  }
  if (isExpired(message.profile, env.now)) {
    return reject("EXPIRED_PROFILE", "the profile in this Identity has expired while it waited");
  }
  const answered = answerIdentity(env.suite, env.random, env.identity, context, message);
  if (!answered.ok) return answered;
  const authR = encodeAuthRMessage(answered.value.message);
  const entry: Answer = {
    peerTag: message.senderTag,
    id: invitation.id,
    hash,
    place: placeOf(env, context),
    answered: answered.value.answered,
    authR,
    sequence,
    createdAt: env.now,
  };
  return {
    ok: true,
    value: {
      endpoint: {
        ...endpoint,
        answers: [...endpoint.answers, entry],
        invitations: endpoint.invitations.filter((other) => other.id !== invitation.id),
        seen: remember(env, endpoint.seen, invitation.id),
      },
      messages: [{ bytes: authR, peerTag: message.senderTag }, ...unheardAuthI(endpoint, message.senderTag)],
      events: [],
      wipe: [],
    },
  };
}

/** Without a user who accepts, the oldest unfinished handshake gives way to a new one. */
function answerAtOnce(env: Env, endpoint: Endpoint, received: Invitation): Result<Outcome> {
  const { answers } = endpoint;
  const dropped = answers.slice(0, Math.max(0, answers.length - env.limits.pendingIdentities + 1));
  const outcome = answer(env, { ...endpoint, answers: answers.slice(dropped.length) }, received);
  if (!outcome.ok) return outcome;
  return accept({ ...outcome.value, wipe: [...outcome.value.wipe, ...dropped.flatMap(answerSecrets)] });
}

/**
 * Auth-I messages of which the peer has not shown that they arrived: a peer that begins anew may be missing one, and
 * with it learns of the conversation that we already have.
 */
function unheardAuthI(endpoint: Endpoint, peerTag: number): { bytes: Uint8Array; peerTag: number }[] {
  return endpoint.sessions
    .filter(({ peer }) => peer.tag === peerTag)
    .flatMap(({ current, others }) => [current, ...others.map(({ conversation }) => conversation)])
    .flatMap((conversation) => (conversation?.authI.length ? [{ bytes: conversation.authI, peerTag }] : []));
}

/** Auth-R came: if it answers an offer of ours, the conversation stands and Auth-I goes out. */
export function receiveAuthR(env: Env, endpoint: Endpoint, theirs: AuthRMessage): Result<Outcome> {
  const entry = offerTo(endpoint, theirs.senderTag);
  if (entry === undefined) return reject("UNEXPECTED", "no offer of ours waits for this Auth-R");
  if (
    !hasRoom(env, endpoint, { peerTag: theirs.senderTag, profile: theirs.profile, place: placeOf(env, entry.context) })
  ) {
    return reject("FULL", "too many conversations with this peer");
  }
  const done = costly(env, () =>
    completeOffer(env.suite, env.random, env.identity, entry.context, entry.identity, theirs, {
      now: env.now,
      graceSeconds: env.limits.profileGraceSeconds,
    }),
  );
  return done.ok ? accept(concludeOffer(env, endpoint, entry, theirs, done.value)) : done;
}

/** Our offer, if a device with this tag may answer it. */
function offerTo({ offer: standing }: Endpoint, tag: number): Offer | undefined {
  return standing?.receiverTag === 0 || standing?.receiverTag === tag ? standing : undefined;
}

function concludeOffer(
  env: Env,
  endpoint: Endpoint,
  entry: Offer,
  theirs: AuthRMessage,
  { message, secret }: { readonly message: AuthIMessage; readonly secret: Parameters<typeof establish>[2]["secret"] },
): Outcome {
  const { keys } = entry.identity;
  const authI = encodeAuthIMessage(message);
  const ratchet = startAsInitiator(env.suite, env.random, {
    secret,
    ourFirstEcdh: keys.firstEcdh,
    ourFirstDh: keys.firstDh,
    theirFirstEcdh: theirs.firstEcdh.slice(),
    theirFirstDh: theirs.firstDh.slice(),
  });
  const without = { ...endpoint, offer: undefined };
  const made = establish(env, without, {
    peerTag: theirs.senderTag,
    place: placeOf(env, entry.context),
    profile: theirs.profile,
    ratchet,
    secret,
    role: "initiator",
    hash: entry.hash,
    identityAt: entry.sequence,
    authI,
  });
  return {
    endpoint: { ...without, sessions: made.sessions },
    messages: [{ bytes: authI, peerTag: theirs.senderTag }, ...made.messages],
    events: made.events,
    wipe: [...made.wipe, ...offerSecrets(entry)],
  };
}

/** Auth-I came: if it completes an answer of ours, the conversation stands. */
export function receiveAuthI(env: Env, endpoint: Endpoint, theirs: AuthIMessage): Result<Outcome> {
  const candidates = endpoint.answers.filter((entry) => entry.peerTag === theirs.senderTag).reverse();
  if (candidates.length === 0) return reject("UNEXPECTED", "no answer of ours waits for this Auth-I");
  const found = costly(env, (): Result<Answer> => {
    let failure: Rejection | undefined;
    for (const entry of candidates) {
      const good = checkAuthI(env.suite, entry.answered, theirs);
      if (good.ok) return accept(entry);
      failure ??= good;
    }
    return failure as Rejection;
  });
  if (!found.ok) return found;
  const entry = found.value;
  const { peer } = entry.answered;
  if (isExpired(peer, env.now, env.limits.profileGraceSeconds)) {
    return reject("EXPIRED_PROFILE", "the profile of the Identity has expired before its Auth-I came");
  }
  if (!hasRoom(env, endpoint, { peerTag: entry.peerTag, profile: peer, place: entry.place })) {
    return reject("FULL", "too many conversations with this peer");
  }
  return accept(concludeAnswer(env, endpoint, entry));
}

function concludeAnswer(env: Env, endpoint: Endpoint, entry: Answer): Outcome {
  const { answered } = entry;
  const without = { ...endpoint, answers: endpoint.answers.filter((other) => other !== entry) };
  const made = establish(env, without, {
    peerTag: entry.peerTag,
    place: entry.place,
    profile: answered.peer,
    ratchet: startAsResponder(env.suite, answered),
    secret: answered.secret,
    role: "responder",
    hash: entry.hash,
    identityAt: entry.sequence,
    authI: EMPTY,
  });
  return {
    endpoint: { ...without, sessions: made.sessions },
    messages: made.messages,
    events: made.events,
    wipe: made.wipe,
  };
}

/** Whether something may be sent once more because the peer asks again. */
export function mayRepeat(env: Env): boolean {
  return env.budget?.mayRepeat(env.now) ?? true;
}

/** Runs a check that costs milliseconds, within the budget. */
function costly<T>(env: Env, check: () => Result<T>): Result<T> {
  if (env.budget?.mayTry(env.now) === false) return reject("RATE_LIMITED", "too many invalid handshake messages");
  const result = check();
  if (!result.ok) env.budget?.failed(env.now);
  return result;
}

function sameContext(a: Context, b: Context): boolean {
  const flat = (context: Context): readonly Uint8Array[] => [context.ours, context.theirs, ...context.shared];
  const left = flat(a);
  const right = flat(b);
  return left.length === right.length && left.every((value, i) => equalBytes(value, right[i] as Uint8Array));
}

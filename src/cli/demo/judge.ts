// What comes into a chat: where it may stand, for which device it may speak, which state follows (spec/12, "One side
// of a chat").
import { equalBytes } from "../../bytes.ts";
import { accept, type Result, reject } from "../../errors.ts";
import type { Limits } from "../../limits.ts";
import { type Attested, readAttested } from "../../openpgp/attest.ts";
import { decodeAttestation } from "../../openpgp/attestation.ts";
import type { Envelope } from "../../openpgp/envelope.ts";
import type { OpenPgpKey } from "../../openpgp/keys.ts";
import type { Sealer } from "../../openpgp/sealer.ts";
import { fingerprint } from "../../profile/fingerprint.ts";
import { collect } from "../../session/fragments.ts";
import { receive } from "../../session/receive.ts";
import type { Env, SessionEvent, Step } from "../../session/step.ts";
import type { Endpoint } from "../../session/types.ts";
import { parseIncoming } from "../../wire/armor.ts";
import { messageType, peekHeader } from "../../wire/messages.ts";

/** What a chat list would show. */
export type ChatState = "none" | "inviting" | "invited" | "joining" | "active" | "closed";

/** A chat, on one side. */
export interface Chat {
  readonly id: Uint8Array;
  /** Seconds since 1970: until then the invitation can be answered. */
  readonly expires: bigint;
  /** The contact's device, once its attestation was verified. */
  readonly attested: Attested | undefined;
  endpoint: Endpoint;
}

/** An envelope with an attestation, and a handshake message beside it. */
export type Handshake = Envelope & { readonly kind: "invitation" | "acceptance" };

/** The envelopes in which OTR messages travel. */
export type OtrKind = Handshake["kind"] | "message";

interface AttestationChecker {
  readonly sealer: Sealer;
  readonly limits: Limits;
  readonly tell: (event: { readonly type: "attested"; readonly attested: Attested }) => void;
}

/** A step that may be committed, and the state of the chat after it. */
export interface Judged {
  readonly step: Step;
  readonly state: ChatState;
}

/** The events that change the state of a chat, each only from the states in which it may happen. */
const TRANSITIONS: Partial<Record<SessionEvent["type"], Partial<Record<ChatState, ChatState>>>> = {
  invitation: { none: "invited" },
  established: { inviting: "active", joining: "active" },
  disconnected: { active: "closed" },
};

/**
 * Verifies the attestation of an invitation or acceptance, and that the handshake message beside it is the right one of
 * the same device. `known` are the newest attestations seen, by instance tag, and learns this one.
 */
export async function checkAttested(
  { sealer, limits, tell }: AttestationChecker,
  pinned: OpenPgpKey,
  known: Map<number, Attested>,
  { kind, attestation, otr }: Handshake,
): Promise<Result<Attested>> {
  const decoded = decodeAttestation(attestation, limits);
  if (!decoded.ok) return decoded;
  const { instanceTag } = decoded.value.profile;
  const attested = await sealer.checkAttestation(attestation, pinned, known.get(instanceTag));
  if (!attested.ok) return attested;
  remember(known, instanceTag, attested.value, limits.seenIdentities);
  const message = readAttested(attested.value, otr, limits);
  if (!message.ok) return message;
  if (message.value.kind !== (kind === "invitation" ? "identity" : "auth-r")) {
    return reject("UNEXPECTED", "another handshake message than the envelope says");
  }
  tell({ type: "attested", attested: attested.value });
  return attested;
}

/** What carries an OTR message of ours. The attestation goes where there is a handshake message beside it. */
export function envelopeFor({ id: chatId, expires }: Chat, kind: OtrKind, otr: string, ours: Uint8Array): Envelope {
  if (kind === "message") return { kind, chatId, otr };
  const attested = { chatId, attestation: ours, otr };
  return kind === "acceptance" ? { kind, ...attested } : { kind, expires, ...attested };
}

/** Sets an entry as the newest one, and forgets the oldest when there are more than `most`. */
export function remember<K, V>(entries: Map<K, V>, key: K, value: V, most: number): void {
  entries.delete(key);
  entries.set(key, value);
  for (const oldest of [...entries.keys()].slice(0, -most)) entries.delete(oldest);
}

/**
 * Lets the endpoint of a chat read a text, and judges what comes of it; the chat is as before until the step is
 * committed. `wanted` is for the handshake message beside an attestation: the state it has to lead to.
 *
 * Rejections: `RATE_LIMITED`, to be read again later; `UNEXPECTED` for what does not belong in this place or state;
 * `BAD_ATTESTATION` for a handshake with a key that nobody attested. With `wanted` also what the endpoint rejects it
 * for; without, that is an event of the step.
 */
export function judge(chat: Chat, otr: string, env: Env, from: ChatState, wanted?: ChatState): Result<Judged> {
  if (wanted === undefined && isOutOfPlace(chat, otr, env)) {
    return reject("UNEXPECTED", "a handshake message without an attestation, or no OTR message");
  }
  const step = receive(chat.endpoint, otr, env);
  let state = from;
  for (const event of step.events) {
    // The step is given up: it may have used up the fragments of a message that nobody looked at.
    const unread = event.type === "rejected" && (event.code === "RATE_LIMITED" || wanted !== undefined);
    if (unread) return reject(event.code, event.why);
    const next = TRANSITIONS[event.type]?.[state];
    const claimed = claimedFingerprint(event);
    if (claimed !== undefined) {
      if (next === undefined) return reject("UNEXPECTED", `a handshake that nothing waits for: ${event.type}`);
      if (!isAttested(chat, claimed, env)) return reject("BAD_ATTESTATION", "a handshake with a key nobody attested");
    }
    state = next ?? state;
  }
  if (wanted !== undefined && state !== wanted) return reject("UNEXPECTED", `this does not lead to "${wanted}"`);
  return accept({ step, state });
}

/**
 * Identity and Auth-R count only beside an attestation, never in a message of a chat, be it whole or in fragments of
 * which this is the last one. Queries and plain text have no place in a chat at all.
 */
function isOutOfPlace({ endpoint }: Chat, otr: string, { now, limits }: Env): boolean {
  let incoming = parseIncoming(otr, limits);
  if (incoming.ok && incoming.value.kind === "fragment") {
    const collected = collect(endpoint.fragments, incoming.value.fragment, now, limits);
    const complete = collected.ok ? collected.value.complete : undefined;
    if (complete === undefined) return false;
    incoming = parseIncoming(complete, limits);
  }
  // What cannot be read, the endpoint refuses with a better reason.
  if (!incoming.ok || incoming.value.kind === "error") return false;
  if (incoming.value.kind !== "message") return true;
  const header = peekHeader(incoming.value.bytes);
  return header.ok && (header.value.type === messageType.identity || header.value.type === messageType.authR);
}

function claimedFingerprint(event: SessionEvent): Uint8Array | undefined {
  if (event.type === "invitation") return event.fingerprint;
  return event.type === "established" ? event.peerFingerprint : undefined;
}

function isAttested({ attested }: Chat, claimed: Uint8Array, { suite }: Env): boolean {
  if (attested === undefined) return false;
  const { publicKey, forgingKey } = attested.profile;
  return equalBytes(fingerprint(suite, publicKey, forgingKey), claimed);
}

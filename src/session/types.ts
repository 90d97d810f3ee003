// The state of one endpoint, as plain values (spec/07, "State"; draft "The Protocol State Machine").
import type { Point } from "../crypto/suite.ts";
import type { AnsweredIdentity } from "../dake/answer.ts";
import type { OfferedIdentity } from "../dake/offer.ts";
import type { Context } from "../dake/phi.ts";
import type { MacKey } from "../ratchet/keys.ts";
import type { Ratchet, SkippedKey } from "../ratchet/state.ts";
import type { IdentityMessage } from "../wire/identity-message.ts";

/**
 * This device on one side, all devices of one peer on the other. Everything that is remembered between two messages is
 * in here; it can be cloned, stored ({@link encodeEndpoint}) and stepped on from in any process.
 */
export interface Endpoint {
  readonly ourTag: number;
  readonly policy: Policy;
  /** Counts steps; says what happened before what. */
  readonly sequence: number;
  /**
   * Our Identity that waits for Auth-R. Never two at once: so the peer can tell a later handshake of ours from an
   * earlier.
   */
  readonly offer: Offer | undefined;
  /** Identities of the peer's devices that wait for our user (policy `ask`). */
  readonly invitations: readonly Invitation[];
  /** Identities we answered with Auth-R, which wait for Auth-I. */
  readonly answers: readonly Answer[];
  /** Ids of Identities answered, declined or expired, oldest first: a replay of one starts nothing. */
  readonly seen: readonly Uint8Array[];
  readonly sessions: readonly Session[];
  /** Data messages that came before their handshake was complete. */
  readonly buffered: readonly Buffered[];
  readonly fragments: readonly Reassembly[];
}

export interface Policy {
  /** What to do with an Identity: answer at once, or keep it until {@link acceptInvitation}. */
  readonly answer: "auto" | "ask";
  /** Characters that one message of the carrier holds; longer ones are sent in fragments. 0: no limit. */
  readonly maxMessageChars: number;
}

export interface Offer {
  /** 0: to all devices of the peer. */
  readonly receiverTag: number;
  readonly identity: OfferedIdentity;
  /** `identityHash` of it. */
  readonly hash: Uint8Array;
  readonly context: Context;
  readonly sequence: number;
  readonly createdAt: number;
}

export interface Invitation {
  /** `identityId`, in hexadecimal: the name under which it is accepted or declined. */
  readonly id: string;
  readonly message: IdentityMessage;
  readonly hash: Uint8Array;
  readonly context: Context;
  readonly sequence: number;
  readonly receivedAt: number;
}

export interface Answer {
  readonly peerTag: number;
  /** `identityId` of what was answered, in hexadecimal, and its `identityHash`. */
  readonly id: string;
  readonly hash: Uint8Array;
  /** See `placeOf`. */
  readonly place: string;
  readonly answered: AnsweredIdentity;
  /** The Auth-R message, sent again when the same Identity comes again. */
  readonly authR: Uint8Array;
  readonly sequence: number;
  readonly createdAt: number;
}

/** What we have with one device of the peer under one long-term key. */
export interface Session {
  /** Instance tag, fingerprint and place (context), in hexadecimal. */
  readonly id: string;
  readonly peer: Peer;
  /** The conversation we speak in; `undefined` when the peer has closed it. */
  readonly current: Conversation | undefined;
  /** Others that are still read and never written, oldest first: superseded ones, and at most one rival. */
  readonly others: readonly Other[];
  /** After the peer closed: what is left to read and to reveal. */
  readonly draining: Draining | undefined;
}

export interface Peer {
  readonly tag: number;
  readonly publicKey: Point;
  readonly forgingKey: Point;
  /** 56 bytes. */
  readonly fingerprint: Uint8Array;
}

export interface Conversation {
  readonly ratchet: Ratchet;
  /** 8 bytes. The responder reads out the first half, the initiator the second. */
  readonly ssid: Uint8Array;
  /** The initiator sent Identity, the responder Auth-R. */
  readonly role: "initiator" | "responder";
  /** Hash of the Identity it grew from. */
  readonly hash: Uint8Array;
  /** The Auth-I message, as long as the peer has not shown that it arrived; empty otherwise. */
  readonly authI: Uint8Array;
  /** Sequence numbers of ours: when the Identity was sent or came; */
  readonly identityAt: number;
  /** when we first knew that the peer has completed it (its Auth-I, or the first message we read); 0: not yet. */
  readonly knownAt: number;
  /** Whether we have read a message of the peer in it. */
  readonly heard: boolean;
  /** Seconds since 1970 when we last made an ECDH key: the session expires `limits.sessionSeconds` later. */
  readonly freshSince: number;
  /** Seconds since 1970 when we last sent anything. */
  readonly lastSentAt: number;
}

export interface Other {
  readonly conversation: Conversation;
  /** Begun by the other side than the current one: which of the two stays is being settled. */
  readonly rival: boolean;
  /** We heard the peer in it and said where we go on instead. */
  readonly told: boolean;
  readonly since: number;
}

/** A message that the peer will not be able to read any more, made in advance so that no key is kept for it. */
export interface Farewell {
  readonly sections: Uint8Array;
  readonly mac: Uint8Array;
}

export interface Draining {
  readonly skipped: readonly SkippedKey[];
  readonly toReveal: readonly MacKey[];
  readonly farewell: Farewell;
  /** ECDH keys of their last ratchets: they tell a replay from a message of another conversation. */
  readonly past: readonly Point[];
  readonly since: number;
}

export interface Buffered {
  /** The message, without armor. */
  readonly bytes: Uint8Array;
  readonly senderTag: number;
  readonly receivedAt: number;
}

export interface Reassembly {
  readonly identifier: number;
  readonly senderTag: number;
  readonly total: number;
  readonly pieces: ReadonlyMap<number, string>;
  readonly chars: number;
  readonly startedAt: number;
}

// Setting: who talked with whom and where, as a forger or a judge knows it (spec/10, "Setting").
import type { SymmetricKey } from "../crypto/suite.ts";
import type { Context } from "../dake/phi.ts";
import type { LocalIdentity } from "../profile/identity.ts";
import type { ClientProfile } from "../wire/client-profile.ts";

/** The initiator sent Identity and Auth-I (the draft's Bob), the responder Auth-R (the draft's Alice). */
export type Role = "initiator" | "responder";

/** phi′ of a conversation by roles: who is who on the carrier, and what both know besides (a chat id). */
export interface Place {
  readonly initiator: Uint8Array;
  readonly responder: Uint8Array;
  readonly shared: readonly Uint8Array[];
}

/** A conversation's frame. Everything in it is public, or known to whoever carried the messages. */
export interface Setting {
  readonly initiator: ClientProfile;
  readonly responder: ClientProfile;
  readonly place: Place;
}

export function otherRole(role: Role): Role {
  return role === "initiator" ? "responder" : "initiator";
}

/** phi′ as the side in this role holds it. */
export function contextOf({ place }: Setting, role: Role): Context {
  return { ours: place[role], theirs: place[otherRole(role)], shared: place.shared };
}

/** phi′ by roles, from what the side in this role holds. */
export function placeOf(context: Context, role: Role): Place {
  const { ours, theirs, shared } = context;
  return role === "initiator"
    ? { initiator: ours, responder: theirs, shared }
    : { initiator: theirs, responder: ours, shared };
}

/**
 * An identity that shows one profile and signs its handshakes with the key of another member of the ring. The
 * functions of honest handshakes take it like any other: a ring signature does not ask whose key it is.
 */
export function standIn(profile: ClientProfile, signingKey: SymmetricKey): LocalIdentity {
  const { instanceTag, publicKey, forgingKey } = profile;
  return { instanceTag, publicKey, forgingKey, profile, longTermKey: signingKey };
}

// The subpath `sottovoce/otr`: the protocol core, without I/O (spec/01, "Public names").
export { suite } from "#crypto";
export { EMPTY, fromHex, toHex, wipe } from "./bytes.ts";
export { queuedRandom, type Random, type RandomKind, systemRandom } from "./crypto/random.ts";
export type { DhGroup, DhPublic, DhSecret, Group, Point, Scalar, Suite, SymmetricKey } from "./crypto/suite.ts";
export type { Context } from "./dake/phi.ts";
export { type ErrorCode, type Rejection, type RejectionCode, type Result, SottovoceError } from "./errors.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export { fingerprint, formatFingerprint } from "./profile/fingerprint.ts";
export { createIdentity, type IdentityOptions, type LocalIdentity, renewIdentity } from "./profile/identity.ts";
export {
  acceptInvitation,
  type Content,
  close,
  closeAll,
  createEndpoint,
  declineInvitation,
  heartbeat,
  query,
  send,
  start,
  withdraw,
} from "./session/actions.ts";
export { type Budget, createBudget } from "./session/budget.ts";
export { commit } from "./session/commit.ts";
export { decodeEndpoint, encodeEndpoint } from "./session/encode.ts";
export { receive } from "./session/receive.ts";
export type { Env, SessionEvent, Step } from "./session/step.ts";
export { nextTick, tick } from "./session/tick.ts";
export type { Conversation, Endpoint, Invitation, Peer, Policy, Session } from "./session/types.ts";
export { type ClientProfile, decodeClientProfile } from "./wire/client-profile.ts";
export { type Tlv, tlvType } from "./wire/tlv.ts";

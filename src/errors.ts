// Errors: one class for what a caller gets wrong, one shape for what a peer gets wrong (spec/08, "Errors and
// rejections").

/** What a caller can get wrong. Stable: programs may branch on it. */
export type ErrorCode =
  /** An argument is of the wrong shape or out of range. */
  | "BAD_ARGUMENT"
  /** The state does not allow this action now (for example sending in a chat that is closed). */
  | "BAD_STATE"
  /** No such session, offer or invitation. */
  | "NOT_FOUND"
  /** A session value was used again after a later one was committed. */
  | "SESSION_CONSUMED"
  /** Stored bytes are not a session this version can read. */
  | "BAD_ENCODING"
  /** A message is too large for the carrier or the limits. */
  | "TOO_LARGE"
  /** The random source gave no more bytes (only deterministic sources can). */
  | "RANDOM_EXHAUSTED"
  /** An OpenPGP key is missing, unusable, expired or revoked. */
  | "OPENPGP_KEY"
  /** OpenPGP encryption or signing failed. */
  | "OPENPGP"
  /** The carrier did not take or could not read a message. */
  | "CARRIER"
  /** Somebody else has the store open, in this process or another. */
  | "STORE_LOCKED"
  /** The key or passphrase does not open the store. */
  | "STORE_KEY"
  /** An older copy of the store, or one whose value the host has lost: it never opens. */
  | "STORE_STALE"
  /** A record, a drawer, the header or the file of a store is damaged: that part of it does not open. */
  | "STORE_DAMAGED"
  /** The store was written by a newer version. */
  | "STORE_VERSION"
  /** There is no room; nothing was changed, and the store goes on. */
  | "STORE_FULL"
  /** The medium or the host failed, and what the medium holds is unknown until the store is opened again. */
  | "STORE_IO"
  /** The store was closed. */
  | "STORE_CLOSED"
  /** What this kind of store needs is not there: no SQLite, no IndexedDB, no locks. */
  | "STORE_UNAVAILABLE";

/**
 * The only error this library throws on purpose. `code` is stable; `message` says what happened, what was kept and what
 * to do. Nothing a peer sends makes the library throw: those are {@link Rejection}s.
 */
export class SottovoceError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "SottovoceError";
    this.code = code;
  }
}

/** Why something that came from outside was not accepted. Stable: programs may branch on it. */
export type RejectionCode =
  /** Truncated, over-long, or not of the layout it claims. */
  | "MALFORMED"
  /** Larger than `limits` allow. */
  | "TOO_LARGE"
  /** Another protocol version. */
  | "UNSUPPORTED_VERSION"
  /** A message type we do not speak. */
  | "UNSUPPORTED_TYPE"
  /** An instance tag below 0x100, ours as the sender's, or somebody else's as the receiver's. */
  | "WRONG_TAG"
  /** Not canonical, not on the curve, not in the prime-order subgroup, or the identity. */
  | "BAD_POINT"
  /** A SCALAR of q or more. */
  | "BAD_SCALAR"
  /** An MPI with leading zeros, or a value outside the 3072-bit group. */
  | "BAD_DH_KEY"
  /** A profile that lacks, repeats or garbles fields, or cannot be used. */
  | "BAD_PROFILE"
  /** A profile past its expiry. */
  | "EXPIRED_PROFILE"
  /** A signature, ring signature or attestation that does not verify. */
  | "BAD_SIGNATURE"
  /** Our own long-term key, claimed by a peer. */
  | "OWN_KEY"
  /** The authenticator does not verify. */
  | "BAD_MAC"
  /** Seen before. */
  | "DUPLICATE"
  /** Of a past ratchet: read before, expired, or of a conversation that is gone. */
  | "STALE"
  /** A message whose key cannot be derived. */
  | "NO_KEY"
  /** More messages skipped than `limits` allow. */
  | "TOO_MANY_SKIPPED"
  /** Valid, but not expected in this state. */
  | "UNEXPECTED"
  /** Refused for now because too many costly messages failed. */
  | "RATE_LIMITED"
  /** A limit on what is kept for a peer is reached. */
  | "FULL"
  /** Not for us, or not an OpenPGP message we can open. */
  | "NOT_FOR_US"
  /** An attestation that is missing, expired, or of a key that is expired or revoked. */
  | "BAD_ATTESTATION";

/** A typed failure: a value, never thrown past the library's edge. */
export interface Rejection {
  readonly ok: false;
  readonly code: RejectionCode;
  /** One sentence for logs; contains nothing secret. */
  readonly why: string;
}

/** A value, or the reason why there is none. */
export type Result<T> = { readonly ok: true; readonly value: T } | Rejection;

export function accept<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function reject(code: RejectionCode, why: string): Rejection {
  return { ok: false, code, why };
}

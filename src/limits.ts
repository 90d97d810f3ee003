// Limits: every maximum and every timeout, in one place (spec/08, "Limits").
import { SottovoceError } from "./errors.ts";

/** Sizes are bytes or characters as named; times are seconds. */
export interface Limits {
  /** Characters of one OTR message in armor, reassembled: 1 MiB. */
  readonly messageChars: number;
  /** TLV records in one message. */
  readonly tlvs: number;
  /** Fields of a client profile. */
  readonly profileFields: number;
  /** Bytes of a client profile. A DSA key and its signature fit. */
  readonly profileBytes: number;
  /** MAC keys that one message may reveal to us. */
  readonly revealedKeys: number;
  /** MAC keys that we reveal in one message; the rest goes with the next ones. */
  readonly revealedPerMessage: number;

  /** Fragments that one message may be cut into. */
  readonly fragmentsPerMessage: number;
  /** Fragmented messages being put together at once, per peer. */
  readonly fragmentBuffers: number;
  /** Characters held in unfinished fragments, per peer. */
  readonly fragmentChars: number;
  /** How long an unfinished message waits for its fragments. */
  readonly fragmentSeconds: number;

  /** Messages that one message may skip, at the end of a ratchet and within one. */
  readonly maxSkip: number;
  /** Skipped message keys stored per conversation; the oldest go first. */
  readonly skippedKeys: number;
  /** How long a skipped message key is kept. */
  readonly skippedSeconds: number;

  /** Identities of one peer that wait for an answer, and answered ones that wait for Auth-I. */
  readonly pendingIdentities: number;
  /** Identities remembered so that a replay starts nothing. */
  readonly seenIdentities: number;
  /** How long a handshake may stay unfinished. */
  readonly handshakeSeconds: number;
  /** Data messages kept that arrived before the handshake was complete. */
  readonly bufferedMessages: number;
  readonly bufferedChars: number;
  readonly bufferedSeconds: number;
  /** Conversations side by side with one peer's devices. */
  readonly sessions: number;

  /** A conversation in which we made no new ECDH key for so long is closed. */
  readonly sessionSeconds: number;
  /** A heartbeat after so long a silence of ours; 0: none. */
  readonly heartbeatSeconds: number;
  /** How long the conversation before a new handshake still receives. */
  readonly supersededSeconds: number;
  /** How long skipped keys are kept after the peer closed. */
  readonly drainSeconds: number;

  /** Lifetime of the client profiles we make: at most 14 days. */
  readonly profileSeconds: number;
  /** A profile is renewed when less than this remains. */
  readonly profileRenewSeconds: number;
  /** How long our own expired profile still completes handshakes begun with it. */
  readonly profileGraceSeconds: number;

  /** Costly rejections (a point multiplication or more) a minute, per peer, before we stop trying. */
  readonly costlyFailuresPerMinute: number;
  /** OTR error messages sent a minute, per peer. */
  readonly errorsPerMinute: number;
  /** Answers sent once more because the peer asks again, a minute, per peer. */
  readonly repeatsPerMinute: number;

  /** Bytes of an OpenPGP message we try to open. */
  readonly openpgpBytes: number;
  /** Bytes that may come out of one. */
  readonly openpgpPlainBytes: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const defaultLimits: Limits = {
  messageChars: 1_048_576,
  tlvs: 64,
  profileFields: 16,
  profileBytes: 4096,
  revealedKeys: 4096,
  revealedPerMessage: 1024,

  fragmentsPerMessage: 4096,
  fragmentBuffers: 32,
  fragmentChars: 2_097_152,
  fragmentSeconds: DAY,

  maxSkip: 1000,
  skippedKeys: 2000,
  skippedSeconds: 7 * DAY,

  pendingIdentities: 4,
  seenIdentities: 64,
  handshakeSeconds: 7 * DAY,
  bufferedMessages: 16,
  bufferedChars: 262_144,
  bufferedSeconds: HOUR,
  sessions: 16,

  sessionSeconds: 14 * DAY,
  heartbeatSeconds: 0,
  supersededSeconds: DAY,
  drainSeconds: DAY,

  profileSeconds: 14 * DAY,
  profileRenewSeconds: 7 * DAY,
  profileGraceSeconds: DAY,

  costlyFailuresPerMinute: 60,
  errorsPerMinute: 6,
  repeatsPerMinute: 6,

  openpgpBytes: 4_194_304,
  openpgpPlainBytes: 4_194_304,
};

/** The year 5138; the milliseconds of every year since 1973 lie beyond it. */
const LATEST = 1e11;

/** @throws SottovoceError `BAD_ARGUMENT` for a time that is no number of seconds since 1970. */
export function assertTime(now: number): void {
  if (now >= 0 && now < LATEST) return;
  throw new SottovoceError(
    "BAD_ARGUMENT",
    `The time is ${now}; nothing was done. Give seconds since 1970, not milliseconds.`,
  );
}

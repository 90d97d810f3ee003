// The stored form of an endpoint: a version, then every field in order (spec/07, "Stored form"). It holds every secret
// of the endpoint: seal it before it leaves memory.
import { concat } from "../bytes.ts";
import type { DhKeyPair, EcdhKeyPair } from "../crypto/keys.ts";
import type { Ring } from "../crypto/ring-signature.ts";
import type { AnsweredIdentity } from "../dake/answer.ts";
import type { Ephemeral } from "../dake/ephemeral.ts";
import type { Context } from "../dake/phi.ts";
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import type { Ratchet, ReceivingChain, SendingChain, SkippedKey } from "../ratchet/state.ts";
import { type ClientProfile, decodeClientProfile } from "../wire/client-profile.ts";
import { encodeIdentityMessage, type IdentityMessage } from "../wire/identity-message.ts";
import { decodeMessage } from "../wire/messages.ts";
import {
  bytes,
  type Codec,
  data,
  decodeWith,
  encodeWith,
  flag,
  list,
  mapped,
  nested,
  optional,
  string,
  struct,
  time,
  u32,
  word,
} from "./codec.ts";
import { assertCurrent } from "./commit.ts";
import type {
  Answer,
  Buffered,
  Conversation,
  Draining,
  Endpoint,
  Farewell,
  Invitation,
  Offer,
  Other,
  Peer,
  Policy,
  Reassembly,
  Session,
} from "./types.ts";

/** The version of the stored form that is written. Older ones stay readable. */
const FORMAT = 1;

/**
 * Bytes from which {@link decodeEndpoint} makes an equal endpoint.
 *
 * @throws SottovoceError `SESSION_CONSUMED` for a state that was committed past: its secrets are cleared.
 */
export function encodeEndpoint(value: Endpoint): Uint8Array {
  assertCurrent(value);
  return concat(Uint8Array.of(FORMAT), encodeWith(endpoint, value));
}

/** @throws SottovoceError `BAD_ENCODING` for bytes that are no endpoint of a version we read. */
export function decodeEndpoint(encoded: Uint8Array): Endpoint {
  const decoded = encoded[0] === FORMAT ? decodeWith(endpoint, encoded.subarray(1)) : undefined;
  if (decoded?.ok) return decoded.value;
  throw new SottovoceError(
    "BAD_ENCODING",
    decoded === undefined
      ? `These bytes are no stored endpoint of version ${FORMAT}; nothing was read. Was a newer version here before?`
      : `These bytes are a damaged endpoint (${decoded.why}); nothing was read. Restore or forget it.`,
  );
}

const ecdhPair: Codec<EcdhKeyPair> = struct<EcdhKeyPair>({ secret: data(), public: data() });
const dhPair: Codec<DhKeyPair> = struct<DhKeyPair>({ secret: data(), public: data() });

/** What was accepted once is read back, under whatever limits that was. */
const stored: Limits = {
  ...defaultLimits,
  profileFields: Number.POSITIVE_INFINITY,
  profileBytes: Number.POSITIVE_INFINITY,
};

const profile: Codec<ClientProfile> = nested(
  (value) => value.encoded,
  (encoded) => decodeClientProfile(encoded, stored),
);

const identityMessage: Codec<IdentityMessage> = nested(encodeIdentityMessage, (encoded): Result<IdentityMessage> => {
  const decoded = decodeMessage(encoded, stored);
  if (!decoded.ok) return decoded;
  return decoded.value.kind === "identity" ? accept(decoded.value) : reject("MALFORMED", "not an Identity message");
});

const context: Codec<Context> = struct<Context>({ ours: bytes, theirs: bytes, shared: list(bytes) });

const ephemeral: Codec<Ephemeral> = struct<Ephemeral>({
  ecdh: ecdhPair,
  dh: dhPair,
  firstEcdh: ecdhPair,
  firstDh: dhPair,
});

const ring: Codec<Ring> = mapped(
  struct<{ a: Uint8Array; b: Uint8Array; c: Uint8Array }>({ a: bytes, b: bytes, c: bytes }),
  ([a, b, c]: Ring) => ({ a, b, c }),
  ({ a, b, c }): Ring => [a, b, c],
);

const answered: Codec<AnsweredIdentity> = struct<AnsweredIdentity>({
  secret: data(),
  ring,
  transcript: bytes,
  ourFirstEcdh: ecdhPair,
  ourFirstDh: dhPair,
  theirFirstEcdh: data(),
  theirFirstDh: data(),
  peer: profile,
});

/** Ratchet numbers begin at −1. */
const ratchetNumber: Codec<number> = mapped(
  u32,
  (value: number) => value + 1,
  (value) => value - 1,
);

const skippedKey: Codec<SkippedKey> = struct<SkippedKey>({
  ecdh: data(),
  messageId: u32,
  key: data(),
  extra: data(),
  storedAt: time,
});

const sending: Codec<SendingChain> = struct<SendingChain>({
  number: ratchetNumber,
  chainKey: data(),
  count: u32,
  overflow: list(data()),
});

const receiving: Codec<ReceivingChain> = struct<ReceivingChain>({
  number: ratchetNumber,
  chainKey: data(),
  count: u32,
});

const ratchet: Codec<Ratchet> = struct<Ratchet>({
  latest: ratchetNumber,
  rootKey: data(),
  braceKey: data(),
  ourEcdh: ecdhPair,
  ourDh: dhPair,
  theirEcdh: data(),
  theirDh: data(),
  sending: optional(sending),
  receiving: optional(receiving),
  past: list(data()),
  previousCount: u32,
  skipped: list(skippedKey),
  toReveal: list(data()),
});

const conversation: Codec<Conversation> = struct<Conversation>({
  ratchet,
  ssid: bytes,
  role: word("initiator", "responder"),
  hash: bytes,
  authI: bytes,
  identityAt: u32,
  knownAt: u32,
  heard: flag,
  freshSince: time,
  lastSentAt: time,
});

const peer: Codec<Peer> = struct<Peer>({ tag: u32, publicKey: data(), forgingKey: data(), fingerprint: bytes });

const session: Codec<Session> = struct<Session>({
  id: string,
  peer,
  current: optional(conversation),
  others: list(struct<Other>({ conversation, rival: flag, told: flag, since: time })),
  draining: optional(
    struct<Draining>({
      skipped: list(skippedKey),
      toReveal: list(data()),
      farewell: struct<Farewell>({ sections: bytes, mac: bytes }),
      past: list(data()),
      since: time,
    }),
  ),
});

const offer: Codec<Offer> = struct<Offer>({
  receiverTag: u32,
  identity: struct<Offer["identity"]>({ message: identityMessage, keys: ephemeral }),
  hash: bytes,
  context,
  sequence: u32,
  createdAt: time,
});

const invitation: Codec<Invitation> = struct<Invitation>({
  id: string,
  message: identityMessage,
  hash: bytes,
  context,
  sequence: u32,
  receivedAt: time,
});

const answer: Codec<Answer> = struct<Answer>({
  peerTag: u32,
  id: string,
  hash: bytes,
  place: string,
  answered,
  authR: bytes,
  sequence: u32,
  createdAt: time,
});

const reassembly: Codec<Reassembly> = struct<Reassembly>({
  identifier: u32,
  senderTag: u32,
  total: u32,
  pieces: mapped(
    list(struct<{ index: number; piece: string }>({ index: u32, piece: string })),
    (pieces: ReadonlyMap<number, string>) => [...pieces].map(([index, piece]) => ({ index, piece })),
    (pieces) => new Map(pieces.map(({ index, piece }) => [index, piece])),
  ),
  chars: u32,
  startedAt: time,
});

const endpoint: Codec<Endpoint> = struct<Endpoint>({
  ourTag: u32,
  policy: struct<Policy>({ answer: word("auto", "ask"), maxMessageChars: u32 }),
  sequence: u32,
  offer: optional(offer),
  invitations: list(invitation),
  answers: list(answer),
  seen: list(bytes),
  sessions: list(session),
  buffered: list(struct<Buffered>({ bytes, senderTag: u32, receivedAt: time })),
  fragments: list(reassembly),
});

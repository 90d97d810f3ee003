// Sealing: an envelope into an OpenPGP message, encrypted and not signed, and back (spec/05, "The OpenPGP message").
import {
  createMessage,
  encrypt,
  PublicKeyEncryptedSessionKeyPacket,
  readMessage,
  SymEncryptedIntegrityProtectedDataPacket,
} from "openpgp";
import type { Suite, SymmetricKey } from "../crypto/suite.ts";
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import { type Attested, checkAttestation, makeAttestation } from "./attest.ts";
import { openpgpConfig } from "./config.ts";
import type { Opened, OpenPgpIdentity } from "./identity.ts";
import { type OpenPgpKey, parsedKey } from "./keys.ts";
import { pad, roomIn, sizeClass, sizeClassWithin, unpad } from "./padding.ts";

/** What the chat layer asks of the OpenPGP layer. */
export interface Sealer {
  /** The account's own public key. */
  readonly ownKey: OpenPgpKey;
  /**
   * Encrypts to the peer's key and to one's own, unsigned, padded to a size class. Resolves to a binary message.
   *
   * @throws SottovoceError `OPENPGP_KEY` when a key cannot be encrypted to now; `TOO_LARGE`.
   */
  seal(to: OpenPgpKey, content: Uint8Array): Promise<Uint8Array>;
  /**
   * Opens what {@link Sealer.seal} of a peer, or of another device of one's own, made.
   *
   * Rejections: `TOO_LARGE`; `NOT_FOR_US` for everything that is no message of ours or cannot be decrypted;
   * `BAD_SIGNATURE` for a signed message, which a sealer never makes; `MALFORMED`.
   */
  open(message: Uint8Array): Promise<Result<Uint8Array>>;
  /** Most bytes of content that {@link Sealer.seal} fits into a message of `maxMessageBytes`; 0 when nothing fits. */
  capacity(to: OpenPgpKey, maxMessageBytes: number): Promise<number>;
  /** See {@link makeAttestation}. */
  attest(profile: ClientProfile, longTermKey: SymmetricKey): Promise<Uint8Array>;
  /** See {@link checkAttestation}. */
  checkAttestation(attestation: Uint8Array, pinned: OpenPgpKey, known?: Attested): Promise<Result<Attested>>;
}

export interface SealerOptions {
  readonly suite: Suite;
  readonly identity: OpenPgpIdentity;
  readonly limits: Limits;
  /** Seconds since 1970. */
  readonly clock: () => number;
}

/** A time that says nothing: the literal data packet wants one. */
const NO_DATE = new Date(0);
/** We encrypt to two keys; each further one costs a public-key operation for every secret key of ours. */
const MAX_RECIPIENTS = 16;
/** MPIs and packet lengths vary by a few bytes from message to message. */
const OVERHEAD_MARGIN = 32;

export function createSealer(options: SealerOptions): Sealer {
  const { suite, identity, limits, clock } = options;
  const ownKey = identity.publicKey;
  const sealPadded = async (to: OpenPgpKey, literal: Uint8Array): Promise<Uint8Array> => {
    const date = new Date(clock() * 1000);
    const message = await createMessage({ binary: literal, filename: "", date: NO_DATE, format: "binary" });
    const encryptionKeys = [parsedKey(to).toPublic(), parsedKey(ownKey).toPublic()];
    try {
      const config = openpgpConfig();
      return await encrypt({ message, encryptionKeys, wildcard: true, format: "binary", date, config });
    } catch (cause) {
      const text =
        "Could not encrypt to the contact's and one's own OpenPGP key; nothing was sent. Is one of them expired?";
      throw new SottovoceError("OPENPGP_KEY", text, { cause });
    }
  };
  return {
    ownKey,
    async seal(to, content) {
      const literal = pad(content);
      if (literal.length > limits.openpgpPlainBytes) {
        throw new SottovoceError("TOO_LARGE", "The content is larger than the limits allow; nothing was sent.");
      }
      return await sealPadded(to, literal);
    },
    open: (message) => open(identity, message, clock(), limits),
    async capacity(to, maxMessageBytes) {
      const empty = pad(new Uint8Array(0));
      const overhead = (await sealPadded(to, empty)).length - empty.length + OVERHEAD_MARGIN;
      return roomIn(sizeClassWithin(maxMessageBytes - overhead));
    },
    attest: (profile, longTermKey) => makeAttestation(suite, identity, profile, longTermKey, { now: clock(), limits }),
    checkAttestation: (attestation, pinned, known) =>
      checkAttestation(suite, attestation, pinned, { now: clock(), limits, ...(known && { known }) }),
  };
}

async function open(
  identity: OpenPgpIdentity,
  message: Uint8Array,
  now: number,
  limits: Limits,
): Promise<Result<Uint8Array>> {
  if (message.length > limits.openpgpBytes) {
    return reject("TOO_LARGE", "The OpenPGP message is larger than the limits allow.");
  }
  if (!(await isOfOurForm(message))) {
    return reject("NOT_FOR_US", "This is not an OpenPGP message encrypted to keys with integrity protection.");
  }
  let opened: Opened;
  try {
    opened = await identity.decrypt(message, now);
  } catch {
    return reject("NOT_FOR_US", "The OpenPGP message could not be decrypted, or is not one that we make.");
  }
  if (opened.data.length > limits.openpgpPlainBytes) {
    return reject("TOO_LARGE", "What the OpenPGP message contains is larger than the limits allow.");
  }
  const content = unpad(opened.data);
  if (!content.ok) return content;
  if (opened.signed)
    return reject("BAD_SIGNATURE", "The OpenPGP message is signed; messages of a secret chat never are.");
  if (opened.data.length !== sizeClass(opened.data.length))
    return reject("MALFORMED", "The content has no size class.");
  return accept(content.value);
}

/** Some encrypted session keys for public keys, then one encrypted container with integrity protection. */
async function isOfOurForm(bytes: Uint8Array): Promise<boolean> {
  if (bytes.length === 0) return false;
  try {
    const { packets } = await readMessage({ binaryMessage: bytes, config: openpgpConfig() });
    const container = packets.at(-1);
    const keys = packets.slice(0, -1);
    return (
      container instanceof SymEncryptedIntegrityProtectedDataPacket &&
      keys.length > 0 &&
      keys.length <= MAX_RECIPIENTS &&
      keys.every((packet) => packet instanceof PublicKeyEncryptedSessionKeyPacket)
    );
  } catch {
    return false;
  }
}

// Secrets of a session, kept to be handed to a judge (spec/10, "What a participant can hand over").
import { toHex } from "../bytes.ts";
import { longTermKeyPair } from "../crypto/keys.ts";
import type { Random, RandomKind } from "../crypto/random.ts";
import type { DhPublic, DhSecret, Point, Scalar, Suite } from "../crypto/suite.ts";

/**
 * The ephemeral secrets of one side, in any order: whoever has them derives every key of the conversation. They prove
 * nothing about who made them: a forger has as many of them as an honest participant, and of the same kind.
 */
export interface SessionSecrets {
  /** 57 bytes each, pruned. */
  readonly ecdh: readonly Scalar[];
  /** 80 bytes each. */
  readonly dh: readonly DhSecret[];
}

/** A random source that remembers what it gave for ephemeral keys. */
export interface Recorder {
  /** Give this one to the conversation. */
  readonly random: Random;
  /** The 57 bytes that each ECDH key so far was made of, in order; usable like a long-term symmetric key. */
  readonly ecdhSeeds: readonly Uint8Array[];
  /** The secrets so far, fresh copies. */
  secrets(): SessionSecrets;
}

/**
 * What a participant does who wants to keep evidence: a conversation led with `random` can later be opened by
 * `verifyTranscript`. It costs forward secrecy for as long as the secrets are kept, and proves nothing in the end.
 */
export function recordSecrets(suite: Suite, random: Random): Recorder {
  const ecdhSeeds: Uint8Array[] = [];
  const dh: DhSecret[] = [];
  const recording = (kind: RandomKind, size: number): Uint8Array => {
    const bytes = random(kind, size);
    if (kind === "ecdh") ecdhSeeds.push(bytes.slice());
    if (kind === "dh") dh.push(bytes.slice());
    return bytes;
  };
  return {
    ecdhSeeds,
    random: Object.assign(recording, { prunesZq: random.prunesZq ?? false }),
    secrets: () => ({
      ecdh: ecdhSeeds.map((seed) => longTermKeyPair(suite, seed).secret),
      dh: dh.map((secret) => secret.slice()),
    }),
  };
}

/** Secrets that were handed over, found by their public keys, which are computed and not believed. */
export interface Keyring {
  ecdh(key: Point): Scalar | undefined;
  dh(key: DhPublic): DhSecret | undefined;
}

/** Takes what was handed over as it is: what cannot be a secret is passed over. */
export function keyringOf(suite: Suite, secrets: SessionSecrets): Keyring {
  const scalars = secrets.ecdh.filter((secret) => secret.length === 57);
  const exponents = secrets.dh.filter((secret) => secret.length === 80 && secret.some((byte) => byte !== 0));
  const ecdh = new Map(scalars.map((secret) => [toHex(suite.group.multiplyBase(secret)), secret]));
  const dh = new Map(exponents.map((secret) => [toHex(suite.dh.publicKey(secret)), secret]));
  return { ecdh: (key) => ecdh.get(toHex(key)), dh: (key) => dh.get(toHex(key)) };
}

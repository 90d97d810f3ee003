// What the tests of the OpenPGP layer share: keys from vectors/, a fixed time, profiles.
import { readFileSync } from "node:fs";
import { suite } from "../../src/crypto/node.ts";
import type { Result } from "../../src/errors.ts";
import { defaultLimits, type Limits } from "../../src/limits.ts";
import {
  createSealer,
  identityFromKey,
  type OpenPgpIdentity,
  type OpenPgpKey,
  readPublicKey,
  type Sealer,
} from "../../src/openpgp/index.ts";
import { createIdentity, type LocalIdentity } from "../../src/profile/identity.ts";

type KeyName =
  | "alice"
  | "bob"
  | "carol"
  | "dave"
  | "erin"
  | "locked"
  | "expiring"
  | "revoked"
  | "superseded"
  | "signingSubkeyExpiring"
  | "signingSubkeyRevoked"
  | "encryptionSubkeyExpiring";

interface KeyVector {
  readonly what: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

const file = new URL("../../vectors/openpgp-keys.json", import.meta.url);
export const keys: Readonly<Record<KeyName, KeyVector>> = JSON.parse(readFileSync(file, "utf8")).keys;

/** 2024-02-01: all keys of the vectors are valid. */
export const NOW: number = Date.UTC(2024, 1, 1) / 1000;
export const DAY = 86_400;
/** 2024-02-06: revocations of the vectors are in force. */
export const REVOKED: number = NOW + 5 * DAY;
/** 2024-02-11: what the vectors say expires has expired. */
export const EXPIRED: number = NOW + 10 * DAY;

export const limits: Limits = defaultLimits;

export async function publicKey(name: KeyName): Promise<OpenPgpKey> {
  return value(await readPublicKey(keys[name].publicKey, limits));
}

export function identity(name: KeyName): Promise<OpenPgpIdentity> {
  return identityFromKey(keys[name].privateKey, name === "locked" ? "sotto voce" : undefined);
}

export async function sealer(name: KeyName, now: number = NOW): Promise<Sealer> {
  return createSealer({ suite, identity: await identity(name), limits, clock: () => now });
}

/** A device whose random values are all the same byte. */
export function device(seed: number, now: number = NOW, instanceTag: number = 0x100 + seed): LocalIdentity {
  return createIdentity(suite, (_kind, size) => new Uint8Array(size).fill(seed), { now, limits, instanceTag });
}

/** The value of a result that must have one. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.code}: ${result.why}`);
  return result.value;
}

export { suite };

// OpenPGP keys: reading them, their identifiers, and whether they may be used now (spec/05, "Keys").
import { type Key, readKeys } from "openpgp";
import { concat } from "../bytes.ts";
import { accept, type Result, reject, SottovoceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { openpgpConfig } from "./config.ts";

/** An OpenPGP public key ("certificate") of version 4 or 6. Made by {@link readPublicKey} only. */
export interface OpenPgpKey {
  readonly version: 4 | 6;
  /** The primary key's fingerprint: 20 bytes (version 4) or 32 (version 6). */
  readonly fingerprint: Uint8Array;
  /** version ‖ fingerprint, 21 or 33 bytes: how attestations and phi' name this key. */
  readonly id: Uint8Array;
  /** The transferable public key, binary. */
  readonly bytes: Uint8Array;
}

const parsed = new WeakMap<OpenPgpKey, Key>();

/**
 * Reads a transferable public key, armored or binary. A private key is taken as its public half.
 *
 * Rejections: `TOO_LARGE`; `MALFORMED` for anything but exactly one primary key of version 4 or 6.
 */
export async function readPublicKey(key: string | Uint8Array, limits: Limits): Promise<Result<OpenPgpKey>> {
  if (key.length > limits.openpgpBytes) return reject("TOO_LARGE", "The OpenPGP key is larger than the limits allow.");
  let keys: Key[];
  try {
    const config = openpgpConfig();
    keys = await (typeof key === "string"
      ? readKeys({ armoredKeys: key, config })
      : readKeys({ binaryKeys: key, config }));
  } catch {
    return reject("MALFORMED", "This is not an OpenPGP public key.");
  }
  const [only, ...more] = keys;
  if (only === undefined || more.length > 0) return reject("MALFORMED", "There must be exactly one OpenPGP key.");
  return wrapKey(only.toPublic());
}

/** @internal */
export function wrapKey(key: Key): Result<OpenPgpKey> {
  const { version } = key.keyPacket;
  const fingerprint = key.keyPacket.getFingerprintBytes();
  if ((version !== 4 && version !== 6) || fingerprint === null) {
    return reject("MALFORMED", "Only OpenPGP keys of version 4 and 6 can be used.");
  }
  const id = concat(Uint8Array.of(version), fingerprint);
  const wrapped: OpenPgpKey = { version, fingerprint: id.slice(1), id, bytes: key.write() };
  parsed.set(wrapped, key);
  return accept(wrapped);
}

/** @internal The parsed form, for openpgp.js. */
export function parsedKey(key: OpenPgpKey): Key {
  const found = parsed.get(key);
  if (found === undefined) {
    throw new SottovoceError("OPENPGP_KEY", "This is not a key that readPublicKey returned; read its bytes again.");
  }
  return found;
}

/**
 * Whether one may encrypt to this key at the time `now` (seconds since 1970): the primary key neither expired nor
 * revoked, and a subkey (or the primary key itself) usable for encryption.
 */
export async function canEncryptTo(key: OpenPgpKey, now: number): Promise<boolean> {
  const found = parsedKey(key);
  try {
    await found.getEncryptionKey(undefined, new Date(now * 1000), undefined, openpgpConfig());
    return true;
  } catch {
    return false;
  }
}

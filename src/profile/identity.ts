// Identity: what makes this device one endpoint of OTR: tag, keys and current profile (spec/03, "Identity of a device";
// draft "Instance Tags", "Public keys, Shared Prekeys, Forging keys and Fingerprints", "Client Profile Expiration and
// Renewal").
import { equalBytes, wipe } from "../bytes.ts";
import { longTermKeyPair } from "../crypto/keys.ts";
import type { Random } from "../crypto/random.ts";
import type { Point, Suite, SymmetricKey } from "../crypto/suite.ts";
import { SottovoceError } from "../errors.ts";
import { assertTime, type Limits } from "../limits.ts";
import type { ClientProfile } from "../wire/client-profile.ts";
import { isInstanceTag } from "../wire/header.ts";
import { makeClientProfile } from "./client.ts";

/** Plain, structured-cloneable, and secret: whoever has it is this device. */
export interface LocalIdentity {
  readonly instanceTag: number;
  /** 57 bytes. */
  readonly longTermKey: SymmetricKey;
  /** H */
  readonly publicKey: Point;
  /** F */
  readonly forgingKey: Point;
  /** The key of F, for those who keep it to be able to forge. */
  readonly forgingSecret?: SymmetricKey;
  readonly profile: ClientProfile;
}

/** What is given is used, what is missing is made. */
export interface IdentityOptions {
  /** Seconds since 1970. */
  readonly now: number;
  readonly limits: Pick<Limits, "profileSeconds">;
  readonly instanceTag?: number | undefined;
  readonly longTermKey?: SymmetricKey | undefined;
  /** A public point, for example of {@link randomPointForgingKey}. Without it a key pair is made. */
  readonly forgingKey?: Point | undefined;
  /** Keep the secret of the forging key pair made here. Erased by default: nobody who takes the device gets it. */
  readonly keepForgingSecret?: boolean | undefined;
  /** A profile of this identity, made before. Tag and forging key are taken from it if not given. It may be expired. */
  readonly profile?: ClientProfile | undefined;
}

/**
 * Makes or completes an identity. Draws, for what is missing: `key` (57 bytes, long-term key), `key` (57 bytes, forging
 * key), `tag` (4 bytes, big-endian, again while below 0x100).
 *
 * @throws SottovoceError `BAD_ARGUMENT` when what is given is invalid or does not fit together.
 */
export function createIdentity(suite: Suite, random: Random, options: IdentityOptions): LocalIdentity {
  assertTime(options.now);
  const { profile } = options;
  const longTermKey = options.longTermKey ?? random("key", KEY_BYTES);
  if (longTermKey.length !== KEY_BYTES) bad("A long-term key is 57 bytes.");
  const publicKey = longTermKeyPair(suite, longTermKey).public;
  const forging = forgingKeyFor(suite, random, options);
  const instanceTag = options.instanceTag ?? profile?.instanceTag ?? drawInstanceTag(random);
  if (!isInstanceTag(instanceTag)) bad("An instance tag is a number from 0x100 to 0xffffffff.");
  const keys = { instanceTag, longTermKey, publicKey, ...forging };
  if (profile === undefined) {
    return { ...keys, profile: freshProfile(suite, keys, options.now, options.limits) };
  }
  const fits =
    profile.instanceTag === instanceTag &&
    equalBytes(profile.publicKey, publicKey) &&
    equalBytes(profile.forgingKey, forging.forgingKey) &&
    suite.group.verify(publicKey, profile.signed, profile.signature);
  if (!fits) bad("The client profile does not belong to this instance tag and these keys.");
  return { ...keys, profile };
}

/**
 * An identity whose profile lasts: the very same object while at least `limits.profileRenewSeconds` remain, otherwise
 * one with a new profile over the same tag and keys.
 */
export function renewIdentity(
  suite: Suite,
  identity: LocalIdentity,
  now: number,
  limits: Pick<Limits, "profileSeconds" | "profileRenewSeconds">,
): LocalIdentity {
  assertTime(now);
  const remaining = identity.profile.expires - BigInt(Math.floor(now));
  if (remaining >= BigInt(limits.profileRenewSeconds)) return identity;
  return { ...identity, profile: freshProfile(suite, identity, now, limits) };
}

/**
 * The second kind of forging key: a random point whose secret nobody ever knew. Draws `key` (57 bytes) until the
 * candidate, read as a POINT, is valid.
 *
 * The seven bits that no encoding uses are cleared instead of drawing until they are zero, which gives the same
 * distribution. Half of the candidates are no coordinates of a point, and of those that are, the cofactor 4 leaves one
 * in four in the prime-order subgroup: about one in eight passes.
 *
 * @throws SottovoceError `RANDOM_EXHAUSTED` when the source gives no valid candidate for so long that it cannot be
 *   random.
 */
export function randomPointForgingKey(suite: Suite, random: Random): Point {
  for (let i = 0; i < MAX_CANDIDATES; i++) {
    const candidate = random("key", KEY_BYTES);
    candidate[KEY_BYTES - 1] = (candidate[KEY_BYTES - 1] as number) & 0x80;
    if (suite.group.isValid(candidate)) return candidate;
  }
  throw new SottovoceError(
    "RANDOM_EXHAUSTED",
    "The random source gave no valid point; no key was made. Check the source.",
  );
}

const KEY_BYTES = 57;

// The chance that a sound source fails so often is below 2^-190 for points, and nil for tags.
const MAX_CANDIDATES = 1024;

function forgingKeyFor(
  suite: Suite,
  random: Random,
  options: IdentityOptions,
): Pick<LocalIdentity, "forgingKey" | "forgingSecret"> {
  const given = options.forgingKey ?? options.profile?.forgingKey;
  if (given !== undefined) {
    if (options.keepForgingSecret) bad("keepForgingSecret is for a forging key made here; this one was given.");
    if (!suite.group.isValid(given)) bad("The forging key is no valid point.");
    return { forgingKey: given };
  }
  const forgingSecret = random("key", KEY_BYTES);
  const forgingKey = longTermKeyPair(suite, forgingSecret).public;
  if (options.keepForgingSecret) return { forgingKey, forgingSecret };
  wipe(forgingSecret);
  return { forgingKey };
}

/** A random instance tag of at least 0x100. */
function drawInstanceTag(random: Random): number {
  for (let i = 0; i < MAX_CANDIDATES; i++) {
    const bytes = random("tag", 4);
    const tag = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (isInstanceTag(tag)) return tag;
  }
  throw new SottovoceError(
    "RANDOM_EXHAUSTED",
    "The random source gave no valid tag; nothing was made. Check the source.",
  );
}

function freshProfile(
  suite: Suite,
  identity: Pick<LocalIdentity, "instanceTag" | "longTermKey" | "publicKey" | "forgingKey">,
  now: number,
  limits: Pick<Limits, "profileSeconds">,
): ClientProfile {
  const { instanceTag, longTermKey, publicKey, forgingKey } = identity;
  const expires = BigInt(Math.floor(now) + limits.profileSeconds);
  return makeClientProfile(suite, { instanceTag, longTermKey, publicKey, forgingKey, versions: "4", expires });
}

function bad(why: string): never {
  throw new SottovoceError("BAD_ARGUMENT", `${why} No identity was made.`);
}

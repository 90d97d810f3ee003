// How a ratchet begins: from the secrets of a handshake (spec/04, "The first ratchets"; draft "Interactive DAKE
// Overview").
import { EMPTY, wipe } from "../bytes.ts";
import { type DhKeyPair, type EcdhKeyPair, generateDh, generateEcdh } from "../crypto/keys.ts";
import type { Random } from "../crypto/random.ts";
import type { DhPublic, Point, Suite } from "../crypto/suite.ts";
import type { BraceKey, MixedSecret } from "../dake/secret.ts";
import { SottovoceError } from "../errors.ts";
import { exchange } from "./exchange.ts";
import { firstRootKey } from "./keys.ts";
import type { Ratchet } from "./state.ts";

/** What both sides know when a handshake is complete: its secret, and the first keys carried in Identity and Auth-R. */
export interface RatchetSeed {
  readonly secret: MixedSecret;
  readonly ourFirstEcdh: EcdhKeyPair;
  readonly ourFirstDh: DhKeyPair;
  readonly theirFirstEcdh: Point;
  readonly theirFirstDh: DhPublic;
}

/** Ratchet −1: the responder's first sending chain, which is the initiator's first receiving chain. */
function firstExchange(suite: Suite, seed: RatchetSeed): ReturnType<typeof exchange> & object {
  const root = firstRootKey(suite, seed.secret);
  const keys = exchange(
    suite,
    -1,
    { rootKey: root, braceKey: EMPTY as BraceKey },
    {
      ecdhSecret: seed.ourFirstEcdh.secret,
      ecdhPublic: seed.theirFirstEcdh,
      dhSecret: seed.ourFirstDh.secret,
      dhPublic: seed.theirFirstDh,
    },
  );
  wipe(root);
  if (keys === undefined) throw identityPoint();
  return keys;
}

/** An ECDH result that valid keys cannot give: the suite broke its contract, or a point was not validated. */
export function identityPoint(): SottovoceError {
  return new SottovoceError(
    "BAD_STATE",
    "An ECDH exchange gave the identity; nothing was changed. The keys were not validated.",
  );
}

/** The ratchet of the side that sent Auth-R. It may send at once, in ratchet −1, and waits for ratchet 0. */
export function startAsResponder(suite: Suite, seed: RatchetSeed): Ratchet {
  const keys = firstExchange(suite, seed);
  return {
    latest: -1,
    rootKey: keys.rootKey,
    braceKey: keys.braceKey,
    ourEcdh: seed.ourFirstEcdh,
    ourDh: seed.ourFirstDh,
    theirEcdh: seed.theirFirstEcdh,
    theirDh: seed.theirFirstDh,
    sending: { number: -1, chainKey: keys.chainKey, count: 0, overflow: [] },
    receiving: undefined,
    past: [],
    previousCount: 0,
    skipped: [],
    toReveal: [],
  };
}

/**
 * The ratchet of the side that sent Identity and Auth-I. It receives in ratchet −1 and has already rotated to ratchet
 * 0.
 */
export function startAsInitiator(suite: Suite, random: Random, seed: RatchetSeed): Ratchet {
  const first = firstExchange(suite, seed);
  const ourEcdh = generateEcdh(suite, random);
  const ourDh = generateDh(suite, random);
  const keys = exchange(suite, 0, first, {
    ecdhSecret: ourEcdh.secret,
    ecdhPublic: seed.theirFirstEcdh,
    dhSecret: ourDh.secret,
    dhPublic: seed.theirFirstDh,
  });
  if (keys === undefined) throw identityPoint();
  wipe(first.rootKey, first.braceKey);
  return {
    latest: 0,
    rootKey: keys.rootKey,
    braceKey: keys.braceKey,
    ourEcdh,
    ourDh,
    theirEcdh: seed.theirFirstEcdh,
    theirDh: seed.theirFirstDh,
    sending: { number: 0, chainKey: keys.chainKey, count: 0, overflow: [] },
    receiving: { number: -1, chainKey: first.chainKey, count: 0 },
    past: [],
    previousCount: 0,
    skipped: [],
    toReveal: [],
  };
}

// One key exchange of the ratchet: ECDH, brace key, mixed secret (spec/04, "Key exchange"; draft "Shared Secrets").
import { wipe } from "../bytes.ts";
import type { DhPublic, DhSecret, Point, Scalar, Suite } from "../crypto/suite.ts";
import { type BraceKey, braceKeyFromDh, mixedSecret, nextBraceKey } from "../dake/secret.ts";
import { type ChainKey, type RootKey, ratchetKeys } from "./keys.ts";
import { hasDh, type RatchetNumber } from "./state.ts";

/** The private and public halves that meet in one ratchet. The DH halves are used in every third ratchet only. */
export interface ExchangeInput {
  readonly ecdhSecret: Scalar;
  readonly ecdhPublic: Point;
  readonly dhSecret: DhSecret;
  readonly dhPublic: DhPublic;
}

export interface ExchangeOutput {
  readonly rootKey: RootKey;
  readonly braceKey: BraceKey;
  readonly chainKey: ChainKey;
}

/**
 * Derives the keys of ratchet `number` from the previous root and brace key. `undefined` when the ECDH result is the
 * identity, which a validated point of prime order and a pruned scalar do not give.
 */
export function exchange(
  suite: Suite,
  number: RatchetNumber,
  previous: { readonly rootKey: RootKey; readonly braceKey: BraceKey },
  input: ExchangeInput,
): ExchangeOutput | undefined {
  const braceKey = hasDh(number)
    ? braceKeyFromDh(suite, input.dhSecret, input.dhPublic)
    : nextBraceKey(suite, previous.braceKey);
  const secret = mixedSecret(suite, input.ecdhSecret, input.ecdhPublic, braceKey);
  if (secret === undefined) return undefined;
  const { root, chain } = ratchetKeys(suite, previous.rootKey, secret);
  wipe(secret);
  return { rootKey: root, braceKey, chainKey: chain };
}

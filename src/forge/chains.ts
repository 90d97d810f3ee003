// The chains of a conversation, derived by somebody who was handed one side's secrets (spec/10, "The verifier").
import { EMPTY } from "../bytes.ts";
import type { DhPublic, Point, Suite } from "../crypto/suite.ts";
import type { BraceKey, MixedSecret } from "../dake/secret.ts";
import { type ExchangeOutput, exchange } from "../ratchet/exchange.ts";
import { type ChainKey, firstRootKey } from "../ratchet/keys.ts";
import { hasDh, type RatchetNumber } from "../ratchet/state.ts";
import type { DataMessage } from "../wire/data-message.ts";
import type { Keyring } from "./secrets.ts";
import type { Role } from "./setting.ts";
import type { JudgedHandshake } from "./verify-handshake.ts";

/** Derives ratchet after ratchet. */
export interface Chains {
  /**
   * The chain key with which a ratchet begins; ratchets from 0 on in order. `undefined` when the secrets lack its
   * keys.
   */
  begin(number: RatchetNumber, from: Role, message: DataMessage): ChainKey | undefined;
}

type Publics = Record<Role, { readonly ecdh: Point; readonly dh: DhPublic }>;

export function chainsOf(suite: Suite, handshake: JudgedHandshake, secret: MixedSecret, keyring: Keyring): Chains {
  const { identity, authR } = handshake;
  let publics: Publics = {
    initiator: { ecdh: identity.firstEcdh, dh: identity.firstDh },
    responder: { ecdh: authR.firstEcdh, dh: authR.firstDh },
  };
  const root = { rootKey: firstRootKey(suite, secret), braceKey: EMPTY as BraceKey };
  const first = meet(suite, -1, root, publics, keyring);
  let latest = first;
  return {
    begin(number, from, { ecdh, dh }) {
      if (number === -1) return first?.chainKey;
      publics = { ...publics, [from]: { ecdh, dh: hasDh(number) ? dh : publics[from].dh } };
      latest = latest && meet(suite, number, latest, publics, keyring);
      return latest?.chainKey;
    },
  };
}

/** The exchange of a ratchet with the secrets of whichever side the keyring holds. */
function meet(
  suite: Suite,
  number: RatchetNumber,
  previous: Pick<ExchangeOutput, "rootKey" | "braceKey">,
  { initiator, responder }: Publics,
  keyring: Keyring,
): ExchangeOutput | undefined {
  for (const [ours, theirs] of [
    [initiator, responder],
    [responder, initiator],
  ] as const) {
    const ecdhSecret = keyring.ecdh(ours.ecdh);
    const dhSecret = hasDh(number) ? keyring.dh(ours.dh) : EMPTY;
    if (ecdhSecret === undefined || dhSecret === undefined) continue;
    return exchange(suite, number, previous, { ecdhSecret, ecdhPublic: theirs.ecdh, dhSecret, dhPublic: theirs.dh });
  }
  return undefined;
}

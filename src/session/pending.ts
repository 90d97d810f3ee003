// What an unfinished handshake leaves behind: the ids of Identities, and secrets to clear (spec/07, "Handshake").
import { fromHex } from "../bytes.ts";
import type { Env } from "./step.ts";
import type { Answer, Offer } from "./types.ts";

/** Keeps the id of an Identity, so that a replay of it starts nothing. */
export function remember(env: Env, seen: readonly Uint8Array[], id: string): readonly Uint8Array[] {
  return [...seen, fromHex(id) as Uint8Array].slice(-env.limits.seenIdentities);
}

/** The secrets of an offer that is over. A conversation that grew from it has keys of its own by then. */
export function offerSecrets({ identity: { keys } }: Offer): Uint8Array[] {
  return [keys.ecdh.secret, keys.dh.secret, keys.firstEcdh.secret, keys.firstDh.secret];
}

/** The secrets of an answer that was never completed. */
export function answerSecrets({ answered }: Answer): Uint8Array[] {
  return [answered.secret, answered.ourFirstEcdh.secret, answered.ourFirstDh.secret];
}

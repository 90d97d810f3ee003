// Randomness, injectable: each kind is a queue of its own, so that recorded sessions replay (spec/02, "Randomness").
import { SottovoceError } from "../errors.ts";

/**
 * What the bytes are for. `ecdh` (57 bytes, hashed and pruned into a secret scalar), `dh` (80 bytes, an exponent), `zq`
 * (57 bytes, hashed into a random value of Z_q), `fragment` (4 bytes, an identifier), `key` (57 bytes, a
 * symmetric key), `tag` (4 bytes, an instance tag), `id` (16 bytes, a chat id).
 */
export type RandomKind = "ecdh" | "dh" | "zq" | "fragment" | "key" | "tag" | "id";

/** Gives `size` fresh random bytes; the caller owns and may wipe them. */
export interface Random {
  (kind: RandomKind, size: number): Uint8Array;
  /**
   * The values of kind `zq` were recorded from a peer that prunes them as the draft says, and shall be used so. For
   * replays only: pruned values show who made a ring signature (spec/02, "Random values of Z_q").
   */
  readonly prunesZq?: boolean;
}

/** The platform's cryptographic random source. */
export const systemRandom: Random = (_kind, size) => globalThis.crypto.getRandomValues(new Uint8Array(size));

/**
 * A source that hands out given values, each kind in its own order, and has them used as the draft says
 * ({@link Random.prunesZq}). For replaying recorded sessions only: whoever knows the values knows every key.
 *
 * @throws SottovoceError `RANDOM_EXHAUSTED` when a queue is empty or its next value has another size.
 */
export function queuedRandom(queues: Partial<Record<RandomKind, readonly Uint8Array[]>>): Random {
  const position = new Map<RandomKind, number>();
  const next = (kind: RandomKind, size: number): Uint8Array => {
    const index = position.get(kind) ?? 0;
    const value = queues[kind]?.[index];
    if (value === undefined || value.length !== size) {
      throw new SottovoceError(
        "RANDOM_EXHAUSTED",
        `The deterministic random source has no ${size}-byte value number ${index + 1} of kind "${kind}"; ` +
          "nothing was changed. Give it the values of the whole recording.",
      );
    }
    position.set(kind, index + 1);
    return value.slice();
  };
  return Object.assign(next, { prunesZq: true });
}

// Who signed? The judge of these tests looks at the scalars of ring signatures, which is how the draft's signatures
// tell: it prunes what it draws and cannot prune what it computes, so scalars that no pruning gives stand at the
// signer's place.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { longTermKeyPair } from "../../src/crypto/keys.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { queuedRandom, type Random } from "../../src/crypto/random.ts";
import { type Ring, ringSign } from "../../src/crypto/ring-signature.ts";
import { decodeScalar } from "../../src/crypto/scalar.ts";
import { defaultLimits } from "../../src/limits.ts";
import { parseIncoming } from "../../src/wire/armor.ts";
import { decodeMessage } from "../../src/wire/messages.ts";
import recording from "../../vectors/sessions/otr4j.json" with { type: "json" };
import { value } from "../wire/results.ts";

const q = suite.group.order;
const POSITIONS = [0, 1, 2] as const;

/** 1/4 modulo q, which is 3 modulo 4. */
const QUARTER = (q + 1n) / 4n;

/**
 * Pruned values are 4m for m from 2^445 to 2^446 − 1: modulo q, half of all values (but for a few that nobody meets).
 */
function couldBePruned(scalar: bigint): boolean {
  return (scalar * QUARTER) % q >= 2n ** 445n;
}

/** The positions at which some scalar cannot have been drawn and pruned. */
function suspects(signature: Uint8Array): readonly number[] {
  const scalar = (i: number): bigint => decodeScalar(signature.subarray(57 * i, 57 * i + 57));
  return POSITIONS.filter((i) => !couldBePruned(scalar(2 * i)) || !couldBePruned(scalar(2 * i + 1)));
}

function seeded(seed: string): Random {
  let draws = 0;
  return (_kind, size) => suite.shake256(size, new TextEncoder().encode(`${seed} ${draws++}`));
}

const keys = POSITIONS.map((i) => longTermKeyPair(suite, new Uint8Array(57).fill(i + 1)));
const ring = keys.map((pair) => pair.public) as unknown as Ring;

/** How often each position is suspected, in 60 signatures of one signer. */
function suspicion(signer: number, random: Random): readonly number[] {
  const counts = [0, 0, 0];
  for (let i = 0; i < 60; i++) {
    const signature = ringSign(suite, random, keys[signer]!.secret, ring, Uint8Array.of(i));
    for (const position of suspects(signature)) counts[position]!++;
  }
  return counts;
}

describe("the scalars of a ring signature", () => {
  it("are spread alike at all three positions, whoever signed", () => {
    // Each position is suspect with probability 3/4: 45 of 60, with a standard deviation of 3.4.
    for (const signer of POSITIONS) {
      for (const count of suspicion(signer, seeded(`signer ${signer}`))) {
        expect(count).toBeGreaterThan(25);
        expect(count).toBeLessThan(60);
      }
    }
  });

  it("would name the signer if they were pruned", () => {
    for (const signer of POSITIONS) {
      const pruned = Object.assign(seeded(`pruned ${signer}`), { prunesZq: true });
      const counts = suspicion(signer, pruned);
      expect(counts.filter((_, position) => position !== signer)).toEqual([0, 0]);
      expect(counts[signer]).toBeGreaterThan(25);
    }
  });

  it("do name the signers of a recorded session: the holders of the long-term keys", () => {
    const signatures = recording.steps
      .flatMap((step) => ("sent" in step ? (step.sent as string[]) : []))
      .flatMap((text) => {
        const incoming = value(parseIncoming(text, defaultLimits));
        const message = incoming.kind === "message" ? value(decodeMessage(incoming.bytes, defaultLimits)) : undefined;
        return message !== undefined && "ringSignature" in message ? [message] : [];
      });
    // {F_b, H_a, Y} and {H_b, F_a, X}
    expect(signatures.map(({ kind, ringSignature }) => [kind, suspects(ringSignature)])).toEqual([
      ["auth-r", [1]],
      ["auth-i", [0]],
    ]);
  });

  it("are pruned where recorded values are replayed, and nowhere else", () => {
    const zq = Array.from({ length: 7 }, (_, i) => new Uint8Array(57).fill(i));
    const replayed = ringSign(suite, queuedRandom({ zq }), keys[0]!.secret, ring, new Uint8Array());
    let next = 0;
    const fresh = ringSign(suite, () => zq[next++]!.slice(), keys[0]!.secret, ring, new Uint8Array());
    expect(toHex(fresh)).not.toBe(toHex(replayed));
    expect(suspects(replayed).filter((position) => position !== 0)).toEqual([]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { type EcdhKeyPair, generateEcdh, longTermKeyPair } from "../../src/crypto/keys.ts";
import { queuedRandom, type Random } from "../../src/crypto/random.ts";
import { type Ring, ringSign, ringVerify } from "../../src/crypto/ring-signature.ts";
import { decodeScalar, encodeScalar } from "../../src/crypto/scalar.ts";
import type { Suite } from "../../src/crypto/suite.ts";
import { toySuite } from "../support/toy-suite.ts";
import { hex, readVectors, seededRandom, suites } from "./suites.ts";

const { signatures } = readVectors<{
  signatures: {
    source: string;
    key: string;
    ring: [string, string, string];
    message: string;
    randoms: string[];
    signature: string;
  }[];
}>("ring-signatures.json");

const positions = [0, 1, 2] as const;
const message = new TextEncoder().encode("sotto voce");

function keyRing(suite: Suite, seed: number): { keys: readonly EcdhKeyPair[]; ring: Ring } {
  const random = seededRandom(seed);
  const keys = [generateEcdh(suite, random), generateEcdh(suite, random), generateEcdh(suite, random)] as const;
  return { keys, ring: [keys[0].public, keys[1].public, keys[2].public] };
}

describe.each(suites)("ring signatures on $name", (suite) => {
  const q = suite.group.order;
  const { keys, ring } = keyRing(suite, 1);
  const signature = ringSign(suite, seededRandom(2), keys[1]!.secret, ring, message);

  it.each(signatures)("are those of $source, byte for byte", (vector) => {
    const members = vector.ring.map(hex) as unknown as Ring;
    const { secret } = longTermKeyPair(suite, hex(vector.key));
    const random = queuedRandom({ zq: vector.randoms.map(hex) });
    const signed = ringSign(suite, random, secret, members, hex(vector.message));
    expect(toHex(signed)).toBe(vector.signature);
    expect(ringVerify(suite, members, signed, hex(vector.message))).toBe(true);
  });

  it.each(positions)("verify when made from position %i", (position) => {
    const signed = ringSign(suite, seededRandom(3), keys[position]!.secret, ring, message);
    expect(signed).toHaveLength(342);
    expect(ringVerify(suite, ring, signed, message)).toBe(true);
  });

  it("do not verify over another message, ring or order of the ring", () => {
    const [A, B, C] = ring;
    const other = generateEcdh(suite, seededRandom(9)).public;
    expect(ringVerify(suite, ring, signature, message)).toBe(true);
    expect(ringVerify(suite, ring, signature, concat(message, hex("00")))).toBe(false);
    expect(ringVerify(suite, ring, signature, message.slice(1))).toBe(false);
    const others: Ring[] = [
      [other, B, C],
      [A, other, C],
      [A, B, other],
      [B, A, C],
      [B, C, A],
    ];
    for (const wrong of others) expect(ringVerify(suite, wrong, signature, message)).toBe(false);
  });

  it("do not verify when changed anywhere", () => {
    for (let at = 0; at < 342; at += 19) {
      expect([at, ringVerify(suite, ring, signature.with(at, signature[at]! ^ 1), message)]).toEqual([at, false]);
    }
  });

  it("do not verify with q added to any of the six scalars, which would be the same values", () => {
    for (let i = 0; i < 6; i++) {
      const scalar = decodeScalar(signature.subarray(57 * i, 57 * i + 57));
      for (const multiple of [1n, 2n]) {
        const changed = signature.slice();
        changed.set(encodeScalar(scalar + multiple * q), 57 * i);
        expect([i, ringVerify(suite, ring, changed, message)]).toEqual([i, false]);
      }
    }
  });

  it("do not verify with the pairs moved around, or of zeros", () => {
    const pairs = positions.map((i) => signature.subarray(114 * i, 114 * i + 114));
    expect(ringVerify(suite, ring, concat(pairs[1]!, pairs[0]!, pairs[2]!), message)).toBe(false);
    expect(ringVerify(suite, ring, concat(pairs[1]!, pairs[2]!, pairs[0]!), message)).toBe(false);
    expect(ringVerify(suite, ring, new Uint8Array(342), message)).toBe(false);
  });

  it.each([0, 341, 343, 399])("do not verify with %i bytes", (length) => {
    expect(ringVerify(suite, ring, concat(signature, new Uint8Array(57)).slice(0, length), message)).toBe(false);
  });
});

describe.each([...suites, toySuite])("signing on $name", (suite) => {
  const { keys, ring } = keyRing(suite, 4);

  it("refuses a secret of none of the keys", () => {
    const stranger = generateEcdh(suite, seededRandom(5));
    expect(() => ringSign(suite, seededRandom(6), stranger.secret, ring, message)).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
  });

  it("takes a ring that repeats the key", () => {
    const [A, B] = ring;
    const rings: Ring[] = [
      [A, A, B],
      [B, A, A],
      [A, B, A],
      [A, A, A],
    ];
    for (const repeated of rings) {
      const signed = ringSign(suite, seededRandom(7), keys[0]!.secret, repeated, message);
      expect(ringVerify(suite, repeated, signed, message)).toBe(true);
    }
  });

  it("leaves its inputs as they are and wipes what it drew", () => {
    const drawn: Uint8Array[] = [];
    const inner = seededRandom(8);
    const random: Random = (kind, size) => {
      const value = inner(kind, size);
      drawn.push(value);
      return value;
    };
    const inputs = [keys[2]!.secret, ...ring, message];
    const copies = inputs.map((input) => input.slice());
    ringSign(suite, random, keys[2]!.secret, ring, message);
    expect(inputs).toEqual(copies);
    expect(drawn).toEqual(Array.from({ length: 7 }, () => new Uint8Array(57)));
  });

  it("draws and works the same from every position", () => {
    const work = positions.map((position) => {
      const log: string[] = [];
      const { group } = suite;
      const watched: Suite = {
        ...suite,
        group: {
          ...group,
          multiplyBase: (scalar) => {
            log.push("multiplyBase");
            return group.multiplyBase(scalar);
          },
          multiply: (P, scalar) => {
            log.push("multiply");
            return group.multiply(P, scalar);
          },
          combine: (r, A, c) => {
            log.push(`combine ${toHex(A)} ${toHex(r)} ${toHex(c)}`);
            return group.combine(r, A, c);
          },
        },
        shake256: (size, ...parts) => {
          log.push(`shake256 ${size} of ${parts.map((part) => part.length).join()}`);
          return suite.shake256(size, ...parts);
        },
      };
      const inner = seededRandom(10);
      const random: Random = (kind, size) => {
        log.push(`${kind} ${size}`);
        return inner(kind, size);
      };
      ringSign(watched, random, keys[position]!.secret, ring, message);
      return log;
    });
    expect(work[1]).toEqual(work[0]);
    expect(work[2]).toEqual(work[0]);
    expect(work[0]!.filter((entry) => entry === "zq 57")).toHaveLength(7);
    expect(work[0]!.filter((entry) => entry.startsWith("combine"))).toHaveLength(3);
  });

  it("shows in each position the draws of that position, or neither of them", () => {
    for (const position of positions) {
      const random = seededRandom(11);
      const draws = Array.from({ length: 7 }, () => random("zq", 57));
      const signed = ringSign(suite, queuedRandom({ zq: draws }), keys[position]!.secret, ring, message);
      const shown = draws.slice(1).map((_, i) => {
        const pruned = suite.shake256(57, draws[i + 1]!);
        pruned[0]! &= 0xfc;
        pruned[55]! |= 0x80;
        pruned[56] = 0;
        return decodeScalar(signed.subarray(57 * i, 57 * i + 57)) === decodeScalar(pruned) % suite.group.order;
      });
      expect(shown).toEqual(positions.flatMap((i) => [i !== position, i !== position]));
    }
  });
});

describe("ring signatures in the toy groups", () => {
  it("verify from any position, over any message, and not when any bit is changed", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(...positions),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(342 * 8 - 1),
        (seed, position, text, bit) => {
          const { keys, ring } = keyRing(toySuite, seed);
          const signed = ringSign(toySuite, seededRandom(seed + 1), keys[position]!.secret, ring, text);
          expect(ringVerify(toySuite, ring, signed, text)).toBe(true);
          const changed = signed.with(bit >> 3, signed[bit >> 3]! ^ (1 << (bit & 7)));
          expect(ringVerify(toySuite, ring, changed, text)).toBe(false);
        },
      ),
      { numRuns: 500 },
    );
  });
});

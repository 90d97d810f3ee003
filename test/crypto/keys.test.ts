import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { generateDh, generateEcdh, longTermKeyPair, longTermSecret, randomZq } from "../../src/crypto/keys.ts";
import { queuedRandom, type Random, systemRandom } from "../../src/crypto/random.ts";
import { decodeScalar, prune } from "../../src/crypto/scalar.ts";
import { bytes, hex, readVectors, suites } from "./suites.ts";

const vectors = readVectors<{
  ecdh: { source: string; random: string; secret: string; public: string }[];
  zq: { source: string; random: string; scalar: string }[];
}>("ed448-keys.json");
const dhVectors = readVectors<{ publicKeys: { source: string; secret: string; public: string }[] }>("dh3072.json");

const few = { numRuns: 10 };

/** Hands out fixed bytes and remembers the arrays, to see what becomes of them. */
function recording(seed: Uint8Array): { random: Random; drawn: { kind: string; size: number; array: Uint8Array }[] } {
  const drawn: { kind: string; size: number; array: Uint8Array }[] = [];
  const random: Random = (kind, size) => {
    const array = Uint8Array.from({ length: size }, (_, i) => seed[i % seed.length]!);
    drawn.push({ kind, size, array });
    return array;
  };
  return { random, drawn };
}

describe.each(suites)("key generation on $name", (suite) => {
  it.each(vectors.ecdh)("makes the ECDH key of $source", (vector) => {
    const pair = generateEcdh(suite, queuedRandom({ ecdh: [hex(vector.random)] }));
    expect(toHex(pair.secret)).toBe(vector.secret);
    expect(toHex(pair.public)).toBe(vector.public);
  });

  it.each(vectors.zq)("makes the value of Z_q of $source", (vector) => {
    expect(toHex(randomZq(suite, queuedRandom({ zq: [hex(vector.random)] })))).toBe(vector.scalar);
  });

  it.each(dhVectors.publicKeys)("makes the DH key of $source", (vector) => {
    const pair = generateDh(suite, queuedRandom({ dh: [hex(vector.secret)] }));
    expect(toHex(pair.secret)).toBe(vector.secret);
    expect(toHex(pair.public)).toBe(vector.public);
  });

  it("makes valid pairs of pruned secrets, from the symmetric key as from random bytes", () => {
    fc.assert(
      fc.property(bytes(57), (seed) => {
        const copy = seed.slice();
        const pair = longTermKeyPair(suite, seed);
        expect(longTermSecret(suite, seed)).toEqual(pair.secret);
        expect(seed).toEqual(copy);
        expect(generateEcdh(suite, queuedRandom({ ecdh: [seed] }))).toEqual(pair);
        expect(prune(pair.secret)).toEqual(pair.secret);
        expect(suite.group.isValid(pair.public)).toBe(true);
      }),
      few,
    );
  });

  it("draws once, of its own kind, and wipes what it does not keep", () => {
    const ecdh = recording(hex("a1"));
    const pair = generateEcdh(suite, ecdh.random);
    expect(ecdh.drawn).toEqual([{ kind: "ecdh", size: 57, array: new Uint8Array(57) }]);
    expect(decodeScalar(pair.secret)).not.toBe(0n);

    const zq = recording(hex("b2"));
    expect(decodeScalar(randomZq(suite, zq.random))).not.toBe(0n);
    expect(zq.drawn).toEqual([{ kind: "zq", size: 57, array: new Uint8Array(57) }]);

    const dh = recording(hex("c3"));
    expect(generateDh(suite, dh.random).secret).toEqual(new Uint8Array(80).fill(0xc3));
    expect(dh.drawn).toHaveLength(1);
  });

  it("makes another key each time from the system's randomness", () => {
    const keys = Array.from({ length: 4 }, () => toHex(generateEcdh(suite, systemRandom).public));
    expect(new Set(keys).size).toBe(4);
  });
});

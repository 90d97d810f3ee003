import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { DH_PRIME } from "../../src/crypto/dh3072.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { bytes, hex, readVectors, suites } from "./suites.ts";

const vectors = readVectors<{
  prime: { value: string; generator: number };
  publicKeys: { source: string; secret: string; public: string }[];
  shared: { source: string; secret: string; public: string; shared: string }[];
}>("dh3072.json");

const few = { numRuns: 5 };
const p = DH_PRIME;
const secret = bytes(80).filter((candidate) => candidate.some((byte) => byte !== 0));

/** Big-endian, as long as needed. */
function encode(n: bigint): Uint8Array {
  const text = n.toString(16);
  return hex(text.length % 2 === 0 ? text : `0${text}`);
}

const decode = (key: Uint8Array): bigint => BigInt(`0x${toHex(key)}`);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % p;
    if (bit === "1") result = (result * base) % p;
  }
  return result;
}

describe("the prime", () => {
  it("is that of RFC 3526", () => {
    expect(p.toString(16)).toBe(vectors.prime.value);
    expect(vectors.prime.generator).toBe(2);
  });

  it("follows from π: 2^3072 − 2^3008 − 1 + 2^64 · (⌊2^2942 · π⌋ + 1690314)", () => {
    const guard = 64n;
    const unit = 1n << (2942n + guard);
    const arctanOfInverse = (x: bigint): bigint => {
      let sum = 0n;
      let term = unit / x;
      for (let n = 1n; term !== 0n; n += 2n) {
        sum += n % 4n === 1n ? term / n : -term / n;
        term /= x * x;
      }
      return sum;
    };
    const pi = (4n * (4n * arctanOfInverse(5n) - arctanOfInverse(239n))) >> guard;
    expect(p).toBe(2n ** 3072n - 2n ** 3008n - 1n + 2n ** 64n * (pi + 1690314n));
  });

  it("is safe, and 2 generates the squares", () => {
    const half = (p - 1n) / 2n;
    expect(power(2n, half)).toBe(1n);
    expect(power(3n, p - 1n)).toBe(1n);
    // Pocklington: 4 has order `half` modulo p, so p is prime if `half` is; `half` passes Fermat's test to two bases.
    const modHalf = (base: bigint): bigint => {
      let result = 1n;
      for (const bit of (half - 1n).toString(2)) {
        result = (result * result) % half;
        if (bit === "1") result = (result * base) % half;
      }
      return result;
    };
    expect([modHalf(2n), modHalf(3n)]).toEqual([1n, 1n]);
  });
});

describe.each(suites)("DH keys on $name", ({ dh }) => {
  it.each(vectors.publicKeys)("are those of $source", (vector) => {
    expect(toHex(dh.publicKey(hex(vector.secret)))).toBe(vector.public);
    expect(dh.isValid(hex(vector.public))).toBe(true);
  });

  it("are 2^secret", () => {
    fc.assert(
      fc.property(secret, (exponent) => {
        const key = dh.publicKey(exponent);
        expect(decode(key)).toBe(power(2n, decode(exponent)));
        expect(dh.isValid(key)).toBe(true);
      }),
      few,
    );
  });

  it.each([
    ["1", 1n, 2n],
    ["2^79, every bit of one tooth", 1n << 79n, undefined],
    ["the highest bit", 1n << 639n, undefined],
    ["all bits", (1n << 640n) - 1n, undefined],
  ])("are right for the exponent %s", (_, exponent, expected) => {
    const padded = new Uint8Array(80);
    const minimal = encode(exponent);
    padded.set(minimal, 80 - minimal.length);
    expect(decode(dh.publicKey(padded))).toBe(expected ?? power(2n, exponent));
  });

  it.each([
    ["no bytes", new Uint8Array(0)],
    ["0", Uint8Array.of(0)],
    ["1", encode(1n)],
    ["p − 1, of order 2", encode(p - 1n)],
    ["p", encode(p)],
    ["p + 1", encode(p + 1n)],
    ["p + 2, which is 2 mod p", encode(p + 2n)],
    ["2p + 4", encode(2n * p + 4n)],
    ["2^3072 − 1", encode(2n ** 3072n - 1n)],
    ["p − 2, not a square", encode(p - 2n)],
    ["p − 4, not a square", encode(p - 4n)],
    ["2 with a leading zero", Uint8Array.of(0, 2)],
    ["a valid key with a leading zero", Uint8Array.of(0, ...hex(vectors.publicKeys[0]!.public))],
  ])("are not valid: %s", (_, key) => {
    expect(dh.isValid(key)).toBe(false);
  });

  it("are valid if and only if x^((p − 1)/2) is 1", () => {
    let accepted = 0;
    for (let x = 2n; x < 16n; x++) {
      expect([x, dh.isValid(encode(x))]).toEqual([x, power(x, (p - 1n) / 2n) === 1n]);
      if (dh.isValid(encode(x))) accepted++;
    }
    expect(accepted).toBeGreaterThan(3);
    fc.assert(
      fc.property(bytes(384), (random) => {
        const x = (decode(random) % (p - 3n)) + 2n;
        expect(dh.isValid(encode(x))).toBe(power(x, (p - 1n) / 2n) === 1n);
      }),
      { numRuns: 20 },
    );
  });
});

describe.each(suites)("shared DH secrets on $name", ({ dh }) => {
  it.each(vectors.shared)("are those of $source", (vector) => {
    expect(toHex(dh.shared(hex(vector.secret), hex(vector.public)))).toBe(vector.shared);
  });

  it("have no leading zeros: one that libotr-ng tests has 383 bytes", () => {
    const lengths = vectors.shared.map((vector) => dh.shared(hex(vector.secret), hex(vector.public)).length);
    expect(lengths).toContain(383);
    expect(toHex(dh.shared(encodeSecret(3n), encode(2n)))).toBe("08");
  });

  it("are the same for both sides and every suite, and leave the inputs alone", () => {
    fc.assert(
      fc.property(secret, secret, (a, b) => {
        const copies = [a.slice(), b.slice()];
        const keyOfB = dh.publicKey(b);
        const shared = dh.shared(a, keyOfB);
        expect(dh.shared(b, dh.publicKey(a))).toEqual(shared);
        expect(nobleSuite.dh.shared(a, keyOfB)).toEqual(shared);
        expect([a, b]).toEqual(copies);
        expect(shared.constructor).toBe(Uint8Array);
        expect(shared.buffer.byteLength).toBe(shared.length);
      }),
      few,
    );
  });

  it.each([0, 79, 81])("refuse a secret of %i bytes", (length) => {
    const wrong = new Uint8Array(length).fill(1);
    expect(() => dh.publicKey(wrong)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(() => dh.shared(wrong, encode(2n))).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });

  it("refuse a secret of zeros", () => {
    expect(() => dh.publicKey(new Uint8Array(80))).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
});

function encodeSecret(n: bigint): Uint8Array {
  const padded = new Uint8Array(80);
  padded.set(encode(n), 80 - encode(n).length);
  return padded;
}

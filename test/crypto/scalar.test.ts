import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeScalar, encodeScalar, isReduced, prune } from "../../src/crypto/scalar.ts";
import { bytes, suites } from "./suites.ts";

const q = suites[0]!.group.order;

describe("scalars", () => {
  it("round-trip, little-endian", () => {
    fc.assert(
      fc.property(bytes(57), (encoded) => {
        expect(encodeScalar(decodeScalar(encoded))).toEqual(encoded);
      }),
    );
    expect(encodeScalar(0x0102n).subarray(0, 3)).toEqual(Uint8Array.of(2, 1, 0));
    expect(decodeScalar(new Uint8Array(57).fill(0xff))).toBe(2n ** 456n - 1n);
  });

  it("pruned are multiples of four from 2^447 on, in a fresh array", () => {
    fc.assert(
      fc.property(bytes(57), (seed) => {
        const copy = seed.slice();
        const scalar = decodeScalar(prune(seed));
        expect(scalar % 4n).toBe(0n);
        expect(scalar >> 447n).toBe(1n);
        expect((scalar ^ decodeScalar(seed)) & (2n ** 447n - 4n)).toBe(0n);
        expect(seed).toEqual(copy);
      }),
    );
  });

  it.each([
    ["0", 0n, true],
    ["1", 1n, true],
    ["q − 1", q - 1n, true],
    ["q", q, false],
    ["q + 1", q + 1n, false],
    ["2^446", 2n ** 446n, false],
    ["the largest", 2n ** 456n - 1n, false],
  ])("%s is below q or not", (_, n, reduced) => {
    expect(isReduced(encodeScalar(n), q)).toBe(reduced);
  });

  it("of another length are not reduced", () => {
    for (const length of [0, 1, 56, 58]) expect(isReduced(new Uint8Array(length), q)).toBe(false);
  });
});

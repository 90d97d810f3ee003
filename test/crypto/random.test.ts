import { describe, expect, it } from "vitest";
import { queuedRandom, systemRandom } from "../../src/crypto/random.ts";
import { hex } from "./suites.ts";

describe("a queue of random values", () => {
  it("hands out each kind in its own order", () => {
    const random = queuedRandom({ ecdh: [hex("01"), hex("02")], dh: [hex("0304")] });
    expect([random("ecdh", 1), random("dh", 2), random("ecdh", 1)]).toEqual([hex("01"), hex("0304"), hex("02")]);
  });

  it("hands out copies, which may be wiped", () => {
    const value = hex("0102");
    queuedRandom({ id: [value] })("id", 2).fill(0);
    expect(value).toEqual(hex("0102"));
  });

  it("says when a kind is exhausted, unknown, or of another size", () => {
    const random = queuedRandom({ zq: [hex("01")] });
    const exhausted = expect.objectContaining({ name: "SottovoceError", code: "RANDOM_EXHAUSTED" });
    expect(() => random("dh", 1)).toThrow(exhausted);
    expect(() => random("zq", 2)).toThrow(exhausted);
    expect(random("zq", 1)).toEqual(hex("01"));
    expect(() => random("zq", 1)).toThrow(exhausted);
  });
});

describe("the system's randomness", () => {
  it("gives fresh bytes of the size asked for", () => {
    const [first, second] = [systemRandom("key", 57), systemRandom("key", 57)];
    expect(first).toHaveLength(57);
    expect(first).not.toEqual(second);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { suite as defaultSuite } from "#crypto";
import { concat } from "../../src/bytes.ts";
import { generateDh, generateEcdh, longTermKeyPair } from "../../src/crypto/keys.ts";
import { suite as browserSuite, nobleSuite } from "../../src/crypto/noble.ts";
import { suite as nodeDefault, nodeSuite } from "../../src/crypto/node.ts";
import { decodeScalar, encodeScalar } from "../../src/crypto/scalar.ts";
import { toySuite } from "../support/toy-suite.ts";
import { bytes, hex, seededRandom, suites } from "./suites.ts";

describe("the default suite", () => {
  it("is node:crypto's in Node and noble's elsewhere", () => {
    expect([nodeDefault.name, browserSuite.name]).toEqual(["node", "noble"]);
    expect([nodeDefault, browserSuite]).toEqual([nodeSuite, nobleSuite]);
    expect(defaultSuite.name).toBe("node");
  });
});

/** The laws that the protocol builds on, which toy groups must obey as real ones do. */
describe.each([...suites, toySuite])("the laws on $name", (suite) => {
  const { group, dh } = suite;
  const runs = { numRuns: suite === toySuite ? 300 : 3 };
  const seeds = fc.nat();

  it("of ECDH: both sides get the same point, which is valid", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seededRandom(seed);
        const [a, b] = [generateEcdh(suite, random), generateEcdh(suite, random)];
        const shared = group.multiply(a.public, b.secret)!;
        expect(group.multiply(b.public, a.secret)).toEqual(shared);
        expect([a.public, b.public, shared].map((P) => group.isValid(P))).toEqual([true, true, true]);
        expect([a.public, shared].map((P) => P.length)).toEqual([57, 57]);
      }),
      runs,
    );
  });

  it("of DH: both sides get the same value, without leading zeros", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seededRandom(seed);
        const [a, b] = [generateDh(suite, random), generateDh(suite, random)];
        const shared = dh.shared(a.secret, b.public);
        expect(dh.shared(b.secret, a.public)).toEqual(shared);
        for (const key of [a.public, b.public, shared]) {
          expect(dh.isValid(key)).toBe(true);
          expect(key[0]).not.toBe(0);
          expect(dh.isValid(concat(hex("00"), key))).toBe(false);
        }
      }),
      runs,
    );
  });

  it("of combinations: G · r + A · c, with A = G · a, is G · (r + ac)", () => {
    fc.assert(
      fc.property(bytes(57), bytes(57), bytes(57), (r, a, c) => {
        const sum = (decodeScalar(r) + decodeScalar(a) * decodeScalar(c)) % group.order;
        const A = group.multiplyBase(a);
        expect(group.combine(r, A, c)).toEqual(group.multiplyBase(encodeScalar(sum)));
      }),
      runs,
    );
  });

  it("of orders: q times the generator is the identity, which is not valid", () => {
    expect(group.multiply(group.generator, encodeScalar(group.order))).toBeUndefined();
    expect(group.isValid(group.multiplyBase(encodeScalar(group.order)))).toBe(false);
    expect(group.isValid(group.generator)).toBe(true);
    expect(group.isValid(new Uint8Array(57))).toBe(false);
    expect(dh.isValid(hex("01"))).toBe(false);
    expect(dh.isValid(new Uint8Array(0))).toBe(false);
  });

  it("of signatures: they verify under the key they were made with, over the message, unchanged", () => {
    fc.assert(
      fc.property(bytes(57), fc.uint8Array({ maxLength: 100 }), fc.nat(113), (key, text, at) => {
        const H = longTermKeyPair(suite, key).public;
        const signature = group.sign(key, text);
        expect(signature).toHaveLength(114);
        expect(group.verify(H, text, signature)).toBe(true);
        expect(group.verify(H, concat(text, hex("00")), signature)).toBe(false);
        expect(group.verify(H, text, signature.with(at, signature[at]! ^ 1))).toBe(false);
        expect(group.verify(group.generator, text, signature)).toBe(false);
      }),
      runs,
    );
  });
});

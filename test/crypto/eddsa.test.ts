import { ed448 } from "@noble/curves/ed448.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { longTermKeyPair } from "../../src/crypto/keys.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { decodeScalar, encodeScalar } from "../../src/crypto/scalar.ts";
import { Curve, encodeRaw, p, q, torsion } from "./points.ts";
import { bytes, hex, readVectors, suites } from "./suites.ts";

interface Signature {
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
}

const rfc = readVectors<{ signatures: (Signature & { secretKey: string; context?: string })[] }>("ed448-rfc8032.json");
const wycheproof = readVectors<{ signatures: (Signature & { id: number; about: string; valid: boolean })[] }>(
  "ed448-wycheproof.json",
);
const otrr = readVectors<{ verify: (Signature & { source: string })[] }>("ed448-keys.json");

const few = { numRuns: 10 };
const message = new TextEncoder().encode("sotto voce");

describe.each(suites)("Ed448 signatures of $name", (suite) => {
  const { group } = suite;

  it.each(rfc.signatures)("are those of RFC 8032 for key $secretKey", (vector) => {
    expect(toHex(longTermKeyPair(suite, hex(vector.secretKey)).public)).toBe(vector.publicKey);
    const [key, text, signature] = [hex(vector.publicKey), hex(vector.message), hex(vector.signature)];
    expect(group.verify(key, text, signature)).toBe(vector.context === undefined);
    if (vector.context === undefined) expect(group.sign(hex(vector.secretKey), text)).toEqual(signature);
  });

  it.each(wycheproof.signatures)("verify or not, Wycheproof $id: $about", (vector) => {
    const verified = group.verify(hex(vector.publicKey), hex(vector.message), hex(vector.signature));
    expect(verified).toBe(vector.valid);
  });

  it.each(otrr.verify)("verify where $source made them", (vector) => {
    expect(group.verify(hex(vector.publicKey), hex(vector.message), hex(vector.signature))).toBe(true);
  });

  it("are the same bytes for every suite, and verify on every suite", () => {
    fc.assert(
      fc.property(bytes(57), fc.uint8Array({ maxLength: 300 }), (key, text) => {
        const copies = [key.slice(), text.slice()];
        const signature = group.sign(key, text);
        expect(signature).toEqual(ed448.sign(text, key));
        expect(signature.constructor).toBe(Uint8Array);
        const { public: H } = longTermKeyPair(suite, key);
        expect(suites.map((other) => other.group.verify(H, text, signature))).toEqual([true, true]);
        expect([key, text]).toEqual(copies);
      }),
      few,
    );
  });

  it("do not verify when anything is changed", () => {
    const key = hex("07".repeat(57));
    const H = longTermKeyPair(suite, key).public;
    const signature = group.sign(key, message);
    const flip = (from: Uint8Array, bit: number): Uint8Array => from.with(bit >> 3, from[bit >> 3]! ^ (1 << (bit & 7)));
    expect(group.verify(H, message, signature)).toBe(true);
    for (let bit = 0; bit < 114 * 8; bit += 37) expect(group.verify(H, message, flip(signature, bit))).toBe(false);
    for (let bit = 0; bit < 57 * 8; bit += 37) expect(group.verify(flip(H, bit), message, signature)).toBe(false);
    for (let bit = 0; bit < 80; bit += 7) expect(group.verify(H, flip(message, bit), signature)).toBe(false);
  });

  it("of another length do not verify", () => {
    const key = hex("07".repeat(57));
    const H = longTermKeyPair(suite, key).public;
    const signature = group.sign(key, message);
    expect(group.verify(H, message, signature.slice(0, 113))).toBe(false);
    expect(group.verify(H, message, concat(signature, hex("00")))).toBe(false);
    expect(group.verify(H, message, new Uint8Array(0))).toBe(false);
    expect(group.verify(H.slice(0, 56), message, signature)).toBe(false);
    expect(group.verify(concat(H, hex("00")), message, signature)).toBe(false);
  });
});

describe.each(suites)("signatures that implementations disagree about, on $name", ({ group }) => {
  const a = 0x1234567890abcdefn ** 6n % q;
  const r = 0xfedcba0987654321n ** 6n % q;

  /** s such that 4sG = 4R + 4kA for keys and nonces with any torsion. */
  function sign(R: Uint8Array, A: Uint8Array, nonce: bigint, secret: bigint): Uint8Array {
    const dom4 = new TextEncoder().encode("SigEd448\0\0");
    const k = decodeScalar(nobleSuite.shake256(114, dom4, R, A, message)) % q;
    return concat(R, encodeScalar((nonce + k * secret) % q));
  }

  it("verify where only the cofactor hides a difference: RFC 8032 allows that, and points are checked apart", () => {
    for (const S of torsion) {
      for (const T of torsion) {
        const A = Curve.BASE.multiply(a).add(S).toBytes();
        const R = Curve.BASE.multiply(r).add(T).toBytes();
        expect(group.verify(A, message, sign(R, A, r, a))).toBe(true);
      }
    }
  });

  it("do not verify for keys of small order, which would take anything", () => {
    for (const S of torsion) {
      for (const T of torsion) {
        const R = Curve.BASE.multiply(r).add(T).toBytes();
        expect(group.verify(S.toBytes(), message, sign(R, S.toBytes(), r, 0n))).toBe(false);
        expect(group.verify(S.toBytes(), message, concat(T.toBytes(), new Uint8Array(57)))).toBe(false);
      }
    }
  });

  it("do not verify with an R of small order, nor with one that is not canonical", () => {
    const A = Curve.BASE.multiply(a).toBytes();
    const Rs = [...torsion.map((T) => T.toBytes()), encodeRaw(1n, 1), encodeRaw(p - 1n, 1), encodeRaw(p)];
    for (const R of [...Rs, encodeRaw(p + 1n), encodeRaw(p + 1n, 1)]) {
      expect(group.verify(A, message, sign(R, A, 0n, a))).toBe(false);
    }
  });

  it("do not verify with q added to S", () => {
    const A = Curve.BASE.multiply(a).toBytes();
    const signature = sign(Curve.BASE.multiply(r).toBytes(), A, r, a);
    expect(group.verify(A, message, signature)).toBe(true);
    for (const multiple of [1n, 2n, 4n]) {
      const S = encodeScalar(decodeScalar(signature.subarray(57)) + multiple * q);
      expect(group.verify(A, message, concat(signature.subarray(0, 57), S))).toBe(false);
    }
  });
});

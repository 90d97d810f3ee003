// The primitives of the store against published answers, and what every seal must refuse (spec/13, "Sealing").
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, equalBytes, fromHex, toHex, utf8 } from "../../src/bytes.ts";
import { nameHash, pad, SEAL_BYTES, seal, stretch, unpad, unseal } from "../../src/store/sealing.ts";
import vectors from "../../vectors/store.json" with { type: "json" };

const hex = (text: string): Uint8Array => fromHex(text)!;
const bytes = (min: number, max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: min, maxLength: max });

describe("sealing", () => {
  it.each(vectors.sealing.xchacha20poly1305)("is that of $source", (vector) => {
    const sealed = concat(hex(vector.nonce), hex(vector.ciphertext), hex(vector.tag));
    expect(toHex(unseal(hex(vector.key), hex(vector.associated), sealed)!)).toBe(vector.plaintext);
  });

  it("opens with the same key, associated data and bytes only", () => {
    fc.assert(
      fc.property(bytes(32, 32), bytes(0, 50), bytes(0, 300), fc.nat(), (key, associated, plaintext, at) => {
        const sealed = seal(key, associated, plaintext);
        expect(sealed.length).toBe(plaintext.length + SEAL_BYTES);
        expect(equalBytes(unseal(key, associated, sealed)!, plaintext)).toBe(true);
        expect(equalBytes(seal(key, associated, plaintext), sealed)).toBe(false);
        const flipped = (of: Uint8Array): Uint8Array => of.map((byte, i) => (i === at % of.length ? byte ^ 1 : byte));
        expect(unseal(flipped(key), associated, sealed)).toBeUndefined();
        expect(unseal(key, concat(associated, Uint8Array.of(0)), sealed)).toBeUndefined();
        expect(unseal(key, associated, flipped(sealed))).toBeUndefined();
        expect(unseal(key, associated, sealed.subarray(0, at % sealed.length))).toBeUndefined();
      }),
    );
  });
});

describe("stretching", () => {
  it.each(vectors.sealing.argon2id)("is that of $source", async ({ passphrase, salt, cost, key }) => {
    expect(toHex(await stretch(passphrase, utf8(salt), cost))).toBe(key);
  });
});

describe("hashing names", () => {
  it("tells apart what is named, and by which key", () => {
    const key = new Uint8Array(32);
    const hashes = [
      nameHash(key, 0, "a", 16),
      nameHash(key, 1, "a", 16),
      nameHash(key, 0, "b", 16),
      nameHash(Uint8Array.from(key).fill(1), 0, "a", 16),
    ];
    expect(new Set(hashes.map(toHex)).size).toBe(4);
    expect(nameHash(key, 0, "a", 8)).toEqual(hashes[0]!.subarray(0, 8));
  });
});

describe("padding", () => {
  it("comes off again, is at most an eighth, and tells few lengths apart", () => {
    fc.assert(
      fc.property(bytes(0, 5000), (content) => {
        const padded = pad(content);
        expect(equalBytes(unpad(padded), content)).toBe(true);
        expect(padded.length).toBeGreaterThanOrEqual(64);
        expect(padded.length).toBeLessThanOrEqual(Math.max(64, ((content.length + 4) * 9) / 8));
      }),
    );
    const lengths = new Set(Array.from({ length: 5000 }, (_, i) => pad(new Uint8Array(i)).length));
    expect(lengths.size).toBeLessThan(60);
  });

  it("that claims more than there is gives nothing", () => {
    expect(unpad(Uint8Array.of(0, 0, 0, 2, 1))).toEqual(new Uint8Array(0));
    expect(unpad(Uint8Array.of(0, 0, 0))).toEqual(new Uint8Array(0));
  });
});

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/bytes.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import { fingerprint, formatFingerprint } from "../../src/profile/fingerprint.ts";
import vectors from "../../vectors/profiles.json" with { type: "json" };

describe.each([nobleSuite, nodeSuite])("fingerprints, $name", (suite) => {
  it.each(vectors.fingerprints)("of $source", ({ publicKey, forgingKey, fingerprint: expected }) => {
    const computed = fingerprint(suite, fromHex(publicKey) as Uint8Array, fromHex(forgingKey) as Uint8Array);
    expect(toHex(computed)).toBe(expected);
  });

  it("are SHAKE-256 over prefix, usage, public key and forging key, in this order", () => {
    const [publicKey, forgingKey] = [new Uint8Array(57).fill(1), new Uint8Array(57).fill(2)];
    const hash = createHash("shake256", { outputLength: 56 });
    hash.update("OTRv4").update(Uint8Array.of(0)).update(publicKey).update(forgingKey);
    expect(toHex(fingerprint(suite, publicKey, forgingKey))).toBe(hash.digest("hex"));
  });
});

describe("formatFingerprint", () => {
  it("makes 14 groups of 8 digits", () => {
    const text = formatFingerprint(Uint8Array.from({ length: 56 }, (_, i) => 0xa0 + i));
    expect(text.split(" ")).toHaveLength(14);
    expect(text.startsWith("A0A1A2A3 A4A5A6A7 ")).toBe(true);
    expect(text).toMatch(/^[0-9A-F]{8}( [0-9A-F]{8}){13}$/);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { authenticate, deriveMacKey, encrypt } from "../../src/crypto/cipher.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { bytes, hex, readVectors, suites } from "./suites.ts";

const { blocks } = readVectors<{ blocks: { vector: number; key: string; block: number; keystream: string }[] }>(
  "chacha20.json",
);

describe.each(suites)("ChaCha20 of $name", (suite) => {
  it.each(blocks)("gives the key stream of RFC 8439 A.1, vector $vector", ({ key, block, keystream }) => {
    const stream = suite.chacha20(hex(key), new Uint8Array(64 * (block + 1)));
    expect(toHex(stream.subarray(64 * block))).toBe(keystream);
  });

  it("decrypts what it encrypted, and agrees with the other suites", () => {
    fc.assert(
      fc.property(bytes(32), fc.uint8Array({ maxLength: 3000 }), (key, data) => {
        const copies = [key.slice(), data.slice()];
        const sealed = suite.chacha20(key, data);
        expect(sealed).toEqual(nobleSuite.chacha20(key, data));
        expect(suite.chacha20(key, sealed)).toEqual(data);
        expect([key, data]).toEqual(copies);
      }),
    );
  });

  it("reads key and data from anywhere in a buffer", () => {
    const buffer = Uint8Array.from({ length: 200 }, (_, i) => i);
    const sealed = suite.chacha20(buffer.subarray(1, 33), buffer.subarray(33, 190));
    expect(sealed).toEqual(suite.chacha20(buffer.slice(1, 33), buffer.slice(33, 190)));
  });

  it.each([0, 1, 100, 2047, 2048, 5000])("gives an array of its own for %i bytes", (length) => {
    const sealed = suite.chacha20(new Uint8Array(32), new Uint8Array(length));
    expect(sealed.constructor).toBe(Uint8Array);
    expect(sealed.buffer.byteLength).toBe(length);
  });
});

describe.each(suites)("messages on $name", (suite) => {
  const messageKey = Uint8Array.from({ length: 64 }, (_, i) => i);
  const data = new TextEncoder().encode("sotto voce");

  it("are encrypted under the first half of the message key", () => {
    const sealed = encrypt(suite, messageKey, data);
    expect(sealed).toEqual(suite.chacha20(messageKey.slice(0, 32), data));
    expect(encrypt(suite, messageKey, sealed)).toEqual(data);
    expect(encrypt(suite, messageKey.with(63, 0), data)).toEqual(sealed);
    expect(encrypt(suite, messageKey.with(31, 0), data)).not.toEqual(sealed);
  });

  it("have a MAC key from the whole message key", () => {
    const macKey = deriveMacKey(suite, messageKey);
    expect(macKey).toEqual(suite.shake256(64, concat(hex("4f5452763416"), messageKey)));
    expect(deriveMacKey(suite, messageKey.with(63, 0))).not.toEqual(macKey);
  });

  it("have an authenticator over key and sections", () => {
    const macKey = deriveMacKey(suite, messageKey);
    const mac = authenticate(suite, macKey, data);
    expect(mac).toEqual(suite.shake256(64, concat(hex("4f5452763418"), macKey, data)));
    expect(authenticate(suite, macKey, data.with(0, 0))).not.toEqual(mac);
    expect(authenticate(suite, macKey.with(0, 0), data)).not.toEqual(mac);
  });
});

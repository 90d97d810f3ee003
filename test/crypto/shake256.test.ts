import { shake256 as nobleShake256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { hex, readVectors, suites } from "./suites.ts";

interface Hash {
  readonly message: string;
  readonly output: string;
}

const nist = readVectors<{ shortMessages: Hash[]; variableOutput: Hash[] }>("shake256.json");
const otr = readVectors<{ shake256: Hash[] }>("kdf.json");

describe.each(suites)("SHAKE-256 of $name", (suite) => {
  it.each([...nist.shortMessages, ...nist.variableOutput, ...otr.shake256])("gives $output", ({ message, output }) => {
    expect(toHex(suite.shake256(output.length / 2, hex(message)))).toBe(output);
  });

  it("hashes the parts as if they were one, around every edge of a block", () => {
    for (const length of [0, 1, 134, 135, 136, 137, 271, 272, 273, 408, 1000]) {
      const message = Uint8Array.from({ length }, (_, i) => i * 7 + length);
      const expected = nobleShake256(message, { dkLen: 300 });
      expect(suite.shake256(300, message)).toEqual(expected);
      for (const cut of [0, 1, length >> 1, Math.max(0, length - 1), length]) {
        expect(suite.shake256(300, message.subarray(0, cut), message.subarray(cut))).toEqual(expected);
      }
    }
  });

  it("agrees with noble-hashes on any input, size and split", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 420 }),
        (parts, size) => {
          expect(suite.shake256(size, ...parts)).toEqual(nobleShake256(concat(...parts), { dkLen: size }));
        },
      ),
    );
  });

  it("reads bytes from anywhere in a buffer, and leaves them as they are", () => {
    const buffer = Uint8Array.from({ length: 500 }, (_, i) => i);
    const copy = buffer.slice();
    expect(suite.shake256(64, buffer.subarray(3, 400))).toEqual(suite.shake256(64, buffer.slice(3, 400)));
    expect(buffer).toEqual(copy);
  });

  it("gives arrays of its own", () => {
    const digest = suite.shake256(57, hex("00"));
    expect(digest.constructor).toBe(Uint8Array);
    expect(digest.buffer.byteLength).toBe(57);
  });
});

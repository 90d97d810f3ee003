// The header byte by byte, and what is no header (spec/13, "Header").
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes.ts";
import { decodeHeader, encodeHeader, type Header, isCost, type Slot } from "../../src/store/header.ts";
import { checksum } from "../../src/store/sealing.ts";

const aDerivation: fc.Arbitrary<Slot["from"]> = fc.oneof(
  fc.constant({ kind: "host" as const }),
  fc.record({
    kind: fc.constant("passphrase" as const),
    salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    cost: fc.record({
      memory: fc.integer({ min: 128, max: 2 ** 20 }),
      passes: fc.integer({ min: 1, max: 64 }),
      lanes: fc.integer({ min: 1, max: 16 }),
    }),
  }),
);

const sized = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size });

const aHeader: fc.Arbitrary<Header> = fc.record({
  storeId: sized(16),
  slots: fc.array(fc.record({ from: aDerivation, sealed: sized(144) }), { minLength: 1, maxLength: 8 }),
  status: sized(53),
});

/** Bytes with the checksum that belongs to them. */
const checked = (bytes: Uint8Array): Uint8Array => concat(bytes, checksum(bytes));

describe("a header", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(aHeader, (header) => {
        expect(decodeHeader(encodeHeader(header))).toEqual(header);
      }),
    );
  });

  it("with any bit changed or byte missing is damaged", () => {
    fc.assert(
      fc.property(aHeader, fc.nat(), fc.nat({ max: 7 }), (header, at, bit) => {
        const bytes = encodeHeader(header);
        const index = at % bytes.length;
        expect(decodeHeader(bytes.map((byte, i) => (i === index ? byte ^ (1 << bit) : byte)))).toBe("damaged");
        expect(decodeHeader(bytes.subarray(0, index))).toBe("damaged");
      }),
    );
  });

  it("made up with the right checksum is read, damaged or newer, and never throws", () => {
    const start = encodeHeader({ storeId: new Uint8Array(16), slots: [], status: new Uint8Array(0) }).subarray(0, 21);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (rest) => {
        expect(["object", "string"]).toContain(typeof decodeHeader(checked(concat(start, rest))));
      }),
    );
    const header = { storeId: new Uint8Array(16), slots: [], status: new Uint8Array(53) };
    expect(decodeHeader(encodeHeader(header))).toBe("damaged");
    const slot: Slot = { from: { kind: "host" }, sealed: new Uint8Array(144) };
    expect(decodeHeader(encodeHeader({ ...header, slots: Array(9).fill(slot) }))).toBe("damaged");
    expect(decodeHeader(checked(Uint8Array.of(0x53, 0x56, 0x53, 0x54, 2)))).toBe("newer");
    expect(decodeHeader(checked(Uint8Array.of(0x53, 0x56, 0x53, 0x55, 1)))).toBe("damaged");
  });

  it("asks for no more than the machine can give", () => {
    for (const cost of [
      { memory: 2 ** 20 + 1, passes: 1, lanes: 1 },
      { memory: 1024, passes: 65, lanes: 1 },
      { memory: 1024, passes: 1, lanes: 17 },
      { memory: 15, passes: 1, lanes: 2 },
      { memory: 1024, passes: 0, lanes: 1 },
    ]) {
      expect(isCost(cost)).toBe(false);
      const from = { kind: "passphrase" as const, salt: new Uint8Array(16), cost };
      const header = { storeId: new Uint8Array(16), slots: [{ from, sealed: new Uint8Array(144) }] };
      expect(decodeHeader(encodeHeader({ ...header, status: new Uint8Array(53) }))).toBe("damaged");
    }
    expect(isCost({ memory: 2 ** 20, passes: 64, lanes: 16 })).toBe(true);
    expect(isCost({ memory: 8, passes: 1, lanes: 1 })).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { hashToScalar, hcmac, hwc, kdf, type Usage, usage } from "../../src/crypto/kdf.ts";
import { encodeScalar } from "../../src/crypto/scalar.ts";
import { hex, readVectors, suites } from "./suites.ts";

const otr = readVectors<{
  kdf: { source: string; id: string; values: string; output: string }[];
  hashToScalar: { id: string; values: string; scalar: string }[];
}>("kdf.json");

describe.each(suites)("KDF on $name", (suite) => {
  it.each(otr.kdf)("derives what $source did with usage $id", ({ id, values, output }) => {
    const derived = kdf(suite, Number.parseInt(id, 16) as Usage, output.length / 2, hex(values));
    expect(toHex(derived)).toBe(output);
  });

  it.each(otr.hashToScalar)("hashes to the scalar $scalar", ({ id, values, scalar }) => {
    const result = hashToScalar(suite, Number.parseInt(id, 16) as Usage, hex(values));
    expect(result < suite.group.order).toBe(true);
    expect(toHex(encodeScalar(result))).toBe(scalar);
  });

  it("is SHAKE-256 of OTRv4, the usage and the values", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(usage)),
        fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 3 }),
        (id, values) => {
          const message = concat(new TextEncoder().encode("OTRv4"), Uint8Array.of(id), ...values);
          expect(kdf(suite, id, 64, ...values)).toEqual(suite.shake256(64, message));
        },
      ),
    );
  });
});

describe("usages", () => {
  it("are the ids 0x00 to 0x1A, each once", () => {
    expect(Object.values(usage)).toEqual(Array.from({ length: 0x1b }, (_, id) => id));
  });

  it("have three names for one function, as in the draft", () => {
    expect([hwc, hcmac]).toEqual([kdf, kdf]);
  });
});

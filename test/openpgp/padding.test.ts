// Padding: classes, bounds, and that nothing but zeros is taken for it (spec/05, "Padding").
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, u32, utf8 } from "../../src/bytes.ts";
import { pad, roomIn, sizeClass, sizeClassWithin, unpad } from "../../src/openpgp/padding.ts";

const sizes = fc.oneof(fc.nat(8192), fc.nat(4_194_304));
const header = utf8("Content-Type: application/x.sottovoce\r\nContent-Transfer-Encoding: binary\r\n\r\n");

describe("size classes", () => {
  it("are these", () => {
    expect([0, 1, 2048, 2049, 4096, 4097, 40_000, 65_536].map(sizeClass)).toEqual([
      2048, 2048, 2048, 4096, 4096, 8192, 65_536, 65_536,
    ]);
    expect([65_537, 73_728, 73_729, 131_072, 131_073, 4_194_304].map(sizeClass)).toEqual([
      73_728, 73_728, 81_920, 131_072, 147_456, 4_194_304,
    ]);
  });

  it("hold what they are for, at twice its size and from 64 KiB at an eighth more", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const padded = sizeClass(size);
        expect(padded).toBeGreaterThanOrEqual(size);
        expect(padded).toBeLessThanOrEqual(Math.max(2048, size > 65_536 ? 1.125 * size : 2 * size));
        expect(sizeClass(padded)).toBe(padded);
      }),
    );
  });

  it("below a bound are the largest ones that it leaves room for", () => {
    fc.assert(
      fc.property(sizes, (bound) => {
        const size = sizeClassWithin(bound);
        expect(size).toBeLessThanOrEqual(bound);
        if (size > 0) expect(sizeClass(size)).toBe(size);
        expect(sizeClass(size + 1)).toBeGreaterThan(bound);
      }),
    );
    expect(sizeClassWithin(2047)).toBe(0);
    expect(sizeClassWithin(-1)).toBe(0);
  });
});

describe("padding", () => {
  const content = fc.uint8Array({ maxLength: 5000 });

  it("can be taken off, and fills a class", () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const padded = pad(bytes);
        expect(sizeClass(padded.length)).toBe(padded.length);
        expect(unpad(padded)).toEqual({ ok: true, value: bytes });
      }),
    );
  });

  it("leaves exactly the announced room", () => {
    for (const size of [2048, 4096, 73_728]) {
      expect(pad(new Uint8Array(roomIn(size))).length).toBe(size);
      expect(pad(new Uint8Array(roomIn(size) + 1)).length).toBeGreaterThan(size);
    }
  });

  it("does not tell short contents apart by length", () => {
    expect(pad(utf8("yes")).length).toBe(pad(new Uint8Array(1900)).length);
  });

  it("is of zeros only", () => {
    const padded = pad(utf8("content"));
    for (const at of [padded.length - 1, header.length + 4 + 7]) {
      const altered = padded.slice();
      altered[at] = 1;
      expect(unpad(altered)).toMatchObject({ code: "MALFORMED" });
    }
  });

  it("does not reach beyond the literal", () => {
    expect(unpad(concat(header, u32(5), utf8("four")))).toMatchObject({ code: "MALFORMED" });
    expect(unpad(concat(header, u32(0xffffffff)))).toMatchObject({ code: "MALFORMED" });
    expect(unpad(header)).toMatchObject({ code: "NOT_FOR_US" });
  });

  it("is not looked for in what others sent", () => {
    expect(unpad(utf8("Content-Type: text/plain\r\n\r\nhello"))).toMatchObject({ code: "NOT_FOR_US" });
    fc.assert(
      fc.property(content, (bytes) => {
        expect(unpad(bytes)).toMatchObject({ code: "NOT_FOR_US" });
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes.ts";
import { decoding, type Reader } from "../../src/wire/reader.ts";
import { Writer } from "../../src/wire/writer.ts";
import { bytes, mpi, u32 } from "./arbitraries.ts";
import { code, value } from "./results.ts";

const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

function read<T>(input: readonly number[] | Uint8Array, decoder: (reader: Reader) => T) {
  return decoding(Uint8Array.from(input), decoder);
}

describe("Reader", () => {
  it("reads back what Writer wrote", () => {
    const all = fc.record({
      a: fc.integer({ min: 0, max: 0xff }),
      b: fc.integer({ min: 0, max: 0xffff }),
      c: u32,
      d: i64,
      e: fc.uint8Array({ maxLength: 40 }),
      f: mpi(0, 384),
      g: bytes(57),
    });
    fc.assert(
      fc.property(all, ({ a, b, c, d, e, f, g }) => {
        const size = 1 + 2 + 2 + 4 + 8 + 4 + e.length + 4 + f.length + 57;
        const written = new Writer(size).u8(a).u16(b).u16le(b).u32(c).i64(d).data(e).data(f).fixed(g, 57).finish();
        const result = decoding(written, (r) => ({
          a: r.u8(),
          b: r.u16(),
          le: r.u16le(),
          c: r.u32(),
          d: r.i64(),
          e: r.data(),
          f: r.mpi(),
          g: r.point(),
        }));
        expect(value(result)).toEqual({ a, b, le: b, c, d, e, f, g });
      }),
    );
  });

  it("knows the byte orders", () => {
    expect(value(read([1, 2], (r) => r.u16()))).toBe(0x0102);
    expect(value(read([1, 2], (r) => r.u16le()))).toBe(0x0201);
    expect(value(read([0xff, 0xfe, 0xfd, 0xfc], (r) => r.u32()))).toBe(0xfffefdfc);
    expect(value(read([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], (r) => r.i64()))).toBe(-2n);
    expect(value(read([0, 0, 0, 1, 0, 0, 0, 0], (r) => r.i64()))).toBe(2n ** 32n);
  });

  it("hands out views, not copies", () => {
    const input = Uint8Array.of(0, 0, 0, 2, 7, 8);
    expect(value(decoding(input, (r) => r.data())).buffer).toBe(input.buffer);
  });

  it.each([
    ["u8", [], (r: Reader) => r.u8()],
    ["u16", [1], (r: Reader) => r.u16()],
    ["u16le", [1], (r: Reader) => r.u16le()],
    ["u32", [1, 2, 3], (r: Reader) => r.u32()],
    ["i64", [1, 2, 3, 4, 5, 6, 7], (r: Reader) => r.i64()],
    ["point", new Array(56).fill(1), (r: Reader) => r.point()],
    ["data without a length", [0, 0, 0], (r: Reader) => r.data()],
    ["data one byte short", [0, 0, 0, 3, 1, 2], (r: Reader) => r.data()],
    ["mpi one byte short", [0, 0, 0, 3, 1, 2], (r: Reader) => r.mpi()],
    ["data of 2^32 − 1 bytes", [255, 255, 255, 255, 1], (r: Reader) => r.data()],
    ["mpi of 2^32 − 1 bytes", [255, 255, 255, 255, 1], (r: Reader) => r.mpi()],
    ["data of 2^31 bytes", [128, 0, 0, 0, 1], (r: Reader) => r.data()],
  ] as const)("rejects a truncated %s", (_name, input, decoder) => {
    expect(code(read<unknown>(input, decoder))).toBe("MALFORMED");
  });

  it("rejects what is left over", () => {
    expect(code(read([1, 2], (r) => r.u8()))).toBe("MALFORMED");
  });

  it("rejects DATA beyond its limit", () => {
    expect(code(read([0, 0, 0, 3, 1, 2, 3], (r) => r.data(2)))).toBe("TOO_LARGE");
    expect(code(read([0, 0, 0, 2, 1, 2], (r) => r.data(2)))).toBe("accepted");
  });

  it("rejects an MPI with a leading zero, of zero too", () => {
    expect(code(read([0, 0, 0, 2, 0, 1], (r) => r.mpi()))).toBe("BAD_DH_KEY");
    expect(code(read([0, 0, 0, 1, 0], (r) => r.mpi()))).toBe("BAD_DH_KEY");
    expect(value(read([0, 0, 0, 0], (r) => r.mpi()))).toEqual(new Uint8Array(0));
  });

  it("rejects an MPI of more than 384 bytes", () => {
    const long = (size: number) => concat(Uint8Array.of(0, 0, size >> 8, size & 255), new Uint8Array(size).fill(1));
    expect(code(read(long(385), (r) => r.mpi()))).toBe("BAD_DH_KEY");
    expect(code(read(long(384), (r) => r.mpi()))).toBe("accepted");
  });

  it("rejects an empty MPI where a DH key must be", () => {
    expect(code(read([0, 0, 0, 0], (r) => r.dhKey()))).toBe("BAD_DH_KEY");
  });

  it("lets errors of programs through", () => {
    const broken = () => {
      throw new TypeError("a bug");
    };
    expect(() => read([], broken)).toThrow(TypeError);
  });
});

describe("Writer", () => {
  it.each([
    ["a BYTE of 256", () => new Writer(1).u8(256)],
    ["a negative SHORT", () => new Writer(2).u16(-1)],
    ["an INT of 2^32", () => new Writer(4).u32(2 ** 32)],
    ["a fraction", () => new Writer(4).u32(1.5)],
    ["NaN", () => new Writer(4).u32(Number.NaN)],
    ["2^63", () => new Writer(8).i64(2n ** 63n)],
    ["a point of 56 bytes", () => new Writer(60).fixed(new Uint8Array(56), 57)],
    ["more than announced", () => new Writer(3).raw(new Uint8Array(4))],
    ["less than announced", () => new Writer(3).u16(1).finish()],
    ["integers beyond the end", () => new Writer(1).u16(1).finish()],
  ])("throws BAD_ARGUMENT for %s", (_name, write) => {
    expect(write).toThrow(expect.objectContaining({ name: "SottovoceError", code: "BAD_ARGUMENT" }));
  });
});

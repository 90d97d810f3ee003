import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex, utf8 } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import { decodePlaintext, encodePlaintext, tlvType } from "../../src/wire/tlv.ts";

const decode = (bytes: Uint8Array) => decodePlaintext(bytes, defaultLimits);
const hex = (text: string) => fromHex(text) as Uint8Array;

const tlv = fc.record({ type: fc.integer({ min: 0, max: 0xffff }), value: fc.uint8Array({ maxLength: 40 }) });
const text = fc.string({ unit: "grapheme", maxLength: 40 }).map((value) => value.replaceAll("\0", ""));

describe("plaintexts", () => {
  it("round-trip", () => {
    fc.assert(
      fc.property(text, fc.array(tlv, { maxLength: 5 }), (words, tlvs) => {
        expect(decode(encodePlaintext(words, tlvs))).toEqual({ text: words, tlvs, corrupted: false });
      }),
    );
  });

  it("end the text with a zero byte even without TLVs", () => {
    expect(toHex(encodePlaintext("hi", []))).toBe("686900");
    expect(toHex(encodePlaintext("", []))).toBe("00");
  });

  it("write type and length big-endian", () => {
    const tlvs = [
      { type: tlvType.application + 1, value: new Uint8Array(0x0102) },
      { type: tlvType.disconnected, value: new Uint8Array(0) },
    ];
    expect(toHex(encodePlaintext("", tlvs))).toBe(`00f0010102${"00".repeat(0x102)}00010000`);
  });

  it("carry the largest TLV", () => {
    const value = new Uint8Array(65535).fill(7);
    expect(decode(encodePlaintext("é", [{ type: 65535, value }])).tlvs).toEqual([{ type: 65535, value }]);
  });

  it("are read without a zero byte too, as text alone", () => {
    expect(decode(utf8("hello"))).toEqual({ text: "hello", tlvs: [], corrupted: false });
    expect(decode(new Uint8Array(0))).toEqual({ text: "", tlvs: [], corrupted: false });
  });

  it("replace what is not UTF-8 and keep a byte order mark", () => {
    expect(decode(hex("ff4100")).text).toBe("\ufffdA");
    expect(decode(hex("efbbbf4100")).text).toBe("\ufeffA");
  });

  it.each([
    ["a lone byte", "00"],
    ["half a header", "000100"],
    ["a value cut short", "00010002ff"],
    ["a length of 65535", "0001ffff"],
  ])("keep what comes before %s", (_name, tail) => {
    const whole = toHex(encodePlaintext("hi", [{ type: 6, value: new Uint8Array(0) }]));
    expect(decode(hex(whole + tail))).toEqual({
      text: "hi",
      tlvs: [{ type: 6, value: new Uint8Array(0) }],
      corrupted: true,
    });
  });

  it("hand on types that nobody knows", () => {
    expect(decode(hex("00123400010100010000")).tlvs.map(({ type }) => type)).toEqual([0x1234, 1]);
  });

  it("stop at the limit of TLVs", () => {
    const tlvs = Array.from({ length: 65 }, () => ({ type: 0, value: new Uint8Array(0) }));
    const read = decode(encodePlaintext("", tlvs));
    expect(read.tlvs).toHaveLength(64);
    expect(read.corrupted).toBe(true);
    expect(decode(encodePlaintext("", tlvs.slice(1))).corrupted).toBe(false);
  });

  it("of arbitrary bytes are read without throwing, every byte accounted for unless corrupted", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const before = bytes.slice();
        const read = decode(bytes);
        expect(bytes).toEqual(before);
        const nul = bytes.indexOf(0);
        const used = read.tlvs.reduce((sum, { value }) => sum + 4 + value.length, nul + 1);
        if (nul !== -1) expect(used === bytes.length).toBe(!read.corrupted);
      }),
    );
  });

  it.each([
    ["a text with U+0000", () => encodePlaintext("a\0b", [])],
    ["a type of 65536", () => encodePlaintext("", [{ type: 65536, value: new Uint8Array(0) }])],
    ["a negative type", () => encodePlaintext("", [{ type: -1, value: new Uint8Array(0) }])],
    ["a value of 65536 bytes", () => encodePlaintext("", [{ type: 0, value: new Uint8Array(65536) }])],
  ])("cannot hold %s", (_name, encode) => {
    expect(encode).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
});

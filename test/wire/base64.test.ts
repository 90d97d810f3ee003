import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, utf8 } from "../../src/bytes.ts";
import { decodeBase64, encodeBase64 } from "../../src/wire/base64.ts";
import vectors from "../../vectors/wire.json" with { type: "json" };

const decode = (text: string) => decodeBase64(text, 0, text.length);

describe("base64", () => {
  it.each(vectors.base64)("encodes and decodes $text", ({ text, base64 }) => {
    expect(encodeBase64(utf8(text))).toBe(base64);
    expect(decode(base64)).toEqual(utf8(text));
  });

  it("agrees with the platform on bytes of any length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = Buffer.from(bytes).toString("base64");
        expect(encodeBase64(bytes)).toBe(text);
        expect(decode(text)).toEqual(bytes);
      }),
    );
  });

  it.each([6143, 6144, 6145, 6146, 12288, 20000])("agrees with the platform on %i bytes", (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
    const text = encodeBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64"));
    expect(decode(text)).toEqual(bytes);
  });

  it("reads from the middle of a text", () => {
    expect(decodeBase64("?OTR:Zm9v.", 5, 9)).toEqual(utf8("foo"));
  });

  it("accepts every text that it would write, and no other", () => {
    const near = fc.stringMatching(/^[A-Za-z0-9+/=_. -]{0,12}$/);
    fc.assert(
      fc.property(near, (text) => {
        const bytes = decode(text);
        if (bytes !== undefined) expect(encodeBase64(bytes)).toBe(text);
        else expect(Buffer.from(text, "base64").toString("base64")).not.toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["no padding", "Zg"],
    ["half the padding", "Zg="],
    ["too much padding", "Zg==="],
    ["padding alone", "===="],
    ["padding in the middle", "Zg==Zg=="],
    ["one character too many", "Zm9vY"],
    ["the lowest stray bit after one byte", "Zh=="],
    ["the highest stray bit after one byte", "Zo=="],
    ["the lowest stray bit after two bytes", "Zm9="],
    ["the highest stray bit after two bytes", "Zm+="],
    ["a line break", "Zm9v\nYmFy"],
    ["a space", "Zm9 "],
    ["the URL alphabet", "Zm-_"],
    ["a character beyond ASCII", "Zm9\u00e9"],
    ["a character whose low byte is in the alphabet", "Zm9\u0176"],
    ["a control character", "Zm9\u0000"],
  ])("rejects %s", (_name, text) => {
    expect(decode(text)).toBeUndefined();
  });

  it("rejects each foreign character at each place", () => {
    for (let foreign = 0; foreign < 300; foreign++) {
      const character = String.fromCharCode(foreign);
      if (/[A-Za-z0-9+/=]/.test(character)) continue;
      for (let at = 0; at < 8; at++)
        expect(decode(`AAAAAAAA`.slice(0, at) + character + "A".repeat(7 - at))).toBeUndefined();
    }
  });

  it("does not keep what it encoded before", () => {
    const first = encodeBase64(fromHex("ffffffffffff") as Uint8Array);
    encodeBase64(new Uint8Array(3));
    expect(first).toBe("////////");
    expect(encodeBase64(Uint8Array.of(0))).toBe("AA==");
  });
});

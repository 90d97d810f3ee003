import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/limits.ts";
import { FRAGMENT_OVERHEAD, fragmentMessage, parseFragment } from "../../src/wire/fragment.ts";
import { tag, u32 } from "./arbitraries.ts";
import { code, value } from "./results.ts";

const parse = (text: string) => parseFragment(text, defaultLimits);

describe("parseFragment", () => {
  it("reads every field", () => {
    expect(value(parse("?OTR|deadbeef|00000100|ffffffff,00002,00003,?OTR:AAQ,"))).toEqual({
      identifier: 0xdeadbeef,
      senderTag: 0x100,
      receiverTag: 0xffffffff,
      index: 2,
      total: 3,
      piece: "?OTR:AAQ",
    });
  });

  it("accepts fewer digits, upper case, and the largest numbers", () => {
    expect(value(parse("?OTR|0|100|0,1,1,x,"))).toMatchObject({ identifier: 0, receiverTag: 0, index: 1, total: 1 });
    expect(value(parse("?OTR|DEADBEEF|ABCDEF|0,1,1,x,"))).toMatchObject({
      identifier: 0xdeadbeef,
      senderTag: 0xabcdef,
    });
    expect(value(parse("?OTR|ffffffff|100|0,65535,65535,x,"))).toMatchObject({ index: 65535, total: 65535 });
  });

  it.each([
    ["index 0", "?OTR|1|100|0,0,1,x,"],
    ["total 0", "?OTR|1|100|0,1,0,x,"],
    ["index and total 0", "?OTR|1|100|0,0,0,x,"],
    ["an index past the total", "?OTR|1|100|0,3,2,x,"],
    ["an empty piece", "?OTR|1|100|0,1,1,,"],
    ["a total of 65536", "?OTR|1|100|0,1,65536,x,"],
    ["an index of 65536", "?OTR|1|100|0,65536,65536,x,"],
    ["six digits", "?OTR|1|100|0,000001,00001,x,"],
    ["an identifier of nine digits", "?OTR|000000001|100|0,1,1,x,"],
    ["a sender tag of nine digits", "?OTR|1|000000100|0,1,1,x,"],
    ["a receiver tag of nine digits", "?OTR|1|100|000000000,1,1,x,"],
    ["no identifier digits", "?OTR||100|0,1,1,x,"],
    ["a sign", "?OTR|1|100|0,+1,1,x,"],
    ["a hexadecimal index", "?OTR|1|100|0,a,b,x,"],
    ["a space", "?OTR|1|100|0, 1,1,x,"],
    ["a foreign digit", "?OTR|1|100|0,\u0661,1,x,"],
    ["no final comma", "?OTR|1|100|0,1,1,x"],
    ["something after the final comma", "?OTR|1|100|0,1,1,x,\n"],
    ["a comma in the piece", "?OTR|1|100|0,1,1,x,y,"],
    ["a missing field", "?OTR|1|100|0,1,x,"],
    ["a fifth tag", "?OTR|1|100|100|100,1,1,x,"],
    ["the marker alone", "?OTR|"],
  ])("rejects %s", (_name, text) => {
    expect(code(parse(text))).toBe("MALFORMED");
  });

  it("rejects the form of OTRv3", () => {
    expect(code(parse("?OTR|5a73a599|27e31597,00001,00003,?OTR:AAMD,"))).toBe("UNSUPPORTED_VERSION");
  });

  it.each(["?OTR|1|ff|0,1,1,x,", "?OTR|1|0|100,1,1,x,", "?OTR|1|100|1,1,1,x,", "?OTR|1|100|ff,1,1,x,"])(
    "rejects the tags of %s",
    (text) => {
      expect(code(parse(text))).toBe("WRONG_TAG");
    },
  );

  it("rejects a fragment longer than a message may be", () => {
    const text = "?OTR|1|100|0,1,1,x,";
    expect(code(parseFragment(text, { ...defaultLimits, messageChars: text.length }))).toBe("accepted");
    expect(code(parseFragment(text, { ...defaultLimits, messageChars: text.length - 1 }))).toBe("TOO_LARGE");
  });
});

describe("fragmentMessage", () => {
  it("cuts into parseable pieces that make the message again, none too long, all but the last full", () => {
    const texts = fc.stringMatching(/^\?OTR:[A-Za-z0-9+/]{1,300}\.$/);
    fc.assert(
      fc.property(texts, fc.integer({ min: 46, max: 200 }), u32, tag, tag, (text, max, identifier, from, to) => {
        const pieces = fragmentMessage(text, max, identifier, from, to);
        if (text.length <= max) {
          expect(pieces).toEqual([text]);
          return;
        }
        const parsed = pieces.map((piece) => value(parse(piece)));
        expect(parsed.map(({ piece }) => piece).join("")).toBe(text);
        parsed.forEach((fragment, i) => {
          expect(fragment).toMatchObject({ identifier, senderTag: from, receiverTag: to, index: i + 1 });
          expect(fragment.total).toBe(pieces.length);
        });
        expect(pieces.slice(0, -1).every((piece) => piece.length === max)).toBe(true);
        expect((pieces.at(-1) as string).length).toBeLessThanOrEqual(max);
      }),
    );
  });

  it("writes the layout of the draft, with leading zeros", () => {
    const text = `?OTR:${"A".repeat(54)}.`;
    const pieces = fragmentMessage(text, 50, 0xab, 0x100, 0);
    expect(pieces[0]).toBe("?OTR|000000ab|00000100|00000000,00001,00012,?OTR:,");
    expect(pieces[11]).toBe("?OTR|000000ab|00000100|00000000,00012,00012,AAAA.,");
  });

  it("returns a message that fits as it is", () => {
    expect(fragmentMessage("?OTR:AAQD.", 10, 1, 0x100, 0)).toEqual(["?OTR:AAQD."]);
  });

  it("throws BAD_ARGUMENT when not one character fits", () => {
    const text = "x".repeat(100);
    for (const max of [FRAGMENT_OVERHEAD, 1, 0, -1, Number.NaN]) {
      expect(() => fragmentMessage(text, max, 1, 0x100, 0)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
    expect(fragmentMessage(text, FRAGMENT_OVERHEAD + 1, 1, 0x100, 0)).toHaveLength(100);
  });

  it("throws TOO_LARGE beyond 65535 pieces", () => {
    expect(() => fragmentMessage("x".repeat(65536), 46, 1, 0x100, 0)).toThrow(
      expect.objectContaining({ code: "TOO_LARGE" }),
    );
    expect(fragmentMessage("x".repeat(65535), 46, 1, 0x100, 0)).toHaveLength(65535);
  });
});

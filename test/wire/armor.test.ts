import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, fromUtf8 } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import { armor, errorMessage, parseIncoming, queryMessage, whitespaceTag } from "../../src/wire/armor.ts";
import vectors from "../../vectors/wire.json" with { type: "json" };
import { code, value } from "./results.ts";

const parse = (text: string) => parseIncoming(text, defaultLimits);

describe("messages in armor", () => {
  it("round-trip", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(value(parse(armor(bytes)))).toEqual({ kind: "message", bytes });
      }),
    );
  });

  it.each([
    ["without its full stop", "?OTR:AAQD"],
    ["with a line break at the end", "?OTR:AAQD.\n"],
    ["with a text after it", "?OTR:AAQD. hello"],
    ["that is not base64", "?OTR:AA*D."],
    ["without padding", "?OTR:AA."],
    ["with two full stops", "?OTR:AAQD.."],
    ["that is only the marker", "?OTR:"],
  ])("are MALFORMED %s", (_name, text) => {
    expect(code(parse(text))).toBe("MALFORMED");
  });

  it("may be empty in the armor: the decoder refuses them", () => {
    expect(value(parse("?OTR:."))).toEqual({ kind: "message", bytes: new Uint8Array(0) });
  });

  it("are TOO_LARGE beyond the limit, before anything is decoded", () => {
    const text = armor(new Uint8Array(60));
    expect(code(parseIncoming(text, { ...defaultLimits, messageChars: text.length }))).toBe("accepted");
    expect(code(parseIncoming(text, { ...defaultLimits, messageChars: text.length - 1 }))).toBe("TOO_LARGE");
  });

  it("are plain text inside a text", () => {
    const text = `see ${armor(new Uint8Array(3))}`;
    expect(value(parse(text))).toEqual({ kind: "plain", text });
  });
});

describe("query messages", () => {
  it.each(vectors.queries)("$text", ({ text, versions }) => {
    const expected = versions === null ? { kind: "plain", text } : { kind: "query", versions, text: "" };
    expect(value(parse(text))).toEqual(expected);
  });

  it("say version 4 and carry a text", () => {
    expect(queryMessage("hi")).toBe("?OTRv4? hi");
    expect(value(parse(queryMessage("hi")))).toEqual({ kind: "query", versions: "4", text: "hi" });
    expect(value(parse(queryMessage("")))).toEqual({ kind: "query", versions: "4", text: "" });
  });

  it("need no space before the text", () => {
    expect(value(parse("?OTRv34?<b>hi</b>"))).toEqual({ kind: "query", versions: "34", text: "<b>hi</b>" });
    expect(value(parse("?OTRv34?\nhi"))).toEqual({ kind: "query", versions: "34", text: "hi" });
  });

  it.each([
    "?OTR",
    "?OTR?",
    "?OTRv4",
    "?OTRv 4?",
    "?OTRv is it?",
    "?OTR?v4?",
    "hello ?OTRv4?",
    " ?OTRv4?",
    `?OTRv${"4".repeat(65)}?`,
  ])("%s is plain text", (text) => {
    expect(value(parse(text))).toEqual({ kind: "plain", text });
  });
});

describe("whitespace tags", () => {
  it.each(vectors.whitespaceTags)("of version $versions are found and taken out", ({ tag, versions }) => {
    const tagText = fromUtf8(fromHex(tag) as Uint8Array);
    for (const [before, after] of [
      ["", ""],
      ["hello", ""],
      ["", "hello"],
      ["hel", "lo"],
    ]) {
      const text = `${before}${tagText}${after}`;
      expect(value(parse(text))).toEqual({ kind: "tagged", versions, text: `${before}${after}` });
    }
  });

  it("of ours say version 4", () => {
    expect(whitespaceTag()).toHaveLength(24);
    expect(value(parse(`hello${whitespaceTag()}`))).toEqual({ kind: "tagged", versions: "4", text: "hello" });
  });

  it("count once: the first", () => {
    const second = whitespaceTag();
    const result = value(parse(`a${whitespaceTag()}b${second}`));
    expect(result).toEqual({ kind: "tagged", versions: "4", text: `ab${second}` });
  });

  it("leave other white space alone", () => {
    const text = `a${whitespaceTag()}  \t b`;
    expect(value(parse(text))).toEqual({ kind: "tagged", versions: "4", text: "a  \t b" });
  });

  it("without a version are plain text", () => {
    const text = `a${whitespaceTag().slice(0, 16)}b`;
    expect(value(parse(text))).toEqual({ kind: "plain", text });
    const cut = whitespaceTag().slice(0, 23);
    expect(value(parse(cut))).toEqual({ kind: "plain", text: cut });
  });
});

describe("error messages", () => {
  it.each([1, 2, 3] as const)("with code %i round-trip", (number) => {
    const text = errorMessage(number);
    expect(text).toMatch(new RegExp(`^\\?OTR Error: ERROR_${number}: .`));
    const incoming = value(parse(text));
    expect(incoming).toMatchObject({ kind: "error", code: number });
    expect(incoming).toHaveProperty("text", text.slice(`?OTR Error: ERROR_${number}: `.length));
  });

  it.each([
    ["?OTR Error: something", undefined, "something"],
    ["?OTR Error:something", undefined, "something"],
    ["?OTR Error: ERROR_4: new", undefined, "ERROR_4: new"],
    ["?OTR Error: ERROR_11: new", undefined, "ERROR_11: new"],
    ["?OTR Error: ERROR_1 no colon", undefined, "ERROR_1 no colon"],
    ["?OTR Error: ERROR_1: unreadable", 1, "unreadable"],
    ["?OTR Error: ERROR_2:", 2, ""],
    ["?OTR Error:", undefined, ""],
  ])("%j", (text, number, rest) => {
    expect(value(parse(text))).toEqual({ kind: "error", code: number, text: rest });
  });

  it.each([" ?OTR Error: ERROR_1: x", "see ?OTR Error: ERROR_1: x", "?OTR error: ERROR_1: x"])(
    "%j is plain text",
    (text) => {
      expect(value(parse(text))).toEqual({ kind: "plain", text });
    },
  );
});

describe("any text", () => {
  const start = fc.constantFrom("", "?", "?OTR", "?OTR:", "?OTR|", "?OTRv", "?OTR Error:", "?OTR?", whitespaceTag());
  const rest = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.stringMatching(/^[A-Za-z0-9+/=?:.,| \t]{0,60}$/),
    fc.stringMatching(/^[ \t]{0,60}$/),
  );

  it("is parsed or rejected, never thrown at", () => {
    fc.assert(
      fc.property(fc.array(start, { maxLength: 3 }), rest, (starts, tail) => {
        const text = starts.join("") + tail;
        const result = parse(text);
        if (!result.ok) expect(text).toMatch(/^\?OTR[:|]/);
        else if (result.value.kind === "plain") expect(result.value.text).toBe(text);
        else if (result.value.kind === "message") expect(armor(result.value.bytes)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes time in proportion to its length", () => {
    const million = 1_000_000;
    for (const text of [
      `?OTRv${"4".repeat(million)}`,
      `?OTR|${"1".repeat(million)}`,
      `?OTR|1|100|0,1,1,${"A".repeat(million)}`,
      `?OTR Error:${" ".repeat(million)}x`,
      `?OTR Error: ERROR_1:${"\t".repeat(million)}`,
      " \t".repeat(million),
      whitespaceTag().slice(0, 16) + "  \t\t \t  ".repeat(million / 8),
      `?OTRv4?${" ".repeat(million)}`,
    ]) {
      const before = performance.now();
      parseIncoming(text, { ...defaultLimits, messageChars: 2 * million });
      expect(performance.now() - before).toBeLessThan(1000);
    }
  });
});

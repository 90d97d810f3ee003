// Envelopes: round trips, unknown fields, everything that is refused (spec/05, "Envelope").

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex, utf8 } from "../../src/bytes.ts";
import { defaultLimits as limits } from "../../src/limits.ts";
import { decodeEnvelope, type Envelope, encodeEnvelope } from "../../src/openpgp/envelope.ts";

const chatId = fc.uint8Array({ minLength: 16, maxLength: 16 });
const otr = fc.string({ unit: "grapheme", maxLength: 200 }).map((text) => `?OTR${text}`);
const blob = fc.uint8Array({ maxLength: 300 });
const envelopes: fc.Arbitrary<Envelope> = fc.oneof(
  fc.record({
    kind: fc.constant("invitation" as const),
    chatId,
    expires: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    attestation: blob,
    otr,
  }),
  fc.record({ kind: fc.constant("acceptance" as const), chatId, attestation: blob, otr }),
  fc.record({ kind: fc.constant("message" as const), chatId, otr }),
  fc.record({
    kind: fc.constant("decline" as const),
    chatId,
    reason: fc.constantFrom("none" as const, "user" as const, "version" as const, "busy" as const),
  }),
  fc.record({ kind: fc.constant("withdrawal" as const), chatId }),
  fc.record({
    kind: fc.constant("elsewhere" as const),
    chatId,
    instanceTag: fc.integer({ min: 0x100, max: 0xffffffff }),
    proof: fc.uint8Array({ minLength: 1, maxLength: 255 }),
  }),
);

const id = new Uint8Array(16).fill(0xaa);
const header = (kind: number, version = 1): Uint8Array => concat(Uint8Array.of(version, kind), id);
const field = (type: number, content: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(type >> 8, type & 255, 0, 0, content.length >> 8, content.length & 255), content);
const otrField = field(2, utf8("?OTR:AAQ=."));

function codeOf(...parts: Uint8Array[]): string {
  const decoded = decodeEnvelope(concat(...parts), limits);
  return decoded.ok ? "accepted" : decoded.code;
}

describe("every envelope", () => {
  it("comes back as it went", () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        expect(decodeEnvelope(encodeEnvelope(envelope), limits)).toEqual({ ok: true, value: envelope });
      }),
    );
  });

  it("is read without the fields that a later version may add, in any order", () => {
    fc.assert(
      fc.property(envelopes, fc.integer({ min: 100, max: 0xffff }), blob, (envelope, type, content) => {
        const bytes = encodeEnvelope(envelope);
        const first = concat(bytes.subarray(0, 18), field(type, content), bytes.subarray(18));
        expect(decodeEnvelope(first, limits)).toEqual({ ok: true, value: envelope });
        expect(decodeEnvelope(concat(bytes, field(type, content)), limits)).toEqual({ ok: true, value: envelope });
      }),
    );
  });

  it("is refused when it is cut anywhere but between fields", () => {
    const bytes = encodeEnvelope({
      kind: "acceptance",
      chatId: id,
      attestation: utf8("attestation"),
      otr: "?OTR:AAQ=.",
    });
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeEnvelope(bytes.subarray(0, length), limits)).toMatchObject({ ok: false, code: "MALFORMED" });
    }
  });
});

describe("a decoder", () => {
  it("parses or refuses arbitrary and mutated bytes, and leaves them as they are", () => {
    const mutated = fc
      .tuple(envelopes, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }))
      .map(([envelope, changes]) => {
        const bytes = encodeEnvelope(envelope);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), mutated), (bytes) => {
        const before = bytes.slice();
        const decoded = decodeEnvelope(bytes, limits);
        if (!decoded.ok) expect(decoded.why).toMatch(/\.$/);
        expect(bytes).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives copies, not views", () => {
    const bytes = encodeEnvelope({ kind: "withdrawal", chatId: id });
    const decoded = decodeEnvelope(bytes, limits);
    bytes.fill(0);
    expect(decoded).toEqual({ ok: true, value: { kind: "withdrawal", chatId: id } });
  });

  it("refuses what it must, with the right code", () => {
    expect(codeOf(header(3, 2), otrField)).toBe("UNSUPPORTED_VERSION");
    expect(codeOf(header(3, 0), otrField)).toBe("UNSUPPORTED_VERSION");
    expect(codeOf(header(7), otrField)).toBe("UNSUPPORTED_TYPE");
    expect(codeOf(header(0), otrField)).toBe("UNSUPPORTED_TYPE");
    expect(codeOf(header(3), otrField)).toBe("accepted");
    expect(codeOf(header(3))).toBe("MALFORMED");
    expect(codeOf(header(3), otrField, otrField)).toBe("MALFORMED");
    expect(codeOf(header(3), otrField, field(99, id), field(99, id))).toBe("MALFORMED");
    expect(codeOf(header(3), field(2, utf8("hello")))).toBe("MALFORMED");
    expect(codeOf(header(3), field(2, new Uint8Array(0)))).toBe("MALFORMED");
    expect(codeOf(header(3), otrField, Uint8Array.of(0, 9, 0xff, 0xff, 0xff, 0xff))).toBe("MALFORMED");
    expect(codeOf(header(2), otrField)).toBe("MALFORMED");
    expect(codeOf(header(1), otrField, field(1, id))).toBe("MALFORMED");
    expect(codeOf(header(1), otrField, field(1, id), field(3, new Uint8Array(7)))).toBe("MALFORMED");
    expect(codeOf(header(1), otrField, field(1, id), field(3, new Uint8Array(8)))).toBe("accepted");
    expect(codeOf(header(4), field(4, Uint8Array.of(1, 1)))).toBe("MALFORMED");
    expect(codeOf(header(6), field(5, Uint8Array.of(0, 0, 0, 255)), field(6, id))).toBe("WRONG_TAG");
    expect(codeOf(header(6), field(5, Uint8Array.of(0, 0, 1, 0)), field(6, new Uint8Array(0)))).toBe("MALFORMED");
    expect(codeOf(header(6), field(5, Uint8Array.of(0, 0, 1, 0)), field(6, new Uint8Array(256)))).toBe("MALFORMED");
    const many = Array.from({ length: 33 }, (_, i) => field(100 + i, new Uint8Array(0)));
    expect(codeOf(header(5), ...many.slice(1))).toBe("accepted");
    expect(codeOf(header(5), ...many)).toBe("TOO_LARGE");
  });

  it("refuses what is larger than the limits", () => {
    const bytes = encodeEnvelope({ kind: "message", chatId: id, otr: `?OTR:${"A".repeat(100)}.` });
    expect(decodeEnvelope(bytes, { ...limits, messageChars: 100 })).toMatchObject({ code: "TOO_LARGE" });
    expect(decodeEnvelope(bytes, { ...limits, openpgpPlainBytes: 100 })).toMatchObject({ code: "TOO_LARGE" });
  });

  it("reads an unknown reason for a decline as none", () => {
    const decoded = decodeEnvelope(concat(header(4), field(4, Uint8Array.of(200))), limits);
    expect(decoded).toEqual({ ok: true, value: { kind: "decline", chatId: id, reason: "none" } });
  });
});

describe("an encoder", () => {
  const refused: readonly [what: string, envelope: Envelope][] = [
    ["a chat id of another length", { kind: "withdrawal", chatId: id.subarray(1) }],
    ["what is not OTR", { kind: "message", chatId: id, otr: "hello" }],
    ["a lone surrogate, which UTF-8 cannot hold", { kind: "message", chatId: id, otr: "?OTR Error: \ud800" }],
    ["an instance tag below 0x100", { kind: "elsewhere", chatId: id, instanceTag: 255, proof: id }],
    ["an empty proof", { kind: "elsewhere", chatId: id, instanceTag: 256, proof: new Uint8Array(0) }],
    ["a proof that is too long", { kind: "elsewhere", chatId: id, instanceTag: 256, proof: new Uint8Array(256) }],
    ["a time beyond 64 bits", { kind: "invitation", chatId: id, expires: 2n ** 63n, attestation: id, otr: "?OTR:." }],
    ["an unknown reason", { kind: "decline", chatId: id, reason: "because" as "none" }],
  ];
  it.each(refused)("refuses %s", (_what, envelope) => {
    expect(() => encodeEnvelope(envelope)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
  });
});

describe("the recorded envelopes", () => {
  const file = new URL("../../vectors/openpgp-envelopes.json", import.meta.url);
  interface Vector {
    readonly envelope: Record<string, string>;
    readonly encoded: string;
  }
  const vectors: readonly Vector[] = JSON.parse(readFileSync(file, "utf8")).envelopes;
  const binary = ["chatId", "attestation", "proof"];
  const revived = ({ envelope }: Vector): Envelope =>
    Object.fromEntries(
      Object.entries(envelope).map(([name, text]) => {
        if (binary.includes(name)) return [name, fromHex(text)];
        if (name === "expires") return [name, BigInt(text)];
        return [name, name === "instanceTag" ? Number(text) : text];
      }),
    ) as unknown as Envelope;

  it("are of every kind", () => {
    expect(new Set(vectors.map(({ envelope }) => envelope["kind"])).size).toBe(6);
  });
  it.each(vectors)("$envelope.kind", (vector) => {
    expect(toHex(encodeEnvelope(revived(vector)))).toBe(vector.encoded);
    expect(decodeEnvelope(fromHex(vector.encoded) as Uint8Array, limits)).toEqual({ ok: true, value: revived(vector) });
  });
});

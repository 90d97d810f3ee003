import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import { encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { encodeAuthRMessage } from "../../src/wire/auth-r-message.ts";
import { assembleProfile } from "../../src/wire/client-profile.ts";
import { encodeDataMessage, encodeSections } from "../../src/wire/data-message.ts";
import { encodeIdentityMessage } from "../../src/wire/identity-message.ts";
import { decodeMessage, messageType, peekHeader } from "../../src/wire/messages.ts";
import {
  authIFields,
  authRFields,
  identityFields,
  mac,
  messageBytes,
  mutated,
  revealed,
  sectionFields,
} from "./arbitraries.ts";
import { encodeMessage } from "./encode.ts";
import { code, value } from "./results.ts";

const decode = (input: Uint8Array) => decodeMessage(input, defaultLimits);
const hex = (text: string) => fromHex(text) as Uint8Array;
const filled = (size: number, byte: number) => new Uint8Array(size).fill(byte);

const TAGS = { senderTag: 0x01020304, receiverTag: 0x05060708 };
const PROFILE = assembleProfile(
  { instanceTag: 0x01020304, publicKey: filled(57, 1), forgingKey: filled(57, 2), versions: "4", expires: 9n },
  filled(114, 3),
);
const KEYS = {
  profile: PROFILE,
  ecdh: filled(57, 4),
  dh: filled(384, 5),
  firstEcdh: filled(57, 6),
  firstDh: filled(383, 7),
};
const SECTIONS = {
  ...TAGS,
  flags: 1,
  previousCount: 0x11111111,
  ratchetId: 0x22222222,
  messageId: 0x33333333,
  ecdh: filled(57, 4),
  dh: filled(3, 5),
  ciphertext: filled(2, 6),
};

const IDENTITY = encodeIdentityMessage({ ...TAGS, ...KEYS });
const AUTH_R = encodeAuthRMessage({ ...TAGS, ...KEYS, ringSignature: filled(342, 8) });
const AUTH_I = encodeAuthIMessage({ ...TAGS, ringSignature: filled(342, 8) });
const DATA = encodeDataMessage(encodeSections(SECTIONS), filled(64, 7), [filled(64, 8), filled(64, 9)]);
const ALL = [
  ["Identity", IDENTITY],
  ["Auth-R", AUTH_R],
  ["Auth-I", AUTH_I],
  ["data", DATA],
] as const;

/** The message with some bytes replaced. */
function patch(message: Uint8Array, at: number, replacement: string): Uint8Array {
  const out = message.slice();
  out.set(hex(replacement), at);
  return out;
}

describe("every message round-trips:", () => {
  it("Identity", () => {
    fc.assert(
      fc.property(identityFields, (fields) => {
        expect(value(decode(encodeIdentityMessage(fields)))).toEqual({ kind: "identity", ...fields });
      }),
    );
  });

  it("Auth-R", () => {
    fc.assert(
      fc.property(authRFields, (fields) => {
        expect(value(decode(encodeAuthRMessage(fields)))).toEqual({ kind: "auth-r", ...fields });
      }),
    );
  });

  it("Auth-I", () => {
    fc.assert(
      fc.property(authIFields, (fields) => {
        expect(value(decode(encodeAuthIMessage(fields)))).toEqual({ kind: "auth-i", ...fields });
      }),
    );
  });

  it("data", () => {
    fc.assert(
      fc.property(sectionFields, mac, revealed, (fields, authenticator, keys) => {
        const sections = encodeSections(fields);
        const decoded = value(decode(encodeDataMessage(sections, authenticator, keys)));
        expect(decoded).toEqual({ kind: "data", ...fields, mac: authenticator, revealed: keys, sections });
      }),
    );
  });
});

describe("the layout of a message", () => {
  it("of data is the draft's, byte for byte", () => {
    const start = "000403010203040506070801111111112222222233333333";
    const sections = `${start}${"04".repeat(57)}00000003050505000000020606`;
    expect(toHex(encodeSections(SECTIONS))).toBe(sections);
    expect(toHex(DATA)).toBe(`${sections}${"07".repeat(64)}00000080${"08".repeat(64)}${"09".repeat(64)}`);
  });

  it("of the handshake is the draft's, byte for byte", () => {
    const header = "0102030405060708";
    const profile = toHex(PROFILE.encoded);
    const keys = `${"04".repeat(57)}00000180${"05".repeat(384)}`;
    const first = `${"06".repeat(57)}0000017f${"07".repeat(383)}`;
    expect(toHex(IDENTITY)).toBe(`000435${header}${profile}${keys}${first}`);
    expect(toHex(AUTH_R)).toBe(`000436${header}${profile}${keys}${"08".repeat(342)}${first}`);
    expect(toHex(AUTH_I)).toBe(`000437${header}${"08".repeat(342)}`);
  });

  it("is read without copying", () => {
    const message = value(decode(DATA));
    if (message.kind !== "data") throw new Error("another kind");
    for (const view of [message.ecdh, message.ciphertext, message.mac, message.sections, ...message.revealed]) {
      expect(view.buffer).toBe(DATA.buffer);
    }
  });
});

describe.each(ALL)("a message of kind %s is rejected", (name, message) => {
  it("when it is cut at any byte", () => {
    for (let size = 0; size < message.length; size++) expect(code(decode(message.subarray(0, size)))).toBe("MALFORMED");
  });

  it("when a byte follows it", () => {
    expect(code(decode(concat(message, Uint8Array.of(0))))).toBe("MALFORMED");
  });

  it.each([0, 1, 2, 3, 5, 0x0400, 0xffff])("in version %i", (version) => {
    expect(code(decode(patch(message, 0, version.toString(16).padStart(4, "0"))))).toBe("UNSUPPORTED_VERSION");
  });

  it.each([0x00, 0x02, 0x04, 0x0a, 0x0d, 0x0f, 0x11, 0x12, 0x34, 0x38, 0xff])("of type %i", (type) => {
    expect(code(decode(patch(message, 2, type.toString(16).padStart(2, "0"))))).toBe("UNSUPPORTED_TYPE");
  });

  it("of the type of Non-Interactive-Auth", () => {
    expect(code(decode(patch(message, 2, "8d")))).toBe("UNSUPPORTED_TYPE");
  });

  it.each(["00000000", "00000001", "000000ff"])("with sender tag %s", (tag) => {
    expect(code(decode(patch(message, 3, tag)))).toBe("WRONG_TAG");
  });

  it.each(["00000001", "000000ff"])("with receiver tag %s", (tag) => {
    expect(code(decode(patch(message, 7, tag)))).toBe("WRONG_TAG");
  });

  it(name === "Identity" ? "(not, though) with receiver tag 0" : "with receiver tag 0", () => {
    expect(code(decode(patch(message, 7, "00000000")))).toBe(name === "Identity" ? "accepted" : "WRONG_TAG");
  });
});

describe("a handshake message is rejected", () => {
  const dhAt = 11 + PROFILE.encoded.length + 57;
  const firstDhAt = { Identity: dhAt + 4 + 384 + 57, "Auth-R": dhAt + 4 + 384 + 342 + 57 };

  it.each([
    ["Identity", IDENTITY, dhAt],
    ["Identity", IDENTITY, firstDhAt.Identity],
    ["Auth-R", AUTH_R, dhAt],
    ["Auth-R", AUTH_R, firstDhAt["Auth-R"]],
  ])("when a DH key of an %s starts with a zero", (_name, message, at) => {
    expect(code(decode(patch(message, at + 4, "00")))).toBe("BAD_DH_KEY");
  });

  it.each([
    ["the DH key", "dh"],
    ["the first DH key", "firstDh"],
  ] as const)("when %s is empty or longer than 384 bytes", (_name, key) => {
    for (const dh of [new Uint8Array(0), filled(385, 1)]) {
      const fields = { ...TAGS, ...KEYS, [key]: dh };
      expect(code(decode(encodeIdentityMessage(fields)))).toBe("BAD_DH_KEY");
      expect(code(decode(encodeAuthRMessage({ ...fields, ringSignature: filled(342, 8) })))).toBe("BAD_DH_KEY");
    }
  });

  it.each([
    ["Identity", IDENTITY, dhAt],
    ["Auth-R", AUTH_R, dhAt],
  ])("when a length in an %s claims 2^32 − 1 bytes", (_name, message, at) => {
    expect(code(decode(patch(message, at, "ffffffff")))).toBe("MALFORMED");
  });

  it.each([
    ["Identity", IDENTITY],
    ["Auth-R", AUTH_R],
  ])("when its profile is bad, in an %s", (_name, message) => {
    expect(code(decode(patch(message, 11, "ffffffff")))).toBe("TOO_LARGE");
    expect(code(decode(patch(message, 15, "0002")))).toBe("BAD_PROFILE");
  });
});

describe("a data message", () => {
  const macAt = DATA.length - 64 - 4 - 128;

  it("is rejected with leading zeros in its DH key", () => {
    expect(code(decode(patch(DATA, 24 + 57 + 4, "00")))).toBe("BAD_DH_KEY");
  });

  it("is rejected with a DH key of 385 bytes", () => {
    const sections = encodeSections({ ...SECTIONS, dh: filled(385, 1) });
    expect(code(decode(encodeDataMessage(sections, filled(64, 7), [])))).toBe("BAD_DH_KEY");
  });

  it("may come without a DH key and without ciphertext", () => {
    const none = new Uint8Array(0);
    const sections = encodeSections({ ...SECTIONS, dh: none, ciphertext: none });
    expect(value(decode(encodeDataMessage(sections, filled(64, 7), [])))).toMatchObject({ dh: none, ciphertext: none });
  });

  it.each([1, 63, 65, 127])("is rejected with %i bytes of revealed keys", (size) => {
    const length = size.toString(16).padStart(8, "0");
    const message = concat(DATA.subarray(0, macAt + 64), hex(length), filled(size, 1));
    expect(code(decode(message))).toBe("MALFORMED");
  });

  it.each([
    ["the DH key", 24 + 57],
    ["the ciphertext", 24 + 57 + 4 + 3],
    ["the revealed keys", macAt + 64],
  ])("is rejected when the length of %s claims 2^32 − 1", (_name, at) => {
    expect(code(decode(patch(DATA, at, "ffffffff")))).toBe("MALFORMED");
  });

  it("gives no more revealed keys than the limit, and is read all the same", () => {
    const keys = Array.from({ length: 5 }, (_, i) => filled(64, i));
    const message = encodeDataMessage(encodeSections(SECTIONS), filled(64, 7), keys);
    const read = value(decodeMessage(message, { ...defaultLimits, revealedKeys: 3 }));
    expect(read).toMatchObject({ kind: "data", revealed: keys.slice(0, 3), mac: filled(64, 7) });
  });
});

describe("peekHeader", () => {
  it.each(ALL)("reads the header of %s, even if no more is there", (_name, message) => {
    const decoded = value(decode(message));
    const header = { version: 4, senderTag: TAGS.senderTag, receiverTag: TAGS.receiverTag };
    expect(value(peekHeader(message))).toEqual({ ...header, type: message[2] });
    expect(value(peekHeader(message.subarray(0, 11)))).toMatchObject(header);
    expect(decoded).toMatchObject({ senderTag: TAGS.senderTag, receiverTag: TAGS.receiverTag });
  });

  it("knows Non-Interactive-Auth, so that it can be routed", () => {
    expect(value(peekHeader(hex("00048d0000010000000100"))).type).toBe(messageType.nonInteractiveAuth);
  });

  it.each([
    ["000403000001000000010", "MALFORMED"],
    ["00", "MALFORMED"],
    ["", "MALFORMED"],
    ["0003", "UNSUPPORTED_VERSION"],
    ["000302ffffffff", "UNSUPPORTED_VERSION"],
    ["0003020000010000000100", "UNSUPPORTED_VERSION"],
    ["0004020000010000000100", "UNSUPPORTED_TYPE"],
    ["000403000000ff00000100", "WRONG_TAG"],
    ["0004030000010000000000", "WRONG_TAG"],
    ["00048d0000010000000000", "WRONG_TAG"],
  ])("rejects %j as %s", (input, expected) => {
    expect(code(peekHeader(hex(input.length % 2 === 0 ? input : input.slice(0, -1))))).toBe(expected);
  });
});

describe("any bytes", () => {
  const input = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc
      .tuple(fc.constantFrom("000403", "000435", "000436", "000437"), fc.uint8Array({ maxLength: 400 }))
      .map(([start, rest]) => concat(hex(`${start}0102030405060708`), rest)),
    mutated(messageBytes),
  );

  it("are a message, the only encoding of it, or rejected; never thrown at, never written to", () => {
    fc.assert(
      fc.property(input, (bytes) => {
        const before = bytes.slice();
        const result = decode(bytes);
        if (result.ok) expect(encodeMessage(result.value)).toEqual(before);
        expect(bytes).toEqual(before);
      }),
      { numRuns: 1500 },
    );
  });

  it("of a megabyte are decided at once", () => {
    const size = 1 << 20;
    const revealing = concat(encodeSections(SECTIONS), filled(64, 7), hex("000fffc0"), filled(0xfffc0, 1));
    const fields = concat(hex("0004350102030405060708"), hex("0000000f"), filled(size, 0));
    for (const bytes of [filled(size, 0), filled(size, 0xff), revealing, fields]) {
      const before = performance.now();
      decode(bytes);
      expect(performance.now() - before).toBeLessThan(1000);
    }
  });
});

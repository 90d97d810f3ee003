import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import {
  assembleProfile,
  type ClientProfileFields,
  decodeClientProfile,
  encodeProfileFields,
} from "../../src/wire/client-profile.ts";
import { bytes, mutated, profile, profileFields } from "./arbitraries.ts";
import { code, value } from "./results.ts";

const decode = (input: Uint8Array) => decodeClientProfile(input, defaultLimits);
const hex = (text: string) => fromHex(text) as Uint8Array;

const TAG = "000100000100";
const PUBLIC_KEY = `00021000${"aa".repeat(57)}`;
const FORGING_KEY = `00031200${"bb".repeat(57)}`;
const VERSIONS = "00040000000134";
const EXPIRES = "0005000000017fffffff";
const DSA_KEY = `00060000${"00000001".concat("05").repeat(4)}`;
const TRANSITIONAL = `0007${"cc".repeat(40)}`;
const SIGNATURE = "dd".repeat(114);
const REQUIRED = [TAG, PUBLIC_KEY, FORGING_KEY, VERSIONS, EXPIRES];

/** A profile of these fields, with the right number of them unless another one is given. */
function build(fields: readonly string[], count = fields.length): Uint8Array {
  return hex(count.toString(16).padStart(8, "0") + fields.join("") + SIGNATURE);
}

/** The valid fields with one of them replaced. */
function replacing(original: string, replacement: string): Uint8Array {
  return build(REQUIRED.map((part) => (part === original ? replacement : part)));
}

const FIELDS: ClientProfileFields = {
  instanceTag: 0x100,
  publicKey: new Uint8Array(57).fill(0xaa),
  forgingKey: new Uint8Array(57).fill(0xbb),
  versions: "4",
  expires: 0x17fffffffn,
};

describe("the layout of a client profile", () => {
  it("is the draft's, byte for byte", () => {
    expect(toHex(assembleProfile(FIELDS, hex(SIGNATURE)).encoded)).toBe(toHex(build(REQUIRED)));
    const old = { ...FIELDS, dsaKey: hex(DSA_KEY.slice(4)), transitionalSignature: hex(TRANSITIONAL.slice(4)) };
    const oldProfile = assembleProfile(old, hex(SIGNATURE));
    expect(toHex(oldProfile.encoded)).toBe(toHex(build([...REQUIRED, DSA_KEY, TRANSITIONAL])));
    expect(oldProfile).toMatchObject(old);
  });

  it("gives every field back", () => {
    expect(value(decode(build(REQUIRED)))).toEqual({
      ...FIELDS,
      signature: hex(SIGNATURE),
      signed: hex(REQUIRED.join("")),
      encoded: build(REQUIRED),
    });
  });

  it("round-trips", () => {
    fc.assert(
      fc.property(profileFields, bytes(114), (fields, signature) => {
        const made = assembleProfile(fields, signature);
        expect(made).toMatchObject(fields);
        expect(made.signed).toEqual(encodeProfileFields(fields));
        expect(value(decode(made.encoded))).toEqual(made);
      }),
    );
  });

  it("is signed in the order of the field types, whatever order the fields came in", () => {
    const parts = [...REQUIRED, DSA_KEY, TRANSITIONAL];
    const shuffled = fc.shuffledSubarray(parts, { minLength: parts.length });
    fc.assert(
      fc.property(shuffled, (order) => {
        const read = value(decode(build(order)));
        expect(toHex(read.signed)).toBe(parts.join(""));
        expect(toHex(read.encoded)).toBe(toHex(build(order)));
      }),
    );
  });

  it.each([
    ["before 1970", "ffffffffffffffff", -1n],
    ["the latest", "7fffffffffffffff", 2n ** 63n - 1n],
    ["the earliest", "8000000000000000", -(2n ** 63n)],
    ["beyond 2^32", "0020c49ba5e353f7", 0x20c49ba5e353f7n],
  ])("reads an expiry %s", (_name, encoded, expires) => {
    expect(value(decode(replacing(EXPIRES, `0005${encoded}`))).expires).toBe(expires);
  });

  it("leaves the versions to the validation", () => {
    expect(value(decode(replacing(VERSIONS, "00040000000333ff78"))).versions).toBe("3\u00ffx");
    expect(value(decode(replacing(VERSIONS, "000400000000"))).versions).toBe("");
  });
});

describe("a client profile is rejected", () => {
  it.each(REQUIRED.map((part) => [part.slice(0, 4), part] as const))("without field %s", (_type, part) => {
    expect(code(decode(build(REQUIRED.filter((other) => other !== part))))).toBe("BAD_PROFILE");
  });

  it.each([...REQUIRED, DSA_KEY, TRANSITIONAL].map((part) => [part.slice(0, 4), part] as const))(
    "with field %s twice",
    (_type, part) => {
      expect(code(decode(build([...REQUIRED, DSA_KEY, TRANSITIONAL, part])))).toBe("BAD_PROFILE");
    },
  );

  it.each([
    ["a field of type 0", build([...REQUIRED, "0000"])],
    ["a field of type 8", build([...REQUIRED, "0008"])],
    ["a field of type 0xffff", build([...REQUIRED, "ffff"])],
    ["instance tag 0", replacing(TAG, "000100000000")],
    ["instance tag 0xff", replacing(TAG, "0001000000ff")],
    ["a public key of the forging type", replacing(PUBLIC_KEY, `00021200${"aa".repeat(57)}`)],
    ["a big-endian type of public key", replacing(PUBLIC_KEY, `00020010${"aa".repeat(57)}`)],
    ["a forging key of the public type", replacing(FORGING_KEY, `00031000${"bb".repeat(57)}`)],
    ["a shared prekey for a forging key", replacing(FORGING_KEY, `00031100${"bb".repeat(57)}`)],
    ["a DSA key of another type", build([...REQUIRED, DSA_KEY.replace("00060000", "00060001")])],
    ["leading zeros in the DSA key", build([...REQUIRED, `00060000${"000000020005".repeat(4)}`])],
    ["a DSA key beyond all measure", build([...REQUIRED, `0006000000000401${"05".repeat(1025)}`])],
  ])("with %s", (_name, input) => {
    expect(code(decode(input))).toBe("BAD_PROFILE");
  });

  it.each([
    ["versions of 256 bytes", replacing(VERSIONS, `000400000100${"34".repeat(256)}`), "TOO_LARGE"],
    ["17 fields", build(REQUIRED, 17), "TOO_LARGE"],
    ["2^32 − 1 fields", build(REQUIRED, 0xffffffff), "TOO_LARGE"],
    ["no fields", build(REQUIRED, 0), "BAD_PROFILE"],
    ["versions of 2^32 − 1 bytes", replacing(VERSIONS, "0004ffffffff34"), "MALFORMED"],
    ["a number of the DSA key of 2^32 − 1 bytes", build([...REQUIRED, "00060000ffffffff05"]), "MALFORMED"],
    ["a byte after it", concat(build(REQUIRED), Uint8Array.of(0)), "MALFORMED"],
  ])("with %s", (_name, input, expected) => {
    expect(code(decode(input))).toBe(expected);
  });

  it("when it is longer than the limit", () => {
    const profileBytes = build(REQUIRED).length;
    const tight = { ...defaultLimits, profileBytes };
    expect(code(decodeClientProfile(build(REQUIRED), tight))).toBe("accepted");
    const tighter = { ...defaultLimits, profileBytes: profileBytes - 1 };
    expect(code(decodeClientProfile(build(REQUIRED), tighter))).toBe("TOO_LARGE");
  });

  it("when it is cut at any byte", () => {
    const whole = build([...REQUIRED, DSA_KEY, TRANSITIONAL]);
    for (let size = 0; size < whole.length; size++) expect(code(decode(whole.subarray(0, size)))).toBe("MALFORMED");
  });

  it("or decoded, but never thrown at, when it is arbitrary or altered", () => {
    const input = fc.oneof(fc.uint8Array({ maxLength: 400 }), mutated(profile.map(({ encoded }) => encoded)));
    fc.assert(
      fc.property(input, (bytesIn) => {
        const before = bytesIn.slice();
        const result = decode(bytesIn);
        if (result.ok) expect(result.value.encoded).toEqual(before);
        expect(bytesIn).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a client profile cannot be made", () => {
  it.each([
    ["with an instance tag below 0x100", { instanceTag: 0xff }],
    ["with an instance tag of 2^32", { instanceTag: 2 ** 32 }],
    ["with a fraction for a tag", { instanceTag: 256.5 }],
    ["with a key of 56 bytes", { publicKey: new Uint8Array(56) }],
    ["with a forging key of 58 bytes", { forgingKey: new Uint8Array(58) }],
    ["with versions beyond ASCII", { versions: "4é" }],
    ["with 256 versions", { versions: "4".repeat(256) }],
    ["with an expiry beyond 64 bits", { expires: 2n ** 63n }],
    ["with a DSA key that is none", { dsaKey: Uint8Array.of(0, 0, 1) }],
    ["with a transitional signature of 39 bytes", { transitionalSignature: new Uint8Array(39) }],
  ])("%s", (_name, change) => {
    expect(() => assembleProfile({ ...FIELDS, ...change }, hex(SIGNATURE))).toThrow(
      expect.objectContaining({ name: "SottovoceError", code: "BAD_ARGUMENT" }),
    );
  });

  it("with a signature of 113 bytes", () => {
    expect(() => assembleProfile(FIELDS, new Uint8Array(113))).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT" }),
    );
  });
});

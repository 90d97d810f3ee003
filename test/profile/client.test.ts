import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes.ts";
import { longTermKeyPair } from "../../src/crypto/keys.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import { decodeScalar, encodeScalar } from "../../src/crypto/scalar.ts";
import type { Suite } from "../../src/crypto/suite.ts";
import { defaultLimits } from "../../src/limits.ts";
import { isExpired, makeClientProfile, type ProfileContext, validateClientProfile } from "../../src/profile/client.ts";
import {
  assembleProfile,
  type ClientProfile,
  type ClientProfileFields,
  decodeClientProfile,
  encodeProfileFields,
} from "../../src/wire/client-profile.ts";
import { code, value } from "../wire/results.ts";

const NOW = 1_700_000_000;
const TAG = 0x12345678;
const LONG_TERM_KEY = new Uint8Array(57).fill(1);
const OTHER_KEY = new Uint8Array(57).fill(2);
const CONTEXT: ProfileContext = { now: NOW, senderTag: TAG };

/** y = 1: the neutral element. */
const IDENTITY_POINT = Uint8Array.from({ length: 57 }, (_, i) => (i === 0 ? 1 : 0));
/** y = −1: of order 2. p = 2^448 − 2^224 − 1. */
const ORDER_2 = Uint8Array.from({ length: 57 }, (_, i) => (i === 56 ? 0 : i === 0 ? 0xfe : i === 28 ? 0xfe : 0xff));
/** y = 0: of order 4. */
const ORDER_4 = new Uint8Array(57);
/** y = p, another name for y = 0. */
const NOT_CANONICAL = Uint8Array.from({ length: 57 }, (_, i) => (i === 56 ? 0 : i === 28 ? 0xfe : 0xff));
/** G plus the point of order 2: (−x, −y), of order 2q. */
const ORDER_2Q = plusOrder2(nobleSuite.group.generator);
/** Bits that no encoding uses. */
const STRAY_BITS = Uint8Array.from({ length: 57 }, (_, i) => (i === 56 ? 0x41 : 5));

const BAD_POINTS = [
  ["the neutral element", IDENTITY_POINT],
  ["the point of order 2", ORDER_2],
  ["a point of order 4", ORDER_4],
  ["a point of order 2q", ORDER_2Q],
  ["an encoding that is not canonical", NOT_CANONICAL],
  ["stray bits", STRAY_BITS],
] as const;

function plusOrder2(point: Uint8Array): Uint8Array {
  const p = 2n ** 448n - 2n ** 224n - 1n;
  const y = decodeScalar(point.subarray(0, 56));
  return concat(encodeScalar(p - y).subarray(0, 56), Uint8Array.of((point[56] as number) ^ 0x80));
}

/** A suite that counts what costs milliseconds. */
function counting(suite: Suite): { suite: Suite; calls: () => number } {
  let calls = 0;
  const group = {
    ...suite.group,
    isValid: (point: Uint8Array) => {
      calls++;
      return suite.group.isValid(point);
    },
    verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
      calls++;
      return suite.group.verify(publicKey, message, signature);
    },
  };
  return { suite: { ...suite, group }, calls: () => calls };
}

describe.each([nobleSuite, nodeSuite])("a client profile, $name,", (suite) => {
  const publicKey = longTermKeyPair(suite, LONG_TERM_KEY).public;
  const forgingKey = longTermKeyPair(suite, OTHER_KEY).public;
  const input = {
    instanceTag: TAG,
    longTermKey: LONG_TERM_KEY,
    publicKey,
    forgingKey,
    versions: "4",
    expires: BigInt(NOW + 100),
  };
  const good = makeClientProfile(suite, input);

  /** A profile with other fields, signed all the same. */
  function signed(change: Partial<ClientProfileFields>): ClientProfile {
    const fields: ClientProfileFields = {
      instanceTag: TAG,
      publicKey,
      forgingKey,
      versions: "4",
      expires: BigInt(NOW + 100),
      ...change,
    };
    return assembleProfile(fields, suite.group.sign(LONG_TERM_KEY, encodeProfileFields(fields)));
  }

  const judge = (profile: ClientProfile, change: Partial<ProfileContext> = {}) =>
    code(validateClientProfile(suite, profile, { ...CONTEXT, ...change }));

  it("made here is valid, also after it travelled", () => {
    expect(value(validateClientProfile(suite, good, CONTEXT))).toBe(good);
    expect(judge(value(decodeClientProfile(good.encoded, defaultLimits)))).toBe("accepted");
  });

  it("is the same whoever makes it: signatures are deterministic", () => {
    expect(makeClientProfile(nobleSuite, input)).toEqual(makeClientProfile(nodeSuite, input));
  });

  it("of another device than the message is WRONG_TAG", () => {
    expect(judge(good, { senderTag: TAG + 1 })).toBe("WRONG_TAG");
  });

  it("past its expiry is EXPIRED_PROFILE", () => {
    expect(judge(good, { now: NOW + 99 })).toBe("accepted");
    expect(judge(good, { now: NOW + 100 })).toBe("EXPIRED_PROFILE");
    expect(judge(signed({ expires: -1n }))).toBe("EXPIRED_PROFILE");
    expect(judge(signed({ expires: -(2n ** 63n) }))).toBe("EXPIRED_PROFILE");
    expect(judge(signed({ expires: 2n ** 63n - 1n }))).toBe("accepted");
  });

  it("past its expiry still counts within a grace", () => {
    expect(isExpired(good, NOW + 149.5, 50)).toBe(false);
    expect(isExpired(good, NOW + 150, 50)).toBe(true);
    expect(isExpired(good, NOW + 150)).toBe(true);
  });

  it.each(["", "3", "5", "14", "41", "24", "42", "124"])("of versions %j is BAD_PROFILE", (versions) => {
    expect(judge(signed({ versions }))).toBe("BAD_PROFILE");
  });

  it.each(["4", "45", "x4", "94"])("of versions %j is valid", (versions) => {
    expect(judge(signed({ versions }))).toBe("accepted");
  });

  it("of version 3 too needs a DSA key and a transitional signature, and either needs the other", () => {
    const dsaKey = concat(Uint8Array.of(0, 0), ...Array.from({ length: 4 }, () => Uint8Array.of(0, 0, 0, 1, 5)));
    const transitionalSignature = new Uint8Array(40);
    expect(judge(signed({ versions: "34", dsaKey, transitionalSignature }))).toBe("accepted");
    expect(judge(signed({ versions: "34" }))).toBe("BAD_PROFILE");
    expect(judge(signed({ dsaKey }))).toBe("BAD_PROFILE");
    expect(judge(signed({ transitionalSignature }))).toBe("BAD_PROFILE");
  });

  it.each(BAD_POINTS)("with %s for a key is BAD_POINT", (_name, point) => {
    expect(judge(signed({ publicKey: point }))).toBe("BAD_POINT");
    expect(judge(signed({ forgingKey: point }))).toBe("BAD_POINT");
  });

  it("with G plus the point of order 2 differs from one with G by that alone", () => {
    expect(plusOrder2(ORDER_2Q)).toEqual(suite.group.generator);
    expect(judge(signed({ forgingKey: suite.group.generator }))).toBe("accepted");
  });

  it("signed by somebody else is BAD_SIGNATURE", () => {
    expect(judge(makeClientProfile(suite, { ...input, longTermKey: OTHER_KEY }))).toBe("BAD_SIGNATURE");
  });

  it("whose number of fields is under the signature is BAD_SIGNATURE", () => {
    const body = good.encoded.subarray(0, -114);
    const fields: ClientProfileFields = { ...input };
    expect(judge(assembleProfile(fields, suite.group.sign(LONG_TERM_KEY, body)))).toBe("BAD_SIGNATURE");
  });

  it("altered anywhere is rejected", () => {
    const position = fc.nat({ max: good.encoded.length * 8 - 1 });
    fc.assert(
      fc.property(position, (bit) => {
        const altered = good.encoded.slice();
        altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7));
        const decoded = decodeClientProfile(altered, defaultLimits);
        if (decoded.ok) expect(judge(decoded.value, { senderTag: decoded.value.instanceTag })).not.toBe("accepted");
      }),
      { numRuns: 60 },
    );
  });

  it("costs nothing to judge when a cheap check fails", () => {
    const { suite: counted, calls } = counting(suite);
    validateClientProfile(counted, good, { ...CONTEXT, senderTag: 0x100 });
    validateClientProfile(counted, good, { ...CONTEXT, now: NOW + 1000 });
    validateClientProfile(counted, signed({ versions: "3" }), CONTEXT);
    expect(calls()).toBe(0);
    validateClientProfile(counted, good, CONTEXT);
    expect(calls()).toBe(3);
  });

  it("known from before is not verified again, unless a byte of it differs; the rest is still checked", () => {
    const { suite: counted, calls } = counting(suite);
    const again = value(decodeClientProfile(good.encoded.slice(), defaultLimits));
    expect(code(validateClientProfile(counted, again, { ...CONTEXT, known: good }))).toBe("accepted");
    expect(calls()).toBe(0);
    expect(judge(again, { known: good, now: NOW + 100 })).toBe("EXPIRED_PROFILE");
    expect(judge(again, { known: good, senderTag: 0x100 })).toBe("WRONG_TAG");
    const forged = assembleProfile({ ...input, forgingKey: publicKey }, good.signature);
    expect(judge(forged, { known: good })).toBe("BAD_SIGNATURE");
  });
});

// Each check of an Identity or Auth-R, on the real groups.
import { describe, expect, it } from "vitest";
import { DH_PRIME } from "../../src/crypto/dh3072.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { checkKeys } from "../../src/dake/check.ts";
import type { RejectionCode } from "../../src/errors.ts";
import { defaultLimits } from "../../src/limits.ts";
import { makeClientProfile } from "../../src/profile/client.ts";
import { assembleProfile } from "../../src/wire/client-profile.ts";
import type { IdentityMessage } from "../../src/wire/identity-message.ts";
import { badPoints } from "../crypto/points.ts";
import { NOW } from "../support/players.ts";
import { code } from "../wire/results.ts";
import { answeredHandshake } from "./parties.ts";

const { bob, alice, offered, authR } = answeredHandshake(suite);
const good = offered.message;
const { profile } = good;

const check = (message: IdentityMessage, now: number = NOW): RejectionCode | "accepted" =>
  code(checkKeys(suite, message, alice.identity, { now }));

/** Big-endian, without leading zeros unless asked for. */
function mpi(value: bigint, zeros: number = 0): Uint8Array {
  const hex = value.toString(16);
  const even = "00".repeat(zeros) + (hex.length % 2 === 0 ? hex : `0${hex}`);
  return Uint8Array.from(Buffer.from(even, "hex"));
}

function integer(key: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(key).toString("hex")}`);
}

describe("checkKeys", () => {
  it("accepts what an honest peer sends, and changes nothing of it", () => {
    const [before, identity] = [structuredClone(good), structuredClone(alice.identity)];
    expect(check(good)).toBe("accepted");
    expect(code(checkKeys(suite, authR, bob.identity, { now: NOW }))).toBe("accepted");
    expect(good).toEqual(before);
    expect(alice.identity).toEqual(identity);
  });

  it("refuses our own long-term key, before anything that costs", () => {
    const nothing = Object.create(null) as typeof suite;
    expect(code(checkKeys(nothing, good, bob.identity, { now: NOW }))).toBe("OWN_KEY");
  });

  it("refuses our own long-term key as the peer's forging key: it would stand twice in the ring", () => {
    const forgingKey = alice.identity.publicKey;
    expect(check({ ...good, profile: { ...profile, forgingKey } })).toBe("OWN_KEY");
  });

  describe.each(["ecdh", "firstEcdh"] as const)("of %s", (field) => {
    it.each(badPoints)("refuses %s", (_, point) => {
      expect(check({ ...good, [field]: point })).toBe("BAD_POINT");
    });
  });

  // Signed by Bob, for he could: only the point itself tells.
  describe.each(["publicKey", "forgingKey"] as const)("of the profile's %s", (field) => {
    it.each(badPoints.filter(([, point]) => point.length === 57))("refuses %s", (_, point) => {
      const fields = { instanceTag: bob.identity.instanceTag, versions: "4", expires: profile.expires };
      const keys = { publicKey: profile.publicKey, forgingKey: profile.forgingKey, [field]: point };
      const altered = makeClientProfile(suite, { ...fields, ...keys, longTermKey: bob.identity.longTermKey });
      expect(check({ ...good, profile: altered })).toBe("BAD_POINT");
    });
  });

  describe.each(["dh", "firstDh"] as const)("of %s", (field) => {
    const key = good[field];
    it.each([
      ["nothing", new Uint8Array(0)],
      ["0", Uint8Array.of(0)],
      ["1", Uint8Array.of(1)],
      ["p − 1", mpi(DH_PRIME - 1n)],
      ["p", mpi(DH_PRIME)],
      ["p + 1", mpi(DH_PRIME + 1n)],
      ["a square plus p", mpi(4n + DH_PRIME)],
      ["a non-residue", mpi(DH_PRIME - integer(key))],
      ["the smallest non-residue there is, −2", mpi(DH_PRIME - 2n)],
      ["a good key with a zero before it", mpi(integer(key), 1)],
      ["385 bytes", mpi(1n << 3076n)],
    ])("refuses %s", (_, bad) => {
      expect(check({ ...good, [field]: bad })).toBe("BAD_DH_KEY");
    });
  });

  describe("of the profile", () => {
    const { instanceTag, publicKey, forgingKey, versions, expires, signature } = profile;
    const fields = { instanceTag, publicKey, forgingKey, versions, expires };
    const signed = (changes: Partial<typeof fields>): IdentityMessage => ({
      ...good,
      profile: makeClientProfile(suite, { ...fields, ...changes, longTermKey: bob.identity.longTermKey }),
    });

    it.each([
      ["another tag than the message", signed({ instanceTag: alice.identity.instanceTag }), "WRONG_TAG"],
      ["versions without 4", signed({ versions: "3" }), "BAD_PROFILE"],
      ["version 2 beside 4", signed({ versions: "24" }), "BAD_PROFILE"],
      ["no versions", signed({ versions: "" }), "BAD_PROFILE"],
      ["an expiry in the past", signed({ expires: BigInt(NOW) }), "EXPIRED_PROFILE"],
      ["an expiry before 1970", signed({ expires: -1n }), "EXPIRED_PROFILE"],
      ["a longer life than was signed", { expires: expires + 1n }, "BAD_SIGNATURE"],
      ["Alice's forging key", { forgingKey: alice.identity.forgingKey }, "BAD_SIGNATURE"],
      ["a third long-term key", { publicKey: authR.ecdh }, "BAD_SIGNATURE"],
      [
        "a signature that was touched",
        { signature: signature.with(20, (signature[20] as number) ^ 1) },
        "BAD_SIGNATURE",
      ],
    ] as [string, Partial<typeof profile> | IdentityMessage, RejectionCode][])("refuses %s", (_, change, expected) => {
      const message =
        "kind" in change
          ? change
          : { ...good, profile: assembleProfile({ ...fields, ...change }, change.signature ?? signature) };
      expect(check(message)).toBe(expected);
    });

    it("refuses it from the second on at which it expires", () => {
      expect(check(good, Number(expires) - 1)).toBe("accepted");
      expect(check(good, Number(expires))).toBe("EXPIRED_PROFILE");
      expect(Number(expires)).toBe(NOW + defaultLimits.profileSeconds);
    });
  });
});

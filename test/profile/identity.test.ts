import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/bytes.ts";
import { longTermKeyPair } from "../../src/crypto/keys.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import { queuedRandom, type Random, systemRandom } from "../../src/crypto/random.ts";
import { defaultLimits } from "../../src/limits.ts";
import { makeClientProfile, validateClientProfile } from "../../src/profile/client.ts";
import { createIdentity, randomPointForgingKey, renewIdentity } from "../../src/profile/identity.ts";
import { decodeClientProfile } from "../../src/wire/client-profile.ts";
import session from "../../vectors/sessions/otr4j.json" with { type: "json" };
import { code, value } from "../wire/results.ts";

const NOW = 1_700_000_000;
const limits = defaultLimits;
const hex = (text: string) => fromHex(text) as Uint8Array;
const filled = (size: number, byte: number) => new Uint8Array(size).fill(byte);
const badArgument = expect.objectContaining({ name: "SottovoceError", code: "BAD_ARGUMENT" });

describe.each([nobleSuite, nodeSuite])("createIdentity, $name,", (suite) => {
  it("makes everything from random bytes, and a valid profile of at most 14 days", () => {
    const identity = createIdentity(suite, systemRandom, { now: NOW, limits });
    const { instanceTag, publicKey, forgingKey, profile } = identity;
    expect(instanceTag).toBeGreaterThanOrEqual(0x100);
    expect(identity.longTermKey).toHaveLength(57);
    expect(profile).toMatchObject({ instanceTag, publicKey, forgingKey, versions: "4" });
    expect(profile.expires).toBe(BigInt(NOW + 14 * 86400));
    expect(code(validateClientProfile(suite, profile, { now: NOW, senderTag: instanceTag }))).toBe("accepted");
    expect(createIdentity(suite, systemRandom, { now: NOW, limits }).publicKey).not.toEqual(publicKey);
  });

  it("draws long-term key, forging key and tag, in this order, each from its kind", () => {
    const random = queuedRandom({ key: [filled(57, 1), filled(57, 2)], tag: [Uint8Array.of(0xde, 0xad, 0xbe, 0xef)] });
    const identity = createIdentity(suite, random, { now: NOW, limits, keepForgingSecret: true });
    expect(identity).toMatchObject({
      instanceTag: 0xdeadbeef,
      longTermKey: filled(57, 1),
      publicKey: longTermKeyPair(suite, filled(57, 1)).public,
      forgingKey: longTermKeyPair(suite, filled(57, 2)).public,
      forgingSecret: filled(57, 2),
    });
  });

  it("draws another tag while it is below 0x100", () => {
    const tag = [filled(4, 0), Uint8Array.of(0, 0, 0, 0xff), Uint8Array.of(0, 0, 1, 0)];
    const random = queuedRandom({ key: [filled(57, 1), filled(57, 2)], tag });
    expect(createIdentity(suite, random, { now: NOW, limits }).instanceTag).toBe(0x100);
  });

  it("forgets and wipes the forging secret unless asked to keep it", () => {
    const drawn: Uint8Array[] = [];
    const random: Random = (kind, size) => {
      const bytes = systemRandom(kind, size);
      if (kind === "key") drawn.push(bytes);
      return bytes;
    };
    const identity = createIdentity(suite, random, { now: NOW, limits, longTermKey: filled(57, 1) });
    expect("forgingSecret" in identity).toBe(false);
    expect(drawn).toEqual([filled(57, 0)]);
  });

  it("uses what is given and draws nothing then", () => {
    const forgingKey = longTermKeyPair(suite, filled(57, 2)).public;
    const given = { instanceTag: 0x100, longTermKey: filled(57, 1), forgingKey };
    const identity = createIdentity(suite, queuedRandom({}), { now: NOW, limits, ...given });
    expect(identity).toMatchObject(given);
  });

  it("completes the identities of the recorded session to the recorded keys", () => {
    for (const party of Object.values(session.parties)) {
      const profile = value(decodeClientProfile(hex(party.clientProfile), limits));
      const longTermKey = hex(party.longTermKey);
      const identity = createIdentity(suite, queuedRandom({}), { now: NOW, limits, longTermKey, profile });
      expect(toHex(identity.publicKey)).toBe(party.longTermPublicKey);
      expect(toHex(identity.forgingKey)).toBe(party.forgingKey);
      expect(identity.instanceTag.toString(16).padStart(8, "0")).toBe(party.instanceTag);
      expect(identity.profile).toBe(profile);
      expect(toHex(longTermKeyPair(suite, hex(party.forgingSecret)).public)).toBe(party.forgingKey);
    }
  });

  it("survives a structured clone", () => {
    const identity = createIdentity(suite, systemRandom, { now: NOW, limits, keepForgingSecret: true });
    expect(structuredClone(identity)).toEqual(identity);
  });

  it("does not change what it is given", () => {
    const longTermKey = filled(57, 1);
    const forgingKey = longTermKeyPair(suite, filled(57, 2)).public;
    const before = forgingKey.slice();
    createIdentity(suite, systemRandom, { now: NOW, limits, longTermKey, forgingKey });
    expect(longTermKey).toEqual(filled(57, 1));
    expect(forgingKey).toEqual(before);
  });

  const longTermKey = filled(57, 1);
  const publicKey = longTermKeyPair(suite, longTermKey).public;
  const forgingKey = longTermKeyPair(suite, filled(57, 2)).public;
  const fields = { instanceTag: 0x100, publicKey, forgingKey, versions: "4", expires: BigInt(NOW) };
  const profile = makeClientProfile(suite, { ...fields, longTermKey });
  const foreign = makeClientProfile(suite, { ...fields, longTermKey: filled(57, 2) });

  it.each([
    ["a long-term key of 56 bytes", { longTermKey: filled(56, 1) }],
    ["an instance tag below 0x100", { instanceTag: 0xff }],
    ["a fraction for a tag", { instanceTag: 1000.5 }],
    ["a forging key that is no point", { forgingKey: filled(57, 0xff) }],
    ["the neutral element for a forging key", { forgingKey: Uint8Array.from({ length: 57 }, (_, i) => (i ? 0 : 1)) }],
    ["the secret of a given forging key", { forgingKey, keepForgingSecret: true }],
    ["a profile of another tag", { longTermKey, profile, instanceTag: 0x101 }],
    ["a profile of another long-term key", { longTermKey: filled(57, 2), profile }],
    ["a profile of another forging key", { longTermKey, profile, forgingKey: publicKey }],
    ["a profile that somebody else signed", { longTermKey, profile: foreign }],
  ])("refuses %s", (_name, given) => {
    expect(() => createIdentity(suite, systemRandom, { now: NOW, limits, ...given })).toThrow(badArgument);
  });

  it("says when the random source is broken", () => {
    const zeros: Random = (_kind, size) => new Uint8Array(size);
    const options = { now: NOW, limits, longTermKey, forgingKey };
    expect(() => createIdentity(suite, zeros, options)).toThrow(expect.objectContaining({ code: "RANDOM_EXHAUSTED" }));
  });
});

describe("renewIdentity", () => {
  const suite = nobleSuite;
  const identity = createIdentity(suite, systemRandom, { now: NOW, limits, keepForgingSecret: true });
  const due = NOW + limits.profileSeconds - limits.profileRenewSeconds + 1;

  it("gives the very same object while enough time remains", () => {
    expect(renewIdentity(suite, identity, NOW, limits)).toBe(identity);
    expect(renewIdentity(suite, identity, due - 1, limits)).toBe(identity);
  });

  it("makes a new profile over the same tag and keys when it is due", () => {
    const renewed = renewIdentity(suite, identity, due, limits);
    expect(renewed).toEqual({ ...identity, profile: renewed.profile });
    expect(renewed.profile.expires).toBe(BigInt(due + limits.profileSeconds));
    const context = { now: due, senderTag: identity.instanceTag };
    expect(code(validateClientProfile(suite, renewed.profile, context))).toBe("accepted");
    expect(renewIdentity(suite, renewed, due, limits)).toBe(renewed);
  });

  it("renews what expired long ago", () => {
    const later = NOW + 365 * 86400;
    expect(renewIdentity(suite, identity, later, limits).profile.expires).toBe(BigInt(later + limits.profileSeconds));
  });
});

describe.each([nobleSuite, nodeSuite])("randomPointForgingKey, $name,", (suite) => {
  it("takes about one candidate in eight, and gives valid points", () => {
    let draws = 0;
    const random: Random = (kind, size) => {
      expect(kind).toBe("key");
      draws++;
      return systemRandom(kind, size);
    };
    const wanted = 40;
    for (let i = 0; i < wanted; i++) expect(suite.group.isValid(randomPointForgingKey(suite, random))).toBe(true);
    // 40 successes at 1/8 take 320 draws on average, with a standard deviation of 47.
    expect(draws).toBeGreaterThan(320 - 6 * 47);
    expect(draws).toBeLessThan(320 + 8 * 47);
  });

  it("serves as the forging key of an identity", () => {
    const forgingKey = randomPointForgingKey(suite, systemRandom);
    const { profile, instanceTag } = createIdentity(suite, systemRandom, { now: NOW, limits, forgingKey });
    expect(profile.forgingKey).toEqual(forgingKey);
    expect(code(validateClientProfile(suite, profile, { now: NOW, senderTag: instanceTag }))).toBe("accepted");
  });

  it("gives up on a source that is not random", () => {
    const zeros: Random = (_kind, size) => new Uint8Array(size);
    expect(() => randomPointForgingKey(suite, zeros)).toThrow(expect.objectContaining({ code: "RANDOM_EXHAUSTED" }));
  });
});

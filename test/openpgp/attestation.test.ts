// Attestations: accepted when everything holds, refused for what they say or for the key (spec/05, "Attestation").
import { enums, readSignature } from "openpgp";
import { describe, expect, it } from "vitest";
import { concat, toHex, utf8 } from "../../src/bytes.ts";
import { checkAttestation, compareAttestations, makeAttestation } from "../../src/openpgp/attest.ts";
import {
  attestedBytes,
  countersignedBytes,
  decodeAttestation,
  encodeAttestation,
} from "../../src/openpgp/attestation.ts";
import type { OpenPgpIdentity } from "../../src/openpgp/identity.ts";
import { makeClientProfile } from "../../src/profile/client.ts";
import { DAY, device, EXPIRED, identity, limits, NOW, publicKey, REVOKED, sealer, suite, value } from "./fixtures.ts";
import { attest, forge, ours, phone, signer, whyNot } from "./forgery.ts";

describe("an attestation", () => {
  it.each(["alice", "carol", "dave", "erin", "signingSubkeyExpiring"] as const)("by %s is accepted", async (name) => {
    const attestation = await attest(name);
    const by = await sealer("bob");
    const attested = value(await by.checkAttestation(attestation, await publicKey(name)));
    expect(attested.profile).toEqual(phone.profile);
    expect(attested).toMatchObject({ signedAt: NOW, extensions: [], key: { id: (await publicKey(name)).id } });
  });

  it("is what the design says, signed over nothing else", async () => {
    const { id } = await publicKey("alice");
    const attestation = value(decodeAttestation(await attest("alice"), limits));
    const text = "sottovoce: OpenPGP key attests OTR client profile, 1\0";
    expect(attestedBytes(attestation)).toEqual(concat(utf8(text), id, phone.profile.encoded));
    const back = "sottovoce: OTR long-term key confirms OpenPGP key, 1\0";
    expect(countersignedBytes(attestation)).toEqual(concat(utf8(back), id));
    expect(suite.group.verify(phone.publicKey, countersignedBytes(attestation), attestation.countersignature)).toBe(
      true,
    );
    const { packets } = await readSignature({ binarySignature: attestation.signature });
    expect(packets).toHaveLength(1);
    expect(packets[0]).toMatchObject({ signatureType: enums.signature.binary, unknownSubpackets: [] });
    expect(packets[0]?.rawNotations.filter(({ critical }) => critical)).toEqual([
      { name: "attestation@sottovoce.alt", value: utf8("1"), humanReadable: true, critical: true },
    ]);
  });

  it("holds until its profile expires, and no second longer", async () => {
    const attestation = await attest("alice");
    expect(await whyNot(attestation, "alice", NOW + 14 * DAY - 1)).toBe("accepted");
    expect(await whyNot(attestation, "alice", NOW + 14 * DAY)).toMatch(/profile has expired/);
  });

  it("may come from a clock that is an hour ahead, not from one that is more", async () => {
    const attestation = await attest("alice", NOW, device(1, NOW - DAY));
    expect(await whyNot(attestation, "alice", NOW - 3600)).toBe("accepted");
    expect(await whyNot(attestation, "alice", NOW - 3601)).toMatch(/future/);
  });
});

describe("refused because of the OpenPGP key:", () => {
  it("expired", async () => {
    const attestation = await attest("expiring");
    expect(await whyNot(attestation, "expiring")).toBe("accepted");
    expect(await whyNot(attestation, "expiring", EXPIRED)).toMatch(/expired, revoked or not for signing now/);
  });

  it("compromised and revoked, whenever it signed", async () => {
    const attestation = await attest("revoked");
    expect(await whyNot(attestation, "revoked", NOW)).toMatch(/key was not valid then/);
    expect(await whyNot(attestation, "revoked", REVOKED)).toMatch(/key was not valid then/);
  });

  it("superseded and revoked after it signed", async () => {
    const attestation = await attest("superseded");
    expect(await whyNot(attestation, "superseded", NOW)).toBe("accepted");
    expect(await whyNot(attestation, "superseded", REVOKED)).toMatch(/expired, revoked or not for signing now/);
  });

  it("signing subkey expired", async () => {
    const attestation = await attest("signingSubkeyExpiring");
    expect(await whyNot(attestation, "signingSubkeyExpiring", EXPIRED)).toMatch(/or its subkey that signed/);
  });

  it("signing subkey revoked", async () => {
    const attestation = await attest("signingSubkeyRevoked");
    expect(await whyNot(attestation, "signingSubkeyRevoked", NOW)).toBe("accepted");
    expect(await whyNot(attestation, "signingSubkeyRevoked", REVOKED)).toMatch(/or its subkey that signed/);
  });

  it("foreign: another account's attestation", async () => {
    expect(await whyNot(await attest("bob"))).toMatch(/another OpenPGP key than the pinned one/);
  });

  it("foreign: the right fingerprint, signed by another key", async () => {
    const mallory: OpenPgpIdentity = { ...(await identity("bob")), publicKey: await publicKey("alice") };
    expect(await whyNot(await forge({ by: mallory }))).toMatch(/does not verify/);
  });

  it("foreign: the right fingerprint and key id, and a signature that is not the key's", async () => {
    const attestation = await forge({ by: await signer("alice", { notations: [ours] }) });
    expect(await whyNot(attestation)).toBe("accepted");
    const lastOfSignature = attestation.length - 114 - 1;
    const altered = attestation.map((byte, i) => (i === lastOfSignature ? byte ^ 1 : byte));
    expect(await whyNot(altered)).toMatch(/does not verify/);
  });
});

describe("refused because of what it says:", () => {
  it("an altered profile", async () => {
    const attestation = await attest("alice");
    const { instanceTag, publicKey: H, forgingKey, versions, expires } = phone.profile;
    const fields = { instanceTag, publicKey: H, forgingKey, versions, expires: expires - 1n };
    const altered = makeClientProfile(suite, { ...fields, longTermKey: phone.longTermKey });
    const { signature } = value(decodeAttestation(attestation, limits));
    expect(await whyNot(await forge({ attestation: { profile: altered, signature } }))).toMatch(/does not verify/);
    const at = attestation.findIndex((_, i) => toHex(attestation.subarray(i, i + 57)) === toHex(phone.publicKey));
    expect(at).toBeGreaterThan(0);
    expect(await whyNot(attestation.map((byte, i) => (i === at ? byte ^ 1 : byte)))).toMatch(/point|signature/);
  });

  it("an altered countersignature", async () => {
    const attestation = await attest("alice");
    const at = attestation.length - 100;
    expect(await whyNot(attestation.map((byte, i) => (i === at ? byte ^ 1 : byte)))).toMatch(/countersignature/);
  });

  it("somebody else's profile: no countersignature can be had", async () => {
    const laptop = device(2);
    const by = await identity("alice");
    const options = { now: NOW, limits };
    await expect(makeAttestation(suite, by, phone.profile, laptop.longTermKey, options)).rejects.toMatchObject({
      code: "OPENPGP",
    });
  });

  it("a countersignature for another account", async () => {
    const { countersignature } = value(decodeAttestation(await attest("bob"), limits));
    expect(await whyNot(await forge({ attestation: { countersignature } }))).toMatch(/countersignature/);
  });

  it("another account's fingerprint", async () => {
    const { id } = await publicKey("bob");
    expect(await whyNot(await forge({ attestation: { keyId: id } }))).toMatch(/another OpenPGP key/);
    expect(await whyNot(await forge({ attestation: { keyId: id } }), "bob")).toMatch(/countersignature/);
  });

  it("a profile that lives longer than an attestation may", async () => {
    const { instanceTag, publicKey: H, forgingKey, versions } = phone.profile;
    const expires = BigInt(NOW + 14 * DAY + 1);
    const fields = { instanceTag, publicKey: H, forgingKey, versions, expires };
    const long = { ...phone, profile: makeClientProfile(suite, { ...fields, longTermKey: phone.longTermKey }) };
    await expect(attest("alice", NOW, long)).rejects.toThrow(/valid for longer/);
  });

  it("a critical extension that is unknown; others are handed on", async () => {
    const plain = { type: 0x7fff, value: utf8("later") };
    expect(await whyNot(await forge({ extensions: [plain, { type: 0x8000, value: utf8("") }] }))).toMatch(/critical/);
    const checked = await (await sealer("bob")).checkAttestation(
      await forge({ extensions: [plain] }),
      await publicKey("alice"),
    );
    expect(value(checked).extensions).toEqual([plain]);
  });

  it("extensions that only one of the two signatures covers", async () => {
    const extensions = [{ type: 1, value: utf8("later") }];
    const none = value(decodeAttestation(await forge(), limits));
    const { signature, countersignature } = none;
    expect(await whyNot(await forge({ extensions, attestation: { signature } }))).toMatch(/OpenPGP signature does not/);
    expect(await whyNot(await forge({ extensions, attestation: { countersignature } }))).toMatch(/countersignature/);
    const stripped = value(decodeAttestation(await forge({ extensions }), limits));
    expect(await whyNot(encodeAttestation({ ...stripped, extensions: [] }))).toMatch(/countersignature/);
  });
});

describe("of several attestations of one instance tag", () => {
  const check = async (attestation: Uint8Array, known?: Uint8Array) => {
    const alice = await publicKey("alice");
    const options = { now: NOW + DAY, limits };
    const before = known && value(await checkAttestation(suite, known, alice, options));
    return checkAttestation(suite, attestation, alice, { ...options, ...(before && { known: before }) });
  };

  it("the one signed later is in force, and an older one is a replay", async () => {
    const old = await attest("alice", NOW, device(1, NOW));
    const renewed = await attest("alice", NOW + 10, device(1, NOW + 10));
    expect(await check(renewed, old)).toMatchObject({ ok: true });
    expect(await check(old, renewed)).toMatchObject({ code: "BAD_ATTESTATION", why: expect.stringMatching(/older/) });
    expect(await check(old, old)).toMatchObject({ ok: true });
  });

  it("of two signed at the same time the one that holds longer is", async () => {
    const short = value(await check(await attest("alice", NOW, device(1, NOW - 5))));
    const long = value(await check(await attest("alice", NOW, device(1, NOW))));
    expect(compareAttestations(long, short)).toBeGreaterThan(0);
    expect(compareAttestations(short, long)).toBeLessThan(0);
    expect(compareAttestations(long, long)).toBe(0);
    expect(compareAttestations({ ...short, signedAt: NOW + 1 }, long)).toBeGreaterThan(0);
  });

  it("those of other devices do not count", async () => {
    const old = await attest("alice", NOW, device(1, NOW));
    const other = await attest("alice", NOW + 10, device(2, NOW + 10));
    expect(await check(old, other)).toMatchObject({ ok: true });
  });
});

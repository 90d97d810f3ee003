// OpenPGP keys: reading, naming and judging them (spec/05, "Keys").

import { readKey } from "openpgp";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/bytes.ts";
import { canEncryptTo, identityFromKey, readPublicKey } from "../../src/openpgp/index.ts";
import { EXPIRED, identity, keys, limits, NOW, publicKey, REVOKED, value } from "./fixtures.ts";

describe("reading a public key", () => {
  it.each([
    ["alice", 4, 20],
    ["erin", 4, 20],
    ["carol", 6, 32],
  ] as const)("of %s: version %d, fingerprint of %d bytes", async (name, version, size) => {
    const key = await publicKey(name);
    const { keyPacket } = await readKey({ armoredKey: keys[name].publicKey });
    expect(key.version).toBe(version);
    expect(key.fingerprint.length).toBe(size);
    expect(toHex(key.fingerprint)).toBe(keyPacket.getFingerprint());
    expect(key.id).toEqual(Uint8Array.of(version, ...key.fingerprint));
  });

  it("takes binary and armored alike", async () => {
    const key = await publicKey("alice");
    expect(value(await readPublicKey(key.bytes, limits))).toEqual(key);
  });

  it("keeps nothing secret of a private key", async () => {
    const key = value(await readPublicKey(keys.alice.privateKey, limits));
    expect(key).toEqual(await publicKey("alice"));
    expect((await readKey({ binaryKey: key.bytes })).isPrivate()).toBe(false);
  });

  it("refuses two keys, none, and garbage", async () => {
    const two = new Uint8Array([...(await publicKey("alice")).bytes, ...(await publicKey("bob")).bytes]);
    for (const bad of [
      two,
      new Uint8Array(0),
      "",
      "hello",
      utf8("hello"),
      (await publicKey("alice")).bytes.slice(0, 60),
    ]) {
      expect(await readPublicKey(bad, limits)).toMatchObject({ ok: false, code: "MALFORMED" });
    }
  });

  it("refuses what is too large before it parses it", async () => {
    const { bytes } = await publicKey("alice");
    expect(await readPublicKey(bytes, { ...limits, openpgpBytes: 100 })).toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("encrypting to a key", () => {
  it.each(["alice", "carol", "dave", "erin"] as const)("is possible: %s", async (name) => {
    expect(await canEncryptTo(await publicKey(name), NOW)).toBe(true);
  });

  it.each([
    ["expiring", NOW, true],
    ["expiring", EXPIRED, false],
    ["encryptionSubkeyExpiring", NOW, true],
    ["encryptionSubkeyExpiring", EXPIRED, false],
    ["signingSubkeyExpiring", EXPIRED, true],
    ["superseded", NOW, true],
    ["superseded", REVOKED, false],
    ["revoked", REVOKED, false],
    // A compromised key was never good, whatever the date of its revocation.
    ["revoked", NOW, false],
    ["alice", Date.UTC(2023, 0, 1) / 1000, false],
  ] as const)("%s at %d: %s", async (name, now, expected) => {
    expect(await canEncryptTo(await publicKey(name), now)).toBe(expected);
  });

  it("is refused for a key that was not read here", async () => {
    const key = { ...(await publicKey("alice")) };
    await expect(canEncryptTo(key, NOW)).rejects.toMatchObject({ code: "OPENPGP_KEY" });
  });
});

describe("an identity", () => {
  it("has the public key of its private key", async () => {
    expect((await identity("carol")).publicKey.id).toEqual((await publicKey("carol")).id);
  });

  it("is unlocked by its passphrase only", async () => {
    expect((await identity("locked")).publicKey.version).toBe(4);
    for (const passphrase of [undefined, "wrong"]) {
      await expect(identityFromKey(keys.locked.privateKey, passphrase)).rejects.toMatchObject({ code: "OPENPGP_KEY" });
    }
  });

  it("is made of exactly one private key", async () => {
    for (const bad of [keys.alice.publicKey, "hello", new Uint8Array(3)]) {
      await expect(identityFromKey(bad)).rejects.toMatchObject({ code: "OPENPGP_KEY" });
    }
  });
});

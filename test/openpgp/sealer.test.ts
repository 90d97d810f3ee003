// The sealer with keys of both versions (spec/05, "The OpenPGP message").
import { generateKey } from "openpgp";
import { expect, test } from "vitest";
import { longTermKeyPair } from "../../src/crypto/keys.ts";
import { suite } from "../../src/crypto/node.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createSealer, identityFromKey } from "../../src/openpgp/index.ts";
import { assembleProfile, encodeProfileFields } from "../../src/wire/client-profile.ts";

test("seals, opens and attests with keys of both versions", async () => {
  const gen = async (v6: boolean) =>
    (
      await generateKey({
        userIDs: { email: "a@example.org" },
        format: "object",
        ...(v6
          ? { type: "curve25519" as const, config: { v6Keys: true, aeadProtect: true } }
          : { type: "ecc" as const, curve: "ed25519Legacy" as const }),
      })
    ).privateKey;
  for (const [a, b] of [
    [false, false],
    [true, false],
    [true, true],
  ] as const) {
    const alice = await identityFromKey(await gen(a));
    const bob = await identityFromKey(await gen(b));
    const now = Math.floor(Date.now() / 1000);
    const clock = () => now + 1;
    const sa = createSealer({ suite, identity: alice, limits: defaultLimits, clock });
    const sb = createSealer({ suite, identity: bob, limits: defaultLimits, clock });
    const m = await sa.seal(bob.publicKey, new Uint8Array(100).fill(7));
    const o = await sb.open(m);
    expect(o.ok).toBe(true);
    expect((await sa.open(m)).ok).toBe(true);
    const key = new Uint8Array(57).fill(3);
    const forge = longTermKeyPair(suite, new Uint8Array(57).fill(4)).public;
    const fields = {
      instanceTag: 0x100,
      publicKey: longTermKeyPair(suite, key).public,
      forgingKey: forge,
      versions: "4",
      expires: BigInt(now + 14 * 86400 - 10),
    };
    const profile = assembleProfile(fields, suite.group.sign(key, encodeProfileFields(fields)));
    const att = await sa.attest(profile, key);
    const c = await sb.checkAttestation(att, alice.publicKey);
    expect(c.ok).toBe(true);
    expect((await sb.checkAttestation(att, bob.publicKey)).ok).toBe(false);
  }
});

// Bad handshake messages, each its own test: a typed event, the very same endpoint, inputs unmutated, nothing thrown,
// nothing sent but at most an error message. On the real groups.
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { makeClientProfile } from "../../src/profile/client.ts";
import { receive } from "../../src/session/receive.ts";
import type { Env } from "../../src/session/step.ts";
import { armor } from "../../src/wire/armor.ts";
import { encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { encodeAuthRMessage } from "../../src/wire/auth-r-message.ts";
import { encodeIdentityMessage } from "../../src/wire/identity-message.ts";
import { bytesOf, messageOf, only, type Player, strangers } from "../support/players.ts";
import { badDhKeys, conversation, plusOrder, points, type Refused, refusal, silent } from "./refusal.ts";

const { bob, alice, fresh, offering, answering, established, identity, authR, authI } = conversation();

describe("an Identity", () => {
  const message = messageOf(identity, "identity");
  const refused = (changes: Partial<typeof message>, player: Player = alice): Refused =>
    refusal(fresh, armor(encodeIdentityMessage({ ...message, ...changes })), player.env);

  describe.each(["ecdh", "firstEcdh"] as const)("with %s", (field) => {
    it.each(points)("%s", (_, point) => {
      expect(refused({ [field]: point })).toEqual(silent("BAD_POINT"));
    });
  });

  describe.each(["dh", "firstDh"] as const)("with %s", (field) => {
    it.each(badDhKeys)("%s", (_, key) => {
      expect(refused({ [field]: key })).toEqual(silent("BAD_DH_KEY"));
    });
  });

  describe("with a profile", () => {
    const { instanceTag, longTermKey, publicKey, forgingKey, profile } = bob.env.identity;
    const fields = { instanceTag, longTermKey, publicKey, forgingKey, versions: "4", expires: profile.expires };

    it("that has expired", () => {
      const late = { ...alice.env, now: Number(profile.expires) };
      expect(refusal(fresh, identity, late)).toEqual(silent("EXPIRED_PROFILE"));
    });

    it("of another device", () => {
      const other = makeClientProfile(suite, { ...fields, instanceTag: instanceTag - 1 });
      expect(refused({ profile: other })).toEqual(silent("WRONG_TAG"));
    });

    it("with any byte of it changed", () => {
      const { encoded } = profile;
      const codes = new Set<string>();
      for (let i = 0; i < encoded.length; i += 7) {
        const altered = encoded.with(i, (encoded[i] as number) ^ 4);
        codes.add(refused({ profile: { ...profile, encoded: altered } }).code);
      }
      const expected = ["BAD_POINT", "BAD_PROFILE", "BAD_SIGNATURE", "MALFORMED", "TOO_LARGE", "WRONG_TAG"];
      for (const code of codes) expect(expected).toContain(code);
      expect(codes).toContain("BAD_SIGNATURE");
    });

    it("of ours", () => {
      const { profile: ours } = alice.env.identity;
      expect(refused({ profile: ours })).toEqual(silent("OWN_KEY"));
      expect(refusal(fresh, alice.start(), alice.env)).toEqual(silent("WRONG_TAG"));
    });

    it("whose forging key has a low order", () => {
      const point = (points[1] as [string, Uint8Array])[1];
      expect(refused({ profile: makeClientProfile(suite, { ...fields, forgingKey: point }) })).toEqual(
        silent("BAD_POINT"),
      );
    });
  });

  it("with wrong tags", () => {
    expect(refused({ senderTag: alice.tag })).toEqual(silent("WRONG_TAG"));
    expect(refused({ receiverTag: alice.tag - 1 })).toEqual(silent("WRONG_TAG"));
    const bytes = bytesOf(identity);
    for (const tag of [0, 1, 0xff]) {
      const low = Uint8Array.of(...bytes.subarray(0, 3), 0, 0, 0, tag, ...bytes.subarray(7));
      expect(refusal(fresh, armor(low), alice.env)).toEqual(silent("WRONG_TAG"));
    }
    const toNobody = Uint8Array.of(...bytes.subarray(0, 7), 0, 0, 0, 1, ...bytes.subarray(11));
    expect(refusal(fresh, armor(toNobody), alice.env)).toEqual(silent("WRONG_TAG"));
  });
});

describe("an Auth-R", () => {
  const message = messageOf(authR, "auth-r");
  const refused = (changes: Partial<typeof message>, env: Env = bob.env): Refused =>
    refusal(offering, armor(encodeAuthRMessage({ ...message, ...changes })), env);

  describe.each(["ecdh", "firstEcdh"] as const)("with %s", (field) => {
    it.each(points)("%s", (_, point) => {
      expect(refused({ [field]: point })).toEqual(silent("BAD_POINT"));
    });
  });

  describe.each(["dh", "firstDh"] as const)("with %s", (field) => {
    it.each(badDhKeys)("%s", (_, key) => {
      expect(refused({ [field]: key })).toEqual(silent("BAD_DH_KEY"));
    });
  });

  it("with a ring signature of scalars of q and more", () => {
    for (const at of [0, 57, 114, 171, 228, 285]) {
      expect(refused({ ringSignature: plusOrder(message.ringSignature, at) })).toEqual(silent("BAD_SIGNATURE"));
    }
    expect(refused({ ringSignature: new Uint8Array(342).fill(0xff) })).toEqual(silent("BAD_SIGNATURE"));
    expect(refused({ ringSignature: new Uint8Array(342) })).toEqual(silent("BAD_SIGNATURE"));
  });

  it("with somebody else's ring signature", () => {
    const { ringSignature } = messageOf(authI, "auth-i");
    expect(refused({ ringSignature })).toEqual(silent("BAD_SIGNATURE"));
  });

  it("made elsewhere", () => {
    const { context } = bob.env;
    const other = strangers({ suite, shared: [utf8("another chat")] });
    const [elsewhere] = other;
    const step = receive(elsewhere.endpoint, authR, { ...elsewhere.env, identity: bob.env.identity });
    expect(step.events).toMatchObject([{ type: "rejected", code: "UNEXPECTED" }]);
    const offer = elsewhere.start();
    const answer = receive(fresh, offer, { ...alice.env, context: { ...alice.env.context, theirs: utf8("carol") } });
    expect(refusal(elsewhere.endpoint, only(answer.send), elsewhere.env)).toEqual(silent("BAD_SIGNATURE"));
    expect(context).toEqual(bob.env.context);
  });

  it("with an expired profile, or ours", () => {
    const late = { ...bob.env, now: Number(message.profile.expires) };
    expect(refused({}, late)).toEqual(silent("EXPIRED_PROFILE"));
    expect(refused({ profile: bob.env.identity.profile })).toEqual(silent("OWN_KEY"));
  });

  it("with no receiver, or another one", () => {
    expect(refused({ receiverTag: bob.tag - 1 })).toEqual(silent("WRONG_TAG"));
    const bytes = bytesOf(authR);
    const toAll = Uint8Array.of(...bytes.subarray(0, 7), 0, 0, 0, 0, ...bytes.subarray(11));
    expect(refusal(offering, armor(toAll), bob.env)).toEqual(silent("WRONG_TAG"));
  });

  it("that nobody asked for", () => {
    const [nobody] = strangers({ suite });
    expect(refusal(nobody.endpoint, authR, nobody.env)).toEqual(silent("UNEXPECTED"));
    expect(refusal(bob.endpoint, authR, bob.env)).toEqual(silent("UNEXPECTED"));
  });
});

describe("an Auth-I", () => {
  const message = messageOf(authI, "auth-i");
  const refused = (changes: Partial<typeof message>): Refused =>
    refusal(answering, armor(encodeAuthIMessage({ ...message, ...changes })), alice.env);

  it("with a ring signature of scalars of q and more", () => {
    for (const at of [0, 57, 114, 171, 228, 285]) {
      expect(refused({ ringSignature: plusOrder(message.ringSignature, at) })).toEqual(silent("BAD_SIGNATURE"));
    }
  });

  it("with any scalar changed, or Auth-R's signature", () => {
    for (const at of [0, 57, 114, 171, 228, 285]) {
      const ringSignature = message.ringSignature.with(at, (message.ringSignature[at] as number) ^ 1);
      expect(refused({ ringSignature })).toEqual(silent("BAD_SIGNATURE"));
    }
    const { ringSignature } = messageOf(authR, "auth-r");
    expect(refused({ ringSignature })).toEqual(silent("BAD_SIGNATURE"));
  });

  it("from another device, or for one", () => {
    expect(refused({ senderTag: bob.tag - 1 })).toEqual(silent("UNEXPECTED"));
    expect(refused({ receiverTag: alice.tag - 1 })).toEqual(silent("WRONG_TAG"));
  });

  it("that nobody waits for, or that came before", () => {
    expect(refusal(fresh, authI, alice.env)).toEqual(silent("UNEXPECTED"));
    expect(refusal(established, authI, alice.env)).toEqual(silent("UNEXPECTED"));
  });
});

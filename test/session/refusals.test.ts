// Bad input, each its own test: a typed event, the very same endpoint, inputs unmutated, nothing thrown, nothing sent but
// at most an error message. On the real groups.
import { describe, expect, it } from "vitest";
import { EMPTY, utf8 } from "../../src/bytes.ts";
import { DH_PRIME } from "../../src/crypto/dh3072.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { encodeScalar } from "../../src/crypto/scalar.ts";
import type { RejectionCode } from "../../src/errors.ts";
import { makeClientProfile } from "../../src/profile/client.ts";
import { receive } from "../../src/session/receive.ts";
import type { Env, SessionEvent } from "../../src/session/step.ts";
import type { Endpoint } from "../../src/session/types.ts";
import { armor, errorMessage } from "../../src/wire/armor.ts";
import { encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { encodeAuthRMessage } from "../../src/wire/auth-r-message.ts";
import { type DataMessage, encodeDataMessage, encodeSections } from "../../src/wire/data-message.ts";
import { encodeIdentityMessage } from "../../src/wire/identity-message.ts";
import { badPoints } from "../crypto/points.ts";
import { bytesOf, dataOf, messageOf, only, type Player, strangers, tell } from "../support/players.ts";

interface Refused {
  readonly code: RejectionCode;
  readonly unreadable: boolean;
  readonly send: readonly string[];
}

/** Receives a text, expects a refusal that leaves no trace, and tells what it was. */
function refusal(endpoint: Endpoint, text: string, env: Env): Refused {
  const copy = structuredClone([endpoint, env.identity, env.context]);
  const step = receive(endpoint, text, env);
  expect(step.endpoint).toBe(endpoint);
  expect([endpoint, env.identity, env.context]).toEqual(copy);
  expect(step.wipe).toEqual([]);
  const event = only(step.events) as Extract<SessionEvent, { type: "rejected" }>;
  expect(event.type).toBe("rejected");
  expect(event.why).toMatch(/^[\x20-\x7e]+$/);
  const { code, unreadable } = event;
  return { code, unreadable, send: step.send };
}

const silent = (code: RejectionCode): Refused => ({ code, unreadable: false, send: [] });

/** Everything that a handshake and its first words bring about, with a copy of the receiver's state before each. */
function conversation() {
  const [bob, alice] = strangers({ suite });
  const fresh = structuredClone(alice.endpoint);
  const identity = bob.start();
  const offering = structuredClone(bob.endpoint);
  const authR = only(alice.receive(identity).send);
  const answering = structuredClone(alice.endpoint);
  const authI = only(bob.receive(authR).send);
  alice.receive(authI);
  const established = structuredClone(alice.endpoint);
  const data = bob.say("ratchet 0");
  return { bob, alice, fresh, offering, answering, established, identity, authR, authI, data };
}

const { bob, alice, fresh, offering, answering, established, identity, authR, authI, data } = conversation();
const points = badPoints.filter(([, point]) => point.length === 57);

const mpi = (value: bigint): Uint8Array => {
  const hex = value.toString(16);
  return Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
};

const badDhKeys: [string, Uint8Array][] = [
  ["0", EMPTY],
  ["0 as a byte", Uint8Array.of(0)],
  ["1", Uint8Array.of(1)],
  ["p − 1", mpi(DH_PRIME - 1n)],
  ["p", mpi(DH_PRIME)],
  ["p + 4", mpi(DH_PRIME + 4n)],
  ["a non-residue", mpi(DH_PRIME - 4n)],
  ["leading zeros", Uint8Array.of(0, 0, 4)],
  ["385 bytes", new Uint8Array(385).fill(1)],
];

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

describe("a data message", () => {
  const message = dataOf(data);
  const encode = (changes: Partial<DataMessage>): string => {
    const fields = { ...message, ...changes };
    return armor(encodeDataMessage(encodeSections(fields), fields.mac, fields.revealed));
  };
  const refused = (changes: Partial<DataMessage>): Refused => refusal(established, encode(changes), alice.env);
  const unread = (code: RejectionCode): Refused => ({ code, unreadable: true, send: [errorMessage(1)] });

  it.each(points)("with %s", (_, ecdh) => {
    expect(refused({ ecdh })).toEqual(unread("BAD_POINT"));
  });

  // Those that are no MPI are malformed; there the peer is told so.
  it.each(badDhKeys)("with the DH key %s", (_, dh) => {
    const malformed = dh[0] === 0 || dh.length > 384;
    expect(refused({ dh })).toEqual(
      malformed ? { code: "BAD_DH_KEY", unreadable: false, send: [errorMessage(3)] } : unread("BAD_DH_KEY"),
    );
  });

  it.each([
    ["j", { messageId: 0xffffffff }, "TOO_MANY_SKIPPED"],
    ["the ratchet id", { ratchetId: 0xffffffff }, "NO_KEY"],
    ["pn, which says nothing before there was a ratchet", { previousCount: 0xffffffff }, "BAD_MAC"],
  ] as const)("with 2^32 − 1 as %s", (_, change, code) => {
    expect(refused(change)).toEqual(unread(code));
  });

  it("with 2^32 − 1 as pn in a later ratchet", () => {
    const [a, b] = strangers({ suite });
    const [one] = b.receive(a.start()).send;
    b.receive(only(a.receive(one as string).send));
    tell(a, b, "0");
    tell(b, a, "1");
    const next = dataOf(a.say("2"));
    const sections = encodeSections({ ...next, previousCount: 0xffffffff });
    const text = armor(encodeDataMessage(sections, next.mac, []));
    expect(refusal(b.endpoint, text, b.env)).toEqual(unread("TOO_MANY_SKIPPED"));
  });

  it("with anything under the MAC changed", () => {
    for (const change of [{ flags: 2 }, { messageId: 1 }, { ciphertext: EMPTY }, { mac: new Uint8Array(64) }]) {
      expect(refused(change)).toEqual(unread("BAD_MAC"));
    }
  });

  it("that asks for silence when it cannot be read", () => {
    expect(refused({ flags: 1 })).toEqual(silent("BAD_MAC"));
  });

  it("with no receiver, or a wrong one", () => {
    const bytes = bytesOf(data);
    const toAll = Uint8Array.of(...bytes.subarray(0, 7), 0, 0, 0, 0, ...bytes.subarray(11));
    expect(refusal(established, armor(toAll), alice.env).code).toBe("WRONG_TAG");
    expect(refused({ receiverTag: alice.tag - 1 })).toEqual(silent("WRONG_TAG"));
    expect(refused({ senderTag: alice.tag })).toEqual(silent("WRONG_TAG"));
  });

  it("of a device we have no conversation with", () => {
    const told = { code: "NO_KEY", unreadable: true, send: [errorMessage(2)] };
    expect(refused({ senderTag: bob.tag - 1 })).toEqual(told);
    expect(refusal(fresh, data, alice.env)).toEqual(told);
  });

  it("that came before", () => {
    const step = receive(established, data, alice.env);
    expect(refusal(step.endpoint, data, alice.env)).toEqual(silent("DUPLICATE"));
  });
});

describe("the layout", () => {
  const all: [string, Endpoint, string, Env][] = [
    ["an Identity", fresh, identity, alice.env],
    ["an Auth-R", offering, authR, bob.env],
    ["an Auth-I", answering, authI, alice.env],
    ["a data message", established, data, alice.env],
  ];

  it.each(all)("of %s cut off anywhere", (kind, endpoint, text, env) => {
    const bytes = bytesOf(text);
    for (let length = 0; length < bytes.length; length += length < 30 || length > bytes.length - 5 ? 1 : 13) {
      const { code, send } = refusal(endpoint, armor(bytes.subarray(0, length)), env);
      expect(["MALFORMED", "BAD_PROFILE", "BAD_DH_KEY"], `${kind} of ${length}`).toContain(code);
      expect(send.length).toBeLessThanOrEqual(1);
      for (const reply of send) expect(reply).toBe(errorMessage(3));
    }
  });

  it.each(all)("of %s with something after it", (_, endpoint, text, env) => {
    const longer = armor(Uint8Array.of(...bytesOf(text), 0));
    expect(refusal(endpoint, longer, env).code).toBe("MALFORMED");
  });

  it.each(all)("of %s in another version", (_, endpoint, text, env) => {
    const bytes = bytesOf(text);
    for (const version of [0, 3, 5, 0x104]) {
      const other = armor(Uint8Array.of(version >> 8, version & 0xff, ...bytes.subarray(2)));
      expect(refusal(endpoint, other, env)).toEqual(silent("UNSUPPORTED_VERSION"));
    }
  });

  it.each(all)("of %s as another type", (_, endpoint, text, env) => {
    const bytes = bytesOf(text);
    for (const type of [0, 0x02, 0x08, 0x34, 0x38, 0xff]) {
      expect(refusal(endpoint, armor(bytes.with(2, type)), env)).toEqual(silent("UNSUPPORTED_TYPE"));
    }
    const { code, send } = refusal(endpoint, armor(bytes.with(2, 0x8d)), env);
    expect(["UNSUPPORTED_TYPE", "WRONG_TAG"]).toContain(code);
    expect(send).toEqual([]);
  });

  it("of the armor", () => {
    const bad = ["?OTR:", "?OTR:.", "?OTR:AAQ1", "?OTR:AAQ1*.", "?OTR:AAQ.", `${identity} `, `?OTR:${"A".repeat(8)}`];
    for (const text of bad) expect(refusal(fresh, text, alice.env)).toEqual(silent("MALFORMED"));
    const large = `?OTR:${"A".repeat(alice.env.limits.messageChars)}.`;
    expect(refusal(fresh, large, alice.env)).toEqual(silent("TOO_LARGE"));
  });

  it("of a fragment", () => {
    const bad = ["?OTR|", "?OTR|1|100|0,1,1,", "?OTR|1|100|0,0,1,x,", "?OTR|1|100|0,2,1,x,", "?OTR|1|100|0,1,99999,x,"];
    for (const text of bad) expect(refusal(fresh, text, alice.env)).toEqual(silent("MALFORMED"));
    expect(refusal(fresh, "?OTR|100|0,1,2,x,", alice.env)).toEqual(silent("UNSUPPORTED_VERSION"));
    expect(refusal(fresh, "?OTR|1|100|0,1,5000,x,", alice.env)).toEqual(silent("TOO_LARGE"));
  });
});

function plusOrder(signature: Uint8Array, at: number): Uint8Array {
  const out = signature.slice();
  let scalar = 0n;
  for (let i = 56; i >= 0; i--) scalar = (scalar << 8n) | BigInt(signature[at + i] as number);
  out.set(encodeScalar(scalar + suite.group.order), at);
  return out;
}

import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/bytes.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import type { Random, RandomKind } from "../../src/crypto/random.ts";
import { encodeScalar } from "../../src/crypto/scalar.ts";
import { answerIdentity, checkAuthI } from "../../src/dake/answer.ts";
import { identityHash, offerIdentity } from "../../src/dake/offer.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createIdentity, renewIdentity } from "../../src/profile/identity.ts";
import { encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { encodeAuthRMessage } from "../../src/wire/auth-r-message.ts";
import { encodeIdentityMessage } from "../../src/wire/identity-message.ts";
import { decodeMessage } from "../../src/wire/messages.ts";
import { NOW } from "../support/players.ts";
import { toySuite } from "../support/toy-suite.ts";
import { code, value } from "../wire/results.ts";
import { answeredHandshake, complete, type Handshake, party } from "./parties.ts";

function counting(random: Random): { random: Random; draws: RandomKind[] } {
  const draws: RandomKind[] = [];
  return {
    draws,
    random: (kind, size) => {
      draws.push(kind);
      return random(kind, size);
    },
  };
}

describe.each([toySuite, nodeSuite])("a handshake on $name", (suite) => {
  const handshake = answeredHandshake(suite);
  const { bob, alice, offered, authR, answered } = handshake;

  it("gives both the same secret, and each a good signature of the other", () => {
    const { message, secret } = value(complete(handshake));
    expect(toHex(secret)).toBe(toHex(answered.secret));
    expect(secret.length).toBe(64);
    expect(value(checkAuthI(suite, answered, message))).toBe(true);
  });

  it("has tags of the sender's device and the receiver's, none in an Identity to everybody", () => {
    const [b, a] = [bob.identity.instanceTag, alice.identity.instanceTag];
    const { message } = value(complete(handshake));
    expect([offered.message, authR, message].map(({ senderTag, receiverTag }) => [senderTag, receiverTag])).toEqual([
      [b, 0],
      [a, b],
      [b, a],
    ]);
  });

  it("leaves no secret of the handshake's own keys with Alice", () => {
    expect(Object.keys(answered).sort()).toEqual(
      ["ourFirstDh", "ourFirstEcdh", "peer", "ring", "secret", "theirFirstDh", "theirFirstEcdh", "transcript"].sort(),
    );
    expect(toHex(answered.ourFirstEcdh.public)).toBe(toHex(authR.firstEcdh));
    expect(toHex(answered.ourFirstDh.public)).toBe(toHex(authR.firstDh));
    expect(toHex(answered.theirFirstEcdh)).toBe(toHex(offered.message.firstEcdh));
    expect(toHex(answered.theirFirstDh)).toBe(toHex(offered.message.firstDh));
  });

  it("travels", () => {
    const { message } = value(complete(handshake));
    const all = [
      [offered.message, encodeIdentityMessage(offered.message)],
      [authR, encodeAuthRMessage(authR)],
      [message, encodeAuthIMessage(message)],
    ] as const;
    for (const [made, encoded] of all) expect(value(decodeMessage(encoded, defaultLimits))).toEqual(made);
  });
});

describe("what a handshake draws", () => {
  it("is four keys for an Identity, four keys and seven values for each signature", () => {
    const [bob, alice] = [party(toySuite, "bob", "alice"), party(toySuite, "alice", "bob")];
    const [bobs, alices] = [counting(bob.random), counting(alice.random)];
    const offered = offerIdentity(toySuite, bobs.random, bob.identity, 0);
    expect(bobs.draws.splice(0)).toEqual(["ecdh", "dh", "ecdh", "dh"]);
    const { message } = value(answerIdentity(toySuite, alices.random, alice.identity, alice.context, offered.message));
    expect(alices.draws).toEqual(["ecdh", "dh", "ecdh", "dh", ...Array(7).fill("zq")]);
    value(
      complete({ ...answeredHandshake(toySuite), bob: { ...bob, random: bobs.random }, offered }, { authR: message }),
    );
    expect(bobs.draws).toEqual(Array(7).fill("zq"));
  });

  it("is nothing for an Auth-R that is refused", () => {
    const handshake = answeredHandshake(toySuite);
    const { random, draws } = counting(handshake.bob.random);
    const authR = { ...handshake.authR, ringSignature: handshake.authR.ringSignature.with(0, 0xff) };
    expect(code(complete({ ...handshake, bob: { ...handshake.bob, random } }, { authR }))).toBe("BAD_SIGNATURE");
    expect(draws).toEqual([]);
  });
});

describe("the ring signature of Auth-R", () => {
  const handshake = answeredHandshake(toySuite);
  const { authR, bob } = handshake;

  it.each([
    ["c1", 0],
    ["r1", 57],
    ["c2", 114],
    ["r2", 171],
    ["c3", 228],
    ["r3", 285],
  ])("is refused with another %s", (_, at) => {
    const ringSignature = authR.ringSignature.with(at, (authR.ringSignature[at] as number) ^ 1);
    expect(code(complete(handshake, { authR: { ...authR, ringSignature } }))).toBe("BAD_SIGNATURE");
  });

  it.each([0, 57, 114, 171, 228, 285])("is refused with q added to the scalar at %i", (at) => {
    const ringSignature = plusOrder(authR.ringSignature, at);
    expect(code(complete(handshake, { authR: { ...authR, ringSignature } }))).toBe("BAD_SIGNATURE");
  });

  it("is refused when anything it covers was changed", () => {
    const other = answeredHandshake(toySuite);
    const more = party(toySuite, "carol", "bob");
    const changed = [
      { ...authR, senderTag: more.identity.instanceTag, profile: more.identity.profile },
      { ...authR, ecdh: authR.firstEcdh },
      { ...authR, dh: authR.firstDh },
      { ...authR, firstEcdh: authR.ecdh },
      { ...authR, firstDh: authR.dh },
    ];
    for (const message of changed) expect(code(complete(handshake, { authR: message }))).toBe("BAD_SIGNATURE");
    expect(code(complete({ ...other, bob, offered: offer("again") }))).toBe("BAD_SIGNATURE");
  });

  it("is refused in another place", () => {
    const { ours, theirs, shared } = bob.context;
    const contexts = [
      { ours: theirs, theirs: ours, shared },
      { ours, theirs: utf8("carol"), shared },
      { ours: utf8("rob"), theirs, shared },
      { ours, theirs, shared: [utf8("another chat")] },
      { ours, theirs, shared: [] },
      { ours, theirs, shared: [...shared, new Uint8Array(0)] },
    ];
    for (const context of contexts) expect(code(complete(handshake, { context }))).toBe("BAD_SIGNATURE");
  });

  it("is not one that somebody else made over the same handshake", () => {
    const carol = party(toySuite, "carol", "bob");
    const foreign = value(
      answerIdentity(toySuite, carol.random, carol.identity, handshake.alice.context, handshake.offered.message),
    );
    const { ringSignature } = foreign.message;
    expect(code(complete(handshake, { authR: { ...authR, ringSignature } }))).toBe("BAD_SIGNATURE");
  });

  function offer(seed: string): Handshake["offered"] {
    return offerIdentity(toySuite, party(toySuite, seed, "").random, bob.identity, 0);
  }
});

describe("the ring signature of Auth-I", () => {
  const handshake = answeredHandshake(toySuite);
  const { answered } = handshake;
  const { message } = value(complete(handshake));

  it("is refused with any scalar changed, or of q or more", () => {
    for (const at of [0, 57, 114, 171, 228, 285]) {
      const flipped = message.ringSignature.with(at, (message.ringSignature[at] as number) ^ 1);
      for (const ringSignature of [flipped, plusOrder(message.ringSignature, at)]) {
        expect(code(checkAuthI(toySuite, answered, { ...message, ringSignature })), `at ${at}`).toBe("BAD_SIGNATURE");
      }
    }
  });

  it("is good for one Auth-R only", () => {
    const { offered, alice } = handshake;
    const again = value(answerIdentity(toySuite, alice.random, alice.identity, alice.context, offered.message));
    expect(code(checkAuthI(toySuite, again.answered, message))).toBe("BAD_SIGNATURE");
  });

  it("is not Auth-R's, reflected", () => {
    const { ringSignature } = handshake.authR;
    expect(code(checkAuthI(toySuite, answered, { ...message, ringSignature }))).toBe("BAD_SIGNATURE");
  });
});

describe("an offer and our identity", () => {
  const handshake = answeredHandshake(toySuite);
  const { identity, random } = handshake.bob;

  it("is completed with the profile it carried, even if we have a newer one", () => {
    const later = NOW + defaultLimits.profileSeconds - 60;
    const renewed = renewIdentity(toySuite, identity, later, defaultLimits);
    expect(renewed.profile).not.toBe(identity.profile);
    const { message } = value(complete(handshake, { identity: renewed, now: later }));
    expect(code(checkAuthI(toySuite, handshake.answered, message))).toBe("accepted");
  });

  it("is completed for a while after the profile it carried has expired, if the answerer's is valid", () => {
    const handshake = answeredHandshake(nodeSuite);
    const now = Number(handshake.bob.identity.profile.expires) + 10;
    const { identity } = handshake.alice;
    const renewed = renewIdentity(nodeSuite, identity, now - 100, defaultLimits);
    const { offered } = handshake;
    const { message: authR } = value(
      answerIdentity(nodeSuite, handshake.alice.random, renewed, handshake.alice.context, offered.message),
    );
    expect(code(complete(handshake, { authR, now, graceSeconds: 10 }))).toBe("EXPIRED_PROFILE");
    expect(code(complete(handshake, { authR, now, graceSeconds: 11 }))).toBe("accepted");
  });

  it("is not completed with another long-term key", () => {
    const other = createIdentity(toySuite, random, {
      now: NOW,
      limits: defaultLimits,
      instanceTag: identity.instanceTag,
    });
    expect(code(complete(handshake, { identity: other }))).toBe("UNEXPECTED");
  });
});

describe("the hash of an Identity", () => {
  it("is SHAKE-256 of B as an MPI, and of nothing else", () => {
    const { message } = answeredHandshake(toySuite).offered;
    const size = message.dh.length;
    const expected = nodeSuite.shake256(32, Uint8Array.of(0, 0, 0, size), message.dh);
    expect(toHex(identityHash(toySuite, message))).toBe(toHex(expected));
    expect(toHex(identityHash(toySuite, { ...message, firstDh: message.dh, receiverTag: 0x100 }))).toBe(
      toHex(expected),
    );
  });
});

function plusOrder(signature: Uint8Array, at: number): Uint8Array {
  const out = signature.slice();
  let scalar = 0n;
  for (let i = 56; i >= 0; i--) scalar = (scalar << 8n) | BigInt(signature[at + i] as number);
  out.set(encodeScalar(scalar + toySuite.group.order), at);
  return out;
}

import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/bytes.ts";
import { identityId } from "../../src/dake/offer.ts";
import { defaultLimits } from "../../src/limits.ts";
import { fingerprint } from "../../src/profile/fingerprint.ts";
import { createIdentity } from "../../src/profile/identity.ts";
import { acceptInvitation, declineInvitation, withdraw } from "../../src/session/actions.ts";
import { createBudget } from "../../src/session/budget.ts";
import { armor } from "../../src/wire/armor.ts";
import { encodeIdentityMessage, type IdentityMessage } from "../../src/wire/identity-message.ts";
import {
  carry,
  eventsOf,
  friends,
  messageOf,
  NOW,
  only,
  Player,
  seededRandom,
  strangers,
  tell,
} from "../support/players.ts";
import { toySuite } from "../support/toy-suite.ts";

const ask = { answer: "ask" } as const;

const accept = (player: Player, id: string) => player.take((endpoint, env) => acceptInvitation(endpoint, id, env));
const decline = (player: Player, id: string) => player.take((endpoint, env) => declineInvitation(endpoint, id, env));
const codes = (player: Player): string[] => eventsOf(player.events, "rejected").map(({ code }) => code);

const identityOf = (text: string): IdentityMessage => messageOf(text, "identity");

/** Identities of this many devices of Bob's. */
function identities(count: number): string[] {
  return Array.from({ length: count }, (_, i) => new Player(`bob ${i}`, "alice").start());
}

describe("an Identity under the policy ask", () => {
  it("becomes an invitation and is not answered", () => {
    const [bob, alice] = strangers({}, [{}, { policy: ask }]);
    const step = alice.receive(bob.start());
    expect(step.send).toEqual([]);
    const { publicKey, forgingKey } = bob.env.identity;
    const invitation = only(alice.endpoint.invitations);
    expect(step.events).toEqual([
      {
        type: "invitation",
        id: invitation.id,
        peerTag: bob.tag,
        fingerprint: fingerprint(toySuite, publicKey, forgingKey),
        mutual: false,
      },
    ]);
    expect(invitation.id).toBe(toHex(identityId(toySuite, invitation.message)));
  });

  it("is answered when the user accepts, in the place where it came", () => {
    const [bob, alice] = strangers({}, [{}, { policy: ask }]);
    alice.receive(bob.start());
    const { context } = alice.env;
    alice.env = { ...alice.env, context: { ...context, theirs: utf8("somebody else") } };
    const step = accept(alice, only(alice.endpoint.invitations).id);
    expect(messageOf(only(step.send), "auth-r").receiverTag).toBe(bob.tag);
    expect(alice.endpoint.invitations).toEqual([]);
    carry(alice, bob, step.send);
    tell(alice, bob, "accepted");
    expect(bob.texts).toEqual(["accepted"]);
  });

  it("starts nothing when it comes twice", () => {
    const [bob, alice] = strangers({}, [{}, { policy: ask }]);
    const identity = bob.start();
    alice.receive(identity);
    const before = alice.endpoint;
    expect(alice.receive(identity).send).toEqual([]);
    expect(alice.endpoint).toBe(before);
    expect(codes(alice)).toEqual(["DUPLICATE"]);
  });

  it("is one of four at most: a fifth takes the place of the oldest, and of none that was accepted", () => {
    const [, alice] = strangers({}, [{}, { policy: ask }]);
    const all = identities(6);
    for (const identity of all.slice(0, 4)) alice.receive(identity);
    const ids = alice.endpoint.invitations.map(({ id }) => id);
    accept(alice, ids[0] as string);
    alice.receive(all[4] as string);
    expect(eventsOf(alice.events, "handshake-ended")).toEqual([]);
    const step = alice.receive(all[5] as string);
    expect(step.events.map(({ type }) => type)).toEqual(["handshake-ended", "invitation"]);
    expect(alice.endpoint.invitations.slice(0, 2).map(({ id }) => id)).toEqual([ids[2], ids[3]]);
    expect(alice.endpoint.answers.map(({ id }) => id)).toEqual([ids[0]]);
  });

  it("is not shut out by a copy of its B in a false one", () => {
    const [bob, alice] = strangers({}, [{}, { policy: ask }]);
    const genuine = identityOf(bob.start());
    const other = identityOf(identities(1)[0] as string);
    alice.receive(armor(encodeIdentityMessage({ ...genuine, ecdh: other.ecdh })));
    alice.receive(armor(encodeIdentityMessage(genuine)));
    expect(alice.endpoint.invitations.length).toBe(2);
    expect(codes(alice)).toEqual([]);
  });

  it("finds room again when one is declined or accepted", () => {
    const [, alice] = strangers({}, [{}, { policy: ask }]);
    const all = identities(6);
    for (const identity of all.slice(0, 4)) alice.receive(identity);
    decline(alice, (alice.endpoint.invitations[1] as { id: string }).id);
    alice.receive(all[4] as string);
    accept(alice, (alice.endpoint.invitations[0] as { id: string }).id);
    alice.receive(all[5] as string);
    expect(codes(alice)).toEqual([]);
    expect(alice.endpoint.invitations.length).toBe(4);
  });

  it("can be accepted four times while no Auth-I has come; a fifth stays where it is", () => {
    const [, alice] = strangers({}, [{}, { policy: ask }]);
    for (const identity of identities(5)) {
      alice.receive(identity);
      const before = alice.endpoint;
      const step = accept(alice, only(alice.endpoint.invitations).id);
      if (before.answers.length === 4) {
        expect(step.send).toEqual([]);
        expect(codes(alice)).toEqual(["FULL"]);
        expect(alice.endpoint).toBe(before);
      } else expect(step.send.length).toBe(1);
    }
    expect(alice.endpoint.answers.length).toBe(4);
  });

  it("cannot be accepted under another name", () => {
    const [, alice] = strangers({}, [{}, { policy: ask }]);
    alice.receive(only(identities(1)));
    for (const act of [accept, decline]) {
      expect(() => act(alice, "00")).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    }
  });

  it("cannot be accepted any more when its profile has expired meanwhile", () => {
    const identity = createIdentity(toySuite, seededRandom("short"), { now: NOW, limits: { profileSeconds: 100 } });
    const [bob, alice] = strangers({}, [{ identity }, { policy: ask }]);
    alice.receive(bob.start());
    alice.wait(100);
    const before = alice.endpoint;
    const step = accept(alice, only(before.invitations).id);
    expect(step.send).toEqual([]);
    expect(codes(alice)).toEqual(["EXPIRED_PROFILE"]);
    expect(alice.endpoint).toBe(before);
  });

  it("is gone after its time", () => {
    const [bob, alice] = strangers({}, [{}, { policy: ask }]);
    alice.receive(bob.start());
    alice.wait(defaultLimits.handshakeSeconds - 1);
    expect(alice.tick().events).toEqual([]);
    alice.wait(1);
    expect(alice.tick().events).toEqual([{ type: "handshake-ended", kind: "invitation", peerTag: bob.tag }]);
    expect(alice.endpoint.invitations).toEqual([]);
  });
});

describe("declining", () => {
  it("sends nothing, and the Identity starts nothing when it comes again", () => {
    const [bob, alice] = strangers({}, [{}, { policy: ask }]);
    const identity = bob.start();
    alice.receive(identity);
    const step = decline(alice, only(alice.endpoint.invitations).id);
    expect(step.send).toEqual([]);
    expect(step.events).toEqual([{ type: "handshake-ended", kind: "invitation", peerTag: bob.tag }]);
    alice.receive(identity);
    expect(codes(alice)).toEqual(["DUPLICATE"]);
    expect(alice.endpoint.invitations).toEqual([]);
  });

  it("is remembered for so many Identities, and no more", () => {
    const [, alice] = strangers({ limits: { seenIdentities: 2 } }, [{}, { policy: ask }]);
    const all = identities(3);
    for (const identity of all) {
      alice.receive(identity);
      decline(alice, only(alice.endpoint.invitations).id);
    }
    for (const identity of [...all].reverse()) alice.receive(identity);
    expect(codes(alice)).toEqual(["DUPLICATE", "DUPLICATE"]);
    expect(alice.endpoint.invitations.length).toBe(1);
  });
});

describe("an Identity under the policy auto", () => {
  it("is answered at once", () => {
    const [bob, alice] = strangers();
    const step = alice.receive(bob.start());
    expect(messageOf(only(step.send), "auth-r").receiverTag).toBe(bob.tag);
    expect(step.events).toEqual([]);
  });

  it("is answered with the same bytes when it comes again before Auth-I", () => {
    const [bob, alice] = strangers();
    const identity = bob.start();
    const first = alice.receive(identity).send;
    const { answers } = alice.endpoint;
    expect(alice.receive(identity).send).toEqual(first);
    expect(alice.endpoint.answers).toBe(answers);
    carry(alice, bob, first);
    tell(bob, alice, "good");
    expect(alice.texts).toEqual(["good"]);
  });

  it("is a duplicate once Auth-I has come", () => {
    const [bob, alice] = strangers();
    const identity = bob.start();
    carry(bob, alice, [identity]);
    const before = alice.endpoint;
    expect(alice.receive(identity).send).toEqual([]);
    expect(codes(alice)).toEqual(["DUPLICATE"]);
    expect(alice.endpoint).toBe(before);
  });

  it("is answered again so often a minute and no more", () => {
    const budget = createBudget(defaultLimits);
    const [bob, alice] = strangers({}, [{}, { budget }]);
    const identity = bob.start();
    alice.receive(identity);
    for (let i = 0; i < defaultLimits.errorsPerMinute; i++) expect(alice.receive(identity).send.length).toBe(1);
    const before = alice.endpoint;
    expect(alice.receive(identity).send).toEqual([]);
    expect(alice.endpoint).toBe(before);
    expect(codes(alice)).toEqual(["RATE_LIMITED"]);
    alice.wait(60);
    expect(alice.receive(identity).send.length).toBe(1);
  });

  it("pushes out the oldest unanswered one when there are too many", () => {
    const [bob, alice] = strangers();
    const identity = bob.start();
    const authR = alice.receive(identity).send;
    const first = only(alice.endpoint.answers);
    for (const other of identities(4)) alice.receive(other);
    expect(alice.endpoint.answers.length).toBe(4);
    expect(alice.endpoint.answers).not.toContain(first);
    expect([...first.answered.secret, ...first.answered.ourFirstEcdh.secret].every((byte) => byte === 0)).toBe(true);
    carry(alice, bob, authR);
    expect(codes(alice)).toEqual(["UNEXPECTED"]);
    expect(alice.endpoint.sessions).toEqual([]);
  });
});

describe("our own offer", () => {
  it("goes out as the same bytes when started again in the same place", () => {
    const [bob] = strangers();
    const first = bob.start();
    expect(bob.start()).toBe(first);
    bob.env = { ...bob.env, context: { ...bob.env.context, shared: [utf8("another chat")] } };
    expect(bob.start()).not.toBe(first);
  });

  it("is good for one handshake: another device that answers it comes too late", () => {
    const [bob, alice] = strangers();
    const tablet = new Player("alice's tablet", "bob");
    tablet.env = { ...tablet.env, context: alice.env.context };
    const identity = bob.start();
    const answers = [alice, tablet].flatMap((device) => [...device.receive(identity).send]);
    bob.receive(answers[0] as string);
    const before = bob.endpoint;
    expect(bob.receive(answers[1] as string).send).toEqual([]);
    expect(bob.endpoint).toBe(before);
    expect(codes(bob)).toEqual(["UNEXPECTED"]);
    expect(before.sessions.map(({ peer }) => peer.tag)).toEqual([alice.tag]);
  });

  it("can be withdrawn: an Auth-R comes too late then, and its secrets are gone", () => {
    const [bob, alice] = strangers();
    const authR = only(alice.receive(bob.start()).send);
    const step = bob.take((endpoint, env) => withdraw(endpoint, env));
    expect(step.events).toEqual([{ type: "handshake-ended", kind: "offer", peerTag: 0 }]);
    expect(step.wipe.length).toBe(4);
    for (const secret of step.wipe) expect(secret.every((byte) => byte === 0)).toBe(true);
    const before = bob.endpoint;
    bob.receive(authR);
    expect(codes(bob)).toEqual(["UNEXPECTED"]);
    expect(bob.endpoint).toBe(before);
    expect(bob.take((endpoint, env) => withdraw(endpoint, env)).events).toEqual([]);
    expect(bob.endpoint).toBe(before);
  });

  it("is gone after its time", () => {
    const [bob, alice] = strangers();
    const authR = only(alice.receive(bob.start()).send);
    bob.wait(defaultLimits.handshakeSeconds);
    expect(bob.tick().events).toEqual([{ type: "handshake-ended", kind: "offer", peerTag: 0 }]);
    bob.receive(authR);
    expect(codes(bob)).toEqual(["UNEXPECTED"]);
    alice.wait(defaultLimits.handshakeSeconds);
    expect(alice.tick().events).toEqual([{ type: "handshake-ended", kind: "answer", peerTag: bob.tag }]);
  });
});

describe("an Auth-I that was lost", () => {
  it("is sent again when the peer begins anew, with the answer", () => {
    const [bob, alice] = strangers();
    const [authR] = alice.receive(bob.start()).send;
    const lost = bob.receive(authR as string).send;
    expect(alice.endpoint.sessions).toEqual([]);
    const step = bob.receive(alice.start());
    expect(step.send.map((text) => text === lost[0])).toEqual([false, true]);
    alice.receive(step.send[1] as string);
    tell(alice, bob, "found");
    expect(bob.texts).toEqual(["found"]);
  });

  it("is kept until the peer was heard, and not after", () => {
    const [bob, alice] = friends();
    expect(bob.conversation.authI.length).toBeGreaterThan(0);
    tell(alice, bob, "I am here");
    expect(bob.conversation.authI.length).toBe(0);
    expect(bob.receive(alice.start()).send.length).toBe(1);
  });
});

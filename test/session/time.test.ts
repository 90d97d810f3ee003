import { describe, expect, it } from "vitest";
import { defaultLimits, type Limits } from "../../src/limits.ts";
import { declineInvitation } from "../../src/session/actions.ts";
import { nextTick } from "../../src/session/tick.ts";
import { IGNORE_UNREADABLE } from "../../src/wire/data-message.ts";
import { carry, dataOf, eventsOf, friends, NOW, only, type Player, strangers, tell } from "../support/players.ts";

const DAY = 86_400;

const due = (player: Player): number | undefined => nextTick(player.endpoint, player.env);

/** Lets time pass up to what is due next; nothing may happen a second before. */
function untilDue(player: Player): ReturnType<Player["tick"]> {
  const at = due(player);
  if (at === undefined) throw new Error("nothing is due");
  player.wait(at - 1 - player.env.now);
  const before = player.endpoint;
  const early = player.tick();
  expect([early.send, early.events]).toEqual([[], []]);
  expect(player.endpoint).toBe(before);
  player.wait(1);
  const step = player.tick();
  expect(step.endpoint).not.toBe(before);
  const next = due(player);
  if (next !== undefined) expect(next).toBeGreaterThan(player.env.now);
  return step;
}

describe("nextTick and tick", () => {
  it("have nothing to do where nothing waits", () => {
    const [alice] = strangers();
    expect(due(alice)).toBeUndefined();
    const before = alice.endpoint;
    alice.wait(1000 * DAY);
    expect(alice.tick()).toEqual({ endpoint: before, send: [], events: [], wipe: [] });
    expect(alice.endpoint).toBe(before);
  });

  it("agree on an offer", () => {
    const [bob] = strangers();
    bob.start();
    expect(due(bob)).toBe(NOW + defaultLimits.handshakeSeconds);
    expect(untilDue(bob).events).toEqual([{ type: "handshake-ended", kind: "offer", peerTag: 0 }]);
    expect(due(bob)).toBeUndefined();
  });

  it("agree on an invitation and an answer", () => {
    const [bob, alice] = strangers({}, [{}, { policy: { answer: "ask" } }]);
    alice.receive(bob.start());
    expect(untilDue(alice).events).toMatchObject([{ type: "handshake-ended", kind: "invitation" }]);
    const [carol, dave] = strangers();
    dave.receive(carol.start());
    expect(untilDue(dave).events).toMatchObject([{ type: "handshake-ended", kind: "answer" }]);
    expect(due(dave)).toBeUndefined();
  });

  it("agree on fragments and early messages", () => {
    const [bob, alice] = strangers();
    const tag = bob.tag.toString(16);
    alice.receive(`?OTR|1|${tag}|0,1,2,x,`);
    expect(due(alice)).toBe(NOW + defaultLimits.fragmentSeconds);
    expect(untilDue(alice).events).toEqual([]);
    const [authR] = alice.receive(bob.start()).send;
    bob.receive(authR as string);
    alice.receive(bob.say("early"));
    expect(due(alice)).toBe(alice.env.now + defaultLimits.bufferedSeconds);
    expect(untilDue(alice).events).toMatchObject([{ type: "rejected", code: "NO_KEY" }]);
  });

  it("agree on skipped keys, and on draining", () => {
    const [bob, alice] = friends();
    bob.say("lost");
    tell(bob, alice, "read");
    tell(alice, bob, "so that both have spoken");
    expect(due(alice)).toBe(NOW + defaultLimits.skippedSeconds);
    expect(untilDue(alice).events).toEqual([]);
    expect(alice.conversation.ratchet.skipped).toEqual([]);
    bob.say("lost too");
    const text = bob.say("x");
    alice.receive(text);
    alice.receive(only(bob.close().send));
    expect(due(alice)).toBe(alice.env.now + defaultLimits.drainSeconds);
    expect(untilDue(alice).events.map(({ type }) => type)).toEqual(["drained", "mac-keys-revealed"]);
    expect(due(alice)).toBeUndefined();
  });

  it("agree after the clock went back", () => {
    const [bob, alice] = friends();
    const texts = Array.from({ length: 6 }, (_, i) => bob.say(`${i}`));
    alice.wait(30 * DAY);
    alice.receive(texts[2] as string);
    alice.wait(-30 * DAY);
    alice.receive(texts[5] as string);
    expect(untilDue(alice).events).toEqual([]);
    expect(alice.conversation.ratchet.skipped.map(({ messageId }) => messageId)).toEqual([0, 1]);
  });

  it("agree on an old conversation beside a new one", () => {
    const [alice, bob] = friends();
    tell(alice, bob, "a");
    tell(bob, alice, "b");
    carry(alice, bob, [alice.start(bob.tag)]);
    const at = due(bob) as number;
    expect(at).toBeLessThanOrEqual(NOW + defaultLimits.supersededSeconds);
    untilDue(bob);
  });

  it("keep declined Identities for ever: they cost nothing", () => {
    const [bob, alice] = strangers({}, [{}, { policy: { answer: "ask" } }]);
    alice.receive(bob.start());
    const { id } = only(alice.endpoint.invitations);
    alice.take((endpoint, env) => declineInvitation(endpoint, id, env));
    expect(due(alice)).toBeUndefined();
  });
});

describe("the expiry of a session", () => {
  it("comes fourteen days after our last new key, with goodbye and our MAC keys", () => {
    const [alice, bob] = friends();
    tell(bob, alice, "hi");
    expect(due(alice)).toBe(NOW + 14 * DAY);
    const { id } = alice.session;
    const step = untilDue(alice);
    expect(step.events.map(({ type }) => type)).toEqual(["mac-keys-revealed", "closed"]);
    expect(step.events[1]).toEqual({ type: "closed", session: id, reason: "expired" });
    expect(alice.endpoint.sessions).toEqual([]);
    expect(eventsOf(bob.receive(only(step.send)).events, "disconnected").length).toBe(1);
  });

  it("is put off by a new key of ours, not by talk in the same ratchet", () => {
    const [alice, bob] = friends();
    alice.wait(DAY);
    bob.wait(DAY);
    tell(alice, bob, "still in the first ratchet");
    expect(due(alice)).toBe(NOW + 14 * DAY);
    tell(bob, alice, "a new key of Bob's");
    expect(due(bob)).toBe(NOW + DAY + 14 * DAY);
    tell(alice, bob, "a new key of Alice's");
    expect(due(alice)).toBe(NOW + DAY + 14 * DAY);
  });
});

describe("heartbeats", () => {
  const limits: Partial<Limits> = { heartbeatSeconds: 60 };

  it("are off unless asked for", () => {
    const [alice] = friends();
    alice.wait(13 * DAY);
    expect(alice.tick().send).toEqual([]);
  });

  it("are sent after so long a silence of ours, and rotate keys when it is our turn", () => {
    const [alice, bob] = friends({ limits });
    tell(alice, bob, "hi");
    expect(due(alice)).toBe(NOW + 60);
    const first = dataOf(only(untilDue(alice).send));
    expect([first.flags, first.ratchetId]).toEqual([IGNORE_UNREADABLE, 0]);
    bob.wait(59);
    tell(bob, alice, "I am here");
    const second = untilDue(alice);
    expect(dataOf(only(second.send)).ratchetId).toBe(2);
    expect(eventsOf(second.events, "mac-keys-revealed").length).toBe(1);
    bob.receive(only(second.send));
    expect(bob.events.at(-1)).toEqual({ type: "heartbeat", session: bob.session.id });
  });

  it("are put off by anything we say", () => {
    const [alice] = friends({ limits });
    alice.wait(59);
    alice.say("not silent");
    alice.wait(59);
    expect(alice.tick().send).toEqual([]);
    alice.wait(1);
    expect(alice.tick().send.length).toBe(1);
  });

  it("are sent on the occasion of a message when one is due", () => {
    const [alice, bob] = friends({ limits });
    alice.wait(60);
    const step = alice.receive(bob.say("are you there?"));
    expect(dataOf(only(step.send)).ciphertext.length).toBe(1);
    expect(alice.tick().send).toEqual([]);
  });

  it("keep a session alive on both sides for ever, without a word", () => {
    const [alice, bob] = friends({ limits: { heartbeatSeconds: DAY } });
    for (let day = 0; day < 40; day++) {
      for (const [from, to] of [
        [alice, bob],
        [bob, alice],
      ] as const) {
        from.wait(DAY);
        carry(from, to, from.tick().send);
      }
    }
    expect(alice.endpoint.sessions.length).toBe(1);
    expect(alice.conversation.ratchet.latest).toBeGreaterThan(50);
    tell(alice, bob, "still");
    expect(bob.texts).toEqual(["still"]);
  });
});

describe("MAC keys that pile up because only the peer talks", () => {
  it("are revealed by an empty message of ours, once there are as many as one message holds", () => {
    const [alice, bob] = friends({ limits: { revealedPerMessage: 5 } });
    const replies = Array.from({ length: 5 }, (_, i) => bob.receive(alice.say(`${i}`)).send);
    expect(replies.map(({ length }) => length)).toEqual([0, 0, 0, 0, 1]);
    const message = dataOf(only(replies[4] as readonly string[]));
    expect([message.revealed.length, message.flags, message.ratchetId]).toEqual([5, IGNORE_UNREADABLE, 1]);
    expect(eventsOf(bob.events, "mac-keys-revealed").map(({ by, keys }) => [by, keys.length])).toEqual([["us", 5]]);
  });
});

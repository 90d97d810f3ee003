// A new handshake over a working conversation.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { authenticate } from "../../src/crypto/cipher.ts";
import { defaultLimits } from "../../src/limits.ts";
import { secretsOf } from "../../src/ratchet/state.ts";
import { withdraw } from "../../src/session/actions.ts";
import { carry, dataOf, eventsOf, friends, only, type Player, type Two, tell } from "../support/players.ts";
import { toySuite } from "../support/toy-suite.ts";

const ssid = (player: Player): string => toHex(player.conversation.ssid);

/** Friends who have talked. */
function talking(): Two {
  const two = friends();
  tell(two[0], two[1], "old");
  tell(two[1], two[0], "old");
  return two;
}

/** Which of the texts the keys verify. */
function verified(keys: readonly Uint8Array[], texts: readonly string[]): number[] {
  const macs = texts.map((text) => toHex(dataOf(text).mac));
  return keys.flatMap((key) =>
    texts.flatMap((text, i) => (toHex(authenticate(toySuite, key, dataOf(text).sections)) === macs[i] ? [i] : [])),
  );
}

describe("a new handshake over a working conversation", () => {
  it("leaves the old one as it is until it is complete", () => {
    const [alice, bob] = talking();
    const before = alice.conversation;
    const identity = alice.start(bob.tag);
    const authR = only(bob.receive(identity).send);
    tell(alice, bob, "still in the old one");
    tell(bob, alice, "likewise");
    expect([ssid(alice), ssid(bob)]).toEqual([toHex(before.ssid), toHex(before.ssid)]);
    carry(bob, alice, [authR]);
    expect(ssid(alice)).not.toBe(toHex(before.ssid));
    expect(ssid(alice)).toBe(ssid(bob));
    expect(eventsOf(alice.events, "established").map(({ renewed }) => renewed)).toEqual([false, true]);
    tell(bob, alice, "in the new one");
    tell(alice, bob, "likewise");
    expect(alice.texts).toEqual(["old", "likewise", "in the new one"]);
  });

  it("keeps the session and its name", () => {
    const [alice, bob] = talking();
    const { id } = alice.session;
    carry(alice, bob, [alice.start(bob.tag)]);
    expect(alice.endpoint.sessions.map((session) => session.id)).toEqual([id]);
  });

  it("never answered changes nothing", () => {
    const [alice, bob] = talking();
    alice.start(bob.tag);
    alice.wait(defaultLimits.handshakeSeconds);
    expect(alice.tick().events).toEqual([{ type: "handshake-ended", kind: "offer", peerTag: bob.tag }]);
    tell(alice, bob, "as before");
    expect(bob.texts).toEqual(["old", "as before"]);
  });

  it("replayed by somebody changes nothing", () => {
    const [alice, bob] = talking();
    const before = ssid(alice);
    const replayed = bob.start(alice.tag);
    bob.take((endpoint, env) => withdraw(endpoint, env));
    const [authR] = alice.receive(replayed).send;
    expect(bob.receive(authR as string).events).toMatchObject([{ type: "rejected", code: "UNEXPECTED" }]);
    tell(alice, bob, "as before");
    tell(bob, alice, "as before");
    expect([ssid(alice), ssid(bob)]).toEqual([before, before]);
  });

  it("leaves the old one readable until something was read in the new one, and then wipes it", () => {
    const [alice, bob] = talking();
    const onTheWay = [alice.say("sent in the old one"), alice.say("as was this")];
    carry(alice, bob, [alice.start(bob.tag)]);
    const step = bob.receive(onTheWay[1] as string);
    expect(step.events).toMatchObject([{ type: "message", text: "as was this", late: true }]);
    const [old] = bob.session.others;
    const secrets = secretsOf(old?.conversation.ratchet as never);
    expect(secrets.some((secret) => secret.some((byte) => byte !== 0))).toBe(true);
    tell(alice, bob, "in the new one");
    expect(bob.session.others).toEqual([]);
    for (const secret of secrets) expect(secret.every((byte) => byte === 0)).toBe(true);
    const late = bob.receive(onTheWay[0] as string);
    expect(late.events).toMatchObject([{ type: "rejected", unreadable: true }]);
  });

  it("leaves it readable for a day at most", () => {
    const [alice, bob] = talking();
    const onTheWay = [alice.say("a day late"), alice.say("more than a day late")];
    carry(alice, bob, [alice.start(bob.tag)]);
    bob.wait(defaultLimits.supersededSeconds - 1);
    expect(bob.tick().events).toEqual([]);
    bob.receive(onTheWay[0] as string);
    bob.wait(1);
    bob.tick();
    expect(bob.session.others).toEqual([]);
    const late = bob.receive(onTheWay[1] as string);
    expect(late.events).toMatchObject([{ type: "rejected", unreadable: true }]);
    expect(bob.texts).toEqual(["old", "a day late"]);
  });

  it("never writes in the old one again", () => {
    const [alice, bob] = talking();
    const old = ssid(bob);
    const onTheWay = alice.say("sent in the old one");
    carry(alice, bob, [alice.start(bob.tag)]);
    bob.receive(onTheWay);
    expect(ssid(bob)).not.toBe(old);
    tell(bob, alice, "answer");
    expect(eventsOf(alice.events, "message").at(-1)).toMatchObject({ text: "answer", late: false });
  });

  it("hands the old one's MAC keys on, skipped ones included, and the new one reveals them", () => {
    const [alice, bob] = talking();
    const old = [alice.say("read"), alice.say("lost"), alice.say("read as well")];
    for (const i of [0, 2]) bob.receive(old[i] as string);
    carry(alice, bob, [alice.start(bob.tag)]);
    tell(alice, bob, "in the new one");
    const { revealed } = dataOf(bob.say("answer"));
    expect(verified(revealed, old).sort()).toEqual([0, 1, 2]);
  });

  it("may be followed by another at once: what is on its way in all of them is read", () => {
    const [alice, bob] = talking();
    const texts = [bob.say("in the first")];
    for (const name of ["second", "third"]) {
      carry(alice, bob, [alice.start(bob.tag)]);
      texts.push(bob.say(`in the ${name}`));
    }
    for (const text of texts) alice.receive(text);
    expect(alice.texts).toEqual(["old", "in the first", "in the second", "in the third"]);
    expect(alice.session.others).toEqual([]);
  });

  it("keeps four of them at most, and loses no MAC key of the rest", () => {
    const [alice, bob] = talking();
    const texts = [alice.say("first")];
    bob.receive(texts[0] as string);
    for (let i = 0; i < 6; i++) carry(alice, bob, [alice.start(bob.tag)]);
    expect(bob.session.others.length).toBeLessThanOrEqual(3);
    tell(alice, bob, "go on");
    const { revealed } = dataOf(bob.say("answer"));
    expect(verified(revealed, texts)).toEqual([0]);
  });

  it("ends with goodbye in all of them when our user closes", () => {
    const [alice, bob] = talking();
    carry(alice, bob, [alice.start(bob.tag)]);
    const { send } = alice.close();
    expect(send.length).toBe(2);
    for (const text of send) bob.receive(text);
    expect(bob.endpoint.sessions).toEqual([]);
    expect(eventsOf(bob.events, "disconnected").length).toBe(1);
  });

  it("does not open again what a user closed", () => {
    const [alice, bob] = talking();
    const identity = alice.start(bob.tag);
    const authR = only(bob.receive(identity).send);
    const authI = alice.receive(authR).send;
    const closed = bob.close();
    expect(eventsOf(closed.events, "handshake-ended")).toMatchObject([{ kind: "answer", peerTag: alice.tag }]);
    for (const text of closed.send) alice.receive(text);
    for (const text of authI) bob.receive(text);
    expect(eventsOf(bob.events, "established").length).toBe(1);
    expect(bob.endpoint.sessions).toEqual([]);
    expect(bob.endpoint.answers).toEqual([]);
    // Alice's new conversation stands with nobody: her first word in it tells her so.
    bob.receive(alice.say("anybody there?"));
    expect(bob.events.at(-1)).toMatchObject({ type: "rejected", unreadable: true });
  });

  it("reads what is on its way in the old one once", () => {
    const [alice, bob] = talking();
    const onTheWay = alice.say("sent in the old one");
    carry(alice, bob, [alice.start(bob.tag)]);
    bob.receive(onTheWay);
    const before = bob.endpoint;
    const step = bob.receive(onTheWay);
    expect(step.events).toMatchObject([{ type: "rejected", code: "DUPLICATE", unreadable: false }]);
    expect([step.send, bob.endpoint]).toEqual([[], before]);
  });
});

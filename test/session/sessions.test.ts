// Several devices and keys of one peer, side by side.
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/limits.ts";
import { createIdentity, type LocalIdentity } from "../../src/profile/identity.ts";
import { carry, eventsOf, friends, NOW, only, Player, seededRandom, strangers, tell } from "../support/players.ts";
import { toySuite } from "../support/toy-suite.ts";

/** A device of Bob's, in the same place as the first. */
function device(bob: Player, name: string, identity?: LocalIdentity): Player {
  const player = new Player(name, "alice", identity === undefined ? {} : { identity });
  player.env = { ...player.env, context: bob.env.context };
  return player;
}

describe("sessions", () => {
  it("with two devices stand side by side", () => {
    const [alice, bob] = friends();
    const tablet = device(bob, "tablet");
    carry(tablet, alice, [tablet.start()]);
    expect(alice.endpoint.sessions.map(({ peer }) => peer.tag)).toEqual([bob.tag, tablet.tag]);
    tell(bob, alice, "from Bob's phone");
    tell(tablet, alice, "from Bob's tablet");
    expect(alice.texts).toEqual(["from Bob's phone", "from Bob's tablet"]);
    alice.close();
    tell(bob, alice, "still here");
    expect(alice.texts.at(-1)).toBe("still here");
  });

  it("with the same tag under another long-term key stand side by side: the verified one keeps its place", () => {
    const [alice, bob] = friends();
    const { instanceTag } = bob.env.identity;
    const random = seededRandom("stranger");
    const identity = createIdentity(toySuite, random, { now: NOW, limits: defaultLimits, instanceTag });
    const stranger = device(bob, "stranger", identity);
    carry(stranger, alice, [stranger.start()]);
    const [first, second] = alice.endpoint.sessions;
    expect(alice.endpoint.sessions.length).toBe(2);
    expect(first?.id).not.toBe(second?.id);
    expect(first?.id.slice(0, 8)).toBe(second?.id.slice(0, 8));
    expect(eventsOf(alice.events, "established").map(({ renewed }) => renewed)).toEqual([false, false]);
    tell(bob, alice, "it is me");
    tell(stranger, alice, "me too");
    expect(eventsOf(alice.events, "message").map(({ session }) => session)).toEqual([first?.id, second?.id]);
  });

  it("are limited in number; a new handshake with a known device always finds room", () => {
    const [alice, bob] = friends({ limits: { sessions: 2 } });
    const [tablet, laptop] = [device(bob, "tablet"), device(bob, "laptop")];
    carry(tablet, alice, [tablet.start()]);
    const authR = alice.receive(laptop.start()).send;
    const authI = laptop.receive(only(authR)).send;
    const before = alice.endpoint;
    alice.receive(only(authI));
    expect(eventsOf(alice.events, "rejected").map(({ code }) => code)).toEqual(["FULL"]);
    expect(alice.endpoint).toBe(before);
    carry(bob, alice, [bob.start()]);
    expect(alice.endpoint.sessions.length).toBe(2);
    expect(eventsOf(alice.events, "established").length).toBe(3);
  });

  it("of one long-term key with many forging keys are limited in number as well", () => {
    const [alice, bob] = strangers({ limits: { sessions: 2 } });
    const { instanceTag, longTermKey } = bob.env.identity;
    for (let i = 0; i < 4; i++) {
      const random = seededRandom(`forging ${i}`);
      const options = { now: NOW, limits: defaultLimits, instanceTag, longTermKey };
      const other = device(bob, `device ${i}`, createIdentity(toySuite, random, options));
      carry(other, alice, [other.start()]);
    }
    expect(alice.endpoint.sessions.length).toBe(2);
    expect(eventsOf(alice.events, "rejected").map(({ code }) => code)).toEqual(["FULL", "FULL"]);
  });

  it("refuse our own long-term key, whatever the tag", () => {
    const [alice] = strangers();
    const { longTermKey, forgingKey } = alice.env.identity;
    const options = { now: NOW, limits: defaultLimits, longTermKey, forgingKey };
    const mirror = new Player("mirror", "alice", { identity: createIdentity(toySuite, seededRandom("tag"), options) });
    const before = alice.endpoint;
    const step = alice.receive(mirror.start());
    expect(step.events).toMatchObject([{ type: "rejected", code: "OWN_KEY", peerTag: mirror.tag }]);
    expect([step.send, alice.endpoint]).toEqual([[], before]);
    const offer = alice.start();
    const [authR] = mirror.receive(offer).send;
    expect(authR).toBeUndefined();
    expect(eventsOf(mirror.events, "rejected").map(({ code }) => code)).toEqual(["OWN_KEY"]);
  });

  it("know the peer by what its profile said", () => {
    const [alice, bob] = friends();
    const { peer } = alice.session;
    expect(peer).toMatchObject({
      tag: bob.tag,
      publicKey: bob.env.identity.publicKey,
      forgingKey: bob.env.identity.forgingKey,
    });
    const [ours, theirs] = [alice, bob].map((player) => only(eventsOf(player.events, "established")));
    expect(ours).toMatchObject({ role: "initiator", peerFingerprint: theirs?.ourFingerprint, ssid: theirs?.ssid });
    expect(theirs).toMatchObject({ role: "responder", peerFingerprint: ours?.ourFingerprint });
  });
});

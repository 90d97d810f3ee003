// Data messages that overtake the Auth-I they depend on.
import { describe, expect, it } from "vitest";
import { defaultLimits, type Limits } from "../../src/limits.ts";
import { decodeEndpoint, encodeEndpoint } from "../../src/session/encode.ts";
import { errorMessage } from "../../src/wire/armor.ts";
import { bytesOf, carry, eventsOf, only, type Player, strangers, tell } from "../support/players.ts";

/** Alice has answered and waits for Auth-I, which is held back; Bob may speak already. */
function waiting(limits: Partial<Limits> = {}): { bob: Player; alice: Player; authI: string } {
  const [bob, alice] = strangers({ limits });
  const [authR] = alice.receive(bob.start()).send;
  const authI = only(bob.receive(authR as string).send);
  return { bob, alice, authI };
}

const rejections = (player: Player) => eventsOf(player.events, "rejected");

describe("data before Auth-I", () => {
  it("is kept without a word, and read when Auth-I comes, in whatever order it came", () => {
    const { bob, alice, authI } = waiting();
    const texts = ["one", "two", "three"].map((text) => bob.say(text));
    for (const i of [2, 0, 1]) {
      const step = alice.receive(texts[i] as string);
      expect([step.send, step.events]).toEqual([[], []]);
    }
    const step = alice.receive(authI);
    expect(step.events.map(({ type }) => type)).toEqual(["established", "message", "message", "message"]);
    expect(alice.texts).toEqual(["three", "one", "two"]);
    expect(alice.endpoint.buffered).toEqual([]);
    tell(alice, bob, "all of it");
    expect(bob.texts).toEqual(["all of it"]);
  });

  it("survives a restart", () => {
    const { bob, alice, authI } = waiting();
    alice.receive(bob.say("early"));
    alice.endpoint = decodeEndpoint(encodeEndpoint(alice.endpoint));
    alice.receive(authI);
    expect(alice.texts).toEqual(["early"]);
  });

  it("is kept once only when it comes twice", () => {
    const { bob, alice, authI } = waiting();
    const text = bob.say("early");
    alice.receive(text);
    const before = alice.endpoint;
    expect(alice.receive(text).send).toEqual([]);
    expect(alice.endpoint).toBe(before);
    expect(rejections(alice).map(({ code }) => code)).toEqual(["DUPLICATE"]);
    alice.receive(authI);
    expect(alice.endpoint.buffered).toEqual([]);
    alice.wait(defaultLimits.bufferedSeconds);
    expect(alice.tick().events).toEqual([]);
  });

  it("is bounded in number", () => {
    const { bob, alice, authI } = waiting({ bufferedMessages: 2 });
    for (const text of ["one", "two"]) alice.receive(bob.say(text));
    const before = alice.endpoint;
    // Nobody will read it any more, so both sides have to know.
    const refusedStep = alice.receive(bob.say("three"));
    expect(refusedStep.send).toEqual([errorMessage(2)]);
    expect(refusedStep.events).toMatchObject([{ code: "FULL", unreadable: true }]);
    expect(alice.endpoint).toBe(before);
    expect(rejections(alice).map(({ code }) => code)).toEqual(["FULL"]);
    alice.receive(authI);
    expect(alice.texts).toEqual(["one", "two"]);
  });

  it("is bounded in size", () => {
    const { bob, alice } = waiting();
    const text = bob.say("x".repeat(100));
    const size = bytesOf(text).length;
    const before = alice.endpoint;
    alice.limit({ bufferedChars: size - 1 });
    alice.receive(text);
    expect(alice.endpoint).toBe(before);
    expect(rejections(alice).map(({ code }) => code)).toEqual(["FULL"]);
    alice.limit({ bufferedChars: size });
    alice.receive(text);
    expect(alice.endpoint.buffered.length).toBe(1);
  });

  it("is given up after its time, and the user may be told that something is lost", () => {
    const { bob, alice, authI } = waiting();
    alice.receive(bob.say("early"));
    alice.wait(defaultLimits.bufferedSeconds - 1);
    expect(alice.tick().events).toEqual([]);
    alice.wait(1);
    expect(alice.tick().events).toMatchObject([
      { type: "rejected", code: "NO_KEY", peerTag: bob.tag, unreadable: true },
    ]);
    alice.receive(authI);
    expect(alice.texts).toEqual([]);
    carry(bob, alice, [bob.say("later")]);
    expect(alice.texts).toEqual(["later"]);
  });

  it("that its sender does not need to be read is given up in silence", () => {
    const { bob, alice } = waiting();
    alice.receive(bob.say({ ignoreUnreadable: true }));
    alice.wait(defaultLimits.bufferedSeconds);
    expect(alice.tick().events).toMatchObject([{ type: "rejected", code: "NO_KEY", unreadable: false }]);
  });

  it("is not kept for a device whose Identity we have not answered", () => {
    const { bob } = waiting();
    const [, alice] = strangers();
    const before = alice.endpoint;
    const step = alice.receive(bob.say("early"));
    expect(step.events).toMatchObject([{ type: "rejected", code: "NO_KEY", unreadable: true }]);
    expect(alice.endpoint).toBe(before);
  });

  it("of a later ratchet is not kept: it cannot be early", () => {
    const { bob, alice, authI } = waiting();
    alice.receive(authI);
    tell(bob, alice, "ratchet 0");
    tell(alice, bob, "ratchet 1");
    const later = bob.say("ratchet 2");
    const { alice: sameAsBefore } = waiting();
    const before = sameAsBefore.endpoint;
    const step = sameAsBefore.receive(later);
    expect(step.events).toMatchObject([{ type: "rejected", code: "NO_KEY", unreadable: true }]);
    expect(step.send.length).toBe(1);
    expect(sameAsBefore.endpoint).toBe(before);
  });

  it("may be a forgery: it is dropped then with its time, and the genuine one is read", () => {
    const { bob, alice, authI } = waiting();
    const genuine = bob.say("genuine");
    const bytes = bytesOf(genuine);
    bytes[bytes.length - 10] = (bytes[bytes.length - 10] as number) ^ 1;
    alice.receive(`?OTR:${Buffer.from(bytes).toString("base64")}.`);
    alice.receive(genuine);
    alice.receive(authI);
    expect(alice.texts).toEqual(["genuine"]);
    expect(alice.endpoint.buffered.length).toBe(1);
    alice.wait(defaultLimits.bufferedSeconds);
    alice.tick();
    expect(alice.endpoint.buffered).toEqual([]);
  });
});

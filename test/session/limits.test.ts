// Limits on what hostile input may cost, and on what we say to it.
import { describe, expect, it } from "vitest";
import { defaultLimits, type Limits } from "../../src/limits.ts";
import { type Budget, createBudget } from "../../src/session/budget.ts";
import { armor, errorMessage } from "../../src/wire/armor.ts";
import { encodeAuthIMessage } from "../../src/wire/auth-i-message.ts";
import { encodeAuthRMessage } from "../../src/wire/auth-r-message.ts";
import { encodeDataMessage, encodeSections } from "../../src/wire/data-message.ts";
import { encodeIdentityMessage } from "../../src/wire/identity-message.ts";
import {
  dataOf,
  eventsOf,
  friends,
  messageOf,
  only,
  type Player,
  strangers,
  type Two,
  tell,
} from "../support/players.ts";

const limits = { costlyFailuresPerMinute: 3, errorsPerMinute: 2 };
const budget = (): Budget => createBudget({ ...defaultLimits, ...limits });

/** The first player is attacked and has a budget. */
function attacked(make: typeof friends | typeof strangers, more: Partial<Limits> = {}): Two {
  return make({ limits: { ...limits, ...more } }, [{ budget: budget() }, {}]);
}

const codes = (player: Player): string[] => eventsOf(player.events, "rejected").map(({ code }) => code);

/** The same message with another byte in its ciphertext. */
function forged(text: string): string {
  const message = dataOf(text);
  const ciphertext = message.ciphertext.with(0, (message.ciphertext[0] as number) ^ 1);
  return armor(encodeDataMessage(encodeSections({ ...message, ciphertext }), message.mac, []));
}

describe("forged messages of the next ratchet", () => {
  it("are tried so often a minute; then genuine ones have to wait as well, and nothing is lost", () => {
    const [alice, bob] = attacked(friends);
    tell(alice, bob, "hi");
    const genuine = bob.say("next ratchet");
    for (let i = 0; i < 5; i++) alice.receive(forged(genuine));
    expect(codes(alice)).toEqual(["BAD_MAC", "BAD_MAC", "BAD_MAC", "RATE_LIMITED", "RATE_LIMITED"]);
    const before = alice.endpoint;
    const step = alice.receive(genuine);
    expect([step.send, step.endpoint]).toEqual([[], before]);
    expect(codes(alice).at(-1)).toBe("RATE_LIMITED");
    alice.wait(60);
    alice.receive(genuine);
    expect(alice.texts).toEqual(["next ratchet"]);
  });

  it("do not stop messages of the current ratchet, nor skipped ones", () => {
    const [alice, bob] = attacked(friends);
    tell(alice, bob, "ratchet 0");
    const [skipped, read, later] = ["skipped", "read", "later"].map((text) => bob.say(text)) as [
      string,
      string,
      string,
    ];
    alice.receive(read);
    tell(alice, bob, "ratchet 2");
    const next = forged(bob.say("ratchet 3"));
    for (let i = 0; i < 4; i++) alice.receive(next);
    expect(codes(alice).at(-1)).toBe("RATE_LIMITED");
    for (const text of [skipped, later]) alice.receive(text);
    expect(alice.texts).toEqual(["read", "skipped", "later"]);
  });

  it("with a DH key too many or too few cost nothing", () => {
    const [alice, bob] = attacked(friends);
    tell(alice, bob, "hi");
    const message = dataOf(bob.say("without a DH key"));
    const bad = armor(encodeDataMessage(encodeSections({ ...message, dh: Uint8Array.of(4) }), message.mac, []));
    for (let i = 0; i < 20; i++) alice.receive(bad);
    expect(new Set(codes(alice))).toEqual(new Set(["BAD_DH_KEY"]));
    tell(bob, alice, "x");
    expect(alice.texts).toEqual(["x"]);
  });

  it("of the current ratchet cost nothing, near its head", () => {
    const [alice, bob] = attacked(friends);
    tell(bob, alice, "first");
    const genuine = bob.say("second");
    for (let i = 0; i < 20; i++) alice.receive(forged(genuine));
    expect(new Set(codes(alice))).toEqual(new Set(["BAD_MAC"]));
    alice.receive(genuine);
    expect(alice.texts).toEqual(["first", "second"]);
  });

  it("far ahead in the current ratchet cost a long walk", () => {
    const [alice, bob] = attacked(friends);
    tell(bob, alice, "first");
    const far = Array.from({ length: 50 }, (_, i) => bob.say(`${i}`)).at(-1) as string;
    for (let i = 0; i < 4; i++) alice.receive(forged(far));
    expect(codes(alice)).toEqual(["BAD_MAC", "BAD_MAC", "BAD_MAC", "RATE_LIMITED"]);
  });

  it("in the place of a skipped message cost nothing", () => {
    const [alice, bob] = attacked(friends);
    const skipped = bob.say("skipped");
    tell(bob, alice, "current");
    tell(alice, bob, "turn");
    tell(bob, alice, "next ratchet");
    for (let i = 0; i < 20; i++) alice.receive(forged(skipped));
    expect(new Set(codes(alice))).toEqual(new Set(["BAD_MAC"]));
    alice.receive(skipped);
    expect(alice.texts.at(-1)).toBe("skipped");
  });
});

describe("forged handshake messages", () => {
  it("are checked so often a minute", () => {
    const [alice, bob] = attacked(strangers);
    const identity = messageOf(bob.start(), "identity");
    for (let i = 1; i < 6; i++) alice.receive(armor(encodeIdentityMessage({ ...identity, dh: Uint8Array.of(1, i) })));
    const bad = codes(alice);
    expect(bad.filter((code) => code === "BAD_DH_KEY").length).toBeLessThanOrEqual(3);
    for (let i = 0; i < 4; i++) alice.receive(armor(encodeIdentityMessage({ ...identity, ecdh: new Uint8Array(57) })));
    expect(codes(alice).at(-1)).toBe("RATE_LIMITED");
    alice.wait(60);
    expect(alice.receive(armor(encodeIdentityMessage(identity))).send.length).toBe(1);
  });

  it("count for Auth-R and Auth-I, too", () => {
    const [alice, bob] = attacked(strangers);
    const authR = messageOf(only(bob.receive(alice.start()).send), "auth-r");
    const bad = armor(encodeAuthRMessage({ ...authR, ringSignature: new Uint8Array(342) }));
    for (let i = 0; i < 4; i++) alice.receive(bad);
    expect(codes(alice)).toEqual(["BAD_SIGNATURE", "BAD_SIGNATURE", "BAD_SIGNATURE", "RATE_LIMITED"]);
    alice.wait(60);
    const [carol, dave] = attacked(strangers);
    const [answer] = carol.receive(dave.start()).send;
    const authI = messageOf(only(dave.receive(answer as string).send), "auth-i");
    const other = armor(encodeAuthIMessage({ ...authI, ringSignature: new Uint8Array(342) }));
    for (let i = 0; i < 4; i++) carol.receive(other);
    expect(codes(carol)).toEqual(["BAD_SIGNATURE", "BAD_SIGNATURE", "BAD_SIGNATURE", "RATE_LIMITED"]);
    carol.wait(60);
    carol.receive(armor(encodeAuthIMessage(authI)));
    expect(carol.endpoint.sessions.length).toBe(1);
  });

  it("cost nothing where nobody waits for them", () => {
    const [alice, bob] = attacked(friends);
    const [carol, dave] = strangers({ now: 1 });
    const authR = only(dave.receive(carol.start()).send);
    for (let i = 0; i < 10; i++) alice.receive(authR);
    expect(codes(alice).includes("RATE_LIMITED")).toBe(false);
    tell(bob, alice, "fine");
  });
});

describe("what we say to bad input", () => {
  it("is an error message, so often a minute and no more", () => {
    const [alice, bob] = attacked(friends);
    tell(bob, alice, "first");
    const bad = forged(bob.say("second"));
    const sent = [1, 2, 3, 4].map(() => alice.receive(bad).send);
    expect(sent).toEqual([[errorMessage(1)], [errorMessage(1)], [], []]);
    expect(eventsOf(alice.events, "rejected").every(({ unreadable }) => unreadable)).toBe(true);
    alice.wait(60);
    expect(alice.receive(bad).send).toEqual([errorMessage(1)]);
  });

  it("is nothing to an error message: nobody talks to an echo", () => {
    const [alice, bob] = friends();
    for (const code of [1, 2, 3] as const) {
      expect(alice.receive(errorMessage(code)).send).toEqual([]);
      expect(bob.receive(errorMessage(code)).send).toEqual([]);
    }
  });

  it("is one of three: unreadable, no conversation, malformed", () => {
    const [alice, bob] = friends();
    const text = bob.say("x");
    expect(alice.receive(forged(text)).send).toEqual([errorMessage(1)]);
    expect(strangers()[0].receive(text).send).toEqual([errorMessage(2)]);
    const bytes = Buffer.from(text.slice(5, -1), "base64");
    expect(alice.receive(armor(bytes.subarray(0, -1))).send).toEqual([errorMessage(3)]);
    tell(bob, alice, "y");
    expect(alice.texts).toEqual(["y"]);
  });
});

// What an attacker's review found: two steps from one state, states too large to store, MAC keys that pile up, places
// mixed up, handshakes completed long after their time.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import { send } from "../../src/session/actions.ts";
import { createBudget } from "../../src/session/budget.ts";
import { commit } from "../../src/session/commit.ts";
import { encodeEndpoint } from "../../src/session/encode.ts";
import { receive } from "../../src/session/receive.ts";
import { eventsOf, friends, handshake, only, strangers, tell } from "../support/players.ts";

describe("two steps taken at once from one state", () => {
  it("are not both committed: the second would use a key twice", () => {
    const [alice] = friends();
    const { session } = alice;
    const before = alice.endpoint;
    const [one, two] = ["attack at dawn", "retreat now!!!"].map((text) =>
      send(before, session.id, { text }, alice.env),
    );
    const after = commit(before, one as NonNullable<typeof one>);
    expect(() => commit(after, two as NonNullable<typeof two>)).toThrow(
      expect.objectContaining({ code: "SESSION_CONSUMED" }),
    );
    expect(() => commit(before, two as NonNullable<typeof two>)).toThrow(
      expect.objectContaining({ code: "SESSION_CONSUMED" }),
    );
  });

  it("are not both committed either when one of them is a message that came", () => {
    const [alice, bob] = friends();
    const text = bob.say("while you write");
    const before = alice.endpoint;
    const read = receive(before, text, alice.env);
    const said = send(before, alice.session.id, { text: "while you write to me" }, alice.env);
    const after = commit(before, read);
    expect(() => commit(after, said)).toThrow(expect.objectContaining({ code: "SESSION_CONSUMED" }));
    expect(send(after, alice.session.id, { text: "taken again" }, alice.env).send.length).toBe(1);
  });
});

describe("a state that a peer makes large", () => {
  it("can be stored on a thread with an ordinary stack", () => {
    const script = `
      import { createEndpoint, createIdentity, defaultLimits, encodeEndpoint, receive } from "sottovoce/otr";
      import { suite, systemRandom } from "sottovoce/otr";
      const now = 1763000000;
      const identity = createIdentity(suite, systemRandom, { now, limits: defaultLimits });
      const nothing = new Uint8Array();
      const context = { ours: nothing, theirs: nothing, shared: [] };
      const env = { suite, random: systemRandom, now, limits: defaultLimits, identity, context };
      let endpoint = createEndpoint(identity.instanceTag, {});
      const tag = identity.instanceTag.toString(16);
      for (let m = 1; m <= 20; m++)
        for (let i = 1; i <= 1500; i++)
          endpoint = receive(endpoint, ["?OTR|" + m, "aaaaaaaa", tag + "," + i + ",4096,x,"].join("|"), env).endpoint;
      const pieces = endpoint.fragments.reduce((sum, { pieces }) => sum + pieces.size, 0);
      console.log(pieces > 20000, encodeEndpoint(endpoint).length > 0);
    `;
    const out = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
    expect(out.trim()).toBe("true true");
  });

  it("does not grow with the MAC keys of messages that it skipped", () => {
    const [alice, bob] = friends({ limits: { maxSkip: 20, skippedKeys: 30, revealedPerMessage: 25 } });
    tell(bob, alice, "hi");
    tell(alice, bob, "so that Alice has spoken last");
    tell(bob, alice, "and Bob goes on alone");
    alice.say("once");
    let largest = 0;
    for (let i = 0; i < 40; i++) {
      for (let j = 0; j < 20; j++) bob.say("never arrives");
      tell(bob, alice, "arrives");
      const { ratchet } = alice.conversation;
      largest = Math.max(largest, ratchet.toReveal.length + (ratchet.sending?.overflow.length ?? 0));
    }
    expect(largest).toBeLessThan(60);
    const revealed = eventsOf(alice.events, "mac-keys-revealed").flatMap(({ by, keys }) => (by === "us" ? keys : []));
    expect(revealed.length).toBeGreaterThan(700);
    expect(encodeEndpoint(alice.endpoint).length).toBeLessThan(20_000);
  });
});

describe("two places", () => {
  it("give two sessions, even between the same devices", () => {
    const [alice, bob] = friends();
    const first = alice.session.id;
    for (const player of [alice, bob]) {
      player.env = { ...player.env, context: { ...player.env.context, shared: [utf8("another chat")] } };
    }
    handshake(alice, bob);
    expect(alice.endpoint.sessions.map(({ id }) => id === first)).toEqual([true, false]);
    expect(alice.endpoint.sessions.every(({ current, others }) => current !== undefined && others.length === 0)).toBe(
      true,
    );
    tell(alice, bob, "in the other place");
    expect(bob.texts).toEqual(["in the other place"]);
  });
});

describe("an Auth-I after its time", () => {
  it("completes nothing when the profile of its Identity has expired", () => {
    const [bob, alice] = strangers();
    const authR = only(alice.receive(bob.start()).send);
    const authI = only(bob.receive(authR).send);
    alice.wait(defaultLimits.profileSeconds + defaultLimits.profileGraceSeconds);
    alice.receive(authI);
    expect(eventsOf(alice.events, "rejected").map(({ code }) => code)).toEqual(["EXPIRED_PROFILE"]);
    expect(alice.endpoint.sessions).toEqual([]);
  });
});

describe("the budget", () => {
  it("does not let errors use up what Identities that come again may cost", () => {
    const budget = createBudget(defaultLimits);
    while (budget.mayReply(0));
    expect(budget.mayRepeat(0)).toBe(true);
  });
});

// What an attacker's review found: two steps from one state, states too large to store, MAC keys that pile up, places
// mixed up, handshakes completed long after their time.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import { closeAll, createEndpoint, send, start } from "../../src/session/actions.ts";
import { createBudget } from "../../src/session/budget.ts";
import { commit } from "../../src/session/commit.ts";
import { encodeEndpoint } from "../../src/session/encode.ts";
import { receive } from "../../src/session/receive.ts";
import { nextTick } from "../../src/session/tick.ts";
import { eventsOf, friends, handshake, only, Player, strangers, tell } from "../support/players.ts";

/** What a script on a thread of its own begins with: an endpoint of the built package. */
const ENDPOINT = `
  import { commit, createEndpoint, createIdentity, defaultLimits, encodeEndpoint } from "sottovoce/otr";
  import { receive, suite, systemRandom } from "sottovoce/otr";
  const now = 1763000000;
  const identity = createIdentity(suite, systemRandom, { now, limits: defaultLimits });
  const nothing = new Uint8Array();
  const context = { ours: nothing, theirs: nothing, shared: [] };
  const env = { suite, random: systemRandom, now, limits: defaultLimits, identity, context };
  const tag = identity.instanceTag.toString(16);
  let endpoint = createEndpoint(identity.instanceTag, {});
`;

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

describe("a past that was committed", () => {
  it("is not kept alive by what grew from it", () => {
    const script = `
      ${ENDPOINT}
      const first = new WeakRef(endpoint);
      for (let i = 1; i <= 50; i++)
        endpoint = commit(endpoint, receive(endpoint, ["?OTR|1|aaaaaaaa", tag + "," + i + ",99,x,"].join("|"), env));
      setTimeout(() => { globalThis.gc(); console.log(first.deref() === undefined, endpoint.fragments.length); }, 10);
    `;
    const flags = ["--expose-gc", "--input-type=module", "--eval", script];
    expect(execFileSync(process.execPath, flags, { encoding: "utf8" }).trim()).toBe("true 1");
  });
});

describe("a state that a peer makes large", () => {
  it("can be stored on a thread with an ordinary stack", () => {
    const script = `
      ${ENDPOINT}
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

describe("a peer that lost its conversations and kept its keys", () => {
  it("is told once where we go on, and followed when it cannot follow", () => {
    // Of the two devices the one with the higher tag insists; of many pairs some have the higher hash on the old side.
    let insisted = 0;
    for (let i = 0; i < 24; i++) {
      const [alice, bob] = [new Player(`alice ${i}`, `bob ${i}`), new Player(`bob ${i}`, `alice ${i}`)];
      const [high, low] = alice.tag > bob.tag ? [alice, bob] : [bob, alice];
      handshake(high, low);
      low.endpoint = createEndpoint(low.tag, { answer: "auto" });
      handshake(low, high);
      const old = high.conversation.role === "initiator";
      const said = [low.say("first"), low.say("second")];
      const first = high.receive(said[0] as string);
      if (old) expect(first.send.length).toBeGreaterThan(0);
      for (const text of first.send) low.receive(text);
      high.receive(said[1] as string);
      expect(high.texts).toEqual(["first", "second"]);
      if (old) {
        insisted++;
        expect(eventsOf(high.events, "switched").length).toBe(1);
      }
      tell(high, low, "so we go on here");
      expect(low.texts).toEqual(["so we go on here"]);
    }
    expect(insisted).toBeGreaterThan(3);
    expect(insisted).toBeLessThan(21);
  });
});

describe("a caller's mistakes with time and used-up states", () => {
  it("are refused: milliseconds, no number, an expired profile of our own", () => {
    const [alice] = strangers();
    const at = (now: number) => () => start(alice.endpoint, { ...alice.env, now });
    expect(at(Date.now())).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(at(Number.NaN)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    expect(at(alice.env.now + defaultLimits.profileSeconds)).toThrow(expect.objectContaining({ code: "BAD_STATE" }));
    expect(at(alice.env.now)().send.length).toBe(1);
  });

  it("are refused: storing or asking a state whose secrets were cleared", () => {
    const [alice] = friends();
    const before = alice.endpoint;
    alice.say("the next state");
    for (const misuse of [() => encodeEndpoint(before), () => nextTick(before, alice.env)]) {
      expect(misuse).toThrow(expect.objectContaining({ code: "SESSION_CONSUMED" }));
    }
  });

  it("closing everything says what ended, and a replayed Identity invites nobody afterwards", () => {
    const [bob, alice] = strangers({}, [{}, { policy: { answer: "ask" } }]);
    const identity = bob.start();
    alice.receive(identity);
    const step = alice.take((endpoint, env) => closeAll(endpoint, env));
    expect(step.events).toMatchObject([{ type: "handshake-ended", kind: "invitation", peerTag: bob.tag }]);
    alice.receive(identity);
    expect(alice.endpoint.invitations).toEqual([]);
    const idle = alice.endpoint;
    expect(alice.take((endpoint, env) => closeAll(endpoint, env)).endpoint).toBe(idle);
  });
});

describe("the budget", () => {
  it("does not let errors use up what Identities that come again may cost", () => {
    const budget = createBudget(defaultLimits);
    while (budget.mayReply(0));
    expect(budget.mayRepeat(0)).toBe(true);
  });
});

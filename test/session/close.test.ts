import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { authenticate } from "../../src/crypto/cipher.ts";
import { defaultLimits } from "../../src/limits.ts";
import { closeAll } from "../../src/session/actions.ts";
import { IGNORE_UNREADABLE } from "../../src/wire/data-message.ts";
import { carry, dataOf, eventsOf, friends, messageOf, only, Player, strangers, tell } from "../support/players.ts";
import { toySuite } from "../support/toy-suite.ts";

const coded = (code: string) => expect.objectContaining({ name: "SottovoceError", code });

/** Which of the texts each key verifies. */
function verifies(keys: readonly Uint8Array[], texts: readonly string[]): number[][] {
  return keys.map((key) =>
    texts.flatMap((text, i) => {
      const { sections, mac } = dataOf(text);
      return toHex(authenticate(toySuite, key, sections)) === toHex(mac) ? [i] : [];
    }),
  );
}

const revealed = (texts: readonly string[]): Uint8Array[] => texts.flatMap((text) => [...dataOf(text).revealed]);

describe("closing", () => {
  it("says goodbye, asks for silence, reveals what was read, and leaves nothing", () => {
    const [alice, bob] = friends();
    const texts = ["one", "two"].map((text) => bob.say(text));
    for (const text of texts) alice.receive(text);
    const { id } = alice.session;
    const step = alice.close();
    const message = dataOf(only(step.send));
    expect(message.flags).toBe(IGNORE_UNREADABLE);
    expect(verifies(message.revealed, texts)).toEqual([[0], [1]]);
    expect(step.events.map(({ type }) => type)).toEqual(["mac-keys-revealed", "closed"]);
    expect(step.events.at(-1)).toEqual({ type: "closed", session: id, reason: "user" });
    expect(alice.endpoint.sessions).toEqual([]);
  });

  it("reveals the MAC keys of messages that never came, too: they are given up", () => {
    const [alice, bob] = friends();
    const texts = ["lost", "lost as well", "read"].map((text) => bob.say(text));
    alice.receive(texts[2] as string);
    const { send } = alice.close();
    expect(verifies(revealed(send), texts)).toEqual([[2], [0], [1]]);
    const step = alice.receive(texts[0] as string);
    expect(step.events).toMatchObject([{ type: "rejected", code: "NO_KEY" }]);
  });

  it("reveals nothing of ours and nothing twice", () => {
    const [alice, bob] = friends();
    const ours = ["a", "b"].map((text) => alice.say(text));
    for (const text of ours) bob.receive(text);
    tell(bob, alice, "answer");
    const again = alice.say("reveals the answer's");
    expect(revealed([again]).length).toBe(1);
    expect(alice.close().events.map(({ type }) => type)).toEqual(["closed"]);
  });

  it("spreads more keys than one message holds over several, and says goodbye in the last", () => {
    const [alice, bob] = friends();
    const texts = Array.from({ length: 9 }, (_, i) => bob.say(`${i}`));
    for (const i of [1, 3, 5, 7, 8]) alice.receive(texts[i] as string);
    alice.limit({ revealedPerMessage: 3 });
    const { send } = alice.close();
    expect(send.map((text) => dataOf(text).revealed.length)).toEqual([3, 3, 3]);
    expect(verifies(revealed(send), texts).flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const events = send.flatMap((text) => bob.receive(text).events.map(({ type }) => type));
    expect(events.filter((type) => type === "heartbeat").length).toBe(2);
    expect(events.filter((type) => type === "disconnected").length).toBe(1);
  });

  it("cannot be done twice, nor can anything be said after", () => {
    const [alice] = friends();
    alice.close();
    expect(() => alice.take((endpoint, env) => closeAll(endpoint, env))).not.toThrow();
    expect(() => alice.close()).toThrow();
  });

  it("refuses in silence what the peer says afterwards for everybody else to see", () => {
    const [alice, bob] = friends();
    tell(alice, bob, "read by Bob");
    const farewell = bob.receive(only(alice.close().send)).send;
    expect(revealed(farewell).length).toBe(2);
    const step = alice.receive(only(farewell));
    expect(step.send).toEqual([]);
    expect(step.events).toMatchObject([{ type: "rejected", unreadable: false }]);
  });

  it("on both sides at once leaves nothing on either", () => {
    const [alice, bob] = friends();
    tell(alice, bob, "hi");
    tell(bob, alice, "ho");
    const [his, hers] = [bob.close().send, alice.close().send];
    for (const [player, texts] of [
      [alice, his],
      [bob, hers],
    ] as const) {
      const step = player.receive(only(texts));
      expect(step.send).toEqual([]);
      expect(step.events).toMatchObject([{ type: "rejected", unreadable: false }]);
      expect(player.endpoint.sessions).toEqual([]);
    }
  });

  it("then starting again gives a new conversation", () => {
    const [alice, bob] = friends();
    const first = toHex(alice.conversation.ssid);
    carry(alice, bob, alice.close().send);
    expect(bob.endpoint.sessions).toEqual([]);
    carry(bob, alice, [bob.start()]);
    tell(alice, bob, "again");
    expect(bob.texts).toEqual(["again"]);
    expect(toHex(alice.conversation.ssid)).not.toBe(first);
  });
});

describe("when the peer closes", () => {
  it("nothing more can be said, and the last message reveals what was read", () => {
    const [alice, bob] = friends();
    const texts = [alice.say("one")];
    bob.receive(texts[0] as string);
    const { id } = bob.session;
    const goodbye = only(alice.close().send);
    const step = bob.receive(goodbye);
    expect(step.events.map(({ type }) => type)).toEqual(["disconnected", "drained", "mac-keys-revealed"]);
    expect(step.events.slice(0, 2)).toEqual([
      { type: "disconnected", session: id, missing: 0 },
      { type: "drained", session: id, missing: 0 },
    ]);
    const last = dataOf(only(step.send));
    expect(last.flags).toBe(IGNORE_UNREADABLE);
    expect(verifies(last.revealed, [...texts, goodbye])).toEqual([[0], [1]]);
    expect(bob.endpoint.sessions).toEqual([]);
  });

  function overtaken(): { alice: Player; bob: Player; late: string[]; goodbye: string } {
    const [alice, bob] = friends();
    tell(alice, bob, "read");
    const late = ["late 1", "late 2"].map((text) => alice.say(text));
    const goodbye = only(alice.close().send);
    return { alice, bob, late, goodbye };
  }

  it("what the goodbye overtook can still be read, then the last message goes out", () => {
    const { bob, late, goodbye } = overtaken();
    const step = bob.receive(goodbye);
    expect(step.send).toEqual([]);
    expect(step.events).toEqual([{ type: "disconnected", session: bob.session.id, missing: 2 }]);
    expect(() => bob.say("too late")).toThrow(coded("BAD_STATE"));
    const first = bob.receive(late[1] as string);
    expect(first.send).toEqual([]);
    expect(first.events).toMatchObject([{ type: "message", text: "late 2", late: true }]);
    const second = bob.receive(late[0] as string);
    expect(second.events.map(({ type }) => type)).toEqual(["message", "drained", "mac-keys-revealed"]);
    expect(second.events[1]).toMatchObject({ missing: 0 });
    expect(verifies(revealed(second.send), [goodbye, ...late]).slice(1)).toEqual([[0], [2], [1]]);
    expect(bob.endpoint.sessions).toEqual([]);
  });

  it("every key but those of the missing messages goes at once", () => {
    const { bob, goodbye } = overtaken();
    const { ratchet } = bob.conversation;
    bob.receive(goodbye);
    const gone = [ratchet.rootKey, ratchet.braceKey, ratchet.ourDh.secret, ratchet.receiving?.chainKey];
    for (const secret of gone) expect(secret?.every((byte) => byte === 0)).toBe(true);
    const { draining, current } = bob.session;
    expect(current).toBeUndefined();
    expect(draining?.skipped.map(({ messageId }) => messageId)).toEqual([1, 2]);
    for (const { key } of draining?.skipped ?? []) expect(key.some((byte) => byte !== 0)).toBe(true);
  });

  it("a message that was read, forged or never sent is refused without a word", () => {
    const { alice, bob, late, goodbye } = overtaken();
    bob.receive(goodbye);
    bob.receive(late[0] as string);
    const before = bob.endpoint;
    for (const text of [late[0] as string, goodbye]) {
      const step = bob.receive(text);
      expect(step.events).toMatchObject([{ type: "rejected", code: "STALE", unreadable: false }]);
      expect([step.send, step.endpoint]).toEqual([[], before]);
    }
    expect(alice.endpoint.sessions).toEqual([]);
  });

  it("the wait for missing messages ends after its time, with how many never came and their MAC keys", () => {
    const { bob, late, goodbye } = overtaken();
    bob.receive(goodbye);
    bob.receive(late[0] as string);
    bob.wait(defaultLimits.drainSeconds - 1);
    expect(bob.tick().events).toEqual([]);
    bob.wait(1);
    const step = bob.tick();
    expect(step.events.map(({ type }) => type)).toEqual(["drained", "mac-keys-revealed"]);
    expect(step.events[0]).toMatchObject({ missing: 1 });
    expect(verifies(revealed(step.send), late).slice(-2)).toEqual([[0], [1]]);
    expect(bob.endpoint.sessions).toEqual([]);
  });

  it("our user may close as well, and ends the wait", () => {
    const { bob, late, goodbye } = overtaken();
    bob.receive(goodbye);
    const step = bob.close();
    expect(step.events.map(({ type }) => type)).toEqual(["mac-keys-revealed", "closed"]);
    expect(verifies(revealed(step.send), late).slice(-2)).toEqual([[0], [1]]);
    expect(bob.endpoint.sessions).toEqual([]);
  });

  it("a new handshake ends the wait", () => {
    const { alice, bob, goodbye } = overtaken();
    bob.receive(goodbye);
    carry(alice, bob, [alice.start()]);
    expect(eventsOf(bob.events, "drained")).toMatchObject([{ missing: 2 }]);
    expect(bob.endpoint.sessions.length).toBe(1);
    tell(bob, alice, "again");
    expect(alice.texts).toEqual(["again"]);
  });

  it("what it says with its goodbye is read", () => {
    const [alice, bob] = friends();
    const tlvs = [{ type: 1, value: new Uint8Array(0) }];
    const step = bob.receive(alice.say({ text: "bye", tlvs }));
    expect(step.events.map(({ type }) => type).slice(0, 2)).toEqual(["message", "disconnected"]);
    expect(bob.endpoint.sessions).toEqual([]);
  });

  it("a message read late may say goodbye too: it was said already", () => {
    const [alice, bob] = friends();
    const tlvs = [{ type: 1, value: new Uint8Array(0) }];
    const [first, second] = [alice.say({ text: "bye", tlvs }), alice.say({ text: "bye bye", tlvs })];
    bob.receive(second);
    expect(bob.receive(first).events.map(({ type }) => type)).toEqual(["message", "drained", "mac-keys-revealed"]);
    expect(eventsOf(bob.events, "disconnected").length).toBe(1);
  });
});

describe("closing everything", () => {
  it("ends every session, offer, invitation, answer and reassembly, with their secrets", () => {
    const [alice, bob] = friends();
    tell(bob, alice, "hi");
    const tablet = new Player("bob's tablet", "alice");
    tablet.env = { ...tablet.env, context: bob.env.context };
    carry(tablet, alice, [tablet.start()]);
    const phone = new Player("bob's phone", "alice");
    alice.receive(phone.start());
    alice.start();
    expect(alice.endpoint.sessions.length).toBe(2);
    expect(alice.endpoint.answers.length).toBe(1);
    const answer = only(alice.endpoint.answers);
    const step = alice.take((endpoint, env) => closeAll(endpoint, env));
    expect(step.send.map((text) => messageOf(text, "data").receiverTag)).toEqual([bob.tag, tablet.tag]);
    expect(eventsOf(step.events, "closed").length).toBe(2);
    expect(answer.answered.secret.every((byte) => byte === 0)).toBe(true);
    const { sessions, answers, invitations, buffered, fragments } = alice.endpoint;
    expect([sessions, answers, invitations, buffered, fragments]).toEqual([[], [], [], [], []]);
  });

  it("is refused on a used-up state, sessions or not", () => {
    const [alice] = strangers();
    const before = alice.endpoint;
    alice.start();
    expect(() => closeAll(before, alice.env)).toThrow(coded("SESSION_CONSUMED"));
  });
});

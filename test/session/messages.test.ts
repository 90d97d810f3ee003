import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../../src/bytes.ts";
import { seal } from "../../src/ratchet/send.ts";
import { createEndpoint, heartbeat, send, start } from "../../src/session/actions.ts";
import { armor } from "../../src/wire/armor.ts";
import { encodeDataMessage, IGNORE_UNREADABLE } from "../../src/wire/data-message.ts";
import { tlvType } from "../../src/wire/tlv.ts";
import { dataOf, eventsOf, friends, only, type Player, strangers, tell } from "../support/players.ts";

const coded = (code: string) => expect.objectContaining({ name: "SottovoceError", code });

/** A message with this plaintext and these revealed keys, which no endpoint of ours would write. */
function sealed(from: Player, to: Player, plaintext: Uint8Array, revealed: readonly Uint8Array[] = []): string {
  const { suite, random, limits } = from.env;
  const options = { senderTag: from.tag, receiverTag: to.tag, flags: 0 };
  const { sections, mac } = seal(suite, random, limits, from.conversation.ratchet, plaintext, options);
  return armor(encodeDataMessage(sections, mac, revealed));
}

describe("a message", () => {
  it("is read with its text and records, and says where it stands", () => {
    const [alice, bob] = friends();
    const tlvs = [
      { type: tlvType.application, value: utf8("app") },
      { type: tlvType.extraSymmetricKey, value: Uint8Array.of(0, 0, 0, 1) },
    ];
    alice.say("zero");
    const step = bob.receive(alice.say({ text: "sotto voce, grüße 🙂", tlvs }));
    expect(step.events).toEqual([
      {
        type: "message",
        session: bob.session.id,
        text: "sotto voce, grüße 🙂",
        tlvs,
        ratchetId: 0,
        messageId: 1,
        late: false,
        corrupted: false,
      },
    ]);
    expect(step.send).toEqual([]);
  });

  it("without text and records is a heartbeat, padding or not", () => {
    const [alice, bob] = friends();
    const contents = [{}, { text: "" }, { tlvs: [{ type: tlvType.padding, value: new Uint8Array(100) }] }];
    for (const content of contents) {
      expect(bob.receive(alice.say(content)).events).toEqual([{ type: "heartbeat", session: bob.session.id }]);
    }
  });

  it("with padding beside its text shows the text alone", () => {
    const [alice, bob] = friends();
    const tlvs = [{ type: tlvType.padding, value: new Uint8Array(9) }];
    const event = only(eventsOf(bob.receive(alice.say({ text: "x", tlvs })).events, "message"));
    expect(event.tlvs).toEqual([]);
  });

  it("keeps its text and whole records when the last one is corrupted", () => {
    const [alice, bob] = friends();
    const good = Uint8Array.of(0xf0, 0, 0, 1, 7);
    const bad = [[0], [0xf0, 1, 0], [0xf0, 1, 0, 2, 7], [0xf0, 1, 0xff, 0xff]];
    for (const tail of bad) {
      const plaintext = concat(utf8("text"), Uint8Array.of(0), good, Uint8Array.from(tail));
      const event = only(eventsOf(bob.receive(sealed(alice, bob, plaintext)).events, "message"));
      expect([event.text, event.tlvs.length, event.corrupted]).toEqual(["text", 1, true]);
      alice.say("skip this id");
    }
  });

  it("of broken text alone is no heartbeat", () => {
    const [alice, bob] = friends();
    const event = only(bob.receive(sealed(alice, bob, Uint8Array.of(0, 1))).events);
    expect(event).toMatchObject({ type: "message", text: "", corrupted: true });
    alice.say("skip this id");
    expect(bob.receive(sealed(alice, bob, Uint8Array.of(0xff, 0xfe))).events).toMatchObject([
      { type: "message", text: "\ufffd\ufffd", corrupted: false },
    ]);
  });

  it("without the zero byte after its text is read all the same", () => {
    const [alice, bob] = friends();
    expect(bob.receive(sealed(alice, bob, utf8("no zero"))).events).toMatchObject([{ text: "no zero", tlvs: [] }]);
    alice.say("skip this id");
    expect(bob.receive(sealed(alice, bob, new Uint8Array(0))).events).toMatchObject([{ type: "heartbeat" }]);
  });

  it("with more records than the limit shows those within", () => {
    const [alice, bob] = friends();
    bob.limit({ tlvs: 2 });
    const tlvs = [1, 2, 3].map((n) => ({ type: tlvType.application + n, value: Uint8Array.of(n) }));
    const event = only(eventsOf(bob.receive(alice.say({ text: "x", tlvs })).events, "message"));
    expect([event.tlvs.length, event.corrupted]).toEqual([2, true]);
  });

  it("of 100 kB arrives", () => {
    const [alice, bob] = friends();
    const text = "0123456789".repeat(10_000);
    tell(alice, bob, text);
    expect(bob.texts).toEqual([text]);
  });

  it("asks for silence when it is empty, or when its sender says so", () => {
    const [alice] = friends();
    expect(dataOf(alice.say("loud")).flags).toBe(0);
    expect(dataOf(alice.say({ text: "quiet", ignoreUnreadable: true })).flags).toBe(IGNORE_UNREADABLE);
    const beat = alice.take((endpoint, env) => heartbeat(endpoint, alice.session.id, env));
    expect(dataOf(only(beat.send)).flags).toBe(IGNORE_UNREADABLE);
  });
});

describe("revealed keys that come with a message", () => {
  it("are reported, and nothing else", () => {
    const [alice, bob] = friends();
    const keys = [1, 2].map((fill) => new Uint8Array(64).fill(fill));
    const before = bob.conversation.ratchet.toReveal.length;
    const step = bob.receive(sealed(alice, bob, utf8("x\0"), keys));
    expect(eventsOf(step.events, "mac-keys-revealed")).toEqual([
      { type: "mac-keys-revealed", session: bob.session.id, by: "peer", keys },
    ]);
    expect(bob.conversation.ratchet.toReveal.length).toBe(before + 1);
    expect(step.events.map(({ type }) => type)).toEqual(["mac-keys-revealed", "message"]);
  });

  it("are reported up to the limit, and the message is read", () => {
    const [alice, bob] = friends();
    bob.limit({ revealedKeys: 3 });
    const keys = Array.from({ length: 10 }, (_, i) => new Uint8Array(64).fill(i));
    const step = bob.receive(sealed(alice, bob, utf8("x\0"), keys));
    expect(only(eventsOf(step.events, "mac-keys-revealed")).keys).toEqual(keys.slice(0, 3));
    expect(bob.texts).toEqual(["x"]);
  });

  it("may be anything: nothing authenticates them", () => {
    const [alice, bob] = friends();
    const text = alice.say("x");
    const message = dataOf(text);
    const forged = armor(encodeDataMessage(message.sections, message.mac, [new Uint8Array(64)]));
    expect(bob.receive(forged).events.map(({ type }) => type)).toEqual(["mac-keys-revealed", "message"]);
  });
});

describe("a caller's mistake", () => {
  it("is a text with U+0000, and uses nothing up", () => {
    const [alice, bob] = friends();
    const before = alice.endpoint;
    expect(() => alice.say("cut\0here")).toThrow(coded("BAD_ARGUMENT"));
    expect(alice.endpoint).toBe(before);
    expect(dataOf(alice.say("whole")).messageId).toBe(0);
    expect(bob.endpoint.sessions.length).toBe(1);
  });

  it("is a record that does not fit, or too many", () => {
    const [alice] = friends();
    const tlv = (type: number, size: number) => ({ type, value: new Uint8Array(size) });
    for (const tlvs of [[tlv(7, 0x10000)], [tlv(-1, 0)], [tlv(0x10000, 0)], [tlv(1.5, 0)], Array(65).fill(tlv(7, 1))]) {
      expect(() => alice.say({ tlvs })).toThrow(coded("BAD_ARGUMENT"));
    }
    alice.say({ tlvs: [tlv(0xffff, 0xffff)] });
  });

  it("is content too large for a message", () => {
    const [alice, bob] = friends();
    const before = alice.endpoint;
    expect(() => alice.say("x".repeat(400_000))).toThrow(coded("TOO_LARGE"));
    expect(alice.endpoint).toBe(before);
    const large = "€".repeat(230_000);
    tell(alice, bob, large);
    expect(only(bob.texts).length).toBe(large.length);
  });

  it("is an unknown session", () => {
    const [alice] = friends();
    for (const id of ["", "00000100-0011223344556677"]) {
      expect(() => alice.take((endpoint, env) => send(endpoint, id, { text: "x" }, env))).toThrow(coded("NOT_FOUND"));
    }
  });

  it("is a tag or a carrier that cannot be", () => {
    for (const tag of [0, 0xff, -1, 0x100000000, 1.5, Number.NaN]) {
      expect(() => createEndpoint(tag)).toThrow(coded("BAD_ARGUMENT"));
    }
    for (const maxMessageChars of [-1, 1, 79, 100.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createEndpoint(0x100, { maxMessageChars })).toThrow(coded("BAD_ARGUMENT"));
    }
  });

  it("is the identity of another device", () => {
    const [alice, bob] = strangers();
    expect(() => start(alice.endpoint, bob.env)).toThrow(coded("BAD_ARGUMENT"));
  });

  it("is a device that nobody knows", () => {
    const [alice] = strangers();
    for (const tag of [1, 0xff, 0x12345678, alice.tag]) {
      expect(() => alice.start(tag)).toThrow(expect.objectContaining({ name: "SottovoceError" }));
    }
  });
});

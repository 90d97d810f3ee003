import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { authenticate } from "../../src/crypto/cipher.ts";
import type { DataMessage } from "../../src/wire/data-message.ts";
import { toySuite } from "../support/toy-suite.ts";
import { ends } from "./ends.ts";

/** How many of the messages each key verifies: one each, or the key has no business being revealed. */
function uses(keys: readonly Uint8Array[], messages: readonly DataMessage[]): number[] {
  const mac = (key: Uint8Array, { sections }: DataMessage): string => toHex(authenticate(toySuite, key, sections));
  return keys.map((key) => messages.filter((message) => mac(key, message) === toHex(message.mac)).length);
}

describe("revealing MAC keys", () => {
  it("happens in the first message of our next ratchet, for every message read until then", () => {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(3);
    for (const message of messages) responder.hear(message);
    const [first, second] = responder.chatter(2) as [DataMessage, DataMessage];
    expect(uses(first.revealed, messages)).toEqual([1, 1, 1]);
    expect(second.revealed).toEqual([]);
    expect(responder.ratchet.toReveal).toEqual([]);
  });

  it("does not happen for what was sent, what is on the way, and what may still come", () => {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(4);
    responder.hear(messages[2] as DataMessage);
    const mine = responder.chatter(2);
    expect(uses(mine[0]?.revealed ?? [], messages)).toEqual([1]);
    expect(uses(mine[0]?.revealed ?? [], [messages[2] as DataMessage])).toEqual([1]);
    initiator.hear(mine[0] as DataMessage);
    const answer = initiator.say("next");
    expect(uses(answer.revealed, mine)).toEqual([1]);
  });

  it("comes for a message that came late, one ratchet later", () => {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(2);
    responder.hear(messages[1] as DataMessage);
    const first = responder.say("first");
    responder.hear(messages[0] as DataMessage);
    expect(responder.say("same ratchet").revealed).toEqual([]);
    initiator.hear(first);
    const third = initiator.say("x");
    responder.hear(third);
    const { revealed } = responder.say("next ratchet");
    expect(uses(revealed, [...messages, third])).toEqual([1, 1]);
    expect(uses(revealed, [messages[0] as DataMessage, third])).toEqual([1, 1]);
  });

  it("of more keys than fit goes on in the messages after", () => {
    const [initiator, responder] = ends({ limits: { revealedPerMessage: 4 } });
    const messages = initiator.chatter(10);
    for (const message of messages) responder.hear(message);
    const mine = responder.chatter(4);
    expect(mine.map(({ revealed }) => revealed.length)).toEqual([4, 4, 2, 0]);
    const keys = mine.flatMap(({ revealed }) => revealed);
    expect(uses(keys, messages)).toEqual(Array(10).fill(1));
    expect(new Set(keys.map(toHex)).size).toBe(10);
    for (const message of mine) expect(initiator.hear(message)).toBe(`message ${message.messageId}`);
  });

  it("of what did not fit goes on in the next ratchet when this one is over", () => {
    const [initiator, responder] = ends({ limits: { revealedPerMessage: 4 } });
    const messages = initiator.chatter(10);
    for (const message of messages) responder.hear(message);
    initiator.hear(responder.say("four of them"));
    const next = initiator.say("next");
    responder.hear(next);
    expect(responder.ratchet.sending).toBeUndefined();
    const mine = responder.chatter(3);
    expect(mine.map(({ revealed }) => revealed.length)).toEqual([4, 3, 0]);
    const keys = mine.flatMap(({ revealed }) => revealed);
    expect(uses(keys, [...messages, next])).toEqual(Array(7).fill(1));
    expect(uses(keys.slice(0, 6), messages)).toEqual(Array(6).fill(1));
  });

  it("reveals no key twice in a long conversation, and all but the newest", () => {
    const two = ends();
    const sent: [DataMessage[], DataMessage[]] = [[], []];
    const revealed: [Uint8Array[], Uint8Array[]] = [[], []];
    for (let n = 0; n < 12; n++) {
      const who = (n % 2) as 0 | 1;
      for (const message of two[who].chatter((n % 4) + 1)) {
        sent[who].push(message);
        revealed[who].push(...message.revealed);
        two[1 - who]?.hear(message);
      }
    }
    for (const who of [0, 1] as const) {
      expect(uses(revealed[who], sent[1 - who] as DataMessage[])).toEqual(revealed[who].map(() => 1));
      expect(new Set(revealed[who].map(toHex)).size).toBe(revealed[who].length);
      const held = two[who].ratchet.toReveal.length;
      expect(revealed[who].length + held).toBe(sent[1 - who]?.length);
    }
  });
});

import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { authenticate } from "../../src/crypto/cipher.ts";
import { expireSkipped } from "../../src/ratchet/skipped.ts";
import type { DataMessage } from "../../src/wire/data-message.ts";
import { NOW } from "../support/players.ts";
import { toySuite } from "../support/toy-suite.ts";
import { altered, End, ends, upTo } from "./ends.ts";

/** Which of the messages verify under one of the keys. */
function verifiedBy(keys: readonly Uint8Array[], messages: readonly DataMessage[]): number[] {
  return messages.flatMap((message, i) =>
    keys.some((key) => toHex(authenticate(toySuite, key, message.sections)) === toHex(message.mac)) ? [i] : [],
  );
}

const at = (messages: readonly DataMessage[], i: number): DataMessage => {
  const message = messages[i];
  if (message === undefined) throw new Error("no such message");
  return message;
};

describe("messages that overtake each other", () => {
  it("are read in any order within a ratchet, each once", () => {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(6);
    for (const i of [4, 1, 5, 0, 3, 2]) expect(responder.hear(at(messages, i))).toBe(`message ${i}`);
    expect(responder.ratchet.skipped).toEqual([]);
    for (const message of messages) expect(responder.refusal(message)).toBe("DUPLICATE");
  });

  it("are read when they were last in the previous ratchet, as pn tells", () => {
    const [initiator, responder] = ends();
    responder.hear(initiator.say("hello"));
    const late = initiator.chatter(3);
    initiator.hear(responder.say("hi"));
    const next = initiator.say("next ratchet");
    expect(next.previousCount).toBe(4);
    responder.hear(next);
    expect(responder.ratchet.skipped.map(({ messageId }) => messageId)).toEqual([1, 2, 3]);
    for (const i of [2, 0, 1]) expect(responder.hear(at(late, i))).toBe(`message ${i}`);
    expect(responder.ratchet.skipped).toEqual([]);
    expect(responder.refusal(at(late, 0))).toBe("STALE");
  });

  it("are read when both kinds come at once: the first heard of a ratchet is not its first", () => {
    const [initiator, responder] = ends();
    const two = [initiator.say("a"), initiator.say("b")] as const;
    responder.hear(two[0]);
    initiator.hear(responder.say("answer"));
    const more = initiator.chatter(3);
    expect(responder.hear(at(more, 2))).toBe("message 2");
    expect(responder.ratchet.skipped.map(({ messageId }) => messageId)).toEqual([1, 0, 1]);
    expect([two[1], at(more, 0), at(more, 1)].map((message) => responder.hear(message))).toEqual([
      "b",
      "message 0",
      "message 1",
    ]);
  });

  it("are read several ratchets later", () => {
    const two = ends();
    const [initiator, responder] = two;
    const late: DataMessage[] = [];
    for (let n = 0; n < 9; n++) {
      const [from, to] = n % 2 === 0 ? [initiator, responder] : [responder, initiator];
      const [first, , last] = from.chatter(3) as [DataMessage, DataMessage, DataMessage];
      to.hear(last);
      if (to === responder) late.push(first);
    }
    expect(responder.ratchet.receiving?.number).toBe(8);
    expect(late.map((message) => responder.hear(message))).toEqual(late.map(() => "message 0"));
    expect(late.map((message) => message.ratchetId)).toEqual([0, 2, 4, 6, 8]);
  });

  it("of the responder's first ratchet are read after her second began", () => {
    const [initiator, responder] = ends();
    const early = responder.chatter(2);
    responder.hear(initiator.say("hello"));
    initiator.hear(responder.say("second ratchet"));
    expect(early.map((message) => initiator.hear(message))).toEqual(["message 0", "message 1"]);
  });

  it("keep their key when a forgery comes first", () => {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(2);
    responder.hear(at(messages, 1));
    const good = at(messages, 0);
    const before = responder.ratchet;
    const forged = { ...good, mac: good.mac.with(0, (good.mac[0] as number) ^ 1) };
    expect(responder.refusal(forged)).toBe("BAD_MAC");
    expect(responder.ratchet).toBe(before);
    expect(responder.hear(good)).toBe("message 0");
  });
});

describe("the bounds of skipping", () => {
  const limits = { maxSkip: 5, skippedKeys: 8 };

  it("allow maxSkip within a ratchet and not one more", () => {
    const [initiator, responder] = ends({ limits });
    const messages = initiator.chatter(7);
    expect(responder.refusal(at(messages, 6))).toBe("TOO_MANY_SKIPPED");
    expect(responder.hear(at(messages, 5))).toBe("message 5");
    expect(responder.ratchet.skipped.length).toBe(5);
    const more = initiator.chatter(6);
    expect(responder.refusal(at(more, 5))).toBe("TOO_MANY_SKIPPED");
    expect(responder.refusal(at(more, 4))).toBe("accepted");
  });

  it("allow maxSkip at the end of the previous ratchet and not one more", () => {
    for (const [lost, expected] of [
      [5, "accepted"],
      [6, "TOO_MANY_SKIPPED"],
    ] as const) {
      const [initiator, responder] = ends({ limits });
      responder.hear(initiator.say("hello"));
      initiator.chatter(lost);
      initiator.hear(responder.say("hi"));
      expect(responder.refusal(initiator.say("next")), `${lost} lost`).toBe(expected);
    }
  });

  it.each([
    ["j", { messageId: 0xffffffff }],
    ["pn", { previousCount: 0xffffffff }],
  ])("stop a forged %s of 2^32 − 1 before anything is computed", (_, change) => {
    const [initiator, responder] = ends();
    responder.hear(initiator.say("hello"));
    initiator.hear(responder.say("hi"));
    const next = altered(initiator.say("next"), change);
    const noGroups = { ...toySuite, group: {}, dh: {}, shake256: undefined, chacha20: undefined } as never;
    const end = new End(responder.ratchet, responder.random, responder.tags, { suite: noGroups });
    expect(end.refusal(next)).toBe("TOO_MANY_SKIPPED");
  });

  it("stop a forged j of 2^32 − 1 in the current ratchet", () => {
    const [initiator, responder] = ends();
    responder.hear(initiator.say("hello"));
    const forged = altered(initiator.say("more"), { messageId: 0xffffffff });
    expect(responder.refusal(forged)).toBe("TOO_MANY_SKIPPED");
  });

  it("take a pn below what was received already for what it is: nothing is missing", () => {
    const [initiator, responder] = ends();
    responder.hear(initiator.say("one"));
    responder.hear(initiator.say("two"));
    initiator.hear(responder.say("hi"));
    const next = initiator.say("next");
    expect(responder.refusal(altered(next, { previousCount: 0 }))).toBe("BAD_MAC");
    expect(responder.hear(next)).toBe("next");
    expect(responder.ratchet.skipped).toEqual([]);
  });

  it("drop the oldest keys beyond the cap, wipe them, and reveal their MAC keys", () => {
    const [initiator, responder] = ends({ limits });
    const messages = initiator.chatter(14);
    responder.hear(at(messages, 5));
    const doomed = responder.ratchet.skipped.slice(0, 3);
    expect(doomed.map(({ messageId }) => messageId)).toEqual([0, 1, 2]);
    responder.hear(at(messages, 10));
    responder.hear(at(messages, 13));
    const kept = responder.ratchet.skipped.map(({ messageId }) => messageId);
    expect(kept).toEqual([3, 4, 6, 7, 8, 9, 11, 12]);
    for (const { key, extra } of doomed) expect([...key, ...extra].every((byte) => byte === 0)).toBe(true);
    for (const i of [0, 1, 2]) expect(responder.refusal(at(messages, i))).toBe("DUPLICATE");
    expect(responder.hear(at(messages, 3))).toBe("message 3");
    const { revealed } = responder.seal("reveals");
    expect(verifiedBy(revealed, messages)).toEqual([0, 1, 2, 3, 5, 10, 13]);
    expect(revealed.length).toBe(7);
  });

  it("drop keys that have not even been stored when one message skips more than the cap holds", () => {
    const [initiator, responder] = ends({ limits: { maxSkip: 10, skippedKeys: 4 } });
    const messages = initiator.chatter(9);
    responder.hear(at(messages, 8));
    expect(responder.ratchet.skipped.map(({ messageId }) => messageId)).toEqual([4, 5, 6, 7]);
    expect(verifiedBy(responder.ratchet.toReveal, messages)).toEqual([0, 1, 2, 3, 8]);
  });
});

describe("the age of skipped keys", () => {
  function waiting(): { responder: End; messages: DataMessage[] } {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(6);
    responder.hear(at(messages, 2));
    responder.now = NOW + 10;
    responder.hear(at(messages, 5));
    return { responder, messages };
  }

  it("drops those stored before a time, wipes them, and reveals their MAC keys", () => {
    const { responder, messages } = waiting();
    const [first] = responder.ratchet.skipped;
    const { ratchet, wipe } = expireSkipped(toySuite, responder.ratchet, NOW + 9);
    expect(ratchet.skipped.map(({ messageId }) => messageId)).toEqual([3, 4]);
    expect(wipe).toContain(first?.key);
    expect(wipe).toContain(first?.extra);
    expect(wipe.length).toBe(4);
    expect(verifiedBy(ratchet.toReveal, messages)).toEqual([0, 1, 2, 5]);
  });

  it("gives the very same ratchet when nothing is old enough", () => {
    const { responder } = waiting();
    const { ratchet, wipe } = expireSkipped(toySuite, responder.ratchet, NOW - 1);
    expect(ratchet).toBe(responder.ratchet);
    expect(wipe).toEqual([]);
  });

  it("drops every one that is old enough, wherever it stands: clocks go back", () => {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(6);
    responder.now = NOW + 1_000_000;
    responder.hear(at(messages, 2));
    responder.now = NOW;
    responder.hear(at(messages, 5));
    const { ratchet } = expireSkipped(toySuite, responder.ratchet, NOW);
    expect(ratchet.skipped.map(({ messageId }) => messageId)).toEqual([0, 1]);
    expect(verifiedBy(ratchet.toReveal, messages)).toEqual([2, 3, 4, 5]);
  });
});

describe("upTo", () => {
  it("leads both ends to the same ratchet", () => {
    const two = ends();
    upTo(5, two);
    expect(two.map(({ ratchet }) => ratchet.latest)).toEqual([5, 5]);
    expect(toHex(two[0].ratchet.rootKey)).toBe(toHex(two[1].ratchet.rootKey));
  });
});

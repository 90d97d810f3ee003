import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import { toySuite } from "../support/toy-suite.ts";
import { ends } from "./ends.ts";

describe.each([
  [toySuite, 14],
  [nodeSuite, 8],
] as const)("a ratchet on $name", (suite, rounds) => {
  it("talks in turn, shows ids without gaps, and a DH key in every message of each third ratchet", () => {
    const two = ends({ suite });
    const shown: [number, number, boolean][] = [];
    for (let round = 0; round < rounds; round++) {
      const [from, to] = round % 2 === 0 ? two : [two[1], two[0]];
      for (const message of from.chatter(3)) {
        shown.push([message.ratchetId, message.messageId, message.dh.length > 0]);
        expect(to.hear(message)).toBe(`message ${message.messageId}`);
      }
    }
    const expected = Array.from({ length: rounds * 3 }, (_, i) => [
      Math.floor(i / 3),
      i % 3,
      Math.floor(i / 3) % 3 === 0,
    ]);
    expect(shown).toEqual(expected);
  });

  it("lets both send at once before anything was heard, each with ratchet id 0 and a DH key", () => {
    const [initiator, responder] = ends({ suite });
    const [his, hers] = [initiator.chatter(2), responder.chatter(2)];
    for (const message of [...his, ...hers]) {
      expect([message.ratchetId, message.previousCount, message.dh.length > 0]).toEqual([0, 0, true]);
    }
    expect(toHex(his[0]?.ecdh as Uint8Array)).not.toBe(toHex(hers[0]?.ecdh as Uint8Array));
    expect(his.map((message) => responder.hear(message))).toEqual(["message 0", "message 1"]);
    expect(hers.map((message) => initiator.hear(message))).toEqual(["message 0", "message 1"]);
    // The responder heard of ratchet 0 and opens 1; the initiator goes on in 0, for −1 is older.
    expect(responder.say("next").ratchetId).toBe(1);
    expect(initiator.say("still").ratchetId).toBe(0);
  });
});

describe("the ratchet id", () => {
  it("is never reset, and pn says how many messages the sender's ratchet before held", () => {
    const [initiator, responder] = ends();
    const counts = [1, 4, 2, 1, 3, 5, 1, 2, 1, 3, 1, 1];
    counts.forEach((count, n) => {
      const [from, to] = n % 2 === 0 ? [initiator, responder] : [responder, initiator];
      for (const message of from.chatter(count)) {
        expect(message.ratchetId).toBe(n);
        expect(message.previousCount).toBe(counts[n - 2] ?? 0);
        to.hear(message);
      }
    });
    expect(initiator.ratchet.latest).toBe(11);
  });

  it("of the responder's second ratchet counts her first, which showed 0 as well", () => {
    const [initiator, responder] = ends();
    const early = responder.chatter(3);
    responder.hear(initiator.say("hello"));
    const next = responder.say("next");
    expect([next.ratchetId, next.previousCount]).toEqual([1, 3]);
    expect(initiator.hear(next)).toBe("next");
    expect(early.map((message) => initiator.hear(message))).toEqual(["message 0", "message 1", "message 2"]);
  });

  it("stays as long as only one side speaks", () => {
    const [initiator, responder] = ends();
    for (const message of initiator.chatter(50)) {
      expect(message.ratchetId).toBe(0);
      responder.hear(message);
    }
    expect(initiator.say("fifty-first").messageId).toBe(50);
  });
});

describe("keys", () => {
  it("are new for every message, and in every ratchet", () => {
    const two = ends();
    const [initiator, responder] = two;
    const ciphertexts = new Set<string>();
    const points = new Set<string>();
    const dhKeys = new Set<string>();
    for (let n = 0; n < 10; n++) {
      const [from, to] = n % 2 === 0 ? [initiator, responder] : [responder, initiator];
      for (let i = 0; i < 3; i++) {
        const message = from.say("the same words, over and over");
        ciphertexts.add(toHex(message.ciphertext));
        points.add(toHex(message.ecdh));
        if (message.dh.length > 0) dhKeys.add(toHex(message.dh));
        to.hear(message);
      }
    }
    expect([ciphertexts.size, points.size, dhKeys.size]).toEqual([30, 10, 4]);
  });

  it("of ours have no secret any more once their second exchange is done, until we speak again", () => {
    const [initiator, responder] = ends();
    responder.hear(initiator.say("hello"));
    expect(responder.ratchet.ourEcdh.secret.length).toBe(0);
    expect(responder.ratchet.ourDh.secret.length).toBe(0);
    const answer = responder.say("hello yourself");
    expect(responder.ratchet.ourEcdh.secret.length).toBe(57);
    initiator.hear(answer);
    expect(initiator.ratchet.ourEcdh.secret.length).toBe(0);
    expect(initiator.ratchet.ourDh.secret.length).toBe(80);
  });

  it("open a message once, and at the other end only", () => {
    const [initiator, responder] = ends();
    const message = initiator.say("for the responder");
    expect(initiator.refusal(message)).toBe("NO_KEY");
    responder.hear(message);
    expect(responder.refusal(message)).toBe("DUPLICATE");
  });
});

// Messages that are not accepted: by what code, and that they leave nothing behind.
import { describe, expect, it } from "vitest";
import { EMPTY, utf8 } from "../../src/bytes.ts";
import { DH_PRIME } from "../../src/crypto/dh3072.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import { isCostly, open } from "../../src/ratchet/receive.ts";
import { seal } from "../../src/ratchet/send.ts";
import { secretsOf } from "../../src/ratchet/state.ts";
import type { DataMessage } from "../../src/wire/data-message.ts";
import { badPoints } from "../crypto/points.ts";
import { toySuite } from "../support/toy-suite.ts";
import { value } from "../wire/results.ts";
import { altered, type End, ends, upTo } from "./ends.ts";

/** Expects a refusal, the state and the message as they were, and the genuine message readable afterwards. */
function refused(end: End, message: DataMessage, genuine: DataMessage): string {
  const [ratchet, sent] = [structuredClone(end.ratchet), structuredClone(message)];
  const code = end.refusal(message);
  expect(end.ratchet).toEqual(ratchet);
  expect(message).toEqual(sent);
  expect(end.refusal(genuine)).toBe("accepted");
  return code;
}

function big(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
}

describe("a message of a new ratchet, on the real groups", () => {
  const two = ends({ suite: nodeSuite });
  const [initiator, responder] = two;
  const genuine = initiator.say("ratchet 0");

  it.each(badPoints.filter(([, point]) => point.length === 57))("is refused with %s", (_, ecdh) => {
    expect(refused(responder, altered(genuine, { ecdh }), genuine)).toBe("BAD_POINT");
  });

  it.each([
    ["nothing", EMPTY],
    ["0", Uint8Array.of(0)],
    ["1", Uint8Array.of(1)],
    ["p − 1", big(DH_PRIME - 1n)],
    ["p", big(DH_PRIME)],
    ["a non-residue", big(DH_PRIME - 2n)],
    ["zeros before a good key", Uint8Array.of(0, ...genuine.dh)],
  ])("is refused with %s as its DH key", (_, dh) => {
    expect(refused(responder, altered(genuine, { dh }), genuine)).toBe("BAD_DH_KEY");
  });

  it("is refused with a valid point and key that are not the sender's", () => {
    const ecdh = nodeSuite.group.multiplyBase(new Uint8Array(57).with(0, 4));
    expect(refused(responder, altered(genuine, { ecdh }), genuine)).toBe("BAD_MAC");
    expect(refused(responder, altered(genuine, { dh: Uint8Array.of(4) }), genuine)).toBe("BAD_MAC");
  });
});

describe.each([1, 2, 3, 4, 5, 6])("a message of ratchet %i", (number) => {
  const two = ends();
  upTo(number - 1, two);
  const [from, to] = number % 2 === 0 ? two : [two[1], two[0]];
  const genuine = from.say("next");

  it("is refused without the DH key it must have, or with one it must not have", () => {
    const dh = number % 3 === 0 ? EMPTY : Uint8Array.of(4);
    expect(genuine.dh.length > 0).toBe(number % 3 === 0);
    expect(refused(to, altered(genuine, { dh }), genuine)).toBe("BAD_DH_KEY");
  });

  it("is refused under any other ratchet id", () => {
    const codes = [-2, -1, 1, 2, 3].flatMap((by) => {
      const ratchetId = number + by;
      return ratchetId < 0 ? [] : [refused(to, altered(genuine, { ratchetId }), genuine)];
    });
    for (const code of codes) expect(["STALE", "NO_KEY"]).toContain(code);
    expect(refused(to, altered(genuine, { ratchetId: 0xffffffff }), genuine)).toBe("NO_KEY");
  });

  it("is refused with any bit of any field changed", () => {
    const changes: Partial<DataMessage>[] = [
      { senderTag: genuine.senderTag + 1 },
      { receiverTag: genuine.receiverTag + 1 },
      { flags: 1 },
      { previousCount: genuine.previousCount + 1 },
      { messageId: 1 },
      { ciphertext: genuine.ciphertext.with(0, (genuine.ciphertext[0] as number) ^ 0x80) },
      { ciphertext: genuine.ciphertext.slice(1) },
      { ciphertext: EMPTY },
      { mac: genuine.mac.with(63, (genuine.mac[63] as number) ^ 1) },
      { mac: new Uint8Array(64) },
    ];
    for (const change of changes) expect(refused(to, altered(genuine, change), genuine)).toBe("BAD_MAC");
  });

  it("is refused under its sender's eyes", () => {
    expect(from.refusal(genuine)).toMatch(/STALE|NO_KEY/);
  });
});

describe("a message of the current ratchet", () => {
  const [initiator, responder] = ends();
  responder.hear(initiator.say("first"));
  const genuine = initiator.say("second");

  it("is refused with any field changed, and costs no exchange of keys", () => {
    const changes: Partial<DataMessage>[] = [
      { flags: 1 },
      { previousCount: 7 },
      { ratchetId: 1 },
      { ratchetId: 0xffffffff },
      { messageId: 2 },
      { dh: EMPTY },
      { dh: Uint8Array.of(4) },
      { ciphertext: EMPTY },
      { mac: new Uint8Array(64) },
    ];
    for (const change of changes) {
      const message = altered(genuine, change);
      const cheap = { ...toySuite, group: {}, dh: {} } as never;
      const result = open(
        { suite: cheap, limits: responder.limits, now: 0, mayTryCostly: true },
        responder.ratchet,
        message,
      );
      expect(result).toMatchObject({ ok: false, code: "BAD_MAC" });
      expect(refused(responder, message, genuine)).toBe("BAD_MAC");
    }
  });
});

describe("without leave for costly work", () => {
  it("a new ratchet and a long walk are refused, a short walk and a stored key are not", () => {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(70);
    const at = (i: number): DataMessage => messages[i] as DataMessage;
    responder.mayTryCostly = false;
    expect(responder.refusal(at(0))).toBe("RATE_LIMITED");
    responder.mayTryCostly = true;
    responder.hear(at(1));
    responder.mayTryCostly = false;
    expect(responder.hear(at(0))).toBe("message 0");
    expect(responder.refusal(at(2 + 33))).toBe("RATE_LIMITED");
    expect(responder.hear(at(2 + 32))).toBe("message 34");
    expect(responder.hear(at(2))).toBe("message 2");
  });

  it("what counts as costly is what would be", () => {
    const [initiator, responder] = ends();
    const messages = initiator.chatter(70);
    const at = (i: number): DataMessage => messages[i] as DataMessage;
    expect(isCostly(responder.ratchet, at(0))).toBe(true);
    responder.hear(at(1));
    expect([0, 1, 2, 34, 35].map((i) => isCostly(responder.ratchet, at(i)))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    initiator.hear(responder.say("turn"));
    responder.hear(initiator.say("next ratchet"));
    expect(isCostly(responder.ratchet, at(0)), "its key is stored").toBe(false);
  });
});

describe("what a step does to its inputs", () => {
  /** Every secret of the old state that the new one does not hold is cleared by `wipe`, and nothing it holds is. */
  function expectExact(before: Uint8Array[], after: Uint8Array[], wipe: readonly Uint8Array[]): void {
    const cleared = new Set(wipe);
    for (const secret of before)
      if (!after.includes(secret)) expect(secret.length === 0 || cleared.has(secret)).toBe(true);
    for (const secret of after) expect(secret.length > 0 && cleared.has(secret)).toBe(false);
  }

  it("when receiving is nothing; what the new state no longer holds is named for wiping", () => {
    const two = ends();
    const [initiator, responder] = two;
    upTo(2, two);
    const hear = (end: End, message: DataMessage): void => {
      const copy = structuredClone(end.ratchet);
      const opened = value(end.try(message));
      expect(end.ratchet).toEqual(copy);
      expectExact(secretsOf(end.ratchet), secretsOf(opened.ratchet), opened.wipe);
      end.ratchet = opened.ratchet;
    };
    for (let n = 3; n < 8; n++) {
      const [from, to] = n % 2 === 0 ? [initiator, responder] : [responder, initiator];
      const messages = from.chatter(5);
      for (const i of [3, 1, 4]) hear(to, messages[i] as DataMessage);
    }
    responder.hear(initiator.say("x"));
    initiator.limits = { ...initiator.limits, skippedKeys: 3 };
    hear(initiator, responder.chatter(6)[5] as DataMessage);
    expect(initiator.ratchet.skipped.length).toBe(3);
  });

  it("when sending is nothing; what the new state no longer holds is named for wiping", () => {
    const two = ends();
    upTo(5, two);
    for (const end of [two[0], two[0], two[1], two[1]]) {
      const { ratchet, suite, random, limits } = end;
      const copy = structuredClone(ratchet);
      const sealed = seal(suite, random, limits, ratchet, utf8("x"), {
        senderTag: 0x100,
        receiverTag: 0x101,
        flags: 0,
      });
      expect(ratchet).toEqual(copy);
      expectExact(secretsOf(ratchet), secretsOf(sealed.ratchet), sealed.wipe);
      end.ratchet = sealed.ratchet;
    }
  });
});

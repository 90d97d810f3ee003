// Bad data messages and layouts, each its own test: a typed event, the very same endpoint, inputs unmutated, nothing
// thrown, nothing sent but at most an error message. On the real groups.
import { describe, expect, it } from "vitest";
import { EMPTY } from "../../src/bytes.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import type { RejectionCode } from "../../src/errors.ts";
import { receive } from "../../src/session/receive.ts";
import type { Env } from "../../src/session/step.ts";
import type { Endpoint } from "../../src/session/types.ts";
import { armor, errorMessage } from "../../src/wire/armor.ts";
import { type DataMessage, encodeDataMessage, encodeSections } from "../../src/wire/data-message.ts";
import { bytesOf, dataOf, only, strangers, tell } from "../support/players.ts";
import { badDhKeys, conversation, points, type Refused, refusal, silent } from "./refusal.ts";

const { bob, alice, fresh, offering, answering, established, identity, authR, authI, data } = conversation();

describe("a data message", () => {
  const message = dataOf(data);
  const encode = (changes: Partial<DataMessage>): string => {
    const fields = { ...message, ...changes };
    return armor(encodeDataMessage(encodeSections(fields), fields.mac, fields.revealed));
  };
  const refused = (changes: Partial<DataMessage>): Refused => refusal(established, encode(changes), alice.env);
  const unread = (code: RejectionCode): Refused => ({ code, unreadable: true, send: [errorMessage(1)] });

  it.each(points)("with %s", (_, ecdh) => {
    expect(refused({ ecdh })).toEqual(unread("BAD_POINT"));
  });

  // Those that are no MPI are malformed; there the peer is told so.
  it.each(badDhKeys)("with the DH key %s", (_, dh) => {
    const malformed = dh[0] === 0 || dh.length > 384;
    expect(refused({ dh })).toEqual(
      malformed ? { code: "BAD_DH_KEY", unreadable: false, send: [errorMessage(3)] } : unread("BAD_DH_KEY"),
    );
  });

  it.each([
    ["j", { messageId: 0xffffffff }, "TOO_MANY_SKIPPED"],
    ["the ratchet id", { ratchetId: 0xffffffff }, "NO_KEY"],
    ["pn, which says nothing before there was a ratchet", { previousCount: 0xffffffff }, "BAD_MAC"],
  ] as const)("with 2^32 − 1 as %s", (_, change, code) => {
    expect(refused(change)).toEqual(unread(code));
  });

  it("with 2^32 − 1 as pn in a later ratchet", () => {
    const [a, b] = strangers({ suite });
    const [one] = b.receive(a.start()).send;
    b.receive(only(a.receive(one as string).send));
    tell(a, b, "0");
    tell(b, a, "1");
    const next = dataOf(a.say("2"));
    const sections = encodeSections({ ...next, previousCount: 0xffffffff });
    const text = armor(encodeDataMessage(sections, next.mac, []));
    expect(refusal(b.endpoint, text, b.env)).toEqual(unread("TOO_MANY_SKIPPED"));
  });

  it("with anything under the MAC changed", () => {
    for (const change of [{ flags: 2 }, { messageId: 1 }, { ciphertext: EMPTY }, { mac: new Uint8Array(64) }]) {
      expect(refused(change)).toEqual(unread("BAD_MAC"));
    }
  });

  it("that asks for silence when it cannot be read", () => {
    expect(refused({ flags: 1 })).toEqual(silent("BAD_MAC"));
  });

  it("with no receiver, or a wrong one", () => {
    const bytes = bytesOf(data);
    const toAll = Uint8Array.of(...bytes.subarray(0, 7), 0, 0, 0, 0, ...bytes.subarray(11));
    expect(refusal(established, armor(toAll), alice.env).code).toBe("WRONG_TAG");
    expect(refused({ receiverTag: alice.tag - 1 })).toEqual(silent("WRONG_TAG"));
    expect(refused({ senderTag: alice.tag })).toEqual(silent("WRONG_TAG"));
  });

  it("of a device we have no conversation with", () => {
    const told = { code: "NO_KEY", unreadable: true, send: [errorMessage(2)] };
    expect(refused({ senderTag: bob.tag - 1 })).toEqual(told);
    expect(refusal(fresh, data, alice.env)).toEqual(told);
  });

  it("that came before", () => {
    const step = receive(established, data, alice.env);
    expect(refusal(step.endpoint, data, alice.env)).toEqual(silent("DUPLICATE"));
  });
});

describe("the layout", () => {
  const all: [string, Endpoint, string, Env][] = [
    ["an Identity", fresh, identity, alice.env],
    ["an Auth-R", offering, authR, bob.env],
    ["an Auth-I", answering, authI, alice.env],
    ["a data message", established, data, alice.env],
  ];

  it.each(all)("of %s cut off anywhere", (kind, endpoint, text, env) => {
    const bytes = bytesOf(text);
    for (let length = 0; length < bytes.length; length += length < 30 || length > bytes.length - 5 ? 1 : 13) {
      const { code, send } = refusal(endpoint, armor(bytes.subarray(0, length)), env);
      expect(["MALFORMED", "BAD_PROFILE", "BAD_DH_KEY"], `${kind} of ${length}`).toContain(code);
      expect(send.length).toBeLessThanOrEqual(1);
      for (const reply of send) expect(reply).toBe(errorMessage(3));
    }
  });

  it.each(all)("of %s with something after it", (_, endpoint, text, env) => {
    const longer = armor(Uint8Array.of(...bytesOf(text), 0));
    expect(refusal(endpoint, longer, env).code).toBe("MALFORMED");
  });

  it.each(all)("of %s in another version", (_, endpoint, text, env) => {
    const bytes = bytesOf(text);
    for (const version of [0, 3, 5, 0x104]) {
      const other = armor(Uint8Array.of(version >> 8, version & 0xff, ...bytes.subarray(2)));
      expect(refusal(endpoint, other, env)).toEqual(silent("UNSUPPORTED_VERSION"));
    }
  });

  it.each(all)("of %s as another type", (_, endpoint, text, env) => {
    const bytes = bytesOf(text);
    for (const type of [0, 0x02, 0x08, 0x34, 0x38, 0xff]) {
      expect(refusal(endpoint, armor(bytes.with(2, type)), env)).toEqual(silent("UNSUPPORTED_TYPE"));
    }
    const { code, send } = refusal(endpoint, armor(bytes.with(2, 0x8d)), env);
    expect(["UNSUPPORTED_TYPE", "WRONG_TAG"]).toContain(code);
    expect(send).toEqual([]);
  });

  it("of the armor", () => {
    const bad = ["?OTR:", "?OTR:.", "?OTR:AAQ1", "?OTR:AAQ1*.", "?OTR:AAQ.", `${identity} `, `?OTR:${"A".repeat(8)}`];
    for (const text of bad) expect(refusal(fresh, text, alice.env)).toEqual(silent("MALFORMED"));
    const large = `?OTR:${"A".repeat(alice.env.limits.messageChars)}.`;
    expect(refusal(fresh, large, alice.env)).toEqual(silent("TOO_LARGE"));
  });

  it("of a fragment", () => {
    const bad = ["?OTR|", "?OTR|1|100|0,1,1,", "?OTR|1|100|0,0,1,x,", "?OTR|1|100|0,2,1,x,", "?OTR|1|100|0,1,99999,x,"];
    for (const text of bad) expect(refusal(fresh, text, alice.env)).toEqual(silent("MALFORMED"));
    expect(refusal(fresh, "?OTR|100|0,1,2,x,", alice.env)).toEqual(silent("UNSUPPORTED_VERSION"));
    expect(refusal(fresh, "?OTR|1|100|0,1,5000,x,", alice.env)).toEqual(silent("TOO_LARGE"));
  });
});

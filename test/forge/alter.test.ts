// MAC keys shown and used again, messages altered by known text and by chain key.
import { describe, expect, it } from "vitest";
import { EMPTY, equalBytes } from "../../src/bytes.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { alterWithRevealedKey, modify, readAndForge } from "../../src/forge/alter.ts";
import { forgeDake } from "../../src/forge/dake.ts";
import {
  armorDataMessage,
  findMacKey,
  keysFromChain,
  readDataMessage,
  remac,
  showMacKey,
  verifies,
} from "../../src/forge/mac.ts";
import { defaultLimits } from "../../src/limits.ts";
import { type ChainKey, type MessageKey, messageKey, nextChainKey } from "../../src/ratchet/keys.ts";
import { open } from "../../src/ratchet/receive.ts";
import { seal } from "../../src/ratchet/send.ts";
import type { Ratchet } from "../../src/ratchet/state.ts";
import { type DataMessage, encodeDataMessage } from "../../src/wire/data-message.ts";
import { decodeMessage } from "../../src/wire/messages.ts";
import { decodePlaintext, encodePlaintext, type Tlv } from "../../src/wire/tlv.ts";
import { code, value } from "../wire/results.ts";
import { forgeryOf, NOW, people } from "./conversations.ts";

const cast = people(suite);
const dake = value(forgeDake(suite, systemRandom, forgeryOf(cast, "nothing")));
const { ratchets } = dake;
const padding: Tlv = { type: 0, value: new Uint8Array(3) };

/** Three messages of the initiator in one ratchet, with the chain key of the first. */
const chainKey = ratchets.initiator.sending?.chainKey.slice() as ChainKey;
const sent = ["pay 10 to Carol", "hi there", "bye"].reduce<{ ratchet: Ratchet; messages: DataMessage[] }>(
  ({ ratchet, messages }, text) => {
    const sealed = seal(suite, systemRandom, defaultLimits, ratchet, encodePlaintext(text, [padding]), {
      senderTag: cast.initiator.instanceTag,
      receiverTag: cast.responder.instanceTag,
      flags: 0,
    });
    const bytes = encodeDataMessage(sealed.sections, sealed.mac, []);
    return {
      ratchet: sealed.ratchet,
      messages: [...messages, value(decodeMessage(bytes, defaultLimits)) as DataMessage],
    };
  },
  { ratchet: ratchets.initiator, messages: [] },
);
const [first, second, third] = sent.messages as [DataMessage, DataMessage, DataMessage];
const keys = [0, 1, 2].map((id) => value(keysFromChain(suite, chainKey, id, 0)));
const macKeys = keys.map(({ macKey }) => macKey);

/** What the honest responder reads. */
function read(message: DataMessage): string {
  const context = { suite, limits: defaultLimits, now: NOW, mayTryCostly: true };
  const opened = value(open(context, ratchets.responder, message));
  return decodePlaintext(opened.plaintext, defaultLimits).text;
}

describe("MAC keys", () => {
  it("follow from message keys and chain keys, and verify the messages", () => {
    const next = nextChainKey(suite, chainKey);
    expect(keys[1]?.messageKey).toEqual(messageKey(suite, next));
    expect(value(keysFromChain(suite, next, 1))).toEqual(keys[1]);
    expect(showMacKey(suite, keys[1]?.messageKey as MessageKey)).toEqual(macKeys[1]);
    expect(sent.messages.map((message) => macKeys.map((key) => verifies(suite, message, key)))).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
    expect(findMacKey(suite, second, macKeys)).toBe(macKeys[1]);
    expect(findMacKey(suite, second, [macKeys[0] as Uint8Array])).toBeUndefined();
  });

  it("do not follow backwards, nor from too far", () => {
    expect(code(keysFromChain(suite, chainKey, 1, 2))).toBe("NO_KEY");
    expect(code(keysFromChain(suite, chainKey, 1001, 0))).toBe("TOO_MANY_SKIPPED");
  });

  it("have 64 bytes, as message keys and chain keys have", () => {
    const short = new Uint8Array(32);
    expect(() => showMacKey(suite, short)).toThrow(/message key is 64 bytes/);
    expect(() => keysFromChain(suite, short, 0)).toThrow(/chain key is 64 bytes/);
    expect(() => remac(suite, first, short)).toThrow(/MAC key is 64 bytes/);
  });
});

describe("remac", () => {
  it("makes the same message again from the same fields and key", () => {
    expect(remac(suite, first, macKeys[0] as Uint8Array)).toEqual(first);
    expect(value(readDataMessage(armorDataMessage(first)))).toEqual(first);
  });

  it("authenticates any other fields, and the receiver accepts them", () => {
    const flagged = remac(suite, { ...first, flags: 1 }, macKeys[0] as Uint8Array);
    expect(equalBytes(flagged.mac, first.mac)).toBe(false);
    expect(verifies(suite, flagged, macKeys[0] as Uint8Array)).toBe(true);
    expect(read(flagged)).toBe("pay 10 to Carol");
  });

  it("with another key makes a message that the receiver refuses", () => {
    const context = { suite, limits: defaultLimits, now: NOW, mayTryCostly: true };
    const wrong = remac(suite, first, macKeys[1] as Uint8Array);
    expect(code(open(context, ratchets.responder, wrong))).toBe("BAD_MAC");
  });
});

describe("modify", () => {
  it("puts other words in the place of known ones, without the message key", () => {
    const change = { offset: 4, known: "10 to Carol", replacement: "99 to Mally" };
    const altered = modify(suite, first, change, macKeys[0] as Uint8Array);
    expect(read(altered)).toBe("pay 99 to Mally");
    expect(read(first)).toBe("pay 10 to Carol");
    expect(altered.ciphertext).toHaveLength(first.ciphertext.length);
  });

  it("begins at the beginning unless told otherwise, and counts bytes", () => {
    expect(read(modify(suite, second, { known: "hi", replacement: "yo" }, macKeys[1] as Uint8Array))).toBe("yo there");
    expect(read(modify(suite, second, { known: "hi", replacement: "ß" }, macKeys[1] as Uint8Array))).toBe("ß there");
  });

  it("with a wrong guess makes a valid message that says something else", () => {
    const altered = modify(suite, second, { known: "yo", replacement: "hi" }, macKeys[1] as Uint8Array);
    expect(verifies(suite, altered, macKeys[1] as Uint8Array)).toBe(true);
    expect(read(altered)).not.toBe("hi there");
  });

  it.each([
    ["another length", { known: "hi", replacement: "hello" }, /equally long/],
    [
      "an end beyond the message's",
      { offset: second.ciphertext.length - 1, known: "hi", replacement: "yo" },
      /not fit/,
    ],
    ["a negative offset", { offset: -1, known: "hi", replacement: "yo" }, /not fit/],
    ["half an offset", { offset: 0.5, known: "hi", replacement: "yo" }, /not fit/],
    ["an offset that is no number", { offset: Number.NaN, known: "hi", replacement: "yo" }, /not fit/],
    ["a text that ends the text", { known: "hi", replacement: "y\0" }, /U\+0000/],
  ])("refuses %s", (_, change, why) => {
    expect(() => modify(suite, second, change, macKeys[1] as Uint8Array)).toThrow(why);
  });
});

describe("alterWithRevealedKey", () => {
  const change = { known: "bye", replacement: "bah" };

  it("finds the key and alters the text as it travels", () => {
    const altered = value(alterWithRevealedKey(suite, armorDataMessage(third), macKeys, change));
    expect(altered.macKey).toBe(macKeys[2]);
    const message = value(readDataMessage(altered.text));
    expect(verifies(suite, message, altered.macKey)).toBe(true);
    expect(read(message)).toBe("bah");
  });

  it("needs the key of this very message", () => {
    expect(code(alterWithRevealedKey(suite, armorDataMessage(third), macKeys.slice(0, 2), change))).toBe("NO_KEY");
    expect(code(alterWithRevealedKey(suite, armorDataMessage(third), [EMPTY], change))).toBe("NO_KEY");
  });

  it("takes data messages only", () => {
    expect(code(alterWithRevealedKey(suite, dake.messages[0] as string, macKeys, change))).toBe("UNSUPPORTED_TYPE");
    expect(code(alterWithRevealedKey(suite, "hello", macKeys, change))).toBe("UNSUPPORTED_TYPE");
    expect(code(alterWithRevealedKey(suite, "?OTR:AA.", macKeys, change))).toBe("MALFORMED");
  });
});

describe("readAndForge", () => {
  it("reads with a chain key of the message or of one before it", () => {
    const { plaintext, forged, messageKey, macKey } = value(readAndForge(suite, third, chainKey, { from: 0 }));
    expect([plaintext.text, plaintext.tlvs, forged]).toEqual(["bye", [padding], undefined]);
    expect({ messageKey, macKey }).toEqual(keys[2]);
    expect(value(readAndForge(suite, first, chainKey)).plaintext.text).toBe("pay 10 to Carol");
  });

  it("writes another text of any length, which the receiver reads", () => {
    const replacement = { text: "I never said anything of the kind" };
    const { forged, plaintext } = value(readAndForge(suite, second, chainKey, { from: 0, replacement }));
    expect(plaintext.text).toBe("hi there");
    expect(read(forged as DataMessage)).toBe(replacement.text);
    const again = value(readAndForge(suite, forged as DataMessage, chainKey, { from: 0 })).plaintext;
    expect(again.tlvs).toEqual([padding]);
    const bare = value(readAndForge(suite, second, chainKey, { from: 0, replacement: { text: "", tlvs: [] } })).forged;
    expect(value(readAndForge(suite, bare as DataMessage, chainKey, { from: 0 })).plaintext.tlvs).toEqual([]);
  });

  it("refuses a chain key that is of another message or ratchet", () => {
    expect(code(readAndForge(suite, second, chainKey))).toBe("BAD_MAC");
    expect(code(readAndForge(suite, first, nextChainKey(suite, chainKey), { from: 1 }))).toBe("NO_KEY");
    expect(code(readAndForge(suite, third, nextChainKey(suite, chainKey), { from: 0 }))).toBe("BAD_MAC");
  });
});

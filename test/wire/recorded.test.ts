// Messages of other implementations, byte for byte.
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/bytes.ts";
import { defaultLimits } from "../../src/limits.ts";
import { armor, parseIncoming } from "../../src/wire/armor.ts";
import { type Fragment, fragmentMessage, parseFragment } from "../../src/wire/fragment.ts";
import { decodeMessage, type Message } from "../../src/wire/messages.ts";
import whole from "../../vectors/sessions/otr4j.json" with { type: "json" };
import fragmented from "../../vectors/sessions/otr4j-fragmented.json" with { type: "json" };
import vectors from "../../vectors/wire.json" with { type: "json" };
import { encodeMessage } from "./encode.ts";
import { value } from "./results.ts";

/** Characters of a piece in the fragmented recording. */
const MAX_CHARS = 300;

function sentBy(session: { steps: readonly { readonly sent?: readonly string[] }[] }): readonly (readonly string[])[] {
  return session.steps.map((step) => step.sent ?? []).filter((sent) => sent.length > 0);
}

/** Decodes a message in armor and checks that it encodes to the same text. */
function decodeAndBack(text: string): Message {
  const incoming = value(parseIncoming(text, defaultLimits));
  if (incoming.kind !== "message") throw new Error(`a ${incoming.kind} where a message was expected`);
  const message = value(decodeMessage(incoming.bytes, defaultLimits));
  expect(toHex(encodeMessage(message))).toBe(toHex(incoming.bytes));
  expect(armor(encodeMessage(message))).toBe(text);
  return message;
}

describe("the recorded session", () => {
  const sent = sentBy(whole).flat();

  it("decodes and encodes again, every message of it", () => {
    const kinds = sent.map((text) => {
      const incoming = value(parseIncoming(text, defaultLimits));
      return incoming.kind === "message" ? decodeAndBack(text).kind : incoming.kind;
    });
    expect(kinds.slice(0, 4)).toEqual(["query", "identity", "auth-r", "auth-i"]);
    expect(kinds.filter((kind) => kind === "data").length).toBe(kinds.length - 6);
    expect(kinds.filter((kind) => kind === "error").length).toBe(2);
  });

  it("carries the profiles of its parties, a DH key in every third ratchet, and MAC keys of 64 bytes", () => {
    const tags = new Map(Object.values(whole.parties).map((party) => [Number.parseInt(party.instanceTag, 16), party]));
    let revealed = 0;
    for (const text of sent) {
      if (!text.startsWith("?OTR:")) continue;
      const message = decodeAndBack(text);
      if (message.kind === "identity" || message.kind === "auth-r") {
        expect(toHex(message.profile.encoded)).toBe(tags.get(message.senderTag)?.clientProfile);
        expect(message.profile.instanceTag).toBe(message.senderTag);
      }
      if (message.kind === "data") {
        expect(message.dh.length > 0).toBe(message.ratchetId % 3 === 0);
        revealed += message.revealed.length;
      }
    }
    expect(revealed).toBeGreaterThan(10);
  });
});

describe("the recorded fragmented session", () => {
  const sent = sentBy(fragmented);
  const messages = sent.map((pieces) => ({
    pieces,
    fragments: pieces
      .filter((piece) => piece.startsWith("?OTR|"))
      .map((piece) => value(parseFragment(piece, defaultLimits))),
  }));

  it("is cut at the very same places", () => {
    let cut = 0;
    for (const { pieces, fragments } of messages) {
      if (fragments.length === 0) continue;
      const { identifier, senderTag, receiverTag } = fragments[0] as Fragment;
      const text = fragments.map(({ piece }) => piece).join("");
      expect(fragments.map(({ index }) => index)).toEqual(fragments.map((_, i) => i + 1));
      expect(fragmentMessage(text, MAX_CHARS, identifier, senderTag, receiverTag)).toEqual(pieces);
      cut++;
    }
    expect(cut).toBeGreaterThan(20);
  });

  it("decodes and encodes again, put together", () => {
    for (const { pieces, fragments } of messages) {
      const text = fragments.length === 0 ? (pieces[0] as string) : fragments.map(({ piece }) => piece).join("");
      if (!text.startsWith("?OTR:")) continue;
      const message = decodeAndBack(text);
      for (const { senderTag, receiverTag } of fragments) {
        expect({ senderTag, receiverTag }).toEqual({ senderTag: message.senderTag, receiverTag: message.receiverTag });
      }
      if (fragments.length === 0) expect(fragmentMessage(text, MAX_CHARS, 0, 0x100, 0)).toEqual([text]);
    }
  });
});

describe("known encodings", () => {
  it.each(vectors.messages)("$name", ({ bytes, fields }) => {
    const message = value(decodeMessage(fromHex(bytes) as Uint8Array, defaultLimits));
    expect(toHex(encodeMessage(message))).toBe(bytes);
    for (const [name, expected] of Object.entries(fields)) {
      const actual = message[name as keyof Message] as unknown;
      const text = actual instanceof Uint8Array ? toHex(actual) : (actual as number).toString(16).padStart(8, "0");
      expect(text).toBe(expected);
    }
  });
});

// The verifier can fail: what is broken in a transcript, it finds. In toy groups, since none of this is about the
// groups; transcript.test.ts has good and bad ones in the real ones.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex, utf8 } from "../../src/bytes.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { ringSign } from "../../src/crypto/ring-signature.ts";
import type { RejectionCode } from "../../src/errors.ts";
import { modify } from "../../src/forge/alter.ts";
import { armorDataMessage, readDataMessage, remac } from "../../src/forge/mac.ts";
import type { SessionSecrets } from "../../src/forge/secrets.ts";
import type { ForgedTranscript, Transcript } from "../../src/forge/transcript.ts";
import { type Verdict, verifyTranscript } from "../../src/forge/verify.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createIdentity } from "../../src/profile/identity.ts";
import { armor, parseIncoming } from "../../src/wire/armor.ts";
import type { DataMessage } from "../../src/wire/data-message.ts";
import { fragmentMessage } from "../../src/wire/fragment.ts";
import { decodeMessage, type Message } from "../../src/wire/messages.ts";
import { toySuite } from "../support/toy-suite.ts";
import { encodeMessage } from "../wire/encode.ts";
import { code, value } from "../wire/results.ts";
import { forgedTranscript, honestTranscript, NOW, people } from "./conversations.ts";

const suite = toySuite;
const cast = people(suite);
const script = {
  lines: [
    { from: "responder", text: "ratchet -1, 0" },
    { from: "initiator", text: "ratchet 0, 0", crossing: true },
    { from: "initiator", text: "ratchet 0, 1", crossing: true },
    { from: "responder", text: "ratchet 1, 0" },
    { from: "initiator", text: "ratchet 2, 0" },
    { from: "initiator", text: "ratchet 2, 1" },
    { from: "responder", text: "ratchet 3, 0" },
  ],
} as const;
const honest = honestTranscript(suite, cast, script);
const { messages } = honest;
const foreign = honestTranscript(suite, cast, script);

function bytesOf(text: string): Uint8Array {
  const incoming = value(parseIncoming(text, defaultLimits));
  if (incoming.kind !== "message") throw new Error("not a message");
  return incoming.bytes;
}

function decoded(at: number): Message {
  return value(decodeMessage(bytesOf(messages[at] as string), defaultLimits));
}

function data(at: number): DataMessage {
  return value(readDataMessage(messages[at] as string));
}

/** The transcript with one message replaced, given as a text or decoded. */
function withMessage(at: number, message: string | Message): Transcript {
  const text = typeof message === "string" ? message : armor(encodeMessage(message));
  return { ...honest, messages: messages.with(at, text) };
}

function judge(transcript: Transcript, secrets?: SessionSecrets): RejectionCode | "accepted" {
  return code(verifyTranscript(suite, transcript, { now: NOW, secrets }));
}

/** The verdicts without secrets, with the initiator's and with the responder's. */
function judgeAll(transcript: Transcript): readonly string[] {
  return [undefined, honest.secrets.initiator, honest.secrets.responder].map((secrets) => judge(transcript, secrets));
}

const everyone = (verdict: string): readonly string[] => [verdict, verdict, verdict];

describe("the transcript these tests break", () => {
  it("is good", () => {
    expect(judgeAll(honest)).toEqual(everyone("accepted"));
    expect(messages).toHaveLength(3 + 7 + 2);
    const verdict = value(verifyTranscript(suite, honest, { now: NOW, secrets: honest.secrets.responder }));
    expect(verdict).toMatchObject({ missing: 0, unmatchedKeys: 0, unverifiable: 0 });
    expect(verdict.messages.map(({ plaintext }) => plaintext?.text)).toEqual([
      ...script.lines.map(({ text }) => text),
      "",
      "",
    ]);
    expect(verdict.messages.map(({ underRevealedKey }) => underRevealedKey).indexOf(false)).toBe(8);
  });
});

describe("altered messages", () => {
  const change = { known: "ratchet", replacement: "rackets" };

  it("are caught when the MAC key is missing", () => {
    for (const at of [3, 6, 9]) {
      const altered = modify(suite, data(at), change, new Uint8Array(64));
      expect(judgeAll(withMessage(at, armorDataMessage(altered)))).toEqual(everyone("BAD_MAC"));
    }
  });

  it("pass with the revealed one, before every judge: that is deniability", () => {
    const revealed = messages.slice(3).flatMap((_, i) => data(i + 3).revealed);
    for (const at of [3, 6, 9]) {
      const key = revealed.find((macKey) => armorDataMessage(remac(suite, data(at), macKey)) === messages[at]);
      const altered = modify(suite, data(at), change, key as Uint8Array);
      const transcript = withMessage(at, armorDataMessage(altered));
      expect(judgeAll(transcript)).toEqual(everyone("accepted"));
      const verdict = value(verifyTranscript(suite, transcript, { now: NOW, secrets: honest.secrets.initiator }));
      expect(verdict.messages[at - 3]?.plaintext?.text).toMatch(/^rackets/);
    }
  });

  it("are caught by the secrets only, where no key was revealed", () => {
    const last = messages.length - 1;
    const broken = { ...data(last), mac: new Uint8Array(64) };
    expect(judgeAll(withMessage(last, broken))).toEqual(["accepted", "BAD_MAC", "BAD_MAC"]);
  });

  it("are caught by a key that fits none", () => {
    const at = 6;
    const [first, ...rest] = data(at).revealed as [Uint8Array, ...Uint8Array[]];
    expect(
      judgeAll(withMessage(at, { ...data(at), revealed: [first.with(5, 1 ^ (first[5] as number)), ...rest] })),
    ).toEqual(everyone("BAD_MAC"));
    expect(judgeAll(withMessage(at, { ...data(at), revealed: [first, first] }))).toEqual(everyone("BAD_MAC"));
    const own = data(at).revealed.length > 0 ? data(9).revealed : [];
    expect(judgeAll(withMessage(at, { ...data(at), revealed: own }))).toEqual(everyone("BAD_MAC"));
  });
});

describe("the frame", () => {
  const other = people(suite);

  it("must be of the profiles in hand", () => {
    expect(judge({ ...honest, initiator: other.setting.initiator })).toBe("BAD_PROFILE");
    expect(judge({ ...honest, responder: other.setting.responder })).toBe("BAD_PROFILE");
    expect(judge({ ...honest, initiator: honest.responder, responder: honest.initiator })).toBe("BAD_PROFILE");
    const { instanceTag, longTermKey, publicKey } = cast.initiator;
    const keys = { now: NOW, limits: defaultLimits, longTermKey };
    const otherForging = createIdentity(suite, systemRandom, { ...keys, instanceTag }).profile;
    expect(judge({ ...honest, initiator: otherForging })).toBe("BAD_PROFILE");
    const { forgingKey } = cast.initiator;
    const common = { now: NOW, limits: defaultLimits, instanceTag, forgingKey };
    const otherLongTerm = createIdentity(suite, systemRandom, common).profile;
    expect(judge({ ...honest, initiator: otherLongTerm })).toBe("BAD_PROFILE");
    const otherTag = createIdentity(suite, systemRandom, { ...keys, forgingKey, instanceTag: 0x1234 }).profile;
    expect(toHex(otherTag.publicKey)).toBe(toHex(publicKey));
    expect(judge({ ...honest, initiator: otherTag })).toBe("WRONG_TAG");
  });

  it("may be of a profile renewed since", () => {
    const { forgingSecret: _, profile: __, ...keys } = cast.initiator;
    const renewed = createIdentity(suite, systemRandom, { ...keys, now: NOW + 9999, limits: defaultLimits }).profile;
    expect(toHex(renewed.encoded)).not.toBe(toHex(honest.initiator.encoded));
    expect(judge({ ...honest, initiator: renewed })).toBe("accepted");
  });

  it("must be of its time", () => {
    const now = Number(honest.initiator.expires);
    expect(code(verifyTranscript(suite, honest, { now }))).toBe("EXPIRED_PROFILE");
  });

  it("must be of its place", () => {
    const { place } = honest;
    const swapped = { ...place, initiator: place.responder, responder: place.initiator };
    for (const elsewhere of [swapped, { ...place, shared: [] }, { ...place, initiator: utf8("bob@example.net") }]) {
      expect(judge({ ...honest, place: elsewhere })).toBe("BAD_SIGNATURE");
    }
  });
});

describe("the handshake", () => {
  it("must come first, in its order, and once", () => {
    const [identity, authR, authI, ...rest] = messages as [string, string, string, ...string[]];
    for (const order of [
      [authR, identity, authI, ...rest],
      [identity, authI, authR, ...rest],
      [identity, authR, ...rest],
      [identity, authR],
      rest,
      [],
      [identity, authR, authI, authI, ...rest],
      [identity, ...messages],
      [...messages, ...foreign.messages],
    ]) {
      expect(judge({ ...honest, messages: order })).toBe("UNEXPECTED");
    }
  });

  it("must carry the signatures of its own rings", () => {
    for (const at of [1, 2]) expect(judge(withMessage(at, foreign.messages[at] as string))).toBe("BAD_SIGNATURE");
    expect(judge(withMessage(0, foreign.messages[0] as string))).toBe("BAD_SIGNATURE");
    const ours = decoded(2) as Message & { ringSignature: Uint8Array };
    const theirs = decoded(1) as Message & { ringSignature: Uint8Array };
    expect(judge(withMessage(2, { ...ours, ringSignature: theirs.ringSignature } as Message))).toBe("BAD_SIGNATURE");
    // A stranger signs with a ring of one's own.
    const { publicKey, longTermKey } = people(suite).initiator;
    const stranger = createIdentity(suite, systemRandom, { now: NOW, limits: defaultLimits, longTermKey });
    const secret = suite.shake256(57, stranger.longTermKey);
    const key = suite.group.multiplyBase(secret);
    const sigma = ringSign(suite, systemRandom, secret, [key, publicKey, publicKey], utf8("t"));
    expect(judge(withMessage(2, { ...ours, ringSignature: sigma } as Message))).toBe("BAD_SIGNATURE");
  });

  it("must lead to the secrets that are handed over", () => {
    expect(judge(honest, foreign.secrets.initiator)).toBe("NO_KEY");
    expect(judge(honest, { ecdh: [], dh: [] })).toBe("NO_KEY");
    const { ecdh, dh } = honest.secrets.initiator;
    expect(judge(honest, { ecdh: ecdh.slice(0, 3), dh })).toBe("NO_KEY");
    expect(judge(honest, { ecdh, dh: dh.slice(1) })).toBe("NO_KEY");
    expect(judge(honest, { ecdh, dh: dh.slice(0, 2) })).toBe("NO_KEY");
    expect(judge(honest, { ecdh: ecdh.toReversed(), dh: dh.toReversed() })).toBe("accepted");
    const junk = [new Uint8Array(0), new Uint8Array(57), new Uint8Array(80), new Uint8Array(57).fill(255)];
    expect(judge(honest, { ecdh: [...junk, ...ecdh], dh: [...junk, ...dh] })).toBe("accepted");
    expect(judge(honest, { ecdh: junk, dh: junk })).toBe("NO_KEY");
  });
});

describe("data messages", () => {
  const swap = (a: number, b: number): Transcript => ({
    ...honest,
    messages: messages.with(a, messages[b] as string).with(b, messages[a] as string),
  });

  it("must stand in their order", () => {
    // Of one ratchet, of two ratchets of one side, of a ratchet and the one that answers it.
    expect(judgeAll(swap(4, 5))).toEqual(everyone("DUPLICATE"));
    expect(judgeAll(swap(4, 7))).toEqual(everyone("UNEXPECTED"));
    expect(judgeAll(swap(6, 7))).toEqual(everyone("UNEXPECTED"));
    expect(judgeAll(swap(3, 6))).toEqual(everyone("UNEXPECTED"));
    const late = messages.toSpliced(7, 0, messages[3] as string).toSpliced(3, 1);
    expect(judgeAll({ ...honest, messages: late })).toEqual(everyone("UNEXPECTED"));
    expect(judgeAll({ ...honest, messages: messages.toSpliced(5, 0, messages[5] as string) })).toEqual(
      everyone("DUPLICATE"),
    );
  });

  it("may have crossed", () => {
    expect(judgeAll(swap(3, 4))).toEqual(everyone("accepted"));
  });

  it("must not reveal keys without end that verify nothing", () => {
    const revealed = [1, 2, 3].map((byte) => new Uint8Array(64).fill(byte));
    const limits = { ...defaultLimits, skippedKeys: 2 };
    const verdict = verifyTranscript(suite, withMessage(6, { ...data(6), revealed }), { now: NOW, limits });
    expect(verdict).toMatchObject({
      ok: false,
      code: "BAD_MAC",
      why: "message 6: too many MAC keys verify no message",
    });
  });

  it("may be missing, and are counted", () => {
    for (const at of [4, 5, 7, 8]) {
      const transcript = { ...honest, messages: messages.toSpliced(at, 1) };
      for (const secrets of [undefined, honest.secrets.initiator]) {
        const verdict = value(verifyTranscript(suite, transcript, { now: NOW, secrets }));
        expect(verdict).toMatchObject({ missing: 1, unmatchedKeys: 1 });
      }
    }
    // A ratchet that is missing altogether leaves nothing to derive the next one from.
    expect(judgeAll({ ...honest, messages: messages.toSpliced(6, 1) })).toEqual(everyone("UNEXPECTED"));
  });

  it("must keep to the keys and counts of their ratchet", () => {
    const second = data(8);
    expect(judge(withMessage(8, { ...second, ecdh: data(6).ecdh }))).toBe("UNEXPECTED");
    expect(judge(withMessage(8, { ...second, previousCount: second.previousCount + 1 }))).toBe("UNEXPECTED");
    expect(judge(withMessage(7, { ...data(7), previousCount: 1 }))).toBe("UNEXPECTED");
    const otherDh = (foreign.secrets.initiator.dh as Uint8Array[]).map((secret) => suite.dh.publicKey(secret))[2];
    for (const at of [3, 5]) {
      expect(judge(withMessage(at, { ...data(at), dh: otherDh as Uint8Array }))).toBe("UNEXPECTED");
    }
    expect(judge(withMessage(3, { ...data(3), ecdh: data(6).ecdh }))).toBe("UNEXPECTED");
    expect(judge(withMessage(3, { ...data(3), previousCount: 1 }))).toBe("UNEXPECTED");
    expect(judge(withMessage(6, { ...data(6), dh: data(4).dh }))).toBe("BAD_DH_KEY");
    expect(judge(withMessage(4, { ...data(4), dh: Uint8Array.of(1) }))).toBe("BAD_DH_KEY");
    expect(judge(withMessage(6, { ...data(6), ecdh: new Uint8Array(57) }))).toBe("BAD_POINT");
    expect(judge(withMessage(6, { ...data(6), ratchetId: 2 }))).toBe("UNEXPECTED");
    expect(judge(withMessage(6, { ...data(6), ratchetId: 3 }))).toBe("UNEXPECTED");
  });

  it("must not claim gaps without end", () => {
    const { maxSkip } = defaultLimits;
    for (const far of [maxSkip + 3, 0xffffffff]) {
      const claims = [
        withMessage(6, { ...data(6), messageId: far }),
        withMessage(5, { ...data(5), messageId: far }),
        withMessage(7, { ...data(7), previousCount: far }),
      ];
      for (const claim of claims) expect(judgeAll(claim)).toEqual(everyone("TOO_MANY_SKIPPED"));
    }
  });

  it("must go between the two devices", () => {
    expect(judge(withMessage(5, { ...data(5), receiverTag: 0x1234 }))).toBe("WRONG_TAG");
    expect(judge(withMessage(5, { ...data(5), senderTag: 0x1234 }))).toBe("WRONG_TAG");
  });

  it("must not come from a side that has closed", () => {
    const { messages: open, secrets } = honestTranscript(suite, cast, { ...script, closedBy: "nobody" });
    expect(judge({ ...honest, messages: open }, secrets.initiator)).toBe("accepted");
    const closing = data(10);
    const late = { ...closing, messageId: closing.messageId + 1, revealed: [] };
    const transcript = { ...honest, messages: [...messages, armor(encodeMessage(late))] };
    expect(judgeAll(transcript)).toEqual(["accepted", "UNEXPECTED", "UNEXPECTED"]);
  });
});

describe("a transcript as it travelled", () => {
  it("may come in fragments, with other texts between", () => {
    const [tag, peer] = [cast.initiator.instanceTag, cast.responder.instanceTag];
    const pieces = messages.flatMap((text, i) => fragmentMessage(text, 500, i + 1, i % 2 ? tag : peer, 0));
    const verdict = value(
      verifyTranscript(suite, { ...honest, messages: ["?OTRv4? hi", ...pieces, "plain"] }, { now: NOW }),
    );
    expect(verdict.unverifiable).toBe(2);
    expect(verdict.messages).toHaveLength(9);
    expect(judge({ ...honest, messages: pieces.toSpliced(3, 1) })).toBe("UNEXPECTED");
    expect(judge({ ...honest, messages: [...pieces.slice(0, 1), ...pieces] })).toBe("DUPLICATE");
  });

  it("may be anything, and nothing is thrown", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(...messages),
      fc.string().map((s) => `?OTR:${s}.`),
    );
    const some = fc.array(text, { maxLength: 8 });
    fc.assert(
      fc.property(some, (texts) => judge({ ...honest, messages: texts }) !== undefined),
      { numRuns: 300 },
    );
  });
});

describe("any changed byte", () => {
  const transcripts: readonly ForgedTranscript[] = [honest, forgedTranscript(suite, cast, "nothing", script)];

  it("is caught, in honest and forged transcripts", () => {
    const choice = fc.record({
      transcript: fc.constantFrom(...transcripts),
      message: fc.nat(),
      at: fc.nat(),
      bit: fc.integer({ min: 0, max: 7 }),
      side: fc.constantFrom("initiator", "responder"),
    });
    fc.assert(
      fc.property(choice, ({ transcript, message, at, bit, side }) => {
        const index = message % transcript.messages.length;
        const bytes = bytesOf(transcript.messages[index] as string);
        const place = at % bytes.length;
        const changed = bytes.with(place, (bytes[place] as number) ^ (1 << bit));
        const broken = { ...transcript, messages: transcript.messages.with(index, armor(changed)) };
        const verdict = verifyTranscript(suite, broken, { now: NOW, secrets: transcript.secrets[side] });
        expect([index, place, verdict.ok ? (verdict.value satisfies Verdict) : false]).toEqual([index, place, false]);
      }),
      { numRuns: 1000 },
    );
  });
});

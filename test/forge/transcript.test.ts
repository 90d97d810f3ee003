// Whole transcripts, honest and forged, before the same judge, who cannot tell them apart.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import { type Random, systemRandom } from "../../src/crypto/random.ts";
import type { Suite } from "../../src/crypto/suite.ts";
import { SottovoceError } from "../../src/errors.ts";
import { modify } from "../../src/forge/alter.ts";
import { armorDataMessage, findMacKey, readDataMessage } from "../../src/forge/mac.ts";
import type { Line, Script } from "../../src/forge/play.ts";
import { type ForgedTranscript, forgeTranscript } from "../../src/forge/transcript.ts";
import { type Verdict, verifyTranscript } from "../../src/forge/verify.ts";
import { defaultLimits } from "../../src/limits.ts";
import { parseIncoming } from "../../src/wire/armor.ts";
import { decodeMessage, type Message } from "../../src/wire/messages.ts";
import { toySuite } from "../support/toy-suite.ts";
import { code, value } from "../wire/results.ts";
import {
  counting,
  type Draws,
  forgedTranscript,
  forgeryOf,
  HOLDINGS,
  type Holding,
  honestTranscript,
  NOW,
  type People,
  people,
} from "./conversations.ts";

const sides = ["initiator", "responder"] as const;
/** Who hands over secrets to the judge. */
type Judge = (typeof sides)[number] | undefined;

const side = fc.constantFrom(...sides);
const line: fc.Arbitrary<Line> = fc.record({
  from: side,
  text: fc.string({ maxLength: 20 }).map((text) => text.replaceAll("\0", "")),
  tlvs: fc.array(fc.record({ type: fc.constantFrom(0, 0xf000), value: fc.uint8Array({ maxLength: 9 }) }), {
    maxLength: 2,
  }),
  crossing: fc.boolean(),
});
const script: fc.Arbitrary<Script> = fc.record({
  lines: fc.array(line, { maxLength: 5 }),
  closedBy: fc.constantFrom("initiator", "responder", "nobody"),
});
const judge = fc.constantFrom<Judge>(undefined, ...sides);
const holding = fc.constantFrom<Holding>(...HOLDINGS);

interface Made {
  readonly transcript: ForgedTranscript;
  readonly draws: Draws;
}

function honest(suite: Suite, cast: People, what: Script): Made {
  const { random, draws } = counting(systemRandom);
  return { transcript: honestTranscript(suite, cast, what, { initiator: random, responder: random }), draws };
}

function forged(suite: Suite, cast: People, what: Script, held: Holding): Made {
  const { random, draws } = counting(systemRandom);
  return { transcript: forgedTranscript(suite, cast, held, what, random), draws };
}

/** Everything a judge can see but the values that are random in honest transcripts too. DH keys vary in length. */
function shapeOf({ transcript, draws }: Made): unknown {
  const messages = transcript.messages.map((text) => {
    const incoming = value(parseIncoming(text, defaultLimits));
    if (incoming.kind !== "message") return incoming;
    return shapeOfMessage(value(decodeMessage(incoming.bytes, defaultLimits)));
  });
  const secrets = sides.map((role) => {
    const { ecdh, dh } = transcript.secrets[role];
    return [ecdh.map(({ length }) => length), dh.map(({ length }) => length)];
  });
  return { messages, secrets, draws };
}

function shapeOfMessage(message: Message): unknown {
  const { kind, senderTag, receiverTag } = message;
  switch (message.kind) {
    case "identity":
    case "auth-r":
      return { kind, senderTag, receiverTag, profile: toHex(message.profile.encoded) };
    case "auth-i":
      return { kind, senderTag, receiverTag };
    case "data": {
      const { flags, previousCount, ratchetId, messageId, dh, ciphertext, revealed } = message;
      const lengths = [dh.length > 0, ciphertext.length, revealed.length];
      return { kind, senderTag, receiverTag, flags, previousCount, ratchetId, messageId, lengths };
    }
  }
}

/** What the verdict says but the SSID, which is random. */
function findings(suite: Suite, transcript: ForgedTranscript, judge: Judge): Omit<Verdict, "ssid"> {
  const secrets = judge && transcript.secrets[judge];
  const { ssid, ...rest } = value(verifyTranscript(suite, transcript, { now: NOW, secrets }));
  expect(ssid?.length).toBe(judge === undefined ? undefined : 8);
  return rest;
}

/** An honest and a forged transcript of the same words: the same findings, the same shape. */
function assertAlike(suite: Suite, cast: People, what: Script, held: Holding, judge: Judge): void {
  const pair = [honest(suite, cast, what), forged(suite, cast, what, held)] as const;
  expect(shapeOf(pair[1])).toEqual(shapeOf(pair[0]));
  const [first, second] = pair.map(({ transcript }) => findings(suite, transcript, judge)) as [Verdict, Verdict];
  expect(second).toEqual(first);
  expect(first.unmatchedKeys + first.missing + first.unverifiable).toBe(0);
  if (judge === undefined) return;
  expect(first.messages.every(({ underSecrets }) => underSecrets)).toBe(true);
  const said = first.messages.map(({ plaintext }) => plaintext?.text).slice(0, what.lines.length);
  expect(said).toEqual(what.lines.map(({ text }) => text));
}

describe("honest and forged transcripts", () => {
  it("pass the verifier alike, a thousand pairs in toy groups", () => {
    const cast = people(toySuite);
    fc.assert(
      fc.property(script, holding, judge, (what, held, by) => assertAlike(toySuite, cast, what, held, by)),
      { numRuns: 1000 },
    );
  }, 120_000);

  it("pass it alike in the real groups", () => {
    const cast = people(nodeSuite);
    fc.assert(
      fc.property(script, holding, judge, (what, held, by) => assertAlike(nodeSuite, cast, what, held, by)),
      { numRuns: 20 },
    );
  }, 120_000);

  it("pass it alike without Node's cryptography", () => {
    const what: Script = { lines: [{ from: "responder", text: "hello" }] };
    assertAlike(nobleSuite, people(nobleSuite), what, "initiator forging", "responder");
  });

  it("in which every message but the last of each side is under a revealed MAC key, once the chat is closed", () => {
    const cast = people(toySuite);
    fc.assert(
      fc.property(script, side, (what, closedBy) => {
        const { messages } = findings(
          toySuite,
          forged(toySuite, cast, { ...what, closedBy }, "nothing").transcript,
          undefined,
        );
        const open = messages.filter(({ underRevealedKey }) => !underRevealedKey);
        expect(open.every(({ from }) => from !== closedBy)).toBe(true);
        expect(open.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a forged transcript", () => {
  const suite = nodeSuite;
  const cast = people(suite);
  const what: Script = { lines: [{ from: "responder", text: "meet me at nine" }] };

  it("can be altered like an honest one", () => {
    for (const { transcript } of [honest(suite, cast, what), forged(suite, cast, what, "initiator long-term")]) {
      const message = value(readDataMessage(transcript.messages[3] as string));
      const later = transcript.messages.slice(4).flatMap((text) => value(readDataMessage(text)).revealed);
      const key = findMacKey(suite, message, later) as Uint8Array;
      const change = { offset: 11, known: "nine", replacement: "four" };
      const altered = armorDataMessage(modify(suite, message, change, key));
      for (const by of sides) {
        const { messages } = findings(suite, { ...transcript, messages: transcript.messages.with(3, altered) }, by);
        expect(messages[0]).toMatchObject({ plaintext: { text: "meet me at four" }, underRevealedKey: true });
      }
      const unkeyed = armorDataMessage(modify(suite, message, change, new Uint8Array(64)));
      const broken = { ...transcript, messages: transcript.messages.with(3, unkeyed) };
      expect(code(verifyTranscript(suite, broken, { now: NOW }))).toBe("BAD_MAC");
    }
  });

  it("is other bytes each time, and the same bytes with the same randomness", () => {
    const seeded = (): Random => {
      let draws = 0;
      return (kind, size) => suite.shake256(size, new TextEncoder().encode(`${kind} ${draws++}`));
    };
    const make = (random: Random): readonly string[] =>
      forgedTranscript(suite, cast, "responder forging", what, random).messages;
    expect(make(seeded())).toEqual(make(seeded()));
    expect(make(systemRandom)).not.toEqual(make(systemRandom));
  });

  it("has messages that cross, where the script says so", () => {
    const ratchets = (crossing: boolean): readonly number[] => {
      const lines: Line[] = [
        { from: "initiator", text: "one" },
        { from: "responder", text: "two", crossing },
      ];
      const { transcript } = forged(suite, cast, { lines, closedBy: "nobody" }, "nothing");
      return findings(suite, transcript, "initiator").messages.map(({ ratchetId }) => ratchetId);
    };
    expect(ratchets(false)).toEqual([0, 1]);
    expect(ratchets(true)).toEqual([0, 0]);
  });

  it("leaves the forger's secret and the script as they were", () => {
    const secret = cast.initiator.longTermKey.slice();
    const before = structuredClone({ what, setting: cast.setting, secret });
    value(forgeTranscript(suite, systemRandom, { ...cast.setting, secret, now: NOW, ...what }));
    expect({ what, setting: cast.setting, secret }).toEqual(before);
  });

  it("needs profiles that were valid then, keys of these profiles, and a text that can be sent", () => {
    const forgery = { ...forgeryOf(cast, "nothing"), ...what };
    const late = { ...forgery, now: Number(cast.setting.responder.expires) };
    expect(code(forgeTranscript(suite, systemRandom, late))).toBe("EXPIRED_PROFILE");
    const stranger = people(suite).initiator.longTermKey;
    expect(() => forgeTranscript(suite, systemRandom, { ...forgery, secret: stranger })).toThrow(SottovoceError);
    const lines: Line[] = [{ from: "initiator", text: "a\0b" }];
    expect(() => forgeTranscript(suite, systemRandom, { ...forgery, lines })).toThrow(/U\+0000/);
  });
});

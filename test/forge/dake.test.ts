// Handshakes forged by one side, or by nobody who was there; and passing for somebody towards a real peer.
import { describe, expect, it } from "vitest";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { systemRandom } from "../../src/crypto/random.ts";
import { SottovoceError } from "../../src/errors.ts";
import { forgeDake } from "../../src/forge/dake.ts";
import { type Actor, play } from "../../src/forge/play.ts";
import { contextOf, placeOf, type Role } from "../../src/forge/setting.ts";
import { impersonate } from "../../src/forge/signers.ts";
import { verifyTranscript } from "../../src/forge/verify.ts";
import { defaultLimits } from "../../src/limits.ts";
import { createIdentity, type LocalIdentity, randomPointForgingKey } from "../../src/profile/identity.ts";
import { open } from "../../src/ratchet/receive.ts";
import { seal } from "../../src/ratchet/send.ts";
import { type DataMessage, encodeDataMessage } from "../../src/wire/data-message.ts";
import { decodeMessage } from "../../src/wire/messages.ts";
import { code, value } from "../wire/results.ts";
import { counting, type Draws, forgeryOf, HOLDINGS, honestTranscript, NOW, people } from "./conversations.ts";

const cast = people(suite);
const { setting } = cast;
const stranger = people(suite).initiator;
const hello = new TextEncoder().encode("hello");

describe.each(HOLDINGS)("a handshake forged with %s", (holding) => {
  const { random, draws } = counting(systemRandom);
  const forged = value(forgeDake(suite, random, forgeryOf(cast, holding)));

  it("passes as a transcript, with the secrets of either side or none", () => {
    const transcript = { ...setting, messages: forged.messages };
    for (const secrets of [undefined, forged.secrets.initiator, forged.secrets.responder]) {
      const verdict = value(verifyTranscript(suite, transcript, { now: NOW, secrets }));
      expect(verdict.messages).toEqual([]);
      expect(verdict.ssid).toEqual(secrets === undefined ? undefined : forged.ssid);
    }
  });

  it("gives both ends of a conversation", () => {
    for (const [from, to] of [
      ["initiator", "responder"],
      ["responder", "initiator"],
    ] as const) {
      const tags = { senderTag: cast[from].instanceTag, receiverTag: cast[to].instanceTag };
      const sealed = seal(suite, systemRandom, defaultLimits, forged.ratchets[from], hello, { ...tags, flags: 0 });
      const bytes = encodeDataMessage(sealed.sections, sealed.mac, []);
      const message = value(decodeMessage(bytes, defaultLimits)) as DataMessage;
      const context = { suite, limits: defaultLimits, now: NOW, mayTryCostly: true };
      expect(value(open(context, forged.ratchets[to], message)).plaintext).toEqual(hello);
    }
  });

  it("draws what two honest sides draw", () => {
    expect(draws).toEqual({ ecdh: 5, dh: 5, zq: 14 } satisfies Draws);
  });
});

describe("forgeDake", () => {
  it("works where a forging key is a point whose secret nobody has", () => {
    const forgingKey = randomPointForgingKey(suite, systemRandom);
    const { profile } = createIdentity(suite, systemRandom, { now: NOW, limits: defaultLimits, forgingKey });
    const keyless = { ...setting, responder: profile };
    for (const secret of [undefined, cast.initiator.longTermKey]) {
      const { messages } = value(forgeDake(suite, systemRandom, { ...keyless, secret, now: NOW }));
      value(verifyTranscript(suite, { ...keyless, messages }, { now: NOW }));
    }
  });

  it("refuses a secret of neither side, and one of another length", () => {
    const forgery = { ...setting, now: NOW };
    expect(() => forgeDake(suite, systemRandom, { ...forgery, secret: stranger.longTermKey })).toThrow(SottovoceError);
    expect(() => forgeDake(suite, systemRandom, { ...forgery, secret: new Uint8Array(56) })).toThrow(/57 bytes/);
  });

  it("needs profiles that were valid at the time", () => {
    const late = Number(setting.initiator.expires) + 1;
    expect(code(forgeDake(suite, systemRandom, { ...setting, now: late }))).toBe("EXPIRED_PROFILE");
    const soon = createIdentity(suite, systemRandom, { now: NOW, limits: { profileSeconds: 60 } }).profile;
    expect(code(forgeDake(suite, systemRandom, { ...setting, initiator: soon, now: NOW + 60 }))).toBe(
      "EXPIRED_PROFILE",
    );
    expect(code(forgeDake(suite, systemRandom, { ...setting, responder: soon, now: NOW + 60 }))).toBe(
      "EXPIRED_PROFILE",
    );
    expect(code(forgeDake(suite, systemRandom, { ...setting, responder: setting.initiator, now: NOW }))).toBe(
      "OWN_KEY",
    );
  });
});

describe("placeOf and contextOf", () => {
  it("are inverse", () => {
    for (const role of ["initiator", "responder"] as const) {
      expect(placeOf(contextOf(setting, role), role)).toEqual(setting.place);
    }
  });
});

/** A conversation in which one side's device is real and the other's identity is whatever it is. */
function converse(identities: Record<Role, LocalIdentity>): ReturnType<typeof play> {
  const actor = (role: Role): Actor => ({
    tag: identities[role].instanceTag,
    env: () => ({
      suite,
      random: systemRandom,
      now: NOW,
      limits: defaultLimits,
      identity: identities[role],
      context: contextOf(setting, role),
    }),
  });
  const lines = [
    { from: "initiator", text: "it is me" },
    { from: "responder", text: "so you say" },
  ] as const;
  return play({ initiator: actor("initiator"), responder: actor("responder") }, { lines });
}

describe("impersonate", () => {
  const { initiator, responder } = cast;

  it.each([
    ["as the responder, to a victim who kept the forging secret", "responder", initiator.forgingSecret],
    ["as the initiator, to a victim who kept the forging secret", "initiator", responder.forgingSecret],
    ["as the responder, with the stolen long-term secret", "responder", responder.longTermKey],
    ["as the initiator, with the stolen long-term secret", "initiator", initiator.longTermKey],
  ] as const)("leads a whole conversation with a real device %s", (_, role, secret) => {
    const victim = role === "initiator" ? responder : initiator;
    const as = cast[role].profile;
    const impostor = impersonate(suite, { as, towards: victim.profile, secret: secret as Uint8Array });
    const messages = value(converse({ initiator, responder, [role]: impostor }));
    const verdict = value(verifyTranscript(suite, { ...setting, messages }, { now: NOW }));
    const honest = honestTranscript(suite, cast, { lines: [{ from: "initiator", text: "it is me" }] });
    const fingerprints = value(verifyTranscript(suite, honest, { now: NOW })).fingerprints;
    expect(verdict.fingerprints).toEqual(fingerprints);
  });

  it("does not work with the victim's long-term secret: rings name forging keys", () => {
    const towards = initiator.profile;
    const secret = initiator.longTermKey;
    expect(() => impersonate(suite, { as: responder.profile, towards, secret })).toThrow(/forging secret/);
    // Nor does going round the check: the ring of Auth-R does not have that key.
    expect(() => converse({ initiator, responder: { ...responder, longTermKey: secret } })).toThrow(/three keys/);
  });

  it("does not work with anybody else's secret", () => {
    const towards = initiator.profile;
    expect(() => impersonate(suite, { as: responder.profile, towards, secret: stranger.longTermKey })).toThrow(
      /No identity was made/,
    );
  });
});

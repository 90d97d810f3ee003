// A session recorded between two instances of otr4j, before our verifier: it judges what others wrote, too.
import { describe, expect, it } from "vitest";
import { fromHex, toHex, utf8 } from "../../src/bytes.ts";
import { nodeSuite as suite } from "../../src/crypto/node.ts";
import { queuedRandom } from "../../src/crypto/random.ts";
import { recordSecrets, type SessionSecrets } from "../../src/forge/secrets.ts";
import type { Transcript } from "../../src/forge/transcript.ts";
import { verifyTranscript } from "../../src/forge/verify.ts";
import { defaultLimits } from "../../src/limits.ts";
import { decodeClientProfile } from "../../src/wire/client-profile.ts";
import whole from "../../vectors/sessions/otr4j.json" with { type: "json" };
import fragmented from "../../vectors/sessions/otr4j-fragmented.json" with { type: "json" };
import { code, value } from "../wire/results.ts";

const NOW = 1_500_000_000;
const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array();

type Recording = typeof whole | typeof fragmented;

/** Alice asked, so Bob sent the Identity. */
function transcriptOf({ parties, steps }: Recording): Transcript {
  const profileOf = (hex: string) => value(decodeClientProfile(bytes(hex), defaultLimits));
  return {
    initiator: profileOf(parties.bob.clientProfile),
    responder: profileOf(parties.alice.clientProfile),
    place: { initiator: utf8(parties.bob.account), responder: utf8(parties.alice.account), shared: [] },
    messages: steps.flatMap((step) => ("sent" in step ? (step.sent as string[]) : [])),
  };
}

function secretsOf({ randoms }: Recording, name: "alice" | "bob"): SessionSecrets {
  const { ecdh, dh } = randoms[name];
  const recorder = recordSecrets(suite, queuedRandom({ ecdh: ecdh.map(bytes), dh: dh.map(bytes) }));
  for (const _ of ecdh) recorder.random("ecdh", 57);
  for (const _ of dh) recorder.random("dh", 80);
  return recorder.secrets();
}

describe.each([
  ["whole", whole],
  ["in fragments", fragmented],
] as const)("the session recorded %s", (_, recording) => {
  const transcript = transcriptOf(recording);

  it("passes, with the secrets of either side", () => {
    for (const name of ["alice", "bob"] as const) {
      const secrets = secretsOf(recording, name);
      const verdict = value(verifyTranscript(suite, transcript, { now: NOW, secrets }));
      expect(toHex(verdict.ssid ?? new Uint8Array())).toBe(recording.handshake.ssid);
      const texts = verdict.messages.map(({ plaintext }) => plaintext?.text).filter((text) => text !== "");
      const said = recording.steps.flatMap((step) => ("text" in step && step.action === "send" ? [step.text] : []));
      expect(texts).toEqual(said);
      expect(verdict).toMatchObject({ missing: 0 });
    }
  });

  it("does not pass as a conversation of others", () => {
    const { initiator, responder, place } = transcript;
    expect(code(verifyTranscript(suite, { ...transcript, initiator: responder }, { now: NOW }))).toBe("BAD_PROFILE");
    const elsewhere = { ...place, initiator: utf8("mallory") };
    expect(code(verifyTranscript(suite, { ...transcript, place: elsewhere }, { now: NOW }))).toBe("BAD_SIGNATURE");
    expect(initiator.versions).toBe("4");
  });
});

// Whole transcripts, honest and forged, before the same verifier.
import { describe, expect, it } from "vitest";
import { nodeSuite } from "../../src/crypto/node.ts";
import type { Script } from "../../src/forge/play.ts";
import { verifyTranscript } from "../../src/forge/verify.ts";
import { value } from "../wire/results.ts";
import { forgedTranscript, HOLDINGS, honestTranscript, NOW, people } from "./conversations.ts";

const suite = nodeSuite;
const script: Script = {
  lines: [
    { from: "initiator", text: "hello" },
    { from: "responder", text: "hello yourself", crossing: true },
    { from: "responder", text: "again" },
    { from: "initiator", text: "how" },
    { from: "initiator", text: "are you" },
    { from: "responder", text: "well" },
    { from: "initiator", text: "good" },
    { from: "responder", text: "bye" },
  ],
};

describe("an honest transcript and forged ones", () => {
  const cast = people(suite);
  it.each([undefined, ...HOLDINGS])("passes (forger holding %s)", (holding) => {
    const transcript =
      holding === undefined ? honestTranscript(suite, cast, script) : forgedTranscript(suite, cast, holding, script);
    for (const secrets of [undefined, transcript.secrets.initiator, transcript.secrets.responder]) {
      const verdict = value(verifyTranscript(suite, transcript, { now: NOW, secrets }));
      if (secrets !== undefined) {
        expect(verdict.messages.map(({ plaintext }) => plaintext?.text)).toEqual([
          ...script.lines.map(({ text }) => text),
          "",
          "",
        ]);
      }
      const revealed = verdict.messages.map(({ underRevealedKey }) => underRevealedKey);
      expect(revealed).toEqual(revealed.map((_, i) => i < revealed.length - 1));
    }
  });
});

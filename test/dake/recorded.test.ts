// What otr4j computed in the handshake of the recorded session, step by step.
import { describe, expect, it } from "vitest";
import { fromHex, toHex, utf8 } from "../../src/bytes.ts";
import { queuedRandom, type RandomKind } from "../../src/crypto/random.ts";
import type { Ring } from "../../src/crypto/ring-signature.ts";
import { ringVerify } from "../../src/crypto/ring-signature.ts";
import { contributionOf, generateEphemeral, handshakeSecret } from "../../src/dake/ephemeral.ts";
import { ssidOf } from "../../src/dake/secret.ts";
import { authITranscript, authRTranscript, partiesAsAlice, partiesAsBob } from "../../src/dake/transcript.ts";
import { firstRootKey } from "../../src/ratchet/keys.ts";
import recording from "../../vectors/sessions/otr4j.json" with { type: "json" };
import { suites } from "../crypto/suites.ts";
import { messageOf } from "../support/players.ts";

const sent = (n: number): string => recording.steps[n]?.sent?.[0] as string;
const identity = messageOf(sent(1), "identity");
const authR = messageOf(sent(2), "auth-r");
const authI = messageOf(sent(3), "auth-i");

const alice = utf8(recording.parties.alice.account);
const bob = utf8(recording.parties.bob.account);
const [ofBob, ofAlice] = [contributionOf(identity), contributionOf(authR)];
const seenByBob = partiesAsBob({ ours: bob, theirs: alice, shared: [] }, ofBob, ofAlice);
const seenByAlice = partiesAsAlice({ ours: alice, theirs: bob, shared: [] }, ofBob, ofAlice);

describe.each(suites)("the recorded handshake on $name", (suite) => {
  it.each([
    ["Bob", seenByBob],
    ["Alice", seenByAlice],
  ])("has these transcripts, as %s sees it", (_, parties) => {
    expect(toHex(authRTranscript(suite, parties))).toBe(recording.handshake.authR);
    expect(toHex(authITranscript(suite, parties))).toBe(recording.handshake.authI);
  });

  it("is signed over {F_b, H_a, Y} and {H_b, F_a, X}", () => {
    const rings: [Ring, Ring] = [
      [identity.profile.forgingKey, authR.profile.publicKey, identity.ecdh],
      [identity.profile.publicKey, authR.profile.forgingKey, authR.ecdh],
    ];
    expect(ringVerify(suite, rings[0], authR.ringSignature, authRTranscript(suite, seenByAlice))).toBe(true);
    expect(ringVerify(suite, rings[1], authI.ringSignature, authITranscript(suite, seenByBob))).toBe(true);
  });

  it.each([
    ["alice", identity],
    ["bob", authR],
  ] as const)("gives %s this secret, SSID and first root key", (name, theirs) => {
    const queues = Object.fromEntries(
      Object.entries(recording.randoms[name]).map(([kind, values]) => [
        kind as RandomKind,
        values.map((value) => fromHex(value) as Uint8Array),
      ]),
    );
    const keys = generateEphemeral(suite, queuedRandom(queues));
    const secret = handshakeSecret(suite, keys, theirs);
    if (secret === undefined) throw new Error("no secret");
    expect(toHex(secret)).toBe(recording.handshake.sharedSecret);
    expect(toHex(ssidOf(suite, secret))).toBe(recording.handshake.ssid);
    expect(toHex(firstRootKey(suite, secret))).toBe(recording.handshake.firstRootKey);
  });
});

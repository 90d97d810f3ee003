import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { kdf, usage } from "../../src/crypto/kdf.ts";
import { generateDh, generateEcdh } from "../../src/crypto/keys.ts";
import type { MixedSecret } from "../../src/dake/secret.ts";
import {
  type ChainKey,
  extraSymmetricKey,
  firstRootKey,
  type MessageKey,
  macKey,
  messageKey,
  nextChainKey,
  type RootKey,
  ratchetKeys,
} from "../../src/ratchet/keys.ts";
import { startAsInitiator, startAsResponder } from "../../src/ratchet/start.ts";
import { hasDh, secretsOf, wireId } from "../../src/ratchet/state.ts";
import { seededRandom } from "../support/players.ts";
import { toySuite as suite } from "../support/toy-suite.ts";
import { ends } from "./ends.ts";

const filled = <T extends Uint8Array>(fill: number): T => new Uint8Array(64).fill(fill) as unknown as T;

describe("the first ratchets", () => {
  it("are the responder's, −1, and the initiator's, 0, which he has begun already", () => {
    const [initiator, responder] = ends().map(({ ratchet }) => ratchet);
    expect([responder?.latest, responder?.sending?.number, responder?.receiving]).toEqual([-1, -1, undefined]);
    expect([initiator?.latest, initiator?.sending?.number, initiator?.receiving?.number]).toEqual([0, 0, -1]);
    expect(toHex(initiator?.receiving?.chainKey as Uint8Array)).toBe(toHex(responder?.sending?.chainKey as Uint8Array));
    expect(toHex(initiator?.rootKey as Uint8Array)).not.toBe(toHex(responder?.rootKey as Uint8Array));
  });

  it("meet when the responder has read a message of the initiator", () => {
    const [initiator, responder] = ends();
    responder.hear(initiator.say("hello"));
    expect(toHex(responder.ratchet.rootKey)).toBe(toHex(initiator.ratchet.rootKey));
    expect(toHex(responder.ratchet.braceKey)).toBe(toHex(initiator.ratchet.braceKey));
  });

  it("have one buffer for each secret: wiping one wipes no other", () => {
    for (const { ratchet } of ends()) {
      const secrets = secretsOf(ratchet);
      expect(new Set(secrets).size).toBe(secrets.length);
      expect(new Set(secrets.map(({ buffer }) => buffer)).size).toBe(secrets.length);
    }
  });

  it("cannot begin with keys that were never validated", () => {
    const random = seededRandom("start");
    const seed = {
      secret: filled<MixedSecret>(1),
      ourFirstEcdh: generateEcdh(suite, random),
      ourFirstDh: generateDh(suite, random),
      // 1 is the identity of the toy group.
      theirFirstEcdh: new Uint8Array(57).with(0, 1),
      theirFirstDh: generateDh(suite, random).public,
    };
    const broken = expect.objectContaining({ name: "SottovoceError", code: "BAD_STATE" });
    expect(() => startAsResponder(suite, seed)).toThrow(broken);
    expect(() => startAsInitiator(suite, random, seed)).toThrow(broken);
  });
});

describe("the numbers of ratchets", () => {
  it("show 0 on the wire for −1 and 0, and bring a DH key in every third", () => {
    const numbers = [-1, 0, 1, 2, 3, 4, 5, 6];
    expect(numbers.map(wireId)).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
    expect(numbers.filter(hasDh)).toEqual([-1, 0, 3, 6]);
  });
});

describe("the keys of a ratchet", () => {
  const [root, chain, message] = [filled<RootKey>(1), filled<ChainKey>(2), filled<MessageKey>(3)];
  const secret = filled<MixedSecret>(4);

  it.each([
    ["first root key", firstRootKey(suite, secret), kdf(suite, usage.firstRootKey, 64, secret)],
    ["root key", ratchetKeys(suite, root, secret).root, kdf(suite, usage.rootKey, 64, root, secret)],
    ["chain key, from the root key before", ratchetKeys(suite, root, secret).chain, kdf(suite, 0x13, 64, root, secret)],
    ["next chain key", nextChainKey(suite, chain), kdf(suite, usage.nextChainKey, 64, chain)],
    ["message key", messageKey(suite, chain), kdf(suite, usage.messageKey, 64, chain)],
    ["MAC key", macKey(suite, message), kdf(suite, usage.macKey, 64, message)],
    ["extra symmetric key", extraSymmetricKey(suite, chain), kdf(suite, 0x17, 64, Uint8Array.of(0xff), chain)],
  ])("%s", (_, key, expected) => {
    expect(toHex(key)).toBe(toHex(expected));
  });
});

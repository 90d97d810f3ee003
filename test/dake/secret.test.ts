import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { kdf, usage } from "../../src/crypto/kdf.ts";
import { generateDh, generateEcdh } from "../../src/crypto/keys.ts";
import { answerIdentity } from "../../src/dake/answer.ts";
import { generateEphemeral, handshakeSecret, publicKeys } from "../../src/dake/ephemeral.ts";
import { type BraceKey, braceKeyFromDh, mixedSecret, nextBraceKey, ssidOf } from "../../src/dake/secret.ts";
import { seededRandom } from "../support/players.ts";
import { toySuite as suite } from "../support/toy-suite.ts";
import { code } from "../wire/results.ts";
import { answeredHandshake, complete } from "./parties.ts";

const random = seededRandom("secrets");
const braceKey = new Uint8Array(32).fill(7) as BraceKey;
/** In the toy group 1 is the identity: what no validated point and pruned scalar give. */
const identityPoint = new Uint8Array(57).with(0, 1);

describe("the secrets of a key exchange", () => {
  it("mix the shared point, encoded, with the brace key", () => {
    const [ours, theirs] = [generateEcdh(suite, random), generateEcdh(suite, random)];
    const shared = suite.group.multiply(theirs.public, ours.secret) as Uint8Array;
    const expected = suite.shake256(64, concat(Buffer.from("OTRv4"), Uint8Array.of(0x03), shared, braceKey));
    expect(toHex(mixedSecret(suite, ours.secret, theirs.public, braceKey) ?? shared)).toBe(toHex(expected));
  });

  it("take the brace key from a DH of minimal length, and hash it on in between", () => {
    const [ours, theirs] = [generateDh(suite, random), generateDh(suite, random)];
    const shared = suite.dh.shared(ours.secret, theirs.public);
    const expected = kdf(suite, usage.thirdBraceKey, 32, shared);
    expect(toHex(braceKeyFromDh(suite, ours.secret, theirs.public))).toBe(toHex(expected));
    expect(toHex(braceKeyFromDh(suite, theirs.secret, ours.public))).toBe(toHex(expected));
    expect(toHex(nextBraceKey(suite, braceKey))).toBe(toHex(kdf(suite, usage.braceKey, 32, braceKey)));
  });

  it("change with each of the four keys", () => {
    const [a, b, c] = [1, 2, 3].map(() => generateEphemeral(suite, random));
    if (a === undefined || b === undefined || c === undefined) throw new Error("no keys");
    const secret = handshakeSecret(suite, a, publicKeys(b));
    if (secret === undefined) throw new Error("no secret");
    const others = [
      handshakeSecret(suite, { ...a, ecdh: c.ecdh }, { ecdh: b.ecdh.public, dh: b.dh.public }),
      handshakeSecret(suite, { ...a, dh: c.dh }, { ecdh: b.ecdh.public, dh: b.dh.public }),
      handshakeSecret(suite, a, { ecdh: c.ecdh.public, dh: b.dh.public }),
      handshakeSecret(suite, a, { ecdh: b.ecdh.public, dh: c.dh.public }),
    ];
    const all = [secret, ...others].map((each) => toHex(each ?? new Uint8Array(0)));
    expect(new Set(all).size).toBe(5);
    expect(toHex(ssidOf(suite, secret))).toBe(toHex(kdf(suite, usage.ssid, 8, secret)));
  });

  it("do not exist when the exchange gives the identity", () => {
    const ours = generateEcdh(suite, random);
    expect(mixedSecret(suite, ours.secret, identityPoint, braceKey)).toBeUndefined();
    const { alice, offered } = answeredHandshake(suite);
    const message = { ...offered.message, ecdh: identityPoint };
    expect(code(answerIdentity(suite, alice.random, alice.identity, alice.context, message))).toBe("BAD_POINT");
    const handshake = answeredHandshake(suite);
    const authR = { ...handshake.authR, ecdh: identityPoint };
    expect(code(complete(handshake, { authR }))).toBe("BAD_POINT");
  });
});

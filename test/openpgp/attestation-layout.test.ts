// The layout of attestations, and making them with what hosts may give (spec/05, "Attestation", "Making and checking").

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex, utf8 } from "../../src/bytes.ts";
import { checkAttestation, makeAttestation, readAttested } from "../../src/openpgp/attest.ts";
import {
  attestedBytes,
  countersignedBytes,
  decodeAttestation,
  encodeAttestation,
} from "../../src/openpgp/attestation.ts";
import type { OpenPgpIdentity } from "../../src/openpgp/identity.ts";
import { device, EXPIRED, identity, limits, NOW, publicKey, suite, value } from "./fixtures.ts";
import { attest, forge, phone, whyNot } from "./forgery.ts";

describe("the layout", () => {
  it("refuses every truncation and every byte too many", async () => {
    const attestation = await attest("alice");
    for (let length = 0; length < attestation.length; length++) {
      expect(decodeAttestation(attestation.subarray(0, length), limits)).toMatchObject({ code: "BAD_ATTESTATION" });
    }
    expect(await whyNot(concat(attestation, Uint8Array.of(0)))).toMatch(/left over/);
  });

  it("refuses other versions, of itself and of keys", async () => {
    const attestation = await attest("alice");
    const altered = (at: number, byte: number): Uint8Array => attestation.map((old, i) => (i === at ? byte : old));
    expect(decodeAttestation(altered(0, 2), limits)).toMatchObject({ code: "UNSUPPORTED_VERSION" });
    expect(decodeAttestation(altered(1, 5), limits)).toMatchObject({ code: "BAD_ATTESTATION" });
    expect(decodeAttestation(altered(1, 6), limits)).toMatchObject({ code: "BAD_ATTESTATION" });
  });

  it("refuses extensions that are unordered, repeated, of type 0, too many or too long", async () => {
    const entry = { type: 5, value: utf8("x") };
    const many = Array.from({ length: 17 }, (_, i) => ({ type: i + 1, value: utf8("") }));
    const long = { type: 5, value: new Uint8Array(1025) };
    for (const extensions of [[entry, entry], [entry, { ...entry, type: 4 }], [{ ...entry, type: 0 }], many, [long]]) {
      expect(decodeAttestation(await forge({ extensions }), limits)).toMatchObject({ code: "BAD_ATTESTATION" });
    }
    expect(decodeAttestation(await forge({ extensions: many.slice(1) }), limits)).toMatchObject({ ok: true });
  });

  it("comes back as it went; arbitrary and mutated bytes are parsed or refused", async () => {
    const attestation = await attest("carol");
    expect(encodeAttestation(value(decodeAttestation(attestation, limits)))).toEqual(attestation);
    const altered = fc
      .array(fc.tuple(fc.nat(attestation.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const bytes = attestation.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(altered, fc.uint8Array({ maxLength: 800 })), (bytes) => {
        const decoded = decodeAttestation(bytes, limits);
        if (decoded.ok) expect(encodeAttestation(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
    await fc.assert(
      fc.asyncProperty(altered, async (bytes) => {
        const checked = await checkAttestation(suite, bytes, await publicKey("carol"), { now: NOW, limits });
        expect(checked.ok).toBe(toHex(bytes) === toHex(attestation));
      }),
      { numRuns: 100 },
    );
  });
});

describe("the recorded attestations", () => {
  interface Vector {
    readonly key: "alice" | "carol" | "erin";
    readonly signedAt: number;
    readonly clientProfile: string;
    readonly extensions: readonly { readonly type: number; readonly value: string }[];
    readonly attested: string;
    readonly countersigned: string;
    readonly encoded: string;
  }
  const file = new URL("../../vectors/openpgp-attestations.json", import.meta.url);
  const vectors: readonly Vector[] = JSON.parse(readFileSync(file, "utf8")).attestations;

  it.each(vectors)("by $key are accepted, and are over what they should be", async (vector) => {
    const bytes = fromHex(vector.encoded) as Uint8Array;
    const decoded = value(decodeAttestation(bytes, limits));
    expect(toHex(attestedBytes(decoded))).toBe(vector.attested);
    expect(toHex(countersignedBytes(decoded))).toBe(vector.countersigned);
    expect(encodeAttestation(decoded)).toEqual(bytes);
    const options = { now: vector.signedAt, limits };
    const attested = value(await checkAttestation(suite, bytes, await publicKey(vector.key), options));
    expect(attested.signedAt).toBe(vector.signedAt);
    expect(toHex(attested.profile.encoded)).toBe(vector.clientProfile);
    expect(attested.extensions.map(({ type, value: v }) => ({ type, value: toHex(v) }))).toEqual(vector.extensions);
  });
});

describe("making one", () => {
  const make = async (sign: OpenPgpIdentity["sign"]): Promise<Uint8Array> =>
    makeAttestation(suite, { ...(await identity("alice")), sign }, phone.profile, phone.longTermKey, {
      now: NOW,
      limits,
    });

  it("fails when the host does not sign, or signs something else", async () => {
    await expect(make(() => Promise.reject(new Error("locked")))).rejects.toMatchObject({ code: "OPENPGP" });
    await expect(make(() => Promise.resolve(utf8("signature")))).rejects.toMatchObject({ code: "OPENPGP" });
    const { sign } = await identity("alice");
    await expect(make((_data, notation, now) => sign(utf8("other"), notation, now))).rejects.toMatchObject({
      code: "OPENPGP",
    });
    await expect(make((data, _notation, now) => sign(data, { name: "a@b", value: "" }, now))).rejects.toMatchObject({
      code: "OPENPGP",
    });
  });

  it("takes a signature with an old packet header, as GnuPG writes it", async () => {
    const { sign } = await identity("alice");
    const attestation = await make(async (data, notation, now) => {
      const signature = await sign(data, notation, now);
      const body = signature.subarray((signature[1] as number) < 192 ? 2 : 3);
      return concat(Uint8Array.of(0x89, body.length >> 8, body.length & 255), body);
    });
    expect(await whyNot(attestation)).toBe("accepted");
  });

  it("fails with a key that has expired", async () => {
    await expect(attest("expiring", EXPIRED, device(1, EXPIRED))).rejects.toMatchObject({ code: "OPENPGP" });
  });
});

describe("the handshake message beside it", () => {
  const session = new URL("../../vectors/sessions/otr4j.json", import.meta.url);
  const { parties, steps } = JSON.parse(readFileSync(session, "utf8")) as {
    parties: Record<string, { clientProfile: string }>;
    steps: { sent?: string[] }[];
  };
  const sent = steps.flatMap((step) => step.sent ?? []).filter((text) => text.startsWith("?OTR:AAQ"));
  const attestedBy = async (encoded: Uint8Array) => ({
    key: await publicKey("alice"),
    profile: { ...phone.profile, encoded },
    extensions: [],
    signedAt: NOW,
  });

  it("must bring the attested profile, byte for byte", async () => {
    for (const [party, text] of [
      ["bob", sent[0]],
      ["alice", sent[1]],
    ] as const) {
      const encoded = fromHex(parties[party]?.clientProfile ?? "") as Uint8Array;
      const read = [await attestedBy(encoded), await attestedBy(phone.profile.encoded)].map((attested) =>
        readAttested(attested, text ?? "", limits),
      );
      const kinds = read.map((result) => (result.ok ? result.value.kind : result.code));
      expect(["identity", "auth-r"]).toContain(kinds[0]);
      expect(kinds[1]).toBe("BAD_ATTESTATION");
    }
  });

  it("must be a whole Identity or Auth-R message", async () => {
    const attested = await attestedBy(phone.profile.encoded);
    expect(readAttested(attested, sent[2] ?? "", limits)).toMatchObject({ code: "UNEXPECTED" });
    expect(readAttested(attested, "?OTRv4?", limits)).toMatchObject({ code: "UNEXPECTED" });
    expect(readAttested(attested, "?OTR:AAQ=.", limits)).toMatchObject({ code: "MALFORMED" });
    expect(readAttested(attested, "?OTR:AAQ", limits)).toMatchObject({ code: "MALFORMED" });
  });
});

// The OpenPGP signature of an attestation: every wrong form has its test (spec/05, "The OpenPGP signature").
import { enums, type RawNotation, readSignature, type SignaturePacket } from "openpgp";
import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../../src/bytes.ts";
import { decodeAttestation } from "../../src/openpgp/attestation.ts";
import type { OpenPgpIdentity } from "../../src/openpgp/identity.ts";
import { DAY, limits, NOW, value } from "./fixtures.ts";
import { attest, forge, ours, signer, whyNot, withSubpacket } from "./forgery.ts";

describe("refused because of the OpenPGP signature:", () => {
  const withNotations = async (...notations: RawNotation[]): Promise<string> =>
    whyNot(await forge({ by: await signer("alice", { notations }) }));

  it("nothing, when it is made with other notations beside ours that are not critical", async () => {
    const other = { name: "other@example.org", value: utf8("x"), humanReadable: true, critical: false };
    expect(await withNotations(ours, other)).toBe("accepted");
  });

  it("no notation", async () => {
    expect(await withNotations()).toMatch(/lacks the notation/);
  });

  it("another notation", async () => {
    expect(await withNotations({ ...ours, name: "attestation@example.org" })).toMatch(/lacks the notation/);
  });

  it("another value of the notation", async () => {
    expect(await withNotations({ ...ours, value: utf8("2") })).toMatch(/another value/);
    expect(await withNotations({ ...ours, humanReadable: false })).toMatch(/another value/);
  });

  it("the notation is not critical", async () => {
    expect(await withNotations({ ...ours, critical: false })).toMatch(/not critical/);
  });

  it("the notation twice", async () => {
    expect(await withNotations(ours, ours)).toMatch(/twice/);
    expect(await withNotations(ours, { ...ours, value: utf8("2") })).toMatch(/twice/);
  });

  it("an unknown critical notation beside ours", async () => {
    expect(await withNotations(ours, { ...ours, name: "other@example.org" })).toMatch(/does not verify/);
  });

  it("the notation among the subpackets that are not signed", async () => {
    const body = concat(Uint8Array.of(0x80, 0, 0, 0, 0, 25, 0, 1), utf8("attestation@sottovoce.alt1"));
    const prepare = (packet: SignaturePacket): void => {
      packet.rawNotations = [];
    };
    const by = await signer("alice", { prepare });
    const sign = async (...all: Parameters<OpenPgpIdentity["sign"]>): Promise<Uint8Array> => {
      const signature = await readSignature({ binarySignature: await by.sign(...all) });
      signature.packets[0]?.unhashedSubpackets.push({ type: 20, critical: true, body });
      return signature.packets.write();
    };
    expect(await whyNot(await forge({ by: { ...by, sign } }))).toMatch(/lacks the notation/);
  });

  it("two signatures, even the same", async () => {
    const { signature } = value(decodeAttestation(await attest("alice"), limits));
    expect(await whyNot(await forge({ attestation: { signature: concat(signature, signature) } }))).toMatch(
      /exactly one/,
    );
    const other = value(decodeAttestation(await attest("bob"), limits)).signature;
    expect(await whyNot(await forge({ attestation: { signature: concat(signature, other) } }))).toMatch(/exactly one/);
  });

  it("none", async () => {
    expect(await whyNot(await forge({ attestation: { signature: new Uint8Array(0) } }))).toMatch(/exactly one/);
    expect(await whyNot(await forge({ attestation: { signature: utf8("signature") } }))).toMatch(/exactly one/);
  });

  it("other packets beside it: marker, padding, unknown", async () => {
    const { signature } = value(decodeAttestation(await attest("alice"), limits));
    for (const packet of [
      Uint8Array.of(0xca, 3, 0x50, 0x47, 0x50),
      Uint8Array.of(0xd5, 1, 0),
      Uint8Array.of(0xfc, 1, 0),
    ]) {
      expect(await whyNot(await forge({ attestation: { signature: concat(signature, packet) } }))).toMatch(
        /exactly one/,
      );
      expect(await whyNot(await forge({ attestation: { signature: concat(packet, signature) } }))).toMatch(
        /exactly one/,
      );
    }
  });

  it("over text", async () => {
    expect(await whyNot(await forge({ by: await signer("alice", { text: true }) }))).toMatch(/type 0x00/);
  });

  it.each([
    ["a standalone signature", enums.signature.standalone],
    ["a timestamp", enums.signature.timestamp],
  ])("of another type: %s", async (_what, signatureType) => {
    const prepare = (packet: SignaturePacket): void => {
      packet.signatureType = signatureType;
    };
    expect(await whyNot(await forge({ by: await signer("alice", { prepare }) }))).toMatch(/type 0x00/);
  });

  it("an intended recipient, critical or not", async () => {
    for (const critical of [true, false]) {
      const prepare = withSubpacket(35, critical, concat(Uint8Array.of(4), new Uint8Array(20)));
      expect(await whyNot(await forge({ by: await signer("alice", { prepare }) }))).toMatch(/intended recipient/);
    }
  });

  it("an unknown critical subpacket; one that is not critical does not matter", async () => {
    const make = async (critical: boolean): Promise<string> =>
      whyNot(await forge({ by: await signer("alice", { prepare: withSubpacket(99, critical, Uint8Array.of(1)) }) }));
    expect(await make(true)).toMatch(/does not verify/);
    expect(await make(false)).toBe("accepted");
  });

  it("expired by itself", async () => {
    const prepare = (packet: SignaturePacket): void => {
      packet.signatureExpirationTime = DAY;
      packet.signatureNeverExpires = false;
    };
    const attestation = await forge({ by: await signer("alice", { prepare }) });
    expect(await whyNot(attestation, "alice", NOW + DAY - 1)).toBe("accepted");
    expect(await whyNot(attestation, "alice", NOW + DAY)).toMatch(/does not verify/);
  });

  it("with SHA-1", async () => {
    const prepare = (packet: SignaturePacket): void => {
      packet.hashAlgorithm = enums.hash.sha1;
    };
    expect(await whyNot(await forge({ by: await signer("erin", { prepare }) }), "erin")).toMatch(/does not verify/);
  });
});

// Attestations as they should be and as they should not: what the tests of attestations make them with.
import {
  createMessage,
  enums,
  PacketList,
  type RawNotation,
  readPrivateKey,
  type Signature,
  SignaturePacket,
  sign,
} from "openpgp";
import { expect } from "vitest";
import { concat, utf8 } from "../../src/bytes.ts";
import { checkAttestation, makeAttestation } from "../../src/openpgp/attest.ts";
import {
  type Attestation,
  attestedBytes,
  countersignedBytes,
  type Extension,
  encodeAttestation,
} from "../../src/openpgp/attestation.ts";
import { ATTESTATION_NOTATION } from "../../src/openpgp/config.ts";
import type { OpenPgpIdentity } from "../../src/openpgp/identity.ts";
import type { LocalIdentity } from "../../src/profile/identity.ts";
import { device, identity, keys, limits, NOW, publicKey, suite } from "./fixtures.ts";

export type Name = keyof typeof keys;
export const phone: LocalIdentity = device(1);

export function attest(name: Name, now: number = NOW, of: typeof phone = phone): Promise<Uint8Array> {
  return identity(name).then((by) => makeAttestation(suite, by, of.profile, of.longTermKey, { now, limits }));
}

export async function whyNot(attestation: Uint8Array, name: Name = "alice", now: number = NOW): Promise<string> {
  const checked = await checkAttestation(suite, attestation, await publicKey(name), { now, limits });
  if (checked.ok) return "accepted";
  expect(checked.code).toBe("BAD_ATTESTATION");
  return checked.why;
}

export const ours: RawNotation = {
  name: ATTESTATION_NOTATION.name,
  value: utf8(ATTESTATION_NOTATION.value),
  humanReadable: true,
  critical: true,
};

export interface Forgery {
  readonly by?: OpenPgpIdentity;
  readonly attestation?: Partial<Attestation>;
  readonly extensions?: readonly Extension[];
}

/** An attestation with any part changed, and signatures made over what it then says. */
export async function forge(forgery: Forgery = {}): Promise<Uint8Array> {
  const by = forgery.by ?? (await identity("alice"));
  const statement = { keyId: by.publicKey.id, profile: phone.profile, extensions: forgery.extensions ?? [] };
  const signature = await by.sign(attestedBytes(statement), ATTESTATION_NOTATION, NOW);
  const countersignature = suite.group.sign(phone.longTermKey, countersignedBytes(statement));
  return encodeAttestation({ ...statement, signature, countersignature, ...forgery.attestation });
}

/** The identity of a key that signs otherwise than an attestation is signed. */
export async function signer(
  name: Name,
  options: { notations?: RawNotation[]; text?: boolean; prepare?: (packet: SignaturePacket) => void },
): Promise<OpenPgpIdentity> {
  const signingKeys = await readPrivateKey({ armoredKey: keys[name].privateKey });
  const own = async (data: Uint8Array): Promise<Uint8Array> => {
    const packet = Object.assign(new SignaturePacket(), {
      signatureType: enums.signature.binary,
      publicKeyAlgorithm: signingKeys.keyPacket.algorithm,
      hashAlgorithm: enums.hash.sha512,
      rawNotations: options.notations ?? [ours],
    });
    options.prepare?.(packet);
    const message = await createMessage({ binary: data });
    const [literal] = message.packets;
    const signing = packet as unknown as { sign(...all: unknown[]): Promise<void> };
    const config = { nonDeterministicSignaturesViaNotation: false };
    await signing.sign(signingKeys.keyPacket, literal, new Date(NOW * 1000), true, config);
    const packets = new PacketList<SignaturePacket>();
    packets.push(packet);
    return packets.write();
  };
  const plain = async (data: Uint8Array): Promise<Uint8Array> => {
    const request = {
      signingKeys,
      date: new Date(NOW * 1000),
      detached: true,
      signatureNotations: options.notations ?? [ours],
      format: "object",
    } as const;
    const signature: unknown = options.text
      ? await sign({ ...request, message: await createMessage({ text: latin1(data) }) })
      : await sign({ ...request, message: await createMessage({ binary: data }) });
    return (signature as Signature).packets.write();
  };
  return { ...(await identity(name)), sign: options.prepare === undefined ? plain : own };
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Adds a hashed subpacket that openpgp.js does not write by itself. */
export function withSubpacket(type: number, critical: boolean, body: Uint8Array): (packet: SignaturePacket) => void {
  return (packet) => {
    const writer = packet as unknown as { writeHashedSubPackets(): Uint8Array };
    const write = writer.writeHashedSubPackets.bind(packet);
    writer.writeHashedSubPackets = () => {
      const all = concat(write().subarray(2), Uint8Array.of(body.length + 1, type | (critical ? 0x80 : 0)), body);
      return concat(Uint8Array.of(all.length >> 8, all.length & 255), all);
    };
  };
}

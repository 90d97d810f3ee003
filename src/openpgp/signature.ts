// The OpenPGP signature of an attestation: its form, and whether it holds now (spec/05, "The OpenPGP signature").
import { createMessage, enums, readSignature, type SignaturePacket, verify } from "openpgp";
import { equalBytes, fromUtf8 } from "../bytes.ts";
import { accept, type Result } from "../errors.ts";
import { badAttestation } from "./attestation.ts";
import { ATTESTATION_NOTATION, openpgpConfig } from "./config.ts";
import { type OpenPgpKey, parsedKey } from "./keys.ts";

/** How far the signer's clock may be ahead of ours. */
const SKEW_SECONDS = 3600;
/** Signature subpacket "Intended Recipient Fingerprint", RFC 9580 section 5.2.3.36. */
const INTENDED_RECIPIENT = 35;

/**
 * Verifies the one signature of an attestation over `data` by `key`: at the time it was made, and with the primary and
 * the signing key still valid at `now` (seconds since 1970). The value is the time at which it was made.
 *
 * Rejection: `BAD_ATTESTATION` with the reason.
 */
export async function checkSignature(
  signature: Uint8Array,
  data: Uint8Array,
  key: OpenPgpKey,
  now: number,
): Promise<Result<number>> {
  const packet = await readOne(signature);
  if (packet === undefined)
    return badAttestation("An attestation has exactly one OpenPGP signature packet and nothing else.");
  const flaw = flawOf(packet);
  if (flaw !== undefined) return badAttestation(flaw);
  const signedAt = (packet.created?.getTime() ?? 0) / 1000;
  if (signedAt > now + SKEW_SECONDS)
    return badAttestation("The OpenPGP signature of the attestation is dated in the future.");
  const config = openpgpConfig();
  try {
    const { signatures } = await verify({
      message: await createMessage({ binary: data }),
      signature: await readSignature({ binarySignature: signature, config }),
      verificationKeys: parsedKey(key).toPublic(),
      date: new Date(Math.max(now, signedAt) * 1000),
      format: "binary",
      config,
    });
    if (signatures.length !== 1) return badAttestation("An attestation has exactly one OpenPGP signature.");
    await signatures[0]?.verified;
  } catch {
    return badAttestation("The attestation's OpenPGP signature does not verify, or its key was not valid then.");
  }
  try {
    await parsedKey(key).getSigningKey(packet.issuerKeyID, new Date(now * 1000), undefined, config);
  } catch {
    return badAttestation("The OpenPGP key, or its subkey that signed, is expired, revoked or not for signing now.");
  }
  return accept(signedAt);
}

/**
 * The same signature in its canonical encoding, whatever kind of packet header the signer wrote; unreadable bytes as
 * they are.
 */
export async function canonicalSignature(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    const { packets } = await readSignature({ binarySignature: bytes, config: openpgpConfig() });
    return packets.write();
  } catch {
    return bytes;
  }
}

/** The packet, if `bytes` are its one canonical encoding: no marker, padding, unknown or second packet beside it. */
async function readOne(bytes: Uint8Array): Promise<SignaturePacket | undefined> {
  if (bytes.length === 0) return undefined;
  try {
    const { packets } = await readSignature({ binarySignature: bytes, config: openpgpConfig() });
    const [only, ...more] = packets;
    if (only === undefined || more.length > 0 || !("signatureType" in only)) return undefined;
    return equalBytes(packets.write(), bytes) ? only : undefined;
  } catch {
    return undefined;
  }
}

function flawOf(packet: SignaturePacket): string | undefined {
  if (packet.signatureType !== enums.signature.binary)
    return "The OpenPGP signature of the attestation is not of type 0x00.";
  if (packet.unknownSubpackets.some(({ type }) => type === INTENDED_RECIPIENT)) {
    return "The OpenPGP signature of the attestation names an intended recipient.";
  }
  const [ours, ...more] = packet.rawNotations.filter(({ name }) => name === ATTESTATION_NOTATION.name);
  if (ours === undefined) return "The OpenPGP signature lacks the notation of an attestation.";
  if (more.length > 0) return "The OpenPGP signature has the notation of an attestation twice.";
  if (!ours.critical) return "The notation of the attestation is not critical.";
  if (!ours.humanReadable || fromUtf8(ours.value) !== ATTESTATION_NOTATION.value) {
    return "The notation of the attestation has another value.";
  }
  return undefined;
}

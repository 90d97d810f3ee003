// The OpenPGP settings of ours, the same whatever the host has set globally (spec/05, "The OpenPGP message").
import { type Config, enums, config as hostConfig, type PartialConfig } from "openpgp";

/**
 * The critical notation that marks an attestation. No registry can give `.alt` names away (RFC 9476), so nobody else
 * can come to own it.
 */
export const ATTESTATION_NOTATION: { readonly name: string; readonly value: string } = {
  name: "attestation@sottovoce.alt",
  value: "1",
};

const overrides: PartialConfig = {
  preferredCompressionAlgorithm: enums.compression.uncompressed,
  preferredSymmetricAlgorithm: enums.symmetric.aes256,
  showVersion: false,
  showComment: false,
  allowUnauthenticatedMessages: false,
  allowUnauthenticatedStream: false,
  allowInsecureDecryptionWithSigningKeys: false,
  allowInsecureVerificationWithReformattedKeys: false,
  allowMissingKeyFlags: false,
  constantTimePKCS1Decryption: true,
  enableParsingV5Entities: false,
  enforceGrammar: true,
  rejectHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd]),
  rejectMessageHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd, enums.hash.sha1]),
  minRSABits: 2047,
  additionalAllowedPackets: [],
  knownNotations: [ATTESTATION_NOTATION.name],
  maxDecompressedMessageSize: 0,
};

/** @internal A complete configuration: what does not concern us stays as the host set it. */
export function openpgpConfig(): Config {
  return { ...hostConfig, ...overrides };
}

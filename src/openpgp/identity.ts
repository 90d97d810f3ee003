// The account's own OpenPGP key: held here, or kept by the host behind two callbacks (spec/05, "Keys").
import {
  createMessage,
  decryptKey,
  LiteralDataPacket,
  OnePassSignaturePacket,
  type PrivateKey,
  readMessage,
  readPrivateKeys,
  SignaturePacket,
  sign,
  verify,
} from "openpgp";
import { utf8 } from "../bytes.ts";
import { SottovoceError } from "../errors.ts";
import { openpgpConfig } from "./config.ts";
import { type OpenPgpKey, wrapKey } from "./keys.ts";

/** A notation to put among the hashed subpackets of a signature, marked critical and human-readable. */
export interface Notation {
  readonly name: string;
  readonly value: string;
}

/** What came out of an OpenPGP message. */
export interface Opened {
  /** The body of the literal data. */
  readonly data: Uint8Array;
  /** Whether the message carried a signature, valid or not. */
  readonly signed: boolean;
}

/**
 * The OpenPGP identity of an account. {@link identityFromKey} makes one from a private key; a host that keeps the key
 * to itself implements the two functions.
 */
export interface OpenPgpIdentity {
  readonly publicKey: OpenPgpKey;
  /**
   * Signs `data`: one detached binary signature (type 0x00) with exactly this critical notation, no intended recipient,
   * dated `now` (seconds since 1970). Resolves to the signature packet, not armored.
   */
  sign(data: Uint8Array, notation: Notation, now: number): Promise<Uint8Array>;
  /**
   * Decrypts an OpenPGP message, also with a key that has expired since. Rejects when it cannot. It must refuse
   * compressed data, or decompress no more than four megabytes, and say truly whether there was a signature.
   */
  decrypt(message: Uint8Array, now: number): Promise<Opened>;
}

/**
 * The identity of a private key: armored, binary, or an object of openpgp.js (anything with `write()`).
 *
 * @throws SottovoceError `OPENPGP_KEY` when it cannot be read, is not exactly one key, or is locked and the passphrase
 *   is missing or wrong.
 */
export async function identityFromKey(
  key: string | Uint8Array | { write(): Uint8Array },
  passphrase?: string,
): Promise<OpenPgpIdentity> {
  const privateKey = await unlock(await readOne(key), passphrase);
  const publicKey = wrapKey(privateKey.toPublic());
  if (!publicKey.ok) throw new SottovoceError("OPENPGP_KEY", publicKey.why);
  return {
    publicKey: publicKey.value,
    sign: (data, notation, now) => signDetached(privateKey, data, notation, now),
    decrypt: (message, now) => decryptStrictly(privateKey, message, now),
  };
}

async function readOne(key: string | Uint8Array | { write(): Uint8Array }): Promise<PrivateKey> {
  const config = openpgpConfig();
  let keys: PrivateKey[];
  try {
    keys = await (typeof key === "string"
      ? readPrivateKeys({ armoredKeys: key, config })
      : readPrivateKeys({ binaryKeys: key instanceof Uint8Array ? key : key.write(), config }));
  } catch (cause) {
    throw new SottovoceError("OPENPGP_KEY", "This is not an OpenPGP private key; give one, armored or binary.", {
      cause,
    });
  }
  const [only, ...more] = keys;
  if (only === undefined || more.length > 0) {
    throw new SottovoceError("OPENPGP_KEY", "There must be exactly one OpenPGP private key; give only the account's.");
  }
  return only;
}

async function unlock(privateKey: PrivateKey, passphrase: string | undefined): Promise<PrivateKey> {
  if (privateKey.isDecrypted()) return privateKey;
  if (passphrase === undefined) {
    throw new SottovoceError("OPENPGP_KEY", "The OpenPGP private key is locked; give its passphrase.");
  }
  try {
    return await decryptKey({ privateKey, passphrase, config: openpgpConfig() });
  } catch (cause) {
    throw new SottovoceError("OPENPGP_KEY", "The passphrase does not unlock the OpenPGP private key.", { cause });
  }
}

async function signDetached(
  signingKeys: PrivateKey,
  data: Uint8Array,
  notation: Notation,
  now: number,
): Promise<Uint8Array> {
  const date = new Date(now * 1000);
  const signature = await sign({
    message: await createMessage({ binary: data, date }),
    signingKeys,
    signatureNotations: [{ name: notation.name, value: utf8(notation.value), humanReadable: true, critical: true }],
    detached: true,
    format: "binary",
    date,
    config: openpgpConfig(),
  });
  return signature as Uint8Array;
}

async function decryptStrictly(privateKey: PrivateKey, bytes: Uint8Array, now: number): Promise<Opened> {
  const config = openpgpConfig();
  const date = new Date(now * 1000);
  const message = await readMessage({ binaryMessage: bytes, config });
  const inner = await message.decrypt([privateKey], undefined, undefined, date, config);
  // openpgp.js hands over the packets up to the literal data; verifying reads the rest and finds what is wrong with it.
  const { data, signatures } = await verify({
    message: inner,
    verificationKeys: [],
    format: "binary",
    date,
    config,
  });
  const [first, ...more] = inner.packets;
  const onlyLiteral = first instanceof LiteralDataPacket && more.length === 0;
  const hasSignature = inner.packets.some(isSignature);
  if (!onlyLiteral && !hasSignature) throw new Error("neither literal data nor a signed message");
  return { data: data as Uint8Array, signed: hasSignature || signatures.length > 0 };
}

function isSignature(packet: unknown): boolean {
  return packet instanceof SignaturePacket || packet instanceof OnePassSignaturePacket;
}

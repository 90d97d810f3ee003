// The suite in pure JavaScript, on the noble libraries: works everywhere (spec/02, "Suites").
import { chacha20 } from "@noble/ciphers/chacha.js";
import { shake256 } from "@noble/hashes/sha3.js";
import { dh3072 } from "./dh3072.ts";
import { ed448Group } from "./ed448.ts";
import type { Suite } from "./suite.ts";

const ZERO_NONCE = new Uint8Array(12);

export const nobleSuite: Suite = {
  name: "noble",
  group: ed448Group,
  dh: dh3072,
  shake256(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
    const hash = shake256.create({ dkLen: size });
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  chacha20: (key: Uint8Array, data: Uint8Array): Uint8Array => chacha20(key, ZERO_NONCE, data),
};

export const suite: Suite = nobleSuite;

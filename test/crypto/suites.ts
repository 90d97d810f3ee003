// What the tests of the primitives share: both suites, vectors, and random bytes that fast-check can shrink.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import type { RandomKind } from "../../src/crypto/random.ts";
import type { Suite } from "../../src/crypto/suite.ts";

/** Every vector and every property runs on each of them, whatever `#crypto` is here. */
export const suites: readonly Suite[] = [nobleSuite, nodeSuite];

export function readVectors<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../vectors/crypto/${file}`, import.meta.url), "utf8")) as T;
}

export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}

export const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

/** The same draws for the same seed, without end. */
export function seededRandom(seed: number): (kind: RandomKind, size: number) => Uint8Array {
  let draws = 0;
  return (kind, size) => {
    draws++;
    return nobleSuite.shake256(size, new TextEncoder().encode(`${seed} ${draws} ${kind}`));
  };
}

// The suite on node:crypto, where that is faster than pure JavaScript (spec/02, "Suites").
import { createHash } from "node:crypto";
import { nobleSuite } from "./noble.ts";
import type { Suite } from "./suite.ts";

export const nodeSuite: Suite = {
  ...nobleSuite,
  name: "node",
  shake256(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
    const hash = createHash("shake256", { outputLength: size });
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },
};

export const suite: Suite = nodeSuite;

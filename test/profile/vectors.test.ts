// Client profiles of other implementations, judged by both backends.
import { describe, expect, it } from "vitest";
import { fromHex } from "../../src/bytes.ts";
import { nobleSuite } from "../../src/crypto/noble.ts";
import { nodeSuite } from "../../src/crypto/node.ts";
import { defaultLimits } from "../../src/limits.ts";
import { validateClientProfile } from "../../src/profile/client.ts";
import { decodeClientProfile } from "../../src/wire/client-profile.ts";
import vectors from "../../vectors/profiles.json" with { type: "json" };

describe.each([nobleSuite, nodeSuite])("the published client profiles, $name", (suite) => {
  it.each(vectors.profiles)("$name is $outcome", ({ bytes, outcome }) => {
    const decoded = decodeClientProfile(fromHex(bytes) as Uint8Array, defaultLimits);
    const result = decoded.ok
      ? validateClientProfile(suite, decoded.value, { now: vectors.now, senderTag: decoded.value.instanceTag })
      : decoded;
    expect(result.ok ? "valid" : result.code).toBe(outcome);
  });

  it("are there, valid and invalid ones", () => {
    expect(vectors.profiles.filter(({ outcome }) => outcome === "valid").length).toBeGreaterThanOrEqual(4);
    expect(vectors.profiles.length).toBeGreaterThanOrEqual(38);
  });
});

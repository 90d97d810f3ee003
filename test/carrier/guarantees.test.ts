// Guarantees: never more than the carrier gives (spec/06, "Guarantees").
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CarrierCaps, carrierGuarantees, type Guarantees } from "../../src/carrier/index.ts";

const silent: CarrierCaps = {
  signs: false,
  thirdPartySigns: "no",
  storesCiphertext: false,
  maxMessageBytes: 1000,
  ordered: true,
  ephemeral: false,
};

function holds(caps: Partial<CarrierCaps>): Record<string, string> {
  const all = carrierGuarantees({ ...silent, ...caps });
  return Object.fromEntries(Object.entries(all).map(([name, { holds: level }]) => [name, level]));
}

const caps: fc.Arbitrary<CarrierCaps> = fc.record({
  signs: fc.boolean(),
  thirdPartySigns: fc.constantFrom("yes" as const, "stripped" as const, "no" as const, "unknown" as const),
  storesCiphertext: fc.boolean(),
  maxMessageBytes: fc.constantFrom(1000, Number.POSITIVE_INFINITY),
  ordered: fc.boolean(),
  ephemeral: fc.boolean(),
});

describe("what holds", () => {
  it("over a carrier that signs and stores nothing", () => {
    expect(holds({})).toEqual({
      forwardSecrecy: "yes",
      healing: "yes",
      contentDeniability: "yes",
      participationDeniability: "yes",
      authentication: "partly",
      ciphertextGone: "partly",
    });
  });

  it("over an app that signs: no deniability, the rest as before", () => {
    expect(holds({ signs: true })).toEqual({ ...holds({}), contentDeniability: "no", participationDeniability: "no" });
  });

  it("over mail with DKIM: deniable against the other person's word only", () => {
    expect(holds({ thirdPartySigns: "yes", storesCiphertext: true })).toEqual({
      ...holds({}),
      contentDeniability: "partly",
      participationDeniability: "partly",
      ciphertextGone: "no",
    });
    const { contentDeniability } = carrierGuarantees({ ...silent, thirdPartySigns: "yes" });
    expect(contentDeniability.against).toMatch(/not whoever keeps the raw messages and trusts the provider/);
    expect(contentDeniability.why).toMatch(/DKIM/);
  });

  it("over a carrier that does not know is not more than over one that signs", () => {
    const [unknown, yes] = [holds({ thirdPartySigns: "unknown" }), holds({ thirdPartySigns: "yes" })];
    expect(unknown).toEqual(yes);
  });

  it("over a carrier that takes signatures off: against all but a server that kept them", () => {
    const { contentDeniability } = carrierGuarantees({ ...silent, thirdPartySigns: "stripped" });
    expect(contentDeniability).toMatchObject({
      holds: "yes",
      against: expect.stringMatching(/but a server that kept/),
    });
  });
});

describe("every guarantee", () => {
  it("says why, in whole sentences, and against whom", () => {
    fc.assert(
      fc.property(caps, (all) => {
        for (const guarantee of Object.values(carrierGuarantees(all) satisfies Guarantees)) {
          expect(guarantee.why).toMatch(/^[A-Z].*\.$/);
          expect(guarantee.against).toMatch(/^[a-z]/);
        }
      }),
    );
  });

  it("of deniability is gone as soon as anything signs that stays", () => {
    fc.assert(
      fc.property(caps, (all) => {
        const { contentDeniability, participationDeniability } = carrierGuarantees(all);
        const signed = all.signs || all.thirdPartySigns === "yes" || all.thirdPartySigns === "unknown";
        expect(contentDeniability.holds === "yes").toBe(!signed);
        expect(participationDeniability.holds === "yes").toBe(!signed);
      }),
    );
  });
});

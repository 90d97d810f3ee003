import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { ed448Group } from "../../src/crypto/ed448.ts";
import { decodeScalar, encodeScalar, prune } from "../../src/crypto/scalar.ts";
import type { Point, Scalar } from "../../src/crypto/suite.ts";
import { badPoints, Curve, type CurvePoint, encodeRaw, isOnCurve, p, q, torsion } from "./points.ts";
import { bytes, hex, readVectors, suites } from "./suites.ts";

const vectors = readVectors<{
  generator: { point: string };
  order: { scalar: string };
  shared: { source: string; secret: string; public: string; shared: string }[];
}>("ed448-keys.json");

const few = { numRuns: 10 };
const scalar = bytes(57).map(prune);
const point = scalar.map((secret) => ed448Group.multiplyBase(secret));
/** Any encoding below 2^455 and its sign: half of them are points, a quarter of these valid. */
const y = bytes(57).map((random) => decodeScalar(random) % p);

function isValidByOrder(encoded: Uint8Array): boolean {
  const P = Curve.fromBytes(encoded);
  return !P.is0() && P.isTorsionFree();
}

describe.each(suites)("points on $name", ({ group }) => {
  it("have the generator and the order of the draft", () => {
    expect(toHex(group.generator)).toBe(vectors.generator.point);
    expect(toHex(encodeScalar(group.order))).toBe(vectors.order.scalar);
    expect(group.isValid(group.generator)).toBe(true);
  });

  it.each(badPoints)("are not valid: %s", (_, encoded) => {
    expect(group.isValid(encoded)).toBe(false);
  });

  it("are valid where they are multiples of the generator", () => {
    fc.assert(
      fc.property(scalar, (secret) => {
        expect(group.isValid(group.multiplyBase(secret))).toBe(true);
      }),
      few,
    );
  });

  it("are judged as multiplication by q judges them, wherever y is on the curve", () => {
    fc.assert(
      fc.property(y, fc.constantFrom(0, 1), (value, sign) => {
        const encoded = encodeRaw(value, sign as 0 | 1);
        expect(group.isValid(encoded)).toBe(isOnCurve(encoded) && isValidByOrder(encoded));
      }),
      { numRuns: 400 },
    );
  });

  it("are not valid once a bit of them is changed, but for the rare one that is", () => {
    for (let bit = 0; bit < 456; bit += 3) {
      const encoded = group.generator.slice();
      encoded[bit >> 3] = (encoded[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(group.isValid(encoded)).toBe(isOnCurve(encoded) && isValidByOrder(encoded));
    }
  });
});

describe("the subgroup check by halving", () => {
  it("is the same for every suite", () => {
    for (const { group } of suites) expect(group.isValid).toBe(ed448Group.isValid);
  });

  it("accepts small multiples of the generator, and none of their cosets", () => {
    let P: CurvePoint = Curve.BASE;
    for (let k = 1; k <= 100; k++) {
      const judged = torsion.map((T) => ed448Group.isValid(P.add(T).toBytes()));
      expect([k, judged]).toEqual([k, [true, false, false, false]]);
      P = P.add(Curve.BASE);
    }
  });

  it("agrees with the coset of thousands of points", () => {
    const step = Curve.BASE.multiplyUnsafe(decodeScalar(prune(hex("5a".repeat(57)))) % q);
    let P = step;
    for (let i = 0; i < 1000; i++) {
      P = P.double().add(step);
      const { x, y: height } = P.toAffine();
      const judged = torsion.map((T) => ed448Group.isValid(P.add(T).toBytes()));
      expect([i, judged]).toEqual([i, [true, false, false, false]]);
      expect(ed448Group.isValid(encodeRaw(height, x % 2n === 0n ? 1 : 0))).toBe(true);
    }
  });

  it("agrees with multiplication by q on each coset", () => {
    fc.assert(
      fc.property(point, fc.constantFrom(...torsion), (encoded, T) => {
        const shifted = Curve.fromBytes(encoded).add(T).toBytes();
        expect(ed448Group.isValid(shifted)).toBe(isValidByOrder(shifted));
      }),
      { numRuns: 100 },
    );
  });
});

describe.each(suites)("multiplication on $name", ({ group }) => {
  it.each(vectors.shared)("gives the shared point of $source", ({ secret, public: key, shared }) => {
    expect(toHex(group.multiply(hex(key), hex(secret))!)).toBe(shared);
  });

  it("is the same for both sides", () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const copies = [a.slice(), b.slice()];
        const shared = group.multiply(group.multiplyBase(a), b);
        expect(group.multiply(group.multiplyBase(b), a)).toEqual(shared);
        expect([a, b]).toEqual(copies);
      }),
      few,
    );
  });

  it("takes scalars beyond q and agrees with noble on the rest", () => {
    const one = encodeScalar(1n);
    fc.assert(
      fc.property(bytes(57), point, (any, P) => {
        const reduced = decodeScalar(any) % q;
        const expected = reduced === 0n ? undefined : Curve.fromBytes(P).multiply(reduced).toBytes();
        expect(group.multiply(P, any)).toEqual(expected);
        expect(group.multiplyBase(any)).toEqual(group.multiply(group.generator, any));
        expect(group.multiply(P, one)).toEqual(P);
      }),
      few,
    );
  });

  it.each([0n, q, 4n * q])("shows where the result would be the identity: %s", (n) => {
    expect(group.multiply(group.generator, encodeScalar(n))).toBeUndefined();
    expect(group.multiplyBase(encodeScalar(n))).toEqual(encodeRaw(1n));
  });

  it("refuses what is no point", () => {
    const bad = badPoints.filter(([, encoded]) => !isOnCurve(encoded));
    expect(bad.length).toBeGreaterThan(5);
    for (const [, encoded] of bad) {
      const one = encodeScalar(1n);
      expect(() => group.multiply(encoded, one)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
      expect(() => group.combine(one, encoded, one)).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
    }
  });
});

describe.each(suites)("combinations on $name", ({ group }) => {
  /** By noble alone. */
  function combined(r: bigint, A: Point, c: bigint): Uint8Array {
    return Curve.BASE.multiplyUnsafe(r % q)
      .add(Curve.fromBytes(A).multiplyUnsafe(c % q))
      .toBytes();
  }

  it("are G · r + A · c", () => {
    fc.assert(
      fc.property(bytes(57), point, bytes(57), (r: Scalar, A, c: Scalar) => {
        expect(group.combine(r, A, c)).toEqual(combined(decodeScalar(r), A, decodeScalar(c)));
      }),
      { numRuns: 20 },
    );
  });

  it("are right for scalars of every length and shape", () => {
    const A = group.multiplyBase(prune(hex("01".repeat(57))));
    const shapes = [0n, 1n, 2n, 3n, 15n, 16n, 17n, 127n, 128n, 129n, 255n, 256n, 257n];
    const long = [q - 1n, q - 2n, q + 1n, (1n << 446n) - 1n, 1n << 445n, (1n << 445n) - 1n, 0x5555n << 400n];
    for (const r of [...shapes, ...long]) {
      const c = long[Number(r % 7n)]!;
      expect(group.combine(encodeScalar(r), A, encodeScalar(c))).toEqual(combined(r, A, c));
      expect(group.combine(encodeScalar(c), A, encodeScalar(r))).toEqual(combined(c, A, r));
    }
  });

  it("can be the identity", () => {
    const minusG = Curve.BASE.negate().toBytes();
    for (const n of [0n, 1n, 12345n]) {
      expect(group.combine(encodeScalar(n), minusG, encodeScalar(n))).toEqual(encodeRaw(1n));
    }
    expect(group.combine(encodeScalar(5n), group.generator, encodeScalar(q - 5n))).toEqual(encodeRaw(1n));
  });
});

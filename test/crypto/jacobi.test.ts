import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jacobi } from "../../src/crypto/jacobi.ts";

/** Euler: a^((p − 1)/2) mod p is the Legendre symbol. */
function legendre(a: bigint, p: bigint): number {
  let result = 1n;
  let square = a % p;
  for (let e = (p - 1n) / 2n; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result === p - 1n ? -1 : Number(result);
}

const PRIMES = [3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 31n, 97n, 193n, 65537n, 2n ** 61n - 1n, 2n ** 127n - 1n];
const goldilocks = 2n ** 448n - 2n ** 224n - 1n;

describe("the Jacobi symbol", () => {
  it("is Legendre's for primes, of every residue modulo 8", () => {
    for (const p of PRIMES) {
      for (let a = 0n; a < 100n; a++) expect([a, p, jacobi(a, p)]).toEqual([a, p, legendre(a, p)]);
    }
  });

  it("is Legendre's for large values, long runs of zeros included", () => {
    const value = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 900n }),
      fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 40n }), fc.nat(400)).map(([n, shift]) => n << BigInt(shift)),
    );
    fc.assert(
      fc.property(value, (a) => {
        expect(jacobi(a, goldilocks)).toBe(legendre(a, goldilocks));
      }),
    );
  });

  it("is multiplicative in both places, and 0 with a common factor", () => {
    const odd = fc.bigInt({ min: 0n, max: 2n ** 80n }).map((n) => 2n * n + 1n);
    fc.assert(
      fc.property(odd, odd, fc.bigInt({ min: 0n, max: 2n ** 80n }), odd, (m, n, a, b) => {
        expect(jacobi(a * b, n)).toBe(jacobi(a, n) * jacobi(b, n) || 0);
        expect(jacobi(a, m * n)).toBe(jacobi(a, m) * jacobi(a, n) || 0);
      }),
    );
    expect([jacobi(15n, 21n), jacobi(0n, 9n), jacobi(0n, 1n), jacobi(5n, 1n)]).toEqual([0, 0, 1, 1]);
  });
});

// The Jacobi symbol, which decides whether received points and DH keys lie in their prime-order groups (spec/02,
// "Ed448" and "3072-bit Diffie-Hellman").

/**
 * The Jacobi symbol (a | n) of a ≥ 0 and an odd n > 0: 0 when they have a common factor. For a prime n it tells squares
 * (1) from other values (−1) at a small part of the cost of an exponentiation. Variable time: for public values only.
 */
export function jacobi(a: bigint, n: bigint): -1 | 0 | 1 {
  let top = a % n;
  let bottom = n;
  let negative = false;
  while (top !== 0n) {
    let low = Number(BigInt.asUintN(32, top));
    while (low === 0) {
      top >>= 32n;
      low = Number(BigInt.asUintN(32, top));
    }
    const bottomMod8 = Number(BigInt.asUintN(3, bottom));
    const zeros = 31 - Math.clz32(low & -low);
    if (zeros > 0) {
      top >>= BigInt(zeros);
      if (zeros % 2 === 1 && (bottomMod8 === 3 || bottomMod8 === 5)) negative = !negative;
    }
    if (bottomMod8 % 4 === 3 && Number(BigInt.asUintN(2, top)) === 3) negative = !negative;
    [top, bottom] = [bottom % top, top];
  }
  return bottom !== 1n ? 0 : negative ? -1 : 1;
}

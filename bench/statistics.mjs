// Medians and the like, of numbers in any order.

/**
 * The value below which the part `p` of the numbers lies, interpolated between neighbours.
 *
 * @param {readonly number[]} numbers At least one.
 * @param {number} p 0 to 1.
 */
export function quantile(numbers, p) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

/** @param {readonly number[]} numbers */
export function summary(numbers) {
  return { median: quantile(numbers, 0.5), low: quantile(numbers, 0.1), high: quantile(numbers, 0.9) };
}

/**
 * How many times as long as `base`, round by round, so that what slows the machine down for a while slows down both.
 *
 * @param {readonly number[]} numbers
 * @param {readonly number[]} base As many, of the same rounds.
 */
export function pairedRatio(numbers, base) {
  return quantile(
    numbers.map((time, round) => time / base[round]),
    0.5,
  );
}

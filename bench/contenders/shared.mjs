// What all contenders have in common: the text, and the clock.

/** 100 bytes in UTF-8. */
export const TEXT =
  "Sotto voce, said under the breath: what two people tell each other is nobody else's business. Shush!";

if (Buffer.byteLength(TEXT) !== 100) throw new Error(`The text has ${Buffer.byteLength(TEXT)} bytes, not 100.`);

/** @param {unknown} read What came out at the other end. */
export function expectText(read) {
  if (read !== TEXT) throw new Error(`Not what was sent: ${String(read)}`);
}

/** A stop-watch that can be stopped and started again. Microseconds. */
export class StopWatch {
  total = 0;
  #since = 0;

  start() {
    this.#since = performance.now();
  }

  stop() {
    this.total += (performance.now() - this.#since) * 1000;
  }
}

/**
 * Spreads `n` operations over runs of at most `size`.
 *
 * @param {number} n
 * @param {number} size
 * @param {(count: number, watch: StopWatch) => void} run
 * @returns {number} Microseconds on the watch.
 */
export function inRuns(n, size, run) {
  const watch = new StopWatch();
  for (let left = n; left > 0; left -= size) run(Math.min(left, size), watch);
  return watch.total;
}

/**
 * Times `n` calls of something that needs no set-up.
 *
 * @param {(i: number) => void} operation
 * @returns {(n: number) => number}
 */
export function each(operation) {
  return (n) => {
    const watch = new StopWatch();
    watch.start();
    for (let i = 0; i < n; i++) operation(i);
    watch.stop();
    return watch.total;
  };
}

/**
 * The same for what is asynchronous.
 *
 * @param {(i: number) => Promise<void>} operation
 * @returns {(n: number) => Promise<number>}
 */
export function eachAsync(operation) {
  return async (n) => {
    const watch = new StopWatch();
    watch.start();
    for (let i = 0; i < n; i++) await operation(i);
    watch.stop();
    return watch.total;
  };
}

// One contender in a process of its own, so that nobody runs in what another has compiled or left to collect. It does
// what its parent tells it, one thing at a time: {prepare: id} or {run: id}, and answers with an object or {failed}.
import { contenders } from "./measures.mjs";

/** How long a measure runs before it counts, microseconds. */
const WARM_UP = 400_000;

/**
 * How long one batch should take, microseconds: several times what a message needs to fill the young generation, or
 * else the garbage of all measures is collected in those that happen to be in step with the collector.
 */
const BATCH = 50_000;

const contender = contenders.find(({ id }) => id === process.argv[2]);
if (contender === undefined) throw new Error(`No contender "${process.argv[2]}".`);

/** @type {Promise<Record<string, () => any>>} */
const offered = import(contender.module).then((module) => module.measures(contender.id));
offered.catch(() => {});

/** Measure → its batch, and the number of operations in one. @type {Map<string, { batch: any, size: number }>} */
const prepared = new Map();

/** Runs a measure until it is warm, and finds out how many operations make a batch. */
async function prepare(/** @type {string} */ id) {
  const make = (await offered)[id];
  if (make === undefined) return { offered: false };
  const batch = await make();
  const end = performance.now() * 1000 + WARM_UP;
  let size = 1;
  let spent = 0;
  do {
    spent = await batch(size);
    if (spent < BATCH) size = Math.ceil(size * Math.min(4, BATCH / Math.max(spent, 1)));
  } while (performance.now() * 1000 < end);
  prepared.set(id, { batch, size: Math.max(1, Math.round((size * BATCH) / Math.max(spent, BATCH))) });
  return { offered: true };
}

/** One batch: microseconds for one operation. */
async function run(/** @type {string} */ id) {
  const entry = prepared.get(id);
  if (entry === undefined) throw new Error(`The measure "${id}" was not prepared.`);
  return { time: (await entry.batch(entry.size)) / entry.size };
}

process.on("message", (/** @type {{ prepare?: string, run?: string }} */ { prepare: fresh, run: known }) => {
  const done = fresh === undefined ? run(String(known)) : prepare(fresh);
  done.then(
    (answer) => process.send?.(answer),
    (error) => process.send?.({ failed: String(error?.stack ?? error), code: error?.code }),
  );
});

// What a store of any kind must survive: a crash at every step, and any history of commits, crashes and reopenings.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryEpoch } from "../../src/store/memory.ts";
import { openSealedStore } from "../../src/store/open.ts";
import type { Rows } from "../../src/store/rows.ts";
import type { Epoch, Op, Store, StoreKey, StoreOptions } from "../../src/store/store.ts";
import { cheap, codeOf, everything, fresh, hostKey, put, read } from "./keys.ts";
import type { Kind, Medium } from "./kinds.ts";

export function describeCrashes(kind: Kind): void {
  describe("a crash at every step", () => {
    const otherKey = new Uint8Array(32).fill(9);

    it.each([
      ["of making a store", async () => {}],
      ["of opening one", async (open: Opener) => await (await open()).close()],
    ] as const)("%s leaves one that opens", async (name, prepare) => {
      await crashEverywhere(kind, async (medium, options, faults) => {
        await prepare(() => medium.open(options));
        const before = await everythingIn(medium, options, name);
        const step = await faults(async (rows, epoch) => await openSealedStore(await rows, { ...options, epoch }));
        return { step, keys: [options.key], before };
      });
    });

    it.each([
      ["closing", (store: Store) => store.close(), [hostKey]],
      ["rekeying", (store: Store) => store.rekey(), [hostKey]],
      ["changing the key", (store: Store) => store.rekey(otherKey), [hostKey, otherKey]],
      ["changing to a passphrase", (store: Store) => store.rekey(PASSPHRASE), [hostKey, PASSPHRASE]],
    ] as const)("of %s leaves a store that opens, under one of the keys", async (_, act, keys) => {
      await crashEverywhere(kind, async (_medium, options, faults) => {
        const step = await faults(async (rows, epoch, arm) => {
          const store = await openSealedStore(await rows, { ...options, epoch });
          await store.commit([put("a/b", "kept")]);
          arm();
          await act(store);
        });
        return { step, keys, before: { "a/b": "kept" } };
      });
    });

    it("of an upgrade of the passphrase leaves a store that opens", async () => {
      await crashEverywhere(kind, async (medium, start, faults) => {
        const key = PASSPHRASE;
        const options = { ...start, key };
        await (await medium.open(options)).close();
        const dearer = { passphrase: PASSPHRASE.passphrase, cost: { memory: 128, passes: 1, lanes: 1 } };
        const step = await faults(
          async (rows, epoch) => await openSealedStore(await rows, { ...options, epoch, key: dearer }),
        );
        return { step, keys: [key], before: {} };
      });
    });

    it("of counted commits loses none that was acknowledged", async () => {
      await crashEverywhere(kind, async (medium, start, faults) => {
        const options: StoreOptions = { ...start, freshness: "commit" };
        await (await medium.open(options)).close();
        const before: Record<string, string> = {};
        const step = await faults(async (rows, epoch, arm) => {
          const store = await openSealedStore(await rows, { ...options, epoch });
          arm();
          for (const name of ["1", "2"]) {
            await store.commit([put(`a/${name}`, name)]);
            before[`a/${name}`] = name;
          }
        });
        return { step, keys: [hostKey], before };
      });
    });

    it("of migrations repeats none that was done", async () => {
      const migrations = ["1", "2"].map((name) => async (old: Pick<Store, "get">) => {
        expect(await old.get(`done/${name}`)).toBeUndefined();
        return [put(`done/${name}`, "")];
      });
      await crashEverywhere(kind, async (medium, options, faults) => {
        await (await medium.open(options)).close();
        const step = await faults(
          async (rows, epoch) => await openSealedStore(await rows, { ...options, epoch, migrations }),
        );
        const store = await medium.open({ ...options, migrations });
        expect(await everything(store)).toEqual({ "done/1": "", "done/2": "" });
        await store.close();
        return { step, keys: [], before: {} };
      });
    });
  });

  describe("whatever happens", () => {
    it("the store holds what a map would: commits, erasures, crashes, fresh keys, older copies", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anEvent, { maxLength: 14 }), (events) => live(kind, events)),
        {
          numRuns: 25,
        },
      );
    });
  });
}

/** Longer than any value of the model. */
const IN_THE_AIR: string = "in the air ".repeat(50);
const PASSPHRASE = { passphrase: "secret", cost: cheap };

type Opener = () => Promise<Store>;
/** Runs a task over a table and a host that die at the armed step; resolves to whether there was such a step. */
type Faults = (task: (rows: Promise<Rows>, epoch: Epoch, arm: () => void) => Promise<unknown>) => Promise<boolean>;

interface Outcome {
  /** Whether the process died. */
  readonly step: boolean;
  /** Keys of which one must open the store. */
  readonly keys: readonly StoreKey[];
  /** What is in it. */
  readonly before: Readonly<Record<string, string>>;
}

/** Plays a scene again and again: the process dies before its first step, after it, before the second, and so on. */
async function crashEverywhere(
  kind: Kind,
  scene: (medium: Medium, options: StoreOptions, faults: Faults) => Promise<Outcome>,
): Promise<void> {
  for (let step = 0; ; step++) {
    const medium = kind.medium();
    const options = fresh();
    const outcome = await scene(medium, options, faultsAt(medium, options.epoch, step));
    if (outcome.keys.length > 0) {
      const codes: string[] = [];
      for (const key of outcome.keys) {
        codes.push(await codeOf(medium.open({ ...options, key }).then((store) => checked(store, outcome.before))));
      }
      expect(codes, `after step ${step}`).toContain("none");
      expect(codes.filter((code) => code !== "none" && code !== "STORE_KEY")).toEqual([]);
    }
    if (!outcome.step) {
      expect(step).toBeGreaterThan(2);
      return;
    }
  }
}

async function checked(store: Store, content: Outcome["before"]): Promise<void> {
  expect(await everything(store)).toMatchObject(content);
  await store.close();
}

function faultsAt(medium: Medium, host: Epoch, at: number): Faults {
  return async (task) => {
    let steps = Number.NEGATIVE_INFINITY;
    let died = false;
    const arm = (): void => {
      steps = 0;
    };
    const step = async <T>(act: () => Promise<T>): Promise<T> => {
      if (died) throw new Error("dead");
      if (steps === at) return die();
      steps++;
      const result = await act();
      if (steps === at) return die();
      steps++;
      return result;
    };
    const die = (): never => {
      died = true;
      throw new Error("killed");
    };
    const rows = await medium.rows();
    const faulty: Rows = {
      get: (name) => rows.get(name),
      list: (prefix, after, limit) => rows.list(prefix, after, limit),
      write: (writes) => step(() => rows.write(writes)),
      scrub: () => (died ? Promise.resolve() : rows.scrub()),
      close: () => Promise.resolve(),
    };
    const epoch: Epoch = { get: () => host.get(), set: (value) => step(() => host.set(value)) };
    if (task.length < 3) arm();
    try {
      await task(Promise.resolve(faulty), epoch, arm);
    } catch (error) {
      if (!died) throw error;
    }
    await medium.crash();
    return died;
  };
}

async function everythingIn(medium: Medium, options: StoreOptions, name: string): Promise<Record<string, string>> {
  if (name === "of making a store") return {};
  const store = await medium.open(options);
  await store.commit([put("a/b", "kept"), put("b/b", "too")]);
  const content = await everything(store);
  await store.close();
  return { ...content };
}

type Event =
  | { readonly kind: "commit"; readonly ops: readonly Op[] }
  | { readonly kind: "reopen" | "crash" | "crash while writing" | "rekey" | "copy" };

const aKey: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2", "f/1", "f/2", "f/g/1"))
  .map(([drawer, name]) => `${drawer}/${name}`);

const anOp: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(aKey, fc.string({ maxLength: 200 })).map(([key, text]) => put(key, text)) },
  { weight: 2, arbitrary: aKey.map((key): Op => ({ kind: "delete", key })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("erase", "renew"), fc.constantFrom("a", "b", "c"))
      .map(([kind, drawer]): Op => ({ kind, drawer })),
  },
);

const anEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.array(anOp, { maxLength: 8 }).map((ops): Event => ({ kind: "commit", ops })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Event>(
      { kind: "reopen" },
      { kind: "crash" },
      { kind: "crash while writing" },
      { kind: "rekey" },
      { kind: "copy" },
    ),
  },
);

/** Does it all to a store and to a map, and compares them after each event. */
async function live(kind: Kind, events: readonly Event[]): Promise<void> {
  const medium = kind.medium();
  const options = fresh({ epoch: createMemoryEpoch() });
  let model: ReadonlyMap<string, string> = new Map();
  let store = await medium.open(options);
  const copies: Medium[] = [];
  for (const event of events) {
    if (event.kind === "commit") {
      await store.commit(event.ops);
      model = changed(model, event.ops);
    } else if (event.kind === "rekey") {
      await store.rekey();
    } else if (event.kind === "copy") {
      copies.push(await medium.copy());
    } else {
      // Nobody waits for this one: it may be there afterwards, whole, or not at all.
      const ops = [put("a/1", IN_THE_AIR), put("b/1", IN_THE_AIR)];
      if (event.kind === "crash while writing") void store.commit(ops).catch(() => undefined);
      await (event.kind === "reopen" ? store.close() : medium.crash());
      store = await medium.open(options);
      const there = (await read(store, "a/1")) === IN_THE_AIR;
      if (event.kind === "crash while writing" && there) model = changed(model, ops);
    }
    expect(await everything(store)).toEqual(Object.fromEntries(model));
  }
  await store.close();
  for (const copy of copies) expect(await codeOf(copy.open(options))).toBe("STORE_STALE");
}

function changed(model: ReadonlyMap<string, string>, ops: readonly Op[]): ReadonlyMap<string, string> {
  const next = new Map(model);
  for (const op of ops) {
    if (op.kind === "put") next.set(op.key, new TextDecoder().decode(op.value));
    else if (op.kind === "delete") next.delete(op.key);
    else if (op.kind === "erase") for (const key of next.keys()) if (key.startsWith(`${op.drawer}/`)) next.delete(key);
  }
  return next;
}

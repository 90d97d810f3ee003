// What a store of any kind must do.
import { describe, expect, it } from "vitest";
import { equalBytes, fromUtf8, utf8 } from "../../src/bytes.ts";
import { createMemoryEpoch } from "../../src/store/memory.ts";
import { rowKind } from "../../src/store/paths.ts";
import type { Op, StoreOptions } from "../../src/store/store.ts";
import { cheap, codeOf, entries, everything, fresh, hostKey, includes, put, read, scanned } from "./keys.ts";
import { allRows, type Kind, type Medium } from "./kinds.ts";

export function describeStore(kind: Kind): void {
  describe("records", () => {
    it("are there once they are committed, and as they were given", async () => {
      const store = await kind.medium().open(fresh());
      const value = utf8("first");
      const committed = store.commit([{ kind: "put", key: "a/b", value }, put("a/empty", "")]);
      value.fill(0);
      await committed;
      expect(await read(store, "a/b")).toBe("first");
      expect(await store.get("a/empty")).toEqual(new Uint8Array(0));
      (await store.get("a/b"))?.fill(0);
      expect(await read(store, "a/b")).toBe("first");
      expect(await store.get("a/c")).toBeUndefined();
      expect(await store.get("c/b")).toBeUndefined();
      await store.commit([put("a/b", "second"), { kind: "delete", key: "a/empty" }, { kind: "delete", key: "z/z" }]);
      expect(await everything(store)).toEqual({ "a/b": "second" });
      await store.close();
    });

    it("are scanned by whole segments of their keys", async () => {
      const store = await kind.medium().open(fresh());
      const keys = ["a/x", "a/x/1", "a/x/2", "a/x/y/1", "a/xy/1", "b/x/1", "ä/ö/ü", "a/😀/1/2/3/4/5"];
      await store.commit(keys.map((key) => put(key, key)));
      const found = async (prefix: string): Promise<string[]> => Object.keys(await scanned(store, prefix)).sort();
      expect(await found("a/")).toEqual(["a/x", "a/x/1", "a/x/2", "a/x/y/1", "a/xy/1", "a/😀/1/2/3/4/5"]);
      expect(await found("a/x/")).toEqual(["a/x/1", "a/x/2", "a/x/y/1"]);
      expect(await found("a/x/y/")).toEqual(["a/x/y/1"]);
      expect(await found("a/😀/1/2/")).toEqual(["a/😀/1/2/3/4/5"]);
      expect(await found("ä/")).toEqual(["ä/ö/ü"]);
      expect(await found("a/z/")).toEqual([]);
      expect(await found("z/")).toEqual([]);
      expect([...(await store.drawers())].sort()).toEqual(["a", "b", "ä"]);
      expect(await store.drawers("b")).toEqual(["b"]);
      await store.close();
    });

    it("are found by a scan of many pages, changes meanwhile or not", async () => {
      const store = await kind.medium().open(fresh());
      const names = Array.from({ length: 700 }, (_, i) => `a/m/${i}`);
      await store.commit(names.map((name) => put(name, name)));
      const seen = new Set<string>();
      for await (const entry of store.scan("a/m/")) {
        if (!("key" in entry)) throw entry.damaged;
        expect(fromUtf8(entry.value)).toBe(entry.key);
        expect(seen.has(entry.key)).toBe(false);
        seen.add(entry.key);
        if (seen.size === 10) await store.commit([{ kind: "renew", drawer: "a" }, put("b/x", "")]);
      }
      expect([...seen].sort()).toEqual([...names].sort());
      await store.close();
    });

    it("are seen by every call made after the one that changed them, without waiting for that", async () => {
      const store = await kind.medium().open(fresh());
      const first = store.commit([put("a/b", "1")]);
      const seen = read(store, "a/b");
      const second = store.commit([put("a/b", "2")]);
      const closed = store.close();
      expect(await codeOf(store.get("a/b"))).toBe("STORE_CLOSED");
      await Promise.all([first, second, closed]);
      expect(await seen).toBe("1");
    });

    it("of any size", async () => {
      const store = await kind.medium().open(fresh());
      const sizes = [0, 1, 44, 45, 59, 60, 61, 100, 1000, 4000, 5000, 70_000, 3_000_000];
      const values = sizes.map((size) => Uint8Array.from({ length: size }, (_, i) => i * 7));
      await store.commit(sizes.map((size, i): Op => ({ kind: "put", key: `a/${size}`, value: values[i]! })));
      for (const [i, size] of sizes.entries()) {
        expect(equalBytes((await store.get(`a/${size}`))!, values[i]!), `${size} bytes`).toBe(true);
      }
      await store.close();
    });
  });

  describe("a commit", () => {
    it("takes effect in order", async () => {
      const store = await kind.medium().open(fresh());
      await store.commit([put("a/1", "a"), put("b/1", "b"), put("b/2", "b")]);
      await store.commit([
        put("a/1", "x"),
        put("a/1", "y"),
        put("b/3", "gone"),
        { kind: "erase", drawer: "b" },
        put("b/2", "kept"),
        { kind: "renew", drawer: "b" },
        put("c/1", "1"),
        { kind: "renew", drawer: "c" },
        { kind: "delete", key: "c/1" },
        put("c/2", "2"),
        { kind: "renew", drawer: "a" },
        { kind: "renew", drawer: "never" },
        { kind: "erase", drawer: "never" },
      ]);
      const after = { "a/1": "y", "b/2": "kept", "c/2": "2" };
      expect(await everything(store)).toEqual(after);
      await store.commit([]);
      await store.commit([put("d/1", ""), { kind: "erase", drawer: "d" }]);
      expect(await everything(store)).toEqual(after);
      expect([...(await store.drawers())].sort()).toEqual(["a", "b", "c"]);
      await store.close();
    });

    it.each([
      ["a key without a name", put("a", "")],
      ["a key with an empty segment", put("a//b", "")],
      ["a key that begins with a slash", put("/a/b", "")],
      ["a key that ends in one", put("a/b/", "")],
      ["a key of nine segments", put("1/2/3/4/5/6/7/8/9", "")],
      ["a key of 513 bytes", put(`a/${"é".repeat(255)}x`, "")],
      ["a key that is half a character", put("a/\ud83d", "")],
      ["a key that is none", { kind: "delete", key: undefined } as unknown as Op],
      ["a value that is no bytes", { kind: "put", key: "a/b", value: "text" } as unknown as Op],
      ["a drawer of two segments", { kind: "erase", drawer: "a/b" }],
      ["a drawer without a name", { kind: "renew", drawer: "" }],
      ["an op of no kind", { kind: "truncate" } as unknown as Op],
    ] as readonly [string, Op][])("with %s does nothing", async (_, op) => {
      const store = await kind.medium().open(fresh());
      expect(await codeOf(store.commit([put("a/b", "before"), op]))).toBe("BAD_ARGUMENT");
      expect(await everything(store)).toEqual({});
      await store.close();
    });

    it("takes keys up to the limits", async () => {
      const store = await kind.medium().open(fresh());
      const keys = ["1/2/3/4/5/6/7/8", `a/${"é".repeat(255)}`];
      await store.commit(keys.map((key) => put(key, key)));
      expect(await everything(store)).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
      expect(await codeOf(entries(store, "a"))).toBe("BAD_ARGUMENT");
      await store.close();
    });
  });

  describe("opening", () => {
    it("finds what was there, and says how the store was left", async () => {
      const medium = kind.medium();
      const options = fresh();
      const first = await medium.open(options);
      expect(first.found).toBe("new");
      await first.commit([put("a/b", "kept"), put("b/b", "too")]);
      await first.close();
      await first.close();
      const second = await medium.open(options);
      expect(second.found).toBe("closed");
      expect(await everything(second)).toEqual({ "a/b": "kept", "b/b": "too" });
      await medium.crash();
      const third = await medium.open(options);
      expect(third.found).toBe("crashed");
      expect(await everything(third)).toEqual({ "a/b": "kept", "b/b": "too" });
      await third.close();
    });

    it.each([
      ["another key", new Uint8Array(32)],
      ["a passphrase", { passphrase: "secret", cost: cheap }],
    ] as const)("with %s changes nothing", async (_, key) => {
      const medium = kind.medium();
      const options = fresh();
      const store = await medium.open(options);
      await store.commit([put("a/b", "kept")]);
      await store.close();
      await expectUntouched(medium, options, async () => {
        expect(await codeOf(medium.open({ ...options, key }))).toBe("STORE_KEY");
      });
      await (await medium.open(options)).close();
    });

    it("with a passphrase wants the same one, in any normal form, and its cost can only go up", async () => {
      const medium = kind.medium();
      const opened = async (passphrase: string, cost: typeof cheap | { memory: 128; passes: 2; lanes: 1 }) => {
        const store = await medium.open(fresh({ epoch, key: { passphrase, cost } }));
        await store.close();
      };
      const epoch = createMemoryEpoch();
      await opened("caf\u00e9", cheap);
      expect(await codeOf(opened("cafe", cheap))).toBe("STORE_KEY");
      expect(await codeOf(medium.open(fresh({ epoch })))).toBe("STORE_KEY");
      expect(await costs(medium)).toEqual([cheap]);
      await opened("cafe\u0301", { memory: 128, passes: 2, lanes: 1 });
      expect(await costs(medium)).toEqual([{ memory: 128, passes: 2, lanes: 1 }]);
      await opened("caf\u00e9", cheap);
      expect(await costs(medium)).toEqual([{ memory: 128, passes: 2, lanes: 1 }]);
    });

    it.each([
      ["a key of 31 bytes", new Uint8Array(31)],
      ["an empty passphrase", { passphrase: "" }],
      ["a cost beyond the bounds", { passphrase: "x", cost: { memory: 2 ** 21, passes: 1, lanes: 1 } }],
      ["a cost that Argon2 cannot have", { passphrase: "x", cost: { memory: 8, passes: 1, lanes: 2 } }],
      ["a cost in fractions", { passphrase: "x", cost: { memory: 64, passes: 1.5, lanes: 1 } }],
    ])("with %s is refused", async (_, key) => {
      expect(await codeOf(kind.medium().open(fresh({ key })))).toBe("BAD_ARGUMENT");
    });

    it("is for one at a time; who asks can wait", async () => {
      const medium = kind.medium();
      const options = fresh();
      const first = await medium.open(options);
      expect(await codeOf(medium.open(options))).toBe("STORE_LOCKED");
      expect(await codeOf(medium.open({ ...options, wait: 60 }))).toBe("STORE_LOCKED");
      const second = medium.open({ ...options, wait: 5000 });
      await first.commit([put("a/b", "1")]);
      await first.close();
      expect(await read(await second, "a/b")).toBe("1");
      await (await second).close();
    });

    it("of a newer format or schema is refused and changes nothing", async () => {
      const medium = kind.medium();
      const options = fresh({ migrations: [() => Promise.resolve([])] });
      await (await medium.open(options)).close();
      await expectUntouched(medium, options, async () => {
        expect(await codeOf(medium.open({ ...options, migrations: [] }))).toBe("STORE_VERSION");
      });
    });

    it("migrates what an older version stored, each step once", async () => {
      const medium = kind.medium();
      const options = fresh();
      const first = await medium.open(options);
      await first.commit([put("chat-1/text", "hello"), put("chat-2/text", "you")]);
      await first.close();
      const done: string[] = [];
      const migrations: StoreOptions["migrations"] = [
        async (old) => {
          done.push("rename");
          const drawers = await old.drawers("chat-");
          const ops = drawers.map(async (drawer): Promise<Op[]> => {
            const value = (await old.get(`${drawer}/text`))!;
            return [
              { kind: "put", key: `${drawer}/message/1`, value },
              { kind: "delete", key: `${drawer}/text` },
            ];
          });
          return (await Promise.all(ops)).flat();
        },
        () => {
          done.push("mark");
          return Promise.resolve([put("account/mark", "2")]);
        },
      ];
      const second = await medium.open({ ...options, migrations: migrations.slice(0, 1) });
      await second.close();
      const failing = async (): Promise<never> => await Promise.reject(new Error("cannot"));
      const third = medium.open({ ...options, migrations: [...migrations, failing] });
      await expect(third).rejects.toThrow("cannot");
      const fourth = await medium.open({ ...options, migrations });
      expect(await everything(fourth)).toEqual({
        "chat-1/message/1": "hello",
        "chat-2/message/1": "you",
        "account/mark": "2",
      });
      expect(done).toEqual(["rename", "mark"]);
      await fourth.close();
    });

    it("begins a new store after the last migration", async () => {
      const migration = (): never => {
        throw new Error("nothing to migrate");
      };
      await (await kind.medium().open(fresh({ migrations: [migration] }))).close();
    });
  });

  describe("an older copy", () => {
    it("does not open once the store was opened, closed or rekeyed after it", async () => {
      const medium = kind.medium();
      const options = fresh();
      const copies: Medium[] = [];
      const first = await medium.open(options);
      for (let i = 0; i < 3; i++) {
        await first.commit([put("a/state", `${i}`)]);
        copies.push(await medium.copy());
      }
      await first.rekey();
      for (const copy of copies.splice(0)) expect(await codeOf(copy.open(options))).toBe("STORE_STALE");
      copies.push(await medium.copy());
      await first.close();
      expect(await codeOf(copies[0]!.open(options))).toBe("STORE_STALE");
      copies.push(await medium.copy());
      await (await medium.open(options)).close();
      for (const copy of copies) expect(await codeOf(copy.open(options))).toBe("STORE_STALE");
      const last = await medium.open(options);
      expect(await read(last, "a/state")).toBe("2");
      await last.close();
    });

    it("made since the store was opened says that the store was not closed", async () => {
      const medium = kind.medium();
      const options = fresh();
      await (await medium.open(options)).close();
      const store = await medium.open(options);
      await store.commit([put("a/state", "0")]);
      const copy = await medium.copy();
      await store.commit([put("a/state", "1")]);
      await medium.crash();
      const restored = await copy.open(options);
      expect(restored.found).toBe("crashed");
      expect(await read(restored, "a/state")).toBe("0");
      await restored.close();
    });

    it("of any earlier commit does not open, with freshness for each commit", async () => {
      const medium = kind.medium();
      const options = fresh({ freshness: "commit" });
      const store = await medium.open(options);
      const copies: Medium[] = [];
      for (let i = 0; i < 5; i++) {
        await store.commit([put("a/state", `${i}`)]);
        copies.push(await medium.copy());
      }
      await medium.crash();
      for (const copy of copies.slice(0, -1)) expect(await codeOf(copy.open(options))).toBe("STORE_STALE");
      const last = await medium.open({ ...options, freshness: "opening" });
      expect(await read(last, "a/state")).toBe("4");
      await last.close();
    });

    it("is what a store is whose value the host has lost, and no new one is made over it", async () => {
      const medium = kind.medium();
      const options = fresh();
      await (await medium.open(options)).close();
      expect(await codeOf(medium.open({ ...options, epoch: createMemoryEpoch() }))).toBe("STORE_STALE");
      expect(await codeOf(medium.open({ ...options, epoch: createMemoryEpoch(utf8("junk")) }))).toBe("STORE_STALE");
      expect(await codeOf(kind.medium().open(options))).toBe("STORE_STALE");
      await (await medium.open(options)).close();
    });
  });

  describe("rekeying", () => {
    it.each([
      ["another key", new Uint8Array(32).fill(1)],
      ["a passphrase", { passphrase: "secret", cost: cheap }],
    ] as const)("to %s: the old one does not open any more", async (_, key) => {
      const medium = kind.medium();
      const options = fresh();
      const store = await medium.open(options);
      await store.commit([put("a/b", "kept")]);
      await store.rekey(key);
      await store.commit([put("a/c", "after")]);
      await store.close();
      expect(await codeOf(medium.open(options))).toBe("STORE_KEY");
      const reopened = await medium.open({ ...options, key });
      expect(await everything(reopened)).toEqual({ "a/b": "kept", "a/c": "after" });
      await reopened.rekey(hostKey);
      await reopened.close();
      await (await medium.open(options)).close();
    });

    it("to what is no key changes nothing", async () => {
      const store = await kind.medium().open(fresh());
      expect(await codeOf(store.rekey(new Uint8Array(16)))).toBe("BAD_ARGUMENT");
      await store.commit([put("a/b", "")]);
      await store.close();
    });
  });

  describe("at rest", () => {
    it("nothing can be read: no value, no key, no drawer, no two that are the same", async () => {
      const medium = kind.medium();
      const options = fresh();
      const store = await medium.open(options);
      const secrets = ["alice@example.org", "chat-0123456789", "meet me at noon", "message", "endpoint"];
      await store.commit([
        put("peers/alice@example.org", "chat-0123456789"),
        put("chat-0123456789/message/1", "meet me at noon"),
        put("chat-0123456789/message/2", "meet me at noon"),
        put("chat-0123456789/endpoint", "alice@example.org"),
      ]);
      await store.close();
      for (const bytes of await medium.contents()) {
        for (const secret of secrets) expect(includes(bytes, utf8(secret))).toBe(false);
        expect(includes(bytes, hostKey)).toBe(false);
        const epoch = (await options.epoch.get())!;
        expect(includes(bytes, epoch.subarray(2, 34))).toBe(false);
      }
      const rows = await medium.rows();
      const values = (await allRows(rows)).map(({ value }) => Buffer.from(value).toString("hex"));
      await rows.close();
      // The header is there twice.
      expect(new Set(values).size).toBe(values.length - 1);
    });

    it("lengths are told in classes only", async () => {
      const medium = kind.medium();
      const options = fresh();
      const store = await medium.open(options);
      for (let size = 1; size <= 300; size++) {
        await store.commit([{ kind: "put", key: `a/${size}`, value: new Uint8Array(size) }]);
      }
      await store.close();
      const rows = await medium.rows();
      const records = (await allRows(rows)).filter(({ name }) => name[0] === rowKind.record);
      await rows.close();
      expect(new Set(records.map(({ value }) => value.length)).size).toBeLessThan(20);
    });

    it("of what was erased or renewed nothing opens: every row of before, put back", async () => {
      const medium = kind.medium();
      const options = fresh();
      const first = await medium.open(options);
      await first.commit([put("a/1", "erased"), put("b/1", "old"), put("c/1", "kept")]);
      await first.close();
      const before = await snapshot(medium);
      const second = await medium.open(options);
      await second.commit([
        { kind: "erase", drawer: "a" },
        { kind: "renew", drawer: "b" },
        { kind: "put", key: "b/1", value: utf8("new") },
      ]);
      await second.close();
      const rows = await medium.rows();
      const kept = before.filter(({ name }) => name[0] === rowKind.drawer || name[0] === rowKind.record);
      await rows.write(kept.map((row) => ({ kind: "put", ...row })));
      await rows.close();
      const third = await medium.open(options);
      expect(third.unreadable).toBe(3);
      for (const key of ["a/1", "b/1", "c/1"]) expect(await codeOf(third.get(key))).toBe("STORE_DAMAGED");
      await third.close();
    });
  });

  describe("damage", () => {
    it("to a record leaves the others, and is reported where it is met", async () => {
      const { medium, options } = await filled();
      await damage(medium, ({ name }) => name[0] === rowKind.record, 1);
      const store = await medium.open(options);
      const codes = await Promise.all(KEYS.map((key) => codeOf(store.get(key))));
      expect(codes.filter((code) => code === "STORE_DAMAGED")).toHaveLength(1);
      const found = (await Promise.all(["a/", "b/"].map((prefix) => entries(store, prefix)))).flat();
      const damaged = found.filter((one) => "damaged" in one);
      expect(found).toHaveLength(KEYS.length);
      expect(damaged).toMatchObject([{ drawer: expect.any(String), damaged: { code: "STORE_DAMAGED" } }]);
      const key = KEYS[codes.indexOf("STORE_DAMAGED")]!;
      await store.commit([{ kind: "renew", drawer: key.slice(0, 1) }]);
      expect(await codeOf(store.get(key))).toBe("STORE_DAMAGED");
      await store.commit([{ kind: "delete", key }]);
      expect(await store.get(key)).toBeUndefined();
      expect(Object.keys(await everything(store))).toHaveLength(KEYS.length - 1);
      await store.close();
    });

    it("to the key of a drawer leaves the other drawers, until it is erased", async () => {
      const { medium, options } = await filled();
      await damage(medium, ({ name }) => name[0] === rowKind.drawer, 1);
      for (let i = 0; i < 2; i++) {
        const store = await medium.open(options);
        expect(store.unreadable).toBe(1);
        const [left] = await store.drawers();
        const gone = left === "a" ? "b" : "a";
        expect(Object.keys(await everything(store))).toHaveLength(3);
        for (const ask of [
          store.get(`${gone}/1`),
          entries(store, `${gone}/`),
          store.commit([put(`${gone}/1`, "")]),
          store.commit([{ kind: "delete", key: `${gone}/1` }]),
          store.commit([{ kind: "renew", drawer: gone }]),
        ]) {
          expect(await codeOf(ask)).toBe("STORE_DAMAGED");
        }
        expect(await store.get("c/1")).toBeUndefined();
        if (i === 1) {
          await store.commit([{ kind: "erase", drawer: gone }, put(`${gone}/1`, "again")]);
          expect(store.unreadable).toBe(0);
          expect(await scanned(store, `${gone}/`)).toEqual({ [`${gone}/1`]: "again" });
        }
        await store.close();
      }
    });

    it("to one copy of the header does no harm, to both it is the end", async () => {
      const { medium, options } = await filled();
      for (const kind of [rowKind.header, rowKind.headerCopy]) {
        await damage(medium, ({ name }) => name[0] === kind, 1);
        const store = await medium.open(options);
        expect(Object.keys(await everything(store))).toHaveLength(KEYS.length);
        await store.close();
      }
      await damage(medium, ({ name }) => name[0] === rowKind.header || name[0] === rowKind.headerCopy, 2);
      await expectUntouched(medium, options, async () => {
        expect(await codeOf(medium.open(options))).toBe("STORE_DAMAGED");
      });
    });

    it("of a table without a header is no reason to make a new store", async () => {
      const { medium, options } = await filled();
      const rows = await medium.rows();
      await rows.write([rowKind.header, rowKind.headerCopy].map((at) => ({ kind: "delete", name: Uint8Array.of(at) })));
      await rows.close();
      expect(await codeOf(medium.open({ ...options, epoch: createMemoryEpoch() }))).toBe("STORE_DAMAGED");
    });

    it("done on purpose, by exchanging two records or two drawers, is damage", async () => {
      for (const at of [rowKind.record, rowKind.drawer]) {
        const { medium, options } = await filled();
        const rows = await medium.rows();
        const [one, two] = (await allRows(rows)).filter(({ name }) => name[0] === at);
        await rows.write([
          { kind: "put", name: one!.name, value: two!.value },
          { kind: "put", name: two!.name, value: one!.value },
        ]);
        await rows.close();
        const store = await medium.open(options);
        const codes = await Promise.all(KEYS.map((key) => codeOf(store.get(key))));
        expect(codes.filter((code) => code === "STORE_DAMAGED")).toHaveLength(at === rowKind.record ? 2 : KEYS.length);
        await store.close();
      }
    });
  });

  const KEYS = ["a/1", "a/2", "a/f/1", "b/1", "b/2", "b/f/1"];

  async function filled(): Promise<{ medium: Medium; options: StoreOptions }> {
    const medium = kind.medium();
    const options = fresh();
    const store = await medium.open(options);
    await store.commit(KEYS.map((key) => put(key, `value of ${key}`)));
    await store.close();
    return { medium, options };
  }
}

async function snapshot(medium: Medium): ReturnType<typeof allRows> {
  const rows = await medium.rows();
  const all = await allRows(rows);
  await rows.close();
  return all;
}

/** Changes a bit in the values of the first rows that fit. */
async function damage(medium: Medium, fits: (row: { name: Uint8Array }) => boolean, howMany: number): Promise<void> {
  const rows = await medium.rows();
  for (const { name, value } of (await allRows(rows)).filter(fits).slice(0, howMany)) {
    const changed = value.slice();
    changed[value.length >> 1]! ^= 4;
    await rows.write([{ kind: "put", name, value: changed }]);
  }
  await rows.close();
}

/** Every row and the host's value are the same afterwards. */
async function expectUntouched(medium: Medium, options: StoreOptions, task: () => Promise<void>): Promise<void> {
  const before = [await snapshot(medium), await options.epoch.get()];
  await task();
  expect([await snapshot(medium), await options.epoch.get()]).toEqual(before);
}

/** The costs that the header of a store asks for: memory 4, passes 1 and lanes 1 after a salt of 16. */
async function costs(medium: Medium): Promise<readonly object[]> {
  const [header] = await snapshot(medium);
  const view = new DataView(header!.value.buffer, header!.value.byteOffset);
  expect(view.getUint8(21)).toBe(1);
  expect(view.getUint8(22)).toBe(1);
  return [{ memory: view.getUint32(39), passes: view.getUint8(43), lanes: view.getUint8(44) }];
}

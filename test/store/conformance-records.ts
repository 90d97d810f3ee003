// Records and commits: what a store of any kind must do.
import { describe, expect, it } from "vitest";
import { equalBytes, fromUtf8, utf8 } from "../../src/bytes.ts";
import type { Op } from "../../src/store/store.ts";
import { codeOf, entries, everything, fresh, put, read, scanned } from "./keys.ts";
import type { Kind } from "./kinds.ts";

export function describeRecords(kind: Kind): void {
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
}
